"""Colours that can be read, icons that are there."""

from dataclasses import asdict

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QPushButton

from latent_studio.storage.resources import resource_path
from latent_studio.ui import theme
from latent_studio.ui.actions import COMMANDS


def luminance(colour: str) -> float:
    parts = [QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """WCAG 2 contrast ratio."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=lambda c: c.name)
def test_text_can_be_read(colours: theme.Colors) -> None:
    for ground in (colours.window, colours.panel, colours.raised, colours.field):
        assert contrast(colours.text, ground) > 7
        assert contrast(colours.muted, ground) > 4
    assert contrast(colours.accent_text, colours.accent) > 4.5
    for shade in (colours.good, colours.warning, colours.bad):
        assert contrast(shade, colours.raised) > 3


@pytest.mark.parametrize("choice", ["dark", "light", "system", "nonsense"])
def test_every_choice_dresses_the_program(qapp, choice: str) -> None:
    theme.apply_theme(qapp, choice)
    assert qapp.palette().window().color().name() == theme.colors().panel
    assert "$" not in qapp.styleSheet()
    theme.apply_theme(qapp, "dark")


def test_a_danger_that_is_out_of_reach_looks_like_any_disabled_button(qapp, qtbot) -> None:
    theme.apply_theme(qapp, "dark")
    pictures = {}
    for role in ("danger", ""):
        button = QPushButton("Delete…")
        qtbot.addWidget(button)
        button.setProperty("role", role)
        for enabled in (True, False):
            button.setEnabled(enabled)
            pictures[role, enabled] = button.grab().toImage()
    assert pictures["danger", True] != pictures["", True]
    assert pictures["danger", False] == pictures["", False]


def test_icons_follow_the_theme_and_are_there(qapp) -> None:
    names = {command.icon for command in COMMANDS if command.icon}
    for name in names | {
        "close",
        "search",
        "undo",
        "redo",
        "model",
        "warning",
        "error",
        "info",
        "keyframe-put",
    }:
        assert resource_path("icons", f"{name}.svg").is_file(), name
        image = theme.icon(name).pixmap(QSize(64, 64)).toImage()
        opaque = [
            image.pixelColor(x, y)
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() == 255
        ]
        assert opaque and len(opaque) < image.width() * image.height()
        assert opaque[0].name() == theme.colors().text, name


def test_a_checked_icon_has_the_accent(qapp) -> None:
    image = theme.icon("grid").pixmap(QSize(20, 20), QIcon.Mode.Normal, QIcon.State.On).toImage()
    found = {image.pixelColor(x, y).name() for x in range(20) for y in range(20)}
    assert theme.colors().accent in found


def test_the_style_sheet_names_no_colour_itself() -> None:
    text = resource_path("theme", "studio.qss").read_text(encoding="utf-8")
    names = set(asdict(theme.DARK)) | {"icons"}
    used = {word.split("-")[0] for word in _variables(text)}
    assert used <= names
    assert "#0" not in text and "rgb(" not in text


def _variables(text: str) -> set[str]:
    import re

    return set(re.findall(r"\$(\w+)", text))
