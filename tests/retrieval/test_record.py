"""Files of retrieval come back as they were, and what they say."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ricap_explorer.bootstrap import Mean
from ricap_explorer.errors import InputError
from ricap_explorer.figures.retrieval import retrieval_card
from ricap_explorer.retrieval.record import MEASURES, Retrieval, Way, as_text, list_retrieval, read_retrieval, verdicts

CARD = {
    "dataset": "things", "images": 1000, "folds": 5, "epochs": 30, "image_size": 96, "hardware": "CPU: toy",
    "command": "python -m ricap_explorer retrieve --dataset <things>", "start": "toy",
}  # fmt: skip
NAN = float("nan")


def made(gap: tuple[float, float, float], count: int = 1000) -> Retrieval:
    numbers = {name: (Mean(0.2, 0.1, 0.3, 1000), Mean(0.2 + gap[0], 0.1, 0.4, 1000)) for name in MEASURES}
    gaps = {name: (Mean(0.0, 0.0, 0.0, 1000), Mean(*gap, count)) for name in MEASURES}
    for name, value in (("cm", 20.0), ("im", 21.5)):
        numbers[name] = (Mean(value, NAN, NAN, 1000),) * 2
        gaps[name] = (Mean(0.0, NAN, NAN, 1000),) * 2
    ways = (Way("standard", "Standard", 3), Way("ricap", "RICAP β = 0.3", 3))
    return Retrieval("things", CARD, ways, numbers, gaps)


def test_a_file_comes_back_and_a_bad_one_is_a_sentence(tmp_path):
    (tmp_path / "retrieval").mkdir()
    whole = made((0.01, -0.02, 0.04))
    for name, text in (("things", whole.to_json()), ("broken", "{"), ("deep", "[" * 9999)):
        (tmp_path / "retrieval" / f"{name}.json").write_text(text)
    (back,), problems = list_retrieval(tmp_path)
    assert back.to_json() == whole.to_json() and back.name == "things" and back.ways == whole.ways
    assert np.isnan(back.numbers["cm"][0].low) and back.gaps["c1"] == whole.gaps["c1"]
    assert [problem.partition(" must be a file of retrieval")[0] for problem in problems] == [
        "broken.json",
        "deep.json",
    ]
    assert list_retrieval(tmp_path / "none") == ([], [])


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["card"].pop("images"),
        lambda value: value["card"].update(images="many"),
        lambda value: value["card"].update(folds=0),
        lambda value: value["card"].update(start=None),
        lambda value: value["ways"].pop(),
        lambda value: value["ways"][0].pop("title"),
        lambda value: value["ways"][0].update(runs="three"),
        lambda value: value["ways"][0].update(title=3),
        lambda value: value["numbers"].pop("c1"),
        lambda value: value["numbers"]["c1"].pop(),
        lambda value: value["gaps"]["c1"][0].pop(),
        lambda value: value["gaps"]["c1"][0].__setitem__(0, "much"),
        lambda value: value["gaps"].__setitem__("i5", None),
    ],
)
def test_a_file_with_a_fault_is_told(tmp_path, change):
    value = json.loads(made((0.0, 0.0, 0.0)).to_json())
    change(value)
    (tmp_path / "odd.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match="odd.json must be a file of retrieval; it is none"):
        read_retrieval(tmp_path / "odd.json")


def test_a_file_of_tuning_says_so():
    found = made((0.0, 0.0, 0.0))
    tuned = replace(found, card=CARD | {"tuning": True})
    assert "held out to choose settings" in as_text(tuned) and "held out" not in as_text(found)


def test_the_verdict_follows_the_interval():
    assert verdicts(made((0.01, -0.02, 0.04))) == ["RICAP β = 0.3 beside Standard: no clear difference in 6 recalls."]
    (better,) = verdicts(made((0.03, 0.01, 0.05)))
    assert "caption R@1 is higher (+1.0 to +5.0 points)" in better and "image R@10 is higher" in better
    assert "Med r" not in better
    (worse,) = verdicts(made((-0.03, -0.05, -0.01)))
    some = made((-0.03, -0.05, -0.01))
    some.gaps["c1"] = made((0.01, -0.02, 0.04)).gaps["c1"]
    assert verdicts(some)[0].endswith("; no clear difference in 1 other recall.") and "no clear" not in worse
    assert "caption R@1 is lower (−5.0 to −1.0 points)" in worse and "higher" not in worse
    assert verdicts(made((0.03, 0.01, 0.05), count=9))[0].endswith("no clear difference in 6 recalls.")
    (unknown,) = verdicts(made((NAN, NAN, NAN)))
    assert unknown.endswith("no clear difference in 6 recalls.")


def test_the_card_and_the_text_tell_every_number():
    found = made((0.03, 0.01, 0.05))
    markup, text = retrieval_card(found).replace("&nbsp;", " "), as_text(found)
    assert markup.count("<b>20.0</b>") == 6 + 2 and markup.count("<b>23.0</b>") == 6 and markup.count("21.5") == 2
    assert markup.count('<b class="rx-better">higher</b> +1.0 to +5.0') == 6 and "rx-worse" not in markup
    assert 'class="rx-worse">lower' in retrieval_card(made((-0.03, -0.05, -0.01)))
    assert "rx-better" not in retrieval_card(made((0.01, -0.02, 0.04)))
    assert "--dataset &lt;things&gt;" in markup and "<things>" not in markup
    assert text.count("  20.0") == 6 + 2 and text.count("23.0  +3.0 (+1.0 to +5.0)") == 6
    for told in ("1,000 photographs, each to be found among 200", "3 runs, 30 epochs, 96", "CPU"):
        assert told in text and told in markup
