"""What a translator of a foreign format gives: our settings, and tensors by our names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import layout
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.tensors import StoredTensor

# Several names may share one storage; what a network takes stays near what the file has.
_SLACK = 16 << 20


class NotThisFormat(Exception):  # noqa: N818 - the next translator is asked
    """The tensors are not those of the format; the text says what is missing."""


@dataclass(frozen=True, eq=False)
class ForeignNetwork:
    """A network of a file: what to build, and the tensors that go into it."""

    spec: ModelSpec
    tensors: Mapping[str, StoredTensor]
    role: Literal["generator", "discriminator"] = "generator"

    @property
    def parameters(self) -> int:
        """Number of weights, without buffers."""
        known = layout(self.spec, self.role)
        return sum(prod(s) for name, s in known.shapes.items() if name not in known.buffers)

    def check(self, file_bytes: int) -> None:
        """Compare with an empty network before any memory is taken.

        Raises
        ------
        ModelError
            If a tensor is missing, too many, of another shape, or they take more than the file.
        """
        expected = layout(self.spec, self.role).shapes
        odd = sorted(expected.keys() ^ self.tensors.keys())
        kind = f"{self.spec.architecture} {self.role}"
        if odd:
            said = "lacks" if odd[0] in expected else "has the unknown"
            raise ModelError(f"The {kind} {said} {odd[0]}.", ", ".join(odd[:20]))
        for name, shape in expected.items():
            if self.tensors[name].shape != shape:
                raise ModelError(
                    f"The {kind} has {name} of shape {list(self.tensors[name].shape)}, which "
                    f"should be {list(shape)}."
                )
        if sum(tensor.bytes for tensor in self.tensors.values()) > file_bytes + _SLACK:
            raise ModelError(f"The {kind} takes more memory than the whole file.")

    def load(self, seen: Callable[[Tensor], object] | None = None) -> dict[str, Tensor]:
        """Read the tensors; numbers become float32. ``seen`` is shown each when it is there."""
        loaded = {}
        for name, stored in self.tensors.items():
            loaded[name] = _plain(stored.load())
            if seen is not None:
                seen(loaded[name])
        return loaded


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """What a translator found.

    Attributes
    ----------
    format
        The format's title.
    key
        What the file calls the network that makes the pictures.
    generator
        That network: the averaged one where there is one.
    raw
        The generator as it was trained, for whom trains on; None if there is no other.
    discriminator
        None if there is none.
    notes
        What a person should know of the translation.
    facts
        More of the file, for people (JSON).
    """

    format: str
    key: str
    generator: ForeignNetwork
    raw: ForeignNetwork | None = None
    discriminator: ForeignNetwork | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Format:
    """A format that files of other programs have.

    ``recognises`` looks at names alone; ``translate`` may raise :class:`ModelError`.
    """

    title: str
    recognises: Callable[[Content], bool]
    translate: Callable[[Content], ForeignModel]


def _plain(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor
