"""What every network offers to the rest of the house.

A generator is a module with the attributes and methods of :class:`Generator`; a style-based one
adds the two halves of :class:`StyledGenerator`. Pictures are ``[N, C, H, W]`` in [-1, 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn

from latent_studio.models.draws import RandomSource


@dataclass(frozen=True)
class ModelSpec:
    """What is needed to build a network: a registered architecture and its arguments (JSON)."""

    architecture: str
    config: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"architecture": self.architecture, "config": dict(self.config)}


@dataclass(frozen=True)
class Capabilities:
    """What a generator has, and so which controls exist for it."""

    resolution: int
    channels: int
    z_dim: int
    w_dim: int | None = None
    num_ws: int | None = None
    classes: int = 0
    noise: bool = False
    rgb_pyramid: bool = False
    truncation: Literal["w", "z", "none"] = "none"
    transform: bool = False

    @property
    def prior(self) -> Literal["normal", "cut"]:
        """What z is drawn from: the normal distribution, or the same without |z| > 2."""
        return "cut" if self.truncation == "z" else "normal"

    @property
    def has_w(self) -> bool:
        return self.w_dim is not None


class Generator(nn.Module):
    """z (and a class) in, pictures out."""

    spec: ModelSpec
    capabilities: Capabilities

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Make pictures.

        Parameters
        ----------
        z
            ``[N, z_dim]``, from the model's :attr:`~Capabilities.prior`.
        c
            ``[N, classes]`` one-hot or weights; None for an unconditional model.
        generator
            Source of the random noise maps, if the model has any.
        dtype
            Precision of the convolutions; the result is float32 whatever it is.

        Returns
        -------
        Tensor
            ``[N, C, H, W]`` float32, about [-1, 1].
        """
        raise NotImplementedError

    def render(
        self,
        z: Tensor,
        c: Tensor | None = None,
        psi: float | Sequence[float] = 1.0,
        *,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Pictures to look at: as :meth:`forward`, truncated where the model does that in z.

        ``psi`` is one number or one a row; models with another truncation, or none, ignore it.
        """
        img: Tensor = self(z, c, dtype=dtype)
        return img


@dataclass(frozen=True)
class NoiseInput:
    """Noise of a synthesis pass.

    ``mode`` is ``const`` (the learned maps), ``random`` or ``none``. For ``random``, ``maps`` holds
    one ``[1 or N, 1, r, r]`` tensor a noise layer (see ``noise_shapes``), or is None to draw from
    ``generator``. ``strength`` multiplies the learned strength.
    """

    mode: Literal["const", "random", "none"] = "const"
    maps: Sequence[Tensor] | None = None
    generator: RandomSource | None = None
    strength: float = 1.0


CONST_NOISE = NoiseInput()


@dataclass(frozen=True, eq=False)
class SynthesisState:
    """Activations after block ``block`` (0 is 4x4): features ``x`` and, for skip, the RGB sum."""

    block: int
    x: Tensor | None
    img: Tensor | None


class Synthesis(nn.Module):
    """The picture half of a style-based generator, cut into blocks that can be resumed."""

    num_ws: int
    num_blocks: int

    def block_layers(self, block: int) -> range:
        """Which rows of ws block ``block`` reads."""
        raise NotImplementedError

    def block_resolution(self, block: int) -> int:
        raise NotImplementedError

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        """Shapes ``(1, 1, r, r)`` of the noise maps, in layer order; empty without noise."""
        raise NotImplementedError

    def run(
        self,
        ws: Tensor,
        noise: NoiseInput = CONST_NOISE,
        *,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        dtype: torch.dtype = torch.float32,
        transform: Tensor | None = None,
    ) -> SynthesisState:
        """Run the blocks after ``state`` (all of them when None) up to and with ``last_block``.

        ``state.img`` of a skip architecture is a picture at each block; of the others only at the
        last one. ``transform`` ``[1 or N, 3, 3]`` moves what the pictures show, from places in the
        picture to places in what is shown; networks without that capability ignore it.
        """
        raise NotImplementedError

    def frozen(self, dtype: torch.dtype) -> "Synthesis":
        """A network for pictures only in one precision, equal up to rounding and faster.

        It may hold results that depend on the weights: ask again when they change. Networks that
        have nothing to compute ahead give themselves.
        """
        return self

    def forward(
        self, ws: Tensor, noise: NoiseInput = CONST_NOISE, *, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """``[N, num_ws, w_dim]`` to pictures ``[N, C, H, W]`` in float32."""
        img = self.run(ws, noise, dtype=dtype).img
        assert img is not None
        return img.float()


class StyledGenerator(Generator):
    """A generator with an intermediate latent space w (Karras et al. 2019, arXiv:1812.04948).

    ``mapping(z, c)`` gives w ``[N, w_dim]`` before truncation; ``mapping.w_avg`` is the centre;
    ``broadcast`` and ``truncate`` make ws; ``synthesis(ws)`` makes the picture.
    """

    mapping: nn.Module
    synthesis: Synthesis

    @property
    def w_avg(self) -> Tensor:
        """Centre of truncation, ``[w_dim]``."""
        return self.mapping.w_avg  # type: ignore[return-value]

    def truncate(self, ws: Tensor, psi: float = 1.0, cutoff: int | None = None) -> Tensor:
        """Pull rows before ``cutoff`` of ``[N, num_ws, w_dim]`` towards ``w_avg`` by ``psi``."""
        if psi == 1.0:
            return ws
        centred = self.w_avg.lerp(ws, psi)
        if cutoff is None:
            return centred
        return torch.cat([centred[:, :cutoff], ws[:, cutoff:]], dim=1)

    def broadcast(self, w: Tensor) -> Tensor:
        """``[N, w_dim]`` to ``[N, num_ws, w_dim]``."""
        return w.unsqueeze(1).repeat(1, self.synthesis.num_ws, 1)


class Discriminator(nn.Module):
    """Pictures in, one unbounded score each out (no sigmoid): ``[N, C, H, W]`` to ``[N, 1]``."""

    spec: ModelSpec

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Score pictures; ``generator`` feeds dropout where there is any."""
        raise NotImplementedError


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Class indices ``[N]`` to float32 ``[N, classes]``."""
    return nn.functional.one_hot(labels.long(), classes).float()
