"""Captioned folders are read as they are; what is amiss in one is a sentence."""

import pytest
import torch

from ricap_explorer.errors import InputError
from ricap_explorer.retrieval.captions import Vocabulary, read_captioned, words_of

from .conftest import THINGS, write_table


def test_every_image_with_all_its_captions_by_name(things):
    assert things.images.shape == (12, 3, 48, 48) and things.images.dtype == torch.uint8 and len(things) == 12
    assert things.captions[0] == ("A apple .", "The apple, seen 2 times") and THINGS[5] in things.captions[5][0]


def test_words_are_letters_alone_in_small():
    assert words_of("A man's dog , 2 Cafés!") == ["a", "man", "s", "dog", "cafés"]


def test_rare_words_share_a_number_and_short_captions_are_padded():
    known = Vocabulary(["a dog runs", "a dog sits", "a cat"])
    numbers = known.encode(["a dog", "the dog runs a"])
    assert len(known) == 4 and numbers.tolist() == [[2, 3, 0, 0], [1, 3, 1, 2]]


@pytest.mark.parametrize(
    ("rows", "head", "told"),
    [
        ([], ("image", "caption"), "it has no line"),
        ([("apple.png", "a b")], ("picture", "caption"), "its first line has no image"),
        ([("apple.png", "a b")], ("image_name", "text"), "its first line has no image and no caption"),
        ([("apple.png", "12 !")], ("image", "caption"), "a line has 'apple.png' and '12 !'"),
        ([("apple.png", "")], ("image", "caption"), "a line has 'apple.png' and ''"),
        ([("none.png", "a b")], ("image", "caption"), "none.png does not"),
    ],
)
def test_a_table_that_is_none_is_told(data_dir, rows, head, told):
    write_table(data_dir / "things", rows, head)
    with pytest.raises(InputError, match="captions.csv") as caught:
        read_captioned("things", data_dir, 48)
    assert told in str(caught.value)


def test_a_table_as_spreadsheets_save_it(data_dir, things):
    table = data_dir / "things" / "captions.csv"
    text = table.read_text(encoding="utf-8").replace("image,caption", "image, caption")
    table.write_text(text, encoding="utf-8-sig")
    assert read_captioned("things", data_dir, 48).captions == things.captions


def test_no_table_no_folder_or_one_elsewhere(data_dir):
    (data_dir / "things" / "captions.csv").unlink()
    with pytest.raises(InputError, match="captions.csv must name an image and a caption"):
        read_captioned("things", data_dir, 48)
    (data_dir / "things" / "captions.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="captions.csv must name an image and a caption"):
        read_captioned("things", data_dir, 48)
    for name in ("none", "..", "", "../data/things"):
        with pytest.raises(InputError, match="--dataset must be a folder of captioned images"):
            read_captioned(name, data_dir, 48)
