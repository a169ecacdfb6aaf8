"""Photographs with captions: a folder of images and a table of what people wrote of them."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ..data import read_image, square_image, to_tensor
from ..errors import InputError
from ..folders import below

TABLE, IMAGES = "captions.csv", "images"  # in a data set's folder
COLUMNS = ("image", "caption")
PADDING, UNKNOWN = 0, 1  # numbers that stand for no word, and for one that is too rare
LEAST = 2  # times that a word must stand in the captions of training to have a number of its own
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Captioned:
    """Images (N, 3, S, S) uint8, and of each what people wrote of it: a caption or more."""

    images: Tensor
    captions: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.captions)


def read_captioned(dataset: str, data_dir: Path, size: int) -> Captioned:
    """The data set in `data_dir`/`dataset`: captions.csv, with the columns image and caption, and images/.

    Of each picture the centred square at `size` pixels a side is kept; they are in the order of their names.
    InputError for a folder, a table or a picture that is missing or damaged.
    """
    root = below(data_dir, dataset)
    if not root:
        raise InputError(f"--dataset must be a folder of captioned images in {data_dir}; got {dataset!r}")
    captions = _captions(root / TABLE)
    pictures = [to_tensor(square_image(read_image(_picture(root, name)), size)) for name in captions]
    return Captioned(torch.stack(pictures), tuple(map(tuple, captions.values())))


def _picture(root: Path, name: str) -> Path:
    path = root / IMAGES / name
    if not path.is_file():
        raise InputError(f"every image of {root / TABLE} must lie in {root / IMAGES}; {name} does not")
    return path


def _captions(table: Path) -> dict[str, list[str]]:
    """Image name -> its captions, in the order of the names."""
    found: dict[str, list[str]] = {}
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:  # as spreadsheets save it
            rows = csv.DictReader(file, skipinitialspace=True)
            if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
                raise ValueError(f"its first line has no {' and no '.join(missing)}")
            for row in rows:
                name, caption = (row.get(column) for column in COLUMNS)
                if not name or not caption or not words_of(caption):
                    raise ValueError(f"a line has {name!r} and {caption!r}")
                found.setdefault(name, []).append(caption)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise InputError(f"{table} must name an image and a caption of words in every line; {error}") from None
    if not found:
        raise InputError(f"{table} must name an image and a caption of words in every line; it has no line")
    return dict(sorted(found.items()))


def words_of(caption: str) -> list[str]:
    """Its words in small letters; numbers and signs are left out."""
    return _WORD.findall(caption.lower())


class Vocabulary:
    """The words of captions by number; a rare word has none of its own."""

    def __init__(self, captions: Iterable[str]) -> None:
        counted = Counter(word for caption in captions for word in words_of(caption))
        known = sorted(word for word, times in counted.items() if times >= LEAST)
        self._numbers = {word: number for number, word in enumerate(known, UNKNOWN + 1)}

    def __len__(self) -> int:
        """How many numbers there are, with those of padding and of rare words."""
        return len(self._numbers) + UNKNOWN + 1

    def encode(self, captions: Sequence[str]) -> Tensor:
        """M captions -> (M, L) int64, L words of the longest, shorter ones padded at their end."""
        rows = [[self._numbers.get(word, UNKNOWN) for word in words_of(caption)] for caption in captions]
        return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=PADDING)
