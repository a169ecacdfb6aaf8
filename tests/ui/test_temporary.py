"""The server's own folder for files in passing."""

import os
import subprocess
import sys
import time

from ricap_explorer.ui.temporary import VARIABLE, sweep

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


def made(**named: str) -> str:
    known = {name: value for name, value in os.environ.items() if name != VARIABLE}
    ended = subprocess.run([sys.executable, "-c", MADE], env=known | named, capture_output=True, text=True, check=True)
    return ended.stdout.strip()


def test_it_goes_with_the_process_and_one_that_is_named_stays(tmp_path):
    folder = made(TMPDIR=str(tmp_path))
    assert folder.startswith(str(tmp_path)) and not os.path.exists(folder)
    assert made(**{VARIABLE: str(tmp_path)}) == str(tmp_path) and (tmp_path / "upload").exists()
