"""In which precision a network is computed, and what makes a GPU fast at it."""

import platform
from pathlib import Path

import torch

DTYPES = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}


def choose_precision(name: str, device: torch.device) -> str:
    """bf16, fp16 or fp32; auto is bf16 where the hardware computes in it, else fp16 on a GPU and fp32 on a CPU."""
    if name != "auto":
        return name
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if _cpu_has_bf16() else "fp32"


def _cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; where it does not, autocast makes it slower."""
    if platform.system() == "Darwin":
        return False
    flags = Path("/proc/cpuinfo").read_text().split() if Path("/proc/cpuinfo").exists() else []
    return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(flags))


def hurry(device: torch.device) -> None:
    """Let a GPU choose its convolutions by trial, and multiply float32 at the rate of TF32."""
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.benchmark = True


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Mixed precision on a device; none for fp32."""
    enabled = precision != "fp32"
    return torch.autocast(device.type, DTYPES[precision] if enabled else torch.bfloat16, enabled=enabled)
