"""Batched crops, resizes and flips against slower and better known ways."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.data import MEAN, STD, Augment, eval_batch, normalise, train_batch
from ricap_explorer.data.resample import resample, resize_matrix


def random_images(count: int, height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator)


def whole(images: torch.Tensor) -> torch.Tensor:
    return torch.tensor([[0.0, 0.0, *images.shape[2:]]]).expand(len(images), 4)


@pytest.mark.parametrize("size", [(12, 20), (24, 32), (40, 50), (7, 64)])
def test_full_box_is_torchs_antialiased_resize(size):
    images = random_images(3, 24, 32)
    expected = F.interpolate(images.float(), size, mode="bilinear", antialias=True)
    assert torch.allclose(resample(images, whole(images), size), expected, atol=0.01)


def test_whole_pixel_box_of_the_same_size_is_a_plain_crop():
    images = random_images(2, 24, 32)
    boxes = torch.tensor([[3.0, 5.0, 10.0, 12.0], [14.0, 20.0, 10.0, 12.0]])
    expected = torch.stack([images[0, :, 3:13, 5:17], images[1, :, 14:24, 20:32]]).float()
    assert torch.equal(resample(images, boxes, (10, 12)), expected)


def test_flip_mirrors_only_the_chosen():
    images = random_images(3, 24, 32)
    plain = resample(images, whole(images), (12, 20))
    mixed = resample(images, whole(images), (12, 20), torch.tensor([True, False, True]))
    assert torch.allclose(mixed[0], plain[0].flip(2), atol=1e-3) and torch.allclose(
        mixed[2], plain[2].flip(2), atol=1e-3
    )
    assert torch.equal(mixed[1], plain[1])


@pytest.mark.parametrize("target", [1, 5, 16, 40])
def test_rows_of_the_resize_matrix_sum_to_one(target):
    matrix = resize_matrix(torch.tensor([0.0, 2.3, 9.5]), torch.tensor([16.0, 7.1, 6.5]), 16, target)
    assert matrix.shape == (3, target, 16) and (matrix >= 0).all()
    assert torch.allclose(matrix.sum(2), torch.ones(3, target))


@pytest.mark.parametrize("size", [(24, 32), (64, 64), (100, 10)])
def test_random_boxes_lie_inside_the_image(size, rng):
    boxes = Augment(scale=0.35).draw(2000, rng).boxes(size)
    top, left, height, width = boxes.T
    assert (boxes >= 0).all() and (height > 0).all() and (width > 0).all()
    assert (top + height <= size[0] + 1e-9).all() and (left + width <= size[1] + 1e-9).all()


def test_random_boxes_keep_scale_and_ratio(rng):
    draw = Augment(scale=0.1).draw(8000, rng).part(0, 8000)
    boxes = draw.boxes((64, 64))
    free = draw.area < 0.7  # none of these has to be cut
    share, ratio = boxes[free, 2] * boxes[free, 3] / 64**2, boxes[free, 3] / boxes[free, 2]
    assert np.allclose(share, draw.area[free]) and np.allclose(ratio, draw.ratio[free])
    assert 0.1 <= draw.area.min() < 0.11 and 0.99 < draw.area.max() <= 1
    assert 3 / 4 - 1e-9 <= draw.ratio.min() < 0.77 and 1.3 < draw.ratio.max() <= 4 / 3 + 1e-9
    assert draw.area.mean() == pytest.approx(0.55, abs=0.02) and np.log(draw.ratio).mean() == pytest.approx(0, abs=0.02)


def test_train_batch_shape_layout_and_randomness():
    images = random_images(6, 24, 32)
    before = images.clone()
    batches = [train_batch(images, 16, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert batches[0].shape == (6, 3, 16, 16) and batches[0].dtype == torch.float32
    assert batches[0].is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(batches[0], batches[1]) and not torch.equal(batches[0], batches[2])
    assert torch.equal(images, before)


def test_about_half_of_a_batch_is_flipped(rng):
    """On a ramp from left to right, a flipped crop falls."""
    ramp = torch.arange(32, dtype=torch.uint8).mul(8).expand(400, 3, 24, 32)
    batch = train_batch(ramp, 16, rng)
    flipped = (batch[:, 0, 0, -1] < batch[:, 0, 0, 0]).float().mean().item()
    assert 0.4 < flipped < 0.6


def test_eval_batch_is_the_whole_image_normalised():
    images = random_images(3, 32, 32)
    assert torch.allclose(eval_batch(images, 32), normalise(images), atol=1e-4)
    assert eval_batch(images, 20).shape == (3, 3, 20, 20)


def test_normalise_undone_gives_the_pixels_back():
    images = random_images(2, 8, 6)
    back = (normalise(images) * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None]) * 255
    assert torch.allclose(back, images.float(), atol=1e-3)
    assert torch.equal(normalise(images), normalise(images.float()))
