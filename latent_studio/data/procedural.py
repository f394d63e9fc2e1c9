"""Procedural faces: a seeded, endless set of drawn portraits of which every attribute is known.

``ProceduralFaces(seed).draw(index, resolution)`` gives the same portrait at every resolution.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby

import numpy as np

from latent_studio.data.decode import check_resolution
from latent_studio.data.procedural_eyes import draw_eyes
from latent_studio.data.procedural_features import (
    draw_brows,
    draw_ear,
    draw_lines,
    draw_nose,
    draw_skin,
)
from latent_studio.data.procedural_figure import Figure, grey_of
from latent_studio.data.procedural_hair import BALD, BUN, CROP, STYLES, Hair, cut, draw_beard
from latent_studio.data.procedural_mouth import draw_mouth
from latent_studio.data.procedural_scene import draw_background, draw_body, draw_glasses
from latent_studio.errors import DataError

# Name: (lowest, highest, neutral).
_RANGES: dict[str, tuple[float, float, float]] = {
    "smile": (-1.0, 1.0, 0.0),
    "yaw": (-1.0, 1.0, 0.0),
    "tilt": (-1.0, 1.0, 0.0),
    "age": (0.0, 1.0, 0.25),
    "glasses": (0.0, 1.0, 0.0),
    "frame": (0.0, 1.0, 0.1),
    "hair_style": (0.0, len(STYLES) - 1.0, 2.0),
    "hair_length": (0.0, 1.0, 0.0),
    "hair_tone": (0.0, 1.0, 0.35),
    "hair_red": (0.0, 1.0, 0.0),
    "greying": (-1.0, 1.0, 0.0),
    "texture": (0.0, 1.0, 0.3),
    "beard": (0.0, 1.0, 0.0),
    "skin": (0.0, 1.0, 0.25),
    "blush": (0.0, 1.0, 0.3),
    "freckles": (0.0, 1.0, 0.0),
    "face_width": (-1.0, 1.0, 0.0),
    "jaw": (0.0, 1.0, 0.4),
    "chin": (-1.0, 1.0, 0.0),
    "eye_size": (-1.0, 1.0, 0.0),
    "eye_color": (0.0, 1.0, 0.2),
    "gaze_x": (-1.0, 1.0, 0.0),
    "gaze_y": (-1.0, 1.0, 0.0),
    "lashes": (0.0, 1.0, 0.3),
    "brow_height": (-1.0, 1.0, 0.0),
    "brow_angle": (-1.0, 1.0, 0.0),
    "brow_thickness": (-1.0, 1.0, 0.0),
    "nose": (-1.0, 1.0, 0.0),
    "lips": (-1.0, 1.0, 0.0),
    "lipstick": (0.0, 1.0, 0.0),
    "light": (-1.0, 1.0, -0.3),
    "hardness": (0.0, 1.0, 0.5),
    "background": (0.0, 1.0, 0.58),
    "brightness": (0.0, 1.0, 0.6),
    "cloth": (0.0, 1.0, 0.3),
    "collar": (0.0, 1.0, 0.1),
}
ATTRIBUTES: tuple[str, ...] = tuple(_RANGES)
# Drawn at once: enough to make Python's part small, few enough for the processor's cache.
_BATCH_PIXELS = 16 * 64 * 64
HAIR_COLOURS = ("black", "brown", "blond", "red", "grey")


class ProceduralFaces:
    """An endless set of drawn faces.

    Parameters
    ----------
    seed
        0 or more; another seed is another set.
    """

    def __init__(self, seed: int = 0) -> None:
        if seed < 0:
            raise DataError(f"The seed of procedural faces is a whole number from 0, not {seed}.")
        self.seed = int(seed)

    def attributes(self, index: int) -> dict[str, float]:
        """Every attribute of face ``index``, exactly as it is drawn."""
        return _sample(np.random.default_rng([self.seed, int(index)]))

    def draw(self, index: int, resolution: int) -> np.ndarray:
        """Face ``index`` as uint8 ``[3, resolution, resolution]``."""
        return np.asarray(self.draw_many([index], resolution)[0])

    def draw_many(self, indices: Iterable[int], resolution: int) -> np.ndarray:
        """Several faces as uint8 ``[N, 3, resolution, resolution]``, each as :meth:`draw` does.

        Some hundred at a time are several times faster than one by one.
        """
        return draw([self.attributes(index) for index in indices], resolution)

    def draw_with(self, attrs: Mapping[str, float], resolution: int) -> np.ndarray:
        """A face with given attributes; those left out are neutral.

        Raises
        ------
        DataError
            If an attribute is unknown or not a finite number.
        """
        return np.asarray(draw([complete(attrs)], resolution)[0])


def complete(attrs: Mapping[str, float]) -> dict[str, float]:
    """All attributes: those given, limited to their range, and neutral ones."""
    unknown = sorted(set(attrs) - set(_RANGES))
    if unknown:
        raise DataError(
            f"Procedural faces have no attribute {unknown[0]!r}. Known: {', '.join(ATTRIBUTES)}."
        )
    values = {name: float(attrs.get(name, r[2])) for name, r in _RANGES.items()}
    bad = [name for name, value in values.items() if not np.isfinite(value)]
    if bad:
        raise DataError(f"The attribute {bad[0]!r} of a procedural face must be a finite number.")
    return {n: float(np.clip(v, _RANGES[n][0], _RANGES[n][1])) for n, v in values.items()}


def draw(faces: Sequence[Mapping[str, float]], resolution: int) -> np.ndarray:
    """Draw faces with all attributes given, as uint8 ``[N, 3, resolution, resolution]``.

    Faces of one kind are drawn together, which is several times faster; each comes out the same as
    it would alone.
    """
    check_resolution(resolution)
    cuts = [cut(face) for face in faces]
    order = sorted(range(len(faces)), key=lambda place: (cuts[place], _extras(faces[place])))
    drawn = np.empty((len(faces), 3, resolution, resolution), dtype=np.uint8)
    most = max(1, _BATCH_PIXELS // resolution**2)
    for (style, long), alike in groupby(order, key=cuts.__getitem__):
        places = list(alike)
        for start in range(0, len(places), most):
            part = places[start : start + most]
            drawn[part] = _draw_alike([faces[place] for place in part], style, long, resolution)
    return drawn


def _extras(face: Mapping[str, float]) -> tuple[bool, ...]:
    """What is left out where no face of a batch has it, by how long it takes."""
    return face["glasses"] >= 0.5, face["freckles"] > 0.0, face["age"] > 0.35, face["beard"] > 0.02


def _draw_alike(
    faces: Sequence[Mapping[str, float]], style: int, long: bool, resolution: int
) -> np.ndarray:
    """Draw faces with one hair cut, from back to front."""
    fig = Figure(faces, resolution)
    hair = Hair(fig, style, long)
    near = np.where(fig.values["yaw"] > 0.0, -1.0, 1.0)
    turned = np.abs(0.60 * fig.values["yaw"]) >= 0.12
    draw_background(fig)
    hair.draw_back()
    draw_body(fig)
    draw_ear(fig, -near, np.full_like(turned, True))
    draw_ear(fig, near, ~turned)
    draw_skin(fig)
    draw_ear(fig, near, turned)
    draw_eyes(fig)
    draw_nose(fig)
    draw_lines(fig)
    draw_beard(fig)
    draw_mouth(fig)
    draw_brows(fig)
    hair.draw_front()
    draw_glasses(fig)
    return fig.canvas.pixels()


def hair_colour(attrs: Mapping[str, float]) -> int:
    """Index into :data:`HAIR_COLOURS`."""
    if grey_of(attrs) > 0.5:
        return 4
    if attrs["hair_red"] > 0.5:
        return 3
    return 0 if attrs["hair_tone"] < 0.14 else 1 if attrs["hair_tone"] < 0.66 else 2


def _sample(rng: np.random.Generator) -> dict[str, float]:
    """Draw attributes. What goes together in portraits (pale and blond, beard and jaw) mostly does.

    Every number is drawn in a fixed order, whether used or not, so that a change of one rule leaves
    the rest of a face alone.
    """
    u = dict(zip(_DRAWN, rng.random(len(_DRAWN)).tolist(), strict=True))
    normal = rng.normal(0.0, 0.45, len(_NORMAL)).tolist()
    n = {name: _limit(value) for name, value in zip(_NORMAL, normal, strict=True)}
    heavy = u["heavy"] < 0.5
    skin = u["skin"] ** 1.5
    style = _style(u["style"], heavy, u["age"])
    long = style not in (BALD, CROP, BUN) and u["long"] < (0.12 if heavy else 0.80)
    bearded = heavy and u["bearded"] < 0.42 and u["age"] > 0.12
    values = {
        **{name: float(value) for name, value in n.items() if name in _RANGES},
        "smile": _limit(2.05 * u["smile"] - 0.75),
        "yaw": _limit(1.5 * n["turn"]),
        "age": u["age"] ** 1.3,
        "glasses": float(u["glasses"] < 0.25),
        "frame": u["frame"],
        "hair_style": float(style),
        "hair_length": 0.28 + 0.72 * u["length"] if long else 0.22 * u["length"],
        "hair_tone": _limit(u["tone"] * (1.12 - 1.25 * skin), 0.0),
        "hair_red": 0.6 + 0.4 * u["red"] if u["red"] < 0.13 and skin < 0.45 else 0.0,
        "texture": u["texture"],
        "beard": 0.12 + 0.88 * u["beard"] if bearded else 0.0,
        "skin": skin,
        "blush": u["blush"] * (1.0 if not heavy else 0.6),
        "freckles": (0.3 + 0.7 * u["freckles"]) * float(u["freckled"] < 0.16 and skin < 0.45),
        "jaw": (0.30 + 0.65 * u["jaw"]) if heavy else 0.45 * u["jaw"],
        "eye_color": u["iris"] if skin < 0.4 else 0.30 * u["iris"],
        "lashes": 0.2 * u["lashes"] if heavy else 0.4 + 0.6 * u["lashes"],
        "brow_thickness": _limit(n["brow_thickness"] + (0.4 if heavy else -0.3)),
        "lipstick": 0.0 if heavy else u["lipstick"] * float(u["lipstick"] > 0.45),
        "light": 2.0 * u["light"] - 1.0,
        "hardness": u["hardness"],
        "background": u["background"],
        "brightness": u["brightness"],
        "cloth": u["cloth"],
        "collar": u["collar"],
    }
    return {name: float(values[name]) for name in ATTRIBUTES}


def _style(u: float, heavy: bool, age: float) -> int:
    """A hair style; the shares are for the heavy- and the light-featured."""
    bald = 0.10 + 0.12 * age
    shares = (
        (bald, 0.24, 0.22, 0.08, 0.16, 0.16, 0.0)
        if heavy
        else (0.0, 0.03, 0.27, 0.22, 0.14, 0.22, 0.12)
    )
    edges = list(accumulate(shares))
    passed = sum(edge / edges[-1] <= u for edge in edges)
    return min(passed, len(STYLES) - 1)


def _limit(value: float, low: float = -1.0) -> float:
    return min(max(value, low), 1.0)


_DRAWN = (
    *("heavy", "skin", "style", "long", "length", "tone", "red", "texture", "bearded", "beard"),
    *("age", "smile", "glasses", "frame", "blush", "freckled", "freckles", "jaw", "iris"),
    *("lashes", "lipstick", "light", "hardness", "background", "brightness", "cloth", "collar"),
)
_NORMAL = (
    *("turn", "tilt", "greying", "face_width", "chin", "eye_size", "gaze_x", "gaze_y"),
    *("brow_height", "brow_angle", "brow_thickness", "nose", "lips"),
)
