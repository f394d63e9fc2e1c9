"""The one entrance for model files of any kind, told apart by what is in them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import Discriminator, ModelSpec
from latent_studio.models.registry import build_discriminator
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork
from latent_studio.storage.foreign.content import Content, open_content
from latent_studio.storage.foreign.formats import FORMATS
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.state_dicts import state_dicts
from latent_studio.storage.foreign.tensors import StoredTensor
from latent_studio.storage.foreign.unknown import UnknownContainer
from latent_studio.storage.model_file import (
    ModelBundle,
    load_model,
    weights_hash,
)
from latent_studio.storage.model_weights import TensorDigests
from latent_studio.storage.own_files import is_own

WEIGHT_FILES = ("pytorch_model.bin", "model.safetensors")
_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class TrainedNetworks:
    """All networks of a file, for whom trains on.

    ``generator`` is the one as it was trained; where the file has the averaged one alone, it is
    that. ``discriminator`` is empty where there is none.
    """

    spec: ModelSpec
    generator: Mapping[str, Tensor]
    average: Mapping[str, Tensor]
    discriminator: Mapping[str, Tensor]


def weights_in(folder: Path) -> Path | None:
    """The weights in a folder of a published model (``config.json`` beside them), if it is one."""
    if not (folder / "config.json").is_file():
        return None
    files = (folder / name for name in WEIGHT_FILES)
    return next((file for file in files if file.is_file()), None)


def open_model(path: str | Path, seen: Callable[[Tensor], object] | None = None) -> ModelBundle:
    """Read a model of any known kind.

    Parameters
    ----------
    path
        A file, or a folder with ``config.json`` and the weights.
    seen
        Shown each tensor of a foreign file as soon as it is read.

    Returns
    -------
    ModelBundle
        Weights as float32. The card of a foreign file's says where it comes from; it has no hash
        (hashing takes longer than reading), see :func:`hash_of`.

    Raises
    ------
    ModelError
        If the file is missing, damaged, holds code, or no known model: then with what it holds and
        which formats are known.
    """
    path = Path(path)
    path = (weights_in(path) or path) if path.is_dir() else path
    if is_own(path):
        return load_model(path)
    with open_foreign(path) as found:
        tensors = dict(sorted(_load(path, found.generator, seen).items()))
        spec = found.generator.spec
    return ModelBundle(spec, tensors, card=_card(path, found), path=path)


def hash_of(bundle: ModelBundle, digests: TensorDigests | None = None) -> str:
    """The hash of a bundle's weights: for a foreign file's the one that it would have as ours.

    So a scene finds the model in either form. ``digests`` are those of its tensors, where some
    were begun.
    """
    if bundle.sha256:
        return bundle.sha256
    if digests is not None:
        return digests.name(bundle.spec, bundle.tensors)
    return weights_hash(bundle.spec, bundle.tensors)


def open_networks(path: str | Path) -> TrainedNetworks:
    """All networks of a foreign file; raises as :func:`open_model`."""
    path = Path(path)
    with open_foreign(path) as found:
        average = _load(path, found.generator)
        raw = average if found.raw is None else _load(path, found.raw)
        judge = {} if found.discriminator is None else _load(path, found.discriminator)
        return TrainedNetworks(found.generator.spec, raw, average, judge)


def open_discriminator(path: str | Path) -> Discriminator | None:
    """The discriminator of a foreign file, None if it has none; raises as :func:`open_model`."""
    path = Path(path)
    with open_foreign(path) as found:
        if found.discriminator is None:
            return None
        network = build_discriminator(found.discriminator.spec)
        network.load_state_dict(_load(path, found.discriminator))
    return network


def read_specs(path: str | Path) -> tuple[ModelSpec, ModelSpec | None]:
    """The networks of a foreign file without their weights: generator and discriminator, if any.

    Raises as :func:`open_model`.
    """
    with open_foreign(Path(path)) as found:
        judge = found.discriminator
        return found.generator.spec, None if judge is None else judge.spec


def describe(path: str | Path) -> dict[str, Any]:
    """What a foreign file is, as JSON; raises as :func:`open_model`.

    All of the file is read for its SHA-256, by which published files are known.
    """
    path = Path(path)
    path = (weights_in(path) or path) if path.is_dir() else path
    with open_foreign(path) as found:
        found.generator.check(path.stat().st_size)
        networks = {"generator": found.generator, "trained generator": found.raw}
        networks["discriminator"] = found.discriminator
        return {
            "path": str(path),
            "bytes": path.stat().st_size,
            "sha256": _file_hash(path),
            "format": found.format,
            **found.generator.spec.to_json(),
            "network": found.key,
            "parameters": {
                name: network.parameters for name, network in networks.items() if network
            },
            **found.facts,
            "notes": list(found.notes),
        }


@contextmanager
def open_foreign(path: Path) -> Iterator[ForeignModel]:
    """What a foreign file holds, in our terms; tensors can be loaded while it is open.

    Raises
    ------
    ModelError
        As :func:`open_model`.
    """
    if not path.is_file():
        raise ModelError(f"There is no file {path}. Check the name.")
    with _telling_what_is_known(), open_content(path) as content:
        for known in FORMATS:
            if known.recognises(content):
                yield _translated(path, content, known.translate)
                return
        raise ModelError(f"{path} is {_found(content)}. Known are {_known()}.")


@contextmanager
def _telling_what_is_known() -> Iterator[None]:
    try:
        yield
    except UnknownContainer as error:
        raise ModelError(f"{error.message} Known are {_known()}.", error.detail) from error


def _translated(path: Path, content: Content, translate: Any) -> ForeignModel:
    try:
        found: ForeignModel = translate(content)
    except ModelError as error:
        kind = UnknownContainer if isinstance(error, UnknownContainer) else ModelError
        raise kind(f"{path} cannot be used. {error.message}", error.detail) from error
    return found


def _load(
    path: Path, network: ForeignNetwork, seen: Callable[[Tensor], object] | None = None
) -> dict[str, Tensor]:
    try:
        network.check(path.stat().st_size)
    except ModelError as error:
        raise ModelError(f"{path} cannot be used. {error.message}", error.detail) from error
    return network.load(seen)


def _card(path: Path, found: ForeignModel) -> dict[str, Any]:
    source = {"file": path.name, "format": found.format, "network": found.key, **found.facts}
    return {"source": source, **({"notes": list(found.notes)} if found.notes else {})}


def _known() -> str:
    titles = [known.title for known in FORMATS]
    return f"models of Latent Studio, {', '.join(titles[:-1])} and {titles[-1]}"


def _found(content: Content) -> str:
    """What the file holds, for the message that it is unknown: names, cut short."""
    value = content.value
    dicts = state_dicts(value)
    if dicts:
        key, tensors = max(dicts, key=lambda item: len(item[1]))
        where = f" {key!r:.40}" if key else ""
        return (
            f"a {content.container} with the state dict{where} of {len(tensors)} tensors "
            f"({next(iter(tensors))!r:.80}, …), which is no architecture that this program knows"
        )
    if isinstance(value, dict):
        names = ", ".join(_kind(name, item) for name, item in list(value.items())[:8])
        return f"a {content.container} with a dictionary ({names}), but no model"
    return f"a {content.container} with a {_kind('', value)}, but no model"


def _kind(name: Any, value: Any) -> str:
    kind = value.kind if isinstance(value, Record) else type(value).__name__
    kind = "tensor" if isinstance(value, StoredTensor) else kind
    return f"{name!r:.40}: {kind}" if isinstance(name, str | int) and name != "" else kind


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
