"""The measurements' frame: turns, table, selection and servers. The measurements themselves are run by hand."""

import json
import time
import urllib.request

import numpy as np
import pytest
import torch

from ricap_explorer import bench as package
from ricap_explorer.bench import ROWS, bench, browser, compute, page
from ricap_explorer.bench.measure import Row, in_turns
from ricap_explorer.bench.rivals import rivals
from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS, Ricap, Standard
from ricap_explorer.zoo import list_checkpoints


@pytest.fixture
def two_rows(monkeypatch):
    rows = {"one": lambda: Row("a thing", "another", 0.002, 0.001, 3.0), "two": lambda: Row("more", "less", 0.3, 0.1)}
    monkeypatch.setattr(package, "ROWS", rows)


def test_ratio_and_bar():
    assert Row("", "", 3, 2, 1.5).ratio == 1.5 and Row("", "", 3, 2, 1.5).ok is True
    assert Row("", "", 3, 2, 1.4).ok is False and Row("", "", 3, 2).ok is None


def test_turns_alternate_and_take_the_median():
    calls, naps = [], iter([0, 0.03, 0.001, 0.001, 0.002])

    def slow():
        calls.append("slow")
        time.sleep(next(naps))

    first, second = in_turns(slow, lambda: calls.append("fast"), 4)
    assert calls == ["slow", "fast"] * 5
    assert second < first < 0.02  # the one long nap is not the median


def test_table_and_file(two_rows, tmp_path, capsys):
    rows = bench("", tmp_path / "rows.json")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[0].split() == ["what", "median", "reference", "median", "ratio", "bar", "ok"]
    assert lines[1].split() == ["a", "thing", "2.00", "ms", "another", "1.00", "ms", "2.00", "<=", "3", "yes"]
    assert lines[2].split() == ["more", "300.00", "ms", "less", "100.00", "ms", "3.00"]
    saved = json.loads((tmp_path / "rows.json").read_text())
    assert [row["ratio"] for row in saved["rows"].values()] == [row.ratio for row in rows]
    assert saved["rows"]["one"]["ok"] is True and saved["card"]["hardware"] and saved["card"]["versions"]["torch"]


def test_only_takes_the_rows_that_begin_so(two_rows):
    assert [row.what for row in bench("tw")] == ["more"]


def test_only_may_name_several_beginnings(two_rows):
    assert [row.what for row in bench("tw,on")] == ["a thing", "more"]


def test_unknown_row_and_bad_file_are_told_before_measuring(two_rows, tmp_path, capsys):
    with pytest.raises(InputError, match="^--only must begin one of one, two; got 'x'$"):
        bench("x")
    for bad in (tmp_path, tmp_path / "none" / "rows.json"):
        with pytest.raises(InputError, match="^--json must be a file in an existing folder"):
            bench("", bad)
    assert capsys.readouterr().out == ""


def test_every_row_has_a_name():
    assert len(ROWS) == 32 and all(callable(measure) for measure in ROWS.values())


def test_a_gpus_row_is_left_out_without_one(monkeypatch, capsys):
    row = Row("more", "less", 0.3, 0.1)
    rows = {"rate-wide_resnet": lambda: row, "rate-looknet": lambda: row, "gpu-replay": lambda: row}
    monkeypatch.setattr(package, "ROWS", rows)
    for kind, count in (("cuda", 3), ("cpu", 1)):
        monkeypatch.setattr(package, "device", lambda kind=kind: torch.device(kind))
        assert len(bench("rate,gpu" if kind == "cuda" else "rate")) == count
    assert len(bench("rate-wide_resnet")) == len(bench("rate-w")) == len(bench("step,rate-wide")) == 1
    with pytest.raises(InputError, match="^--only must begin one of rate-wide_resnet, rate-looknet; got 'gpu'$"):
        bench("gpu")


def test_the_browser_s_rows_are_left_out_without_one_and_told_when_asked_for(monkeypatch):
    row = Row("more", "less", 0.3, 0.1)
    monkeypatch.setattr(package, "ROWS", {"one": lambda: row, "browser-one": lambda: row})
    for there, count in ((False, 1), (True, 2)):
        monkeypatch.setattr(package, "usable", lambda there=there: there)
        assert len(bench("")) == count
    assert len(bench("browser")) == 1
    monkeypatch.setattr(browser, "usable", lambda: False)
    with pytest.raises(InputError, match="^the browser's rows need chromium and the Python package playwright"):
        browser.waited("a thing", browser.drag, 0.05)


def test_five_checkpoints_can_be_read():
    with browser.five_checkpoints() as folder:
        found, problems = list_checkpoints(folder)
    assert len({checkpoint.name for checkpoint in found}) == 5 and problems == []


def test_throughput_has_a_line_for_every_method_per_batch_and_per_sample():
    lines = list(compute.throughput((2, 4), side=32))
    others = rivals(torch.device("cpu"))
    assert {"mixup, torchvision", "cutmix, torchvision"} <= set(others)
    assert lines[1].split() == ["method", "2", "4"] and len(lines) == 2 + 2 * (len(METHODS) - 1) + len(others)
    assert [line[:28].strip() for line in lines[2:]][-len(others) :] == list(others)
    assert all(float(rate) > 0 for line in lines[2:] for rate in line.split()[-2:])


def test_other_libraries_mix_images_and_labels_anew_at_every_call():
    torch.manual_seed(0)
    np.random.seed(0)
    images, labels = torch.rand(8, 3, 32, 32), torch.arange(8)
    for name, mix in rivals(torch.device("cpu")).items():
        (mixed, targets), (again, others) = (mix(images.clone(), labels) for _ in range(2))
        assert mixed.shape == images.shape and not torch.equal(mixed, images), name
        assert len(targets.flatten()) > len(labels), name
        assert not torch.equal(mixed, again) and not torch.equal(targets, others), name


def test_share_of_the_matrix_rate_counts_a_steps_multiplications(monkeypatch):
    monkeypatch.setattr(compute, "_side", lambda: 64)
    row = compute.hardware_share("looknet", 2, 32, 2.5, width=8, depth=1)
    assert row.seconds > 0 and row.reference > 0 and row.bar == 2.5 and "looknet step, 2 x 32 px" in row.what


@pytest.mark.parametrize(("method", "fast"), [(Ricap(0.3), True), (Standard(), False)])
def test_a_measured_step_trains(method, fast, monkeypatch):
    made = []
    small = compute.create_model

    def create(name):
        made.append(small(name, width=8, depth=1))
        return made[0]

    monkeypatch.setattr(compute, "create_model", create)
    step = compute.stepper(method, fast=fast)
    before = made[0].classifier.weight.clone()
    step()
    assert not before.equal(made[0].classifier.weight)


def test_two_checkpoints_where_none_are_published(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "ROOT", tmp_path)
    with page.two_checkpoints() as folder:
        good, problems = list_checkpoints(folder)
        assert len(good) == 2 and not problems
        assert good[0].load().classifier.out_features == len(good[0].card["classes"])
    assert not folder.exists()


def test_a_server_is_waited_for_and_ended():
    with page.server("-m", "http.server", "--bind", "127.0.0.1") as (url, took):
        assert took > 0
        with urllib.request.urlopen(url, timeout=10) as reply:
            assert reply.status == 200
    assert not page.answers(url)


def test_a_server_that_dies_is_a_bug():
    with pytest.raises(RuntimeError, match="did not serve"), page.server("-c", "raise SystemExit(3)"):
        pass
