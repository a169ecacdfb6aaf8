"""What computed something: hardware, package versions, commit, command."""

import hashlib
import platform
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
import torchvision

from .. import __version__
from ..words import several

PACKAGE = Path(__file__).parents[1]


def provenance(device: torch.device, command: Sequence[str] | None = None) -> dict[str, Any]:
    """Hardware of that device, package versions, commit and command, as JSON values.

    command: the words after `python -m ricap_explorer`; if not given, what this process was started with.

    Of the command's absolute paths only what lies below the working folder is told, else their last part: what is
    published names nobody's folders.

    Without git, `tree` and what git would call the package's files: `git rev-parse COMMIT:ricap_explorer` of the commit
    that they are of begins so.
    """
    return {
        "hardware": torch.cuda.get_device_name(device) if device.type == "cuda" else f"CPU: {_cpu_name()}",
        "versions": {
            "ricap_explorer": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
        },
        "commit": _commit(),
        "command": _command(command),
    }


def _command(words: Sequence[str] | None) -> str:
    """A command line of ours, or what this process was started with: a script that calls the package tells its name."""
    if words is not None:
        return shlex.join(["python", "-m", "ricap_explorer", *map(_portable, words)])
    ours = getattr(sys.modules["__main__"], "__spec__", None)
    by_us = bool(ours) and ours.name.partition(".")[0] == __package__.partition(".")[0]
    program = ["-m", "ricap_explorer"] if by_us else [Path(sys.argv[0]).name]
    return shlex.join(["python", *program, *map(_portable, sys.argv[1:])])


def _portable(argument: str) -> str:
    """A word of a command line without where on this machine a path lies."""
    option, sign, value = argument.rpartition("=") if argument.startswith("--") else ("", "", argument)
    path, here = Path(value), Path.cwd()
    if path.is_absolute():
        value = str(path.relative_to(here)) if path.is_relative_to(here) else path.name
    return option + sign + value


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.processor() or 'unknown'}, {several(threads, 'thread')}"


def _commit() -> str:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=PACKAGE, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return f"tree {tree(PACKAGE).hex()[:12]}"
    return answer.stdout.strip()


def tree(folder: Path) -> bytes:
    """The SHA-1 under which git files a folder, of which only __pycache__ is not under its control."""
    entries = []
    for path in (path for path in folder.iterdir() if path.name != "__pycache__"):
        mode, name = ("40000", path.name + "/") if path.is_dir() else ("100644", path.name)
        found = tree(path) if path.is_dir() else _filed("blob", path.read_bytes())
        entries.append((name, f"{mode} {path.name}".encode() + b"\0" + found))
    return _filed("tree", b"".join(entry for _, entry in sorted(entries)))


def _filed(kind: str, content: bytes) -> bytes:
    return hashlib.sha1(f"{kind} {len(content)}".encode() + b"\0" + content, usedforsecurity=False).digest()
