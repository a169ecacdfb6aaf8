"""What the page costs: its answers, and its start."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

import torch

from ..data import MEAN, STD
from ..errors import InputError
from ..models import create_model, model_arguments
from .measure import Row, in_turns, seconds

ROOT = Path(__file__).parents[2]
UP = 10  # seconds that a server's page is up before its first CAM is asked for
HELLO = """
import sys, gradio
with gradio.Blocks(analytics_enabled=False) as page:
    gradio.Markdown("Hello, world")
page.launch(server_port=int(sys.argv[1]))
"""


@contextmanager
def two_checkpoints() -> Iterator[Path]:
    """A folder with at least two checkpoints: the published ones, else two of random weights."""
    from ..classes import IMAGENETTE
    from ..zoo import list_checkpoints, write_checkpoint

    if len(list_checkpoints(ROOT / "checkpoints")[0]) >= 2:
        yield ROOT / "checkpoints"
        return
    card = {
        "dataset": "imagenette", "classes": list(IMAGENETTE.values()), "model": "looknet",
        "model_arguments": model_arguments("looknet"), "image_size": 192, "mean": list(MEAN),
        "std": list(STD), "method_settings": {}, "seed": 0, "epochs": 0, "test_error": 90.0,
        "hardware": "none: random weights",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for method in ("standard", "ricap"):
            path = Path(folder) / f"imagenette_looknet_{method}_s0.safetensors"
            write_checkpoint(path, create_model("looknet"), card | {"method": method})
        yield Path(folder)


def sample_file() -> str:
    """A picture to look at."""
    return str(min((ROOT / "assets" / "samples").glob("*.jpg")))


def cam_answer() -> Row:
    """What the server does for /cam with one image and two networks, beside the two forward passes alone."""
    from ..ui import api
    from ..ui.recent import Recent
    from ..ui.services import Services
    from ..ui.tabs.cam import OWN

    with two_checkpoints() as folder:
        services = Services.create(ROOT / "assets", folder, ROOT / "data")
        services.models.recent = Recent(0)  # every answer is computed, though the picture is the same
        names = services.models.default()
        networks = [services.models.load(checkpoint) for checkpoint in services.models.choose(names)]
        images = [torch.randn(1, 3, c.card["image_size"], c.card["image_size"]) for c in services.models.choose(names)]

        @torch.inference_mode()
        def bare() -> None:
            for network, image in zip(networks, images, strict=True):
                network(image)

        times = in_turns(lambda: api.cam_answer(services, sample_file(), names, "cam", OWN), bare, 25)
    return Row("/cam, one image and two networks", "two forward passes", *times, 1.5)


def patch_update() -> Row:
    """What the server does when beta or the seed changes on the page; the reference is 15 ms, not a measurement."""
    from ..ui import patching
    from ..ui.services import Services
    from ..ui.tabs import patch

    services = Services.create(ROOT / "assets", ROOT / "checkpoints", ROOT / "data")
    seeds = count()

    def update() -> None:
        state = patch.OPENING | {"shown": patching.SLOTS, "seed": str(next(seeds))}
        if note := patch.draw(services, state)["note"]:
            raise InputError(note)

    return Row("patch update", "15 ms", in_turns(update, lambda: None, 40)[0], 0.015, 1.0)


@contextmanager
def server(*command: str, patience: float = 180) -> Iterator[tuple[str, float]]:
    """Start a page with a free port as its last argument; its address, and the seconds until `GET /` answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "no_proxy": "127.0.0.1,localhost"}
    start, url = time.perf_counter(), f"http://127.0.0.1:{port}/"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([sys.executable, *command, str(port)], cwd=ROOT, env=environment, **quiet)
    try:
        while not answers(url):
            if process.poll() is not None or time.perf_counter() - start > patience:
                raise RuntimeError(f"{command[0]} did not serve its page; status {process.poll()}")
            time.sleep(0.02)
        yield url, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    """Whether a page is up."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as reply:
            return reply.status == 200
    except OSError:  # also urllib's own errors
        return False


def page_start() -> Row:
    """From `python app.py` until its page answers, beside the smallest Gradio page."""

    def start(*command: str) -> float:
        with server(*command) as (_, took):
            return took

    pairs = [(start("app.py", "--port"), start("-c", HELLO)) for _ in range(5)]
    return Row("python app.py until GET /", "hello world", *(median(times) for times in zip(*pairs, strict=True)), 1.4)


def first_cam() -> Row:
    """The first CAM of a new server, some time after its page is up, beside later ones."""
    from gradio_client import Client, handle_file

    firsts, laters = [], []
    with two_checkpoints() as folder:
        picture = handle_file(sample_file())
        for _ in range(3):
            with server("app.py", "--checkpoints", str(folder), "--port") as (url, _):
                client = Client(url, verbose=False)
                time.sleep(UP)
                ask = partial(client.predict, picture, api_name="/cam")  # the models that the page opens with
                firsts.append(seconds(ask))
                laters.append(median(seconds(ask) for _ in range(7)))
                client.close()
    return Row(f"first CAM, {UP} s after the page is up", "a later CAM", median(firsts), median(laters), 2.0)
