"""A folder of the server's own for files in passing: uploads, and what programs send. Needs no gradio."""

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

VARIABLE = "GRADIO_TEMP_DIR"


def own_folder() -> Path | None:
    """Let gradio, which reads the variable when it is imported, keep its files in a new folder that goes with the
    process; None where one is named. OSError where no folder can be made.

    Gradio itself forgets what an upload that broke off or a call of a program left behind: `sweep` does not.
    """
    if os.environ.get(VARIABLE):
        return None
    folder = tempfile.mkdtemp(prefix="ricap-explorer-")
    os.environ[VARIABLE] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def sweep(folder: Path, before: float) -> None:
    """Delete the files of a folder, and in its folders, that were last written before that time (of `time.time`), and
    folders that are empty since."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what lies in a folder before the folder
        with suppress(OSError):  # somebody else was faster, or a folder is not empty
            if path.stat().st_mtime < before:
                path.rmdir() if path.is_dir() else path.unlink()
