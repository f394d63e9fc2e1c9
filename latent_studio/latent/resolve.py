"""From a recipe to what a network takes: ws, z and class weights.

The order is the recipe's own: source, offsets in z, mapping, truncation, style mixing, offsets in w
and directions.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeAlias, cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.latent.direction import Direction, check_directions
from latent_studio.latent.mixing import mix_layers
from latent_studio.latent.sampling import merged_seeds, recipe_warnings, source_z, vector_rows
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.models.style_space import style_layers
from latent_studio.recipe import DirectionAmount, Label, LatentSource, LayerMix, Recipe

_Shift: TypeAlias = tuple[tuple[object, float], ...]
_Point: TypeAlias = tuple[LatentSource, _Shift, Label]


class LatentResolver:
    """Resolves recipes for one generator; belongs to one thread.

    The results of the mapping, and of truncation with mixing, are kept for recent recipes, so that
    a move of a direction slider costs one addition. Call :meth:`invalidate` when weights change.

    Parameters
    ----------
    generator
        In eval mode; a :class:`~latent_studio.models.base.StyledGenerator` if it has w.
    directions
        The model's directions. A recipe's unknown names are inactive.
    device
        Where the generator lives and the results are wanted.
    cache_size
        How many mapped points, and how many mixed ones, are kept.

    Raises
    ------
    ModelError
        If a direction does not fit the generator.
    """

    def __init__(
        self,
        generator: Generator,
        directions: Sequence[Direction] = (),
        device: torch.device | str = "cpu",
        *,
        cache_size: int = 256,
    ) -> None:
        self.generator = generator
        self.capabilities = generator.capabilities
        self.device = torch.device(device)
        self._mapping: Callable[[Tensor, Tensor | None], Tensor] | None = None
        self._mapped = _Lru(cache_size)
        self._mixed = _Lru(cache_size)
        self.set_directions(directions)

    @property
    def directions(self) -> tuple[Direction, ...]:
        return tuple(self._directions.values())

    def map_with(self, mapping: Callable[[Tensor, Tensor | None], Tensor]) -> None:
        """Have somebody else carry out the generator's mapping: equal results, maybe sooner."""
        self._mapping = mapping

    def set_directions(self, directions: Iterable[Direction]) -> None:
        """Replace the directions.

        Raises
        ------
        ModelError
            If one does not fit the generator; the old ones stay then.
        """
        new = list(directions)
        check_directions(new, space_dims(self.generator))
        self._directions = {direction.name: direction for direction in new}
        self._steps = {direction.name: direction.step for direction in new}
        self._rows_of_styles = np.zeros(0, np.int64)
        if any(direction.space == "s" for direction in new):
            layers = style_layers(self._styled().synthesis)
            self._rows_of_styles = np.repeat([a.row for a in layers], [a.size for a in layers])
        self.invalidate()

    def invalidate(self) -> None:
        """Forget what was computed with the weights so far."""
        self._mapped.clear()
        self._mixed.clear()

    def warnings(self, recipe: Recipe) -> list[str]:
        """What of ``recipe`` has no effect here (see :func:`recipe_warnings`)."""
        return recipe_warnings(recipe, self.capabilities, self._directions)

    # -- what a network takes ---------------------------------------------------------------------

    @torch.no_grad()
    def ws(self, recipe: Recipe) -> Tensor:
        """Styles of a recipe: float32 ``[1, num_ws, w_dim]``, the caller's own to change.

        Raises
        ------
        OptionError
            If the model has no w, or a vector or class does not fit it.
        """
        mixed = self._mixed_ws(recipe)
        edit = self.edit(recipe)
        return mixed.clone() if edit is None else mixed + torch.from_numpy(edit).to(self.device)

    @torch.no_grad()
    def z(self, recipe: Recipe) -> Tensor:
        """z of a recipe with offsets and directions in z: float32 ``[1, z_dim]``, not truncated.

        Raises
        ------
        OptionError
            If the recipe starts from an explicit w.
        """
        point = self._point(recipe)
        return self._tensor(self._point_z(point))

    @torch.no_grad()
    def labels(self, recipe: Recipe) -> Tensor | None:
        """Class weights ``[1, classes]``, or None for a model without classes."""
        return self._label(recipe.label)

    @torch.no_grad()
    def many(self, recipes: Sequence[Recipe]) -> Tensor:
        """``[N, num_ws, w_dim]``, or ``[N, z_dim]`` for a model without w; one mapping call."""
        if not self.capabilities.has_w:
            return torch.cat([self.z(recipe) for recipe in recipes])
        self._prefetch(recipes)
        return torch.cat([self.ws(recipe) for recipe in recipes])

    @torch.no_grad()
    def many_labels(self, recipes: Sequence[Recipe]) -> Tensor | None:
        """Class weights ``[N, classes]``, or None for a model without classes."""
        if not self.capabilities.classes:
            return None
        return torch.cat([cast(Tensor, self._label(recipe.label)) for recipe in recipes])

    @torch.no_grad()
    def source_ws(self, recipe: Recipe) -> Tensor:
        """A recipe after the mapping, before truncation: ``[1, num_ws, w_dim]``.

        Offsets and directions in z are in it; mixing and what is added in w are not.
        """
        return self._source_ws(*self._point(recipe)).clone()

    def edit(self, recipe: Recipe) -> np.ndarray | None:
        """What offsets and directions add in w: float32 ``[num_ws, w_dim]``; None for nothing."""
        rows = self._styled().synthesis.num_ws
        width = cast(int, self.capabilities.w_dim)
        active = [d for d in recipe.directions if d.amount and self._space(d.name) in ("w", "w+")]
        offsets = [o for o in recipe.offsets if o.space == "w" and o.amount and o.index < width]
        if not active and not offsets:
            return None
        everywhere = np.zeros(width, np.float32)
        for offset in offsets:
            everywhere[offset.index] += np.float32(offset.amount)
        edit = np.repeat(everywhere[None], rows, axis=0)
        for entry in active:
            layers = self._directions[entry.name].layers(entry.first, entry.last)
            step = self._steps[entry.name] * np.float32(entry.amount)
            edit[layers] += step if step.shape == (width,) else step.reshape(rows, width)[layers]
        return edit

    def style_moves(self, recipe: Recipe) -> list[DirectionAmount]:
        """The directions of a recipe that move style channels."""
        return [d for d in recipe.directions if d.amount and self._space(d.name) == "s"]

    def style_shift(self, recipe: Recipe) -> Tensor | None:
        """What directions in S add to the styles: float32 ``[1, size]``; None for nothing."""
        active = self.style_moves(recipe)
        if not active:
            return None
        shift = np.zeros(len(self._rows_of_styles), np.float32)
        for entry in active:
            layers = self._directions[entry.name].layers(entry.first, entry.last)
            rows = np.zeros(self._styled().synthesis.num_ws, bool)
            rows[layers] = True
            shift += self._steps[entry.name] * np.float32(entry.amount) * rows[self._rows_of_styles]
        return self._tensor(shift[None]) if shift.any() else None

    def many_shifts(self, recipes: Sequence[Recipe]) -> Tensor | None:
        """``[N, size]``, or None if no recipe moves a style."""
        shifts = [self.style_shift(recipe) for recipe in recipes]
        if all(shift is None for shift in shifts):
            return None
        nothing = torch.zeros(1, len(self._rows_of_styles), device=self.device)
        return torch.cat([nothing if shift is None else shift for shift in shifts])

    # -- source and mapping -----------------------------------------------------------------------

    def _styled(self) -> StyledGenerator:
        if not self.capabilities.has_w:
            raise OptionError("This model has no w space. Use seeds, or vectors in z.")
        return cast(StyledGenerator, self.generator)

    def _point(self, recipe: Recipe) -> _Point:
        return recipe.source, self._shift(recipe), self._active_label(recipe.label)

    def _shift(self, recipe: Recipe) -> _Shift:
        """What is added to z: ``(component, amount)`` and ``(direction name, amount)`` pairs."""
        size = self.capabilities.z_dim
        offsets = tuple(
            (offset.index, offset.amount)
            for offset in recipe.offsets
            if offset.space == "z" and offset.amount and offset.index < size
        )
        named = tuple(
            (entry.name, entry.amount)
            for entry in recipe.directions
            if entry.amount and self._space(entry.name) == "z"
        )
        return offsets + named

    def _space(self, name: str) -> str | None:
        """Where a direction lives; None if there is none of that name."""
        direction = self._directions.get(name)
        return None if direction is None else direction.space

    def _point_z(self, point: _Point) -> np.ndarray:
        source, shift, _ = point
        z: np.ndarray = source_z(source, self.capabilities.z_dim, self.capabilities.prior)
        if not shift:
            return z
        z = np.array(z)
        for what, amount in shift:
            if isinstance(what, int):
                z[0, what] += np.float32(amount)
            else:
                z[0] += self._steps[cast(str, what)] * np.float32(amount)
        return z

    def _atoms(self, point: _Point) -> list[tuple[_Point, float]]:
        """The points that the mapping is called for, with their weights in w."""
        source, shift, label = point
        if source.vector is not None:
            return [(point, 1.0)] if source.space == "z" else []
        if source.space != "w":
            return [(point, 1.0)]
        pairs = merged_seeds(source)
        total = sum(weight for _, weight in pairs)
        if abs(total) < 1e-6 * max(abs(weight) for _, weight in pairs):
            raise OptionError("The weights of a blend in w must not add up to zero.")
        return [
            ((LatentSource.from_seed(seed), shift, label), weight / total) for seed, weight in pairs
        ]

    def _source_ws(self, source: LatentSource, shift: _Shift, label: Label) -> Tensor:
        """``[1, num_ws, w_dim]`` before truncation."""
        styled = self._styled()
        atoms = self._atoms((source, shift, label))
        if not atoms:
            return self._explicit_ws(source)
        if len(atoms) == 1:
            return styled.broadcast(self._map([atoms[0][0]])[0])
        mapped = self._map([point for point, _ in atoms])
        parts = [weight * w for w, (_, weight) in zip(mapped, atoms, strict=True)]
        return styled.broadcast(torch.stack(parts).sum(0))

    def _explicit_ws(self, source: LatentSource) -> Tensor:
        styled, width = self._styled(), cast(int, self.capabilities.w_dim)
        if source.space == "w+":
            return self._tensor(vector_rows(source, (styled.synthesis.num_ws, width)))
        return styled.broadcast(self._tensor(vector_rows(source, (width,))))

    def _map(self, points: Sequence[_Point]) -> list[Tensor]:
        """w ``[1, w_dim]`` of each point, from the cache or by one call of the mapping."""
        found: dict[_Point, Tensor | None] = {point: self._mapped.get(point) for point in points}
        missing = [point for point, w in found.items() if w is None]
        if missing:
            z = self._tensor(np.concatenate([self._point_z(point) for point in missing]))
            labels = [self._label(point[2]) for point in missing]
            c = torch.cat(cast(list[Tensor], labels)) if self.capabilities.classes else None
            mapping = self._mapping or self._styled().mapping
            for point, w in zip(missing, mapping(z, c).float(), strict=True):
                found[point] = w[None].clone()
                self._mapped.put(point, found[point])
        return [cast(Tensor, found[point]) for point in points]

    def _prefetch(self, recipes: Sequence[Recipe]) -> None:
        """Map what a batch of recipes needs in one call (as far as the cache can hold it)."""
        points: dict[_Point, None] = {}
        for recipe in recipes:
            main = self._point(recipe)
            mixed = [(mix.source, (), main[2]) for mix in self._active_mixing(recipe)]
            for point in (main, *mixed):
                points.update(dict.fromkeys(atom for atom, _ in self._atoms(point)))
        self._map(list(points)[: self._mapped.size])

    # -- truncation and mixing --------------------------------------------------------------------

    def _mixed_ws(self, recipe: Recipe) -> Tensor:
        mixing = self._active_mixing(recipe)
        key = (self._point(recipe), recipe.psi, recipe.cutoff, mixing)
        cached = self._mixed.get(key)
        if cached is not None:
            return cached
        (source, shift, label), psi, cutoff, _ = key
        styled = self._styled()
        ws = styled.truncate(self._source_ws(source, shift, label), psi, cutoff)
        if mixing:
            others = [
                styled.truncate(self._source_ws(mix.source, (), label), psi, cutoff)
                for mix in mixing
            ]
            ws = mix_layers(ws, [(m.layer, m.strength) for m in mixing], others)
        self._mixed.put(key, ws)
        return ws

    def _active_mixing(self, recipe: Recipe) -> tuple[LayerMix, ...]:
        if not recipe.mixing:
            return ()
        rows = self._styled().synthesis.num_ws
        return tuple(mix for mix in recipe.mixing if mix.layer < rows and mix.strength)

    # -- classes ----------------------------------------------------------------------------------

    def _active_label(self, label: Label) -> Label:
        if not self.capabilities.classes:
            return None
        return 0 if label is None else label

    def _label(self, label: Label) -> Tensor | None:
        classes = self.capabilities.classes
        label = self._active_label(label)
        if label is None:
            return None
        weights = np.zeros((1, classes), np.float32)
        if isinstance(label, int):
            if not 0 <= label < classes:
                raise OptionError(
                    f"Class {label} does not exist: this model has classes 0 to {classes - 1}."
                )
            weights[0, label] = 1
        else:
            if len(label) != classes:
                raise OptionError(
                    f"This model wants {classes} class weights, the recipe has {len(label)}."
                )
            weights[0] = label
        return self._tensor(weights)

    def _tensor(self, array: np.ndarray) -> Tensor:
        values = np.array(array, dtype=np.float32)  # a copy: recipes' vectors are read-only
        return torch.from_numpy(values).to(self.device)


def space_dims(generator: Generator) -> dict[str, int]:
    """Length of a direction's vector in each space that a generator has."""
    capabilities = generator.capabilities
    dims = {"z": capabilities.z_dim}
    if capabilities.w_dim is None:
        return dims
    synthesis = cast(StyledGenerator, generator).synthesis
    dims |= {"w": capabilities.w_dim, "w+": capabilities.w_dim * synthesis.num_ws}
    channels = sum(layer.size for layer in style_layers(synthesis))
    return {**dims, "s": channels} if channels else dims


class _Lru:
    """The last ``size`` results, by key."""

    def __init__(self, size: int) -> None:
        self.size = max(1, size)
        self._entries: OrderedDict[Hashable, Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> Tensor | None:
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: Hashable, value: Tensor | None) -> None:
        assert value is not None
        self._entries[key] = value
        self._entries.move_to_end(key)
        while len(self._entries) > self.size:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        self._entries.clear()
