"""Batched crops, resizes, flips and turns against slower and better known ways."""

import pytest
import torch
import torch.nn.functional as F
from torchvision.transforms.v2 import functional as tv

from ricap_explorer.data.resample import (
    PART,
    mirror,
    multiply,
    padded_crop,
    resample,
    resize_matrix,
    rotate,
    sum_taps,
    taps,
    whole_boxes,
)  # fmt: skip


def random_images(count: int, height: int, width: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator)


@pytest.mark.parametrize("size", [(12, 20), (24, 32), (40, 50), (7, 64)])
def test_full_box_is_torchs_antialiased_resize(size):
    images = random_images(3, 24, 32)
    expected = F.interpolate(images.float(), size, mode="bilinear", antialias=True)
    assert torch.allclose(resample(images, whole_boxes(images), size), expected, atol=0.01)


def test_whole_pixel_box_of_the_same_size_is_a_plain_crop():
    images = random_images(2, 24, 32)
    boxes = torch.tensor([[3.0, 5.0, 10.0, 12.0], [14.0, 20.0, 10.0, 12.0]])
    expected = torch.stack([images[0, :, 3:13, 5:17], images[1, :, 14:24, 20:32]]).float()
    assert torch.equal(resample(images, boxes, (10, 12)), expected)


def test_flip_mirrors_only_the_chosen():
    images, flip = random_images(3, 24, 32), torch.tensor([True, False, True])
    plain = resample(images, whole_boxes(images), (12, 20))
    mixed = resample(images, whole_boxes(images), (12, 20), flip)
    assert torch.allclose(mixed, mirror(plain, flip), atol=1e-3) and torch.equal(mixed[1], plain[1])
    assert torch.equal(mirror(plain, flip)[[0, 2]], plain[[0, 2]].flip(3))


@pytest.mark.parametrize("target", [1, 5, 16, 40])
def test_rows_of_the_resize_matrix_sum_to_one(target):
    matrix = resize_matrix(torch.tensor([0.0, 2.3, 9.5]), torch.tensor([16.0, 7.1, 6.5]), 16, target)
    assert matrix.shape == (3, target, 16) and (matrix >= 0).all()
    assert torch.allclose(matrix.sum(2), torch.ones(3, target))


def random_boxes(count: int, height: int, width: int) -> torch.Tensor:
    """Boxes anywhere in the picture, some of them all of it, some less than a pixel."""
    share = torch.rand(count, 4, generator=torch.Generator().manual_seed(1))
    sides = torch.tensor([height, width]) * share[:, 2:]
    sides[0], sides[-1] = torch.tensor([height, width]), torch.tensor([0.7, 0.7])
    return torch.cat([share[:, :2] * (torch.tensor([height, width]) - sides), sides], 1)


@pytest.mark.parametrize(("source", "target"), [(16, 5), (16, 40), (3, 8), (1, 2), (50, 1)])
def test_taps_are_all_of_the_matrix_that_is_not_zero(source, target):
    boxes = random_boxes(20, source, source)
    columns, weights = taps(boxes[:, 0], boxes[:, 2], source, target)
    matrix = torch.zeros(20, target, source).scatter_add_(2, columns, weights)
    assert torch.allclose(matrix, resize_matrix(boxes[:, 0], boxes[:, 2], source, target), atol=1e-6)


@pytest.mark.parametrize("size", [(7, 9), (24, 32), (60, 40)])
def test_sums_of_taps_are_the_products(size):
    """The way of the CPU gives the pixels of a GPU's within rounding, in parts too."""
    count = PART + 3
    images, boxes, flip = random_images(count, 24, 32), random_boxes(count, 24, 32), torch.arange(count) % 3 == 0
    summed = sum_taps(images, boxes, size, flip)
    assert summed.shape == (count, 3, *size) and summed.dtype == torch.float32
    assert (summed - multiply(images, boxes, size, flip)).abs().max() < 1e-3


def test_padded_crop_of_a_picture_that_is_not_square():
    images, corners = random_images(4, 6, 9), torch.tensor([[0, 0], [4, 4], [2, 2], [1, 3]])
    padded = F.pad(images, (2, 2, 2, 2))
    expected = torch.stack([padded[i, :, t : t + 6, x : x + 9] for i, (t, x) in enumerate(corners.tolist())])
    assert torch.equal(padded_crop(images, corners, 2), expected)
    assert torch.equal(padded_crop(images, corners, 2)[2], images[2])


@pytest.mark.parametrize("size", [(20, 20), (12, 21)])
def test_right_angles_and_none_are_exact(size):
    images = random_images(2, *size).float()
    for degrees, expected in ((0.0, images), (180.0, images.flip(2, 3))):
        assert torch.allclose(rotate(images, torch.full((2,), degrees)), expected, atol=0.02)


def test_a_quarter_turn_goes_counter_clockwise():
    images = random_images(2, 20, 20).float()
    assert torch.allclose(rotate(images, torch.tensor([90.0, 0.0]))[0], images[0].rot90(1, (1, 2)), atol=0.02)


@pytest.mark.parametrize("degrees", [-70.0, 13.0, 145.0])
def test_rotation_of_a_picture_that_is_not_square(degrees):
    images = F.interpolate(random_images(2, 4, 5).float(), (15, 25), mode="bilinear")
    expected = tv.rotate(images, degrees, tv.InterpolationMode.BILINEAR)
    assert torch.allclose(rotate(images, torch.full((2,), degrees)), expected, atol=0.5)


def test_the_corners_of_a_turned_picture_are_black_and_its_centre_stays():
    images = torch.full((1, 3, 15, 25), 200.0)
    turned = rotate(images, torch.tensor([45.0]))
    assert turned[0, :, 7, 12].allclose(torch.tensor(200.0)) and (turned[0, :, 0, 0] == 0).all()
