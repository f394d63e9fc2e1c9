"""What the engine hands to a window: one finished picture."""

from dataclasses import dataclass

import numpy as np

from latent_studio.recipe import Recipe


@dataclass(frozen=True, eq=False)
class Frame:
    """One rendered picture with all that says where it comes from.

    Parameters
    ----------
    pixels
        ``[H, W, 4]`` uint8, contiguous, bytes B, G, R, 255: what ``QImage.Format_RGB32`` wants on a
        little-endian machine. The buffer belongs to this frame alone and is never reused, so a
        ``QImage`` may wrap it for as long as it lives.
    recipe
        What was rendered.
    model_resolution
        Size of the model's full picture; larger than ``resolution`` for a preview.
    preview
        A smaller picture that a full one follows, unless a newer request comes first.
    request_id, model_epoch
        Stamps of the request. A frame whose ``model_epoch`` is not the present one is stale.
    run, kimg
        Which snapshot of a training was shown (``""`` and None: the weights as opened).
    render_ms
        From the recipe to these pixels, in milliseconds.
    backend
        What ran, for people: ``cpu fp32``.
    note
        Why nothing faster ran, for people, or nothing.
    """

    pixels: np.ndarray
    recipe: Recipe
    model_resolution: int
    preview: bool = False
    request_id: int = 0
    model_epoch: int = 0
    run: str = ""
    kimg: float | None = None
    render_ms: float = 0.0
    backend: str = ""
    note: str = ""

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def resolution(self) -> int:
        """Size of this picture in pixels."""
        return self.height

    def rgb(self) -> np.ndarray:
        """A copy as ``[H, W, 3]`` uint8 in the order red, green, blue."""
        return np.ascontiguousarray(self.pixels[:, :, 2::-1])
