"""Adam for a handful of tensors (Kingma & Ba 2015, arXiv:1412.6980).

torch's own loads its compiler the first time that it steps, which takes seconds: too long between
a click and the first picture.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

_EPSILON = 1e-8


class Adam:
    """Moves tensors against their gradients, in place.

    Parameters
    ----------
    tensors
        Leaves that require gradients.
    rates
        Step length of each; one for all if there is only one.
    betas
        Decays of the mean and of the mean square of the gradients.
    """

    def __init__(
        self,
        tensors: Sequence[Tensor],
        rates: Sequence[float],
        betas: tuple[float, float] = (0.9, 0.99),
    ) -> None:
        self.tensors = list(tensors)
        self.rates = list(rates) * len(self.tensors) if len(rates) == 1 else list(rates)
        if len(self.rates) != len(self.tensors):
            raise ValueError("one rate for all, or one a tensor")
        self._betas = betas
        self._means = [torch.zeros_like(tensor) for tensor in self.tensors]
        self._squares = [torch.zeros_like(tensor) for tensor in self.tensors]
        self._steps = 0

    def clear(self) -> None:
        """Forget the gradients."""
        for tensor in self.tensors:
            tensor.grad = None

    @torch.no_grad()
    def step(self, factor: float = 1.0) -> None:
        """One step, its length times ``factor``; tensors without gradient stay."""
        self._steps += 1
        first, second = self._betas
        correction = math.sqrt(1 - second**self._steps) / (1 - first**self._steps)
        for tensor, rate, mean, square in zip(
            self.tensors, self.rates, self._means, self._squares, strict=True
        ):
            if tensor.grad is None:
                continue
            mean.lerp_(tensor.grad, 1 - first)
            square.mul_(second).addcmul_(tensor.grad, tensor.grad, value=1 - second)
            eps = _EPSILON * math.sqrt(1 - second**self._steps)
            tensor.addcdiv_(mean, square.sqrt().add_(eps), value=-rate * factor * correction)
