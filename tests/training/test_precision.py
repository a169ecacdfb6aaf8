"""In which precision a network is computed."""

import types

import pytest
import torch

from ricap_explorer.training import precision
from ricap_explorer.training.precision import choose_precision


def test_precision_follows_the_hardware(monkeypatch):
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    for has in (True, False):
        monkeypatch.setattr(precision, "_cpu_has_bf16", lambda has=has: has)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda has=has, **_: has)
        assert choose_precision("auto", cpu) == ("bf16" if has else "fp32")
        assert choose_precision("auto", gpu) == ("bf16" if has else "fp16")
        assert choose_precision("fp16", cpu) == "fp16" and choose_precision("fp32", gpu) == "fp32"


@pytest.mark.parametrize(
    ("flags", "has"), [("fpu avx512f", False), ("avx512f avx512_bf16", True), ("asimd bf16", True)]
)
def test_cpu_flags_tell_of_bfloat16(flags, has, monkeypatch):
    file = types.SimpleNamespace(exists=lambda: True, read_text=lambda: f"flags\t\t: {flags}\n")
    monkeypatch.setattr(precision, "Path", lambda _: file)
    monkeypatch.setattr(precision.platform, "system", lambda: "Linux")
    assert precision._cpu_has_bf16() is has
