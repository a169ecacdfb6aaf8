"""How much memory is free."""

import os
from pathlib import Path

import torch

UNTOLD = 4 << 30  # bytes taken to be free where the system (Windows) does not tell


def free_memory(device: torch.device) -> int:
    """Bytes that are free for this process, and on the device where that has its own memory.

    Processes that torchrun started side by side share the machine's memory equally.
    """
    free = _free_here() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    return min(free, torch.cuda.mem_get_info(device)[0]) if device.type == "cuda" else free


def _free_here() -> int:
    """Linux's own estimate, within the container's limit; elsewhere half of what is built in, or UNTOLD."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        if not hasattr(os, "sysconf"):
            return UNTOLD
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    return min(free, _container_room())


def _container_room() -> int | float:
    """What a control group (version 2) leaves, counting its file cache as free; infinity without one."""
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())  # "max" where there is none
        used = int((group / "memory.current").read_text())
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return float("inf")
    return max(limit - used + int(stat.get("inactive_file", 0)), 0)
