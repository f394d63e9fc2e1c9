"""Optimisers with the correction for lazy penalties, saved by parameter name.

``torch.optim`` loads the whole compiler when an optimiser is made (some eight hundred modules,
seconds in which a window stands still), so its kernels are called here directly.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import RunError


class NamedOptimizer:
    """What optimisers of a network's parameters have in common.

    With a penalty step of its own every ``interval`` steps, the optimiser takes
    ``interval + 1`` steps where it would take ``interval``; ``c = interval / (interval + 1)`` makes
    up for it: ``lr * c``, ``beta ** c`` (Karras et al. 2020, arXiv:1912.04958, appendix B).

    Parameters
    ----------
    interval
        None where there is no such penalty.
    """

    def __init__(
        self,
        network: nn.Module,
        lr: float,
        betas: tuple[float, float],
        eps: float,
        interval: int | None = None,
    ) -> None:
        self._plain_betas = betas
        self.correct_for(interval)
        self._names = [name for name, p in network.named_parameters() if p.requires_grad]
        self.params = [p for p in network.parameters() if p.requires_grad]
        self.lr = lr
        self._eps = eps
        self._moments: dict[str, dict[str, Tensor]] = {}

    def correct_for(self, interval: int | None) -> None:
        """Make up for a penalty every ``interval`` steps from the next step on."""
        self._correction = interval / (interval + 1) if interval else 1.0
        first, second = self._plain_betas
        self.betas = (first**self._correction, second**self._correction)

    @property
    def step_size(self) -> float:
        """Learning rate after the correction."""
        return self.lr * self._correction

    def zero_grad(self) -> None:
        for param in self.params:
            param.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        pairs = zip(self._names, self.params, strict=True)
        moved = [(name, param, param.grad) for name, param in pairs if param.grad is not None]
        if not moved:
            return
        params: list[Tensor] = [param for _, param, _ in moved]
        gradients: list[Tensor] = [gradient for _, _, gradient in moved]
        self._move(params, gradients, [self._moments_of(name, p) for name, p, _ in moved])

    def _move(
        self, params: list[Tensor], gradients: list[Tensor], moments: list[dict[str, Tensor]]
    ) -> None:
        raise NotImplementedError

    def _fresh(self, param: Tensor) -> dict[str, Tensor]:
        """What is remembered of a parameter that has not moved yet."""
        raise NotImplementedError

    def _moments_of(self, name: str, param: Tensor) -> dict[str, Tensor]:
        if name not in self._moments:
            self._moments[name] = self._fresh(param)
        return self._moments[name]

    def gradients(self) -> list[Tensor]:
        return [p.grad for p in self.params if p.grad is not None]

    @torch.no_grad()
    def clip_weights(self, bound: float) -> None:
        """Keep every parameter in ``[-bound, bound]`` (Arjovsky et al. 2017, arXiv:1701.07875)."""
        weights = [p.detach() for p in self.params]
        torch._foreach_clamp_min_(weights, -bound)
        torch._foreach_clamp_max_(weights, bound)

    def state_dict(self) -> dict[str, Any]:
        """Learning rate, and step and moments of each parameter by its name."""
        moments = {n: dict(self._moments[n]) for n in self._names if n in self._moments}
        return {"lr": self.lr, "moments": moments}

    @torch.no_grad()
    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """Go on where ``saved`` was taken.

        Raises
        ------
        RunError
            If it belongs to another network.
        """
        self.lr = float(saved["lr"])
        by_name = dict(zip(self._names, self.params, strict=True))
        for name, values in saved["moments"].items():
            if name not in by_name:
                raise RunError(
                    f"The checkpoint's optimiser knows a parameter '{name}' that the "
                    "network lacks. Start the run anew."
                )
            param = by_name[name]
            self._moments[name] = {key: _like(value, param) for key, value in values.items()}


class NamedAdam(NamedOptimizer):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980)."""

    def _fresh(self, param: Tensor) -> dict[str, Tensor]:
        return {
            "step": torch.zeros((), dtype=torch.float32, device=param.device),
            "exp_avg": torch.zeros_like(param),
            "exp_avg_sq": torch.zeros_like(param),
        }

    def _move(
        self, params: list[Tensor], gradients: list[Tensor], moments: list[dict[str, Tensor]]
    ) -> None:
        steps = [entry["step"] for entry in moments]
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            params,
            gradients,
            [entry["exp_avg"] for entry in moments],
            [entry["exp_avg_sq"] for entry in moments],
            [],
            steps,
            lr=self.step_size,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=0.0,
            eps=self._eps,
            amsgrad=False,
            maximize=False,
        )


class NamedRMSprop(NamedOptimizer):
    """RMSProp (Tieleman and Hinton 2012): a step divided by the root of recent squared gradients.

    ``betas[1]`` is the decay of the squares; there is no momentum.
    """

    def _fresh(self, param: Tensor) -> dict[str, Tensor]:
        return {"square_avg": torch.zeros_like(param)}

    def _move(
        self, params: list[Tensor], gradients: list[Tensor], moments: list[dict[str, Tensor]]
    ) -> None:
        squares = [entry["square_avg"] for entry in moments]
        torch._foreach_mul_(squares, self.betas[1])
        torch._foreach_addcmul_(squares, gradients, gradients, 1 - self.betas[1])
        roots = torch._foreach_sqrt(squares)
        torch._foreach_add_(roots, self._eps)
        torch._foreach_addcdiv_(params, gradients, roots, -self.step_size)


OPTIMIZERS: dict[str, type[NamedOptimizer]] = {"adam": NamedAdam, "rmsprop": NamedRMSprop}


def _like(value: Tensor, param: Tensor) -> Tensor:
    """A moment in the parameter's memory layout (fused kernels walk memory); a step as float32."""
    if value.shape == param.shape and value.ndim > 0:
        return torch.empty_like(param).copy_(value)
    return value.to(dtype=torch.float32, device=param.device, copy=True)
