"""Shake-Shake: per image, forward and backward apart, its expectation in evaluation."""

import pytest
import torch

from ricap_explorer.models import create_model
from ricap_explorer.models.shake_shake import Shake, ShakeBlock, TwoPathShortcut


@pytest.fixture
def block():
    """A block that keeps its size, its norms in evaluation: whatever differs in training is the shaking."""
    torch.manual_seed(0)
    block = ShakeBlock(4, 4, 1).eval()
    block.training = True
    return block


def test_mixes_by_alpha_and_shares_the_gradient_by_beta():
    a, b, gradient = torch.randn(3, 5, 2, 3, 3).unbind()
    a.requires_grad_(), b.requires_grad_()
    alpha, beta = torch.rand(2, 5, 1, 1, 1)
    mixed = Shake.apply(a, b, alpha, beta)
    torch.testing.assert_close(mixed, alpha * a + (1 - alpha) * b)
    mixed.backward(gradient)
    torch.testing.assert_close(a.grad, beta * gradient)
    torch.testing.assert_close(b.grad, (1 - beta) * gradient)


def coefficients(block, x):
    """The alpha and beta (B,) of one training step of a block, read from what it gives and from its gradients."""
    branches = []

    def keep(module, inputs, output):
        output.retain_grad()
        branches.append(output)

    for side in (block.left, block.right):
        side.register_forward_hook(keep)
    y = block(x)
    y.sum().backward()
    a, b = (branch.detach() for branch in branches)
    alpha = ((y - x - b) * (a - b)).sum((1, 2, 3)) / (a - b).square().sum((1, 2, 3))
    shares = [branch.grad for branch in branches]
    assert all(torch.equal(share, share[:, :1, :1, :1].expand_as(share)) for share in shares)  # one number an image
    torch.testing.assert_close(shares[0] + shares[1], torch.ones_like(y))
    torch.testing.assert_close(y.detach() - x, alpha.detach()[:, None, None, None] * (a - b) + b)
    return alpha.detach(), shares[0][:, 0, 0, 0]


def test_every_image_has_its_own_alpha_and_beta(block):
    alpha, beta = coefficients(block, torch.randn(400, 4, 3, 3))
    for drawn in (alpha, beta):
        assert drawn.min() > -1e-4 and drawn.max() < 1 + 1e-4
        assert len(drawn.unique()) > 390
        assert drawn.mean() == pytest.approx(0.5, abs=0.06)  # 4 standard errors
        assert drawn.var() == pytest.approx(1 / 12, abs=0.02)
    assert abs(torch.corrcoef(torch.stack((alpha, beta)))[0, 1]) < 0.2


def test_evaluation_is_the_mean_of_training(block):
    x = torch.randn(2, 4, 5, 5)
    with torch.no_grad():
        mean = block(x.repeat(4000, 1, 1, 1)).reshape(4000, *x.shape).mean(0)
        exact = x + (block.left(x.relu()) + block.right(x.relu())) / 2
        block.training = False
        torch.testing.assert_close(block(x), exact)
    spread = (block.left(x.relu()) - block.right(x.relu())).abs().max().item() / 12**0.5
    torch.testing.assert_close(mean, exact, rtol=0, atol=5 * spread / 4000**0.5)


def test_every_step_draws_anew_and_a_restored_generator_draws_the_same(block):
    x = torch.randn(3, 4, 5, 5)
    with torch.no_grad():
        state = torch.get_rng_state()
        first, second = block(x), block(x)
        torch.set_rng_state(state)
        assert torch.equal(block(x), first) and not torch.equal(first, second)


def test_evaluation_draws_nothing():
    model = create_model("shake_shake", depth=8, base_width=4).eval()
    state = torch.get_rng_state()
    model(torch.randn(2, 3, 32, 32, generator=torch.Generator())).sum().backward()
    assert torch.equal(torch.get_rng_state(), state)


def test_precision_of_the_branches_is_kept(block):
    with torch.autocast("cpu", torch.bfloat16):
        assert block(torch.randn(2, 4, 5, 5).bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize(("height", "width"), [(6, 8), (5, 7)])
def test_shortcut_looks_at_two_pixels_of_each_square(height, width):
    shortcut = TwoPathShortcut(1, 2, 2).eval()
    for path in (shortcut.straight, shortcut.moved):
        torch.nn.init.ones_(path.weight)
    x = torch.randn(1, 1, height, width)
    with torch.no_grad():
        y = shortcut(x) * (1 + shortcut.norm.eps) ** 0.5
    assert y.shape == (1, 2, -(-height // 2), -(-width // 2))
    torch.testing.assert_close(y[:, 0], x[:, 0, ::2, ::2])
    torch.testing.assert_close(y[:, 1, 1:, 1:], x[:, 0, 1::2, 1::2][:, : y.shape[2] - 1, : y.shape[3] - 1])
    assert not y[:, 1, 0].any() and not y[:, 1, :, 0].any()
