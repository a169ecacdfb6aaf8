"""Reading anybody's picture safely: every mode, every orientation, no bombs, one sentence when it cannot be."""

import struct
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from ..errors import InputError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
MAX_MEGAPIXELS = 40
MIN_SIDE = 8
MAX_SCANS = 200  # of a JPEG: each goes over the whole picture, and a few bytes make one; cameras write up to 10 ...
MAX_SCANNED = 600_000_000  # ... and so of a large one: pixels of all scans together
STRIP = 256  # rows that are computed with at a time: 40 megapixels at once would take a gigabyte
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF orientation -> what puts it right


def read_image(source: str | Path | bytes, name: str | None = None, least: int | None = None) -> Image.Image:
    """An RGB picture from a file or its bytes: upright (EXIF), alpha over white, 16 bit scaled to 8, first frame only.

    least: sides of that many pixels suffice; a JPEG is then decoded, faster, at 1/2, 1/4 or 1/8 of its size.
    InputError for anything that is no picture, damaged, under 8 pixels a side, over 40 megapixels or, given as bytes, a
    JPEG of more than 200 scans, or of scans of more than 600 megapixels together (checked before decoding).
    """
    name = name or ("the image" if isinstance(source, bytes) else Path(source).name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS)
        _check_size(image, name)
        if isinstance(source, bytes) and image.format in ("JPEG", "MPO"):  # a JPEG with more pictures behind it
            _check_scans(source, image.size, name)
        if least is not None:
            image.draft(None, (least, least))
        return _to_rgb(_upright(image))
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{name} must be an existing image file; no such file") from None
    except IsADirectoryError:
        raise InputError(f"{name} must be an image file; got a folder") from None
    except Image.DecompressionBombError:
        raise InputError(f"{name} must have at most {MAX_MEGAPIXELS} megapixels; it has far more") from None
    except UnidentifiedImageError:
        raise InputError(f"{name} must be one of {', '.join(FORMATS)}; its content is none of them") from None
    except (OSError, SyntaxError, TypeError, ValueError) as error:  # what Pillow raises for damaged files
        raise InputError(f"{name} must be a whole image; it is damaged ({error})") from None


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise InputError(f"{name} must have at most {MAX_MEGAPIXELS} megapixels; got {width} x {height}")
    if min(width, height) < MIN_SIDE:
        raise InputError(f"{name} must be at least {MIN_SIDE} x {MIN_SIDE} pixels; got {width} x {height}")


def _check_scans(content: bytes, size: tuple[int, int], name: str) -> None:
    """Where a scan begins is told by two bytes that stand nowhere in its pixels."""
    width, height = size
    most = min(MAX_SCANS, MAX_SCANNED // (width * height))
    if (scans := content.count(b"\xff\xda")) > most:
        raise InputError(f"{name} must have at most {most} scans at {width} x {height} pixels; got {scans}")


def _upright(image: Image.Image) -> Image.Image:
    """Turned as its EXIF says. ImageOps.exif_transpose would write the EXIF anew, and fails where it is damaged."""
    image.load()
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except (SyntaxError, TypeError, ValueError, struct.error):  # damaged EXIF; the pixels are whole
        turn = None
    return image if turn is None else image.transpose(turn)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled_grey(image)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _over_white(image)
    return image.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size)
    for top in range(0, image.height, STRIP):
        strip = image.crop((0, top, image.width, min(top + STRIP, image.height))).convert("RGBA")
        flat.paste(Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB"), (0, top))
    return flat


def _scaled_grey(image: Image.Image) -> Image.Image:
    """16-bit and float grey to 8 bit: the type's range where it has one, else the picture's own."""
    values = np.asarray(image)
    low, top = float(values.min()), float(values.max())  # NaN if any value is
    if not np.isfinite([low, top]).all():
        raise ValueError("it holds NaN or infinity")
    top = 65535.0 if image.mode.startswith("I") and top <= 65535 else max(top, 1.0)
    low = min(low, 0.0)
    grey = np.empty(values.shape, np.uint8)
    for row in range(0, len(values), STRIP):
        strip = values[row : row + STRIP].astype(np.float64)
        grey[row : row + STRIP] = ((strip - low) * (255 / (top - low))).round()
    return Image.fromarray(grey).convert("RGB")


def square_image(image: Image.Image, size: int) -> Image.Image:
    """The largest centred square of a picture, resized to `size` x `size`."""
    return ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)


def to_tensor(image: Image.Image) -> Tensor:
    """An RGB picture as (3, H, W) uint8."""
    return torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy())
