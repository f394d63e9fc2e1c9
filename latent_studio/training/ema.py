"""The moving average of the generator's weights, and the statistics that belong to it.

Averaged weights make better pictures than the live ones (Yazici et al. 2019, arXiv:1806.04498).
What is *measured* rather than learned does not average: batch-norm statistics and the centre of w
are measured anew for the averaged weights before anything is drawn from them.
"""

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from latent_studio.models.base import Generator, StyledGenerator, one_hot

STATISTICS_BATCHES = 4
STATISTICS_BATCH = 64
CENTRE_SAMPLES = 4096


def ema_decay(images_seen: int, batch: int, ema_kimg: float, rampup: float | None) -> float:
    """Weight of the old average in one update.

    The half-life is ``ema_kimg`` thousand images, but at most ``rampup`` times what was seen, so
    that a young average forgets its random start.

    Parameters
    ----------
    images_seen
        Images shown so far, this step's included.
    batch
        Images of one step.
    rampup
        Fraction of ``images_seen``; None or 0 for none.
    """
    half_life = ema_kimg * 1000.0
    if rampup:
        half_life = min(half_life, rampup * images_seen)
    return 0.5 ** (batch / half_life) if half_life > 0 else 0.0


class WeightAverage:
    """Keeps ``average`` as the moving average of ``source`` (same architecture).

    Parameters move by linear interpolation, in one call over all of them; buffers are copied.
    Measured buffers (:func:`refresh_statistics`) are left alone.
    """

    def __init__(self, source: nn.Module, average: nn.Module) -> None:
        self.average = average.eval().requires_grad_(False)
        self._source_params = [p.detach() for p in source.parameters()]
        self._params = [p.detach() for p in average.parameters()]
        measured = measured_buffers(average)
        pairs = [
            (new, old)
            for (name, new), (_, old) in zip(
                source.named_buffers(), average.named_buffers(), strict=True
            )
            if name not in measured
        ]
        self._source_buffers = [new for new, _ in pairs]
        self._buffers = [old for _, old in pairs]

    @torch.no_grad()
    def update(self, decay: float) -> None:
        """Move the average towards the source by ``1 - decay``."""
        torch._foreach_lerp_(self._params, self._source_params, 1.0 - decay)
        if self._buffers:
            torch._foreach_copy_(self._buffers, self._source_buffers)


def measured_buffers(module: nn.Module) -> set[str]:
    """Names of the buffers that :func:`refresh_statistics` measures."""
    names = set()
    for prefix, part in module.named_modules():
        if isinstance(part, _BatchNorm):
            names |= {f"{prefix}.{name}".lstrip(".") for name, _ in part.named_buffers()}
    if isinstance(module, StyledGenerator):
        names.add("mapping.w_avg")
    return names


@torch.no_grad()
def refresh_statistics(
    generator: Generator, seed: int, *, dtype: torch.dtype = torch.float32
) -> None:
    """Measure batch-norm statistics and the centre of w for the present weights.

    Draws from a generator of its own with a fixed seed: the result depends on nothing but the
    weights, so that it neither disturbs the training nor flickers from one snapshot to the next.
    """
    device = next(generator.parameters()).device
    draws = torch.Generator(device).manual_seed(seed)
    if isinstance(generator, StyledGenerator):
        _measure_centre(generator, draws)
    if any(isinstance(part, _BatchNorm) for part in generator.modules()):
        _measure_batch_norm(generator, draws, dtype)


def _measure_centre(generator: StyledGenerator, draws: torch.Generator) -> None:
    z, c = draw_latents(generator, CENTRE_SAMPLES, draws)
    generator.w_avg.copy_(generator.mapping(z, c).float().mean(0))


def _measure_batch_norm(generator: Generator, draws: torch.Generator, dtype: torch.dtype) -> None:
    layers = [part for part in generator.modules() if isinstance(part, _BatchNorm)]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # cumulative mean over the batches
        layer.train()
    for _ in range(STATISTICS_BATCHES):
        z, c = draw_latents(generator, STATISTICS_BATCH, draws)
        generator(z, c, generator=draws, dtype=dtype)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()


def draw_latents(
    generator: Generator, count: int, draws: torch.Generator
) -> tuple[Tensor, Tensor | None]:
    """``z [count, z_dim]`` and, for conditional models, one-hot classes ``[count, classes]``."""
    what = generator.capabilities
    z = torch.randn(count, what.z_dim, generator=draws, device=draws.device)
    if not what.classes:
        return z, None
    labels = torch.randint(what.classes, (count,), generator=draws, device=draws.device)
    return z, one_hot(labels, what.classes)
