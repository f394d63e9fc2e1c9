"""How networks learn which class they draw or judge.

*Concatenation*: the class joins the input, as a one-hot vector (Mirza and Osindero 2014,
arXiv:1411.1784) or through a learned embedding. *Projection*: the discriminator adds the inner
product of its features and the embedded class to its score (Miyato and Koyama 2018,
arXiv:1802.05637).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.spectral import normalised, spectral_norm_of

GENERATOR_CONDITIONING = ("concat", "embedding")
DISCRIMINATOR_CONDITIONING = ("concat", "embedding", "projection")


def required_labels(c: Tensor | None, classes: int) -> Tensor:
    """``c`` ``[N, classes]``.

    Raises
    ------
    ValueError
        If it is missing or has another number of classes.
    """
    if c is None:
        raise ValueError("a conditional network needs class labels")
    if c.ndim != 2 or c.shape[1] != classes:
        raise ValueError(f"class labels are {list(c.shape)}, not [N, {classes}]")
    return c


def checked_conditioning(kind: str, known: tuple[str, ...]) -> str:
    """``kind`` if it is one of ``known``.

    Raises
    ------
    OptionError
        If it is not.
    """
    if kind not in known:
        raise OptionError(f"Unknown conditioning {kind!r} here; known: {', '.join(known)}.")
    return kind


class ClassEmbedding(nn.Module):
    """One learned vector a class: ``[N, classes]`` (one-hot or weights) to ``[N, features]``.

    Parameters
    ----------
    std
        Spread of the start values.
    """

    def __init__(
        self, classes: int, features: int, std: float = 1.0, spectral_norm: bool = False
    ) -> None:
        super().__init__()
        self.std = std
        self.weight = nn.Parameter(torch.empty(features, classes))
        self.spectral = spectral_norm_of(self.weight, spectral_norm)

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, std=self.std, generator=generator)
        if self.spectral is not None:
            self.spectral.start(self.weight, generator)

    def forward(self, c: Tensor | None) -> Tensor:
        c = required_labels(c, self.weight.shape[1])
        weight = normalised(self.weight, self.spectral)
        return F.linear(c.to(weight.dtype), weight)


class OneHot(nn.Module):
    """The class as it is; the counterpart of :class:`ClassEmbedding` without weights."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, c: Tensor | None) -> Tensor:
        return required_labels(c, self.classes)


class LabelledInput(nn.Module):
    """Appends the class to a vector ``[N, features]`` or, as planes, to pictures ``[N, C, H, W]``.

    Parameters
    ----------
    kind
        ``concat`` appends the one-hot class: ``classes`` numbers or planes. ``embedding`` appends
        ``features`` learned numbers or, for pictures, one learned plane.
    side
        Side of the pictures; 0 for vectors.
    """

    def __init__(
        self, classes: int, kind: str, features: int, side: int = 0, spectral_norm: bool = False
    ) -> None:
        super().__init__()
        self.side, self.plane = side, kind == "embedding" and side > 0
        if kind == "concat":
            self.added = classes
            self.embed: nn.Module = OneHot(classes)
        else:
            self.added = 1 if self.plane else features
            width = side * side if self.plane else features
            self.embed = ClassEmbedding(classes, width, spectral_norm=spectral_norm)

    def forward(self, x: Tensor, c: Tensor | None) -> Tensor:
        label = self.embed(c).to(x.dtype)
        if self.plane:
            label = label.reshape(-1, 1, self.side, self.side)
        elif self.side:
            label = label[:, :, None, None].expand(-1, -1, self.side, self.side)
        return torch.cat([x, label], dim=1)


class Projection(nn.Module):
    """The class's part of a score: ``<embed(c), features>``.

    Starts so small that features of unit variance change the score by about one.
    """

    def __init__(self, classes: int, features: int, spectral_norm: bool = False) -> None:
        super().__init__()
        self.embed = ClassEmbedding(classes, features, features**-0.5, spectral_norm)

    def forward(self, features: Tensor, c: Tensor | None) -> Tensor:
        """``[N, features]`` to ``[N, 1]``."""
        embedded: Tensor = self.embed(c)
        return (features.to(embedded.dtype) * embedded).sum(dim=1, keepdim=True)


def labelled_input(
    classes: int, kind: str, features: int, side: int = 0, spectral_norm: bool = False
) -> LabelledInput | None:
    """The module that appends the class, or None where the class does not join the input."""
    if not classes or kind == "projection":
        return None
    return LabelledInput(classes, kind, features, side, spectral_norm)


def projection(
    classes: int, kind: str, features: int, spectral_norm: bool = False
) -> Projection | None:
    """The projection onto the class, or None where the class works otherwise."""
    if not classes or kind != "projection":
        return None
    return Projection(classes, features, spectral_norm)
