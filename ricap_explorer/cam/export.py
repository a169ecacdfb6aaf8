"""What networks see in an image, as files: arrays for programs, numbers for tables."""

import csv
import json
from collections.abc import Sequence
from io import BytesIO, StringIO

import numpy as np

from .compare import View
from .measures import area_above_half, entropy


def arrays_npz(views: Sequence[View]) -> bytes:
    """The content of a .npz file: for network k map_k (n, h, w) raw float32, probabilities_k (K,), classes_k (n,); and
    names, a JSON text with each network's title and class names. It opens with numpy.load, without pickle."""
    arrays: dict[str, np.ndarray] = {}
    for k, view in enumerate(views):
        arrays[f"map_{k}"] = view.maps
        arrays[f"probabilities_{k}"] = view.probabilities
        arrays[f"classes_{k}"] = np.asarray(view.classes, np.int64)
    arrays["names"] = np.array(json.dumps([{"title": v.title, "classes": v.class_names} for v in views]))
    buffer = BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def numbers_csv(views: Sequence[View]) -> str:
    """A line for each network and explained class: its probability, and the map's numbers; an empty field is none."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["network", "class", "probability", "maximum", "area above half of the maximum", "entropy"])
    for view in views:
        for k, values in zip(view.classes, view.maps, strict=True):
            numbers = [float(view.probabilities[k]), float(values.max()), area_above_half(values), entropy(values)]
            cells = [f"{n:.6g}" if n is not None and np.isfinite(n) else "" for n in numbers]
            writer.writerow([view.title, view.class_names[k], *cells])
    return text.getvalue()
