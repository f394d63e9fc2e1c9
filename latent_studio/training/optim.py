"""Adam with the correction for lazy penalties, saved by parameter name."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import RunError


class NamedAdam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980) over a network's parameters.

    ``torch.optim`` loads the whole compiler when an optimiser is made (some eight hundred modules,
    seconds in which a window stands still), so its fused kernel is called here directly.

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
        self._correction = interval / (interval + 1) if interval else 1.0
        self._names = [name for name, p in network.named_parameters() if p.requires_grad]
        self.params = [p for p in network.parameters() if p.requires_grad]
        self.betas = (betas[0] ** self._correction, betas[1] ** self._correction)
        self.lr = lr
        self._eps = eps
        self._moments: dict[str, dict[str, Tensor]] = {}

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
        moments = [self._moments_of(name, param) for name, param, _ in moved]
        steps = [entry["step"] for entry in moments]
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(
            params,
            [grad for _, _, grad in moved],
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

    def _moments_of(self, name: str, param: Tensor) -> dict[str, Tensor]:
        if name not in self._moments:
            self._moments[name] = {
                "step": torch.zeros((), dtype=torch.float32, device=param.device),
                "exp_avg": torch.zeros_like(param),
                "exp_avg_sq": torch.zeros_like(param),
            }
        return self._moments[name]

    def gradients(self) -> list[Tensor]:
        return [p.grad for p in self.params if p.grad is not None]

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


def _like(value: Tensor, param: Tensor) -> Tensor:
    """A moment in the parameter's memory layout (fused kernels walk memory); a step as float32."""
    if value.shape == param.shape and value.ndim > 0:
        return torch.empty_like(param).copy_(value)
    return value.to(dtype=torch.float32, device=param.device, copy=True)
