"""Colours, style sheet and icons: a quiet dark theme, in which the picture is the brightest thing,
and a light one.
"""

import logging
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from latent_studio.storage.resources import resource_path
from latent_studio.ui.icon_engine import SvgIconEngine, Tints

log = logging.getLogger(__name__)

THEMES = ("system", "dark", "light")


@dataclass(frozen=True)
class Colors:
    """Colours by their use, as ``#rrggbb``."""

    name: str
    canvas: str
    window: str
    panel: str
    raised: str
    hover: str
    field: str
    border: str
    groove: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    accent_text: str
    good: str
    warning: str
    bad: str
    plot: tuple[str, ...]


DARK = Colors(
    name="dark",
    canvas="#0f1011",
    window="#17181a",
    panel="#1d1e21",
    raised="#2a2c30",
    hover="#34363c",
    field="#141517",
    border="#303238",
    groove="#3a3d44",
    text="#d6d8dd",
    muted="#949aa5",
    faint="#666b75",
    accent="#7c9cff",
    accent_hover="#93aeff",
    accent_text="#0e1220",
    good="#57c98b",
    warning="#e5b454",
    bad="#ef6f6c",
    plot=("#7c9cff", "#f2a65a", "#57c98b", "#d487f0", "#4cc3d9", "#ef6f6c"),
)
LIGHT = Colors(
    name="light",
    canvas="#dcdde0",
    window="#eff0f2",
    panel="#f8f8f9",
    raised="#ffffff",
    hover="#e6e8ec",
    field="#ffffff",
    border="#d0d3d9",
    groove="#c5c9d1",
    text="#24272d",
    muted="#5f6672",
    faint="#8b919c",
    accent="#3d63dd",
    accent_hover="#3054c4",
    accent_text="#ffffff",
    good="#1f8a53",
    warning="#9a6700",
    bad="#c8322f",
    plot=("#3d63dd", "#c2620e", "#1f8a53", "#9a3fc0", "#0e7f95", "#c8322f"),
)


class ThemeNotifier(QObject):
    """``changed()`` follows every change of the colours."""

    changed = Signal()


@dataclass
class _Current:
    choice: str = "dark"
    colors: Colors = DARK


_current = _Current()


@cache
def notifier() -> ThemeNotifier:
    return ThemeNotifier()


def colors() -> Colors:
    """The colours in use."""
    return _current.colors


def apply_theme(app: QApplication, choice: str) -> None:
    """Dress the whole program: ``dark``, ``light`` or ``system`` (followed from then on)."""
    _current.choice = choice if choice in THEMES else "dark"
    _listen_to_system()
    wanted = _pick(_current.choice)
    if wanted is not _current.colors or not app.styleSheet():
        _dress(app, wanted)


@cache
def _listen_to_system() -> None:
    QGuiApplication.styleHints().colorSchemeChanged.connect(_follow_system)


def _follow_system(*_: object) -> None:
    app = QApplication.instance()
    if _current.choice == "system" and isinstance(app, QApplication):
        _dress(app, _pick("system"))


def _pick(choice: str) -> Colors:
    if choice == "system":
        light = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if choice == "light" else DARK


def _dress(app: QApplication, chosen: Colors) -> None:
    _current.colors = chosen
    _icon_cache.clear()
    app.setStyle("Fusion")
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_style_sheet(chosen))
    notifier().changed.emit()


def _style_sheet(chosen: Colors) -> str:
    template = resource_path("theme", "studio.qss").read_text(encoding="utf-8")
    names = {key: value for key, value in asdict(chosen).items() if isinstance(value, str)}
    icons = resource_path("icons").as_posix()
    return Template(template).substitute(names, icons=icons)


def _palette(chosen: Colors) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for what, colour in (
        (role.Window, chosen.panel),
        (role.WindowText, chosen.text),
        (role.Base, chosen.field),
        (role.AlternateBase, chosen.panel),
        (role.ToolTipBase, chosen.raised),
        (role.ToolTipText, chosen.text),
        (role.PlaceholderText, chosen.faint),
        (role.Text, chosen.text),
        (role.Button, chosen.raised),
        (role.ButtonText, chosen.text),
        (role.BrightText, chosen.bad),
        (role.Link, chosen.accent),
        (role.Highlight, chosen.accent),
        (role.HighlightedText, chosen.accent_text),
    ):
        palette.setColor(what, QColor(colour))
    for what in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, what, QColor(chosen.faint))
    return palette


_icon_cache: dict[tuple[str, str], QIcon] = {}


def icon(name: str, colour: str = "") -> QIcon:
    """An icon of ``resources/icons`` in the theme's colours (checked: accent), crisp at any scale.

    ``colour`` forces one colour for the normal state.
    """
    key = (name, colour)
    if key not in _icon_cache:
        _icon_cache[key] = _make_icon(resource_path("icons", f"{name}.svg"), colour)
    return _icon_cache[key]


def _make_icon(path: Path, colour: str) -> QIcon:
    colors = _current.colors
    tints = Tints(colour or colors.text, colour or colors.accent, colors.faint)
    return QIcon(SvgIconEngine(path, tints))
