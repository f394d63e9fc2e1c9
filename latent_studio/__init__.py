"""Latent Studio: train a GAN, watch it learn, and walk through its latent space.

::

    from latent_studio import Recipe, open_model, video

    model = open_model("faces")                                  # a bundled model, or a path
    model.image(Recipe.from_seed(42, psi=0.7).with_direction("smile", 2)).save("smile.png")
    video(model, [Recipe.from_seed(seed) for seed in (1, 2, 3)], "walk.mp4", seconds=6)

Importing the package imports neither torch nor Qt; each name below is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latent_studio.errors import Cancelled as Cancelled
    from latent_studio.errors import StudioError as StudioError
    from latent_studio.jobs.directions import add_directions as add_directions
    from latent_studio.jobs.opened import Model as Model
    from latent_studio.jobs.opened import open_model as open_model
    from latent_studio.jobs.recipes import read_recipes as read_recipes
    from latent_studio.jobs.render import export_grid as grid
    from latent_studio.jobs.render import export_mix as mix
    from latent_studio.jobs.render import render_image as render
    from latent_studio.jobs.train import train as train
    from latent_studio.jobs.video import export_video as video
    from latent_studio.mailbox import StopToken as StopToken
    from latent_studio.recipe import ModelRef as ModelRef
    from latent_studio.recipe import Recipe as Recipe
    from latent_studio.recipe import Scene as Scene

__version__ = "0.1.0"

# Public name: module and name there.
_PUBLIC = {
    "open_model": ("jobs.opened", "open_model"),
    "Model": ("jobs.opened", "Model"),
    "Recipe": ("recipe", "Recipe"),
    "Scene": ("recipe", "Scene"),
    "ModelRef": ("recipe", "ModelRef"),
    "read_recipes": ("jobs.recipes", "read_recipes"),
    "render": ("jobs.render", "render_image"),
    "grid": ("jobs.render", "export_grid"),
    "mix": ("jobs.render", "export_mix"),
    "video": ("jobs.video", "export_video"),
    "train": ("jobs.train", "train"),
    "add_directions": ("jobs.directions", "add_directions"),
    "StopToken": ("mailbox", "StopToken"),
    "StudioError": ("errors", "StudioError"),
    "Cancelled": ("errors", "Cancelled"),
}
__all__ = [*_PUBLIC, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'latent_studio' has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    value = getattr(import_module(f"latent_studio.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PUBLIC})
