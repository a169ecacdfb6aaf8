"""`python app.py` where it cannot start."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--checkpoints", "nowhere"], "--checkpoints must be a folder; nowhere is none"),
        (["--results", "app.py"], "--results must be a folder; app.py is none"),
        (["--threads", "-1"], "--threads must be 0 or more; got -1"),
    ],
)
def test_options_that_cannot_be_are_told_in_a_line(words, told):
    call = [sys.executable, "app.py", *words]
    ended = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2 and ended.stderr.splitlines()[-1] == f"app.py: error: {told}"


@pytest.mark.parametrize("named", [True, False])
def test_a_port_that_is_taken_and_one_that_is_none_are_told_in_a_line(named, tmp_path):
    """The first with the variable set to nothing, as in many a compose file."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        options = ["--port", port] if named else []
        empty = ["--checkpoints", tmp_path, "--data-dir", tmp_path, "--results", tmp_path]
        ended = subprocess.run(
            [sys.executable, "app.py", *options, *empty],
            cwd=ROOT,
            env=os.environ | {"GRADIO_SERVER_PORT": "" if named else "many"},
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert ended.returncode and "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1].endswith(f"got 127.0.0.1 and {port}" if named else "invalid int value: 'many'")
