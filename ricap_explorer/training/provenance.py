"""What computed something: hardware, package versions, commit, command."""

import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import torch
import torchvision

from .. import __version__


def provenance(device: torch.device) -> dict[str, Any]:
    """Hardware of that device, package versions, commit and this process's command, as JSON values."""
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
        "command": "python -m ricap_explorer " + " ".join(sys.argv[1:]),
    }


def _cpu_name() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    threads = torch.get_num_threads()
    return f"{names[0] if names else platform.processor() or 'unknown'}, {threads} thread{'s' * (threads > 1)}"


def _commit() -> str | None:
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
