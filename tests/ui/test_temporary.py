"""The server's own folder for files in passing."""

import os
import platform
import subprocess
import sys
import time

import pytest

from ricap_explorer.ui.temporary import VARIABLE, sweep
from ricap_explorer.ui.upkeep import give_back

MADE = """
import os, sys
from ricap_explorer.ui.temporary import own_folder
own_folder()
folder = os.environ["GRADIO_TEMP_DIR"]
open(os.path.join(folder, "upload"), "w").close()
assert "gradio" not in sys.modules
print(folder)
"""


def test_old_files_go_and_new_ones_and_folders_stay(tmp_path):
    (tmp_path / "inside").mkdir()
    old, new = tmp_path / "inside" / "old", tmp_path / "new"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, time.time() - 7200))
    sweep(tmp_path, time.time() - 3600)
    assert not old.exists() and new.exists() and (tmp_path / "inside").exists()


def test_a_folder_that_is_empty_for_long_goes(tmp_path):
    for name in ("empty", "full/inside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "full" / "new").touch()
    for name in ("empty", "full/inside", "full"):
        os.utime(tmp_path / name, (0, time.time() - 7200))
    sweep(tmp_path, time.time() - 3600)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["full", "new"]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give memory back by themselves")
def test_free_memory_goes_back_to_the_system():
    assert give_back()


def made(**named: str) -> str:
    known = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ended = subprocess.run([sys.executable, "-c", MADE], env=known | named, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_it_goes_with_the_process_and_one_that_is_named_stays(tmp_path):
    folder = made(TMPDIR=str(tmp_path))
    assert folder.startswith(str(tmp_path)) and not os.path.exists(folder)
    assert made(**{VARIABLE: str(tmp_path)}) == str(tmp_path) and (tmp_path / "upload").exists()
