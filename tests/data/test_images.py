"""Anybody's picture: every mode comes in as upright RGB, everything else is one sentence that names the file."""

import struct
import subprocess
import sys
import time
import warnings
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from ricap_explorer.data import read_image, square_image, to_tensor
from ricap_explorer.errors import InputError

PEAK = """
import re, sys
from pathlib import Path
from ricap_explorer.data.images import read_image
peak = lambda: int(re.search(r"VmHWM:\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
read_image(sys.argv[1])
print(peak() - before)
"""


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is huge and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def told(source, name=None) -> str:
    with pytest.raises(InputError) as caught:
        read_image(source, name)
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 300
    return message


def test_a_jpeg_of_endless_scans_is_not_decoded(monkeypatch):
    """A few bytes make a scan, and each goes over the whole picture; that of a camera has up to ten."""
    whole = encoded(Image.new("RGB", (40, 40), "red"), "JPEG", progressive=True)
    assert read_image(whole).size == (40, 40)
    several = encoded(Image.new("RGB", (40, 40)), "MPO", save_all=True, append_images=[Image.new("RGB", (40, 40))])
    assert Image.open(BytesIO(several)).format == "MPO"
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    last = whole.rindex(b"\xff\xda")
    endless = whole[:-2] + whole[last:-2] * 200 + whole[-2:]
    assert told(endless, "x.jpg").startswith("x.jpg must have at most 200 scans at 40 x 40 pixels; got ")
    assert "at most 200 scans" in told(several[:-2] + whole[last:-2] * 200 + several[-2:])


def test_a_large_jpeg_may_have_fewer_scans(monkeypatch):
    """Ten of 40 megapixels are a camera's; two hundred would be a minute's work."""
    whole = encoded(Image.new("RGB", (3000, 2000)), "JPEG", progressive=True)
    assert read_image(whole).size == (3000, 2000)
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("it was decoded"))
    last = whole.rindex(b"\xff\xda")
    assert "at most 100 scans at 3000 x 2000 pixels; got" in told(whole[:-2] + whole[last:-2] * 100 + whole[-2:])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP"])
def test_lossless_formats_come_back_exactly(kind, picture):
    image = picture() if kind != "GIF" else picture().quantize(64).convert("RGB")
    read = read_image(encoded(image, kind, **({"lossless": True} if kind == "WEBP" else {})))
    assert read.mode == "RGB" and np.array_equal(np.asarray(read), np.asarray(image))


def test_path_text_and_bytes_read_the_same(picture, tmp_path):
    path = tmp_path / "a.jpg"
    picture().save(path)
    answers = [np.asarray(read_image(source)) for source in (path, str(path), path.read_bytes())]
    assert np.array_equal(answers[0], answers[1]) and np.array_equal(answers[0], answers[2])


def test_cmyk(picture):
    read = read_image(encoded(picture().convert("CMYK"), "JPEG", quality=95))
    assert read.mode == "RGB"
    assert np.abs(np.asarray(read, dtype=int) - np.asarray(picture(), dtype=int)).mean() < 6


def test_grey(picture):
    grey = picture().convert("L")
    assert np.array_equal(np.asarray(read_image(encoded(grey))), np.asarray(grey.convert("RGB")))


def test_16_bit_grey_is_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 400).astype(np.uint16).reshape(20, 20)
    read = np.asarray(read_image(encoded(Image.fromarray(ramp))))
    assert np.abs(read - ramp[..., None] / 257).max() <= 0.5


def test_float_grey_spans_its_own_range(tmp_path):
    Image.fromarray(np.linspace(-3, 500, 400, dtype=np.float32).reshape(20, 20)).save(tmp_path / "a.tif")
    read = np.asarray(read_image(tmp_path / "a.tif"))
    assert (read.min(), read.max()) == (0, 255)


def test_black_and_white(picture):
    read = read_image(encoded(picture().convert("1")))
    assert set(np.unique(np.asarray(read))) <= {0, 255}


def test_palette(picture):
    image = picture().quantize(16)
    assert np.array_equal(np.asarray(read_image(encoded(image))), np.asarray(image.convert("RGB")))


def test_palette_with_a_transparent_colour_shows_white_there(picture):
    image = picture().quantize(4)
    read = np.asarray(read_image(encoded(image, transparency=2)))
    clear = np.asarray(image) == 2
    assert clear.any() and (read[clear] == 255).all()
    assert np.array_equal(read[~clear], np.asarray(image.convert("RGB"))[~clear])


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_lies_over_white(mode):
    image = Image.new("LA", (20, 20), (100, 255)).convert(mode)
    image.putalpha(Image.linear_gradient("L").resize((20, 20)))
    read = np.asarray(read_image(encoded(image)))[..., 0]
    alpha = np.asarray(image.getchannel("A")) / 255
    assert np.abs(read - (100 * alpha + 255 * (1 - alpha))).max() <= 1


def test_alpha_is_the_same_in_every_strip(picture):
    """A picture higher than what is computed at a time."""
    image = picture(30, 700).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    whole = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    assert np.array_equal(np.asarray(read_image(encoded(image))), np.asarray(whole))
    grey = np.arange(30 * 700, dtype=np.uint16).reshape(700, 30) * 3
    read = np.asarray(read_image(encoded(Image.fromarray(grey))))
    assert np.array_equal(read[..., 0], (grey / 257).round())


@pytest.mark.skipif(sys.platform != "linux", reason="it asks /proc")
@pytest.mark.parametrize("mode", ["RGBA", "I;16"])
def test_a_large_picture_takes_no_more_memory_than_a_few_of_it(mode, tmp_path):
    image = Image.new("RGBA", (4000, 4000)) if mode == "RGBA" else Image.fromarray(np.zeros((4000, 4000), np.uint16))
    image.save(tmp_path / "large.png", compress_level=1)
    command = [sys.executable, "-c", PEAK, tmp_path / "large.png"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2])
    assert int(answer.stdout) < 200_000, answer.stderr  # kB; the RGB picture itself takes 64,000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(orientation, picture):
    """A wide picture, stored turned as a camera would, comes back as it was."""
    stored = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)  # the turn whose undoing this orientation is
    exif = Image.Exif()
    exif[0x0112] = stored
    turned = ImageOps.exif_transpose(Image.open(BytesIO(encoded(picture(), exif=exif))))
    exif[0x0112] = orientation
    read = read_image(encoded(turned, exif=exif))
    assert read.size == picture().size and np.array_equal(np.asarray(read), np.asarray(picture()))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, about the EXIF
def test_damaged_exif_does_not_matter(picture):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a name"
    whole = exif.tobytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        spoilt = bytearray(whole)
        for _ in range(3):
            spoilt[rng.integers(6, len(spoilt))] = rng.integers(0, 13)
        size = read_image(encoded(picture(), "JPEG", exif=bytes(spoilt))).size
        assert sorted(size) == sorted(picture().size)


def test_animation_gives_its_first_frame(picture):
    frames = [picture(seed=k).quantize(32).convert("RGB") for k in range(3)]
    read = read_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert np.array_equal(np.asarray(read), np.asarray(frames[0]))


def test_truncated_jpeg(picture, tmp_path):
    path = tmp_path / "half.jpg"
    path.write_bytes(encoded(picture(200, 200), "JPEG")[:-1500])
    assert "half.jpg must be a whole image" in told(path)


@pytest.mark.parametrize(
    "content", [b"", b"hello, I am no picture", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>", b"%PDF-1.4"]
)
def test_something_else_by_the_name_of_png(content, tmp_path):
    path = tmp_path / "fake.png"
    path.write_bytes(content)
    assert told(path).startswith("fake.png must be")


@pytest.mark.parametrize(("width", "height"), [(30000, 30000), (12000, 9000), (7000, 7000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_before_decoding(width, height, tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(width, height))
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # a sentence, and nothing beside it
        assert "bomb.png must have at most 40 megapixels" in told(path)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 100), (100, 7)])
def test_too_small(width, height):
    assert f"at least 8 x 8 pixels; got {width} x {height}" in told(encoded(Image.new("RGB", (width, height))), "dot")


def test_smallest_size_is_read():
    assert read_image(encoded(Image.new("RGB", (8, 8)))).size == (8, 8)


def test_missing_file_and_folder(tmp_path):
    assert "no.png must be an existing image file" in told(tmp_path / "no.png")
    assert "must be an image file; got a folder" in told(tmp_path)


def test_random_damage_is_read_or_told(picture):
    """Whatever a file's bytes, the answer is an RGB picture or an InputError."""
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP"):
        whole = encoded(picture(24, 20), kind)
        for _ in range(60):
            spoilt = bytearray(whole[: rng.integers(1, len(whole)) if rng.random() < 0.3 else None])
            for _ in range(4):
                spoilt[rng.integers(len(spoilt))] = rng.integers(256)
            try:
                assert read_image(bytes(spoilt)).mode == "RGB"
            except InputError as error:
                assert "\n" not in str(error)


def test_square_image_keeps_the_centre():
    wide = Image.new("RGB", (90, 30))
    wide.paste((255, 0, 0), (30, 0, 60, 30))
    square = square_image(wide, 16)
    assert square.size == (16, 16) and (np.asarray(square)[:, 1:-1] == (255, 0, 0)).all()


def test_to_tensor_keeps_pixels(picture):
    tensor = to_tensor(picture(40, 36))
    assert tensor.shape == (3, 36, 40) and tensor.is_contiguous()
    assert np.array_equal(tensor.permute(1, 2, 0).numpy(), np.asarray(picture(40, 36)))
