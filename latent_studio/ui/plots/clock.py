"""What a run's kimg are in steps and in time, so that curves can be drawn over any of them."""

from dataclasses import dataclass

import numpy as np

from latent_studio.ui.plots.series import Series


@dataclass(frozen=True)
class Axis:
    """A horizontal axis: ``scale`` turns what the run counts into ``unit``."""

    name: str
    unit: str
    scale: float = 1.0


AXES = {
    axis.name: axis
    for axis in (Axis("kimg", "kimg"), Axis("step", "steps"), Axis("seconds", "min", 1 / 60))
}


class Clock:
    """Step and seconds of training at each tick of one run."""

    def __init__(self) -> None:
        self._steps, self._seconds = Series("step"), Series("seconds")

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever a conversion may."""
        return self._steps.version, len(self._steps)

    def append(self, kimg: float, step: float, seconds: float) -> None:
        self._steps.append(kimg, step)
        self._seconds.append(kimg, seconds)

    def assign(self, kimg: np.ndarray, step: np.ndarray, seconds: np.ndarray) -> None:
        """Take over whole columns ``[n]``."""
        self._steps.assign(kimg, step)
        self._seconds.assign(kimg, seconds)

    def columns(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Copies of kimg, steps and seconds, ``[n]`` each."""
        return self._steps.x.copy(), self._steps.y.copy(), self._seconds.y.copy()

    def clear(self) -> None:
        self._steps.clear()
        self._seconds.clear()

    def convert(self, kimg: np.ndarray, axis: Axis) -> np.ndarray:
        """``kimg`` ``[n]`` on ``axis``, between two ticks linearly; empty while unknown."""
        if axis.name == "kimg":
            return kimg
        if not len(self):
            return kimg[:0]
        column = self._steps if axis.name == "step" else self._seconds
        known_x = np.concatenate([[0.0], column.x])
        known_y = np.concatenate([[0.0], column.y])
        return np.interp(kimg, known_x, known_y) * axis.scale
