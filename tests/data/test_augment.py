"""Standard augmentation: what is drawn, and what it does, against slow loops over torchvision's single images."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torchvision.models import ResNet18_Weights
from torchvision.transforms.v2 import functional as tv

from ricap_explorer.data import MEAN, STD, Augment, eval_batch, normalise
from ricap_explorer.data.augment import CROPS
from ricap_explorer.errors import InputError

EVERYTHING = Augment(24, colour=0.5, rotate=30)


def random_images(count: int, height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator)


def pixels(batch: torch.Tensor) -> torch.Tensor:
    """Normalisation undone."""
    return (batch * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]) * 255


def equal(first, second) -> bool:
    return all(np.array_equal(getattr(first, f.name), getattr(second, f.name)) for f in fields(first))


def test_same_seed_same_draw(rng):
    again = np.random.default_rng(0)
    first, second = EVERYTHING.draw(50, rng), EVERYTHING.draw(50, again)
    assert equal(first, second) and not equal(first, EVERYTHING.draw(50, rng))
    assert len(first) == 50


def test_settings_do_not_change_how_much_randomness_is_used():
    states = []
    for augment in (EVERYTHING, Augment(crop="padded", flip=False), Augment(crop="none")):
        rng = np.random.default_rng(0)
        augment.draw(7, rng)
        states.append(rng.random())
    assert states[0] == states[1] == states[2]


def test_numbers_lie_within_the_settings(rng):
    draw = Augment(scale=0.2, colour=0.3, rotate=20).draw(4000, rng)
    assert 0.2 <= draw.area.min() < 0.21 and 0.99 < draw.area.max() <= 1
    assert 3 / 4 - 1e-9 <= draw.ratio.min() < 0.77 and 1.3 < draw.ratio.max() <= 4 / 3 + 1e-9
    assert 0.7 <= draw.colour.min() < 0.71 and 1.29 < draw.colour.max() <= 1.3
    assert -20 <= draw.angle.min() < -19 and 19 < draw.angle.max() <= 20
    assert draw.area.mean() == pytest.approx(0.6, abs=0.02) and draw.angle.mean() == pytest.approx(0, abs=1)
    assert np.log(draw.ratio).mean() == pytest.approx(0, abs=0.01) and draw.flip.mean() == pytest.approx(0.5, abs=0.04)


def test_what_is_off_draws_nothing_visible(rng):
    draw = Augment(flip=False).draw(100, rng)
    assert not draw.flip.any() and (draw.colour == 1).all() and (draw.angle == 0).all()


@pytest.mark.parametrize("crop", CROPS)
def test_a_part_of_the_draw_is_that_part_of_the_batch(crop, rng):
    augment, images = replace(EVERYTHING, crop=crop), random_images(7, 24, 24)
    draw = augment.draw(7, rng)
    assert len(draw.part(2, 5)) == 3
    part = augment.apply(images[2:5], draw.part(2, 5))
    assert torch.allclose(part, augment.apply(images, draw)[2:5], atol=1e-4)


@pytest.mark.parametrize("crop", CROPS)
@pytest.mark.parametrize("side", [24, 37])
def test_a_batch_is_float32_channels_last_and_leaves_its_source_alone(crop, side, rng):
    augment, images = replace(EVERYTHING, crop=crop), random_images(6, side, side)
    before = images.clone()
    batch = augment.apply(images, augment.draw(6, rng))
    assert batch.shape == (6, 3, 24, 24) and batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(images, before) and batch.isfinite().all()


@pytest.mark.parametrize("size", [(24, 32), (64, 64), (100, 10), (10, 300)])
def test_boxes_lie_inside_the_picture_and_stay_in_shape(size, rng):
    boxes = Augment().draw(2000, rng).boxes(size)
    top, left, height, width = boxes.T
    assert (boxes >= 0).all() and (height > 0).all() and (width > 0).all()
    assert (top + height <= size[0] + 1e-9).all() and (left + width <= size[1] + 1e-9).all()
    assert (width / height <= 4 / 3 + 1e-9).all() and (height / width <= 4 / 3 + 1e-9).all()


def test_boxes_have_the_drawn_area_and_ratio_where_they_fit(rng):
    draw = Augment().draw(500, rng)
    boxes = draw.boxes((60, 64))
    fits = (boxes[:, 2] < 59.9) & (boxes[:, 3] < 63.9)
    assert fits.sum() > 200
    assert np.allclose((boxes[:, 2] * boxes[:, 3] / 60 / 64)[fits], draw.area[fits])
    assert np.allclose((boxes[:, 3] / boxes[:, 2])[fits], draw.ratio[fits])


@pytest.mark.parametrize("size", [(48, 48), (48, 90), (200, 48)])
def test_least_is_a_picture_whose_every_crop_is_large_enough(size, rng):
    for _ in range(200):
        draw = Augment(scale=0.1).draw(1, rng)
        needed = draw.least(16)
        factor = needed / min(size)
        box = draw.boxes((size[0] * factor, size[1] * factor))[0]
        assert min(box[2:]) >= 16 - 1e-9


def test_padded_crops_come_to_every_corner_equally_often(rng):
    corners = Augment(crop="padded").draw(9000, rng).corners(1)
    counts = np.bincount(corners @ [3, 1], minlength=9)
    assert len(counts) == 9 and (np.abs(counts - 1000) < 150).all()


def test_padded_crop_against_a_loop(rng):
    augment, images = Augment(32, crop="padded"), random_images(40, 32, 32)
    draw = augment.draw(40, rng)
    batch = augment.apply(images, draw)
    for i, (top, left) in enumerate(draw.corners(4)):
        expected = tv.crop(tv.pad(images[i], 4), top, left, 32, 32)
        expected = tv.horizontal_flip(expected) if draw.flip[i] else expected
        assert torch.equal(batch[i], normalise(expected[None])[0])


def test_padded_crop_at_another_size_is_the_crop_resized(rng):
    images = random_images(5, 32, 32)
    draw = Augment(32, crop="padded").draw(5, rng)
    crops = Augment(32, crop="padded").cut(images, draw)
    small = Augment(16, crop="padded").apply(images, draw)
    assert torch.allclose(small, eval_batch(crops, 16), atol=1e-4)


def test_resized_crop_against_a_loop(rng):
    """Against whole-pixel boxes of torchvision's resized_crop, which knows no others."""
    augment, images = Augment(12), random_images(30, 40, 30)
    draw = augment.draw(30, rng)
    boxes = np.maximum(draw.boxes((40, 30)).round(), 1)
    object.__setattr__(draw, "boxes", lambda size: boxes)
    batch = augment.apply(images, draw)
    for i, box in enumerate(boxes.astype(int)):
        cut = tv.crop(images[i].float(), *box)
        # the filter of a box at the rim of the crop may look beyond it: compare what lies further in
        expected = tv.resize(cut, [12, 12], antialias=True)
        expected = tv.horizontal_flip(expected) if draw.flip[i] else expected
        assert torch.allclose(pixels(batch[i])[:, 2:-2, 2:-2], expected[:, 2:-2, 2:-2], atol=0.02)


def test_no_crop_is_the_whole_picture_flipped_or_not(rng):
    images = random_images(20, 24, 24)
    augment = Augment(24, crop="none")
    draw = augment.draw(20, rng)
    expected = torch.stack([image.flip(2) if flip else image for image, flip in zip(images, draw.flip, strict=True)])
    assert 0 < draw.flip.sum() < 20 and torch.equal(augment.apply(images, draw), normalise(expected))


def test_rotation_against_a_loop(rng):
    augment, images = Augment(24, crop="none", flip=False, rotate=180), random_images(12, 24, 24)
    draw = augment.draw(12, rng)
    batch = pixels(augment.apply(images, draw))
    for i, angle in enumerate(draw.angle):
        expected = tv.rotate(images[i].float(), angle, tv.InterpolationMode.BILINEAR)
        assert torch.allclose(batch[i], expected, atol=0.5)  # torchvision rounds its matrix's numbers otherwise


def test_colour_against_a_loop(rng):
    augment, images = Augment(24, crop="none", flip=False, colour=0.8), random_images(12, 24, 24)
    draw = augment.draw(12, rng)
    batch = pixels(augment.apply(images, draw))
    for i, (brightness, contrast, saturation) in enumerate(draw.colour):
        expected = tv.adjust_brightness(images[i] / 255, brightness)
        expected = tv.adjust_saturation(tv.adjust_contrast(expected, contrast), saturation)
        assert torch.allclose(batch[i], expected * 255, atol=0.05)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"size": 0}, "size must be at least 1 pixel; got 0"),
        ({"crop": "centre"}, "crop must be one of resized, padded, none; got 'centre'"),
        ({"scale": 0}, "scale must be above 0 and at most 1; got 0"),
        ({"scale": 1.1}, "scale must be above 0 and at most 1; got 1.1"),
        ({"colour": -0.1}, "colour must be between 0 and 1; got -0.1"),
        ({"rotate": 181}, "rotate must be between 0 and 180 degrees; got 181"),
    ],
)
def test_senseless_settings_are_told(settings, told):
    with pytest.raises(InputError, match=told):
        Augment(**settings)


def test_eval_batch_is_the_whole_image_normalised():
    images = random_images(3, 32, 32)
    assert torch.equal(eval_batch(images, 32), normalise(images))
    expected = tv.resize(images.float(), [20, 20], antialias=True)
    assert torch.allclose(pixels(eval_batch(images, 20)), expected, atol=0.02)


def test_mean_and_deviation_are_imagenet_s():
    told = ResNet18_Weights.IMAGENET1K_V1.transforms()
    assert (list(MEAN), list(STD)) == (list(told.mean), list(told.std))


def test_normalise_undone_gives_the_pixels_back():
    images = random_images(2, 8, 6)
    assert torch.allclose(pixels(normalise(images)), images.float(), atol=1e-3)
    assert torch.equal(normalise(images), normalise(images.float()))
