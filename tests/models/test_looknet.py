"""LookNet: shapes, size, gradients, and a class activation map that is exact."""

import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model


@pytest.fixture(scope="module")
def small():
    """A narrow LookNet in evaluation mode whose norms and blocks all do something."""
    torch.manual_seed(0)
    model = create_model("looknet", 5, width=8, depth=2)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, 0.1, 0.3)
    return model.eval()


def feature_map(model, images):
    """What the cam_layer gives for images, and the logits of the same pass."""
    seen = []
    handle = model.cam_layer.register_forward_hook(lambda module, args, output: seen.append(output))
    logits = model(images)
    handle.remove()
    return seen[0], logits


@pytest.mark.parametrize(("height", "width"), [(32, 32), (64, 48), (33, 47), (97, 65), (192, 192)])
def test_any_size_gives_logits_and_a_map_of_stride_16(small, height, width):
    with torch.inference_mode():
        features, logits = feature_map(small, torch.randn(2, 3, height, width))
    assert logits.shape == (2, 5)
    assert features.shape == (2, 32, -(-height // 16), -(-width // 16))


def test_map_is_12_by_12_at_192_pixels():
    with torch.inference_mode():
        features, _ = feature_map(create_model("looknet").eval(), torch.randn(1, 3, 192, 192))
    assert features.shape[2:] == (12, 12)


def test_averaged_and_classified_map_is_the_logits(small):
    with torch.inference_mode():
        features, logits = feature_map(small, torch.randn(3, 3, 64, 48))
        assert torch.allclose(small.classifier(features.mean((2, 3))), logits, atol=1e-5, rtol=1e-5)
        assert (features >= 0).all()  # after a ReLU


def test_published_file_stays_under_8_mib():
    assert sum(tensor.numel() for tensor in create_model("looknet").state_dict().values()) * 2 < 8 * 2**20


def test_gradients_reach_every_parameter():
    torch.manual_seed(0)
    model = create_model("looknet", 5, width=16, depth=2)
    for block in model.blocks:
        torch.nn.init.ones_(block.norm2.weight)  # else a new block is its shortcut alone
        torch.nn.init.ones_(block.attend.squeeze.bias)  # no unit dead by chance
    model(torch.randn(4, 3, 40, 36)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_every_block_starts_as_its_shortcut():
    model = create_model("looknet", width=8, depth=2).eval()
    x = torch.rand(1, 8, 12, 12)
    assert torch.equal(model.blocks[0](x), torch.relu(model.blocks[0].shortcut(x)))


def test_images_do_not_look_at_each_other_in_evaluation(small):
    images = torch.randn(3, 3, 48, 48)
    with torch.inference_mode():
        assert torch.allclose(small(images)[1:2], small(images[1:2]), atol=1e-5)


def test_channels_last_and_bfloat16_agree_with_float32(small):
    images = torch.randn(2, 3, 48, 48)
    with torch.inference_mode():
        plain = small(images)
        assert torch.allclose(small(images.contiguous(memory_format=torch.channels_last)), plain, rtol=1e-4, atol=1e-4)
        with torch.autocast("cpu", torch.bfloat16):
            assert (small(images).float() - plain).norm() < 0.1 * plain.norm()


def test_seed_decides_the_weights():
    weights = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        weights.append(create_model("looknet", width=8, depth=1).state_dict()["classifier.weight"])
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("argument", ["num_classes", "width", "depth"])
@pytest.mark.parametrize("value", [0, -1, 2.5, "8", None, True])
def test_bad_argument_is_told(argument, value):
    with pytest.raises(InputError, match=f"^{argument} must be a whole number from .*; got "):
        create_model("looknet", **{argument: value})


@pytest.mark.parametrize(("argument", "most"), [("num_classes", 100_000), ("width", 1024), ("depth", 100)])
def test_a_network_beyond_any_memory_is_told(argument, most):
    with pytest.raises(InputError, match=f"^{argument} must be a whole number from [0-9]+ to {most}; got {most + 1}"):
        create_model("looknet", **{argument: most + 1})
