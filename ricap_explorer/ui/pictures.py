"""The pictures that a visitor can choose: rendered samples, validation photographs where there are any, uploads."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from ..classes import IMAGENETTE
from ..errors import InputError
from ..figures.encode import jpeg_uri, png_uri
from ..folders import below
from .recent import Recent

if TYPE_CHECKING:
    from ..cam.focus import ClassPart

CANVAS = 320  # side in pixels of every picture on the page and of the patched image
THUMB = 96
THUMBS = 36  # at a time
MAX_UPLOAD_MB = 8
KEPT_SIDE = 640  # pixels of an upload's shorter side, at most, that are kept for the networks
KEPT_PICTURES = 256  # of the gallery, and as many uploads


@dataclass(frozen=True)
class Picture:
    """A square RGB picture of CANVAS pixels a side; `name` is its class, or the file name of an upload.

    id: no other picture has it. parts: what the classes of a patched image cover. file: an upload's own name. source:
    what networks are shown, for by way of `image` they would see less of it: a file, or its picture; None: the image.
    """

    id: str
    name: str
    image: Image.Image
    parts: tuple[ClassPart, ...] = ()
    file: str = ""
    source: Path | Image.Image | None = None
    _sides: Recent = field(default_factory=lambda: Recent(2), repr=False, compare=False)

    @cached_property
    def uri(self) -> str:
        """The picture as JPEG, small, for looking at."""
        return jpeg_uri(self.image)

    @cached_property
    def exact_uri(self) -> str:
        """The picture pixel by pixel, as PNG: the browser patches it as the plan does."""
        return png_uri(self.image)

    def at(self, side: int) -> Image.Image:
        """The middle square of the source at that many pixels a side; the last two sides are kept, most networks want
        the same.

        InputError where the source is a file that cannot be read any more.
        """
        from ..data.images import read_image, square_image

        def squared() -> Image.Image:
            source = read_image(self.source) if isinstance(self.source, Path) else self.source or self.image
            return square_image(source, side)

        return self._sides.get(side, squared)


@dataclass(frozen=True)
class Kind:
    """A part of the gallery: what opens it, what then asks for others of it, and where its pictures are from."""

    title: str
    more: str
    source: str


SAMPLE, PHOTO = "sample", "photo"
KINDS = {
    SAMPLE: Kind("Renders", "Renders", "Rendered pictures, made for this page; real photographs are harder."),
    PHOTO: Kind(
        "Photographs",
        "More photographs",
        "Photographs of Imagenette's validation set, which the models were not trained on.",
    ),
}


@dataclass(frozen=True)
class Pictures:
    """Every picture by id, safe to use from several threads. Uploads beyond the newest 256 are forgotten."""

    files: dict[str, tuple[str, Path]]  # id -> (class name, file)
    own: dict[str, str] = field(default_factory=dict)  # how ids of a data set of one's own begin -> its name
    problems: list[str] = field(default_factory=list)  # why one's own images are not there, in sentences
    cache: Recent = field(default_factory=lambda: Recent(KEPT_PICTURES))
    uploads: Recent = field(default_factory=lambda: Recent(KEPT_PICTURES))
    reading: threading.Lock = field(default_factory=threading.Lock)  # several large uploads at once fill the memory

    @classmethod
    def find(cls, assets: Path, data_dir: Path, datasets: Iterable[str] = ()) -> Pictures:
        """The samples under assets/samples, the photographs under data_dir/imagenette2/val, and the validation images
        of these image folders in data_dir."""
        by_key = {name.lower().replace(" ", "-"): name for name in IMAGENETTE.values()}
        files = {}
        for path in sorted((assets / "samples").glob("*.jpg")):
            name = by_key.get(path.stem.rpartition("-")[0])
            if name:
                files[f"sample:{path.stem}"] = (name, path)
        for wnid, name in IMAGENETTE.items():
            for path in sorted((data_dir / "imagenette2" / "val" / wnid).glob("*.JPEG")):
                files[f"{PHOTO}:{path.stem}"] = (name, path)
        own: dict[str, str] = {}
        problems: list[str] = []
        for dataset in datasets:
            try:
                images = _validation_images(data_dir, dataset)
            except InputError as error:
                problems.append(f"The gallery is without the validation images of {dataset}: {error}")
                continue
            kind = _free(f"{PHOTO}-{re.sub('[^A-Za-z0-9_.-]', '-', dataset)}", own)
            own |= {kind: dataset} if images else {}
            for name, path, place in images:
                files[_free(f"{kind}:{place.replace(',', '_')}", files)] = (name, path)  # a link parts them by commas
        return cls(files, own, problems)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The parts of the gallery: samples, photographs, data sets of one's own."""
        found = {key.partition(":")[0] for key in self.files}
        return {kind: known for kind, known in KINDS.items() if kind == SAMPLE or kind in found} | {
            kind: Kind(name, f"More of {name}", f"Validation images of {name}, which its networks were not trained on.")
            for kind, name in self.own.items()
        }

    def ids(self, kind: str) -> list[str]:
        """Ids of a kind, class by class."""
        return [key for key in self.files if key.startswith(kind + ":")]

    def get(self, picture_id: str) -> Picture:
        """The picture of that id; InputError where there is none (an upload may have been forgotten)."""
        if picture_id not in self.files:
            return self.uploads.get(picture_id, _forgotten)
        from ..data.images import read_image

        name, path = self.files[picture_id]
        return self.cache.get(picture_id, lambda: _picture(picture_id, name, read_image(path), path))

    @cached_property
    def by_path(self) -> dict[Path, str]:
        """The ids of the gallery's files."""
        return {path: key for key, (_, path) in self.files.items()}

    def add(self, content: bytes, file_name: str) -> Picture:
        """Take in an uploaded file, to be had by its id; InputError as `read`."""
        picture = self.read(content, file_name)
        return self.uploads.get(picture.id, lambda: picture)

    def read(self, content: bytes, file_name: str) -> Picture:
        """The picture of a file, not kept; InputError in one sentence for anything that is no usable picture."""
        from ..data.images import read_image

        if len(content) > MAX_UPLOAD_MB * 2**20:
            raise InputError(f"an upload must have at most {MAX_UPLOAD_MB} MB; got {len(content) / 2**20:.1f} MB")
        file = Path(file_name or "picture.png").name
        name = Path(file).stem[:24] or "picture"
        with self.reading:
            image = read_image(content, file if file_name else "the picture")
        picture_id = "upload:" + sha256(content + file.encode()).hexdigest()[:16]
        return _picture(picture_id, name, image, _middle(image), file)

    def thumbnails(self, kind: str, page: int = 0, per_class: int = 3) -> list[tuple[str, str, str]]:
        """(id, class name, data URI) of up to `per_class` pictures a class, fewer where there are many classes; pages
        beyond the first are drawn at random."""
        by_class: dict[str, list[str]] = {}
        for picture_id in self.ids(kind):
            by_class.setdefault(self.files[picture_id][0], []).append(picture_id)
        shown = list(by_class.values())
        if page and len(shown) > THUMBS:
            shown = random.Random(page).sample(shown, THUMBS)
        per_class = max(1, min(per_class, THUMBS // max(len(shown), 1)))
        chosen = []
        for ids in shown[:THUMBS]:
            chosen += random.Random(page).sample(ids, min(per_class, len(ids))) if page else ids[:per_class]
        thumbs = ((key, self.files[key][0], _thumb(self.files[key][1], kind in KINDS)) for key in chosen)
        return [thumb for thumb in thumbs if thumb[2]]


def _forgotten() -> Picture:
    raise InputError("the picture must be one of the gallery or a recent upload; please choose it again")


def _free(key: str, taken: Container[str]) -> str:
    """A key that is not taken."""
    while key in taken:
        key += "_"
    return key


def _validation_images(data_dir: Path, dataset: str) -> list[tuple[str, Path, str]]:
    """(class name, file, its place) of every validation image of an image folder; none where there is no such folder.

    InputError where it is not laid out as one.
    """
    if (root := below(data_dir, dataset)) is None:
        return []
    from ..data.datasets import DATASETS, image_folder

    if dataset in DATASETS:
        return []
    found = image_folder(root, "val")
    paths = [(found.classes[label], Path(path)) for path, label in found.samples]
    return [(name, path, "/".join(path.relative_to(root).parts[1:])) for name, path in paths]


def _picture(picture_id: str, name: str, image: Image.Image, source: Path | Image.Image, file: str = "") -> Picture:
    from ..data.images import square_image

    return Picture(picture_id, name, square_image(image, CANVAS), file=file, source=source)


def _middle(image: Image.Image) -> Image.Image:
    """A picture without the far ends of its longer side, its shorter one of at most KEPT_SIDE pixels.

    As much is left beside the middle square as a filter reaches when it is reduced: what is cut from it is the same.
    """
    short = min(image.size)
    x, y = (max(0, (side - short - short // 4) // 2) for side in image.size)
    middle = image.crop((x, y, image.width - x, image.height - y))
    if short <= KEPT_SIDE:
        return middle
    size = tuple(round(side * KEPT_SIDE / short) for side in middle.size)
    return middle.resize(size, Image.Resampling.BILINEAR)


@lru_cache(maxsize=512)
def _thumb(path: Path, plain: bool) -> str:
    """A picture, small, as a data URI; '' for a file that is none. plain: a JPEG that needs neither care nor torch."""
    try:
        if plain:
            with Image.open(path) as image:
                image.draft("RGB", (THUMB, THUMB))
                square = ImageOps.fit(image.convert("RGB"), (THUMB, THUMB), Image.Resampling.BILINEAR)
        else:
            from ..data.images import read_image, square_image

            square = square_image(read_image(path, least=THUMB), THUMB)
    except (InputError, OSError):
        return ""
    return jpeg_uri(square, quality=80)
