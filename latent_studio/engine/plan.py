"""What has to be computed again when a recipe changes, and how long that will take.

Of a styled model, block ``b`` depends on the rows of ws that blocks 0 to ``b`` read, on the noise
and on the transform. Inputs are compared by value, not recipes by field: whatever an edit touches,
what is the same to the network is not computed again, and what differs is.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from latent_studio.models.base import NoiseInput, Synthesis, SynthesisState
from latent_studio.models.style_space import style_layers
from latent_studio.recipe import Recipe

# What activations may take between frames. Of a StyleGAN2 of 1024 pixels every cut fits in fp32;
# wide networks (StyleGAN3) go back to an earlier and smaller one, which costs time only.
ACTIVATION_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class SynthesisInput:
    """All that a synthesis pass depends on besides the weights."""

    ws: Tensor
    noise: NoiseInput
    noise_key: Hashable
    transform: Tensor | None = None
    shift: Tensor | None = None


def noise_key(recipe: Recipe) -> Hashable:
    """Equal keys mean equal noise."""
    if recipe.noise_mode == "none":
        return ("none",)
    seed = recipe.noise_seed if recipe.noise_mode == "random" else None
    maps = recipe.noise_maps if recipe.noise_mode == "maps" else None
    return recipe.noise_mode, seed, maps, recipe.noise_strength, recipe.noise_layers


class SynthesisPlan:
    """Compares inputs of one synthesis network."""

    def __init__(self, synthesis: Synthesis) -> None:
        self.num_blocks = synthesis.num_blocks
        self.resolutions = [synthesis.block_resolution(b) for b in range(self.num_blocks)]
        self._noisy = bool(synthesis.noise_shapes)
        self._block_of_row = [self.num_blocks] * synthesis.num_ws
        for block in reversed(range(self.num_blocks)):
            for row in synthesis.block_layers(block):
                self._block_of_row[row] = block
        layers = style_layers(synthesis)
        self._block_of_style = [layer.block for layer in layers for _ in range(layer.size)]

    def first_changed(self, old: SynthesisInput | None, new: SynthesisInput) -> int:
        """The first block whose result differs; ``num_blocks`` if none does."""
        if old is None or (self._noisy and old.noise_key != new.noise_key):
            return 0
        if not _same(old.transform, new.transform):
            return 0
        if (old.shift is None) != (new.shift is None):
            return 0  # another network runs: its activations may have another form
        blocks = self._first_of(self._block_of_row, old.ws, new.ws)
        if old.shift is None or new.shift is None:
            return blocks
        return min(blocks, self._first_of(self._block_of_style, old.shift, new.shift))

    def _first_of(self, owners: Sequence[int], old: Tensor, new: Tensor) -> int:
        """The first block that owns a row (of ``[N, rows, …]``) in which the two differ."""
        if old is new or torch.equal(old, new):
            return self.num_blocks
        rows = (old != new).reshape(len(new), len(owners), -1).any(dim=2).any(dim=0).tolist()
        return min(block for block, changed in zip(owners, rows, strict=True) if changed)

    def block_at(self, resolution: int) -> int:
        """The last block that is at most ``resolution`` wide (the first one at least)."""
        fitting = [block for block, size in enumerate(self.resolutions) if size <= resolution]
        return fitting[-1] if fitting else 0


def _same(old: Tensor | None, new: Tensor | None) -> bool:
    if old is None or new is None:
        return old is new
    return old is new or torch.equal(old, new)


class ActivationCache:
    """Activations kept to resume from, each with the inputs it was made of.

    Two places: the *boundary* before the blocks that the running edit changes, which survives from
    frame to frame, and the *tail*, how far the present picture has come (a preview that is to be
    refined). A cut anywhere else would cost memory (and, for compiled graphs, speed) for nothing.

    Parameters
    ----------
    limit
        Bytes that both together may take; what would be beyond is not kept.
    """

    def __init__(self, plan: SynthesisPlan, limit: int = ACTIVATION_BYTES) -> None:
        self._plan = plan
        self.limit = limit
        self._too_large: set[int] = set()
        self.clear()

    def clear(self) -> None:
        self._boundary: tuple[SynthesisState, SynthesisInput] | None = None
        self._tail: tuple[SynthesisState, SynthesisInput] | None = None

    @property
    def boundary(self) -> int | None:
        """The block after which activations are kept."""
        return None if self._boundary is None else self._boundary[0].block

    @property
    def kept_bytes(self) -> int:
        return _bytes(*(entry[0] for entry in (self._boundary, self._tail) if entry is not None))

    def may_keep(self, block: int) -> bool:
        """False where activations after ``block`` were found to be too large."""
        return block not in self._too_large

    def keep_boundary(self, state: SynthesisState, inputs: SynthesisInput) -> None:
        """Keep ``state`` if it fits; a tail that does not fit beside it goes."""
        if _bytes(state) > self.limit:
            self._too_large.add(state.block)
            return
        self._boundary = state, inputs
        if self.kept_bytes > self.limit:
            self._tail = None

    def keep_tail(self, state: SynthesisState | None, inputs: SynthesisInput) -> None:
        """Keep ``state`` if it fits beside the boundary, which every frame of an edit needs."""
        self._tail = None if state is None else (state, inputs)
        if self.kept_bytes > self.limit:
            self._tail = None

    def resume(self, inputs: SynthesisInput, last_block: int) -> SynthesisState | None:
        """The furthest kept state that is right for ``inputs``, up to ``last_block``."""
        best = None
        for entry in (self._boundary, self._tail):
            if entry is None or entry[0].block > last_block:
                continue
            state, made_of = entry
            valid = self._plan.first_changed(made_of, inputs) > state.block
            if valid and (best is None or state.block > best.block):
                best = state
        return best


def _bytes(*states: SynthesisState) -> int:
    """Memory that states hold; what they share counts once."""
    tensors = [t for state in states for t in (state.x, state.img) if t is not None]
    storages = [tensor.untyped_storage() for tensor in tensors]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


class BlockCosts:
    """Running estimate of the milliseconds that each block takes, from measured stretches.

    A stretch of blocks that took longer or shorter than estimated scales the estimates of its
    blocks; the first measurement of a block counts fully, later ones by ``rate``.
    """

    def __init__(self, resolutions: Sequence[int], rate: float = 0.3) -> None:
        # Channels shrink as pictures grow, so time grows about as the edge does.
        self._ms = [0.02 * size for size in resolutions]
        self._seen = [False] * len(resolutions)
        self._rate = rate
        self.overhead_ms = 0.0

    def estimate(self, first: int, last: int) -> float:
        """Milliseconds of blocks ``first`` to ``last`` inclusive, and of what surrounds them."""
        return self.overhead_ms + sum(self._ms[first : last + 1])

    def observe(self, first: int, last: int, ms: float) -> None:
        expected = sum(self._ms[first : last + 1])
        if last < first or expected <= 0 or ms <= 0:
            return
        ratio = ms / expected
        for block in range(first, last + 1):
            rate = self._rate if self._seen[block] else 1.0
            self._ms[block] *= 1 + rate * (ratio - 1)
            self._seen[block] = True

    def observe_overhead(self, ms: float) -> None:
        rate = self._rate if self.overhead_ms else 1.0
        self.overhead_ms += rate * (max(ms, 0.0) - self.overhead_ms)
