"""RICAP against the paper's definition, pixel by pixel and draw by draw."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import Ricap, RicapPlan

SIZES = [(32, 24), (24, 32), (8, 8), (1, 5)]
BETAS = [0.1, 0.3, 1.0, 8.0]


def numbered(count: int, size: tuple[int, int]) -> torch.Tensor:
    """Images (count, 3, *size) with a value of its own in every pixel."""
    return torch.arange(count * 3 * size[0] * size[1], dtype=torch.float32).reshape(count, 3, *size)


def slow_apply(plan: RicapPlan, images: torch.Tensor) -> torch.Tensor:
    """The definition, one pixel at a time, from what was drawn and nothing else."""
    (height, width), (w, h) = plan.size, plan.boundary
    out = torch.empty((len(plan.sources[0]), *images.shape[1:]), dtype=images.dtype)
    for i in range(len(out)):
        for y in range(height):
            for x in range(width):
                k = 2 * (y >= h) + (x >= w)
                top, left = plan.corners[k]
                out[i, :, y, x] = images[plan.sources[k][i], :, top + y - h * (y >= h), left + x - w * (x >= w)]
    return out


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("beta", BETAS)
def test_regions_tile_the_canvas(size, beta, rng):
    for _ in range(20):
        plan = Ricap(beta).plan(4, size, rng)
        covered = np.zeros(size, dtype=int)
        for patch in plan.patches:
            covered[patch.paste.index] += 1
            crop, paste = patch.crop, patch.paste
            assert (crop.height, crop.width) == (paste.height, paste.width)
            assert 0 <= crop.top <= size[0] - crop.height and 0 <= crop.left <= size[1] - crop.width
        assert (covered == 1).all()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("beta", BETAS)
def test_weights_are_the_shares_of_whole_pixels(size, beta, rng):
    for _ in range(20):
        plan = Ricap(beta).plan(4, size, rng)
        (height, width), (w, h) = size, plan.boundary
        areas = [w * h, (width - w) * h, w * (height - h), (width - w) * (height - h)]
        assert [patch.weight for patch in plan.patches] == [area / (height * width) for area in areas]
        assert sum(patch.weight for patch in plan.patches) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("beta", BETAS)
def test_every_pixel_is_the_one_its_plan_names(size, beta, rng):
    images = numbered(5, size)
    before = images.clone()
    for _ in range(3):
        plan = Ricap(beta).plan(5, size, rng)
        assert torch.equal(plan.apply(images), slow_apply(plan, images))
    assert torch.equal(images, before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.uint8, torch.int64])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_any_dtype_and_layout(dtype, memory_format, rng):
    images = torch.from_numpy(rng.integers(0, 200, (4, 3, 32, 24))).to(dtype).contiguous(memory_format=memory_format)
    plan = Ricap(1.0).plan(4, (32, 24), rng)
    mixed = plan.apply(images)
    assert mixed.dtype == dtype and mixed.shape == images.shape
    assert mixed.is_contiguous(memory_format=memory_format)
    assert torch.equal(mixed, slow_apply(plan, images))


@pytest.mark.parametrize("per_sample", [False, True])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_images_large_enough_to_be_copied_in_bands(per_sample, memory_format, rng):
    images = torch.rand(3, 3, 150, 200).contiguous(memory_format=memory_format)
    plan = Ricap(5.0, per_sample).plan(3, (150, 200), rng)
    mixed = plan.apply(images)
    for i, single in enumerate(plan.plans if per_sample else [plan] * 3):
        for patch in single.patches:
            crop = images[patch.source[0 if per_sample else i]][(..., *patch.crop.index)]
            assert torch.equal(mixed[i][(..., *patch.paste.index)], crop)


def test_images_that_are_views(rng):
    images = numbered(8, (32, 24)).flip(3)[::2]
    plan = Ricap(1.0).plan(4, (32, 24), rng)
    assert torch.equal(plan.apply(images), slow_apply(plan, images))


def test_gradients_flow_to_the_pixels_used(rng):
    images = torch.zeros(3, 1, 8, 6, requires_grad=True)
    plan = Ricap(1.0).plan(3, (8, 6), rng)
    plan.apply(images).sum().backward()
    assert images.grad.sum() == 3 * 8 * 6  # each mixed pixel comes from exactly one


@pytest.mark.parametrize("beta", [0.1, 0.3, 1.0, 5.0])
def test_boundary_follows_beta(beta):
    """Moments and distribution function of Beta(beta, beta); width and height are independent; a non-square canvas."""
    rng, draws = np.random.default_rng(1), 4000
    boundaries = np.array([Ricap(beta).plan(1, (500, 1000), rng).boundary for _ in range(draws)]) / (1000, 500)
    assert boundaries.mean(0) == pytest.approx([0.5, 0.5], abs=0.03)
    assert boundaries.var(0) == pytest.approx([1 / (4 * (2 * beta + 1))] * 2, rel=0.1)
    assert abs(np.corrcoef(boundaries.T)[0, 1]) < 0.08
    thresholds = np.array([0.051, 0.201, 0.351, 0.501, 0.651, 0.801, 0.951])
    sample = np.random.default_rng(2).beta(beta, beta, 200_000)
    for axis in range(2):
        below = (boundaries[:, axis, None] < thresholds).mean(0)
        assert below == pytest.approx((sample[:, None] < thresholds).mean(0), abs=0.04)


def test_small_beta_runs_to_the_corners_and_large_to_the_centre(rng):
    small = np.array([Ricap(0.01).plan(1, (64, 64), rng).boundary for _ in range(400)]) / 64
    assert (np.minimum(small, 1 - small).max(1) < 0.1).mean() > 0.85
    large = np.array([Ricap(500).plan(1, (64, 64), rng).boundary for _ in range(400)]) / 64
    assert (np.abs(large - 0.5) < 0.1).all()


@pytest.mark.parametrize("beta", [1e-300, 1e-10, 1e6])
def test_extreme_beta_keeps_its_limit(beta, rng):
    for _ in range(20):
        w, h = Ricap(beta).plan(1, (8, 8), rng).boundary
        assert (w, h) == (4, 4) if beta > 1 else (w in (0, 8) and h in (0, 8))


def test_crop_corners_are_uniform_with_both_ends():
    """On a small canvas every corner from 0 to I - w comes up, about equally often, in every region."""
    rng = np.random.default_rng(3)
    corners: dict[tuple[int, str, int], list[int]] = {}
    for _ in range(4000):
        plan = Ricap(2.0).plan(1, (6, 5), rng)
        for k, patch in enumerate(plan.patches):
            corners.setdefault((k, "x", 5 - patch.crop.width), []).append(patch.crop.left)
            corners.setdefault((k, "y", 6 - patch.crop.height), []).append(patch.crop.top)
    for (_, _, last), seen in corners.items():
        if len(seen) > 300:
            counts = np.bincount(seen, minlength=last + 1)
            assert len(counts) == last + 1 and counts.min() > 0
            assert np.abs(counts / len(seen) - 1 / (last + 1)).max() < 0.12


@pytest.mark.parametrize("boundary", [(0, 0), (24, 32), (0, 32), (24, 0), (12, 0), (0, 16)])
def test_boundary_at_the_border_leaves_regions_empty(boundary):
    w, h = boundary
    corners = tuple((32 - rows, 24 - columns) for rows in (h, 32 - h) for columns in (w, 24 - w))
    plan = RicapPlan((32, 24), boundary, corners, ((0,), (1,), (2,), (3,)))
    images = numbered(4, (32, 24))
    assert torch.equal(plan.apply(images), slow_apply(plan, images))
    assert sum(patch.weight == 0 for patch in plan.patches) in (2, 3)
    targets = plan.targets(torch.arange(4), 4)
    assert targets.sum() == 1 and targets[0].tolist() == [patch.weight for patch in plan.patches]


@pytest.mark.parametrize("per_sample", [False, True])
def test_targets_are_the_weighted_one_hots(per_sample, rng):
    labels = torch.tensor([2, 0, 2, 1, 4, 4])
    plan = Ricap(1.0, per_sample).plan(6, (32, 24), rng)
    targets = plan.targets(labels, 5)
    assert targets.shape == (6, 5) and targets.dtype == torch.float32
    assert torch.allclose(targets.sum(1), torch.ones(6))
    for i in range(6):
        patches = plan.plans[i].patches if per_sample else plan.patches
        sources = [patch.source[0 if per_sample else i] for patch in patches]
        pairs = zip(patches, sources, strict=True)
        expected = sum(patch.weight * F.one_hot(labels[source], 5) for patch, source in pairs)
        assert torch.allclose(targets[i], expected.float())


@pytest.mark.parametrize("per_sample", [False, True])
def test_soft_cross_entropy_is_the_papers_loss(per_sample, rng):
    """CE(logits, targets) = sum_k W_k CE(logits, c_k)."""
    labels, logits = torch.tensor([2, 0, 1, 1]), torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    plan = Ricap(1.0, per_sample).plan(4, (32, 24), rng)
    loss = F.cross_entropy(logits, plan.targets(labels, 3), reduction="none")
    for i in range(4):
        patches = plan.plans[i].patches if per_sample else plan.patches
        sources = [patch.source[0 if per_sample else i] for patch in patches]
        parts = [F.cross_entropy(logits[i], labels[source]) for source in sources]
        paper = sum(patch.weight * part for patch, part in zip(patches, parts, strict=True))
        assert loss[i].item() == pytest.approx(paper.item(), rel=1e-5)


@pytest.mark.parametrize("size", SIZES)
def test_per_sample_gives_every_image_its_own_boundary(size, rng):
    images = numbered(12, size)
    plan = Ricap(1.0, per_sample=True).plan(12, size, rng)
    assert plan.batch_size == 12
    if min(size) > 1:
        assert len({single.boundary for single in plan.plans}) > 6
        assert len({single.corners for single in plan.plans}) > 6
    mixed = plan.apply(images)
    for i, single in enumerate(plan.plans):
        assert torch.equal(mixed[i : i + 1], slow_apply(single, images))
    assert plan.apply(images.to(memory_format=torch.channels_last)).equal(mixed)


@pytest.mark.parametrize("per_sample", [False, True])
def test_four_permutations_of_the_batch(per_sample, rng):
    plan = Ricap(1.0, per_sample).plan(16, (8, 8), rng)
    for k in range(4):
        sources = [p.patches[k].source[0] for p in plan.plans] if per_sample else plan.patches[k].source
        assert sorted(sources) == list(range(16))
    if not per_sample:
        assert len(set(plan.sources)) == 4


def test_given_sources_are_kept(rng):
    plan = Ricap(0.3).plan(1, (8, 8), rng, sources=[(3,), (1,), (0,), (2,)])
    assert [patch.source for patch in plan.patches] == [(3,), (1,), (0,), (2,)]


def test_sources_must_fit_the_batch_size(rng):
    with pytest.raises(InputError, match="the batch size"):
        Ricap(0.3).plan(2, (8, 8), rng, sources=[(3,), (1,), (0,), (2,)])


@pytest.mark.parametrize("per_sample", [False, True])
def test_same_seed_same_plan_and_no_global_randomness(per_sample):
    numpy_state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()
    method = Ricap(0.3, per_sample)
    plans = [method.plan(6, (32, 24), np.random.default_rng(seed)) for seed in (7, 7, 8)]
    assert plans[0] == plans[1] != plans[2]
    images = numbered(6, (32, 24))
    assert torch.equal(plans[0].apply(images), plans[0].apply(images))
    assert (np.random.get_state()[1] == numpy_state).all() and torch.equal(torch.get_rng_state(), torch_state)


def test_plan_holds_plain_ints_and_floats(rng):
    plan = Ricap(0.3).plan(3, (32, 24), rng)
    numbers = [*plan.size, *plan.boundary, *sum(plan.corners, ()), *sum(plan.sources, ())]
    assert {type(number) for number in numbers} == {int}
    assert {type(patch.weight) for patch in plan.patches} == {float}


@pytest.mark.parametrize("beta", [0, -1, float("nan"), float("inf"), float("-inf"), "x", "", None, [1]])
def test_bad_beta_is_told(beta):
    with pytest.raises(InputError, match=r"^beta must be .*; got .*$"):
        Ricap(beta)


@pytest.mark.parametrize(("batch_size", "size"), [(0, (8, 8)), (-1, (8, 8)), (4, (0, 8)), (4, (8, 0))])
def test_nothing_to_mix_is_told(batch_size, size, rng):
    with pytest.raises(InputError, match="at least 1"):
        Ricap(0.3).plan(batch_size, size, rng)


@pytest.mark.parametrize("shape", [(4, 3, 24, 32), (4, 3, 32, 25), (3, 32, 24), (3, 3, 32, 24)])
@pytest.mark.parametrize("per_sample", [False, True])
def test_images_that_do_not_fit_the_plan_are_told(shape, per_sample, rng):
    plan = Ricap(0.3, per_sample).plan(4, (32, 24), rng)
    with pytest.raises(InputError, match="^(images must be|this plan needs at least 4 images)"):
        plan.apply(torch.zeros(shape))


@pytest.mark.parametrize("labels", [[0, 1, 2, 5], [0, 1, 2, -1], [0, 1, 2]])
@pytest.mark.parametrize("per_sample", [False, True])
def test_labels_out_of_range_are_told(labels, per_sample, rng):
    plan = Ricap(0.3, per_sample).plan(4, (32, 24), rng)
    with pytest.raises(InputError, match="^(labels must lie between 0 and 4; got|this plan needs at least 4 labels)"):
        plan.targets(torch.tensor(labels), 5)


def test_every_region_s_image_is_drawn_from_the_whole_batch(rng):
    counts = np.zeros((4, 5))
    for _ in range(500):
        plan = Ricap().plan(5, (16, 16), rng)
        for k, patch in enumerate(plan.patches):
            assert sorted(patch.source) == list(range(5))
            counts[k, patch.source[0]] += 1
    assert counts.min() > 60, "for each region each image is as likely"
