"""The queue: what runs, in which order, what a crash or the end of the budget leaves; and packs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ricap_explorer.errors import InputError
from ricap_explorer.experiments import all_runs, queue, read_tables, worker
from ricap_explorer.experiments.pack import pack, unpack
from ricap_explorer.experiments.queue import run_queue
from ricap_explorer.experiments.results import publish
from ricap_explorer.experiments.status import duration, progress
from ricap_explorer.experiments.tables import Run

STUB = """
import json, pathlib, sys
request = json.loads(sys.argv[1])
settings, fate = request["settings"], request["settings"].get("share")
out = pathlib.Path(settings["out"])
if fate == 3:
    print("no images are there", file=sys.stderr)
    sys.exit(3)
if fate == 5:
    print("width must be at least 8", file=sys.stderr)
    sys.exit(2)
if fate == 6 and request["whole"]:
    sys.exit(4)
if fate == 4:
    sys.exit("out of memory")
out.mkdir(exist_ok=True)
(out / "config.json").write_text("{}")
if fate == 1:
    sys.exit("cutout lost its way")
if fate == 2:
    sys.exit()
card = settings | {"test_error": 5.0}
(out / f"{out.name}.json").write_text(json.dumps({"card": card, "epochs": []}))
"""


@pytest.fixture
def stub(monkeypatch):
    """A worker that needs no torch.

    share = 1 fails, 2 stops, 3 finds no images, 4 crashes, 5 has a bad setting, 6 is too slow to be whole; else it ends
    well.
    """
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", STUB))


def run(seed: int, **settings) -> Run:
    base = {"dataset": "pets", "model": "looknet", "method": "cutout", "epochs": 2, "seed": seed}
    return Run(base | settings, "cpu", 5, seed)


def test_what_is_missing_runs_in_order_and_a_crash_stops_nothing(stub, tmp_path, make_result):
    runs, told = [run(0), run(1, share=1), run(2), run(3, share=2)], []
    run_queue(runs, [make_result(runs[0], 5.0)], tmp_path, 60, say=told.append)
    names = [line.partition(":")[0] for line in told]
    assert names == [known.name for known in runs[1:]]
    assert told[0].endswith("failed: cutout lost its way") and "done after" in told[1] and "epoch 0/2" in told[2]
    assert [progress(known, [], tmp_path).state for known in runs] == ["missing", "running", "done", "running"]


def test_runs_whose_images_cannot_be_opened_are_tried_once(stub, tmp_path):
    said, runs = [], [run(0, share=3), run(1, share=3), run(2, dataset="birds"), run(3, share=3)]
    run_queue(runs, [], tmp_path, 60, say=said.append)
    assert said[0] == "pets_looknet_cutout_s0: failed: no images are there"
    assert said[1] == "pets: 2 more runs left out: its images could not be opened"
    assert len(said) == 3 and said[2].startswith("birds_looknet_cutout_s2: done")


def test_a_crash_before_there_is_a_folder_says_nothing_of_the_images(stub, tmp_path):
    said = []
    run_queue([run(0, share=4), run(1), run(2)], [], tmp_path, 60, say=said.append)
    assert said[0].endswith("failed: out of memory") and len(said) == 3 and all("done" in line for line in said[1:])


def test_a_bad_setting_says_nothing_of_the_images_either(stub, tmp_path):
    said = []
    run_queue([run(0, share=5), run(1), run(2)], [], tmp_path, 60, say=said.append)
    assert said[0].endswith("failed: width must be at least 8") and len(said) == 3


def test_a_crash_is_told_with_the_end_of_its_traceback(tmp_path, monkeypatch):
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", "def lost(): raise KeyError('way')\nlost()"))
    said = []
    run_queue([run(0)], [], tmp_path, 60, say=said.append)
    assert "Traceback" in said[0] and said[0].endswith("KeyError: 'way'")


def test_a_run_that_no_pack_holds_begins_only_where_it_can_end(stub, tmp_path):
    long, short = replace(run(0), seconds=500, whole=True), replace(run(1), seconds=500)
    for packed, names in ((True, [short.name]), (False, [long.name])):
        said = []
        run_queue([long, short], [], tmp_path, 60, say=said.append, packed=packed)
        assert [line.partition(":")[0] for line in said] == names


def test_runs_side_by_side_are_as_much_slower(stub, tmp_path):
    said, whole = [], replace(run(0), seconds=25, whole=True)
    run_queue([whole, run(1)], [], tmp_path, 60, jobs=3, say=said.append, packed=True)
    assert [line.partition(":")[0] for line in said] == [run(1).name]


def test_a_run_that_sees_that_it_will_not_end_leaves_the_time_to_shorter_ones(stub, tmp_path):
    said, slow = [], replace(run(0, share=6), seconds=30, whole=True)
    runs = [slow, replace(run(1), seconds=40, whole=True), replace(run(2), seconds=5, whole=True), run(3)]
    run_queue(runs, [], tmp_path, 60, say=said.append, packed=True)
    assert said[0] == f"{slow.name}: given up at epoch 0/2, too slow to end in time"
    assert [line.partition(":")[0] for line in said[1:]] == [runs[2].name, runs[3].name]
    run_queue([slow], [], tmp_path, 60, say=said.append)
    assert "done" in said[-1], "what is not packed may go on later"


PATIENT = """
import sys, time
try:
    print("begun", file=sys.stderr, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""
INTERRUPTED = """
import json, sys
from pathlib import Path
from ricap_explorer.experiments import queue
from ricap_explorer.experiments.tables import Run
out, worker, settings = sys.argv[1:]
queue.WORKER = (sys.executable, "-c", worker)
queue.run_queue([Run(given, "cpu", 5, 0) for given in json.loads(settings)], [], Path(out), 60)
"""


def test_ctrl_c_ends_the_run_under_way_and_begins_no_other(tmp_path):
    """The terminal sends it to the queue and to its runs."""
    first, second = run(0), run(1)
    call = [sys.executable, "-c", INTERRUPTED, str(tmp_path), PATIENT, json.dumps([first.settings, second.settings])]
    here = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background have it ignored
    )  # fmt: skip
    log = tmp_path / f"{first.name}.log"
    while here.poll() is None and not (log.exists() and log.read_text()):
        time.sleep(0.05)
    os.killpg(here.pid, signal.SIGINT)
    said, _ = here.communicate(timeout=30)
    assert said.splitlines() == [f"{first.name}: stopped at epoch 0/2; the next queue goes on"]
    assert here.returncode and not (tmp_path / f"{second.name}.log").exists()


def test_sigterm_is_passed_on_to_the_run_under_way_and_no_other_begins(tmp_path):
    first, second = run(0), run(1)
    call = [sys.executable, "-c", INTERRUPTED, str(tmp_path), PATIENT, json.dumps([first.settings, second.settings])]
    here = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = tmp_path / f"{first.name}.log"
    while here.poll() is None and not (log.exists() and log.read_text()):
        time.sleep(0.05)
    here.terminate()
    said, _ = here.communicate(timeout=30)
    assert said.splitlines() == [f"{first.name}: SIGTERM killed it at epoch 0; it had saved nothing"]
    assert here.returncode == 0 and not (tmp_path / f"{second.name}.log").exists()


def test_what_the_system_killed_is_not_told_as_its_last_line(monkeypatch, tmp_path):
    ends = "import os, signal; print('epoch 1: train loss 0.5', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", ends))
    (tmp_path / run(0).name).mkdir()
    (tmp_path / run(0).name / "state.safetensors").touch()
    said = []
    run_queue([run(0)], [], tmp_path, 60, say=said.append)
    memory = "as the system does where memory runs out"
    assert said == [f"{run(0).name}: SIGKILL killed it at epoch 0, {memory}; its last saved state is in {tmp_path}"]


def test_no_run_begins_after_one_that_ctrl_c_ended(monkeypatch, tmp_path):
    """Though the queue itself has not heard it yet."""
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", f"raise SystemExit({queue.INTERRUPTED})"))
    said = []
    run_queue([run(0), run(1)], [], tmp_path, 60, say=said.append)
    assert said == [f"{run(0).name}: stopped at epoch 0/2; the next queue goes on"]


def test_a_pack_that_fails_under_way_stops_nothing(stub, tmp_path):
    def keep():
        raise OSError("unexpected end of data")  # tarfile's word where a file was replaced meanwhile

    said = []
    run_queue([run(0), run(1)], [], tmp_path, 60, say=said.append, keep=keep)
    assert len(said) == 2 and all("done" in line for line in said)


def test_a_queue_of_nothing_is_told(stub, tmp_path):
    given = (tmp_path / "runs", None, None)
    for budget, only, sentence in ((5, "", "at least 20 seconds; got 5"), (60, "nosuch", "got 'nosuch'")):
        with pytest.raises(InputError, match=sentence):
            queue.run_missing(budget, *given, "cpu", only, 1, tmp_path / "results", {})
    with pytest.raises(InputError, match="got nan"):
        queue.run_missing(float("nan"), *given, "cpu", "", 1, tmp_path / "results", {})


def test_what_is_there_is_kept_after_every_run(stub, tmp_path, monkeypatch):
    """What ends the queue before its time leaves a pack of the runs that were done."""
    monkeypatch.setattr(queue, "all_runs", lambda tables: [run(0), run(1)])
    packs, count = [], queue.pack_runs
    monkeypatch.setattr(queue, "pack_runs", lambda *given, **more: packs.append(1) or count(*given, **more))
    queue.run_missing(60, tmp_path / "runs", None, tmp_path / "packed", "cpu", "", 1, tmp_path / "results", {})
    assert len(packs) == 3  # after each of them, and in the end
    unpack(tmp_path / "packed", tmp_path / "open")
    assert {path.name for path in (tmp_path / "open").iterdir()} == {run(0).name, run(1).name}


def test_what_is_done_in_the_folder_is_not_run_again(stub, tmp_path):
    run_queue([run(0)], [], tmp_path, 60, say=lambda _: None)
    run_queue([run(0)], [], tmp_path, 60, say=pytest.fail)


def test_a_result_of_other_settings_is_not_what_is_wanted(stub, tmp_path, make_result):
    told = []
    run_queue([run(0)], [make_result(run(0, epochs=9), 5.0)], tmp_path, 60, say=told.append)
    assert len(told) == 1


def test_without_time_nothing_starts(stub, tmp_path):
    run_queue([run(0)], [], tmp_path, queue.LEAST / 2, say=pytest.fail)


def test_a_worker_that_does_not_stop_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(queue, "WORKER", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(queue, "GRACE", 0.2)
    monkeypatch.setattr(queue, "LEAST", 0.1)
    told, start = [], time.monotonic()
    run_queue([run(0)], [], tmp_path, 0.2, say=told.append)
    assert "killed" in told[0] and time.monotonic() - start < 50
    assert told[0].endswith("it had saved nothing") and len(told) == 1


def test_jobs_run_side_by_side(monkeypatch, tmp_path):
    meet = threading.Barrier(2, timeout=20)  # breaks, and fails the test, unless two runs are under way at once

    def train(known, out, *_):
        (out / known.name).mkdir()
        return f"{known.name} {meet.wait()}", 0

    monkeypatch.setattr(queue, "_train", train)
    told = []
    run_queue([run(i) for i in range(4)], [], tmp_path, 60, jobs=2, say=told.append)
    assert len({line.split()[0] for line in told}) == 4


def test_states(tmp_path):
    folder = tmp_path / run(0).name
    assert progress(run(0), [], tmp_path).state == "missing"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "metrics.json").write_text("[{}]")
    assert (progress(run(0), [], tmp_path).state, progress(run(0), [], tmp_path).epochs) == ("running", 1)
    os.utime(folder / "config.json", (0, 0))
    assert progress(run(0), [], tmp_path).state == "stopped"
    assert progress(run(0), [], tmp_path).line.split() == ["stopped", "1/2", "cpu", "5", "s", run(0).name]
    card = run(0).settings | {"lr": 0.7, "test_error": 5.0}
    (folder / f"{run(0).name}.json").write_text(json.dumps({"card": card, "epochs": []}))
    assert progress(run(0, lr=0.7), [], tmp_path).state == "done"
    assert progress(run(0, lr=0.1), [], tmp_path).state == "differs"


def test_durations():
    assert [duration(s) for s in (45, 720, 12600)] == ["45 s", "12 min", "3.5 h"]


@pytest.fixture
def runs(tmp_path, rng) -> Path:
    """Two finished runs with checkpoints and two unfinished ones; the second of these is further."""
    folder = tmp_path / "runs"
    for i, size in enumerate((40_000, 50_000, 60_000, 70_000)):
        here = folder / f"run{i}"
        here.mkdir(parents=True)
        (here / "config.json").write_text("{}")
        (here / "metrics.json").write_text("[" + "0," * i + "0]")
        (here / "state.safetensors").write_bytes(rng.bytes(size))
        if i < 2:
            (here / f"run{i}.json").write_text(json.dumps({"card": i}))
            (here / f"run{i}.safetensors").write_bytes(rng.bytes(size))
    (folder / "run0.log").write_text("noise")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_pack_opens_to_what_went_in(runs, tmp_path):
    assert pack(runs, tmp_path / "packed", part=50_000) == []
    parts = sorted((tmp_path / "packed").iterdir())
    assert len(parts) > 3 and all(path.stat().st_size <= 50_000 for path in parts)
    unpack(tmp_path / "packed", tmp_path / "open")
    before, after = contents(runs), contents(tmp_path / "open")
    assert all(before[name] == content for name, content in after.items())
    gone = [f"run{i}/{name}" for i in (0, 1) for name in ("metrics.json", "state.safetensors")]
    assert set(after) == set(before) - {"run0.log", *gone}


def test_results_come_first_and_the_furthest_state_before_the_others(runs, tmp_path):
    left_out = pack(runs, tmp_path / "packed", limit=210_000)
    assert left_out == ["run2"]
    unpack(tmp_path / "packed", tmp_path / "open")
    assert {path.name for path in (tmp_path / "open").iterdir()} == {"run0", "run1", "run3"}
    assert sum(path.stat().st_size for path in (tmp_path / "packed").iterdir()) <= 210_000
    assert (tmp_path / "packed" / "pack-1.tar").read_bytes().startswith(b"run0/run0.json")


def test_a_run_stopped_in_its_first_epoch_takes_nothing_from_the_others(runs, tmp_path):
    """It has a state, and no metrics yet."""
    (runs / "run3" / "metrics.json").unlink()
    assert pack(runs, tmp_path / "packed", limit=240_000) == ["run3"]
    unpack(tmp_path / "packed", tmp_path / "open")
    assert {path.name for path in (tmp_path / "open").iterdir()} == {"run0", "run1", "run2"}


def test_without_its_last_part_a_pack_still_gives_the_results(runs, tmp_path):
    pack(runs, tmp_path / "packed", part=100_000)
    max((tmp_path / "packed").iterdir()).unlink()
    with pytest.raises(InputError, match="every part"):
        unpack(tmp_path / "packed", tmp_path / "open")
    assert publish(tmp_path / "open", tmp_path) == ["run0", "run1"]
    assert publish(tmp_path / "open", tmp_path) == []


def test_a_pack_that_lacks_a_part_in_its_middle_gives_what_lies_before(runs, tmp_path):
    pack(runs, tmp_path / "packed", part=50_000)
    (tmp_path / "packed" / "pack-2.tar").unlink()
    with pytest.raises(InputError, match="pack-2.tar is missing"):
        unpack(tmp_path / "packed", tmp_path / "open")
    before, after = contents(runs), contents(tmp_path / "open")
    assert {"run0/run0.json", "run1/run1.json"} < set(after)
    assert all(before[name] == content for name, content in after.items())


def test_a_pack_that_ends_between_two_files_is_not_whole(runs, tmp_path):
    pack(runs, tmp_path / "packed")
    path = tmp_path / "packed" / "pack-1.tar"
    with tarfile.open(path) as tar:
        last = tar.getmembers()[-1]
    path.write_bytes(path.read_bytes()[: last.offset])
    with pytest.raises(InputError, match="its end is missing"):
        unpack(tmp_path / "packed", tmp_path / "open")


def test_a_pack_that_leads_out_of_its_folder_touches_nothing_there(runs, tmp_path):
    (tmp_path / "packed").mkdir()
    (tmp_path / "precious.txt").write_text("mine")
    with tarfile.open(tmp_path / "packed" / "pack-1.tar", "w") as tar:
        for name in ("run0/run0.json", "../../precious.txt"):
            tar.add(runs / "run0" / "run0.json", name)
    with pytest.raises(InputError, match="every part"):
        unpack(tmp_path / "packed", tmp_path / "open")
    assert (tmp_path / "precious.txt").read_text() == "mine"
    assert set(contents(tmp_path / "open")) == {"run0/run0.json"}


def test_what_was_taken_over_by_half_is_not_further(runs, tmp_path, monkeypatch):
    """Whatever time the stump of a state bears."""
    whole, copied = (runs / "run2" / "state.safetensors").read_bytes(), shutil.copy2

    def killed(source, target):
        copied(source, target)
        if Path(target).name.startswith("state"):
            Path(target).write_bytes(b"half")
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shutil.copy2", killed)
        with pytest.raises(KeyboardInterrupt):
            unpack(runs, tmp_path / "open")
    assert unpack(runs, tmp_path / "open") == []
    assert (tmp_path / "open" / "run2" / "state.safetensors").read_bytes() == whole


def test_old_checkpoints_leave_room_for_states(runs, tmp_path):
    """An earlier pack had room for them: of those, the states and what is new, they find it last."""
    os.utime(runs / "run0" / "run0.safetensors", (1, 1))
    assert pack(runs, tmp_path / "packed", limit=225_000, since=2) == ["run0"]
    unpack(tmp_path / "packed", tmp_path / "open")
    found = set(contents(tmp_path / "open"))
    assert {"run0/run0.json", "run1/run1.safetensors", "run2/state.safetensors", "run3/state.safetensors"} < found
    assert "run0/run0.safetensors" not in found


def test_a_run_that_is_further_here_stays(runs, tmp_path):
    pack(runs, tmp_path / "packed")
    here = runs / "run2"
    (here / "metrics.json").write_text("[0,0,0,0]")
    (here / "state.safetensors").write_bytes(b"later")
    before = contents(runs)
    assert unpack(tmp_path / "packed", runs) == ["run2"]
    assert contents(runs) == before
    (here / "metrics.json").write_text("[0]")
    assert "run2" not in unpack(tmp_path / "packed", runs) and contents(here) != b"later"


def test_a_new_pack_leaves_no_old_part(runs, tmp_path):
    pack(runs, tmp_path / "packed", part=20_000)
    pack(runs, tmp_path / "packed", part=200_000)
    unpack(tmp_path / "packed", tmp_path / "open")


def test_what_a_queue_finished_is_a_result(stub, tmp_path, monkeypatch):
    """Of the wanted runs that have an end; not of another run that lies there too, nor over an older result."""
    wanted = [run(0), run(1, share=2), run(2)]
    monkeypatch.setattr(queue, "all_runs", lambda tables: wanted)
    for name in ("mine", run(2).name):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / f"{name}.json").write_text("{}")
    results = tmp_path / "results"
    queue.run_missing(60, tmp_path / "runs", None, None, "cpu", "", 1, results, {})
    assert {path.stem for path in results.iterdir()} == {run(0).name, run(2).name}
    before = (results / f"{run(0).name}.json").read_text()
    (tmp_path / "runs" / run(0).name / f"{run(0).name}.json").write_text("{}")
    assert publish(tmp_path / "runs", results, [run(0).name]) == []
    (results / f"{run(0).name}.json").write_text('{"card": ')  # a full disk once left half of it
    shutil.copy(results / f"{run(2).name}.json", tmp_path / "runs" / run(0).name / f"{run(0).name}.json")
    assert publish(tmp_path / "runs", results, [run(0).name]) == [run(0).name]
    (results / f"{run(0).name}.json").write_text(before)
    assert (results / f"{run(0).name}.json").read_text() == before
    unpack(tmp_path / "runs", tmp_path / "runs")  # onto itself: nothing to do


def test_run_folders_themselves_can_be_taken_over(runs, tmp_path):
    (runs / "no run").mkdir()
    unpack(runs, tmp_path / "open")
    assert not (tmp_path / "open" / "no run").exists()
    assert contents(tmp_path / "open" / "run2") == contents(runs / "run2")
    with pytest.raises(InputError, match="source of runs must be .*nothing is none"):
        unpack(tmp_path / "nothing", tmp_path / "open")


def test_a_pack_that_came_twice_is_read_once(runs, tmp_path):
    pack(runs, tmp_path / "packed")
    shutil.copy(tmp_path / "packed" / "pack-1.tar", tmp_path / "packed" / "pack-1 (1).tar")
    unpack(tmp_path / "packed", tmp_path / "open")
    assert contents(tmp_path / "open" / "run2") == contents(runs / "run2")


@pytest.mark.parametrize("name", ["out", "pack", "results"])
def test_a_file_in_a_folder_s_place_is_told(name, tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    folders = {"out": tmp_path / "runs", "pack": None, "results": tmp_path / "results"} | {name: file}
    with pytest.raises(InputError, match=f"--{name} must be a folder; .*file is a file"):
        queue.run_missing(60, folders["out"], None, folders["pack"], "cpu", "", 1, folders["results"], {})


@pytest.fixture
def request_of(data_dir, tmp_path):
    """request_of(run, seconds[, whole]) -> what the queue asks a worker for: that run on tiny images."""

    def make(known: Run, seconds: float, whole: bool = False) -> dict:
        small = {"image_size": 32, "train_size": 32, "store_size": 40, "arch": "width=8,depth=1", "batch_size": 4}
        here = {"data_dir": str(data_dir), "device": "cpu", "threads": 1, "out": str(tmp_path / known.name)}
        return {
            "settings": known.settings | small | {"warmup": 0.5} | here,
            "until": time.time() + seconds,
            "whole": whole,
        }

    return make


def test_a_worker_stops_in_time_and_goes_on_to_the_end(request_of, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["worker"])
    known = run(0, method="standard")
    known = replace(known, settings=request_of(known, 0)["settings"])
    assert worker.main(request_of(known, 0)) == 0
    assert progress(known, [], tmp_path).state == "running"
    assert worker.main(request_of(known, 600)) == 0
    assert progress(known, [], tmp_path).state == "done"
    card = json.loads((tmp_path / known.name / f"{known.name}.json").read_text())["card"]
    assert card["command"].startswith("python -m ricap_explorer train --dataset pets --model looknet")
    assert str(tmp_path) not in card["command"]


def test_a_worker_gives_up_what_cannot_be_whole(request_of, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["worker"])
    known = run(0, method="standard", epochs=100_000)
    assert worker.main(request_of(known, 60, whole=True)) == queue.GAVE_UP
    assert progress(known, [], tmp_path).epochs == 2


def test_a_worker_tells_bad_settings_in_one_line(request_of, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["worker"])
    for status, bad in ((queue.NO_IMAGES, {"dataset": "fish"}), (2, {"lr": -1.0})):
        assert worker.main(request_of(run(1, method="standard", **bad), 600)) == status
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_queue_s_worker_is_this_one():
    assert queue.WORKER == (sys.executable, "-m", worker.__name__)


def test_the_list_names_every_run(capsys, monkeypatch):
    from ricap_explorer import cli

    monkeypatch.setattr(sys, "argv", ["ricap_explorer", "experiments", "--scale", "gpu"])
    assert cli.main() == 0
    lines = capsys.readouterr().out.splitlines()
    names = [known.name for known in all_runs(read_tables()) if known.scale == "gpu"]
    assert [line.split()[-1] for line in lines[1:-1]] == names
