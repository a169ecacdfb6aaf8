"""The loss with mixed captions, the encoders, and that a network learns what its captions tell."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ricap_explorer.errors import InputError
from ricap_explorer.mixing import METHODS
from ricap_explorer.retrieval import learning
from ricap_explorer.retrieval.learning import fine_tune
from ricap_explorer.retrieval.learning import test as rank
from ricap_explorer.retrieval.network import TEMPERATURE, Retriever, TextEncoder, mixed_loss
from ricap_explorer.retrieval.recipe import Recipe

CPU = torch.device("cpu")
EVERY = np.arange(12)
SHORT = Recipe(epochs=2, batch_size=6, image_size=32)


def test_the_loss_of_unmixed_images_is_clips():
    scores = torch.randn(5, 5)
    own = torch.arange(5)
    clip = (F.cross_entropy(scores / TEMPERATURE, own) + F.cross_entropy(scores.T / TEMPERATURE, own)) / 2
    torch.testing.assert_close(mixed_loss(scores, torch.eye(5)), clip)


def test_every_caption_counts_by_its_share_of_the_patched_image():
    plan = METHODS["ricap"]().plan(6, (32, 32), np.random.default_rng(0))
    targets, scores = plan.targets(torch.arange(6), 6), torch.randn(6, 6)
    loss = 0.0
    for image in range(6):
        for patch in plan.patches:
            caption = int(patch.source[image])
            for line, place in ((scores[image], caption), (scores[:, caption], image)):
                loss -= patch.weight * F.log_softmax(line / TEMPERATURE, 0)[place] / 12
    torch.testing.assert_close(mixed_loss(scores, targets), loss)


def test_padding_changes_no_caption():
    encoder = TextEncoder(9).eval()
    short = encoder(torch.tensor([[2, 3]]))
    padded = encoder(torch.tensor([[2, 3, 0, 0], [4, 5, 6, 7]]))
    torch.testing.assert_close(padded[:1], short)
    torch.testing.assert_close(padded.norm(dim=1), torch.ones(2))


def test_images_and_captions_share_a_space(start, things):
    retriever = Retriever(start.load(), 9).eval()
    with torch.inference_mode():
        seen, read = retriever(torch.randn(2, 3, 32, 32)), retriever.text(torch.tensor([[2, 3]]))
    assert seen.shape == (2, 256) and read.shape == (1, 256)
    torch.testing.assert_close(seen.norm(dim=1), torch.ones(2))


@pytest.mark.parametrize("method", ["standard", "ricap"])
def test_a_network_learns_what_its_captions_tell(start, things, method):
    recipe = Recipe(epochs=40, batch_size=12, image_size=32)
    before = rank(*fine_tune(start.load(), things, EVERY, METHODS[method](), SHORT, 0, CPU), things, EVERY, 32)
    after = rank(*fine_tune(start.load(), things, EVERY, METHODS[method](), recipe, 0, CPU), things, EVERY, 32)
    assert after.image.mean() < before.image.mean() - 1
    assert after.measures()["i5"].mean() > 0.9


def test_one_seed_is_one_network_and_leaves_the_others_alone(start, things):
    networks, state = [start.load() for _ in range(3)], torch.get_rng_state()
    runs = [
        fine_tune(network, things, EVERY, METHODS["ricap"](), SHORT, seed, CPU)[0]
        for network, seed in zip(networks, (0, 0, 1), strict=True)
    ]
    assert torch.equal(torch.get_rng_state(), state)
    one, same, other = (run.text.words.weight for run in runs)
    assert torch.equal(one, same) and not torch.equal(one, other)


def test_a_loss_that_is_not_finite_is_told(start, things):
    wild = Recipe(epochs=3, batch_size=6, image_size=32, lr=1e30)
    with pytest.raises(InputError, match=r"the loss must stay finite; it was nan in epoch \d: try a lower --lr"):
        fine_tune(start.load(), things, EVERY, METHODS["standard"](), wild, 0, CPU)


def test_half_precision_is_bfloat16_alone(monkeypatch):
    for auto, used in (("bf16", "bf16"), ("fp16", "fp32"), ("fp32", "fp32")):
        monkeypatch.setattr(learning, "choose_precision", lambda name, device, auto=auto: auto)
        assert learning.precision_on(CPU) == used, "what has no bfloat16 does not scale its loss"


def test_images_that_fill_no_batch_are_told(start, things):
    with pytest.raises(InputError, match="--batch-size must be at most 12, the images to learn from; got 13"):
        fine_tune(start.load(), things, EVERY, METHODS["standard"](), Recipe(batch_size=13, image_size=32), 0, CPU)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("epochs", 0), ("batch_size", 1), ("image_size", 31), ("image_size", 513), ("lr", 0.0), ("lr", float("inf"))]
    + [("weight_decay", -1.0), ("crop_scale", 0.0), ("crop_scale", 1.5), ("lr", float("nan"))],
)
def test_a_recipe_of_nonsense_is_told(setting, value):
    with pytest.raises(InputError, match=f"{setting} must be .+; got"):
        Recipe(**{setting: value})
