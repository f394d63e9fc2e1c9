"""Pictures, float arrays, grids of seeds and tables of mixed styles, as files."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.opened import AnyModel, Model, as_recipe, open_model
from latent_studio.jobs.targets import check_target
from latent_studio.latent.mixing import parse_layers, with_layers
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.atomic import atomic_write
from latent_studio.storage.grid import compose_grid, compose_table
from latent_studio.storage.images import Upscaling, write_image

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
ARRAY_SUFFIX = ".npy"
MAX_SCALE = 16
MAX_CELLS = 10_000
MAX_SIDE = 32_768


def render_image(
    model: AnyModel,
    recipe: Recipe | int | Sequence[Recipe],
    out: str | Path,
    *,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    device: str = "auto",
    precision: str = "fp32",
    backend: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write a picture (PNG with its scene, JPEG, WebP), or the floats of one or more as ``.npy``.

    Parameters
    ----------
    model
        A path, a bundled model's name, a bundle or an opened model.
    recipe
        A recipe or a seed; several recipes only for ``.npy``.
    out
        The ending decides: ``.npy`` is float32 ``[N, C, H, W]`` before clamping.
    scale, upscaling
        How many times larger the picture is written, and how it is enlarged; 1 for ``.npy``.

    Raises
    ------
    OptionError, ModelError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; nothing was written.
    """
    recipes = [as_recipe(recipe)] if isinstance(recipe, Recipe | int) else list(recipe)
    target = check_render(out, len(recipes), scale)
    opened = open_model(model, device=device, precision=precision, backend=backend)
    opened.warn(recipes, emit)
    if target.suffix.lower() == ARRAY_SUFFIX:
        _write_array(opened, recipes, target, emit, token)
    else:
        (pixels,) = opened.pixels(recipes)
        write_image(target, pixels, opened.scene(recipes[0]), scale, upscaling)
    return target


def export_grid(
    model: AnyModel,
    recipes: Sequence[Recipe],
    out: str | Path,
    *,
    columns: int | None = None,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    padding: int = 0,
    device: str = "auto",
    precision: str = "fp32",
    backend: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write pictures in rows of ``columns`` (about as many as rows when None), in reading order.

    Raises
    ------
    OptionError, ModelError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; nothing was written.
    """
    if not recipes:
        raise OptionError("A grid needs at least one seed.")
    wide = columns or math.ceil(math.sqrt(len(recipes)))
    target = check_grid(out, len(recipes), scale)
    opened = open_model(model, device=device, precision=precision, backend=backend)
    side = (opened.capabilities.resolution + padding) * scale
    _check_sides(side * min(wide, len(recipes)), side * math.ceil(len(recipes) / wide))
    opened.warn(recipes, emit)
    images = _pictures(opened, recipes, "Rendering the grid", emit, token)
    write_image(target, compose_grid(images, wide, padding=padding), None, scale, upscaling)
    return target


def export_mix(
    model: AnyModel,
    rows: Sequence[Recipe],
    columns: Sequence[Recipe],
    layers: Iterable[int],
    out: str | Path,
    *,
    strength: float = 1.0,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    padding: int = 0,
    device: str = "auto",
    precision: str = "fp32",
    backend: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write a style-mixing table with its sources on the edges (Karras et al. 2019, figure 3).

    The cell of row r and column c is the picture of row r with the styles of ``layers`` taken from
    the source of column c.

    Raises
    ------
    OptionError
        The model has no layers, or lacks one of ``layers``.
    ModelError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; nothing was written.
    """
    target = check_grid(out, (len(rows) + 1) * (len(columns) + 1), scale)
    if not rows or not columns:
        raise OptionError("A mixing table needs at least one row and one column.")
    opened = open_model(model, device=device, precision=precision, backend=backend)
    chosen = check_layers(opened, layers)
    side = (opened.capabilities.resolution + padding) * scale
    _check_sides(side * (len(columns) + 1), side * (len(rows) + 1))
    cells = [
        with_layers(row, chosen, column.source, strength) for row in rows for column in columns
    ]
    opened.warn([*rows, *columns], emit)
    wanted = [*rows, *columns, *cells]
    images = _pictures(opened, wanted, "Mixing styles", emit, token)
    left, top = images[: len(rows)], images[len(rows) : len(rows) + len(columns)]
    body = images[len(rows) + len(columns) :].reshape(len(rows), len(columns), *images.shape[1:])
    table = compose_table(body, left, top, padding=padding)
    write_image(target, table, None, scale, upscaling)
    return target


def check_render(out: str | Path, count: int, scale: int = 1) -> Path:
    """Refuse what :func:`render_image` would, before a model is loaded (``OptionError`` …)."""
    target = check_target(out, (*PICTURE_SUFFIXES, ARRAY_SUFFIX))
    as_array = target.suffix.lower() == ARRAY_SUFFIX
    _check_scale(scale, as_array)
    if not as_array and count != 1:
        raise OptionError(
            f"The recipe file holds {count} pictures; write them to a .npy file, or use "
            "'latent-studio grid --recipe'."
        )
    return target


def check_grid(out: str | Path, count: int, scale: int = 1) -> Path:
    """Refuse what :func:`export_grid` would, before a model is loaded (``OptionError`` …)."""
    target = check_target(out, PICTURE_SUFFIXES)
    _check_scale(scale)
    if count > MAX_CELLS:
        raise OptionError(f"{count} pictures are too many for one grid; {MAX_CELLS} is the most.")
    return target


def layers_of(model: Model, text: str) -> tuple[int, ...]:
    """Layers written as ``0-3``, ``coarse`` or a mixture, checked against ``model``.

    Raises
    ------
    OptionError
        The model has no layers or lacks one of these.
    """
    if model.capabilities.num_ws is None:
        raise OptionError("This model has no layers to mix; choose a style-based model.")
    return parse_layers(text, model.capabilities.num_ws)


def check_layers(model: Model, layers: Iterable[int]) -> tuple[int, ...]:
    """Layers, each once, ascending; refused where the model lacks one (``OptionError``)."""
    chosen = tuple(sorted(set(layers)))
    num_ws = model.capabilities.num_ws
    if num_ws is None:
        raise OptionError("This model has no layers to mix; choose a style-based model.")
    if not chosen:
        raise OptionError("Name at least one layer, as in 0-3.")
    if chosen[0] < 0 or chosen[-1] >= num_ws:
        raise OptionError(
            f"Layer {chosen[-1]} does not exist: this model has layers 0 to {num_ws - 1}."
        )
    return chosen


def _write_array(
    model: Model, recipes: Sequence[Recipe], target: Path, emit: Emit, token: StopToken | None
) -> None:
    meter = Meter(len(recipes), "Rendering", emit=emit, token=token)
    arrays = []
    for recipe in recipes:
        arrays.append(model.array(recipe))
        meter.step()
    with atomic_write(target) as file:
        np.save(file, np.concatenate(arrays), allow_pickle=False)


def _pictures(
    model: Model, recipes: Sequence[Recipe], message: str, emit: Emit, token: StopToken | None
) -> np.ndarray:
    model.expect(len(recipes))
    meter = Meter(len(recipes), message, emit=emit, token=token)
    parts = []
    for part in model.batches(recipes):
        parts.append(part)
        meter.step(len(part))
    return np.concatenate(parts)


def _check_scale(scale: int, as_array: bool = False) -> None:
    if not 1 <= scale <= MAX_SCALE:
        raise OptionError(f"The scale must be from 1 to {MAX_SCALE}, not {scale}.")
    if as_array and scale != 1:
        raise OptionError("A .npy file holds the picture as the model makes it; leave out scale.")


def _check_sides(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise OptionError(
            f"That would be a picture of {width} × {height} pixels; {MAX_SIDE} is the most. Take "
            "fewer columns and rows or a smaller scale."
        )
