"""Procedural faces as a source of images."""

import hashlib
from collections.abc import Iterable

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.decode import ImageFacts
from latent_studio.data.procedural import ATTRIBUTES, HAIR_COLOURS, ProceduralFaces, hair_colour
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken

PROCEDURAL_NAME = "procedural-faces"
# Part of the fingerprint: raise it when the drawing or the sampling changes.
DRAWING = 2
_GREY = (0.299, 0.587, 0.114)


class ProceduralSource:
    """The endless set of :class:`ProceduralFaces` with all that is known about each.

    Every attribute of the drawing is offered, and as 0/1: ``smiling`` (smile > 0), ``glasses``,
    ``bearded``. The classes are the colours of the hair.
    """

    endless = True
    count: int | None = None

    def __init__(self, seed: int = 0) -> None:
        self.faces = ProceduralFaces(seed)
        self.name = PROCEDURAL_NAME if seed == 0 else f"{PROCEDURAL_NAME}:{seed}"
        digest = hashlib.blake2b(f"{PROCEDURAL_NAME} {DRAWING} {seed}".encode(), digest_size=16)
        self.fingerprint = digest.hexdigest()

    @classmethod
    def parse(cls, text: str) -> "ProceduralSource":
        """From ``procedural-faces`` or ``procedural-faces:SEED``; DataError for another seed."""
        _, _, seed = text.partition(":")
        if seed and not (seed.isascii() and seed.isdigit()):
            raise DataError(
                f"The seed of {PROCEDURAL_NAME} is a whole number from 0, not {seed!r}: "
                f"write for example {PROCEDURAL_NAME}:7."
            )
        return cls(int(seed or 0))

    def item_name(self, index: int) -> str:
        return f"face {index}"

    def load(self, index: int, resolution: int, channels: int) -> np.ndarray:
        """Face ``index`` as ``uint8 [channels, resolution, resolution]``."""
        return np.asarray(self.load_many([index], resolution, channels)[0])

    def load_many(self, indices: Iterable[int], resolution: int, channels: int) -> np.ndarray:
        """Faces as ``uint8 [N, channels, resolution, resolution]``, much faster than each alone."""
        faces = self.faces.draw_many(indices, resolution)
        if channels == 3:
            return faces
        red, green, blue = (faces[:, i].astype(np.float32) * w for i, w in enumerate(_GREY))
        return np.asarray(np.rint(red + green + blue).astype(np.uint8)[:, None])

    def load_facts(
        self, index: int, resolution: int, channels: int
    ) -> tuple[np.ndarray, ImageFacts]:
        return self.load(index, resolution, channels), self.facts(resolution, channels)

    def facts(self, resolution: int, channels: int) -> ImageFacts:
        """What every face of a size has been."""
        return ImageFacts(resolution, resolution, "RGB" if channels == 3 else "L")

    def annotations(self, count: int | None = None) -> Annotations:
        """Of the first ``count`` faces; without a count only the names."""
        rows = [self.faces.attributes(index) for index in range(count or 0)]
        columns = {name: np.array([r[name] for r in rows], np.float32) for name in ATTRIBUTES}
        columns["smiling"] = (columns["smile"] > 0).astype(np.float32)
        columns["bearded"] = (columns["beard"] > 0).astype(np.float32)
        labels = np.array([hair_colour(row) for row in rows], dtype=np.int64)
        return Annotations(
            labels=labels, classes=list(HAIR_COLOURS), attributes=columns, labelled=len(rows)
        )

    def report(self, *, emit: Emit = ignore, token: StopToken | None = None) -> DataReport:
        found = self.annotations()
        return DataReport(
            name=self.name,
            count=None,
            classes=found.classes,
            attributes=list(found.attributes),
            notes=["drawn at any resolution; the classes are hair colours"],
        )
