"""The commands patch and cam: what they write, what they print, how they refuse."""

import json
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from ricap_explorer.data import read_image, square_image, to_tensor
from ricap_explorer.mixing import Ricap, plan_from_json
from ricap_explorer.mixing.ricap import draw_one
from ricap_explorer.models import create_model
from ricap_explorer.zoo import write_checkpoint

CLASSES = ["tench", "French horn", "church"]


@pytest.fixture
def files(tmp_path, picture):
    """Four pictures of different shapes."""
    paths = [tmp_path / f"{k}.png" for k in range(4)]
    for k, path in enumerate(paths):
        picture(50 + 9 * k, 70 - 5 * k, seed=k).save(path)
    return paths


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    """Two networks of one data set."""
    paths = []
    for seed, method in enumerate(("standard", "ricap")):
        torch.manual_seed(seed)
        network = create_model("looknet", num_classes=3, width=8, depth=1)
        card = {
            "dataset": "three", "classes": CLASSES, "model": "looknet", "model_arguments": {"width": 8, "depth": 1},
            "image_size": 64, "mean": [0.5] * 3, "std": [0.25] * 3, "method": method, "seed": seed, "epochs": 1,
            "method_settings": {"beta": 0.3} if seed else {}, "test_error": 66.7, "hardware": "none",
        }  # fmt: skip
        path = tmp_path_factory.mktemp("zoo") / f"three_looknet_{method}_s{seed}.safetensors"
        write_checkpoint(path, network, card)
        paths.append(path)
    return paths


def refused(answer, words: str) -> None:
    code, out, err = answer
    assert code == 2 and out == "" and words in err and err.count("\n") == 1, answer


def test_patch_is_the_plan_s_pixels(call, files, tmp_path):
    code, out, err = call("patch", *files, "--beta", 0.7, "--seed", 7, "--size", 48, "--out", tmp_path / "p.png")
    assert (code, err) == (0, "")
    plan = plan_from_json(out)
    assert plan == Ricap(0.7).plan(1, (48, 48), np.random.default_rng(7), sources=((0,), (1,), (2,), (3,)))
    images = torch.stack([to_tensor(square_image(read_image(path), 48)) for path in files])
    expected = plan.apply(images)[0].permute(1, 2, 0).numpy()
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "p.png")), expected)


def test_patch_defaults(call, files, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call("patch", *files)[0] == 0
    assert Image.open("patched.png").size == (320, 320)


def test_a_printed_plan_can_be_replayed(call, files, tmp_path):
    _, out, _ = call("patch", *files, "--seed", 3, "--size", 40, "--out", tmp_path / "a.png")
    (tmp_path / "plan.json").write_text(out)
    code, again, _ = call("patch", *files, "--plan", tmp_path / "plan.json", "--out", tmp_path / "b.png")
    assert (code, again) == (0, out)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--beta", "abc"], "beta must be a positive number; got 'abc'"),
        (["--beta", ""], "beta must be a positive number; got ''"),
        (["--beta", 0], "beta must be a positive number; got '0'"),
        (["--beta", -1], "beta must be a positive number; got '-1'"),
        (["--beta", "nan"], "beta must be a positive number; got 'nan'"),
        (["--beta", "inf"], "beta must be a positive number; got 'inf'"),
        (["--seed", "x"], "--seed"),
        (["--seed", -1], "seed must be 0 or more; got -1"),
        (["--size", 7], "8 to 4096 pixels; got 7"),
        (["--size", 99999], "8 to 4096 pixels; got 99999"),
        (["--out", "picture.jpg"], "--out must end in .png; got picture.jpg"),
        (["--out", "nowhere/p.png"], "--out must be a file in an existing folder"),
        (["--plan", "none.json"], "--plan must be a readable JSON file"),
    ],
)
def test_patch_refuses(call, files, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    refused(call("patch", *files, *options), words)
    assert not list(tmp_path.glob("p*.png"))


@pytest.mark.parametrize("count", [1, 3, 5])
def test_patch_wants_four_images(call, files, count):
    refused(call("patch", *(files * 2)[:count]), f"patch needs four images; got {count}")


def test_patch_refuses_what_is_no_picture(call, files, tmp_path):
    refused(call("patch", *files[:3], tmp_path / "none.png"), "none.png must be an existing image file")
    text = tmp_path / "text.png"
    text.write_text("no picture")
    refused(call("patch", *files[:3], text, "--out", tmp_path / "p.png"), "text.png must be one of JPEG")
    assert not (tmp_path / "p.png").exists()


def test_patch_refuses_an_out_that_cannot_be_written(call, files, tmp_path, monkeypatch):
    (tmp_path / "folder.png").mkdir()
    refused(call("patch", *files, "--out", tmp_path / "folder.png"), "--out must be a file")
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    refused(call("patch", *files, "--out", tmp_path / "p.png"), "is not (disk full)")


def changed(**fields: object) -> str:
    plan = Ricap(0.3).plan(1, (40, 40), np.random.default_rng(0), sources=((0,), (1,), (2,), (3,)))
    return json.dumps(json.loads(plan.to_json()) | fields)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "a plan must be a JSON object"),
        ("[]", "a plan must be a JSON object"),
        (changed(method="collage"), "the method of this plan must be ricap; got 'collage'"),
        (changed(method="label_mixing"), "the method of this plan must be ricap"),
        (changed(boundary=[1, 2]), "must"),
        (changed(size=[9000, 9000]), "must"),
        (Ricap(0.3).plan(2, (40, 40), np.random.default_rng(0)).to_json(), "one square image"),
        (Ricap(0.3).plan(1, (40, 32), np.random.default_rng(0)).to_json(), "one square image"),
        (draw_one(0.3, 0, 4).to_json(), "8 to 4096"),
        (Ricap(0.3).plan(1, (40, 40), np.random.default_rng(0), sources=((4,),) * 4).to_json(), "show image k"),
        (changed().replace('"source": [0]', '"source": [-1]'), "must"),
    ],
)
def test_patch_refuses_a_plan_that_does_not_fit(call, files, tmp_path, text, words):
    (tmp_path / "plan.json").write_text(text)
    answer = call("patch", *files, "--plan", tmp_path / "plan.json", "--out", tmp_path / "p.png")
    refused(answer, words)
    assert not (tmp_path / "p.png").exists()


def test_a_plan_stands_alone(call, files, tmp_path):
    (tmp_path / "plan.json").write_text(changed())
    answer = call("patch", *files, "--plan", tmp_path / "plan.json", "--seed", 1, "--beta", 2)
    refused(answer, "--plan settles everything and must stand alone; got --beta, --seed too")


def test_cam_compares_networks(call, files, checkpoints, tmp_path):
    many = [word for path in checkpoints for word in ("--checkpoint", path)]
    code, out, err = call("cam", files[0], *many, "--out", tmp_path / "cam.png")
    assert (code, err) == (0, "")
    assert [line for line in out.splitlines() if not line.startswith("  ")] == ["Standard", "RICAP β = 0.3"]
    shares = [float(line.split()[-2]) for line in out.splitlines() if line.endswith(" %")]
    assert len(shares) == 6 and sum(shares) == pytest.approx(200, abs=0.6)
    width, height = Image.open(tmp_path / "cam.png").size
    assert width > height


def test_cam_takes_a_class_in_any_case_a_method_and_colours(call, files, checkpoints, tmp_path):
    options = ["--class", "french HORN", "--scale", "own", "--colours", "magma", "--method", "layercam"]
    code, out, _ = call("cam", files[1], "--checkpoint", checkpoints[0], *options, "--out", tmp_path / "c.png")
    assert code == 0 and "French horn" in out and (tmp_path / "c.png").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--class", "cat"], "--class must be own or one of tench, French horn, church; got 'cat'"),
        (["--method", "smoothgrad"], "--method must be one of cam, gradcam"),
        (["--scale", "both"], "--scale must be one of mass, shared, own; got 'both'"),
        (["--colours", "rainbow"], "--colours must be one of viridis"),
        (["--out", "cam.svg"], "--out must end in .png or .pdf"),
        (["--checkpoint", "none.safetensors"], "existing .safetensors file"),
    ],
)
def test_cam_refuses(call, files, checkpoints, tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    refused(call("cam", files[0], "--checkpoint", checkpoints[0], *options), words)
    assert not (tmp_path / "cam.png").exists()


def test_cam_wants_a_checkpoint_and_a_picture(call, files, checkpoints, tmp_path):
    refused(call("cam", files[0]), "--checkpoint")
    refused(call("cam", tmp_path / "none.png", "--checkpoint", checkpoints[0]), "existing image file")


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_is_written_through_and_the_mode_stays(call, files, tmp_path):
    there, link = tmp_path / "there.png", tmp_path / "link.png"
    there.write_bytes(b"old")
    there.chmod(0o600)
    link.symlink_to(there)
    call("patch", *files, "--out", link)
    assert link.is_symlink() and there.read_bytes() != b"old" and there.stat().st_mode & 0o777 == 0o600
