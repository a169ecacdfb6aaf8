"""A folder of the server's own for files in passing: uploads, and what programs send. Needs no gradio."""

import atexit
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

OLD, EVERY = 3600, 600  # seconds: how old a file may grow, how often that is looked at
VARIABLE = "GRADIO_TEMP_DIR"


def own_folder() -> None:
    """Let gradio, which reads the variable when it is imported, keep its files in a new folder, unless one is named.

    Gradio itself forgets what an upload that broke off or a call of a program left behind. Here files go an hour after
    they were last written, and the folder with the process. OSError where no folder can be made.
    """
    if os.environ.get(VARIABLE):
        return
    folder = tempfile.mkdtemp(prefix="ricap-explorer-")
    os.environ[VARIABLE] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    threading.Thread(target=_sweep_for_ever, args=[Path(folder)], daemon=True).start()


def _sweep_for_ever(folder: Path) -> None:
    while True:
        time.sleep(EVERY)
        sweep(folder, time.time() - OLD)


def sweep(folder: Path, before: float) -> None:
    """Delete the files of a folder, and in its folders, that were last written before that time (of `time.time`)."""
    for path in folder.rglob("*"):
        try:
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink()
        except OSError:  # somebody else was faster
            continue
