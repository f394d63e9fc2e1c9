"""One training step without numbers: what it keeps in memory, how much it computes.

The run's own step is carried out on torch's meta device, where tensors have shapes but no values,
while everything that autograd keeps for a backward pass is counted. Nothing is taken from a table:
what a person set (objective, penalties, parts, precision, widths) is in the numbers.

Plain backward passes are not carried out, since they keep nothing new; their arithmetic follows
from that of the forward pass. Those of penalties, which are differentiated once more, are.
"""

import math
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from latent_studio.data.dataset import ImageDataset
from latent_studio.lean_torch import load_meta_kernels
from latent_studio.models.registry import empty_generator
from latent_studio.training.config import TrainConfig
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper

_META = torch.device("meta")
# Drawing the rows of a batch takes real time and memory, whatever becomes of them.
_MOST_ROWS = 64


@dataclass
class Work:
    """What is to be computed.

    Attributes
    ----------
    dense, grouped, depthwise
        Floating-point operations of matrix products and plain convolutions, of convolutions in
        groups, and of those with a group for each channel, which processors do ever more slowly.
    moved
        Bytes that all other operations read and write.
    calls
        How many operations that is.
    """

    dense: float = 0.0
    grouped: float = 0.0
    depthwise: float = 0.0
    moved: float = 0.0
    calls: float = 0.0

    @property
    def flops(self) -> float:
        return self.dense + self.grouped + self.depthwise

    def plus(self, other: "Work", factor: float) -> "Work":
        """``self + factor * other``."""
        mine, others = vars(self), vars(other)
        return Work(**{name: value + factor * others[name] for name, value in mine.items()})


@dataclass(frozen=True)
class Rehearsal:
    """What one step of a run needs.

    Attributes
    ----------
    fixed_bytes
        Weights, their averages, gradients and what the optimisers remember.
    kept_bytes
        What autograd keeps at most at a time, beyond ``fixed_bytes``.
    work
        Of a step, averaged over the intervals of lazy penalties.
    images
        Real pictures in a step.
    """

    fixed_bytes: int
    kept_bytes: int
    work: Work
    images: int

    def beyond(self, fewer: "Rehearsal", factor: float) -> "Rehearsal":
        """What lies beyond this one by ``factor`` of its distance from ``fewer``."""
        kept = self.kept_bytes + factor * (self.kept_bytes - fewer.kept_bytes)
        work = self.work.plus(self.work.plus(fewer.work, -1.0), factor)
        return replace(self, kept_bytes=round(kept), work=work)


def rehearse(config: TrainConfig, *, memory_only: bool = False) -> Rehearsal:
    """Carry out a step of ``config`` on shapes alone; takes seconds, and hardly any memory.

    Networks that grow are taken fully grown. All that depends on the batch grows in proportion once
    it is more than a few pictures, so large ones follow from two of moderate size.

    Parameters
    ----------
    memory_only
        Spare the time for the work, which then is that of the first step.

    Raises
    ------
    StudioError
        If the settings do not go together.
    """
    parts = config.accumulate
    batch = config.stage_batches.get(str(config.resolution), config.batch)
    config = config.with_changes(
        device="cpu", fade_kimg=0.0, stable_kimg=0.0, stage_batches={}, init="", accumulate=1
    )
    # parts are worked off one after the other: one of them shows all
    config = config.with_changes(reuse_fakes=config.reuse_fakes and parts == 1)
    rows = max(1, batch // parts)
    part = _rehearse(config, min(rows, _MOST_ROWS), memory_only)
    if rows > _MOST_ROWS:
        fewer = _rehearse(config, _MOST_ROWS // 2, memory_only)
        part = part.beyond(fewer, (rows - _MOST_ROWS) / (_MOST_ROWS // 2))
    return replace(part, work=Work().plus(part.work, parts), images=batch * config.n_critic)


def _rehearse(config: TrainConfig, rows: int, memory_only: bool) -> Rehearsal:
    """A step on ``rows`` pictures in one part."""
    config = config.with_changes(batch=rows)
    load_meta_kernels()
    with _Shapes() as shapes, _META:
        state = TrainState(config, _no_pictures(config))
        networks = (state.generator, state.discriminator, state.average)
        tensors = [t for n in networks for t in (*n.parameters(), *n.buffers())]
        kept = _Kept(tensors)
        state.discriminator.register_forward_pre_hook(shapes.begin_pass)
        stepper = Stepper(config, state, Statistics())
        with torch.autograd.graph.saved_tensors_hooks(kept.pack, _same):
            shapes.reset()
            stepper.run()
            whole = plain = shapes.work
            if not memory_only:
                state.counters.step = 1  # a step between those of lazy penalties
                shapes.reset()
                stepper.run()
                plain = shapes.work
    lazily = plain.plus(whole.plus(plain, -1.0), 1 / _interval(config))
    trained = sum(_size(p) for o in (state.g_adam, state.d_adam) for p in o.params)
    moments = 2 if config.optimizer == "adam" else 1
    return Rehearsal(
        fixed_bytes=sum(map(_size, tensors)) + trained * (1 + moments),
        kept_bytes=kept.most,
        work=lazily,
        images=rows * config.n_critic,
    )


def _interval(config: TrainConfig) -> float:
    """Every how many steps a lazy penalty comes, the more frequent of two; infinite for none."""
    intervals = [config.r1_interval] if config.lazy_r1 else []
    intervals += [config.pl_interval] if config.pl_weight > 0 else []
    return float(min(intervals, default=math.inf))


def _no_pictures(config: TrainConfig) -> ImageDataset:
    """Pictures of the right shape that take no memory."""
    what = empty_generator(config.generator).capabilities
    shape = (max(2, config.batch), what.channels, what.resolution, what.resolution)
    return ImageDataset(
        images=np.broadcast_to(np.uint8(0), shape),
        labels=np.arange(shape[0]) % what.classes if what.classes else None,
        classes=[str(number) for number in range(what.classes)],
        name="nothing",
        fingerprint="",
    )


def _size(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def _same(tensor: Tensor) -> Tensor:
    return tensor


class _Kept:
    """Counts the memory that autograd holds on to, each piece once, for as long as it does.

    Parameters
    ----------
    known
        Tensors that exist anyway.
    """

    def __init__(self, known: list[Tensor]) -> None:
        self.now = self.most = 0
        self._pieces: dict[int, Any] = {}
        self._known = [tensor.untyped_storage() for tensor in known]  # keeps their ids taken
        self._known_ids = {id(storage) for storage in self._known}

    def pack(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        key, size = id(storage), storage.nbytes()
        if key in self._known_ids or key in self._pieces:
            return tensor.detach()
        self._pieces[key] = weakref.ref(storage, self._forget(key, size))
        self.now += size
        self.most = max(self.most, self.now)
        return tensor.detach()

    def _forget(self, key: int, size: int) -> Callable[[Any], None]:
        def gone(_: Any) -> None:
            self._pieces.pop(key, None)
            self.now -= size

        return gone


class _Shapes(TorchFunctionMode):
    """Lets code that was written for the CPU run on shapes, and counts what it would compute."""

    def __init__(self) -> None:
        super().__init__()
        self.reset()

    def reset(self) -> None:
        self.work = Work()
        self._pass = Work()

    def begin_pass(self, *_: Any) -> None:
        """From here on is what the next penalty differentiates."""
        self._pass = Work()

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        if func is Tensor.backward:
            return self.begin_pass()
        if name in ("item", "__float__"):
            return math.inf
        if name == "__get__":
            return self._property(func, args)
        args = tuple(_META if _is_device(value) else value for value in args)
        kwargs = {
            key: _META if _is_device(value) else value
            for key, value in (kwargs or {}).items()
            if key != "generator"
        }
        if func in _PRODUCTS and torch.is_autocast_enabled("cpu"):
            dtype = torch.get_autocast_dtype("cpu")
            args = tuple(_cast(value, dtype) for value in args)
            kwargs = {key: _cast(value, dtype) for key, value in kwargs.items()}
        result = func(*args, **kwargs)
        self._count(func, args, result)
        return result

    def _property(self, func: Any, args: Any) -> Any:
        value = func(*args)
        return torch.device("cpu") if value == _META and isinstance(value, torch.device) else value

    def _count(self, func: Any, args: Any, result: Any) -> None:
        flops = _PRODUCTS.get(func)
        if flops is not None:
            self._count_product(flops(args, result), args, result)
        elif func is torch.autograd.grad:
            # The gradient by the pictures is one more pass, and then takes part in the graph.
            self.work = self.work.plus(self._pass, _SECOND_ORDER)
        elif isinstance(result, Tensor):
            self._count_rest(args, result)

    def _count_product(self, flops: float, args: Any, result: Tensor) -> None:
        operands = [value for value in args[:2] if isinstance(value, Tensor)]
        learns = result.requires_grad  # not so without gradients, whatever the weights say
        backward = sum(1 for value in operands if value.requires_grad) if learns else 0
        kind = _kind(args[1])
        for work, passes in ((self.work, 1 + backward), (self._pass, 1)):
            setattr(work, kind, getattr(work, kind) + flops * passes)
            work.calls += passes

    def _count_rest(self, args: Any, result: Tensor) -> None:
        operands = [value for value in args if isinstance(value, Tensor)]
        if any(value.untyped_storage() is result.untyped_storage() for value in operands):
            return  # a view
        size = sum(map(_size, (*operands, result)))
        for work, passes in ((self.work, 2 if result.requires_grad else 1), (self._pass, 1)):
            work.moved += size * passes
            work.calls += passes


def _is_device(value: Any) -> bool:
    return isinstance(value, torch.device)


def _cast(value: Any, dtype: torch.dtype) -> Any:
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() else value


def _convolution(args: Any, result: Tensor) -> float:
    weight = args[1]  # [O, I / groups, kh, kw]
    return float(2 * result.numel() * weight[0].numel())


def _transposed(args: Any, result: Tensor) -> float:
    weight = args[1]  # [I, O / groups, kh, kw]
    return float(2 * args[0].numel() * weight[0].numel())


def _product(args: Any, result: Tensor) -> float:
    return float(2 * result.numel() * args[0].shape[-1])


def _sum_and_product(args: Any, result: Tensor) -> float:
    return float(2 * result.numel() * args[1].shape[-1])


_PRODUCTS: dict[Any, Callable[[Any, Tensor], float]] = {
    F.conv2d: _convolution,
    F.conv_transpose2d: _transposed,
    F.linear: _product,
    torch.matmul: _product,
    torch.bmm: _product,
    Tensor.matmul: _product,
    Tensor.__matmul__: _product,
    torch.addmm: _sum_and_product,
}


def _kind(weight: Tensor) -> str:
    """By the channels that a filter sees."""
    if weight.ndim < 4 or weight.shape[1] > _NARROW:
        return "dense"
    return "depthwise" if weight.shape[1] == 1 else "grouped"


# Groups of this many channels leave most of a processor's vector units idle.
_NARROW = 16
# The gradient itself, and the two backward passes through it (by what flows and by the weights).
_SECOND_ORDER = 3.0
