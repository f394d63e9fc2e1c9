"""Tab order of what is made late: Qt puts new widgets behind all others of the window."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def follow(before: QWidget, *parts: QWidget) -> None:
    """Let Tab go from ``before`` through ``parts`` in turn, then on to what came behind ``before``.

    What takes the focus is put in place one by one, so nothing that holds it may hand the focus on
    (``setFocusProxy``): it would stay behind, and Tab come back from there.
    """
    for part in parts:
        for stop in _stops(part):
            QWidget.setTabOrder(before, stop)
            before = stop


def _stops(part: QWidget) -> Iterator[QWidget]:
    """What Tab reaches in ``part``, in the order in which it was put in."""
    if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
        yield part
        return
    for child in part.children():
        if isinstance(child, QWidget) and not child.isWindow():
            yield from _stops(child)
