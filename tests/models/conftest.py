"""Every network, small, made once for all tests."""

import pytest
import torch

from ricap_explorer.models import create_model

TINY = {
    "looknet": {"width": 8, "depth": 1},
    "preact_resnet": {"depth": 11, "base_width": 4, "bottleneck": True},
    "wide_resnet": {"depth": 10, "width": 1, "dropout": 0.3},
    "densenet_bc": {"depth": 10, "growth_rate": 4},
    "pyramidnet": {"depth": 11, "alpha": 8, "bottleneck": True},
    "shake_shake": {"depth": 8, "base_width": 4},
    "wide_resnet50_2": {},  # it has one size
}


@pytest.fixture(scope="session")
def tiny():
    """For every network the arguments of a small one."""
    return TINY


@pytest.fixture(scope="package", params=TINY)
def network(request):
    """Each network once, small, of 5 classes, in evaluation mode, no part of it idle; a test may change its mode."""
    torch.manual_seed(0)
    model = create_model(request.param, 5, **TINY[request.param])
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter += torch.rand_like(parameter)  # no norm is zero, no unit dead by chance
        for norm in norms:
            norm.momentum = 1.0  # one batch decides the statistics
        model(torch.randn(8, 3, 64, 64))
        for norm in norms:
            norm.momentum = 0.1
    return model.eval()


@pytest.fixture(autouse=True)
def as_before(request):
    """Whatever a test did to the shared network's mode and gradients is undone."""
    yield
    if "network" in request.fixturenames:
        request.getfixturevalue("network").eval().zero_grad()
