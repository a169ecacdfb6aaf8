"""A small table of two rows and its results, made on the spot."""

import pytest

from ricap_explorer.experiments import Result, Table
from ricap_explorer.experiments.tables import Column, Recipe, Row

BASE = {"dataset": "pets", "model": "looknet"}


@pytest.fixture
def table() -> Table:
    """standard and ricap, two columns, a short recipe for both and a long one for the first."""
    return Table(
        "small",
        "Small",
        1,
        "error in %",
        [
            Row("standard", {"method": "standard"}, paper={"a": [3.89]}),
            Row("ricap", {"method": "ricap", "beta": 0.3}, want=5, paper={"a": [2.85, 0.06], "b": [17.22, 0.2]}),
        ],
        [Column("a", "A"), Column("b", "B", {"dataset": "dogs"})],
        [
            Recipe("short", "cpu", {"epochs": 2}, [0, 1, 2], 9),
            Recipe("long", "gpu", {"epochs": 4}, [0], 9, want=1, tag="e4", columns=["a"]),
        ],
        BASE,
    )


@pytest.fixture
def make_result():
    """make_result(run, error, **card fields) -> what training that run could have measured."""

    def make(run, error: float, **card) -> Result:
        known = run.settings | {"test_error": error, "hardware": "CPU: slow, 1 threads", "method_settings": {}} | card
        return Result(run.name, known, [{"epoch": 1, "train_loss": 2.0, "test_loss": None}])

    return make
