"""Numbers as a person reads them in a narrow place."""

import math

from latent_studio.ui.i18n import tr


def short_number(value: float) -> str:
    """About four digits: ``0.0012``, ``1.234``, ``98.7``, ``12,345``, ``2.0e-06``."""
    if not math.isfinite(value):
        return "–"
    size = abs(value)
    if size and size < 1e-3:
        return f"{value:.1e}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{3 if size < 10 else 1}f}"


def kimg_text(kimg: float) -> str:
    """``1,000``, ``12.5``, ``0.3``: thousands of images with no more digits than they need."""
    return f"{kimg:,.0f}" if kimg >= 1000 else f"{kimg:,.1f}".removesuffix(".0")


def duration(seconds: float | None) -> str:
    """``42 s``, ``3 min 05 s``, ``1 h 12 min``, ``2 d 3 h``; an empty text if unknown."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    total = round(seconds)
    if total < 60:
        return tr("{s} s", s=total)
    if total < 3600:
        return tr("{min} min {s:02d} s", min=total // 60, s=total % 60)
    if total < 86400:
        return tr("{h} h {min:02d} min", h=total // 3600, min=total % 3600 // 60)
    return tr("{d} d {h} h", d=total // 86400, h=total % 86400 // 3600)


def size_text(count: int) -> str:
    """Bytes as ``512 B``, ``3.4 MB``, ``1.2 GB`` (powers of 1000)."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
