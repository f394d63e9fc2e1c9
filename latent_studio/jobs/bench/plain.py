"""The plain formulation that speed-ups are measured against.

It is kept away from the program, in ``tests/bench/`` of a checkout (and among the resources of an
installed package), so that nothing else can come to depend on it, and nobody is tempted to make it
faster: it stands on torch alone and is loaded by its path.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

import latent_studio
from latent_studio.errors import StudioError
from latent_studio.models.base import Generator, ModelSpec, StyledGenerator
from latent_studio.storage.resources import resource_path

_CLOSE = 1e-3


@lru_cache(maxsize=2)
def plain_module(name: str = "reference") -> Any:
    """``reference`` (networks) or ``reference_training`` (a loop).

    Raises
    ------
    StudioError
        If the installation lacks it.
    """
    checkout = Path(latent_studio.__file__).absolute().parents[1] / "tests" / "bench"
    for folder in (resource_path("bench"), checkout):
        path = folder / f"{name}.py"
        if path.is_file():
            spec = importlib.util.spec_from_file_location(f"latent_studio_{name}", path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise StudioError(
        "The plain formulation to compare with is not part of this installation. Install Latent "
        "Studio again, or run the benchmark in a checkout.",
        str(checkout),
    )


def covers(spec: ModelSpec) -> bool:
    """Whether the plain formulation is of that architecture."""
    return spec.architecture == "stylegan2"


@torch.inference_mode()
def plain_generator(generator: Generator) -> Any:
    """The plain twin of ``generator``: same weights, same pictures.

    Raises
    ------
    StudioError
        If there is none, or it makes other pictures: then a ratio to it would mean nothing.
    """
    spec = generator.spec
    if not covers(spec) or not isinstance(generator, StyledGenerator):
        raise StudioError(f"There is no plain formulation of {spec.architecture}.")
    try:
        plain = plain_module().PlainGenerator(spec.config, generator.state_dict()).eval()
    except (RuntimeError, TypeError) as error:
        raise StudioError(
            "The plain formulation lacks an option that this model uses.", str(error)
        ) from error
    plain = plain.to(next(generator.parameters()).device).requires_grad_(False)
    ws = generator.broadcast(generator.w_avg[None].expand(1, -1))
    ours, theirs = generator.synthesis(ws), plain.synthesis(ws)
    if not (ours - theirs).abs().max() <= _CLOSE * ours.abs().max().clamp(min=1e-6):
        raise StudioError("The plain formulation makes other pictures of this model.")
    return plain
