"""Model files: one ``.safetensors`` with a JSON header, which cannot run code.

Layout::

    metadata["latent_studio"]   {"format": 1, "architecture": ..., "config": {...}, "sha256": ...,
                                 "training": {...}, "card": {...}, "directions": [{...}, ...]}
    generator/<name>            weights and buffers by their names in the module
    directions/<i>              float32 [dim], vector of the i-th direction

``half`` files keep weights in float16; buffers (``w_avg``, batch statistics), directions and
weights beyond float16's range stay float32. Reading gives float32 back.

``sha256`` names the *weights*: it covers the architecture, its config and the generator's tensors,
not the card and not the directions, so that a scene still finds its model after directions were
added to the file.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ExportError, ModelError, StudioError
from latent_studio.latent.direction import Direction
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import ARCHITECTURES, build_generator, empty_generator
from latent_studio.storage import atomic
from latent_studio.storage.tensor_file import (
    DTYPES,
    DamagedFileError,
    raw_bytes,
    read_tensors,
    read_tensors_header,
    write_tensors,
)

MODEL_KEY = "latent_studio"
MODEL_FORMAT = 1
MODEL_SUFFIX = ".safetensors"
_WEIGHTS = "generator/"
_DIRECTIONS = "directions/"
_HALF_MAX = 65504.0


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
    """

    spec: ModelSpec
    tensors: Mapping[str, Tensor]
    directions: Sequence[Direction] = ()
    card: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = ""
    path: Path | None = None

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
) -> ModelBundle:
    """Write a model file atomically.

    Parameters
    ----------
    half
        Store weights in float16 (half the size, differences below one grey level).
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
    buffers = _check_fits(bundle.spec, _shapes(tensors), path)
    if half:
        tensors = {n: t if n in buffers else _halved(t) for n, t in tensors.items()}
    stored = replace(bundle, tensors=tensors, sha256=weights_hash(bundle.spec, tensors), path=path)
    _write(stored, error)
    return replace(stored, tensors=bundle.tensors)


def load_model(path: str | os.PathLike[str]) -> ModelBundle:
    """Read a model file; floating-point weights come as float32 on the CPU.

    Raises
    ------
    ModelError
        For everything that is not a whole and sound model file, naming cause and cure.
    """
    bundle = _read(Path(path))
    return replace(bundle, tensors={n: _widened(t) for n, t in bundle.tensors.items()})


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
    _check_fits(bundle.spec, _shapes(bundle.tensors), bundle.path)
    for name, tensor in bundle.tensors.items():
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelError(
                f"{_called(bundle.path)} cannot be used: its weights are not all finite numbers "
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
        raise _unreadable(path, error) from error
    facts = _parse_facts(path, metadata)
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


def _write(bundle: ModelBundle, error: type[StudioError]) -> None:
    assert bundle.path is not None
    facts = {
        "format": MODEL_FORMAT,
        **bundle.spec.to_json(),
        "sha256": bundle.sha256,
        "training": dict(bundle.training),
        "card": dict(bundle.card),
        "directions": [direction.to_json() for direction in bundle.directions],
    }
    try:
        text = json.dumps(facts, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise ModelError(
            "The model's config, card, training facts and direction facts must be plain JSON "
            "without NaN or infinity.",
            str(cause),
        ) from cause
    tensors = {_WEIGHTS + name: tensor for name, tensor in bundle.tensors.items()}
    for index, direction in enumerate(bundle.directions):
        tensors[f"{_DIRECTIONS}{index}"] = torch.tensor(direction.vector, dtype=torch.float32)
    with atomic.atomic_write(bundle.path, error=error) as file:
        write_tensors(file, tensors, {MODEL_KEY: text, "format": "pt"})


def _read(path: Path) -> ModelBundle:
    """The bundle as stored (float16 stays), with everything checked but the shapes."""
    try:
        metadata, tensors = read_tensors(path)
    except (OSError, DamagedFileError) as error:
        raise _unreadable(path, error) from error
    facts = _parse_facts(path, metadata)
    spec = ModelSpec(facts["architecture"], facts["config"])
    weights = {n.removeprefix(_WEIGHTS): t for n, t in tensors.items() if n.startswith(_WEIGHTS)}
    weights = dict(sorted(weights.items()))
    _check_fits(spec, _shapes(weights), path)
    if facts["sha256"] != weights_hash(spec, weights):
        raise _broken(path, "its weights are not the ones it was saved with")
    directions = _parse_directions(path, facts["directions"], tensors)
    return ModelBundle(
        spec, weights, directions, facts["card"], facts["training"], facts["sha256"], path
    )


def _parse_facts(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    if MODEL_KEY not in metadata:
        raise ModelError(
            f"{path} is a safetensors file, but not a model of Latent Studio. "
            "Choose a file that this program has written."
        )
    facts: Any
    try:
        facts = json.loads(metadata[MODEL_KEY], parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _broken(path, "its header is not valid JSON", repr(error)) from error
    if not isinstance(facts, dict):
        raise _broken(path, "its header is no JSON object")
    version = facts.get("format")
    if isinstance(version, bool) or not isinstance(version, int):
        raise _broken(path, "its header has no format version")
    if version > MODEL_FORMAT:
        raise ModelError(
            f"{path} was made by a newer Latent Studio (format {version}; this one reads up to "
            f"{MODEL_FORMAT}). Update Latent Studio."
        )
    wanted = {"architecture": str, "config": dict, "sha256": str}
    optional = {"training": dict, "card": dict, "directions": list}
    for key, kind in optional.items():
        facts.setdefault(key, kind())
    for key, kind in (wanted | optional).items():
        if not isinstance(facts.get(key), kind):
            raise _broken(path, f"its header lacks a usable '{key}'")
    if facts["architecture"] not in ARCHITECTURES:
        raise ModelError(
            f"{path} needs the architecture {facts['architecture']!r}, which this Latent Studio "
            f"does not know ({', '.join(ARCHITECTURES)}). Update Latent Studio."
        )
    if not all(isinstance(entry, dict) for entry in facts["directions"]):
        raise _broken(path, "its list of directions is damaged")
    return facts


def _parse_directions(
    path: Path, entries: Sequence[Mapping[str, Any]], tensors: Mapping[str, Tensor]
) -> tuple[Direction, ...]:
    directions = []
    for index, entry in enumerate(entries):
        vector = tensors.get(f"{_DIRECTIONS}{index}")
        if vector is None or vector.ndim != 1 or not vector.is_floating_point():
            raise _broken(path, f"the vector of direction {index} is missing or damaged")
        try:
            directions.append(Direction.from_json(entry, vector.float().numpy()))
        except ModelError as error:
            raise _broken(path, f"direction {index} is damaged", error.message) from error
    return tuple(directions)


def _check_fits(
    spec: ModelSpec, shapes: Mapping[str, tuple[int, ...]], path: Path | None
) -> frozenset[str]:
    """Compare shapes with an empty network (no memory is taken); returns the buffers' names."""
    try:
        network = empty_generator(spec)
    except ModelError as error:
        said = f"{_called(path)} cannot be used: {error.message}"
        raise ModelError(said, error.detail) from error
    expected = _shapes(network.state_dict())
    if shapes.keys() != expected.keys():
        missing, extra = sorted(expected.keys() - shapes.keys()), sorted(shapes.keys() - expected)
        said = f"lacks {missing[0]}" if missing else f"has {extra[0]} too many"
        raise _broken(path, f"its weights do not fit its {spec.architecture} network ({said})")
    for name, shape in expected.items():
        if tuple(shapes[name]) != shape:
            raise _broken(
                path,
                f"its weights do not fit its {spec.architecture} network ({name} is "
                f"{list(shapes[name])} instead of {list(shape)})",
            )
    return frozenset(name for name, _ in network.named_buffers())


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def weights_hash(spec: ModelSpec, tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 that names weights: of the architecture, its config and the tensors."""
    digest = hashlib.sha256(json.dumps(spec.to_json(), sort_keys=True).encode("utf-8"))
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {DTYPES[tensor.dtype]} {list(tensor.shape)}".encode())
        for piece in raw_bytes(tensor):
            digest.update(piece)
    return digest.hexdigest()


def _halved(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point() or tensor.element_size() <= 2 or tensor.numel() == 0:
        return tensor
    return tensor.half() if float(tensor.abs().max()) <= _HALF_MAX else tensor


def _widened(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")


def _called(path: Path | None) -> str:
    return str(path) if path is not None else "The model"


def _broken(path: Path | None, reason: str, detail: str = "") -> ModelError:
    return ModelError(
        f"{_called(path)} cannot be used: {reason}. Get the file again or choose another.", detail
    )


def _unreadable(path: Path, error: Exception) -> ModelError:
    if isinstance(error, FileNotFoundError):
        return ModelError(f"There is no file {path}. Check the name.")
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return ModelError(f"{path} is a folder. Choose a {MODEL_SUFFIX} file.")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return ModelError(f"{path} cannot be read: {reason}. Check its permissions.", repr(error))
    return ModelError(
        f"{path} is not a usable model file: {error}. Choose a {MODEL_SUFFIX} file that Latent "
        "Studio has written, or get it again."
    )
