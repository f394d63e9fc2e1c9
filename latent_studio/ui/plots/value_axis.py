"""The vertical axis of a plot."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF


class ValueAxis(pg.AxisItem):
    """Leaves out the labels that a low plot has no room for."""

    def __init__(self) -> None:
        super().__init__("left")
        self.labels: list[tuple[QRectF, str]] = []
        """Places and words of the labels that were drawn last."""

    def generateDrawSpecs(self, p: Any) -> Any:
        specs = super().generateDrawSpecs(p)
        if specs is None:
            return None
        axis, ticks, texts = specs
        texts = apart(texts)
        self.labels = [(rect, text) for rect, _flags, text in texts]
        return axis, ticks, texts


def apart(texts: list[tuple[QRectF, Any, str]]) -> list[tuple[QRectF, Any, str]]:
    """Those of ``(rect, flags, text)``, the more important ones first, that touch no other."""
    kept: list[tuple[QRectF, Any, str]] = []
    for entry in texts:
        if not any(entry[0].intersects(rect) for rect, _flags, _text in kept):
            kept.append(entry)
    return kept
