"""Adam with the correction for lazy penalties, saved by parameter name."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import RunError


class NamedAdam:
    """Adam over a network's parameters.

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
        self._adam = torch.optim.Adam(
            self.params,
            lr=lr * self._correction,
            betas=(betas[0] ** self._correction, betas[1] ** self._correction),
            eps=eps,
            fused=True,
        )
        self._lr = lr

    @property
    def lr(self) -> float:
        """Learning rate before the correction."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = value
        for group in self._adam.param_groups:
            group["lr"] = value * self._correction

    def zero_grad(self) -> None:
        self._adam.zero_grad(set_to_none=True)

    def step(self) -> None:
        self._adam.step()

    def gradients(self) -> list[Tensor]:
        return [p.grad for p in self.params if p.grad is not None]

    def state_dict(self) -> dict[str, Any]:
        """Learning rate, and step and moments of each parameter by its name."""
        state = self._adam.state
        moments = {
            name: dict(state[p])
            for name, p in zip(self._names, self.params, strict=True)
            if state.get(p)
        }
        return {"lr": self._lr, "moments": moments}

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
            self._adam.state[param] = {key: _like(value, param) for key, value in values.items()}


def _like(value: Tensor, param: Tensor) -> Tensor:
    """A moment in the parameter's memory layout (fused kernels walk memory); a step as float32."""
    if value.shape == param.shape and value.ndim > 0:
        return torch.empty_like(param).copy_(value)
    return value.to(dtype=torch.float32, device=param.device, copy=True)
