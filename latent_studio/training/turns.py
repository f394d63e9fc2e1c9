"""Places inside a step where the training can give way.

A step takes a second on a small computer, far too long for a hand on a slider to wait. So a turn is
offered between the blocks of the networks, forward and backward: every few ten milliseconds.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

_MIN_BLOCKS = 3


def offer_turns(network: nn.Module, turn: Callable[[], None]) -> None:
    """Call ``turn`` whenever a block of ``network`` is done, in both directions.

    Nothing that is computed depends on it: the hooks look at no value.
    """

    def on_gradient(gradient: Tensor) -> None:
        turn()

    def on_output(module: nn.Module, inputs: Any, output: Any) -> None:
        turn()
        parts = output if isinstance(output, tuple) else (output,)
        for part in parts:
            if isinstance(part, Tensor) and part.requires_grad:
                part.register_hook(on_gradient)
                break

    for block in blocks(network):
        block.register_forward_hook(on_output)


def blocks(network: nn.Module) -> list[nn.Module]:
    """The coarsest division of ``network`` into at least three modules that are called."""
    level = [network]
    while len(level) < _MIN_BLOCKS:
        finer = [child for module in level for child in module.children()]
        if not finer:
            break
        level = finer
    called: list[nn.Module] = []
    for module in level:
        # A list is only a container: nobody calls it, but its items.
        called += module.children() if isinstance(module, nn.ModuleList) else [module]
    return called
