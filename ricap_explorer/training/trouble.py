"""What torch says of settings that do not fit the machine or each other, as a sentence."""

import torch

from ..errors import InputError, UnreadableImage
from ..words import several
from .config import TrainConfig
from .trainer import Trainer

COMPILER = ("torch._dynamo", "torch._inductor")


def way_out(error: Exception, config: TrainConfig) -> str:
    """What a sentence about an unreadable image may add; '' of anything else."""
    unreadable = isinstance(error, UnreadableImage) and not config.skip_corrupt
    return "; --skip-corrupt leaves such images out" if unreadable else ""


def in_words(error: Exception, trainer: Trainer) -> InputError | None:
    """What torch says of settings that do not fit, as a sentence; None for anything else."""
    config = trainer.config
    if way := way_out(error, config):
        return InputError(f"{error}{way}")
    parts = f"batch_size {config.batch_size} in {several(config.accumulate, 'part')}"
    if isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error):
        where = trainer.world.device.type.upper()
        if trainer.progress is None:
            tested = f"{trainer.test_batch} images of {config.image_size} px"
            return InputError(f"a test must fit the memory of the {where}; {tested} do not: try a smaller --image-size")
        return InputError(f"a step must fit the memory of the {where}; {parts} does not: try a larger --accumulate")
    if type(error).__module__.startswith(COMPILER):
        reason = str(error).strip().partition("\n")[0]
        return InputError(f"--compile must find what torch compiles with; leave it out ({reason})")
    if str(error).startswith("Expected more than 1 value per channel"):
        return InputError(
            f"a part of a batch must give batch normalisation more than one value; {parts} does not at "
            f"{config.train_size} px: try a smaller --accumulate or a larger --train-size"
        )
    return None
