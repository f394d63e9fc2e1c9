"""The real window in Chinese: words everywhere, room for them, and no complaint from Qt."""

import re

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QPushButton

from latent_studio.storage.resources import resource_path

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{4,} [a-z]{2,}")  # words of an English sentence
CLIPPED = 2  # pixels that a style may take off


@pytest.fixture
def in_chinese(compiled, monkeypatch, qapp):
    """The next window is started with the language set to Chinese."""
    from latent_studio.ui import app
    from latent_studio.ui.settings import DEFAULTS

    before = set(qapp.findChildren(QTranslator))
    monkeypatch.setitem(DEFAULTS, "language", "zh_CN")

    def place(*parts: str):
        return compiled if parts == ("translations",) else resource_path(*parts)

    monkeypatch.setattr(app, "resource_path", place)
    yield
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()


def test_the_window_speaks_chinese_and_has_room_for_it(in_chinese, window, qtbot) -> None:
    window.resize(1440, 900)
    titles = [action.text() for action in window.menuBar().actions()]
    assert titles[0] == "文件(&F)" and all(CHINESE.search(title) for title in titles)
    for action in window.menuBar().actions():
        for entry in action.menu().actions():
            assert not LATIN.search(entry.text()), entry.text()
    english, clipped = [], []
    for dock in window.host.docks:
        window.host.show(dock)
        QApplication.processEvents()
        for widget in window.findChildren(QLabel) + window.findChildren(QAbstractButton):
            if not widget.isVisible():
                continue
            if LATIN.search(widget.text()) and "<" not in widget.text():
                english.append(f"{dock}: {widget.text()}")
            if isinstance(widget, QPushButton | QCheckBox) and (
                widget.width() < widget.sizeHint().width() - CLIPPED
            ):
                clipped.append(f"{dock}: {widget.text()} {widget.width()}")
    assert not english, english
    assert not clipped, clipped
    assert all(CHINESE.search(dock.windowTitle()) for dock in window.host.docks.values())


def test_settings_and_guide_are_chinese(in_chinese, bare_window) -> None:
    bare_window.dialogs.show_settings()
    settings = bare_window.dialogs.made["settings"]
    assert settings.windowTitle() == "设置"
    bare_window.dialogs.show_guide()
    guide = bare_window.dialogs.made["guide"]
    assert "第一分钟" in guide.page.toPlainText()
