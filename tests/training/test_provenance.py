"""What a card tells of the code that trained it."""

import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from ricap_explorer.training import provenance


def git(folder, *words):
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_without_git_a_card_tells_what_git_calls_the_files(tmp_path, monkeypatch):
    shutil.copytree(provenance.PACKAGE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path / "copy", "init", "-q")
    git(tmp_path / "copy", "add", "-A", "-f")
    known = git(tmp_path / "copy", "write-tree")
    shutil.rmtree(tmp_path / "copy" / ".git")
    assert provenance.tree(tmp_path / "copy").hex() == known
    monkeypatch.setattr(provenance, "PACKAGE", tmp_path / "copy")
    told = provenance.provenance(torch.device("cpu"))["commit"]
    assert told == f"tree {known[:12]}"


@pytest.fixture
def ours(monkeypatch):
    """As if the package's own command line were running."""
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", SimpleNamespace(name="ricap_explorer.__main__"))


def test_a_script_that_calls_the_package_is_told_as_it_is(monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    monkeypatch.setattr("sys.argv", ["/home/me/mine.py", "--my-flag", "3"])
    assert provenance.provenance(torch.device("cpu"))["command"] == "python mine.py --my-flag 3"


def test_the_command_can_be_run_again(monkeypatch, ours):
    monkeypatch.setattr("sys.argv", ["ricap_explorer", "train", "--data-dir", "my data"])
    told = provenance.provenance(torch.device("cpu"))["command"]
    assert told == "python -m ricap_explorer train --data-dir 'my data'"


def test_the_command_does_not_tell_where_folders_lie(monkeypatch, tmp_path, ours):
    monkeypatch.chdir(tmp_path)
    words = ["train", "--data-dir", str(tmp_path / "data"), f"--out={tmp_path.parent / 'runs'}", "--arch", "width=32"]
    monkeypatch.setattr("sys.argv", ["ricap_explorer", *words])
    told = provenance.provenance(torch.device("cpu"))["command"]
    assert told == "python -m ricap_explorer train --data-dir data --out=runs --arch width=32"
