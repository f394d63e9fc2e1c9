"""A timeline: scenes and the times and ways between them. Plain values, JSON in and out.

JSON::

    {
      "version": 1,
      "interpolation": "lerp",          # "slerp": great circles in z; "lerp": straight lines and
                                        #   "spline": one smooth curve, in w where the model has it
      "loop": false, "fps": 30,
      "keyframes": [{"scene": {...}, "seconds": 2.0, "easing": "smooth"}]
    }

``seconds`` and ``easing`` of a keyframe are of the way to the next one; of the last one they count
only in a loop.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from latent_studio.errors import OptionError
from latent_studio.latent.curves import easing_named
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.recipe_values import check_fields, number, objects

Interpolation: TypeAlias = Literal["slerp", "lerp", "spline"]
INTERPOLATIONS: tuple[Interpolation, ...] = ("slerp", "lerp", "spline")

TIMELINE_VERSION = 1
MIN_SECONDS, MAX_SECONDS = 0.05, 600.0
MIN_FPS, MAX_FPS = 1.0, 240.0
_FIELDS = frozenset({"version", "interpolation", "loop", "fps", "keyframes"})
_KEYFRAME_FIELDS = frozenset({"scene", "seconds", "easing"})


@dataclass(frozen=True)
class Keyframe:
    """A scene, and how long and at what pace it goes on to the next one."""

    scene: Scene
    seconds: float = 2.0
    easing: str = "smooth"

    def __post_init__(self) -> None:
        if not MIN_SECONDS <= self.seconds <= MAX_SECONDS:
            raise OptionError(
                f"The way between two keyframes takes {MIN_SECONDS:g} to {MAX_SECONDS:g} seconds, "
                f"not {self.seconds:g}."
            )
        easing_named(self.easing)

    def to_json(self) -> dict[str, Any]:
        return {"scene": self.scene.to_json(), "seconds": self.seconds, "easing": self.easing}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Keyframe":
        check_fields(value, _KEYFRAME_FIELDS, "keyframe")
        easing = value.get("easing", "smooth")
        if not isinstance(easing, str):
            raise OptionError("A keyframe's 'easing' must be a name.")
        return cls(Scene.from_json(value.get("scene")), number(value, "seconds", 2.0), easing)


@dataclass(frozen=True)
class Timeline:
    """Keyframes in order and how to go through them; every edit gives another timeline."""

    keyframes: tuple[Keyframe, ...] = ()
    interpolation: Interpolation = "lerp"
    loop: bool = False
    fps: float = 30.0

    def __post_init__(self) -> None:
        if self.interpolation not in INTERPOLATIONS:
            raise OptionError(
                f"A timeline's interpolation is one of {', '.join(INTERPOLATIONS)}, not "
                f"{self.interpolation!r}."
            )
        if not MIN_FPS <= self.fps <= MAX_FPS:
            raise OptionError(
                f"A timeline has {MIN_FPS:g} to {MAX_FPS:g} frames a second, not {self.fps:g}."
            )

    # -- times ------------------------------------------------------------------------------------

    @property
    def loops(self) -> bool:
        """Whether it goes back to the first keyframe (one keyframe alone stands still)."""
        return self.loop and len(self.keyframes) > 1

    @property
    def ways(self) -> tuple[Keyframe, ...]:
        """The keyframes that a way begins at."""
        return self.keyframes if self.loops else self.keyframes[:-1]

    @property
    def seconds(self) -> float:
        """How long it plays."""
        return sum(key.seconds for key in self.ways)

    @property
    def starts(self) -> tuple[float, ...]:
        """When each keyframe is reached."""
        times, now = [], 0.0
        for key in self.keyframes:
            times.append(now)
            now += key.seconds
        return tuple(times)

    @property
    def frames(self) -> int:
        """How many frames a video of it has."""
        return max(1, round(self.seconds * self.fps))

    def frame_times(self) -> list[float]:
        """When each frame of a video is, in seconds: the last one of an open timeline shows the
        last keyframe, that of a loop precedes the first.
        """
        steps = self.frames if self.loops else max(1, self.frames - 1)
        return [self.seconds * frame / steps for frame in range(self.frames)]

    def place(self, seconds: float) -> tuple[int, float]:
        """The keyframe before ``seconds`` and how far the way to the next one has been gone, eased:
        0 to 1. A loop goes on for ever, an open timeline stays at its ends.

        Raises
        ------
        OptionError
            If there are no keyframes.
        """
        if not self.keyframes:
            raise OptionError("The timeline has no keyframes yet; add one (K in the window).")
        if not self.ways:
            return 0, 0.0
        left = seconds % self.seconds if self.loops else min(max(0.0, seconds), self.seconds)
        for index, key in enumerate(self.ways):
            if left < key.seconds:
                return index, easing_named(key.easing)(left / key.seconds)
            left -= key.seconds
        return len(self.ways) - 1, 1.0

    def at_keyframe(self, seconds: float) -> int | None:
        """The keyframe that is exactly at ``seconds``."""
        times = enumerate(self.starts)
        return next((index for index, start in times if abs(start - seconds) < 1e-6), None)

    # -- edits ------------------------------------------------------------------------------------

    def inserted(self, index: int, *keyframes: Keyframe) -> "Timeline":
        before, after = self.keyframes[:index], self.keyframes[index:]
        return replace(self, keyframes=(*before, *keyframes, *after))

    def removed(self, indices: Sequence[int]) -> "Timeline":
        gone = set(indices)
        kept = tuple(key for index, key in enumerate(self.keyframes) if index not in gone)
        return replace(self, keyframes=kept)

    def moved(self, old: int, new: int) -> "Timeline":
        """Keyframe ``old`` comes to be number ``new``; it takes its own way along."""
        keys = list(self.keyframes)
        keys.insert(new, keys.pop(old))
        return replace(self, keyframes=tuple(keys))

    def changed(self, index: int, edit: Callable[[Keyframe], Keyframe]) -> "Timeline":
        keys = list(self.keyframes)
        keys[index] = edit(keys[index])
        return replace(self, keyframes=tuple(keys))

    def with_model(self, model: ModelRef) -> "Timeline":
        """Every keyframe rendered by ``model``."""
        keys = (replace(k, scene=replace(k.scene, model=model)) for k in self.keyframes)
        return replace(self, keyframes=tuple(keys))

    # -- what it needs ----------------------------------------------------------------------------

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return tuple(key.scene.recipe for key in self.keyframes)

    def model(self) -> ModelRef:
        """The one model of all keyframes.

        Raises
        ------
        OptionError
            If there is none, or keyframes of several models.
        """
        if not self.keyframes:
            raise OptionError("The timeline has no keyframes yet; add one (K in the window).")
        first = self.keyframes[0].scene.model
        for number_, key in enumerate(self.keyframes, 1):
            if not same_weights(key.scene.model, first):
                raise OptionError(
                    f"Keyframe {number_} belongs to another model ({key.scene.model.name}) than "
                    f"the first one ({first.name}). Remove it, or give all one model."
                )
        return first

    # -- JSON -------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        return {
            "version": TIMELINE_VERSION,
            "interpolation": self.interpolation,
            "loop": self.loop,
            "fps": self.fps,
            "keyframes": [key.to_json() for key in self.keyframes],
        }

    @classmethod
    def from_json(cls, value: Any) -> "Timeline":
        """Read the JSON described at the top of this module.

        Raises
        ------
        OptionError
            Naming what is wrong.
        """
        if not isinstance(value, Mapping):
            raise OptionError("A timeline must be a JSON object.")
        version = value.get("version", TIMELINE_VERSION)
        if version != TIMELINE_VERSION:
            raise OptionError(
                f"This timeline has version {version}; this program reads version "
                f"{TIMELINE_VERSION}. Update Latent Studio."
            )
        check_fields(value, _FIELDS, "timeline")
        keys = objects(value.get("keyframes", ()), "keyframes")
        return cls(
            tuple(Keyframe.from_json(key) for key in keys),
            value.get("interpolation", "lerp"),
            bool(value.get("loop", False)),
            number(value, "fps", 30.0),
        )


def same_weights(a: ModelRef, b: ModelRef) -> bool:
    """Whether two references mean the same weights, under whatever name."""
    return a == b or bool(a.sha256 and a.sha256 == b.sha256)
