"""What happens in the background once the page is up."""

import logging

from .patching import BETA, SEED, SLOTS, patch
from .services import Services
from .tabs import cam

log = logging.getLogger(__name__)


def warm_up(services: Services) -> None:
    """Import what takes seconds and run the default models once: the first answer shall be as fast as the next."""
    try:
        patch(services, SLOTS, BETA, SEED)
        for method in ("cam", "gradcam") if services.models.checkpoints else ():
            looks = cam.look(services, cam.Question({"picture": services.opening}, services.models.default(), method))
            cam.render(looks, "mass", "viridis")
    except Exception:
        log.exception("warming up failed; the page goes on")
