"""The crop and the test size that suit a method, as they were measured here, for runs that are told neither."""

ALONE = {"standard": 0.25, "cutout": 0.5}  # what mixes no images, and its least crop; others: whole (crop.toml)
MAGNIFYING = 0.35  # crops of so little magnify so much that what does not mix is best tested with larger images


def suited_crop(method: str) -> float:
    """The least share of an image's area that a random-resized crop keeps."""
    return ALONE.get(method, 1.0)


def suited_size(mixes: bool, crop: str, crop_scale: float, train_size: int, store_size: int) -> int:
    """The side of test images in pixels: that of training, but four thirds of it, as far as images are kept, where
    nothing is mixed and small crops magnify (results/test-size.txt: Imagenette, LookNet)."""
    if mixes or crop != "resized" or crop_scale > MAGNIFYING:
        return train_size
    return min(16 * round(train_size / 12), max(train_size, store_size))
