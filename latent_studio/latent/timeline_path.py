"""The recipe at any time of a timeline."""

from collections.abc import Iterator

from latent_studio.errors import OptionError
from latent_studio.latent.interpolation import PathCurve, PathSpace, recipe_path
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.timeline import Interpolation, Timeline
from latent_studio.recipe import Recipe


class TimelinePath:
    """The way through a timeline's keyframes with one model; belongs to one thread.

    Parameters
    ----------
    timeline
        With a keyframe or more. Its scenes' models are not looked at.
    resolver
        Of the model that renders it.

    Raises
    ------
    OptionError
        At once, if a keyframe does not fit the model.
    """

    def __init__(self, timeline: Timeline, resolver: LatentResolver) -> None:
        if not timeline.keyframes:
            raise OptionError("The timeline has no keyframes yet; add one (K in the window).")
        self.timeline = timeline
        space, curve = path_kind(timeline.interpolation, resolver.capabilities.has_w)
        self._at = recipe_path(
            timeline.recipes, resolver=resolver, space=space, curve=curve, loop=timeline.loops
        )

    def at(self, seconds: float) -> Recipe:
        """The recipe at ``seconds``; at a keyframe it is the keyframe's own, seed and all."""
        index, part = self.timeline.place(seconds)
        keys = self.timeline.recipes
        if part in (0.0, 1.0):
            return keys[(index + round(part)) % len(keys)]
        return self._at(index + part)

    def frames(self) -> Iterator[Recipe]:
        """The recipe of each frame of a video, made one at a time."""
        return (self.at(seconds) for seconds in self.timeline.frame_times())


def path_kind(interpolation: Interpolation, has_w: bool) -> tuple[PathSpace, PathCurve]:
    """Space and curve that an interpolation stands for with a model that has w or not."""
    if interpolation == "slerp":
        return "z", "line"
    space: PathSpace = "w" if has_w else "z"
    return space, "spline" if interpolation == "spline" else "straight"
