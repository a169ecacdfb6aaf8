"""What tells images from others: a change of a name, a class or a size, and of a moment where that is asked for."""

import os

import pytest

from ricap_explorer.data.digest import digest
from ricap_explorer.data.loaders import find_part


def test_it_is_of_the_files_as_they_lie_in_the_data_set(make_folder, picture, tmp_path):
    first, second = (make_folder(tmp_path / place / "pets") for place in ("here", "there"))
    told = [digest(find_part("pets", folder.parent, "train")) for folder in (first, second)]
    assert told[0] == told[1] and len(told[0]) == 12
    assert digest(find_part("pets", first.parent, "train", fraction=0.5)) != told[0]
    path = second / "train" / "cat" / "0.png"
    picture(90, 90, seed=5).save(path)
    resized = digest(find_part("pets", second.parent, "train"))
    path.rename(path.with_name("zero.png"))
    assert len({told[0], resized, digest(find_part("pets", second.parent, "train"))}) == 3


def test_a_file_of_another_name_is_told(make_folder, tmp_path):
    path = make_folder(tmp_path / "pets") / "train" / "cat" / "0.png"
    before = digest(find_part("pets", tmp_path, "train"))
    path.rename(path.with_name("00.png"))  # still the first
    assert digest(find_part("pets", tmp_path, "train")) != before


def test_a_file_written_anew_is_told_where_that_is_asked_for(make_folder, tmp_path):
    path = make_folder(tmp_path / "pets") / "train" / "cat" / "0.png"
    before = [digest(find_part("pets", tmp_path, "train"), times) for times in (False, True)]
    os.utime(path, ns=(1, 1))
    after = [digest(find_part("pets", tmp_path, "train"), times) for times in (False, True)]
    assert after[0] == before[0] and after[1] != before[1]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_nowhere_is_left_to_whoever_reads_it(make_folder, tmp_path):
    (make_folder(tmp_path / "pets") / "train" / "cat" / "9.png").symlink_to(tmp_path / "nowhere.png")
    assert digest(find_part("pets", tmp_path, "train"))


def test_images_in_memory_are_told_by_their_pixels(make_cifar):
    data_dir = make_cifar()
    found = find_part("cifar10", data_dir, "train")
    before = digest(found)
    found.images[0, 0, 0, 0] ^= 1
    assert digest(found) != before == digest(find_part("cifar10", data_dir, "train"))
