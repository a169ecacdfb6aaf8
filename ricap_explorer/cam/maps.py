"""Class activation maps as raw numbers: never normalised, so that maps of two networks can be compared.

Every network here ends in global average pooling and one linear layer (see models/registry.py). For such a network
Zhou's map is exact: its mean over the grid plus the classifier's bias is the class's logit. Grad-CAM, HiResCAM and
XGrad-CAM then show the same picture divided by the number of grid cells; the other methods differ.

One forward pass observes the network. Everything else happens on the observed features and on a copy of the
classifier, so hooks, gradients, modes and modules of the network are afterwards as they were. The hook sees every
forward pass of the network while it is there: callers that share a network between threads hold a lock of their own.
"""

import copy
from collections.abc import Sequence
from functools import cache
from numbers import Integral
from types import ModuleType, SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import InputError, choose
from ..models import evaluating
from .layers import Rest, find_layer
from .methods import ANY_LAYER, CAM_METHODS

LIBRARY_CLASSES = {
    "gradcam": "GradCAM", "gradcam++": "GradCAMPlusPlus", "hirescam": "HiResCAM", "layercam": "LayerCAM",
    "xgradcam": "XGradCAM", "eigencam": "EigenCAM", "scorecam": "ScoreCAM", "ablationcam": "AblationCAM",
}  # fmt: skip


def class_maps(
    model: nn.Module,
    image: Tensor,
    classes: Sequence[int | None] | None = None,
    method: str = "cam",
    layer: str = "last",
) -> tuple[Tensor, Tensor]:
    """Logits and one raw map per class: normalised image (3, H, W) or (1, 3, H, W) -> (K,) and (n, h, w), float32, CPU.

    classes: which classes to explain; None, or a None among them, means the network's own first choice.
    "cam" (Zhou et al. 2016) costs one forward pass for any number of classes. "eigencam" knows no class: it repeats
    one map, whose arbitrary sign is set so that it rises where the mean feature does. "scorecam" costs as many
    forward passes as the layer has channels, once for all classes. "ablationcam" weighs channels by the drop of the
    logit in logits, not as a share of the logit as its authors do: a small or negative logit then does not swell or
    turn the map. Features that are not finite give NaN maps.
    layer: a name in LAYERS. Zhou's map, and the Ablation-CAM that rests on it, exist for the last one only.
    The network averages what its module `cam_layer` gives and feeds that to the linear layer `classifier`.
    InputError for one without these, an unknown method or layer, a class out of range or an image of another shape.
    """
    check_method(method, layer)
    _check_network(model)
    classes = check_classes((None,) if classes is None else classes, model.classifier.out_features)
    image = _as_batch(image, model.classifier.weight.device)
    place = find_layer(model, layer, tuple(image.shape[2:]))
    logits, features = observe(model, image, place)
    if place is model.cam_layer:
        _check_head(model, logits, features)
    classes = resolve_classes(logits[0], classes)
    if method == "cam":
        maps = weigh(model, features, torch.tensor(classes, device="cpu"))[0]
    elif not torch.isfinite(features).all():
        maps = torch.full((len(classes), *features.shape[2:]), torch.nan)
    else:
        maps = _library_maps(model, place, image, features, classes, method)
    return logits[0].cpu(), maps.cpu()


def _check_network(model: nn.Module) -> None:
    needed = {"cam_layer": nn.Module, "classifier": nn.Linear}
    lacking = [name for name, kind in needed.items() if not isinstance(getattr(model, name, None), kind)]
    if lacking:
        raise InputError(
            "the network must have the modules cam_layer, whose output it averages, and classifier, the linear layer "
            f"after that; {type(model).__name__} has no {' and no '.join(lacking)} of the kind"
        )
    if model.classifier.weight.dtype != torch.float32:
        raise InputError(f"the network must compute in float32; its weights are {model.classifier.weight.dtype}")


def _check_head(model: nn.Module, logits: Tensor, features: Tensor) -> None:
    """InputError unless the logits are what the classifier makes of the averaged features: else their map is untrue.

    Logits and features that are not finite say nothing. Rounding in half precision is let pass.
    """
    made = model.classifier(features.mean((2, 3))).detach().float()
    apart, large = float((made - logits).abs().max()), float(logits.abs().max())
    if apart > 0.05 * large:
        raise InputError(
            "the network must average what cam_layer gives, and nothing else, and classify that by classifier; "
            f"{type(model).__name__}'s logits are others"
        )


def check_method(method: str, layer: str = "last") -> None:
    """InputError for an unknown method, or one that does not exist for this layer."""
    choose("CAM method", method, CAM_METHODS)
    if layer != "last" and method not in ANY_LAYER:
        titles = ", ".join(CAM_METHODS[name] for name in ANY_LAYER)
        raise InputError(f"the CAM method for an earlier layer must be one of {titles}; got {CAM_METHODS[method]}")


def observe(model: nn.Module, images: Tensor, layer: nn.Module | None = None) -> tuple[Tensor, Tensor]:
    """One forward pass in evaluation mode: (B, 3, H, W) -> logits (B, K) and the layer's output (B, C, h, w).

    layer: the cam_layer if not given.
    """
    seen: list[Tensor] = []
    keep = (lambda output: output) if layer in (None, model.cam_layer) else torch.clone  # what follows may be in place
    layer = layer or model.cam_layer
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(keep(output)))
    try:
        with evaluating(model), torch.inference_mode():
            logits = model(images)
    finally:
        handle.remove()
    return logits.float().clone(), seen[-1].float().clone()  # clones: ordinary tensors, not inference mode's


def map_grid(model: nn.Module, size: int, layer: str = "last") -> tuple[int, int]:
    """The cells (h, w) of a network's class activation maps of images of `size` pixels; InputError as `find_layer`."""
    blank = torch.zeros(1, 3, size, size, device=model.classifier.weight.device)
    return tuple(observe(model, blank, find_layer(model, layer, (size, size)))[1].shape[2:])


def weigh(model: nn.Module, features: Tensor, classes: Tensor) -> Tensor:
    """Zhou's map, sum_c w_kc f_c(y, x): features (B, C, h, w) -> (B, n, h, w). Mean over the grid + bias = logit.

    classes: (n,) of every image, or (B, n), each image's own.
    """
    weights = model.classifier.weight.detach()[classes].to(features.dtype)  # (n, C) or (B, n, C)
    with torch.autocast(features.device.type, enabled=False):
        return torch.einsum("bnc,bchw->bnhw", weights.expand(len(features), -1, -1), features)


def own_maps(model: nn.Module, images: Tensor) -> Tensor:
    """Zhou's map of each image's first choice: normalised (B, 3, H, W) -> (B, h, w)."""
    logits, features = observe(model, images)
    return weigh(model, features, logits.argmax(1)[:, None])[:, 0]


def resolve_classes(logits: Tensor, classes: Sequence[int | None]) -> tuple[int, ...]:
    """Class numbers with every None replaced by the likeliest class of these logits (K,)."""
    return tuple(int(logits.argmax()) if k is None else k for k in classes)


def check_classes(classes: Sequence[int | None], num_classes: int) -> tuple[int | None, ...]:
    """Class numbers as plain ints or None; InputError unless there is one and all lie in 0 to num_classes - 1."""
    chosen = tuple(classes)
    if not chosen:
        raise InputError("classes must name at least one class; got none")
    for k in chosen:
        whole = isinstance(k, Integral) and not isinstance(k, bool)
        if k is not None and not (whole and 0 <= k < num_classes):
            raise InputError(f"a class must be a number from 0 to {num_classes - 1}; got {k!r}")
    return tuple(None if k is None else int(k) for k in chosen)


def _as_batch(image: Tensor, device: torch.device) -> Tensor:
    """(3, H, W) or (1, 3, H, W) floats -> (1, 3, H, W) float32, channels last, on the network's device."""
    shape = tuple(image.shape)
    if len(shape) not in (3, 4) or shape[-3] != 3 or shape[:-3] not in ((), (1,)) or 0 in shape:
        raise InputError(f"the image must be one RGB image, (3, H, W) or (1, 3, H, W); got {shape}")
    if not image.is_floating_point():
        raise InputError(f"the image must be normalised floats; got {image.dtype}")
    image = image.detach().reshape(1, *shape[-3:])
    return image.to(device, torch.float32, memory_format=torch.channels_last)


@cache
def _library() -> ModuleType:
    """The grad-cam library, imported when first needed (it takes seconds), its progress bars off."""
    try:
        import pytorch_grad_cam
        from pytorch_grad_cam import ablation_cam, score_cam
    except ImportError as error:
        raise InputError(f"methods other than cam need the package grad-cam; importing it failed ({error})") from None
    silent = SimpleNamespace(tqdm=lambda steps: steps)
    ablation_cam.tqdm = score_cam.tqdm = silent  # a bar of its own in each module, no switch for it
    return pytorch_grad_cam


def _library_maps(
    model: nn.Module, layer: nn.Module, image: Tensor, features: Tensor, classes: Sequence[int], method: str
) -> Tensor:
    """The library's maps before it clips and normalises them: -> (n, h, w)."""
    with torch.inference_mode(False), torch.enable_grad(), evaluating(model):
        features = features.detach().clone(memory_format=torch.contiguous_format).requires_grad_()
        head = _head(model) if layer is model.cam_layer else nn.Sequential(nn.Identity(), Rest(model, layer, image))
        logits = head(features)[0]
        cam = _create(method, model, head)
        source = image.clone() if method == "scorecam" else features.detach()
        activations = features.detach().cpu().numpy()  # (1, C, h, w)

        if method == "scorecam":  # enlarged already: the library would stretch them, corner cells onto the corners
            masks = (
                F.interpolate(features.detach(), image.shape[2:], mode="bilinear", align_corners=False).cpu().numpy()
            )

        def draw(k: int) -> np.ndarray:
            (gradient,) = torch.autograd.grad(logits[k], features, retain_graph=True)
            target = _library().utils.model_targets.ClassifierOutputTarget(k)
            if method == "scorecam":
                cam.model.turn = 0
                weights = cam.get_cam_weights(source, head[0], [target], masks, None)[0]  # (C,)
                return (weights[:, None, None] * activations[0]).sum(0)
            values = cam.get_cam_image(source, head[0], [target], activations, gradient.cpu().numpy(), False)[0]
            return values * logits[k].item() if method == "ablationcam" else values

        if method == "eigencam":
            maps = [_rising(draw(classes[0]), activations[0].mean(0))] * len(classes)
        else:
            drawn = {k: draw(k) for k in dict.fromkeys(classes)}
            maps = [drawn[k] for k in classes]
    return torch.from_numpy(np.stack(maps).astype(np.float32))


def _head(model: nn.Module) -> nn.Sequential:
    """What follows the observed layer, with copied weights: whatever the library does to it leaves no trace."""
    classifier = copy.deepcopy(model.classifier).requires_grad_(False)
    return nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), classifier).eval()


def _create(method: str, model: nn.Module, head: nn.Sequential) -> object:
    """The library's object for a method, without its hooks: the features are given to it."""
    library = _library()
    kind = getattr(library, LIBRARY_CLASSES[method])
    if method == "ablationcam":  # a layer of its own: the library's default is shared and keeps the last features
        return kind(head, [], ablation_layer=library.AblationLayer())
    if method == "scorecam":
        cam = kind(model, [])
        cam.model = _Memory(model)
        return cam
    return kind(head, [])


class _Memory:
    """A network that answers from memory when the same batches come again in the same order, `turn` back at 0."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.turn = 0
        self.answers: list[Tensor] = []

    def __call__(self, batch: Tensor) -> Tensor:
        if self.turn == len(self.answers):
            self.answers.append(self.network(batch))
        self.turn += 1
        return self.answers[self.turn - 1]


def _rising(values: np.ndarray, guide: np.ndarray) -> np.ndarray:
    """The map or its negative, whichever goes with the guide; both (h, w)."""
    return -values if (values * (guide - guide.mean())).sum() < 0 else values
