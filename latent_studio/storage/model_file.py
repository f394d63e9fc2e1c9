"""Model files: one ``.safetensors`` with a JSON header, which cannot run code.

Layout::

    metadata["latent_studio"]   {"format": 1, "architecture": ..., "config": {...},
                                 "sha256": ..., "hash": "tree", "training": {...}, "card": {...},
                                 "directions": [{...}, ...]}
    generator/<name>            weights and buffers by their names in the module
    directions/<i>              float32 [dim], vector of the i-th direction

``half`` files keep weights in float16; buffers (``w_avg``, batch statistics), directions and
weights beyond float16's range stay float32. Reading gives float32 back.

``sha256`` names the *weights*: it covers the architecture, its config and the generator's tensors,
not the card and not the directions, so that a scene still finds its model after directions were
added to the file. ``hash`` says how it was made (:mod:`latent_studio.storage.model_weights`).
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ExportError, ModelError, StudioError
from latent_studio.latent.direction import Direction
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage import atomic
from latent_studio.storage.model_facts import (
    DIRECTIONS,
    MODEL_FORMAT,
    MODEL_KEY,
    MODEL_SUFFIX,
    Naming,
    broken,
    called,
    facts_text,
    parse_directions,
    parse_facts,
    unreadable,
)
from latent_studio.storage.model_weights import (
    TensorDigests,
    check_fits,
    halved,
    shapes_of,
    weights_hash,
    widened,
)
from latent_studio.storage.tensor_file import (
    DamagedFileError,
    read_tensors,
    read_tensors_header,
    write_tensors,
)

__all__ = [
    "MODEL_FORMAT",
    "MODEL_KEY",
    "MODEL_SUFFIX",
    "ModelBundle",
    "ModelHeader",
    "load_generator",
    "load_model",
    "read_header",
    "save_model",
    "update_card",
    "update_directions",
    "weights_hash",
]

_WEIGHTS = "generator/"
_LATER = "0" * 64  # as long as the hash that takes its place


@dataclass(frozen=True, eq=False)
class ModelBundle:
    """A generator's weights with everything a model file says about them.

    Parameters
    ----------
    spec
        Architecture and its arguments.
    tensors
        The generator's ``state_dict`` (EMA weights and buffers).
    directions
        Named directions in w (or z).
    card
        What a person should know: data, command line, metrics, what it is not for (JSON).
    training
        Facts of the training: kimg, preset, seconds, versions (JSON).
    sha256
        Names the weights as stored; empty for a bundle that was never in a file.
    path
        The file it came from.
    naming
        How ``sha256`` was made.
    """

    spec: ModelSpec
    tensors: Mapping[str, Tensor]
    directions: Sequence[Direction] = ()
    card: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    path: Path | None = None
    naming: Naming = "tree"

    @classmethod
    def from_generator(cls, generator: Generator, **facts: Any) -> "ModelBundle":
        """A bundle of clones of ``generator``'s weights; ``facts`` are the other fields."""
        tensors = {n: t.detach().cpu().clone() for n, t in generator.state_dict().items()}
        return cls(generator.spec, tensors, **facts)


@dataclass(frozen=True)
class ModelHeader:
    """What a model file says before its weights are read.

    ``shapes`` are those of the generator's tensors; ``directions`` their JSON without vectors.
    """

    path: Path
    spec: ModelSpec
    sha256: str
    card: Mapping[str, Any]
    training: Mapping[str, Any]
    directions: tuple[Mapping[str, Any], ...]
    shapes: Mapping[str, tuple[int, ...]]
    file_bytes: int

    @property
    def direction_names(self) -> list[str]:
        return [str(entry.get("name", "")) for entry in self.directions]


def save_model(
    path: str | os.PathLike[str],
    bundle: ModelBundle,
    half: bool = False,
    *,
    error: type[StudioError] = ExportError,
    digests: TensorDigests | None = None,
) -> ModelBundle:
    """Write a model file atomically.

    Parameters
    ----------
    half
        Store weights in float16 (half the size, differences below one grey level).
    digests
        Those of the bundle's tensors, as far as they were begun; the caller closes them.
    error
        Class of the error when the file cannot be written.

    Returns
    -------
    ModelBundle
        ``bundle`` with the ``sha256`` and ``path`` of the file.

    Raises
    ------
    StudioError
        Of class ``error`` if writing fails; the old file is still there then.
    ModelError
        If the tensors do not fit the architecture, or the facts are not JSON.
    """
    path = Path(path)
    tensors = {name: tensor.detach() for name, tensor in sorted(bundle.tensors.items())}
    buffers = check_fits(bundle.spec, shapes_of(tensors), path)
    if half:
        tensors = {n: t if n in buffers else halved(t) for n, t in tensors.items()}
    stored = replace(bundle, tensors=tensors, sha256=_LATER, path=path, naming="tree")
    with nullcontext(digests) if digests is not None else TensorDigests() as known:
        for tensor in tensors.values():
            known.begin(tensor)  # worked out beside the writing
        sha256 = cache(lambda: known.name(bundle.spec, tensors))
        _write(stored, error, sha256)
        return replace(stored, tensors=bundle.tensors, sha256=sha256())


def load_model(path: str | os.PathLike[str]) -> ModelBundle:
    """Read a model file; floating-point weights come as float32 on the CPU.

    Raises
    ------
    ModelError
        For everything that is not a whole and sound model file, naming cause and cure.
    """
    bundle = _read(Path(path))
    return replace(bundle, tensors={n: widened(t) for n, t in bundle.tensors.items()})


def load_generator(
    source: str | os.PathLike[str] | ModelBundle, device: str | torch.device = "cpu"
) -> Generator:
    """Build a file's (or bundle's) generator with its weights, in eval mode without gradients.

    Raises
    ------
    ModelError
        If the file is damaged, or the weights do not fit or are not finite.
    """
    bundle = source if isinstance(source, ModelBundle) else load_model(source)
    check_fits(bundle.spec, shapes_of(bundle.tensors), bundle.path)
    for name, tensor in bundle.tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(
                f"{called(bundle.path)} cannot be used: its weights are not all finite numbers "
                f"({name}); its training went wrong. Choose an earlier snapshot.",
            )
    generator = build_generator(bundle.spec)
    generator.load_state_dict(dict(bundle.tensors))
    return generator.to(device).eval().requires_grad_(False)


def read_header(path: str | os.PathLike[str]) -> ModelHeader:
    """What the file says about itself, in a few milliseconds whatever its size.

    Raises
    ------
    ModelError
        As :func:`load_model`; damage within the weights is not noticed here.
    """
    path = Path(path)
    try:
        metadata, entries = read_tensors_header(path)
        size = path.stat().st_size
    except (OSError, DamagedFileError) as error:
        raise unreadable(path, error) from error
    facts = parse_facts(path, metadata)
    shapes = {
        name.removeprefix(_WEIGHTS): tuple(shape)
        for name, (_, shape) in entries.items()
        if name.startswith(_WEIGHTS)
    }
    return ModelHeader(
        path=path,
        spec=ModelSpec(facts["architecture"], facts["config"]),
        sha256=facts["sha256"],
        card=facts["card"],
        training=facts["training"],
        directions=tuple(facts["directions"]),
        shapes=shapes,
        file_bytes=size,
    )


def update_directions(
    path: str | os.PathLike[str],
    directions: Iterable[Direction],
    *,
    error: type[StudioError] = ExportError,
) -> None:
    """Replace the directions in a model file, atomically; weights and their hash stay.

    Raises
    ------
    ModelError
        If the file is not a sound model file.
    StudioError
        Of class ``error`` if it cannot be written.
    """
    _write(replace(_read(Path(path)), directions=tuple(directions)), error)


def update_card(path: str | os.PathLike[str], card: Mapping[str, Any]) -> None:
    """Replace the card in a model file, atomically; weights and their hash stay."""
    _write(replace(_read(Path(path)), card=dict(card)), ExportError)


def _write(
    bundle: ModelBundle, error: type[StudioError], sha256: Callable[[], str] | None = None
) -> None:
    """Write the file; ``sha256`` is asked for at the end, where it is still being worked out."""
    assert bundle.path is not None
    tensors = {_WEIGHTS + name: tensor for name, tensor in bundle.tensors.items()}
    for index, direction in enumerate(bundle.directions):
        tensors[f"{DIRECTIONS}{index}"] = torch.tensor(direction.vector, dtype=torch.float32)

    def final() -> dict[str, str]:
        return _metadata(bundle if sha256 is None else replace(bundle, sha256=sha256()))

    metadata = _metadata(bundle)
    with atomic.atomic_write(bundle.path, error=error) as file:
        write_tensors(file, tensors, metadata, final)


def _metadata(bundle: ModelBundle) -> dict[str, str]:
    facts = {
        "format": MODEL_FORMAT,
        **bundle.spec.to_json(),
        "sha256": bundle.sha256,
        "hash": bundle.naming,
        "training": dict(bundle.training),
        "card": dict(bundle.card),
        "directions": [direction.to_json() for direction in bundle.directions],
    }
    return {MODEL_KEY: facts_text(facts), "format": "pt"}


def _read(path: Path) -> ModelBundle:
    """The bundle as stored (float16 stays), with everything checked but the shapes."""
    try:
        metadata, tensors = read_tensors(path)
    except (OSError, DamagedFileError) as error:
        raise unreadable(path, error) from error
    facts = parse_facts(path, metadata)
    spec = ModelSpec(facts["architecture"], facts["config"])
    weights = {n.removeprefix(_WEIGHTS): t for n, t in tensors.items() if n.startswith(_WEIGHTS)}
    weights = dict(sorted(weights.items()))
    check_fits(spec, shapes_of(weights), path)
    if facts["sha256"] != weights_hash(spec, weights, facts["hash"]):
        raise broken(path, "its weights are not the ones it was saved with")
    directions = parse_directions(path, facts["directions"], tensors)
    return ModelBundle(
        spec,
        weights,
        directions,
        facts["card"],
        facts["training"],
        facts["sha256"],
        path,
        facts["hash"],
    )
