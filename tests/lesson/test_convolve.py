"""The convolution's input and kernels; the browser's sums are compared with torch in tests/browser."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from ricap_explorer.lesson.convolve import KERNELS, SIDE, greys


def apply(key: str, pixels: np.ndarray) -> np.ndarray:
    kernel = torch.tensor(KERNELS[key].numbers, dtype=torch.float64).view(1, 1, 3, 3) / KERNELS[key].divisor
    return F.conv2d(torch.from_numpy(pixels.astype(float))[None, None], kernel)[0, 0].numpy()


def test_greys_are_block_means(picture):
    image = picture(4 * SIDE, 4 * SIDE, seed=1)
    small = greys(image)
    assert small.shape == (SIDE, SIDE) and small.dtype == np.uint8
    luma = np.asarray(image).astype(float) @ [0.299, 0.587, 0.114]
    means = luma.reshape(SIDE, 4, SIDE, 4).mean((1, 3))
    assert abs(small - means).max() <= 2


def test_no_kernel_but_blur_and_sharpen_answers_to_an_even_grey():
    even = np.full((5, 5), 90)
    for key in KERNELS:
        expected = 90 if key in ("blur", "sharpen") else 0
        assert np.all(apply(key, even) == expected), key


@pytest.mark.parametrize(("key", "deaf"), [("vertical", "horizontal"), ("horizontal", "vertical")])
def test_edges_are_found_in_their_direction(key, deaf):
    step = np.zeros((6, 6))
    step[:, 3:] = 100
    if key == "horizontal":
        step = step.T
    assert abs(apply(key, step)).max() == 400 and abs(apply(deaf, step)).max() == 0


def test_blur_smooths_and_sharpen_does_the_opposite():
    rng = np.random.default_rng(0)
    noisy = np.asarray(greys(Image.fromarray(rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)))).astype(float)
    inner = noisy[1:-1, 1:-1]
    assert apply("blur", noisy).std() < inner.std() < apply("sharpen", noisy).std()
