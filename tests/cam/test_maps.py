"""Maps are exact, equal the library's, and leave no trace."""

import copy
import gc
import threading

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torchvision.models import mobilenet_v2, resnet18

from ricap_explorer.cam import CAM_METHODS, class_maps, observe
from ricap_explorer.cam.maps import LIBRARY_CLASSES
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model

LIBRARY = list(LIBRARY_CLASSES)


def traces(network):
    """All that looking at a network could change."""
    modules = [
        (name, id(module), module.training, len(module._forward_hooks), len(module._forward_pre_hooks),
         len(module._backward_hooks))
        for name, module in network.named_modules()
    ]  # fmt: skip
    parameters = [
        (name, id(p), p.requires_grad, None if p.grad is None else p.grad.sum().item())
        for name, p in network.named_parameters()
    ]
    return modules, parameters, {name: value.clone() for name, value in network.state_dict().items()}


def assert_untouched(network, before):
    modules, parameters, state = traces(network)
    assert (modules, parameters) == before[:2]
    for name, value in state.items():
        torch.testing.assert_close(value, before[2][name], rtol=0, atol=0, equal_nan=True)


def test_methods_are_listed_in_order():
    assert list(CAM_METHODS) == [
        "cam", "gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "eigencam", "scorecam", "ablationcam"
    ]  # fmt: skip
    assert set(LIBRARY) == set(CAM_METHODS) - {"cam"}


def test_mean_of_the_map_and_bias_is_the_logit(image):
    network = create_model("looknet", num_classes=7, width=8).eval()
    torch.nn.init.normal_(network.classifier.bias)
    logits, maps = class_maps(network, image, range(7))
    assert maps.shape == (7, 4, 6) and maps.dtype == torch.float32
    with torch.no_grad():
        torch.testing.assert_close(logits, network(image[None])[0], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(maps.mean((1, 2)) + network.classifier.bias.detach(), logits, rtol=1e-5, atol=1e-5)


def test_any_number_of_classes_costs_one_forward_pass(network, image):
    calls = []
    network.stem.register_forward_hook(lambda *_: calls.append(1))
    class_maps(network, image, range(5))
    assert len(calls) == 1


def test_without_classes_the_first_choice_is_explained(network, image):
    logits, own = class_maps(network, image)
    first, last = int(logits.argmax()), int(logits.argmin())
    assert torch.equal(own, class_maps(network, image[None], [first])[1])
    mixed = class_maps(network, image, [last, None])[1]
    torch.testing.assert_close(mixed, class_maps(network, image, [last, first])[1])


@pytest.mark.parametrize("method", LIBRARY)
def test_equals_the_library_before_its_normalisation(network, image, method):
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.image import scale_cam_image
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    logits, maps = class_maps(network, image, [3, 1], method)
    assert maps.shape == (2, 4, 6)
    for k, raw in zip((3, 1), maps.numpy(), strict=True):
        reference = copy.deepcopy(network).to(memory_format=torch.contiguous_format)
        cam = getattr(pytorch_grad_cam, LIBRARY_CLASSES[method])(reference, [reference.cam_layer])
        theirs = cam(image[None], [ClassifierOutputTarget(k)])[0]
        signs = {"eigencam": (1, -1), "ablationcam": (logits[k].sign().item(),)}.get(method, (1,))
        ours = [scale_cam_image(scale_cam_image(np.maximum(sign * raw, 0)[None], (96, 64)))[0] for sign in signs]
        assert min(np.abs(values - theirs).max() for values in ours) < 2e-3


def test_three_gradient_methods_are_the_map_divided_by_the_grid(network, image):
    """For a network that ends in global average pooling and one linear layer; so the module's docstring says."""
    maps = class_maps(network, image, [0, 4])[1] / 24
    for method in ("gradcam", "hirescam", "xgradcam"):
        torch.testing.assert_close(class_maps(network, image, [0, 4], method)[1], maps, rtol=1e-4, atol=1e-5)


def test_ablationcam_weighs_by_the_logit_s_drop(network, image):
    """For such a network the drop is w_kc times the mean feature; it keeps its sign where the logit is negative."""
    with torch.no_grad():
        network.classifier.bias[2] = -50
    logits, maps = class_maps(network, image, [2, 3], "ablationcam")
    features = observe(network, image[None])[1][0]
    weights = network.classifier.weight.detach()[[2, 3]] * features.mean((1, 2))
    assert logits[2] < 0
    torch.testing.assert_close(maps, torch.einsum("nc,chw->nhw", weights, features), rtol=1e-3, atol=1e-3)


def test_scorecam_s_weights_are_the_answers_to_what_each_channel_lights_up(network, image):
    """Wang et al. 2020: enlarged channels, scaled to 0 to 1, are masks; softmax over channels of the class's logit."""
    network.eval()
    with torch.no_grad():
        _, features = observe(network, image[None])
        masks = F.interpolate(features, image.shape[1:], mode="bilinear", align_corners=False)[0]
        low, high = masks.amin((1, 2), keepdim=True), masks.amax((1, 2), keepdim=True)
        logits = network(image * ((masks - low) / (high - low + 1e-8))[:, None])  # (C, K)
        expected = (logits[:, 2].softmax(0)[:, None, None] * features[0]).sum(0)
    torch.testing.assert_close(class_maps(network, image, [2], "scorecam")[1][0], expected, rtol=1e-3, atol=1e-4)


def test_scorecam_asks_the_network_once_for_all_classes(network, image):
    calls = []
    network.stem.register_forward_hook(lambda *_: calls.append(1))
    maps = class_maps(network, image, [0, 3, 0], "scorecam")[1]
    assert len(calls) == 1 + 32 // 16  # to observe, then a batch of 16 for every 16 channels
    assert torch.equal(maps[0], maps[2]) and not torch.equal(maps[0], maps[1])
    assert torch.equal(maps[1], class_maps(network, image, [3], "scorecam")[1][0])


def test_eigencam_rises_where_the_features_do(network, image):
    maps = class_maps(network, image, [0, 4], "eigencam")[1]
    features = observe(network, image[None])[1][0].mean(0)
    assert torch.equal(maps[0], maps[1])
    assert (maps[0] * (features - features.mean())).sum() >= 0


@pytest.mark.parametrize("method", CAM_METHODS)
def test_leaves_no_trace(network, image, method):
    network.blocks[0].train()  # a mode that is not everywhere the same
    next(network.parameters()).requires_grad_(False)
    network.classifier.weight.grad = torch.ones_like(network.classifier.weight)
    before, source, random = traces(network), image.clone(), torch.get_rng_state()
    logits, maps = class_maps(network, image, [0, 1], method)
    assert_untouched(network, before)
    assert torch.equal(image, source) and image.grad is None
    assert torch.equal(torch.get_rng_state(), random)
    for tensor in (logits, maps):
        assert not tensor.requires_grad and not tensor.is_inference()


@pytest.mark.parametrize("method", CAM_METHODS)
def test_leaves_no_trace_when_the_network_fails(network, image, method):
    def fail(*_):
        raise RuntimeError("broken")

    network.train()
    handle = network.classifier.register_forward_pre_hook(fail)
    before = traces(network)
    with pytest.raises(RuntimeError, match="broken"):
        class_maps(network, image, [0], method)
    assert_untouched(network, before)
    handle.remove()


@pytest.mark.parametrize("method", LIBRARY)
def test_leaves_no_trace_when_the_library_fails(network, image, method, monkeypatch):
    import pytorch_grad_cam

    def fail(*_):
        raise IndexError("the library's own context manager would swallow this")

    asked = "get_cam_weights" if method == "scorecam" else "get_cam_image"
    monkeypatch.setattr(getattr(pytorch_grad_cam, LIBRARY_CLASSES[method]), asked, fail)
    before = traces(network)
    with pytest.raises(IndexError):
        class_maps(network, image, [0], method)
    assert_untouched(network, before)


@pytest.mark.parametrize("method", CAM_METHODS)
def test_works_in_every_grad_mode_and_twice_the_same(network, image, method):
    expected = class_maps(network, image, [1], method)[1]
    with torch.no_grad():
        assert torch.equal(class_maps(network, image, [1], method)[1], expected)
    with torch.inference_mode():
        assert torch.equal(class_maps(network, image.clone(), [1], method)[1], expected)
        loaded = copy.deepcopy(network)
    assert torch.equal(class_maps(loaded, image, [1], method)[1], expected)


@pytest.mark.parametrize("method", CAM_METHODS)
def test_nothing_stays_in_memory(network, image, method):
    def tensors():
        gc.collect()
        return sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())

    class_maps(network, image, [0], method)
    before = tensors()
    for _ in range(3):
        class_maps(network, image, [0], method)
    assert tensors() <= before


@pytest.mark.parametrize("method", ["scorecam", "ablationcam"])
def test_progress_bars_are_silent(network, image, method, capfd):
    class_maps(network, image, [0], method)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", CAM_METHODS)
def test_broken_weights_give_nan_and_blank_images_a_map(network, image, method):
    assert class_maps(network, torch.zeros(3, 64, 64), [0], method)[1].shape == (1, 4, 4)
    with torch.no_grad():
        network.stem[0].weight.fill_(torch.nan)
    maps = class_maps(network, image, [0], method)[1]
    assert maps.shape == (1, 4, 6) and maps.isnan().all()


@pytest.mark.parametrize(
    ("classes", "method", "shape", "words"),
    [
        ([5], "cam", (3, 64, 64), "0 to 4; got 5"),
        ([-1], "cam", (3, 64, 64), "0 to 4; got -1"),
        ([1.0], "cam", (3, 64, 64), "got 1.0"),
        ([True], "cam", (3, 64, 64), "got True"),
        ([], "cam", (3, 64, 64), "at least one class"),
        ([0], "smoothgrad", (3, 64, 64), "CAM method must be one of cam, gradcam"),
        ([0], "cam", (64, 64), r"\(3, H, W\) or \(1, 3, H, W\); got \(64, 64\)"),
        ([0], "cam", (2, 3, 64, 64), "one RGB image"),
        ([0], "cam", (1, 64, 64), "one RGB image"),
        ([0], "cam", (3, 0, 64), "one RGB image"),
    ],
)
def test_bad_input_is_told(network, classes, method, shape, words):
    with pytest.raises(InputError, match=words):
        class_maps(network, torch.zeros(shape), classes, method)


def test_pixels_are_refused(network):
    with pytest.raises(InputError, match="normalised floats; got torch.uint8"):
        class_maps(network, torch.zeros(3, 64, 64, dtype=torch.uint8))


def test_threads_may_share_a_network_under_a_lock(network, image):
    images = [image * (i + 1) / 4 for i in range(8)]
    expected = [class_maps(network, x, [2])[1] for x in images]
    found, lock = [None] * 8, threading.Lock()

    def look(i):
        with lock:
            found[i] = class_maps(network, images[i], [2], ("cam", "gradcam")[i % 2])[1] * (24 if i % 2 else 1)

    workers = [threading.Thread(target=look, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_a_network_without_the_two_modules_is_told_and_with_them_it_works():
    network, image = resnet18(num_classes=3).eval(), torch.randn(3, 64, 64)
    with pytest.raises(InputError, match="cam_layer.*classifier.*; ResNet has no cam_layer and no classifier"):
        class_maps(network, image)
    for name, module in {"cam_layer": network.layer4, "classifier": network.fc}.items():
        object.__setattr__(network, name, module)
    assert network.state_dict().keys() == resnet18(num_classes=3).state_dict().keys()
    logits, maps = class_maps(network, image, [0, 1, 2])
    torch.testing.assert_close(maps.mean((1, 2)) + network.fc.bias.detach(), logits, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("method", ["cam", "gradcam"])
def test_autocast_around_it_changes_no_type(network, image, method):
    with torch.autocast("cpu", torch.bfloat16):
        logits, maps = class_maps(network, image, method=method)
    assert logits.dtype == maps.dtype == torch.float32
    torch.testing.assert_close(maps, class_maps(network, image, method=method)[1], rtol=0.1, atol=0.1)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_network_of_another_precision_is_told(network, image, dtype):
    with pytest.raises(InputError, match=f"must compute in float32; its weights are {dtype}"):
        class_maps(copy.deepcopy(network).to(dtype), image)


def test_a_classifier_that_is_not_one_linear_layer_is_told(image):
    network = mobilenet_v2(num_classes=7).eval()
    object.__setattr__(network, "cam_layer", network.features)
    with pytest.raises(InputError, match="MobileNetV2 has no classifier of the kind"):
        class_maps(network, image)


class Bent(torch.nn.Module):
    """Something stands between the layer that is named and the average."""

    def __init__(self):
        super().__init__()
        self.cam_layer = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8))
        self.classifier = torch.nn.Linear(8, 5)

    def forward(self, x):
        return self.classifier(torch.relu(self.cam_layer(x)).mean((2, 3)))


@pytest.mark.parametrize("method", CAM_METHODS)
def test_a_layer_that_is_not_what_the_network_averages_is_told(image, method):
    torch.manual_seed(0)
    with pytest.raises(InputError, match="must average what cam_layer gives.*Bent's logits are others"):
        class_maps(Bent().eval(), image, method=method)
