"""The numbers of every image of a network that was measured, in a folder: what stands there is not measured again."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..cards import kept_size
from ..zoo import Checkpoint
from .arrays import make_folder, read_arrays, write_arrays
from .measures import MEASURES, TOGETHER
from .probes import Numbers

VERSION = 3  # one more wherever numbers come out otherwise


@dataclass(frozen=True)
class Kept:
    """A folder of files `<network>-<digest>.npz`, an array for every measure. The digest is of the weights, the size of
    the network's data and `settings`: all that the numbers hang on besides, as JSON takes it. folder: None keeps
    nothing."""

    folder: Path | None
    settings: dict[str, Any]

    def __post_init__(self) -> None:
        make_folder(self.folder)

    def read(self, checkpoint: Checkpoint) -> Numbers | None:
        """What was kept of a network; None where there is nothing, or a damaged file."""
        return read_arrays(self._path(checkpoint)) if self.folder else None

    def write(self, checkpoint: Checkpoint, numbers: Numbers) -> None:
        """Keep them, whole or not at all; InputError where the folder cannot be written."""
        if self.folder:
            write_arrays(self._path(checkpoint), numbers)

    def _path(self, checkpoint: Checkpoint) -> Path:
        weights = hashlib.sha256(checkpoint.path.read_bytes()).hexdigest()
        # differences are made of what is kept, and what no network is asked by itself hangs on the others
        taken = [name for name, one in MEASURES.items() if not one.parts and name not in TOGETHER]
        asked = self.settings | {"size": kept_size(checkpoint.card), "version": VERSION}
        settings = json.dumps([weights, asked, taken], sort_keys=True)
        return self.folder / f"{checkpoint.name}-{hashlib.sha256(settings.encode()).hexdigest()[:12]}.npz"
