"""Options that several commands share, and the types that read them.

Nothing heavy is imported until a value is read.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from latent_studio.errors import OptionError

if TYPE_CHECKING:
    from latent_studio.jobs.opened import Model
    from latent_studio.recipe import ModelRef, Recipe

BACKENDS = ("auto", "torch", "openvino", "cudagraphs", "compile")  # as the engine names them
F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(dir_okay=True, path_type=Path)


class Parsed(click.ParamType):
    """A value read by a function that raises :class:`OptionError`."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except OptionError as error:
            self.fail(error.message, param, ctx)


def _seeds(text: str) -> list[int]:
    from latent_studio.jobs.ranges import parse_seeds

    return parse_seeds(text)


def _amount(text: str) -> tuple[str, float]:
    from latent_studio.jobs.ranges import parse_amount

    return parse_amount(text)


def _setting(text: str) -> tuple[str, Any]:
    """``key=value``; the value as JSON where it is, as text otherwise."""
    key, equals, value = text.partition("=")
    if not (key.strip() and equals):
        raise OptionError(f"{text!r} is not of the form key=value.")
    try:
        return key.strip(), json.loads(value)
    except ValueError:
        return key.strip(), value


def _label(text: str) -> int | tuple[float, ...] | str:
    """A class's number, weights with commas between, or its name."""
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        return text
    if len(weights) == 1:
        if text.strip().isdecimal():
            return int(text)
        raise OptionError(f"A class is a number from 0, weights as in 0.5,0.5, or a name: {text!r}")
    if all(abs(weight) < float("inf") for weight in weights):
        return weights
    raise OptionError(f"The weights of a class must be finite numbers, not {text!r}.")


_LARGEST = 3.4e38
SETTING = Parsed("key=value", _setting)
SEEDS = Parsed("seeds", _seeds)
SEED = click.IntRange(0, 2**32 - 1)
AMOUNT = Parsed("name=amount", _amount)
LABEL = Parsed("class", _label)


def stack(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Several decorators as one, in the order in which help lists them."""

    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


model_option = click.option(
    "-m", "--model", required=True, metavar="MODEL", help="Model file, or name of a bundled model."
)
session_argument = click.argument("session", required=False, type=FILE)
session_model_option = click.option(
    "-m", "--model", metavar="MODEL", help="Model file, or a bundled model's name; not for SESSION."
)
out_option = click.option(
    "-o", "--out", required=True, type=FILE, help="File to write; an old one is replaced."
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto, cpu, cuda, cuda:N or mps."
)
precision_option = click.option(
    "--precision",
    type=click.Choice(["fp32", "bf16", "fp16", "auto"]),
    default="fp32",
    show_default=True,
    help="Bits of the convolutions; auto measures.",
)
backend_option = click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    default="auto",
    show_default=True,
    help="What runs the network; auto is torch, or for long work the fastest that is exact enough.",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
compute_options = stack(device_option, precision_option, backend_option, quiet_option)
scale_options = stack(
    click.option(
        "--scale",
        type=click.IntRange(1, 16),
        default=1,
        show_default=True,
        help="Enlarge so often.",
    ),
    click.option(
        "--upscaling",
        type=click.Choice(["lanczos", "nearest"]),
        default="lanczos",
        show_default=True,
        help="Smooth, or pixels as squares.",
    ),
)
edit_options = stack(
    click.option("--psi", type=float, help="Truncation; 1 is none (the default)."),
    click.option("--cutoff", type=click.IntRange(0), help="Truncate only the layers before this."),
    click.option("--class", "--label", "label", type=LABEL, help="Class: name, number or weights."),
    click.option(
        "--direction",
        "directions",
        type=AMOUNT,
        multiple=True,
        help="Go along a named direction, in standard deviations, as in smile=1.5; repeatable.",
    ),
    click.option(
        "--noise-mode", type=click.Choice(["const", "random", "none"]), help="Noise inputs."
    ),
    click.option("--noise-seed", type=SEED, help="Seed of random noise."),
    click.option(
        "--translate",
        type=(float, float),
        metavar="X Y",
        help="Move what is shown right and down, in widths of the picture (StyleGAN3).",
    ),
    click.option(
        "--rotate",
        type=float,
        metavar="DEG",
        help="Turn what is shown counter-clockwise, in degrees (StyleGAN3).",
    ),
)


def edited(
    recipe: "Recipe",
    *,
    psi: float | None,
    cutoff: int | None,
    label: Any,
    directions: Iterable[tuple[str, float]],
    noise_mode: Any,
    noise_seed: int | None,
    translate: tuple[float, float] | None,
    rotate: float | None,
) -> "Recipe":
    """``recipe`` with what :data:`edit_options` gave."""
    given = {
        "psi": None if psi is None else _finite("psi", psi),
        "cutoff": cutoff,
        "label": label,
        "noise_mode": noise_mode,
        "noise_seed": noise_seed,
        "transform": _transform(recipe, translate, rotate),
    }
    recipe = replace(recipe, **{name: value for name, value in given.items() if value is not None})
    for name, amount in directions:
        recipe = recipe.with_direction(name, amount)
    return recipe


def _transform(
    recipe: "Recipe", translate: tuple[float, float] | None, rotate: float | None
) -> Any:
    from latent_studio.recipe_values import check_move

    changes = {} if rotate is None else {"rotate": _finite("rotate", rotate)}
    if translate is not None:
        changes |= {"x": check_move(translate[0]), "y": check_move(translate[1])}
    return replace(recipe.transform, **changes)


def opened(model: str, device: str, precision: str, backend: str, edits: dict[str, Any]) -> "Model":
    """Open ``model``, and refuse what ``edits`` (of :data:`edit_options`) ask of it in vain.

    A class that they name has its number in them from then on.
    """
    from latent_studio.jobs.opened import open_model
    from latent_studio.jobs.recipes import check_recipe
    from latent_studio.recipe import Recipe

    name = edits["label"] if isinstance(edits["label"], str) else None
    recipe = edited(Recipe(), **{**edits, **({} if name is None else {"label": None})})
    found = open_model(model, device=device, precision=precision, backend=backend)
    if name is not None:
        edits["label"] = found.class_called(name)
        recipe = replace(recipe, label=edits["label"])
    check_recipe(recipe, found.capabilities, [d.name for d in found.directions])
    return found


def check_sources(session: Path | None, model: str | None, **others: Any) -> None:
    """Exactly one source of pictures, and a model for those that name none."""
    given = [name for name, value in others.items() if value is not None]
    context = click.get_current_context()
    names = " or ".join(f"--{name}" for name in others)
    if session is not None and given:
        raise click.UsageError(f"Give either a session or --{given[0]}.", context)
    if session is None and len(given) != 1:
        raise click.UsageError(f"Give a session, or either {names}.", context)
    if session is None and model is None:
        raise click.UsageError(f"Give --model with --{given[0]}.", context)


def model_of(scene_model: "ModelRef", model: str | None) -> str:
    """The model named on the command line, else the one that a session is of."""
    if model is not None:
        return model
    from latent_studio.storage.library import resolve_ref

    return str(resolve_ref(scene_model))


def wrote(path: Path, quiet: bool) -> None:
    """Say where the result is."""
    if not quiet:
        click.echo(f"Wrote {path}")


def _finite(name: str, value: float) -> float:
    if not abs(value) < _LARGEST:
        raise OptionError(f"'{name}' must be a finite number within float32's range.")
    return value
