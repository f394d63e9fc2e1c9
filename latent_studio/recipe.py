"""The scene: everything that a picture depends on, as small frozen values.

A :class:`Recipe` says what a picture depends on besides the weights, a :class:`ModelRef` names the
weights, a :class:`Scene` is both. All are immutable, hashable, comparable, and go to JSON and back
without loss. A slider is a function from recipe to recipe (``dataclasses.replace``).

JSON of a recipe (every field optional, unknown fields are an error)::

    {
      "version": 1,
      "seed": 42,                       # or "seeds": [[42, 0.5], [43, 0.5]]  weighted blend
      "space": "z",                     # space of the blend: "z" or "w"
      "z": [[...]],                     # or "w": [[...]] or "ws": [[[...]]]: explicit vectors,
                                        #   lists or {"shape": [1, 512], "base64": "..."}
      "class": 3,                       # class index, or a list with one weight a class
      "psi": 0.7, "cutoff": 8,          # truncation; cutoff null = every layer
      "directions": [{"name": "smile", "amount": 2.0, "first": 0, "last": null}],
      "offsets": [{"space": "w", "index": 3, "amount": 0.5}],
      "mixing": [{"layer": 4, "seed": 7, "strength": 1.0}],
      "noise_mode": "const", "noise_seed": 0, "noise_strength": 1.0,
      "noise_maps": "9f86d0…",          # with the mode "maps": SHA-256 of their float32 values
      "transform": {"translate": [0.1, 0.0], "rotate": 15.0}   # only written where it moves things
    }

Order in which a picture is made: source -> mapping -> truncation -> style mixing -> offsets in w
and directions -> synthesis, whose input the transform moves. ``offsets`` in z are added before the
mapping.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.recipe_values import (
    MAX_SEED,
    STILL,
    Label,
    Transform,
    Vector,
    check_digest,
    check_fields,
    check_seed,
    integer,
    number,
    objects,
    parse_label,
)

__all__ = [
    "MAX_SEED",
    "NOISE_MODES",
    "DirectionAmount",
    "Label",
    "LatentSource",
    "LayerMix",
    "ModelRef",
    "NoiseMode",
    "Offset",
    "Recipe",
    "Scene",
    "Space",
    "Transform",
    "Vector",
    "check_seed",
]

Space: TypeAlias = Literal["z", "w", "w+"]
NoiseMode: TypeAlias = Literal["const", "random", "none", "maps"]

RECIPE_VERSION = 1
MAX_NOISE_LAYERS = 64
NOISE_MODES: tuple[NoiseMode, ...] = ("const", "random", "none", "maps")
_VECTOR_KEYS: dict[str, Space] = {"z": "z", "w": "w", "ws": "w+"}


@dataclass(frozen=True)
class LatentSource:
    """Where a latent comes from: weighted seeds, or an explicit vector.

    ``space`` is the space of the blend when ``vector`` is None (``z``, keeping the norm, or ``w``),
    and the space of the vector otherwise (``w+``: one row a layer).
    """

    seeds: tuple[tuple[int, float], ...] = ((0, 1.0),)
    space: Space = "z"
    vector: Vector | None = None

    @classmethod
    def from_seed(cls, seed: int, space: Space = "z") -> "LatentSource":
        return cls(((check_seed(seed), 1.0),), space)

    @classmethod
    def from_vector(cls, space: Space, array: Any) -> "LatentSource":
        return cls((), space, Vector.from_array(array))

    @property
    def seed(self) -> int | None:
        """The heaviest seed, or None for an explicit vector."""
        if not self.seeds:
            return None
        return max(self.seeds, key=lambda pair: pair[1])[0]

    def to_json(self) -> dict[str, Any]:
        if self.vector is not None:
            key = {space: key for key, space in _VECTOR_KEYS.items()}[self.space]
            return {key: self.vector.to_json()}
        if len(self.seeds) == 1 and self.seeds[0][1] == 1.0:
            return {"seed": self.seeds[0][0], "space": self.space}
        return {"seeds": [[seed, weight] for seed, weight in self.seeds], "space": self.space}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LatentSource":
        given = [key for key in ("seed", "seeds", *_VECTOR_KEYS) if value.get(key) is not None]
        vectors = [key for key in given if key in _VECTOR_KEYS]
        if len(vectors) > 1:
            raise OptionError(f"A recipe takes one of {', '.join(vectors)}, not several.")
        if vectors:
            return cls((), _VECTOR_KEYS[vectors[0]], Vector.from_json(value[vectors[0]]))
        space: Any = value.get("space") or "z"
        if space not in ("z", "w"):
            raise OptionError(f'\'space\' must be "z" or "w" for seeds, not {space!r}.')
        if "seeds" in given:
            return cls(_parse_seeds(value["seeds"]), space)
        return cls.from_seed(0 if value.get("seed") is None else value["seed"], space)


@dataclass(frozen=True)
class DirectionAmount:
    """How far to go along a named direction, in its standard deviations.

    Applied to layers ``first <= layer < last`` (``last`` None: to the end).
    """

    name: str
    amount: float
    first: int = 0
    last: int | None = None


@dataclass(frozen=True)
class Offset:
    """An amount added to one component of z or w."""

    space: Literal["z", "w"]
    index: int
    amount: float


@dataclass(frozen=True)
class LayerMix:
    """One layer takes its style from another source, by ``strength`` (0 none, 1 all)."""

    layer: int
    source: LatentSource
    strength: float = 1.0


@dataclass(frozen=True)
class Recipe:
    """Everything that a picture depends on besides the weights.

    ``noise_maps`` names stored maps (see :mod:`latent_studio.storage.blobs`): the float32 values of
    all layers one after the other. They stay when another ``noise_mode`` is chosen.
    ``noise_layers`` multiplies ``noise_strength``, a factor a noise layer; layers beyond it have 1.
    """

    source: LatentSource = LatentSource()
    label: Label = None
    psi: float = 1.0
    cutoff: int | None = None
    directions: tuple[DirectionAmount, ...] = ()
    offsets: tuple[Offset, ...] = ()
    mixing: tuple[LayerMix, ...] = ()
    noise_mode: NoiseMode = "const"
    noise_seed: int = 0
    noise_strength: float = 1.0
    transform: Transform = STILL
    noise_maps: str = ""
    noise_layers: tuple[float, ...] = ()

    @classmethod
    def from_seed(cls, seed: int, **changes: Any) -> "Recipe":
        return cls(source=LatentSource.from_seed(seed), **changes)

    def with_direction(
        self, name: str, amount: float, first: int = 0, last: int | None = None
    ) -> "Recipe":
        """Set one direction; an amount of zero over all layers removes it."""
        entry = DirectionAmount(name, float(amount), first, last)
        keep = entry.amount != 0 or first != 0 or last is not None
        return replace(
            self, directions=_put(self.directions, entry, lambda d: d.name == name, keep)
        )

    def with_offset(self, space: Literal["z", "w"], index: int, amount: float) -> "Recipe":
        """Set the offset of one component; zero removes it."""
        entry = Offset(space, index, float(amount))
        same = lambda o: (o.space, o.index) == (space, index)  # noqa: E731
        return replace(self, offsets=_put(self.offsets, entry, same, entry.amount != 0))

    def with_layer(
        self, layer: int, source: LatentSource | None, strength: float = 1.0
    ) -> "Recipe":
        """Let ``layer`` take its style from ``source``; None gives it back to the main one."""
        kept = tuple(mix for mix in self.mixing if mix.layer != layer)
        if source is not None:
            kept += (LayerMix(layer, source, float(strength)),)
        return replace(self, mixing=tuple(sorted(kept, key=lambda mix: mix.layer)))

    def noise_factor(self, layer: int) -> float:
        """What multiplies the noise of ``layer`` beside the strength of all."""
        return self.noise_layers[layer] if layer < len(self.noise_layers) else 1.0

    def with_noise_layer(self, layer: int, factor: float) -> "Recipe":
        """Set the factor of one noise layer."""
        count = max(layer + 1, len(self.noise_layers))
        factors = [self.noise_factor(index) for index in range(count)]
        factors[layer] = float(factor)
        while factors and factors[-1] == 1:
            factors.pop()
        return replace(self, noise_layers=tuple(factors))

    def to_json(self) -> dict[str, Any]:
        label = list(self.label) if isinstance(self.label, tuple) else self.label
        return {
            "version": RECIPE_VERSION,
            **self.source.to_json(),
            "class": label,
            "psi": self.psi,
            "cutoff": self.cutoff,
            "directions": [vars(entry) for entry in self.directions],
            "offsets": [vars(entry) for entry in self.offsets],
            "mixing": [
                {"layer": mix.layer, "strength": mix.strength, **mix.source.to_json()}
                for mix in self.mixing
            ],
            "noise_mode": self.noise_mode,
            "noise_seed": self.noise_seed,
            "noise_strength": self.noise_strength,
            # Left out where there is nothing: programs before them read such recipes, too.
            **({"transform": self.transform.to_json()} if self.transform else {}),
            **({"noise_maps": self.noise_maps} if self.noise_maps else {}),
            **({"noise_layers": list(self.noise_layers)} if self.noise_layers else {}),
        }

    @classmethod
    def from_json(cls, value: Any) -> "Recipe":
        """Read the JSON described at the top of this module.

        Raises
        ------
        OptionError
            Naming the field that is wrong.
        """
        if not isinstance(value, Mapping):
            raise OptionError("A recipe must be a JSON object.")
        check_fields(value, _RECIPE_KEYS, "recipe")
        version = value.get("version", RECIPE_VERSION)
        if version != RECIPE_VERSION:
            raise OptionError(
                f"This recipe has version {version}; this program reads version {RECIPE_VERSION}. "
                "Update Latent Studio."
            )
        return cls(
            source=LatentSource.from_json(value),
            label=parse_label(value.get("class")),
            psi=number(value, "psi", 1.0),
            cutoff=integer(value, "cutoff"),
            directions=_parse_directions(value.get("directions") or ()),
            offsets=tuple(map(_parse_offset, objects(value.get("offsets") or (), "offsets"))),
            mixing=tuple(map(_parse_mix, objects(value.get("mixing") or (), "mixing"))),
            noise_mode=_parse_noise_mode(value.get("noise_mode") or "const"),
            noise_seed=integer(value, "noise_seed") or 0,
            noise_strength=number(value, "noise_strength", 1.0),
            transform=Transform.from_json(value.get("transform")),
            noise_maps=check_digest(value.get("noise_maps") or "", "noise_maps"),
            noise_layers=_parse_factors(value.get("noise_layers") or ()),
        )


@dataclass(frozen=True)
class ModelRef:
    """Which weights: a file, a bundled model, or a snapshot of a run.

    ``name`` is a path (``file``), a bundled model's name (``bundled``) or a run folder (``run``).
    ``sha256`` pins the content where it is known; ``kimg`` the snapshot of a run (None: latest).
    """

    kind: Literal["file", "bundled", "run"] = "bundled"
    name: str = ""
    sha256: str = ""
    kimg: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, value: Any) -> "ModelRef":
        if not isinstance(value, Mapping) or value.get("kind") not in ("file", "bundled", "run"):
            raise OptionError("A scene's model must say its 'kind': file, bundled or run.")
        return cls(
            value["kind"],
            str(value.get("name") or ""),
            str(value.get("sha256") or ""),
            None if value.get("kimg") is None else number(value, "kimg", 0.0),
        )


@dataclass(frozen=True)
class Scene:
    """A model and a recipe: one exact picture."""

    model: ModelRef
    recipe: Recipe

    def to_json(self) -> dict[str, Any]:
        return {
            "version": RECIPE_VERSION,
            "model": self.model.to_json(),
            "recipe": self.recipe.to_json(),
        }

    @classmethod
    def from_json(cls, value: Any) -> "Scene":
        if not isinstance(value, Mapping) or "model" not in value or "recipe" not in value:
            raise OptionError("A scene needs a 'model' and a 'recipe'.")
        return cls(ModelRef.from_json(value["model"]), Recipe.from_json(value["recipe"]))

    def dumps(self) -> str:
        """Canonical JSON text: equal scenes give equal text."""
        return json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> "Scene":
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise OptionError("The scene is not valid JSON.", str(error)) from error

    def digest(self) -> str:
        """Hex SHA-256 of :meth:`dumps`."""
        return hashlib.sha256(self.dumps().encode()).hexdigest()


_RECIPE_KEYS = frozenset(
    (
        *("version", "seed", "seeds", "space", "z", "w", "ws", "class", "psi", "cutoff"),
        *("directions", "offsets", "mixing", "noise_mode", "noise_seed", "noise_strength"),
        *("transform", "noise_maps", "noise_layers"),
    )
)


def _put(entries: tuple[Any, ...], entry: Any, same: Any, keep: bool) -> tuple[Any, ...]:
    """Replace the matching entry in place (or append), or drop it."""
    if not any(same(old) for old in entries):
        return (*entries, entry) if keep else entries
    return tuple(entry if same(old) else old for old in entries if keep or not same(old))


def _parse_seeds(value: Any) -> tuple[tuple[int, float], ...]:
    try:
        pairs = tuple((check_seed(seed), float(weight)) for seed, weight in value)
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError("'seeds' must be a list of [seed, weight] pairs.") from error
    if not pairs or not any(weight for _, weight in pairs):
        raise OptionError("'seeds' needs at least one seed with a weight.")
    if not all(np.isfinite(weight) for _, weight in pairs):
        raise OptionError("'seeds' needs finite weights.")
    return pairs


def _parse_noise_mode(value: Any) -> NoiseMode:
    if value not in NOISE_MODES:
        raise OptionError(f"'noise_mode' must be one of {', '.join(NOISE_MODES)}, not {value!r}.")
    return value  # type: ignore[no-any-return]


def _parse_factors(value: Any) -> tuple[float, ...]:
    try:
        factors = tuple(float(factor) for factor in value)
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError("'noise_layers' must be a list of numbers.") from error
    if isinstance(value, str) or not all(np.isfinite(factors)) or len(factors) > MAX_NOISE_LAYERS:
        raise OptionError(
            f"'noise_layers' must be a list of at most {MAX_NOISE_LAYERS} finite numbers."
        )
    return factors


def _parse_directions(value: Any) -> tuple[DirectionAmount, ...]:
    """A list of objects, or the short form ``{"smile": 2.0}``."""
    if isinstance(value, Mapping):
        return tuple(DirectionAmount(str(n), number(value, n, 0.0)) for n in value)
    return tuple(_parse_direction(entry) for entry in objects(value, "directions"))


def _parse_direction(entry: Mapping[str, Any]) -> DirectionAmount:
    check_fields(entry, frozenset({"name", "amount", "first", "last"}), "direction")
    if not isinstance(entry.get("name"), str):
        raise OptionError("A direction needs a 'name'.")
    return DirectionAmount(
        entry["name"],
        number(entry, "amount", 0.0),
        integer(entry, "first", 0) or 0,
        integer(entry, "last"),
    )


def _parse_offset(entry: Mapping[str, Any]) -> Offset:
    check_fields(entry, frozenset({"space", "index", "amount"}), "offset")
    if entry.get("space") not in ("z", "w"):
        raise OptionError('An offset\'s \'space\' must be "z" or "w".')
    return Offset(entry["space"], integer(entry, "index", 0) or 0, number(entry, "amount", 0.0))


def _parse_mix(entry: Mapping[str, Any]) -> LayerMix:
    known = frozenset({"layer", "strength", "seed", "seeds", "space", *_VECTOR_KEYS})
    check_fields(entry, known, "mixing entry")
    layer = integer(entry, "layer")
    if layer is None:
        raise OptionError("A mixing entry needs a 'layer'.")
    return LayerMix(layer, LatentSource.from_json(entry), number(entry, "strength", 1.0))
