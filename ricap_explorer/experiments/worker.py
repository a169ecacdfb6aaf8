"""One run in a process of its own: python -m ricap_explorer.experiments.worker REQUEST.

REQUEST is JSON: {"settings": {…}, "until": seconds, "whole": false}. `until` is a time.time() at which the run shall
have stopped, its state saved; where it must be whole, it stops as soon as its speed says that it will not have come to
its end by then. A crash here ends no other run.
"""

import json
import sys
import time
from threading import Event

from ..errors import InputError, MissingImages
from ..training import TrainConfig
from .queue import GAVE_UP, INTERRUPTED, NO_IMAGES
from .tables import command

MACHINE = ("data_dir", "out", "device", "workers")  # settings that are no part of what a card tells as its command


def main(request: dict) -> int:
    """Train, or go on with the run in its folder; the exit status, with one line on standard error if it is not 0."""
    from ..training.folder import begun
    from ..training.run import train
    from ..training.signals import at_sigterm

    terminated = Event()
    settings = request["settings"]
    told = {name: value for name, value in settings.items() if name not in MACHINE}
    try:
        config = TrainConfig(**settings)
        deadline = time.monotonic() + request["until"] - time.time()
        with at_sigterm(terminated.set):
            done = train(config, begun(config), deadline, all_or_nothing=request["whole"], command=command(told))
    except InputError as error:
        print(error, file=sys.stderr)
        return NO_IMAGES if isinstance(error, MissingImages) else 2
    except KeyboardInterrupt:
        return INTERRUPTED
    too_slow = not done and not terminated.is_set() and time.monotonic() < deadline
    return GAVE_UP if request["whole"] and too_slow else 0


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
