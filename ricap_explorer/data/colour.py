"""Random brightness, contrast and saturation, batched, as torchvision defines them."""

from torch import Tensor

from ..transfer import onto

LUMA = (0.2989, 0.587, 0.114)  # ITU-R 601, to the digits that torchvision uses


def colour(images: Tensor, factors: Tensor) -> Tensor:
    """Brightness, contrast, saturation, in this order: (N, 3, H, W) pixels of 0 to 255, (N, 3) factors -> the same.

    1 changes nothing, 0 gives black, the mean grey, the grey picture; after each step pixels stay within 0 to 255.
    """
    brightness, contrast, saturation = factors[:, :, None, None, None].unbind(1)
    images = (images * brightness).clamp(0, 255)
    images = _blend(images, grey(images).mean((1, 2, 3), keepdim=True), contrast)
    return _blend(images, grey(images), saturation)


def grey(images: Tensor) -> Tensor:
    """Luma: (N, 3, H, W) -> (N, 1, H, W)."""
    return (images * onto(LUMA, images.device)[:, None, None]).sum(1, keepdim=True)


def _blend(images: Tensor, towards: Tensor, share: Tensor) -> Tensor:
    return (towards + (images - towards) * share).clamp(0, 255)
