"""Where a picture lies on the canvas: fitted, or at a zoom and an offset."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

MIN_ZOOM, MAX_ZOOM = 0.05, 64.0
MARGIN = 20.0
WHEEL_FACTOR = 1.25


@dataclass(frozen=True)
class View:
    """``zoom`` None fits the picture; ``centre`` is what the middle of the canvas shows, as
    fractions of the picture (so a picture of another size keeps its place).
    """

    zoom: float | None = None
    centre: tuple[float, float] = (0.5, 0.5)

    def scale(self, canvas: QSizeF, picture: QSizeF) -> float:
        """Screen pixels a picture pixel."""
        if self.zoom is not None:
            return self.zoom
        width = max(1.0, canvas.width() - 2 * MARGIN) / max(1.0, picture.width())
        height = max(1.0, canvas.height() - 2 * MARGIN) / max(1.0, picture.height())
        return min(width, height)

    def rect(self, canvas: QSizeF, picture: QSizeF) -> QRectF:
        """Where the picture is painted."""
        scale = self.scale(canvas, picture)
        width, height = picture.width() * scale, picture.height() * scale
        left = canvas.width() / 2 - self.centre[0] * width
        top = canvas.height() / 2 - self.centre[1] * height
        return QRectF(left, top, width, height)

    def zoomed(self, factor: float, at: QPointF, canvas: QSizeF, picture: QSizeF) -> "View":
        """Zoom so that what lies under ``at`` stays there."""
        old = self.scale(canvas, picture)
        zoom = min(MAX_ZOOM, max(MIN_ZOOM, old * factor))
        box = self.rect(canvas, picture)
        fixed_x = (at.x() - box.left()) / max(1e-9, box.width())
        fixed_y = (at.y() - box.top()) / max(1e-9, box.height())
        x = fixed_x - (at.x() - canvas.width() / 2) / (picture.width() * zoom)
        y = fixed_y - (at.y() - canvas.height() / 2) / (picture.height() * zoom)
        return View(zoom, _inside(x, y))

    def panned(self, delta: QPointF, canvas: QSizeF, picture: QSizeF) -> "View":
        """Move the picture by ``delta`` screen pixels."""
        scale = self.scale(canvas, picture)
        x = self.centre[0] - delta.x() / (picture.width() * scale)
        y = self.centre[1] - delta.y() / (picture.height() * scale)
        return View(scale, _inside(x, y))

    def at_zoom(self, zoom: float | None) -> "View":
        """Another zoom around the same centre; None fits (and centres) the picture."""
        return View() if zoom is None else replace(self, zoom=zoom)


def _inside(x: float, y: float) -> tuple[float, float]:
    """Keep the middle of the canvas on the picture, so that it cannot be lost."""
    return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
