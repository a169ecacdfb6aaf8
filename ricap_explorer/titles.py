"""How people call what a card names."""

from typing import Any

METHOD_TITLES = {
    "standard": "Standard",
    "cutout": "Cutout",
    "mixup": "mixup",
    "cutmix": "CutMix",
    "ricap": "RICAP",
    "image_mixing": "Image mixing only",
    "label_mixing": "Label mixing only",
}


def run_title(card: dict[str, Any]) -> str:
    """A run's method, its β, whether it draws for every image, and its seed unless that is 0."""
    settings = card.get("method_settings", {})
    beta = settings.get("beta")
    words = METHOD_TITLES.get(card["method"], card["method"])
    words += f" β = {beta:g}" if isinstance(beta, int | float) else ""
    words += ", a draw for every image" if "beta" in settings and settings.get("per_sample") else ""
    return words + (f", seed {card['seed']}" if card["seed"] else "")
