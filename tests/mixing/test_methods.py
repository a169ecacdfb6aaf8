"""Properties that every mixing method keeps, and what each one's paper says of it."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import (
    METHODS,
    Box,
    CutMix,
    CutMixPlan,
    Cutout,
    CutoutPlan,
    ImageMixing,
    LabelMixing,
    Mixup,
    MixupPlan,
    Ricap,
    SamplewisePlan,
    Standard,
    create_method,
)  # fmt: skip

SIZE = (32, 24)  # height, width: not square, so that a mistaken axis shows
CASES = [(name, each) for name in METHODS for each in ((False, True) if name != "standard" else (None,))]


def make(name, each):
    return create_method(name) if each is None else create_method(name, per_sample=each)


def numbered(count=7):
    """Images that tell where each of their pixels comes from: (image, channel, row, column) in one number."""
    return torch.arange(count * 3 * SIZE[0] * SIZE[1], dtype=torch.float64).reshape(count, 3, *SIZE)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def method(request):
    return make(*request.param)


@pytest.mark.parametrize("batch_size", [1, 2, 7])
def test_any_batch_keeps_shape_type_and_inputs(method, batch_size, rng):
    images, labels = numbered(batch_size), torch.arange(batch_size)
    before = images.clone()
    plan = method.plan(batch_size, SIZE, rng)
    mixed, targets = plan.apply(images), plan.targets(labels, 7)
    assert plan.batch_size == batch_size and mixed.shape == images.shape and mixed.dtype == images.dtype
    assert torch.equal(images, before)
    assert targets.shape == (batch_size, 7) and targets.dtype == torch.float32 and (targets >= 0).all()
    assert torch.allclose(targets.sum(1), torch.ones(batch_size))


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float16, torch.bfloat16, torch.float32])
def test_every_type_of_pixel(method, dtype, rng):
    images = (numbered(4) % 251).to(dtype)
    plan = method.plan(4, SIZE, rng)
    mixed, exact = plan.apply(images), plan.apply(images.double())
    assert mixed.dtype == dtype
    assert (mixed.double() - exact).abs().max() <= (0.5 if dtype == torch.uint8 else 2.0)


def test_channels_last_stays(method, rng):
    images = torch.rand(5, 3, *SIZE).contiguous(memory_format=torch.channels_last)
    plan = method.plan(5, SIZE, rng)
    mixed = plan.apply(images)
    assert mixed.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(mixed, plan.apply(images.contiguous()))


def test_gradients_flow_to_the_images(method, rng):
    images = torch.rand(3, 3, *SIZE, requires_grad=True)
    plan = method.plan(3, SIZE, rng)
    plan.apply(images).sum().backward()
    assert images.grad is not None and torch.equal(plan.apply(images), plan.apply(images.detach()))


def test_same_seed_same_plan(method):
    plans = [method.plan(5, SIZE, np.random.default_rng(seed)) for seed in (3, 3, 4)]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2] or method == METHODS["standard"]()


@pytest.mark.parametrize(("start", "stop"), [(0, 7), (0, 3), (3, 7), (6, 7)])
def test_a_part_is_that_part_of_the_whole(method, start, stop, rng):
    images, labels = numbered(), torch.arange(7)
    plan = method.plan(7, SIZE, rng)
    part = plan.part(start, stop)
    assert part.batch_size == stop - start
    assert torch.equal(part.apply(images), plan.apply(images)[start:stop])
    assert torch.equal(part.targets(labels, 7), plan.targets(labels, 7)[start:stop])
    assert type(part).from_json(part.to_json()) == part
    assert torch.equal(part.part(0, 1).apply(images), plan.apply(images)[start : start + 1])


def test_too_few_images_or_labels_are_told(method, rng):
    plan = method.plan(7, SIZE, rng)
    with pytest.raises(InputError, match="needs at least 7 images; got 6"):
        plan.apply(numbered(6))
    with pytest.raises(InputError, match="needs at least 7 labels; got 6"):
        plan.targets(torch.arange(6), 7)


@pytest.mark.parametrize("labels", [torch.eye(7), torch.rand(7), torch.zeros(7, 1, dtype=torch.int64)])
def test_labels_that_are_no_class_numbers_are_told(method, labels, rng):
    with pytest.raises(InputError, match=r"labels must be \(N,\) class numbers, ints; got \(7"):
        method.plan(7, SIZE, rng).targets(labels, 7)


@pytest.mark.parametrize("rng", [0, None, torch.Generator()])
def test_what_is_no_generator_is_told(method, rng):
    if isinstance(method, Standard):
        return  # it draws nothing
    with pytest.raises(InputError, match=r"rng must be a numpy Generator, .*; got (int|NoneType|Generator)"):
        method.plan(4, SIZE, rng)


@pytest.mark.parametrize(("batch_size", "size"), [(0, SIZE), (3, (0, 4)), (3, (4, 0))])
def test_nothing_to_mix_is_told(method, batch_size, size, rng):
    with pytest.raises(InputError, match="at least 1"):
        method.plan(batch_size, size, rng)


@pytest.mark.parametrize(("batch_size", "size"), [(2.0, SIZE), ("2", SIZE), (2, (8.5, 8)), (2, (8,)), (2, None)])
def test_what_is_no_size_is_told(method, batch_size, size, rng):
    with pytest.raises(InputError, match="whole number"):
        method.plan(batch_size, size, rng)


def test_a_part_of_nothing_is_told(method, rng):
    for start, stop in ((3, 3), (9, 12)):
        with pytest.raises(InputError):
            method.plan(5, SIZE, rng).part(start, stop)


def test_numbers_too_large_to_count_with_are_told(method, rng):
    with pytest.raises(InputError, match="below 2147483648"):
        method.plan(2, (2**63, 4), rng)
    with pytest.raises(InputError, match="image indices"):
        method.plan(1, SIZE, rng, [(2**63,)] * method.mixes)


def test_any_kind_of_integer_does(method):
    """As len, shapes and arrays give them."""
    plain = method.plan(5, SIZE, np.random.default_rng(3))
    other = method.plan(np.int64(5), np.array(SIZE), np.random.default_rng(3))
    assert other == plain and other.to_json() == plain.to_json()
    given = np.arange(5)[None].repeat(method.mixes, 0)
    first, second = (method.plan(5, SIZE, np.random.default_rng(3), sources) for sources in (given, given.tolist()))
    assert first == second and first.to_json() == second.to_json()
    for wrong in (given + 0.5, given - 1):
        with pytest.raises(InputError, match="image indices"):
            method.plan(5, SIZE, np.random.default_rng(3), wrong)


def test_chosen_sources(rng):
    """As a page mixes given pictures into one image: the first is the whole one, or region 1's."""
    for name, rows in (("standard", 1), ("cutout", 1), ("mixup", 2), ("cutmix", 2), ("ricap", 4)):
        plan = create_method(name).plan(1, SIZE, rng, [(k,) for k in range(rows)])
        mixed, targets = plan.apply(numbered(4)), plan.targets(torch.arange(4), 4)
        assert mixed.shape == (1, 3, *SIZE) and targets[0, rows:].sum() == 0
        with pytest.raises(InputError, match=f"sources must be {rows} rows of 1 image ind"):
            create_method(name).plan(1, SIZE, rng, [(0,)] * (rows + 1))


@pytest.mark.parametrize("name", ["ricap", "cutmix", "image_mixing", "label_mixing"])
@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_gather_equals_apply(name, dtype, rng):
    """The way of a GPU, one gather of pixels, gives the pixels of the CPU's."""
    images = (numbered() % 251).to(dtype)
    for _ in range(5):
        plan = create_method(name, per_sample=True).plan(7, SIZE, rng)
        assert isinstance(plan, SamplewisePlan)
        gathered = plan.gather(images)
        assert gathered.dtype == dtype and torch.equal(gathered, plan.apply(images))


@pytest.mark.parametrize("name", ["ricap", "cutmix", "image_mixing", "label_mixing"])
def test_draws_of_all_images_at_once_are_those_of_each(name, rng):
    """What is mixed by are arrays; the plans that are shown and written are made of the same numbers, one by one."""
    plan = create_method(name, per_sample=True).plan(7, SIZE, rng)
    each = SamplewisePlan(tuple(plan.plans))
    assert each == plan and hash(each) == hash(plan)
    for own, other in ((plan, each), (plan.part(2, 6), each.part(2, 6))):
        for array, expected in zip(own.tiles, other.tiles, strict=True):
            assert np.array_equal(array, expected)
    other = create_method(name, per_sample=True).plan(7, SIZE, rng)
    swapped = replace(plan, plans=other.plans)
    assert swapped == other != plan and torch.equal(swapped.apply(numbered()), other.apply(numbered()))
    assert repr(plan.plans[0]) in repr(plan)
    again = pickle.loads(pickle.dumps(plan))
    assert again == plan and torch.equal(again.apply(numbered()), plan.apply(numbered()))


def test_gather_refuses_what_apply_does(rng):
    plan = Ricap(1.0, per_sample=True).plan(7, SIZE, rng)
    for way in (plan.apply, plan.gather):
        with pytest.raises(InputError, match="as planned"):
            way(torch.zeros(7, 3, 16, 12))
        with pytest.raises(InputError, match="at least 7 images"):
            way(numbered(6))


@pytest.mark.parametrize("name", ["ricap", "cutmix"])
def test_gradients_go_through_a_draw_for_every_image(name, rng):
    plan, images = create_method(name, per_sample=True).plan(7, SIZE, rng), numbered().requires_grad_()
    mixed = plan.apply(images)
    assert torch.equal(mixed, plan.apply(images.detach()))
    mixed.sum().backward()
    assert images.grad.sum() == mixed.numel()  # every pixel comes from one


# cutout


@pytest.mark.parametrize("each", [True, False])
def test_cutout_zeroes_its_boxes_and_nothing_else(each, rng):
    images = numbered() + 1
    for _ in range(20):
        plan = Cutout(length=10, per_sample=each).plan(7, SIZE, rng)
        mixed = plan.apply(images)
        for image, original, box in zip(mixed, images, plan.boxes, strict=True):
            masked = torch.zeros(SIZE, dtype=torch.bool)
            masked[box.top : box.top + box.height, box.left : box.left + box.width] = True
            assert (image[:, masked] == 0).all() and torch.equal(image[:, ~masked], original[:, ~masked])
        assert len(set(plan.boxes)) == 1 or each
        assert torch.equal(images.masked_fill(plan.mask(images.device), 0), mixed)  # the way of a GPU
        assert plan.targets(torch.arange(7), 7).equal(torch.eye(7))


def test_cutout_squares_lie_around_uniform_pixels(rng):
    """Centres are uniform over all pixels, the border's too: squares are cut as often as they must be."""
    boxes = Cutout(length=16).plan(20_000, SIZE, rng).boxes
    whole = np.mean([box.height == 16 for box in boxes]), np.mean([box.width == 16 for box in boxes])
    assert whole[0] == pytest.approx(17 / 32, abs=0.02) and whole[1] == pytest.approx(9 / 24, abs=0.02)
    assert all(0 < box.area <= 256 for box in boxes)


@pytest.mark.parametrize(
    ("settings", "side"), [({}, 12), ({"share": 0.25}, 6), ({"length": 5}, 5), ({"share": 0.01}, 1)]
)
def test_cutout_side(settings, side, rng):
    boxes = Cutout(**settings).plan(300, SIZE, rng).boxes
    assert max(box.height for box in boxes) == max(box.width for box in boxes) == side


@pytest.mark.parametrize("settings", [{"length": 0}, {"length": 2.5}, {"length": True}, {"share": 0}, {"share": 1.5}])
def test_cutout_refuses_nonsense(settings):
    with pytest.raises(InputError, match="must be .*; got"):
        Cutout(**settings)


@pytest.mark.parametrize("box", [Box(-1, 0, 4, 4), Box(30, 0, 4, 4), Box(0, 22, 4, 4), Box(0, 0, 4, -1)])
def test_boxes_outside_the_image_are_told(box):
    with pytest.raises(InputError, match="must lie inside the 24 x 32 image"):
        CutoutPlan(SIZE, (0,), (box,))
    with pytest.raises(InputError, match="must lie inside the 24 x 32 image"):
        CutMixPlan(SIZE, box, ((0,), (1,)))


# mixup


@pytest.mark.parametrize("each", [True, False])
def test_mixup_blends_images_and_labels_alike(each, rng):
    images = numbered()
    plan = Mixup(per_sample=each).plan(7, SIZE, rng)
    mixed, targets = plan.apply(images), plan.targets(torch.arange(7), 7)
    assert plan.sources[0] == tuple(range(7)) and sorted(plan.sources[1]) == list(range(7))
    assert len(set(plan.lams)) == (7 if each else 1)
    for i, (j, lam) in enumerate(zip(plan.sources[1], plan.lams, strict=True)):
        assert torch.allclose(mixed[i], lam * images[i] + (1 - lam) * images[j])
        expected = lam * torch.eye(7)[i] + (1 - lam) * torch.eye(7)[j]
        assert torch.allclose(targets[i], expected)


@pytest.mark.parametrize(("alpha", "spread"), [(0.1, 0.456), (1.0, 0.2887), (8.0, 0.1213)])
def test_lam_follows_the_beta_distribution(alpha, spread, rng):
    lams = np.array(Mixup(alpha, per_sample=True).plan(20_000, SIZE, rng).lams)
    assert lams.mean() == pytest.approx(0.5, abs=0.01) and lams.std() == pytest.approx(spread, abs=0.01)


@pytest.mark.parametrize("lam", [-0.1, 1.1, float("nan"), True, "0.5"])
def test_lam_outside_0_and_1_is_told(lam):
    with pytest.raises(InputError, match="lam must lie between 0 and 1"):
        MixupPlan(((0,), (1,)), (lam,))


# CutMix


def test_cutmix_takes_the_partners_box_at_its_own_place(rng):
    images = numbered()
    for _ in range(30):
        plan = CutMix().plan(7, SIZE, rng)
        mixed, targets = plan.apply(images), plan.targets(torch.arange(7), 7)
        inside = torch.zeros(SIZE, dtype=torch.bool)
        inside[plan.box.top : plan.box.top + plan.box.height, plan.box.left : plan.box.left + plan.box.width] = True
        for i, j in enumerate(plan.sources[1]):
            assert torch.equal(mixed[i], torch.where(inside, images[j], images[i]))
            share = 1 - inside.double().mean().item()
            assert torch.allclose(targets[i], share * torch.eye(7)[i] + (1 - share) * torch.eye(7)[j])


def test_cutmix_boxes_have_the_papers_size_before_they_are_cut(rng):
    """Sides are sqrt(1 - lam) of the image's: of boxes that the border spares, the aspect is the image's."""
    plans = [CutMix().plan(1, (320, 240), rng) for _ in range(2000)]
    free = [p.box for p in plans if p.box.top > 0 and p.box.left > 0 and p.box.area]
    free = [b for b in free if b.top + b.height < 320 and b.left + b.width < 240 and b.width > 30]
    assert len(free) > 100
    assert all(abs(b.height / b.width - 320 / 240) < 0.06 for b in free)


def test_cutmix_boxes_come_everywhere_and_their_area_is_1_minus_lam(rng):
    """With alpha 1 lam is even on [0, 1]: so is the area of the boxes before the border cuts them."""
    plans = [CutMix().plan(1, (240, 240), rng) for _ in range(3000)]
    covered = np.zeros((240, 240))
    for plan in plans:
        covered[plan.box.index] += 1 / len(plans)
    for turned in (covered[::-1], covered[:, ::-1], covered.T):
        assert abs(covered - turned).max() < 0.06
    full = np.array([p.box.height for p in plans if 110 <= p.box.top + p.box.height / 2 <= 130])  # hardly ever cut
    assert np.mean((full / 240) ** 2) == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("method", [Mixup(), CutMix()])
def test_partners_are_drawn_at_random(method, rng):
    counts = np.zeros((4, 4))
    for _ in range(600):
        own, partner = method.plan(4, (8, 8), rng).sources
        assert tuple(own) == (0, 1, 2, 3)
        counts[own, partner] += 1
    assert counts.min() > 100, "each is as likely"


@pytest.mark.parametrize("make_method", [Mixup, CutMix])
@pytest.mark.parametrize("alpha", [0, -1, float("nan"), float("inf"), 1e9, "x", None])
def test_bad_alpha_is_told(make_method, alpha):
    with pytest.raises(InputError, match="^alpha must be .*; got"):
        make_method(alpha)


# RICAP's ablations


def test_image_mixing_has_the_largest_regions_label(rng):
    for _ in range(20):
        state = rng.bit_generator.state
        plan = ImageMixing(1.0).plan(7, SIZE, rng)
        rng.bit_generator.state = state
        ricap = Ricap(1.0).plan(7, SIZE, rng)
        assert torch.equal(plan.apply(numbered()), ricap.apply(numbered()))
        largest = max(ricap.patches, key=lambda patch: patch.weight)
        assert plan.targets(torch.arange(7), 7).argmax(1).tolist() == list(largest.source)
        assert set(plan.targets(torch.arange(7), 7).flatten().tolist()) == {0.0, 1.0}


def test_label_mixing_shows_whole_images_with_mixed_labels(rng):
    state = rng.bit_generator.state
    plan = LabelMixing(1.0).plan(7, SIZE, rng)
    rng.bit_generator.state = state
    ricap = Ricap(1.0).plan(7, SIZE, rng)
    assert torch.equal(plan.apply(numbered()), numbered()[list(plan.sources[0])])
    assert torch.equal(plan.targets(torch.arange(7), 7), ricap.targets(torch.arange(7), 7))
    assert plan.boundary == ricap.boundary and plan != ricap and replace(plan) == plan


@pytest.mark.parametrize("ambient", [torch.float64, torch.bfloat16])
def test_whatever_torch_makes_by_default(method, ambient, rng):
    """Targets are float32, and numbers come to where the images lie."""
    images, labels, plan = numbered(4), torch.arange(4), method.plan(4, SIZE, rng)
    mixed, targets = plan.apply(images), plan.targets(labels, 4)
    torch.set_default_dtype(ambient)
    try:
        with torch.device("meta"):
            assert torch.equal(plan.apply(images), mixed)
            again = plan.targets(labels, 4)
    finally:
        torch.set_default_dtype(torch.float32)
    assert again.dtype == torch.float32 and torch.equal(again, targets)


def test_forward_derivatives_go_through(method, rng):
    plan, along = method.plan(4, SIZE, rng), numbered(4)
    with forward_ad.dual_level():
        mixed = plan.apply(forward_ad.make_dual(numbered(4), along))
        tangent = forward_ad.unpack_dual(mixed).tangent
    assert torch.allclose(tangent, plan.apply(along)), "every method is linear"


def test_views_that_are_negated_only_when_read(method, rng):
    plan, pixels = method.plan(4, SIZE, rng), numbered(4)
    negated = torch.complex(torch.zeros_like(pixels), -pixels).conj().imag
    assert negated.is_neg() and torch.equal(plan.apply(negated), plan.apply(pixels))


@pytest.mark.parametrize("value", [2**24 + 1, 2**31 - 1, -(2**31)])
def test_mixup_of_equal_images_of_wide_ints_changes_nothing(value, rng):
    images = torch.full((4, 1, *SIZE), value, dtype=torch.int32)
    assert torch.equal(Mixup().plan(4, SIZE, rng).apply(images), images)


def test_mixup_of_complex_images_blends_both_parts(rng):
    plan, real, imaginary = Mixup().plan(4, SIZE, rng), numbered(4), numbered(4).flip(0)
    mixed = plan.apply(torch.complex(real, imaginary))
    assert torch.allclose(mixed.real, plan.apply(real)) and torch.allclose(mixed.imag, plan.apply(imaginary))


@pytest.mark.parametrize("shape", [(4, *SIZE), (4, 3, 1, *SIZE)])
def test_images_that_are_no_batch(shape, rng):
    for name in METHODS.keys() - {"standard"}:
        with pytest.raises(InputError, match=r"images must be \(N, C,"):
            create_method(name).plan(4, SIZE, rng).apply(torch.zeros(shape))


@pytest.mark.parametrize("per_sample", ["false", 1, None])
def test_a_switch_is_true_or_false(per_sample):
    for name in METHODS.keys() - {"standard"}:
        with pytest.raises(InputError, match="per_sample must be True or False; got"):
            create_method(name, per_sample=per_sample)


def test_settings_may_be_numpys_numbers(rng):
    assert Cutout(length=np.int64(8)) == Cutout(length=8) and Cutout(share=np.float32(0.5)) == Cutout(share=0.5)
    plan = Cutout(length=np.int64(8)).plan(2, SIZE, rng)
    assert CutoutPlan.from_json(plan.to_json()) == plan


def test_standard_targets_need_their_labels():
    with pytest.raises(InputError, match="needs at least 2000000000 labels; got 3"):
        Standard().plan(2_000_000_000, SIZE, np.random.default_rng(0)).targets(torch.arange(3), 5)
