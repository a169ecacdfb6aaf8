"""What is said of our runs follows from their numbers, whatever they are."""

from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import ttest_ind

from ricap_explorer.experiments import Result, read_tables
from ricap_explorer.experiments.findings import Finding, clear_ones, findings, halves, rows_of, summary, verdict
from ricap_explorer.experiments.report import Cell

TABLES = read_tables(Path(__file__).parents[2] / "experiments")


def finding(standard: list[float], ricap: list[float], epochs: int = 30) -> Finding:
    from statistics import mean, stdev

    cells = [
        Cell(mean(values), stdev(values) if len(values) > 1 else None, len(values), epochs, (96,), ("CPU",))
        for values in (standard, ricap)
    ]
    return Finding("CIFAR-10, a net", *cells)


def results(name: str = "imagenette-tuned", **errors: float) -> list[Result]:
    """A result of each method for the first recipe of a table of Imagenette."""
    (table,) = (table for table in TABLES if table.name == name)
    made = []
    for row in table.rows:
        method = row.settings["method"]
        if method in errors and not row.tag:
            (run,) = table.runs(row, table.columns[0], table.recipes[0])[:1]
            card = run.settings | {"method_settings": {}, "test_error": errors[method], "hardware": "CPU: x"}
            made.append(Result(run.name, card, []))
    return made


def test_a_measured_pair_is_found_once_though_two_tables_hold_it():
    (found,) = findings(TABLES, results(standard=14.0, ricap=21.5))
    assert found.title == "Imagenette, LookNet of 1.0 M parameters, 50 epochs, 64 to 96 px"
    assert (found.other.mean, found.ricap.mean) == (14.0, 21.5) and found.gain == -7.5
    assert found.epochs == 50


def test_the_best_of_what_was_tried_stands_for_each_side():
    (table,) = (table for table in TABLES if table.name == "imagenette-tuned")
    errors = {"standard": 14.0, "standard, crops of at least 25 %": 13.0, "+ RICAP, β = 0.3": 13.5}
    made = []
    for row in table.rows:
        if row.title in errors:
            run = table.runs(row, table.columns[0], table.recipes[0])[0]
            made.append(Result(run.name, run.settings | {"test_error": errors[row.title], "hardware": "CPU: x"}, []))
    (found,) = findings(TABLES, made)
    assert (found.other.mean, found.ricap.mean) == (13.0, 13.5)


def test_other_methods_are_found_beside_ricap_after_standard():
    found = findings(TABLES, results(cutmix=14.0, ricap=13.0, standard=15.0, cutout=12.0))
    assert [(one.method, one.other.mean, one.same_crops) for one in found] == [
        ("standard", 15.0, False), ("cutout", 12.0, False), ("cutmix", 14.0, True)
    ]  # fmt: skip
    assert "It errs less than cutout in 0 of 1, than CutMix in 1 of 1." in summary(found)
    assert "not been measured beside standard" in summary(found[1:])


def test_a_square_sized_for_the_data_set_is_still_cutout():
    (table,) = (table for table in TABLES if table.name == "wrn")
    assert [row.title for row in rows_of(table, {"method": "cutout"})] == ["+ cutout"]


def test_what_image_mixing_alone_gains_is_told_where_all_three_were_tested():
    measured = results("beta-long", standard=14.0, image_mixing=12.5, ricap=11.0)
    assert halves(TABLES, measured) == (
        "Patched images with the label of their largest region alone err 12.50 % (1 run), where standard augmentation "
        "errs 14.00 % (1 run) and RICAP 11.00 % (1 run). That is of Imagenette, whole images, LookNet of 1.0 M "
        "parameters, 200 epochs, learning rate 0.1, 64 to 96 px."
    )
    assert halves(TABLES, measured + results("beta-long", label_mixing=15.0)).endswith(
        "There mixed labels on whole images err 15.00 % (1 run)."
    )
    assert [halves(TABLES, measured[:k] + measured[k + 1 :]) for k in range(3)] == ["", "", ""]
    assert halves(TABLES, results("beta", standard=14.0, image_mixing=12.5, ricap=11.0)) == ""  # held-out images


def test_summary_tells_how_sure_the_differences_are():
    clear, single = finding([14.0, 14.2, 14.1], [12.0, 12.1, 12.2]), finding([14.0], [12.0])
    unclear = finding([14.0, 16.0, 12.0], [13.5, 15.5, 11.5])
    said = summary([clear, single, clear])
    assert "Of these 3 differences 2 are beyond what chance over runs is likely to do, 2 for RICAP and 0" in said
    assert "against it; 1 is of a single run, on one side or both." in said
    against = finding([12.0, 12.1, 12.2], [14.0, 14.2, 14.1])
    assert "likely to do, 1 for RICAP and 1 against it." in summary([clear, against])
    assert "differences 1 is beyond" in summary([clear, unclear]) and "single run" not in summary([clear, unclear])
    assert "differences none is beyond" in summary([unclear, unclear]) and "differences" not in summary([clear])


def test_clear_differences_from_standard_augmentation_the_largest_gain_first():
    less, more = finding([14.0, 14.2, 14.1], [12.0, 12.1, 12.2]), finding([12.0, 12.1, 12.2], [14.0, 14.2, 14.1])
    single, other = finding([14.0], [12.0]), replace(less, method="cutmix")
    assert clear_ones([single, other]) == []
    assert clear_ones([more, single, less]) == [less, more]


def own_run(method: str, seed: int, error: float, **settings) -> Result:
    mixing = {"method_settings": {"beta": 0.3, "per_sample": False}} if method == "ricap" else {}
    name = f"flowers_looknet_{method}-{settings.get('tag', '')}_s{seed}"
    card = {"dataset": "flowers", "model": "looknet", "method": method, "seed": seed, "epochs": 30, "crop_scale": 0.5}
    return Result(name, card | {"crop": "resized", "test_error": error, "hardware": "CPU: x"} | mixing | settings, [])


def test_one_s_own_runs_are_found_in_no_table():
    made = [
        own_run("standard", 0, 20.0),
        own_run("standard", 1, 22.0),
        own_run("ricap", 0, 18.0),
        own_run("ricap", 1, 19.0),
    ]
    (found,) = findings(TABLES, made)
    assert found.title == "flowers, LookNet, 30 epochs" and found.same_crops
    assert (found.other.mean, found.other.runs, found.ricap.mean, found.ricap.runs) == (21.0, 2, 18.5, 2)
    (best,) = findings(TABLES, [*made, own_run("ricap", 0, 15.0, crop_scale=1.0, tag="whole")])
    assert best.ricap.mean == 15.0 and not best.same_crops, "the way that errs least"
    longer = [own_run(method, 0, 10.0, epochs=60, tag="long") for method in ("cutmix", "ricap")]
    assert [one.method for one in findings(TABLES, [*made, *longer])] == ["standard", "cutmix"]
    apart = [own_run("standard", 0, 9.0, fraction=0.5), own_run("ricap", 0, 9.0, holdout=0.2)]
    assert findings(TABLES, apart) == [] and findings(TABLES, [apart[0], made[2]]) == []
    larger = [own_run("ricap", seed, 9.0, train_size=128) for seed in (0, 1)]
    smaller = [own_run("standard", seed, 20.0, train_size=64) for seed in (0, 1)]
    assert findings(TABLES, [*smaller, *larger]) == [], "trained at another size"


def test_superseded_runs_are_no_finding():
    assert findings(TABLES, results("imagenette", standard=14.0, ricap=21.5)) == []


def test_runs_that_tune_are_no_finding():
    table = next(table for table in TABLES if table.name == "beta")
    runs = [run for row in table.rows for run in table.runs(row, table.columns[0], table.recipes[0])]
    made = [Result(run.name, run.settings | {"test_error": 9.0, "hardware": "CPU: x"}, []) for run in runs]
    assert findings(TABLES, made) == []


@pytest.mark.parametrize("methods", [[], ["standard"], ["ricap"], ["cutout", "mixup"]])
def test_without_both_nothing_is_found_and_that_is_said(methods):
    found = findings(TABLES, results(**dict.fromkeys(methods, 10.0)))
    assert found == []
    assert summary(found).startswith("Nothing has been measured here yet")


def test_summary_follows_the_numbers():
    worse, better = finding([14.0], [21.0]), finding([14.0], [12.0])
    same = finding([14.0], [14.0])
    assert "errs more than" in summary([worse]) and "not what the paper reports" in summary([worse])
    assert "errs less than" in summary([better]) and "agrees with the paper" in summary([better])
    assert "errs as much as" in summary([same])
    assert "in 1 of 2 with the same crops." in summary([worse, better]) and "agrees" not in summary([worse, better])
    apart = replace(worse, same_crops=False)
    assert "in 1 of 1 with the same crops, and in 0 of 2 with the crops that suit each best." in summary(
        [better, apart, apart]
    )


def test_short_training_is_named_only_where_it_was_short():
    assert "at most 30 epochs" in summary([finding([14.0], [21.0], 30)])
    assert "epochs" not in summary([finding([14.0], [21.0], 200)])
    assert "epochs" not in summary([finding([14.0], [12.0], 30)])


def test_verdict_follows_the_numbers():
    assert verdict(finding([14.0], [21.25])).startswith("RICAP errs 7.25 percentage points more, of single runs")
    assert verdict(finding([14.0], [12.0])).startswith("RICAP errs 2.00 percentage points less, of single runs")
    assert verdict(finding([14.0, 14.2, 13.9], [12.0])).endswith(", of a single run on one side.")
    assert verdict(finding([14.0], [14.001])) == "Both err alike."
    clear, unclear = finding([14.0, 14.2, 14.1], [12.0, 12.1, 12.2]), finding([14.0, 16.0, 12.0], [13.5, 15.5, 11.5])
    assert clear.clear and verdict(clear) == "RICAP errs 2.00 percentage points less (± 0.23, 95 % over runs)."
    assert not unclear.clear and verdict(unclear).endswith("95 % over runs): chance could do that.")


def test_the_interval_over_runs_is_student_s():
    one, other = [1.0, 3.0], [1.0, 3.0, 5.0]
    interval = ttest_ind(one, other).confidence_interval(0.95)
    assert finding(one, other).doubt == pytest.approx((interval.high - interval.low) / 2, rel=0.01)
    assert finding([1.0, 3.0], [1.0]).doubt is None
    lucky = finding([14.0, 14.01], [13.9, 14.1])  # two runs that happen to agree make nothing clear
    assert not lucky.clear and lucky.doubt > 0.2


def of_images(found: Finding, images: int) -> Finding:
    return replace(found, other=replace(found.other, images=images), ricap=replace(found.ricap, images=images))


def test_a_difference_of_fewer_than_six_images_is_never_clear():
    found = finding([50.0, 50.0], [0.0, 0.0])
    assert found.clear and not of_images(found, 4).clear and not of_images(found, 10).clear
    assert of_images(found, 12).clear
    assert verdict(of_images(found, 4)).endswith("chance could do that.")


def test_of_one_unclear_comparison_nothing_is_concluded():
    unclear = finding([14.0, 16.0, 12.0], [13.5, 15.5, 11.5])
    assert (
        summary([unclear]) == "In the one comparison made so far no difference to standard augmentation can be shown."
    )


def test_six_images_are_enough_as_cards_round_them():
    errors = [[round(100 * misses / 3925, 4)] * 3 for misses in (424, 418, 419)]
    assert of_images(finding(errors[0], errors[1]), 3925).clear
    assert not of_images(finding(errors[0], errors[2]), 3925).clear
