"""Pictures by id: samples, photographs, and uploads of every kind."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ricap_explorer.cam.compare import prepare
from ricap_explorer.classes import IMAGENETTE
from ricap_explorer.data import read_image, square_image
from ricap_explorer.errors import InputError
from ricap_explorer.ui.pictures import CANVAS, KEPT_SIDE, MAX_UPLOAD_MB, THUMB, THUMBS, Pictures


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=int)


def told(pictures: Pictures, content: bytes, name: str) -> str:
    """The sentence that refuses an upload; nothing of it is kept."""
    with pytest.raises(InputError) as caught:
        pictures.add(content, name)
    message = str(caught.value)
    assert message and "\n" not in message and len(message) < 300 and not pictures.uploads
    return message


def test_three_samples_of_each_class(pictures):
    assert len(pictures.ids("sample")) == 30 and pictures.ids("photo") == []
    assert Counter(name for name, _ in pictures.files.values()) == dict.fromkeys(IMAGENETTE.values(), 3)


def test_every_sample_is_a_square_of_the_canvas(pictures):
    for picture_id in pictures.ids("sample"):
        picture = pictures.get(picture_id)
        assert picture.image.size == (CANVAS, CANVAS) and picture.image.mode == "RGB"
        assert picture.uri.startswith("data:image/jpeg;base64,") and picture.id == picture_id
    assert pictures.get(picture_id) is picture  # decoded once


def test_thumbnails_come_class_by_class(pictures):
    thumbs = pictures.thumbnails("sample")
    assert [key for key, _, _ in thumbs] == pictures.ids("sample")
    names = [name for _, name, _ in thumbs]
    assert names == [name for name in dict.fromkeys(names) for _ in range(3)]
    for _, _, uri in thumbs:
        assert uri.startswith("data:image/jpeg;base64,") and len(uri) < 20_000
    assert pictures.thumbnails("photo") == []


@pytest.mark.parametrize("size", [(501, 376), (375, 500), (32, 32), (90, 1201), (640, 640)])
def test_networks_are_shown_the_file_and_not_the_canvas(size, tmp_path, rng):
    noise = Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8))
    path = tmp_path / "imagenette2" / "val" / "n01440764" / "a.JPEG"
    path.parent.mkdir(parents=True)
    noise.save(path, "PNG")
    pictures = Pictures.find(tmp_path / "no assets", tmp_path)
    card = {"image_size": 24, "mean": [0.5] * 3, "std": [0.2] * 3}
    for picture in (pictures.get("photo:a"), pictures.add(encoded(noise), "a.png")):
        for kept in (144, 224, 32):
            tested = prepare(read_image(path), card | {"store_size": kept})
            assert np.array_equal(prepare(picture.at(kept), card | {"store_size": kept}), tested)


def test_of_a_large_upload_little_is_kept(tmp_path, picture):
    large = picture(3000, 1601)
    found = Pictures.find(tmp_path, tmp_path).add(encoded(large, "JPEG"), "large.jpg")
    assert min(found.source.size) == KEPT_SIDE and max(found.source.size) <= 1.3 * KEPT_SIDE
    exact = pixels(square_image(read_image(encoded(large, "JPEG")), 144))
    assert np.abs(pixels(found.at(144)) - exact).mean() < np.abs(pixels(square_image(found.image, 144)) - exact).mean()


@pytest.fixture
def photographs(picture, tmp_path) -> Pictures:
    """Five photographs of each of two classes, none of the others, no samples, and what is no photograph."""
    for label, wnid in enumerate(list(IMAGENETTE)[:2]):
        folder = tmp_path / "imagenette2" / "val" / wnid
        folder.mkdir(parents=True)
        for i in range(5):
            picture(40, 30, 10 * label + i).save(folder / f"{wnid}_{i}.JPEG")
    (folder / "notes.txt").write_text("not looked at")
    return Pictures.find(tmp_path / "no assets", tmp_path)


def test_photographs_have_pages_drawn_at_random(photographs):
    assert len(photographs.ids("photo")) == 10 and photographs.ids("sample") == []
    pages = [[key for key, _, _ in photographs.thumbnails("photo", page)] for page in (0, 1, 1, 2)]
    assert all(len(set(page)) == 6 for page in pages)
    assert pages[0] == sorted(pages[0]) and pages[1] == pages[2] and len({*map(tuple, pages)}) == 3
    assert photographs.get(pages[0][0]).name == "tench"


def test_images_of_one_s_own_data_are_a_part_of_the_gallery(make_folder, picture, tmp_path):
    make_folder(tmp_path / "my pets", test="test")
    picture().save(tmp_path / "my pets" / "test" / "dog" / "a,b.png")
    (tmp_path / "my pets" / "test" / "dog" / "notes.txt").write_text("no picture")
    (tmp_path / "birds" / "train" / "owl").mkdir(parents=True)
    found = Pictures.find(tmp_path / "no assets", tmp_path, ["my pets", "birds", "imagenette", "none"])
    assert list(found.kinds) == ["sample", "photo-my-pets"] and found.kinds["photo-my-pets"].title == "my pets"
    ids = found.ids("photo-my-pets")
    assert len(ids) == 3 + 4 and ids[0] == "photo-my-pets:cat/0.png" and "photo-my-pets:dog/a_b.png" in ids
    assert found.get(ids[-1]).name == "dog" and not any("," in key for key in ids)
    assert found.ids("photo") == []


def test_data_sets_and_files_of_like_names_stay_apart(make_folder, picture, tmp_path):
    for name in ("花", "鳥"):
        make_folder(tmp_path / name)
    picture().save(tmp_path / "花" / "val" / "cat" / "0.jpg")
    picture().save(tmp_path / "花" / "val" / "cat" / "0,.jpg")
    picture().save(tmp_path / "花" / "val" / "cat" / "0_.jpg")
    found = Pictures.find(tmp_path / "no assets", tmp_path, ["花", "鳥"])
    assert list(found.own.values()) == [kind.title for kind in found.kinds.values()][1:] == ["花", "鳥"]
    assert [len(found.ids(kind)) for kind in found.own] == [9, 6]


def test_images_outside_the_data_folder_are_nobody_s(make_folder, tmp_path):
    make_folder(tmp_path / "private")
    (tmp_path / "data").mkdir()
    names = ["../private", str(tmp_path / "private"), "x/../../private"]
    assert not Pictures.find(tmp_path / "no assets", tmp_path / "data", names).files


def test_a_file_that_is_no_picture_is_left_out_of_the_thumbnails(make_folder, picture, tmp_path):
    make_folder(tmp_path / "pets")
    (tmp_path / "pets" / "val" / "cat" / "0.png").write_text("no picture")
    picture(40, 30).convert("RGBA").save(tmp_path / "pets" / "val" / "cat" / "1.png")
    found = Pictures.find(tmp_path / "no assets", tmp_path, ["pets"])
    thumbs = [key for key, _, _ in found.thumbnails("photo-pets")]
    assert thumbs == [key for key in found.ids("photo-pets") if not key.endswith("cat/0.png")] and len(thumbs) == 5


def test_a_page_of_many_classes_has_one_picture_of_some(picture, tmp_path):
    for label in range(THUMBS + 9):
        folder = tmp_path / "many" / "val" / f"class{label:02}"
        folder.mkdir(parents=True)
        for i in range(2):
            picture(seed=label).save(folder / f"{i}.png")
    found = Pictures.find(tmp_path / "no assets", tmp_path, ["many"])
    pages = [[name for _, name, _ in found.thumbnails("photo-many", page)] for page in (0, 1)]
    assert all(len(page) == len(set(page)) == THUMBS for page in pages) and pages[0] != pages[1]


def test_thumbnails_of_wide_pictures_are_their_centred_squares(photographs):
    from base64 import b64decode

    assert (found := photographs.thumbnails("photo"))
    for key, _, uri in found:
        thumb = Image.open(BytesIO(b64decode(uri.partition(",")[2])))
        assert thumb.size == (THUMB, THUMB)
        assert abs(pixels(thumb) - pixels(photographs.get(key).at(THUMB))).mean() < 4


@pytest.mark.parametrize("picture_id", ["sample:none", "upload:0123", "", None, "photo:../../etc/passwd", 7])
def test_unknown_id_is_one_sentence(picture_id, pictures):
    with pytest.raises(InputError, match="please choose it again$"):
        pictures.get(picture_id)


def test_upload_comes_back_by_its_id(pictures, picture):
    image = picture(CANVAS, CANVAS)
    added = pictures.add(encoded(image), "my dog.png")
    assert pictures.get(added.id) is added and added.name == "my dog"
    assert np.array_equal(pixels(added.image), pixels(image))


def test_same_file_is_kept_once_and_a_name_tells_two_apart(pictures, picture):
    content = encoded(picture())
    first, again, other = (pictures.add(content, name) for name in ("a.png", "a.png", "b.png"))
    assert first.id == again.id != other.id and len(pictures.uploads) == 2


def test_nobody_is_told_another_s_file_name(pictures, picture):
    content, start = encoded(picture()), "my holiday in the mountains"
    for end in ("A (private).png", "B.png"):  # what people see of them is the same
        assert pictures.add(content, f"{start} {end}").file == f"{start} {end}"


@pytest.mark.parametrize("name", ["", None, "x" * 300 + ".png", "../../etc/passwd", "a/b\\c.png"])
def test_any_name_becomes_a_short_one(name, pictures, picture):
    kept = pictures.add(encoded(picture()), name).name
    assert 1 <= len(kept) <= 24 and "/" not in kept


def test_wide_upload_is_its_centred_square(pictures):
    image = Image.new("RGB", (600, 200), "red")
    image.paste("blue", (200, 0, 400, 200))
    shown = pixels(pictures.add(encoded(image), "a.png").image)
    assert (shown[:, 5:-5] == (0, 0, 255)).all() and shown[..., 2].min() > 100  # resizing blurs the very edge


def test_photograph_taken_sideways_is_upright(pictures):
    image = Image.new("RGB", (64, 64), "blue")
    image.paste("red", (0, 0, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    shown = pixels(pictures.add(encoded(image, "JPEG", exif=exif, quality=95), "a.jpg").image)
    assert (shown[:, 200:, 0] > 200).all() and (shown[:, :120, 2] > 200).all()


def test_transparency_lies_over_white(pictures):
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert pictures.add(encoded(image), "a.png").image.getcolors() == [(CANVAS**2, (255, 255, 255))]


def test_text_under_a_picture_s_name(pictures):
    assert told(pictures, b"just words", "x.png").startswith("x.png must be one of JPEG, PNG")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7", b"<svg xmlns='x'/>"])
def test_no_picture(content, pictures):
    assert told(pictures, content, "x.png").startswith("x.png must be")


def test_truncated_photograph(pictures, picture):
    content = encoded(picture(300, 200), "JPEG")
    assert told(pictures, content[: len(content) // 2], "cut.jpg").startswith("cut.jpg must be a whole image")


def test_single_pixel(pictures):
    content = encoded(Image.new("RGB", (1, 1)))
    assert told(pictures, content, "dot.png") == "dot.png must be at least 8 x 8 pixels; got 1 x 1"


def test_file_beyond_the_limit_is_not_even_opened(pictures, picture, monkeypatch):
    monkeypatch.setattr("ricap_explorer.data.images.read_image", None)
    content = encoded(picture()) + bytes(MAX_UPLOAD_MB * 2**20)
    assert told(pictures, content, "big.png") == "an upload must have at most 8 MB; got 8.0 MB"


def test_file_of_exactly_the_limit_is_taken(pictures, picture):
    content = encoded(picture(), "BMP")
    pictures.add(content + bytes(MAX_UPLOAD_MB * 2**20 - len(content)), "a.bmp")


def test_folder_parts_of_a_name_are_not_told(pictures):
    assert told(pictures, b"words", "/home/me/secret/x.png").startswith("x.png must be")


def test_a_data_set_that_cannot_be_shown_is_told_why(tmp_path):
    (tmp_path / "flowers" / "val" / "rose").mkdir(parents=True)
    found = Pictures.find(tmp_path, tmp_path, ["flowers", "nowhere", "imagenette"])
    assert not found.own and len(found.problems) == 1
    assert found.problems[0].startswith("The gallery is without the validation images of flowers: ")
    assert found.problems[0].endswith("rose has none")


def test_a_picture_keeps_the_sides_that_were_asked_last(pictures, picture):
    found = pictures.add(encoded(picture()), "a.png")
    first, second = found.at(64), found.at(96)
    assert found.at(64) is first and found.at(48).size == (48, 48)
    assert found.at(96) is not second and len(found._sides) == 2


def test_oldest_uploads_are_forgotten(pictures, picture):
    pictures.uploads.kept = 3
    ids = [pictures.add(encoded(picture(seed=i)), "a.png").id for i in range(3)]
    pictures.get(ids[0])  # now the newest
    pictures.add(encoded(picture(seed=3)), "a.png")
    assert len(pictures.uploads) == 3 and pictures.get(ids[0])
    with pytest.raises(InputError, match="recent upload"):
        pictures.get(ids[1])


def test_forgetting_uploads_keeps_the_gallery(pictures, picture):
    pictures.uploads.kept = 1
    for i in range(3):
        pictures.add(encoded(picture(seed=i)), "a.png")
    assert all(pictures.get(key).id == key for key in pictures.ids("sample"))


def test_one_upload_is_decoded_at_a_time(pictures, picture, monkeypatch):
    under_way, most = [], []

    def read(content, name):
        under_way.append(name)
        most.append(len(under_way))
        time.sleep(0.01)
        under_way.pop()
        return picture()

    monkeypatch.setattr("ricap_explorer.data.images.read_image", read)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: pictures.add(b"", f"{i}.png"), range(8)))
    assert most == [1] * 8


def test_many_threads_at_once(pictures, picture):
    pictures.uploads.kept = 4
    contents = [encoded(picture(seed=i)) for i in range(6)]
    samples = pictures.ids("sample")[:6]

    def work(i: int) -> tuple[str, str]:
        added = pictures.add(contents[i % 6], f"{i % 6}.png")
        return added.name, pictures.get(samples[i % 6]).id

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(work, range(60)))
    assert answers == [(str(i % 6), samples[i % 6]) for i in range(60)] and len(pictures.uploads) == 4
