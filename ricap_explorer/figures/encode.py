"""Pictures as bytes and as data URIs: no temporary files, nothing to clean up."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from PIL import Image


def data_uri(content: bytes, kind: str) -> str:
    """A file's content as a data URI. kind: its media type, as image/png."""
    return f"data:{kind};base64,{b64encode(content).decode()}"


def png_bytes(picture: np.ndarray | Image.Image) -> bytes:
    """Every pixel as it is: (H, W, 3) uint8, or a Pillow image -> PNG file content."""
    return _encode(picture, "PNG", compress_level=4)


def png_uri(picture: np.ndarray | Image.Image) -> str:
    """`png_bytes` as a data URI."""
    return data_uri(png_bytes(picture), "image/png")


def jpeg_uri(picture: np.ndarray | Image.Image, quality: int = 90) -> str:
    """(H, W, 3) uint8, or a Pillow image, as a JPEG data URI; not pixel-exact."""
    return data_uri(_encode(picture, "JPEG", quality=quality), "image/jpeg")


def _encode(picture: np.ndarray | Image.Image, kind: str, **options: int) -> bytes:
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(np.ascontiguousarray(picture))
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
