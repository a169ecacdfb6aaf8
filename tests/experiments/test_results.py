"""Result files: good ones are read, others are told in one sentence; and what counts for which run."""

import json
import math
from pathlib import Path

import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.experiments import Result, all_runs, list_results, read_result, read_tables

ROOT = Path(__file__).parents[2]
CARD = {"dataset": "pets", "model": "looknet", "method": "ricap", "seed": 0, "epochs": 2, "test_error": 5.5}


def test_the_published_results_are_read_and_count():
    results, problems = list_results(ROOT / "results")
    runs = {run.name: run for run in all_runs(read_tables())}
    assert results and not problems
    for result in results:
        assert len(result.epochs) == result.card["epochs"] and result.name in runs
        assert result.differing(runs[result.name]) == []


@pytest.mark.parametrize(
    "value",
    [
        [], 3, {}, {"card": CARD}, {"card": [], "epochs": []}, {"card": {}, "epochs": []}, {"card": CARD, "epochs": {}},
        {"card": CARD, "epochs": [3]}, {"card": CARD, "epochs": [{"epoch": "1"}]}, {"card": CARD, "epochs": [{}]},
        {"card": CARD, "epochs": [{"epoch": 0, "test_loss": 1.0}]},
        {"card": CARD, "epochs": [{"epoch": 1, "test_loss": "x"}]}, {"card": CARD | {"test_error": "5"}, "epochs": []},
        {"card": CARD | {"test_error": math.nan}, "epochs": []}, {"card": CARD | {"hardware": 3}, "epochs": []},
        {"card": CARD | {"image_size": "96"}, "epochs": []}, {"card": CARD | {"test_images": None}, "epochs": []},
        {"card": CARD | {"method": None}, "epochs": []}, {"card": CARD | {"tag": 5}, "epochs": []},
        {"card": CARD | {"holdout": "x"}, "epochs": []}, {"card": CARD | {"method_settings": 3}, "epochs": []},
    ],
)  # fmt: skip
def test_another_file_is_told_in_one_sentence(value, tmp_path):
    (tmp_path / "odd.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match="odd.json must be the result of a run; (its?|one of its) ") as caught:
        read_result(tmp_path / "odd.json")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("content", [b"", b'{"card": ', b"\xff\xfe\x00", b"[" * 100_000, b"a" * (9 << 20)])
def test_a_damaged_file_does_not_hide_the_others(content, tmp_path):
    (tmp_path / "damaged.json").write_bytes(content)
    (tmp_path / "good.json").write_text(json.dumps({"card": CARD, "epochs": []}))
    results, problems = list_results(tmp_path)
    assert [result.name for result in results] == ["good"]
    assert len(problems) == 1 and problems[0].startswith("damaged.json ") and "\n" not in problems[0]


def test_no_folder_no_results(tmp_path):
    assert list_results(tmp_path / "none") == ([], [])


def test_a_curve_skips_what_was_not_measured():
    rows = [{"epoch": 1}, *({"epoch": i, "test_loss": loss} for i, loss in enumerate((None, 1.5, math.nan), 2))]
    assert Result("x", CARD, rows).curve("test_loss") == [(3, 1.5)]


def test_hardware_in_short():
    for hardware, short in {"CPU: AMD, 1 threads": "CPU", "NVIDIA H200": "H200", "": "unknown"}.items():
        assert Result("x", CARD | {"hardware": hardware}, []).hardware == short


def test_a_result_of_other_settings_is_not_that_run(table, make_result):
    run = table.runs(table.rows[1], table.columns[0], table.recipes[0])[0]
    assert make_result(run, 5.0).differing(run) == []
    assert make_result(run, 5.0, epochs=1).differing(run) == ["epochs"]
    assert make_result(run, 5.0, fraction=0.1, ema=0.9, precision="bf16").differing(run) == ["ema", "fraction"]
    assert make_result(run, 5.0, beta=None, method_settings={"beta": 0.3}).differing(run) == []
    assert make_result(run, 5.0, beta=None, method_settings={"beta": 1.0}).differing(run) == ["beta"]
