"""The endpoints /patch and /cam: as functions, and once over the wire."""

import base64
import json
import socket
from io import BytesIO
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS
from ricap_explorer.mixing.ricap import RicapPlan
from ricap_explorer.ui import api
from ricap_explorer.ui.page import build
from ricap_explorer.ui.pictures import CANVAS, Pictures
from ricap_explorer.ui.services import Models, Services
from ricap_explorer.ui.tabs import cam
from ricap_explorer.ui.theme import launch_options

pytestmark = pytest.mark.filterwarnings("ignore:.*silent_downcasting", "ignore:The copy keyword")  # gradio's pandas


@pytest.fixture(scope="module")
def files(picture, tmp_path_factory) -> list[str]:
    """Four pictures as files: a.png to d.png, of exactly the canvas."""
    folder = tmp_path_factory.mktemp("files")
    for seed, name in enumerate("abcd"):
        picture(CANVAS, CANVAS, seed).save(folder / f"{name}.png")
    return [str(path) for path in sorted(folder.iterdir())]


def decoded(uri: str) -> np.ndarray:
    assert uri.startswith("data:image/png;base64,")
    return np.asarray(Image.open(BytesIO(base64.b64decode(uri.partition(",")[2]))))


def check_patch(answer: dict, files: list[str]) -> None:
    """The image is, pixel by pixel, what the plan says of these files."""
    plan = RicapPlan.from_json(json.dumps(answer["plan"]))
    image = decoded(answer["image"])
    for file, region in zip(files, plan.patches, strict=True):
        source = np.asarray(Image.open(file))
        assert np.array_equal(image[region.paste.index], source[region.crop.index])
        assert answer["label"][Path(file).stem] == pytest.approx(region.weight, abs=1e-6)
    assert sum(answer["label"].values()) == pytest.approx(1)


def test_patch(services, files):
    answer = api.patch_answer(services, files, 0.8, 3)
    check_patch(json.loads(json.dumps(answer)), files)


def test_patch_draws_as_the_library_does(services, files):
    answer = api.patch_answer(services, files, 0.3, 7)
    rng = np.random.default_rng(7)
    plan = METHODS["ricap"](beta=0.3).plan(1, (CANVAS, CANVAS), rng, ((0,), (1,), (2,), (3,)))
    assert json.dumps(answer["plan"]) == plan.to_json()


def test_one_file_in_several_regions_is_one_class(services, files):
    answer = api.patch_answer(services, [files[0]] * 4, 1, 3)
    assert answer["label"] == {"a": pytest.approx(1)}


def test_pictures_of_programs_push_no_visitor_s_upload_out(services, files):
    services.pictures.uploads.kept = 1
    mine = services.pictures.add(Path(files[0]).read_bytes(), "mine.png")
    api.patch_answer(services, files, 0.3, 7)
    api.cam_answer(services, files[1], ["std"], "cam", cam.OWN)
    assert services.pictures.get(mine.id) is mine


@pytest.mark.parametrize("missing", [0, 3])
def test_patch_needs_four_files(missing, services, files):
    given = [None if k == missing else file for k, file in enumerate(files)]
    with pytest.raises(InputError, match="RICAP needs four images; got 3"):
        api.patch_answer(services, given, 0.3, 7)


def test_patch_of_a_text(services, files, tmp_path):
    (tmp_path / "x.png").write_text("words")
    with pytest.raises(InputError, match="^x.png must be one of"):
        api.patch_answer(services, [str(tmp_path / "x.png"), *files[1:]], 0.3, 7)


def test_cam(services, files):
    answer = json.loads(json.dumps(api.cam_answer(services, files[0], ["std", "ricap"], "cam", "church")))
    assert [model["name"] for model in answer["models"]] == ["std", "ricap"]
    for model in answer["models"]:
        assert model["class"] == "church" and np.array(model["map"]).shape == (6, 6)
        assert list(model["probabilities"]) == model["card"]["classes"]
        assert sum(model["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_cam_of_each_network_s_own_answer(services, files):
    answer = api.cam_answer(services, files[0], ["std", "ricap"], "cam", cam.OWN)["models"]
    assert len(answer) == 2
    for model in answer:
        assert model["class"] == max(model["probabilities"], key=model["probabilities"].get)


@pytest.mark.parametrize("models", ["std", ["std", "std"]])
def test_a_model_named_alone_or_twice_is_asked_once(models, services, files):
    answer = api.cam_answer(services, files[0], models, "cam", cam.OWN)
    assert [model["name"] for model in answer["models"]] == ["std"]


@pytest.mark.parametrize(
    ("models", "method", "class_name", "sentence"),
    [
        ([], "cam", cam.OWN, "choose 1 to 5 networks"),
        (None, "cam", cam.OWN, "choose 1 to 5 networks; got 0"),
        (["none"], "cam", cam.OWN, "model must be one of"),
        ([["std"]], "cam", cam.OWN, "model must be one of"),
        (7, "cam", cam.OWN, "model must be one of std, ricap; got '7'"),
        (["std"], "none", cam.OWN, "CAM method must be one of"),
        (["std"], "cam", "dog", "class must be one of"),
    ],
)
def test_bad_cam_is_one_sentence(models, method, class_name, sentence, services, files):
    with pytest.raises(InputError, match=sentence):
        api.cam_answer(services, files[0], models, method, class_name)
    with pytest.raises(InputError, match="CAM needs an image"):
        api.cam_answer(services, None, models, method, class_name)


def test_the_caller_gets_the_sentence_and_bugs_stay_bugs():
    def bad():
        raise InputError("beta must be a positive number; got -1")

    with pytest.raises(gr.Error, match="beta must be a positive number; got -1") as caught:
        api.answer_or_raise(bad)
    assert not caught.value.print_exception
    with pytest.raises(ZeroDivisionError):
        api.answer_or_raise(lambda: 1 / 0)


@pytest.fixture(scope="module")
def client(networks, tmp_path_factory):
    """A gradio_client of the launched page."""
    from gradio_client import Client

    with pytest.MonkeyPatch.context() as patched, socket.socket() as probe:
        patched.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        page = build(Services(Pictures.find(Path("none"), Path("none")), Models.find(networks)))
        _, url, _ = page.launch(server_name="127.0.0.1", server_port=port, prevent_thread_lock=True, **launch_options())
        yield Client(url, verbose=False, download_files=str(tmp_path_factory.mktemp("client")))
        page.close(verbose=False)


def test_endpoints_over_the_wire(client, files):
    from gradio_client import handle_file

    sent = [handle_file(file) for file in files]
    check_patch(client.predict(*sent, 0.8, 3, api_name="/patch"), files)
    answer = client.predict(sent[0], ["std", "ricap"], "cam", "church", api_name="/cam")
    assert [model["class"] for model in answer["models"]] == ["church", "church"]


def test_endpoints_have_defaults_and_documentation(client, files):
    from gradio_client import handle_file

    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(endpoints) == {"/patch", "/cam"}
    assert [p["parameter_name"] for p in endpoints["/patch"]["parameters"]] == [
        "image_1", "image_2", "image_3", "image_4", "beta", "seed",
    ]  # fmt: skip
    assert "mixed label" in endpoints["/patch"]["description"] and "raw map" in endpoints["/cam"]["description"]
    check_patch(client.predict(*[handle_file(file) for file in files], api_name="/patch"), files)
    assert len(client.predict(handle_file(files[0]), api_name="/cam")["models"]) == 2


@pytest.mark.parametrize(
    ("beta", "seed", "sentence"), [(-1, 7, "beta must be a positive number"), (0.3, -1, "seed must")]
)
def test_bad_input_over_the_wire_is_the_sentence(beta, seed, sentence, client, files):
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=sentence):
        client.predict(*[handle_file(file) for file in files], beta, seed, api_name="/patch")


@pytest.mark.parametrize(
    ("models", "method", "sentence"),
    [
        (None, "cam", "choose 1 to 5 networks; got 0"),
        ([], "cam", "choose 1 to 5 networks; got 0"),
        ("none", "cam", "model must be one of std, ricap; got 'none'"),
        (["std"], "none", "CAM method must be one of"),
    ],
)
def test_a_bad_question_over_the_wire_is_the_sentence(models, method, sentence, client, files, capsys):
    from gradio_client import handle_file
    from gradio_client.exceptions import AppError

    with pytest.raises(AppError, match=sentence):
        client.predict(handle_file(files[0]), models, method, api_name="/cam")
    assert "Traceback" not in capsys.readouterr().err  # the server's log
