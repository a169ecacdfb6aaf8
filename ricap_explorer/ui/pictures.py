"""The pictures that a visitor can choose: rendered samples, validation photographs where there are any, uploads."""

from __future__ import annotations

import random
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from ..classes import IMAGENETTE
from ..errors import InputError
from ..figures.encode import jpeg_uri, png_uri

if TYPE_CHECKING:
    from ..figures.focus import Part

CANVAS = 320  # side in pixels of every picture on the page and of the patched image
THUMB = 96
THUMBS = 36  # at a time
MAX_UPLOAD_MB = 8
KEPT_UPLOADS = 256


@dataclass(frozen=True)
class Picture:
    """A square RGB picture of CANVAS pixels a side; `name` is its class, or the file name of an upload.

    id: no other picture has it. parts: what the classes of a patched image cover. file: an upload's own name.
    """

    id: str
    name: str
    image: Image.Image
    parts: tuple[Part, ...] = ()
    file: str = ""
    _sides: dict[int, Image.Image] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def uri(self) -> str:
        """The picture as JPEG, small, for looking at."""
        return jpeg_uri(self.image)

    @cached_property
    def exact_uri(self) -> str:
        """The picture pixel by pixel, as PNG: the browser patches it as the plan does."""
        return png_uri(self.image)

    def at(self, side: int) -> Image.Image:
        """The picture at that many pixels a side, kept: most networks want the same."""
        if side not in self._sides:
            from ..data.images import square_image

            self._sides[side] = square_image(self.image, side)
        return self._sides[side]


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


def own_kind(dataset: str) -> str:
    """The kind of a data set's own images: how their ids begin."""
    return f"{PHOTO}-{re.sub('[^A-Za-z0-9_.-]', '-', dataset)}"


@dataclass(frozen=True)
class Pictures:
    """Every picture by id, safe to use from several threads. Uploads beyond the newest 256 are forgotten."""

    files: dict[str, tuple[str, Path]]  # id -> (class name, file)
    cache: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    uploads: OrderedDict[str, Picture] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

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
        for dataset in datasets:
            for path in _validation_images(data_dir / dataset):
                key = f"{path.parent.name}/{path.stem}".replace(",", "_")  # commas part the pictures of a link
                files[f"{own_kind(dataset)}:{key}"] = (path.parent.name, path)
        return cls(files)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """The parts of the gallery: samples, photographs, data sets of one's own."""
        found = dict.fromkeys(key.partition(":")[0] for key in self.files)
        own = {kind: kind.removeprefix(f"{PHOTO}-") for kind in found if kind not in KINDS}
        return {kind: known for kind, known in KINDS.items() if kind == SAMPLE or kind in found} | {
            kind: Kind(name, f"More of {name}", f"Validation images of {name}, which its networks were not trained on.")
            for kind, name in own.items()
        }

    def ids(self, kind: str) -> list[str]:
        """Ids of a kind, class by class."""
        return [key for key in self.files if key.startswith(kind + ":")]

    def get(self, picture_id: str) -> Picture:
        """The picture of that id; InputError where there is none (an upload may have been forgotten)."""
        with self.lock:
            for store in (self.cache, self.uploads):
                if picture_id in store:
                    store.move_to_end(picture_id)
                    return store[picture_id]
        if picture_id not in self.files:
            raise InputError("the picture must be one of the gallery or a recent upload; please choose it again")
        from ..data.images import read_image

        name, path = self.files[picture_id]
        return self._keep(self.cache, _picture(picture_id, name, read_image(path)))

    def add(self, content: bytes, file_name: str) -> Picture:
        """Take in an uploaded file; InputError in one sentence for anything that is no usable picture."""
        from ..data.images import read_image

        if len(content) > MAX_UPLOAD_MB * 2**20:
            raise InputError(f"an upload must have at most {MAX_UPLOAD_MB} MB; got {len(content) / 2**20:.1f} MB")
        name = Path(file_name or "picture").stem[:24] or "picture"
        image = read_image(content, Path(file_name or "the picture").name)
        picture_id = "upload:" + sha256(content + name.encode()).hexdigest()[:16]
        file = Path(file_name or "picture.png").name
        return self._keep(self.uploads, _picture(picture_id, name, image, file))

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
        return [(key, self.files[key][0], _thumb(self.files[key][1])) for key in chosen]

    def _keep(self, store: OrderedDict[str, Picture], picture: Picture) -> Picture:
        with self.lock:
            store[picture.id] = picture
            store.move_to_end(picture.id)
            while len(store) > KEPT_UPLOADS:
                store.popitem(last=False)
        return picture


def _validation_images(root: Path) -> list[Path]:
    """The images of val/ (or test/) of an image folder, class by class; none where it is no such folder."""
    places = [root / name for name in ("val", "test") if (root / name).is_dir()]
    if not places:
        return []
    from ..data.images import SUFFIXES

    return [path for path in sorted(places[0].glob("*/*")) if path.suffix.lower() in SUFFIXES]


def _picture(picture_id: str, name: str, image: Image.Image, file: str = "") -> Picture:
    from ..data.images import square_image

    return Picture(picture_id, name, square_image(image, CANVAS), file=file)


@lru_cache(maxsize=512)
def _thumb(path: Path) -> str:
    with Image.open(path) as image:
        image.draft("RGB", (THUMB, THUMB))
        return jpeg_uri(image.convert("RGB").resize((THUMB, THUMB), Image.Resampling.BILINEAR), quality=80)
