"""Streams: the same batches whoever reads them, the same as a slow loop over Pillow, and what happens when one dies."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ricap_explorer.data import Augment, Resident, Stream, normalise, open_data, read_image, square_image, to_tensor
from ricap_explorer.data.datasets import Files
from ricap_explorer.data.loaders import decode
from ricap_explorer.data.reading import Reader, cut_file
from ricap_explorer.errors import InputError

AUGMENT = Augment(16, colour=0.4, rotate=15)


@pytest.fixture(scope="module")
def paths(picture, tmp_path_factory):
    """Seven pictures of all shapes, the third a large JPEG, and all told apart by what they show."""
    folder = tmp_path_factory.mktemp("pictures")
    sizes = [(40, 36), (16, 16), (400, 300), (60, 20), (20, 90), (33, 47), (50, 50)]
    names = [f"{i}{'.jpg' if i == 2 else '.png'}" for i in range(7)]
    for i, (name, size) in enumerate(zip(names, sizes, strict=True)):
        picture(*size, seed=i).save(folder / name)
    return [str(folder / name) for name in names]


@pytest.fixture
def stream(paths):
    """stream(workers, skip_corrupt, extra) -> Stream of the pictures and of `extra` files, each its own class."""

    def make(workers=0, skip_corrupt=False, extra=()) -> Stream:
        files = [*paths, *extra]
        names = tuple(str(i) for i in range(len(files)))
        return Stream(files, np.arange(len(files)), names, workers=workers, skip_corrupt=skip_corrupt)

    return make


def draw_jobs(count: int, size: int, augment: Augment = AUGMENT, seed: int = 0) -> list:
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, 7, size), augment.draw(size, rng)) for _ in range(count)]


def joined(batches) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = zip(*batches, strict=True)
    return torch.cat(images), torch.cat(labels)


@pytest.mark.parametrize("crop", ["resized", "padded", "none"])
def test_batches_against_a_slow_loop(crop, stream, paths):
    augment = replace(AUGMENT, crop=crop)
    jobs = draw_jobs(3, 5, augment)
    images, labels = joined(stream().train_batches(jobs, augment))
    assert labels.tolist() == np.concatenate([numbers for numbers, _ in jobs]).tolist()
    place, shrunk = 0, crop == "resized"  # then the large JPEG, image 2, is decoded at half its size or less
    for numbers, draw in jobs:
        for i, number in enumerate(numbers):
            expected = by_hand(paths[number], augment, draw.part(i, i + 1))
            assert (images[place] - expected).abs().max() <= (0.3 if shrunk and number == 2 else 1e-6)
            place += 1


def by_hand(path: str, augment: Augment, draw) -> torch.Tensor:
    """One picture, cut whole from all its pixels, then as a batch of one through what all batches go through."""
    picture = read_image(path)
    if augment.crop == "resized":
        top, left, height, width = draw.boxes((picture.height, picture.width))[0]
        box = (left, top, min(left + width, picture.width), min(top + height, picture.height))
        picture = picture.resize((16, 16), Image.Resampling.BILINEAR, box=box)
        image = np.asarray(picture)[:, ::-1] if draw.flip[0] else np.asarray(picture)
    else:
        image = np.asarray(square_image(picture, 16))
        if augment.crop == "padded":
            top, left = draw.corners(2)[0]
            image = np.pad(image, ((2, 2), (2, 2), (0, 0)))[top : top + 16, left : left + 16]
        image = image[:, ::-1] if draw.flip[0] else image
    return augment.finish(torch.from_numpy(image.copy()).permute(2, 0, 1)[None], draw)[0]


def test_a_large_jpeg_is_decoded_smaller_and_looks_the_same(paths):
    draw = Augment(16).draw(1, np.random.default_rng(1))
    least = draw.least(16)
    small = read_image(paths[2], least=least)
    assert small.width < 400 and min(small.size) >= least
    whole = read_image(paths[2]).size
    assert small.width / small.height == pytest.approx(whole[0] / whole[1], rel=0.05)
    assert read_image(paths[2], least=301).size == whole and read_image(paths[0], least=1).size == (40, 36)


def test_a_resident_split_of_square_pictures_sees_the_same_crops(paths):
    square = Stream([paths[6]], np.zeros(1, dtype=int), ("a",), workers=0)
    resident = Resident(to_tensor(read_image(paths[6]))[None], torch.zeros(1, dtype=torch.int64), ("a",))
    draw = AUGMENT.draw(20, np.random.default_rng(0))
    jobs = [(np.zeros(20, dtype=int), draw)]
    (first, _), (second, _) = (joined(data.train_batches(jobs, AUGMENT)) for data in (square, resident))
    assert (first - second).abs().mean() < 0.02


def test_same_batches_with_and_without_workers_and_in_every_pass(stream):
    jobs = draw_jobs(6, 3)
    alone, crew = stream(0), stream(2)
    expected = joined(alone.train_batches(jobs, AUGMENT))
    for _ in range(2):
        found = joined(crew.train_batches(jobs, AUGMENT))
        assert torch.equal(found[0], expected[0]) and torch.equal(found[1], expected[1])
    smaller = replace(AUGMENT, size=8)  # the same workers, other settings
    assert torch.equal(joined(crew.train_batches(jobs, smaller))[0], joined(alone.train_batches(jobs, smaller))[0])
    assert torch.equal(joined(crew.test_batches(16, 3))[0], joined(alone.test_batches(16, 4))[0])


def test_a_pass_left_early_does_not_disturb_the_next(stream):
    crew, jobs = stream(2), draw_jobs(8, 2)
    expected = joined(stream(0).train_batches(jobs, AUGMENT))[0]
    next(crew.train_batches(draw_jobs(8, 2, seed=1), AUGMENT))
    assert torch.equal(joined(crew.train_batches(jobs, AUGMENT))[0], expected)


def test_two_passes_at_once_are_refused(stream):
    data, jobs = stream(0), draw_jobs(4, 2)
    first = data.train_batches(jobs, AUGMENT)
    next(first)
    next(data.test_batches(16, 2))
    with pytest.raises(ValueError, match="a pass ends when the next one begins"):
        next(first)


@pytest.mark.parametrize("workers", [0, 2])
def test_global_randomness_is_left_alone(workers, stream):
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    joined(stream(workers).train_batches(draw_jobs(2, 2), AUGMENT))
    assert torch.equal(torch.get_rng_state(), before) and np.array_equal(np.random.get_state()[1], numpy_before)


def test_a_job_in_parts_is_the_job(stream):
    numbers, draw = draw_jobs(1, 6)[0]
    whole = joined(stream().train_batches([(numbers, draw)], AUGMENT))[0]
    halves = [(numbers[:2], draw.part(0, 2)), (numbers[2:], draw.part(2, 6))]
    assert torch.allclose(joined(stream().train_batches(halves, AUGMENT))[0], whole, atol=1e-5)


def test_tests_show_whole_squares_in_order(stream, paths):
    images, labels = joined(stream().test_batches(16, 3))
    expected = torch.stack([to_tensor(square_image(read_image(path), 16)) for path in paths])
    assert labels.tolist() == list(range(7)) and torch.equal(images, normalise(expected))
    assert images.is_contiguous(memory_format=torch.channels_last)


def test_a_test_does_not_depend_on_what_fits_into_memory(paths):
    """Streamed or resident, images come to the test's size by way of the size at which they are kept."""
    files = Files([(str(path), i % 2) for i, path in enumerate(paths)], ("a", "b"), Path(paths[0]).parent)
    kept = decode(files, 40, "decoding")
    streamed = Stream([str(path) for path in paths], kept.labels.numpy(), files.classes, workers=0, store_size=40)
    assert torch.equal(joined(streamed.test_batches(16, 3))[0], joined(kept.test_batches(16, 3))[0])


@pytest.mark.parametrize("resident", [False, True])
def test_tests_of_every_third_image_are_all_that_there_is(resident, stream):
    data = stream()
    whole, labels = joined(data.test_batches(16, 3))
    if resident:
        kept = torch.randint(0, 256, (7, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
        data, whole = Resident(kept, labels, data.classes), normalise(kept)
    for index in range(3):
        part = joined(data.test_batches(16, 2, slice(index, None, 3)))
        assert torch.equal(part[0], whole[index::3]) and torch.equal(part[1], labels[index::3])
    assert list(data.test_batches(16, 3, slice(7, None, 8))) == []


@pytest.fixture
def broken(paths, tmp_path):
    path = tmp_path / "broken.jpg"
    path.write_bytes(open(paths[2], "rb").read()[:-3000])
    return str(path)


@pytest.mark.parametrize("workers", [0, 1])
def test_corrupt_file_is_told_in_a_sentence_also_from_a_worker(workers, stream, broken):
    numbers, draw = np.array([0, 7, 1]), AUGMENT.draw(3, np.random.default_rng(0))
    with pytest.raises(InputError) as caught:
        list(stream(workers, extra=[broken]).train_batches([(numbers, draw)], AUGMENT))
    assert str(caught.value).startswith(f"{broken} must be a whole image") and "\n" not in str(caught.value)


def test_the_next_readable_image_stands_in_for_a_corrupt_one(stream, broken, capsys):
    data = stream(skip_corrupt=True, extra=[broken, "/nowhere/b.png"])
    draw = AUGMENT.draw(6, np.random.default_rng(0))
    bad, good = np.array([7, 0, 8, 7, 1, 8]), np.array([0, 0, 1, 1, 1, 0])
    for _ in range(2):
        found = joined(data.train_batches([(bad, draw)], AUGMENT))
        expected = joined(data.train_batches([(good, draw)], AUGMENT))
        assert torch.equal(found[0], expected[0]) and found[1].tolist() == good.tolist()
    err = capsys.readouterr().err
    assert err.count(f"left out: {broken}") == 1 and err.count("/nowhere/b.png must be an existing image file") == 1


def test_a_batch_of_corrupt_files_alone_ends_training(stream, broken):
    data = stream(skip_corrupt=True, extra=[broken])
    with pytest.raises(InputError, match="must be a whole image"):
        list(data.train_batches([(np.array([7, 7]), AUGMENT.draw(2, np.random.default_rng(0)))], AUGMENT))


class Dying(Reader):
    """A reader whose worker is killed, as for want of memory, at the task that asks for image 3."""

    def __getitem__(self, task):
        if 3 in task[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(task)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal here")
def test_a_killed_worker_is_told_in_a_sentence_and_the_next_pass_has_new_ones(paths, monkeypatch):
    monkeypatch.setattr("ricap_explorer.data.stream.Reader", Dying)
    data, handler = Stream(paths, np.arange(7), tuple("abcdefg"), workers=1), signal.getsignal(signal.SIGCHLD)
    jobs = [(np.array([number]), AUGMENT.draw(1, np.random.default_rng(0))) for number in (0, 3, 1)]
    with pytest.raises(InputError, match="every worker that reads images must live on; one was killed") as caught:
        list(data.train_batches(jobs, AUGMENT))
    assert "\n" not in str(caught.value) and signal.getsignal(signal.SIGCHLD) is handler
    assert joined(data.train_batches(jobs[:1], AUGMENT))[1].tolist() == [0]


def test_streamed_folder_is_the_folder(data_dir):
    resident, streamed = (open_data("pets", data_dir, "train", 16, loader=loader) for loader in ("resident", "stream"))
    first, second = (joined(data.test_batches(16, 4)) for data in (resident, streamed))
    assert torch.equal(first[0], second[0]) and torch.equal(first[1], second[1])
    assert resident.classes == streamed.classes and torch.equal(resident.labels, streamed.labels)


def test_a_turned_photograph_is_cut_upright(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture(300, 200).save(tmp_path / "a.jpg", exif=exif, quality=95)
    read_image(tmp_path / "a.jpg").save(tmp_path / "upright.png")
    draw = Augment(16).draw(1, np.random.default_rng(3))
    turned, upright = (cut_file(str(tmp_path / name), Augment(16), draw).int() for name in ("a.jpg", "upright.png"))
    assert (turned - upright).abs().max() <= 3
