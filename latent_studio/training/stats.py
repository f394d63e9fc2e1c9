"""Statistics of the steps, summed where they arise and read once a tick.

Reading a number from an accelerator waits for it; a step must not. The sums stay tensors on the
device, and :meth:`Statistics.read` moves all of them in one transfer.
"""

import torch
from torch import Tensor


class Statistics:
    """Means of named quantities over the steps since the last :meth:`take`."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    @torch.no_grad()
    def add(self, name: str, value: Tensor) -> None:
        """Add the mean of ``value`` (any shape) as one observation of ``name``."""
        mean = value.detach().float().mean()
        if name in self._sums:
            self._sums[name] += mean
            self._counts[name] += 1
        else:
            self._sums[name] = mean.clone()
            self._counts[name] = 1

    def read(self) -> dict[str, float]:
        """The means, without resetting them."""
        if not self._sums:
            return {}
        sums = torch.stack(list(self._sums.values())).tolist()
        return {
            name: value / self._counts[name] for name, value in zip(self._sums, sums, strict=True)
        }

    def take(self) -> dict[str, float]:
        """The means; starts over."""
        means = self.read()
        self._sums.clear()
        self._counts.clear()
        return means


@torch.no_grad()
def norm(tensors: list[Tensor]) -> Tensor:
    """Euclidean length of all ``tensors`` together, as a tensor on their device."""
    lengths = torch._foreach_norm(tensors)
    return torch.stack(list(lengths)).square().sum().sqrt()
