"""Spectral normalisation (Miyato et al. 2018, arXiv:1802.05957).

A layer's weight, seen as a matrix ``[out, everything else]``, is divided by its largest singular
value, so that no linear layer stretches its input by more than one. (For a convolution this is
the paper's norm of the reshaped kernel, not that of the convolution as an operator.)

The singular vectors are tracked by power iteration, which needs one step for each step of the
optimiser, because that moves the weights only a little. Whoever trains asks for it
(:func:`follow_weights`, after each step of the discriminator's optimiser); passes never move the
vectors. So all passes of a turn see the same norm, be they for fakes, reals, the parts of an
accumulated batch, a penalty, the generator's gradients or an evaluation, and a step that is begun
anew sees it again. The vectors are buffers: a checkpoint holds them, and a resumed run goes on to
the bit.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

START_ITERATIONS = 15
_EPS = 1e-12


class SpectralNorm(nn.Module):
    """Divides a weight ``[rows, ...]`` by its largest singular value.

    Parameters
    ----------
    rows, columns
        Shape of the weight as a matrix.

    Attributes
    ----------
    u, v
        Left and right singular vector, of unit length, ``[rows]`` and ``[columns]``.
    """

    u: Tensor
    v: Tensor

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.register_buffer("u", F.normalize(torch.ones(rows), dim=0))
        self.register_buffer("v", F.normalize(torch.ones(columns), dim=0))

    @torch.no_grad()
    def start(self, weight: Tensor, generator: torch.Generator) -> None:
        """Find the vectors of a fresh ``weight`` from a random start."""
        nn.init.normal_(self.u, generator=generator)
        for _ in range(START_ITERATIONS):
            self.iterate(weight)

    @torch.no_grad()
    def iterate(self, weight: Tensor) -> None:
        """One step of power iteration (algorithm 1 of the paper)."""
        matrix = weight.flatten(1)
        self.v.copy_(F.normalize(matrix.t().mv(self.u), dim=0, eps=_EPS))
        self.u.copy_(F.normalize(matrix.mv(self.v), dim=0, eps=_EPS))

    def sigma(self, weight: Tensor) -> Tensor:
        """The norm by the present vectors, a scalar that is differentiable in ``weight``.

        The vectors count as constants: the derivative of the largest singular value is
        ``u v^T`` (equation 7 of the paper).
        """
        # Copies, because the vectors may move between a pass and its gradient.
        return self.u.clone().dot(weight.flatten(1).mv(self.v.clone()))

    def forward(self, weight: Tensor) -> Tensor:
        """``weight`` over its norm."""
        with torch.autocast(weight.device.type, enabled=False):
            return weight / self.sigma(weight).clamp_min(_EPS)


def spectral_norm_of(weight: Tensor, wanted: bool) -> SpectralNorm | None:
    """The module for ``weight``, or None where it is not ``wanted``."""
    if not wanted:
        return None
    return SpectralNorm(weight.shape[0], weight[0].numel())


def normalised(weight: Tensor, norm: SpectralNorm | None) -> Tensor:
    """``weight``, through ``norm`` if there is one."""
    if norm is None:
        return weight
    result: Tensor = norm(weight)
    return result


def has_spectral_norm(network: nn.Module) -> bool:
    """Whether layers of ``network`` are normalised by their largest singular value."""
    return any(isinstance(part, SpectralNorm) for part in network.modules())


def follow_weights(network: nn.Module) -> None:
    """Let all spectral norms of ``network`` follow their weights by one power iteration.

    Call it after each step of the optimiser; without spectral norms it does nothing.
    """
    for part in network.modules():
        norm, weight = getattr(part, "spectral", None), getattr(part, "weight", None)
        if isinstance(norm, SpectralNorm) and isinstance(weight, Tensor):
            norm.iterate(weight)
