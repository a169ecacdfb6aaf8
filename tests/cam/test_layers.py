"""Earlier layers: found in every kind of network, and their maps are the library's."""

import copy

import numpy as np
import pytest
import torch

from ricap_explorer.cam import LAYERS, class_maps
from ricap_explorer.cam.layers import find_layer, stages
from ricap_explorer.cam.maps import LIBRARY_CLASSES
from ricap_explorer.cam.methods import ANY_LAYER
from ricap_explorer.errors import InputError
from ricap_explorer.models import create_model

NETWORKS = {
    "looknet": ({"width": 8, "depth": 1}, [(4, 4), (8, 8), (16, 16), (32, 32)]),
    "wide_resnet": ({"depth": 10, "width": 1}, [(16, 16), (32, 32), (64, 64)]),
    "densenet_bc": ({"depth": 16, "growth_rate": 4}, [(16, 16), (32, 32), (64, 64)]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_stage_is_a_stretch_of_one_grid(name):
    arguments, grids = NETWORKS[name]
    model = create_model(name, 5, **arguments)
    found = stages(model, (64, 64))
    assert [grid for _, grid in found] == grids and found[0][0] is model.cam_layer
    assert len({layer for layer, _ in found}) == len(found)
    assert model.training and not any(module._forward_hooks for module in model.modules())


def test_a_network_has_only_so_many_stages():
    model = create_model("wide_resnet", 5, depth=10, width=1)
    with pytest.raises(InputError, match="layer must be one of last, second, third for this network; got fourth"):
        find_layer(model, "fourth", (32, 32))
    with pytest.raises(InputError, match="layer must be one of last, second, third, fourth; got 'none'"):
        find_layer(model, "none", (32, 32))


@pytest.mark.parametrize("method", [method for method in ANY_LAYER if method != "scorecam"])
@pytest.mark.parametrize("layer", ["second", "fourth"])
def test_equals_the_library_on_earlier_layers(network, image, method, layer):
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.image import scale_cam_image
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    _, maps = class_maps(network, image, [3], method, layer)
    reference = copy.deepcopy(network).to(memory_format=torch.contiguous_format)
    cam = getattr(pytorch_grad_cam, LIBRARY_CLASSES[method])(reference, [find_layer(reference, layer, (64, 96))])
    theirs = cam(image[None], [ClassifierOutputTarget(3)])[0]
    signs = (1, -1) if method == "eigencam" else (1,)
    ours = [scale_cam_image(scale_cam_image(np.maximum(s * maps.numpy(), 0), (96, 64)))[0] for s in signs]
    assert min(np.abs(values - theirs).max() for values in ours) < 2e-3


def test_scorecam_and_layers_leave_no_trace(network, image):
    before = {key: value.clone() for key, value in network.state_dict().items()}
    maps = class_maps(network.train(), image, [0, 1], "scorecam", "second")[1]
    assert maps.shape == (2, 8, 12) and torch.isfinite(maps).all()
    assert network.training and not any(module._forward_hooks for module in network.modules())
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("method", ["cam", "ablationcam"])
def test_zhou_s_map_is_of_the_last_layer_only(network, image, method):
    assert list(LAYERS)[0] == "last"
    with pytest.raises(InputError, match="for an earlier layer must be one of Grad-CAM"):
        class_maps(network, image, [0], method, "second")
