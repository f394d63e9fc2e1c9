"""Many latents of a model and their pictures: what directions are estimated from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import cast

import torch
from torch import Tensor

from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.classifier import fast_dtype
from latent_studio.latent.sampling import cut_normal
from latent_studio.mailbox import StopToken
from latent_studio.models.base import CONST_NOISE, Capabilities, Generator, StyledGenerator

_MAPPED = 1000  # latents a call of the mapping
_PICTURES = 64


@dataclass(frozen=True, eq=False)
class Latents:
    """A batch: ``z`` ``[N, z_dim]``, class weights ``c`` or None, ``w`` ``[N, w_dim]`` or None."""

    z: Tensor
    c: Tensor | None
    w: Tensor | None

    @property
    def points(self) -> Tensor:
        """Where directions live: w, or z for a model without it."""
        return self.z if self.w is None else self.w


def device_of(generator: Generator) -> torch.device:
    """Where a network's numbers are."""
    tensors = (*generator.parameters(), *generator.buffers())
    return tensors[0].device if tensors else torch.device("cpu")


@torch.no_grad()
def draw_latents(generator: Generator, count: int, draw: torch.Generator) -> Latents:
    """``count`` latents, classes with equal chances.

    ``draw`` is a CPU generator, so that the same latents come on every device.
    """
    model, device = generator.capabilities, device_of(generator)
    z = _draw_z(model, count, draw).to(device)
    c = None
    if model.classes:
        labels = torch.randint(model.classes, (count,), generator=draw)
        c = torch.nn.functional.one_hot(labels, model.classes).float().to(device)
    if not model.has_w:
        return Latents(z, c, None)
    return Latents(z, c, cast(StyledGenerator, generator).mapping(z, c).float())


def _draw_z(model: Capabilities, count: int, draw: torch.Generator) -> Tensor:
    if model.prior == "normal":
        return torch.randn(count, model.z_dim, generator=draw)
    return cut_normal(torch.rand(count, model.z_dim, generator=draw)).float()


def latent_batches(
    generator: Generator,
    samples: int,
    seed: int,
    *,
    batch: int = _MAPPED,
    emit: Emit = ignore,
    token: StopToken | None = None,
    message: str = "Sampling latents",
) -> Iterator[Latents]:
    """``samples`` latents in batches, with progress; reproducible from ``seed``."""
    draw = torch.Generator().manual_seed(seed)
    for start in range(0, samples, batch):
        if token is not None:
            token.checkpoint()
        count = min(batch, samples - start)
        yield draw_latents(generator, count, draw)
        emit(Progress(start + count, samples, message))


@torch.no_grad()
def make_pictures(generator: Generator, latents: Latents, psi: float = 1.0) -> Tensor:
    """Pictures ``[N, C, H, W]`` with the model's constant noise, truncated by ``psi``."""
    dtype = fast_dtype(latents.z.device)
    if latents.w is None:
        return generator.render(latents.z, latents.c, psi, dtype=dtype)
    styled = cast(StyledGenerator, generator)
    ws = styled.truncate(styled.broadcast(latents.w), psi)
    return styled.synthesis(ws, CONST_NOISE, dtype=dtype)  # type: ignore[no-any-return]


@torch.no_grad()
def pictures_of(
    generator: Generator,
    latents: Tensor,
    labels: Tensor | None,
    batch: int = _PICTURES,
    psi: float = 1.0,
) -> Iterator[Tensor]:
    """Pictures of resolved ws ``[N, num_ws, w_dim]`` or z ``[N, z_dim]``, some at a time.

    Of resolved ws, psi has been applied; z is truncated by it where the model does that.
    """
    dtype = fast_dtype(latents.device)
    for start in range(0, len(latents), batch):
        some = latents[start : start + batch]
        if some.ndim == 3:
            yield cast(StyledGenerator, generator).synthesis(some, CONST_NOISE, dtype=dtype)
        else:
            c = None if labels is None else labels[start : start + batch]
            yield generator.render(some, c, psi, dtype=dtype)


def mean_and_covariance(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean ``[d]`` and covariance ``[d, d]`` of rows given in batches: float64, on the CPU."""
    rest = iter(batches)
    first = next(rest).detach().cpu().double()
    # Counting from near the mean keeps the sums small and the difference below exact.
    origin = first.mean(0)
    count, total = 0, torch.zeros_like(origin)
    squares = torch.zeros(len(origin), len(origin), dtype=torch.float64)
    for rows in chain((first,), rest):
        values = rows.detach().cpu().double() - origin
        count += len(values)
        total += values.sum(0)
        squares += values.T @ values
    mean = total / count
    covariance = (squares - count * torch.outer(mean, mean)) / max(1, count - 1)
    return origin + mean, covariance
