"""Two processes do what one does: the same total batch, the same result within rounding."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from ricap_explorer.errors import InputError
from ricap_explorer.training import train
from ricap_explorer.training.distributed import World, in_company, world

ROOT = Path(__file__).parents[2]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]


def arguments(config):
    """The command line of a run."""
    words = ["-m", "ricap_explorer", "train", "--threads", "1"]  # as here: sums depend on the number of threads
    names = ("dataset", "arch", "method", "epochs", "batch_size", "warmup", "start_size", "train_size", "image_size",
             "store_size", "lr", "device", "data_dir", "out", "precision", "accumulate", "loader")  # fmt: skip
    for name in names:
        words += [f"--{name.replace('_', '-')}", str(getattr(config, name))]
    return words


def torchrun(config, processes=2):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*TORCHRUN, str(processes), *arguments(config)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_parts_are_handed_over_as_they_lie_in_memory(layout, monkeypatch):
    """As NCCL copies them, which knows no strides."""

    def copy_memory(parts, part):
        for place in parts:
            flat = torch.as_strided(place, (place.numel(),), (1,))
            flat.copy_(torch.as_strided(part, (part.numel(),), (1,), part.storage_offset()))

    monkeypatch.setattr("torch.distributed.all_gather", copy_memory)
    images = torch.rand(3, 3, 4, 5).contiguous(memory_format=layout)
    whole = World(size=2).gather(images)
    assert torch.equal(whole, torch.cat([images, images]))
    assert whole.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(World(size=2).gather(torch.arange(6)[::2]), torch.tensor([0, 2, 4, 0, 2, 4]))


def test_two_processes_give_the_result_of_one(tiny, tmp_path):
    """RICAP mixes images of both processes' parts; batch statistics and gradients are taken over both."""
    alone = tiny(epochs=2, batch_size=6, precision="fp32", out=tmp_path / "alone")
    both = tiny(epochs=2, batch_size=6, precision="fp32", out=tmp_path / "both")
    path = train(alone)
    run = torchrun(both)
    out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    assert out.count(str(both.folder)) == 1  # one process reports
    first, second = load_file(path), load_file(both.folder / path.name)
    assert first.keys() == second.keys()
    for key in first:
        assert torch.allclose(first[key].float(), second[key].float(), rtol=5e-3, atol=5e-3), key
    rows = [json.loads((config.folder / "metrics.json").read_text()) for config in (alone, both)]
    for one, two in zip(*rows, strict=True):
        for name in ("train_loss", "train_error", "test_loss", "test_error"):
            assert two[name] == pytest.approx(one[name], rel=1e-3)
    assert json.loads((both.folder / "environment.json").read_text())["processes"] == 2


def test_more_processes_than_gpus_are_told(monkeypatch):
    for name, value in {"WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2, "LOCAL_RANK": 1}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with (
        pytest.raises(InputError, match="at most one process for each GPU, of which there are 1; got 2"),
        world("auto"),
    ):
        pass


def test_what_the_network_of_processes_says_is_passed_on():
    with pytest.raises(InputError, match=r"says why \(NCCL error: no route\)"), in_company():
        raise torch.distributed.DistBackendError("NCCL error: no route\nmany lines")


def test_a_batch_that_cannot_be_divided_is_told():
    with pytest.raises(InputError, match="must be a multiple of the 2 processes; got 5"):
        World(0, 2).part(5)
    assert World(1, 2).part(6) == (3, 6) and World().part(5) == (0, 5)


def test_what_ends_one_process_is_told_in_sentences_by_all(tiny, make_folder, tmp_path):
    make_folder(tmp_path / "pets")
    (tmp_path / "pets" / "train" / "dog" / "3.png").write_bytes(b"no picture")
    config = tiny(data_dir=tmp_path, epochs=2, batch_size=6, loader="stream")
    said = ""
    for _ in range(3):  # now and then torchrun ends the other process before that can speak
        run = torchrun(config)
        _, err = run.communicate(timeout=240)
        assert run.returncode and "3.png must be one of" in err
        assert "[rank" not in err and "Warning" not in err  # no traceback of ours
        said += err
        if "another one ended" in err:
            break
    assert "every process of a run must live on; another one ended and says why" in said


ASTRAY = """
import sys
import torch.nn.functional as F
from ricap_explorer import cli
from ricap_explorer.training import trainer

trainer.CHECK_EVERY = 1
learn = trainer.Trainer._learn

def astray(self, *given, **named):
    learn(self, *given, **named)
    if self.world.rank == 1 and self.history:
        self.progress.sums *= float("nan")
        next(self.model.parameters()).data *= float("nan")

trainer.Trainer._learn = astray
sys.exit(cli.main())
"""


def test_a_loss_that_goes_astray_in_one_process_spoils_no_state(tiny, tmp_path):
    script, config = tmp_path / "astray.py", tiny(epochs=3, batch_size=6, precision="fp32")
    script.write_text(ASTRAY)
    run = subprocess.run(
        [*TORCHRUN, "2", str(script), *arguments(config)[2:]],
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert run.returncode and run.stderr.count("the loss must stay finite; it was nan in epoch 2") == 2, run.stderr
    state = load_file(config.folder / "state.safetensors")
    assert all(torch.isfinite(values).all() for values in state.values() if values.is_floating_point())
    assert len(json.loads((config.folder / "metrics.json").read_text())) == 1


def test_sigterm_saves_the_step_and_the_run_goes_on_to_the_same_end(tiny, tmp_path):
    whole, ended = tiny(epochs=3, out=tmp_path / "whole"), tiny(epochs=3, out=tmp_path / "ended")
    path = train(whole)
    run = subprocess.Popen(
        [sys.executable, *arguments(ended)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    while not (ended.folder / "config.json").exists() and run.poll() is None:
        time.sleep(0.01)
    run.send_signal(signal.SIGTERM)
    out, err = run.communicate(timeout=120)
    assert run.returncode in (0, 143), err
    if run.returncode:  # else it was at its end already
        assert "goes on with --resume" in err and not out
        assert (ended.folder / "state.safetensors").exists()
        assert train(ended, resume=True)
    first, second = load_file(path), load_file(ended.folder / path.name)
    assert all(torch.equal(first[key], second[key]) for key in first)


STOPPED = """
import sys
from ricap_explorer import cli
from ricap_explorer.training import trainer

trainer.CHECK_EVERY = 1
over = trainer.Trainer._is_over
trainer.Trainer._is_over = lambda self, stop: over(self, stop) or (len(self.history), self.progress.step) == (1, 1)
sys.exit(cli.main())
"""


def test_two_processes_that_are_stopped_within_an_epoch_go_on_to_the_same_losses(tiny, tmp_path):
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    whole, ended = (tiny(epochs=2, batch_size=6, precision="fp32", out=tmp_path / name) for name in ("whole", "ended"))

    def run(config, *command):
        done = subprocess.run(
            [*TORCHRUN, "2", *command],
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
            timeout=240,
        )  # fmt: skip
        return json.loads((config.folder / "metrics.json").read_text()), done.stderr

    expected, _ = run(whole, *arguments(whole))
    begun, err = run(ended, str(script), *arguments(ended)[2:])
    assert len(begun) == 1 and "goes on with --resume" in err, err
    rows, err = run(ended, *arguments(ended), "--resume")
    assert len(rows) == 2, err
    for one, two in zip(expected, rows, strict=True):
        assert [two[name] for name in ("train_loss", "train_error")] == pytest.approx(
            [one[name] for name in ("train_loss", "train_error")]
        )
