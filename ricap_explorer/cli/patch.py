"""patch: four images, one draw or a plan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from ..folders import write_file
from ..training.config import LARGEST
from .options import check_out

if TYPE_CHECKING:
    from ..mixing import RicapPlan


def patch(
    context: typer.Context,
    images: Annotated[list[Path], typer.Argument(help="four image files, for the regions 1 to 4", show_default=False)],
    beta: Annotated[str, typer.Option(metavar="<float>", help="the boundary is drawn from Beta(beta, beta)")] = "0.3",
    seed: Annotated[int, typer.Option(help="seed of the draw")] = 0,
    size: Annotated[int, typer.Option(help="side of the patched image in pixels")] = 320,
    plan: Annotated[Path | None, typer.Option(help="replay a plan that this command printed, from a JSON file")] = None,
    out: Annotated[Path, typer.Option(help="the patched image, a PNG file")] = Path("patched.png"),
) -> None:
    """Patch four images together with RICAP; prints the plan as JSON."""
    import torch

    from ..data import read_image, square_image, to_tensor
    from ..figures.encode import png_bytes

    if len(images) != 4:
        raise InputError(f"patch needs four images; got {len(images)}")
    given = [f"--{name}" for name in ("beta", "seed", "size") if context.get_parameter_source(name).name != "DEFAULT"]
    if plan and given:
        raise InputError(f"--plan settles everything and must stand alone; got {', '.join(given)} too")
    drawn = _read_plan(plan) if plan else _draw_plan(beta, seed, size)
    check_out(out, ".png")
    squares = torch.stack([to_tensor(square_image(read_image(path), drawn.size[0])) for path in images])
    write_file(out, png_bytes(drawn.apply(squares)[0].permute(1, 2, 0).numpy()))
    print(drawn.to_json())


def _draw_plan(beta: str, seed: int, size: int) -> "RicapPlan":
    """The draw of a seed for one patched image; image k fills region k."""
    from ..mixing.ricap import draw_one

    _check_side(size)
    return draw_one(beta, seed, size)


def _read_plan(path: Path) -> "RicapPlan":
    """A plan for one square patched image from a JSON file."""
    from ..mixing.ricap import read_one

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"--plan must be a readable JSON file; {path} is none") from None
    plan = read_one(text)
    _check_side(plan.size[0])
    return plan


def _check_side(side: int) -> None:
    if not 8 <= side <= LARGEST:
        raise InputError(f"the side of the patched image must be 8 to {LARGEST} pixels; got {side}")
