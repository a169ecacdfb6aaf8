"""What holds for every network: shapes, gradients, precision, and a class activation map that is exact."""

import pytest
import torch
from torch import nn

from ricap_explorer.cam import class_maps
from ricap_explorer.errors import InputError
from ricap_explorer.models import MODELS, create_model, model_arguments

PARAMETERS = [  # millions, as the networks' own papers (or torchvision) state them
    ("preact_resnet", 10, {"depth": 110}, 1.7),
    ("preact_resnet", 10, {"depth": 164, "bottleneck": True}, 1.7),
    ("wide_resnet", 10, {"depth": 28, "width": 10, "dropout": 0.3}, 36.5),
    ("wide_resnet", 10, {"depth": 40, "width": 4}, 8.9),
    ("wide_resnet", 10, {"depth": 16, "width": 8}, 11.0),
    ("densenet_bc", 10, {"depth": 190, "growth_rate": 40}, 25.6),
    ("densenet_bc", 10, {"depth": 100, "growth_rate": 12}, 0.8),
    ("densenet_bc", 10, {"depth": 250, "growth_rate": 24}, 15.3),
    ("pyramidnet", 10, {"depth": 272, "alpha": 200, "bottleneck": True}, 26.0),
    ("pyramidnet", 10, {"depth": 200, "alpha": 240, "bottleneck": True}, 26.6),
    ("pyramidnet", 10, {"depth": 110, "alpha": 48, "bottleneck": False}, 1.7),
    ("shake_shake", 10, {"depth": 26, "base_width": 96}, 26.2),
    ("shake_shake", 10, {"depth": 26, "base_width": 32}, 2.9),
    ("wide_resnet50_2", 1000, {}, 68.9),
]


@pytest.fixture(scope="module")
def images():
    return torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def test_every_network_is_tried(tiny):
    assert set(tiny) == set(MODELS)
    assert {name for name, *_ in PARAMETERS} == set(MODELS) - {"looknet"}  # LookNet stands in no paper


@pytest.mark.parametrize(("name", "num_classes", "arguments", "millions"), PARAMETERS)
def test_parameters_are_as_many_as_in_the_paper(name, num_classes, arguments, millions):
    with torch.device("meta"):
        model = create_model(name, num_classes, **arguments)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.06)


@pytest.mark.parametrize("name", ["wide_resnet", "densenet_bc", "pyramidnet", "shake_shake"])
def test_the_papers_networks_are_the_defaults(name):
    stated = next(arguments for known, _, arguments, _ in PARAMETERS if known == name)
    assert model_arguments(name) == model_arguments(name, **stated)


@pytest.mark.parametrize(("batch", "height", "width"), [(3, 32, 32), (1, 33, 47), (2, 64, 48)])
def test_any_size_and_batch_gives_logits(network, batch, height, width):
    with torch.inference_mode():
        logits = network(torch.randn(batch, 3, height, width))
    assert logits.shape == (batch, 5) and logits.isfinite().all()


@pytest.mark.parametrize("size", [(32, 32), (37, 51)])
def test_the_classifier_averages_what_the_cam_layer_gives(network, size):
    given, pooled = [], []
    handles = [
        network.cam_layer.register_forward_hook(lambda module, inputs, output: given.append(output)),
        network.classifier.register_forward_pre_hook(lambda module, inputs: pooled.append(inputs[0])),
    ]
    with torch.no_grad():
        logits = network(torch.randn(2, 3, *size))
    for handle in handles:
        handle.remove()
    assert len(given) == 1 and (given[0] >= 0).all() and given[0].any()  # after a ReLU
    torch.testing.assert_close(given[0].mean((2, 3)), pooled[0])
    assert isinstance(network.classifier, nn.Linear) and logits.shape == (2, network.classifier.out_features)


@pytest.mark.parametrize("size", [(32, 32), (40, 72)])
def test_mean_of_the_map_and_bias_is_the_logit(network, size):
    image = torch.randn(3, *size)
    logits, maps = class_maps(network, image, range(5))
    with torch.no_grad():
        torch.testing.assert_close(logits, network(image[None])[0], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(maps.mean((1, 2)) + network.classifier.bias.detach(), logits, rtol=1e-4, atol=1e-4)


def test_gradients_reach_every_parameter(network, images):
    network.train()
    network(images).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all() and parameter.grad.any(), name


def test_gradients_reach_the_image_without_leaving_the_mode(network, images):
    images = images.clone().requires_grad_()
    network(images).sum().backward()
    assert images.grad.flatten(1).any(1).all()


def test_images_do_not_look_at_each_other_in_evaluation(network, images):
    with torch.inference_mode():
        torch.testing.assert_close(network(images)[1:2], network(images[1:2]), rtol=1e-4, atol=1e-4)


def test_training_uses_the_batch_and_evaluation_does_not(network, images):
    counts = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [int(module.num_batches_tracked) for module in counts]
    with torch.no_grad():
        first, second = network(images), network(images)
        assert torch.equal(first, second) and [int(module.num_batches_tracked) for module in counts] == before
        assert not torch.allclose(network.train()(images), first)
    assert [int(module.num_batches_tracked) for module in counts] == [count + 1 for count in before]


def test_random_numbers_come_from_torchs_generator_alone(network, images):
    """What training draws can be resumed: the generator's state is all there is to it."""
    network.train()
    images = images.clone().requires_grad_()
    state = torch.get_rng_state()
    outcomes = []
    for _ in range(2):
        torch.set_rng_state(state)
        logits = network(images)
        outcomes.append((logits.detach(), *torch.autograd.grad(logits.square().sum(), images)))
    assert all(torch.equal(one, other) for one, other in zip(*outcomes, strict=True))


def test_channels_last_agrees(network, images):
    with torch.inference_mode():
        plain = network(images)
        torch.testing.assert_close(network(images.to(memory_format=torch.channels_last)), plain, rtol=1e-3, atol=1e-3)


def test_bfloat16_autocast_trains(network, images):
    network.train()
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(images.to(memory_format=torch.channels_last))
    assert logits.dtype == torch.bfloat16 and logits.isfinite().all()
    logits.float().square().sum().backward()
    assert all(p.grad.dtype == torch.float32 and p.grad.isfinite().all() for p in network.parameters())


def test_bfloat16_agrees_with_float32(network, images):
    with torch.inference_mode():
        plain = network(images)
        with torch.autocast("cpu", torch.bfloat16):
            half = network(images).float()
    assert (half - plain).norm() < 0.1 * plain.norm()


def test_weights_move_to_a_network_of_the_same_arguments(network, tiny, images):
    name = next(name for name, kind in MODELS.items() if type(network) is kind)
    with torch.device("meta"):
        other = create_model(name, 5, **tiny[name])
    other.load_state_dict({key: value.clone() for key, value in network.state_dict().items()}, assign=True)
    with torch.inference_mode():
        assert torch.equal(other.eval()(images), network(images))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("value", [0, -1, 2.0, "8", None, True])
def test_class_count_is_checked(name, value, tiny):
    with (
        torch.device("meta"),
        pytest.raises(InputError, match="^num_classes must be a whole number (of at least 1|from 1 to 100000); got"),
    ):
        create_model(name, value, **tiny[name])


@pytest.mark.parametrize(
    ("name", "argument", "allowed", "values"),
    [
        ("preact_resnet", "depth", r"6n \+ 2 \(8, 14, 20, ", [2, 18, 28]),
        ("preact_resnet", "base_width", "a whole number from 1 to", [0, 2000]),
        ("preact_resnet", "bottleneck", "true or false", [1, 0.0]),
        ("wide_resnet", "depth", r"6n \+ 4 \(10, 16, 22, ", [4, -2, 27, 28.0, 6004]),
        ("wide_resnet", "width", "a whole number from 1 to", [0, -1, 1.5, 10**9]),
        ("wide_resnet", "dropout", "a number at least 0", [-0.1, 1, float("nan"), float("inf"), False]),
        ("densenet_bc", "depth", r"6n \+ 4", [4, 41]),
        ("densenet_bc", "growth_rate", "a whole number from 1 to", [0, 12.0]),
        ("densenet_bc", "compression", "a number at least 0.1 and at most 1", [0, 1.1, True, float("nan")]),
        ("pyramidnet", "depth", r"9n \+ 2 \(11, 20, 29, ", [2, 110 + 1, 273]),
        ("pyramidnet", "alpha", "a whole number from 1 to", [0, 200.0]),
        ("pyramidnet", "bottleneck", "true or false", [1]),
        ("shake_shake", "depth", r"6n \+ 2", [2, 27]),
        ("shake_shake", "base_width", "a whole number from 2 to", [1, 96.0]),
    ],
)
def test_bad_argument_is_told(name, argument, allowed, values):
    for value in (*values, "28", None, *([] if "true" in allowed else [True])):
        with torch.device("meta"), pytest.raises(InputError, match=f"^{argument} must be {allowed}.*; got ") as caught:
            create_model(name, **{argument: value})
        assert str(caught.value).endswith(f"; got {value!r}")


@pytest.mark.parametrize("name", ["preact_resnet", "pyramidnet"])
def test_depth_counts_by_the_kind_of_block(name):
    with torch.device("meta"):
        create_model(name, depth=14, bottleneck=False)
        with pytest.raises(InputError, match="depth must be 9n"):
            create_model(name, depth=14, bottleneck=True)
