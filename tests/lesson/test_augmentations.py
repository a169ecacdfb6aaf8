"""Each augmentation alone does what its name says, with the numbers that its note tells."""

import re

import numpy as np
import pytest
import torch

from ricap_explorer.data import eval_batch, to_tensor
from ricap_explorer.data.normalise import denormalise
from ricap_explorer.lesson.augmentations import AUGMENTATIONS, DRAWS, SIDE, augmented
from ricap_explorer.training import TrainConfig


@pytest.fixture(scope="module")
def image(picture) -> torch.Tensor:
    return to_tensor(picture(160, 160, seed=3))


@pytest.fixture(scope="module")
def plain(image) -> np.ndarray:
    return denormalise(eval_batch(image[None], SIDE))[0].astype(int)


def kind(image, title: str, seed: int, count: int = DRAWS):
    return next(shown for shown in augmented(image, seed, count) if shown.title == title)


def test_every_kind_is_shown(image):
    shown = augmented(image, 0)
    assert [one.title for one in shown] == [one.title for one in AUGMENTATIONS]
    for one in shown:
        assert one.pictures.shape == (DRAWS, SIDE, SIDE, 3) and one.pictures.dtype == np.uint8
        assert len(one.notes) == DRAWS


def test_same_seed_same_pictures(image):
    first, again, other = (augmented(image, seed)[-1].pictures for seed in (3, 3, 4))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_flip_mirrors_or_leaves(image, plain):
    shown = kind(image, "flip", 1, 16)
    assert set(shown.notes) == {"mirrored", "as it is"}
    for picture, note in zip(shown.pictures.astype(int), shown.notes, strict=True):
        expected = plain[:, ::-1] if note == "mirrored" else plain
        assert abs(picture - expected).max() <= 1


def test_rotation_turns_the_way_it_says():
    """A bright bar through the upper half leans to the side that is told."""
    bar = torch.zeros(3, 160, 160, dtype=torch.uint8)
    bar[:, :70, 76:84] = 255
    shown = kind(bar, "rotation", 2, 12)
    for picture, note in zip(shown.pictures, shown.notes, strict=True):
        angle, side = re.fullmatch(r"(\d+)° (left|right)", note).groups()
        rows, columns = np.nonzero(picture[:40, :, 0] > 128)
        lean = np.degrees(np.arctan2(SIDE / 2 - columns.mean(), SIDE / 2 - rows.mean()))
        assert lean == pytest.approx(int(angle) * (1 if side == "left" else -1), abs=2)


def test_crop_moves_the_way_it_says():
    """A bright square in the middle goes there, and black comes in from behind."""
    square = torch.full((3, 160, 160), 60, dtype=torch.uint8)
    square[:, 70:90, 70:90] = 255
    shown = kind(square, "crop", 0, 12)
    for picture, note in zip(shown.pictures, shown.notes, strict=True):
        across, sideways, along, upright = re.fullmatch(r"(\d+) % (left|right), (\d+) % (up|down)", note).groups()
        rows, columns = np.nonzero(picture[:, :, 0] > 150)
        moved = [(where.mean() + 0.5) / SIDE - 0.5 for where in (columns, rows)]
        told = [int(across) * (-1 if sideways == "left" else 1), int(along) * (-1 if upright == "up" else 1)]
        assert [100 * share for share in moved] == pytest.approx(told, abs=1.6)


def test_zoom_enlarges():
    """The marked middle takes a larger share of the picture, by the area that is told."""
    grey = torch.arange(160, dtype=torch.uint8).expand(3, 160, 160).clone()
    shown = kind(grey, "scale and zoom", 5, 12)
    for picture, note in zip(shown.pictures, shown.notes, strict=True):
        share = int(note.split()[0]) / 100
        span = (picture[:, -1, 0].mean() - picture[:, 0, 0].mean()) / 159  # the crop's share of the width
        assert share * 0.8 <= span * min(1, span * 4 / 3) and span * span * 3 / 4 <= share * 1.1 + 0.02


def test_colour_change_keeps_shapes(image, plain):
    shown = kind(image, "colour change", 0)
    assert all(re.fullmatch(r"light × \d\.\d\d, contrast × \d\.\d\d, colour × \d\.\d\d", note) for note in shown.notes)
    for picture in shown.pictures:
        assert np.corrcoef(picture.sum(2).ravel(), plain.sum(2).ravel())[0, 1] > 0.9
        assert abs(picture.astype(int) - plain).max() > 5


def test_crops_are_those_of_training_without_mixing():
    least = TrainConfig(method="standard").crop_scale
    assert {one.settings.scale for one in AUGMENTATIONS if one.settings.crop == "resized"} == {least}
