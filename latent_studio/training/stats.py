"""Statistics of the steps, summed where they arise and read once a tick.

Reading a number from an accelerator waits for it; a step must not. The sums stay tensors on the
device, and :meth:`Statistics.read` moves all of them in one transfer.
"""

import math

import torch
from torch import Tensor


class Statistics:
    """Means of named quantities over the steps since the last :meth:`take`."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}
        self._bad_since: dict[str, Tensor] = {}
        self._clock = 0

    @torch.no_grad()
    def add(self, name: str, value: Tensor) -> None:
        """Add the mean of ``value`` (any shape) as one observation of ``name``."""
        mean = value.detach().float().mean()
        self._clock += 1
        if name in self._sums:
            self._sums[name] += mean
            self._counts[name] += 1
        else:
            self._sums[name] = mean.clone()
            self._counts[name] = 1
            self._bad_since[name] = mean.new_full((), torch.inf)
        # a sum stays bad once it is: the time is noted once, without looking at the number here
        since = self._bad_since[name]
        finite = self._sums[name].isfinite()
        since.copy_(torch.where(finite, since, since.clamp(max=self._clock)))

    def capture(self) -> "Statistics":
        """A copy of what was added so far, for :meth:`restore`."""
        copy = Statistics()
        copy.restore(self)
        return copy

    def restore(self, other: "Statistics") -> None:
        """Be as ``other`` is, which stays as it is."""
        self._sums, self._bad_since = _cloned(other._sums), _cloned(other._bad_since)
        self._counts, self._clock = dict(other._counts), other._clock

    def first_bad(self) -> str | None:
        """Which quantity ceased to be a finite number first, if any did (also after a take)."""
        if not self._bad_since:
            return None
        times = dict(zip(self._bad_since, torch.stack(list(self._bad_since.values())), strict=True))
        name = min(times, key=lambda key: float(times[key]))
        return None if times[name].isinf() else name

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
        if all(map(math.isfinite, means.values())):
            self._bad_since.clear()
        return means


def _cloned(values: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in values.items()}


@torch.no_grad()
def norm(tensors: list[Tensor]) -> Tensor:
    """Euclidean length of all ``tensors`` together, as a tensor on their device."""
    lengths = torch._foreach_norm(tensors)
    return torch.stack(list(lengths)).square().sum().sqrt()
