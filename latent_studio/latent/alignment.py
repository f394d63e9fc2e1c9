"""Laying a face where a model expects it: two eyes and a mouth to a crop.

Models of faces learn from pictures in which eyes and mouth always lie at the same places. A
photograph is turned, scaled and moved (nothing else: a similarity keeps a face's proportions) until
its three points lie there, too. The least-squares similarity is Umeyama's (1991, IEEE Transactions
on Pattern Analysis and Machine Intelligence 13, p. 376), without reflections.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from latent_studio.errors import OptionError

_MAX_OVERSAMPLING = 8


@dataclass(frozen=True)
class FacePoints:
    """Two eyes and the middle of the mouth, ``(x, y)``, as a viewer sees left and right.

    In pixels of a photograph, or as fractions of a crop's side.
    """

    left_eye: tuple[float, float]
    right_eye: tuple[float, float]
    mouth: tuple[float, float]

    def array(self) -> np.ndarray:
        """float64 ``[3, 2]``."""
        return np.array([self.left_eye, self.right_eye, self.mouth], np.float64)

    def scaled(self, factor: float) -> "FacePoints":
        """Every coordinate times ``factor``."""
        return FacePoints(*((x * factor, y * factor) for x, y in self.array().tolist()))


# Where the points lie in the pictures that models are trained on, as fractions of the side.
# "lfw": read off the mean of the deep-funneled faces that the bundled model learnt from.
# "ffhq": the crop of Karras et al. 2019 (arXiv:1812.04948, appendix C), eyes 0.23 apart in it.
ALIGNMENTS = {
    "lfw": FacePoints((0.357, 0.418), (0.643, 0.416), (0.505, 0.757)),
    "ffhq": FacePoints((0.383, 0.478), (0.617, 0.478), (0.5, 0.705)),
}


def reference_for(facts: str) -> FacePoints:
    """Where a model expects eyes and mouth, by what is known of the data that it learnt from."""
    text = facts.lower()
    return ALIGNMENTS["ffhq" if "ffhq" in text or "celeba" in text else "lfw"]


@dataclass(frozen=True)
class Similarity:
    """``(x, y)`` to ``(a x - b y + dx, b x + a y + dy)``: turn and scale, then move."""

    a: float = 1.0
    b: float = 0.0
    dx: float = 0.0
    dy: float = 0.0

    @property
    def scale(self) -> float:
        return math.hypot(self.a, self.b)

    @property
    def angle(self) -> float:
        """Degrees, clockwise on a screen."""
        return math.degrees(math.atan2(self.b, self.a))

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Points ``[N, 2]``."""
        x, y = np.asarray(points, np.float64).T
        return np.stack([self.a * x - self.b * y + self.dx, self.b * x + self.a * y + self.dy], 1)

    def inverse(self) -> "Similarity":
        size = self.a**2 + self.b**2
        a, b = self.a / size, -self.b / size
        return Similarity(a, b, -(a * self.dx - b * self.dy), -(b * self.dx + a * self.dy))


def fit_similarity(source: np.ndarray, target: np.ndarray) -> Similarity:
    """The similarity that brings ``source`` ``[N, 2]`` closest to ``target`` (least squares).

    Raises
    ------
    OptionError
        If the points coincide or are not finite.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise OptionError("The points of a face must be finite numbers.")
    middle, goal = source.mean(0), target.mean(0)
    x, y = (source - middle).T
    u, v = (target - goal).T
    size = float((x * x + y * y).sum())
    if size < 1e-9:
        raise OptionError("Eyes and mouth must be different points; place them on the face.")
    a, b = float((x * u + y * v).sum()) / size, float((x * v - y * u).sum()) / size
    if math.hypot(a, b) < 1e-9:
        raise OptionError("Eyes and mouth do not make a face; place them on the face.")
    dx, dy = goal - (a * middle[0] - b * middle[1], b * middle[0] + a * middle[1])
    return Similarity(a, b, float(dx), float(dy))


def face_transform(face: FacePoints, reference: FacePoints, side: int) -> Similarity:
    """From pixels of a photograph to pixels of a crop of ``side`` (see :func:`fit_similarity`)."""
    return fit_similarity(face.array(), reference.array() * side)


def central_transform(width: int, height: int, side: int) -> Similarity:
    """The central square of a photograph, for pictures that need no alignment."""
    scale = side / min(width, height)
    return Similarity(scale, 0.0, (side - width * scale) / 2, (side - height * scale) / 2)


def guess_points(transform: Similarity, reference: FacePoints, side: int) -> FacePoints:
    """Where a crop expects eyes and mouth, in the photograph: where a hand starts to place them."""
    points = transform.inverse().apply(reference.array() * side)
    return FacePoints(*((float(x), float(y)) for x, y in points))


def crop(pixels: np.ndarray, transform: Similarity, side: int) -> np.ndarray:
    """Cut the aligned picture out of a photograph.

    Parameters
    ----------
    pixels
        uint8 ``[H, W, C]``. Beyond its border the outermost pixels go on.
    transform
        From the photograph's pixels to the crop's.
    side
        Of the result.

    Returns
    -------
    np.ndarray
        uint8 ``[side, side, C]``; every source pixel counts where the crop is smaller (area
        average), and a crop that is larger is smooth (bicubic).

    Raises
    ------
    OptionError
        If ``pixels`` are no picture.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or 0 in pixels.shape:
        raise OptionError("A photograph is uint8 [H, W, C].")
    shrinking = 1 / max(transform.scale, 1e-9)
    factor = int(min(_MAX_OVERSAMPLING, max(1, math.ceil(shrinking))))
    reduction = shrinking / factor
    # Very large photographs are halved first; the rest of the reduction is oversampling.
    if reduction > 2:
        step = int(reduction)
        pixels, transform = _reduced(pixels, step), _after_reduction(transform, step)
    back = transform.inverse()
    margin = _outside(back, side, pixels.shape[1], pixels.shape[0])
    padded = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    large = _sampled(padded, back, margin, side, factor)
    return large if factor == 1 else _reduced(large, factor)


def _sampled(
    pixels: np.ndarray, back: Similarity, margin: int, side: int, factor: int
) -> np.ndarray:
    """``side * factor`` pixels a side, from a picture with ``margin`` pixels around it."""
    # Pillow maps the corner of each output pixel plus a half itself: plain coordinates serve.
    f = 1 / factor
    data = (
        *(back.a * f, -back.b * f, back.dx + margin),
        *(back.b * f, back.a * f, back.dy + margin),
    )
    size = (side * factor, side * factor)
    planes = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(pixels[:, :, channel])).transform(
                size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC
            )
        )
        for channel in range(pixels.shape[2])
    ]
    return np.stack(planes, axis=2)


def _outside(back: Similarity, side: int, width: int, height: int) -> int:
    """How many pixels the crop reaches beyond the photograph."""
    corners = back.apply(np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64))
    beyond = max(
        -float(corners.min()),
        float(corners[:, 0].max()) - width,
        float(corners[:, 1].max()) - height,
        0.0,
    )
    # A crop far beside the photograph is a picture of its border whatever the distance.
    return int(min(beyond + 4, 4 * max(width, height, side)))


def _reduced(pixels: np.ndarray, factor: int) -> np.ndarray:
    """Mean of squares of ``factor`` pixels a side; what is left over at the end is cut."""
    height, width = (n // factor * factor for n in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(
        height // factor, factor, width // factor, factor, pixels.shape[2]
    )
    mean = blocks.mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(np.rint(mean), np.uint8)


def _after_reduction(transform: Similarity, factor: int) -> Similarity:
    return Similarity(transform.a * factor, transform.b * factor, transform.dx, transform.dy)


def parse_points(text: str) -> FacePoints:
    """``x,y x,y x,y``: left eye, right eye and mouth in pixels (the command line's form).

    Raises
    ------
    OptionError
        If it is not three points.
    """
    try:
        pairs = [tuple(float(part) for part in word.split(",")) for word in text.split()]
    except ValueError:
        pairs = []
    if len(pairs) != 3 or not all(_is_point(pair) for pair in pairs):
        raise OptionError(
            f"The points of a face are written 'x,y x,y x,y' (left eye, right eye, mouth), not "
            f"{text!r}."
        )
    return FacePoints(*((pair[0], pair[1]) for pair in pairs))


def _is_point(pair: Sequence[float]) -> bool:
    return len(pair) == 2 and all(math.isfinite(value) for value in pair)
