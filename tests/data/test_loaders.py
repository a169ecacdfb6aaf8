"""Opening a split: which loader, which part of the set, and what becomes of files that cannot be read."""

from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image

from ricap_explorer.data import Resident, Stream, loaders, open_data, square_image
from ricap_explorer.data.memory import UNTOLD, free_memory
from ricap_explorer.data.parts import part_of
from ricap_explorer.errors import InputError


def told(*arguments, **options) -> str:
    with pytest.raises(InputError) as caught:
        open_data(*arguments, **options)
    message = str(caught.value)
    assert message and "\n" not in message
    return message


@pytest.fixture
def spoilt(make_folder, tmp_path):
    """A data directory whose `pets` has a corrupt file amid its training images."""
    path = make_folder(tmp_path / "pets") / "train" / "cat" / "2.png"
    path.write_bytes(path.read_bytes()[:200])
    return tmp_path


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_resident_holds_centred_squares(workers, data_dir):
    loaded = open_data("pets", data_dir, "val", 16, loader="resident", workers=workers)
    assert loaded.images.shape == (6, 3, 16, 16) and loaded.images.dtype == torch.uint8 and len(loaded) == 6
    for number, path in enumerate(sorted((data_dir / "pets" / "val").glob("*/*.png"))):
        with Image.open(path) as image:
            expected = np.asarray(square_image(image, 16))
        assert np.array_equal(loaded.images[number].permute(1, 2, 0).numpy(), expected)


def test_to_device_keeps_everything(data_dir):
    split = open_data("pets", data_dir, "val", 16)
    moved = split.to(torch.device("cpu"))
    assert isinstance(moved, Resident) and torch.equal(moved.images, split.images) and moved.classes == split.classes


@pytest.mark.parametrize(("room", "kind", "words"), [(3.1, Resident, "in memory"), (2.9, Stream, "from disk")])
def test_auto_takes_a_third_of_the_free_memory(room, kind, words, data_dir, monkeypatch, capsys):
    monkeypatch.setattr(loaders, "free_memory", lambda device: room * 12 * 3 * 16 * 16)
    assert isinstance(open_data("pets", data_dir, "train", 16, workers=0), kind)
    assert f"pets train: 12 images, {'kept' if kind is Resident else 'read'} {words}" in capsys.readouterr().err


def test_what_cannot_fit_the_memory_is_told_before_anything_is_read(data_dir, monkeypatch):
    monkeypatch.setattr(loaders, "free_memory", lambda device: 12 * 3 * 16 * 16 // 2 - 1)
    message = told("pets", data_dir, "train", 16, loader="resident")
    assert message.startswith("loader must be stream or auto where the images do not fit the memory; pets train needs")
    assert isinstance(open_data("pets", data_dir, "train", 16, loader="stream", workers=0), Stream)


def test_free_memory_is_shared_among_torchruns_processes(monkeypatch):
    monkeypatch.setattr("ricap_explorer.data.memory._free_here", lambda: 8000)
    assert free_memory(torch.device("cpu")) == 8000
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert free_memory(torch.device("cpu")) == 2000


def test_some_memory_is_free():
    assert free_memory(torch.device("cpu")) > 10**6


def test_cifar_is_no_stream(make_cifar):
    assert "loader must be resident or auto for cifar10" in told("cifar10", make_cifar(), "train", 32, loader="stream")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"loader": "disk"}, "loader must be one of auto, resident, stream; got 'disk'"),
        ({"workers": -1}, "workers must be 0 or more; got -1"),
        ({"holdout": 0.6}, "holdout must be between 0 and 0.5; got 0.6"),
        ({"holdout": -0.1}, "holdout must be between 0 and 0.5; got -0.1"),
        ({"holdout": 0.1}, "holdout must be at least an image of every class; got 0.1, which is none of the 6 of cat"),
        ({"fraction": 0.0}, "fraction must be above 0 and at most 1; got 0.0"),
        ({"fraction": 1.5}, "fraction must be above 0 and at most 1; got 1.5"),
        ({"fraction": 0.1}, "must be at least an image of every class; got 0.1, which is none of the 6 of cat"),
    ],
)
def test_senseless_options_are_told(options, expected, data_dir):
    assert expected in told("pets", data_dir, "train", 16, **options)


@pytest.mark.parametrize("loader", ["resident", "stream"])
def test_a_held_out_part_and_the_rest_are_the_training_set(loader, data_dir):
    rows = {}
    for name, split, share in (("all", "train", 0.0), ("rest", "train", 0.4), ("held", "val", 0.4)):
        data = open_data("pets", data_dir, split, 16, loader=loader, workers=0, holdout=share)
        images, labels = (torch.cat(parts) for parts in zip(*data.test_batches(16, 5), strict=True))
        pairs = zip(images, labels.tolist(), strict=True)
        rows[name] = Counter((label, image.numpy().tobytes()) for image, label in pairs)
    assert rows["rest"] + rows["held"] == rows["all"]
    assert Counter(label for label, _ in rows["held"].elements()) == {0: 2, 1: 2}


@pytest.mark.parametrize("loader", ["resident", "stream"])
def test_a_fraction_of_the_training_set_is_the_same_share_of_every_class(loader, data_dir):
    labels, pixels = {}, {}
    for name, options in (("all", {}), ("some", {"fraction": 0.5}), ("rest", {"fraction": 0.5, "holdout": 0.34})):
        data = open_data("pets", data_dir, "train", 16, loader=loader, workers=0, **options)
        images, found = (torch.cat(parts) for parts in zip(*data.test_batches(16, 5), strict=True))
        labels[name], pixels[name] = Counter(found.tolist()), {image.numpy().tobytes() for image in images}
    assert labels["all"] == {0: 6, 1: 6}
    assert labels["some"] == {0: 3, 1: 3} and pixels["some"] < pixels["all"]
    assert labels["rest"] == {0: 2, 1: 2}  # half of what was not held out


def test_a_fraction_leaves_the_test_images_alone(data_dir):
    whole, some = (open_data("pets", data_dir, "val", 16, fraction=share) for share in (1.0, 0.5))
    assert len(some) == len(whole)


@pytest.mark.parametrize("part", ["holdout", "fraction"])
@pytest.mark.parametrize("split", ["train", "val"])
def test_a_class_too_small_for_a_part_is_named(part, split, make_folder, picture, tmp_path):
    folder = make_folder(tmp_path / "pets") / "train" / "cat"
    for i in range(6, 12):
        picture(seed=i).save(folder / f"{i}.png")
    if (part, split) == ("fraction", "val"):  # the test images are all there
        assert len(open_data("pets", tmp_path, split, 16, fraction=0.1)) == 6
    else:
        assert f"{part} must be" in (said := told("pets", tmp_path, split, 16, **{part: 0.1})) and "6 of dog" in said


def test_holdout_of_arrays(make_cifar):
    data_dir = make_cifar()
    whole, rest, held = (
        open_data("cifar10", data_dir, split, 32, holdout=share)
        for split, share in (("train", 0), ("train", 0.5), ("val", 0.5))
    )
    assert torch.equal(held.labels.bincount(), whole.labels.bincount() // 2)
    assert len(rest) + len(held) == len(whole) == 12
    assert sorted(torch.cat([rest.images, held.images]).flatten(1).tolist()) == sorted(whole.images.flatten(1).tolist())


@pytest.mark.parametrize("share", [0.1, 0.25, 0.29, 1 / 3, 0.5])
def test_the_same_share_of_every_class_is_held_out_evenly_spread(share, rng):
    labels = rng.permutation(np.repeat([0, 1, 2], [100, 300, 41]))
    held = part_of(labels, share)
    for label in range(3):
        of_class = held[labels == label]
        count = len(of_class)
        assert of_class.sum() == int(count * share + 1e-9)
        halves = of_class[: count // 2].sum(), of_class[count // 2 :].sum()
        assert abs(int(halves[0]) - int(halves[1])) <= 1
    assert np.array_equal(held, part_of(labels, share))


@pytest.mark.parametrize("loader", ["resident", "stream"])
def test_corrupt_image_is_named_by_its_path(loader, spoilt):
    with pytest.raises(InputError, match="must be a whole image") as caught:
        list(open_data("pets", spoilt, "train", 16, loader=loader, workers=0).test_batches(16, 4))
    assert str(spoilt / "pets" / "train" / "cat" / "2.png") in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("loader", ["resident", "stream"])
def test_corrupt_image_is_left_out_of_tests_where_that_is_asked_for(loader, spoilt, capsys):
    data = open_data("pets", spoilt, "train", 16, loader=loader, workers=0, skip_corrupt=True)
    for _ in range(2):
        labels = torch.cat([labels for _, labels in data.test_batches(16, 4)])
        assert labels.tolist() == [0] * 5 + [1] * 6
    err = capsys.readouterr().err
    assert err.count("2.png must be a whole image") == 1 and "left out: " in err


def test_a_split_of_corrupt_images_alone_is_told(make_folder, tmp_path):
    for path in (make_folder(tmp_path / "pets") / "train").glob("*/*.png"):
        path.write_bytes(b"nothing")
    message = told("pets", tmp_path, "train", 16, loader="resident", skip_corrupt=True)
    assert "at least one image must be readable" in message


def test_a_system_that_does_not_tell_its_memory(monkeypatch):
    """Windows has neither /proc nor sysconf."""
    monkeypatch.setattr("pathlib.Path.read_text", lambda _: (_ for _ in ()).throw(OSError))
    monkeypatch.delattr("os.sysconf")
    assert free_memory(torch.device("cpu")) == UNTOLD
