"""The named endpoints /patch and /cam: what the page computes, for programs. Answers are JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from ..cam.methods import CAM_METHODS
from ..errors import InputError
from ..figures.encode import png_uri
from .patching import named, patch_pictures
from .pictures import Picture
from .services import Services
from .tabs import cam


def build(services: Services) -> None:
    """Add the endpoints to the page that is being built."""

    def patch_endpoint(
        image_1: str, image_2: str, image_3: str, image_4: str, beta: float = 0.3, seed: str = "7"
    ) -> dict[str, Any]:
        """RICAP of four images, regions upper left, upper right, lower left, lower right: the plan, the mixed label
        ({file name: share of the area}) and the patched image as a pixel-exact PNG data URI."""
        return answer_or_raise(patch_answer, services, [image_1, image_2, image_3, image_4], beta, seed)

    def cam_endpoint(image: str, models: list[str], method: str = "cam", class_name: str = cam.OWN) -> dict[str, Any]:
        """One image through each model: its card, probabilities by class, the explained class and the raw map, rows
        from top to bottom. Maps are not normalised, so that models can be compared."""
        return answer_or_raise(cam_answer, services, image, models, method, class_name)

    names = list(services.models.checkpoints)
    files = [gr.File(label=f"image {k}", type="filepath", visible=False) for k in range(1, 6)]
    beta, seed = gr.Number(0.3, label="beta", visible=False), gr.Textbox("7", label="seed", visible=False)
    free: dict[str, Any] = {"allow_custom_value": True, "visible": False}  # what is no choice is told by `cam_answer`
    models = gr.Dropdown(names, value=services.models.default(), multiselect=True, label="models", **free)
    method = gr.Dropdown(list(CAM_METHODS), value="cam", label="method", **free)
    class_name = gr.Textbox(cam.OWN, label="class to explain", visible=False)
    answer, caller = gr.JSON(visible=False), gr.Button(visible=False)
    caller.click(patch_endpoint, [*files[:4], beta, seed], answer, api_name="patch")
    caller.click(
        cam_endpoint,
        [files[4], models, method, class_name],
        answer,
        api_name="cam",
        concurrency_id="models",
        concurrency_limit=1,
    )


def answer_or_raise(compute: Any, *arguments: Any) -> dict[str, Any]:
    """The answer, or the user's sentence as the endpoint's error."""
    try:
        return compute(*arguments)
    except InputError as error:
        raise gr.Error(str(error), print_exception=False) from None


def patch_answer(services: Services, files: list[str | None], beta: float, seed: str) -> dict[str, Any]:
    """What /patch answers."""
    given = [file for file in files if file]
    if len(given) != 4:
        raise InputError(f"RICAP needs four images; got {len(given)}")
    pictures = named(_picture(services, file) for file in given)
    patched = patch_pictures(pictures, beta, seed)
    return {
        "plan": patched.plan.to_dict(),
        "label": dict(patched.shares),
        "image": png_uri(patched.image),
    }


def cam_answer(services: Services, file: str | None, models: Any, method: str, class_name: str) -> dict[str, Any]:
    """What /cam answers. models: names, of which each is asked once, or one name."""
    if not file:
        raise InputError("CAM needs an image; got none")
    given = models if isinstance(models, list) else [] if models is None else [models]
    names = list(dict.fromkeys(map(str, given)))
    picture = _picture(services, file)
    looks = cam.look(services, cam.Question({"picture": picture.id}, names, method, class_name), picture)
    return {
        "seconds": looks.seconds,
        "models": [
            {
                "name": checkpoint.name,
                "card": checkpoint.card,
                "probabilities": dict(zip(view.class_names, view.probabilities.tolist(), strict=True)),
                "class": view.class_names[view.classes[0]],
                "map": view.maps[0].tolist(),
            }
            for checkpoint, view in zip(looks.checkpoints, looks.views, strict=True)
        ],
    }


def _picture(services: Services, file: str) -> Picture:
    """A program's picture. It is not kept: it would push out what visitors of the page have uploaded."""
    return services.pictures.read(Path(file).read_bytes(), Path(file).name)
