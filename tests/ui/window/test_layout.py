"""Where the docks are, in windows of the usual sizes."""

import os
import subprocess
import sys

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QMenu, QTabBar

from latent_studio.ui import theme

SIZES = [(1440, 1200, 150), (1440, 900, 150), (1280, 720, 60)]


@pytest.mark.parametrize(("width", "height", "plot"), SIZES)
def test_the_training_dock_leaves_room_for_curves_and_picture(
    bare_window, qtbot, width: int, height: int, plot: int
) -> None:
    bare_window.resize(width, height)
    qtbot.waitUntil(lambda: bare_window.width() == width)
    bare_window.host.place()
    dock = bare_window.host.docks["training"]
    page = bare_window.host.widgets["training"].tabs.pages[0]
    qtbot.waitUntil(lambda: page.height() >= plot)
    assert (bare_window.width(), bare_window.height()) == (width, height)
    assert bare_window.canvas.height() >= 330
    assert (dock.width() == width) == (height >= 1100)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1280, 800), (1440, 1000)])
def test_seed_truncation_and_noise_are_in_sight(window, qtbot, width: int, height: int) -> None:
    window.resize(width, height)
    qtbot.waitUntil(lambda: window.width() == width)
    window.host.place()
    dock = window.host.widgets["latent"]
    dock.noise_mode.value_changed.emit("random")
    rows = (dock.seed_row, dock.psi, dock.cutoff, dock.noise_seed_row, dock.noise_strength)
    seen = dock.viewport()

    def in_sight() -> bool:
        boxes = [QRect(row.mapTo(seen, row.rect().topLeft()), row.size()) for row in rows]
        return all(row.isVisible() for row in rows) and all(map(seen.rect().contains, boxes))

    qtbot.waitUntil(in_sight)
    if height >= 800:
        list_ = window.host.docks["directions"]
        qtbot.waitUntil(lambda: list_.height() > 0.6 * window.host.docks["latent"].height())
    window.host.docks["training"].hide()  # other docks may take room, not the rows
    window.resize(width, height - 60)
    qtbot.waitUntil(lambda: window.height() == height - 60 and in_sight())


def test_no_bar_of_tabs_lies_on_a_dock(window, qtbot) -> None:
    docks = window.host.docks.values()

    def on_docks() -> list[QTabBar]:
        options = Qt.FindChildOption.FindDirectChildrenOnly
        bars = [b for b in window.findChildren(QTabBar, options=options) if b.count()]
        places = [d.geometry() for d in docks if d.isVisible()]
        return [b for b in bars if b.isVisible() and any(map(b.geometry().intersects, places))]

    qtbot.waitUntil(lambda: not on_docks())
    window.host.place()
    qtbot.waitUntil(lambda: not on_docks())
    window.actions_["reset_layout"].trigger()
    window.resize(1300, 900)
    qtbot.waitUntil(lambda: window.width() == 1300 and not on_docks())


def test_the_window_comes_up_without_heavy_imports(tmp_path) -> None:
    """torch and the plotting library are loaded when the window is up."""
    code = (
        "import sys\n"
        "from latent_studio.ui import app\n"
        "a = app.create_app()\n"
        "w = app.MainWindow(app.create_context())\n"
        "w.show(); a.processEvents()\n"
        "print([n for n in ('torch', 'pyqtgraph', 'av', 'scipy') if n in sys.modules])\n"
        "w.context.jobs.shut_down(); w.close()\n"
    )
    home = {**os.environ, "LATENT_STUDIO_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=home, capture_output=True, text=True, timeout=110
    )
    assert done.stdout.split("\n")[0] == "[]", done.stdout + done.stderr


def submenu(window, title: str) -> QMenu:
    (found,) = (m for m in window.menuBar().findChildren(QMenu) if m.title() == title)
    found.aboutToShow.emit()
    return found


def test_theme_and_language_are_in_the_view_menu(window, qtbot) -> None:
    settings, told = window.context.settings, []
    window.context.notifications.added.connect(lambda entry: told.append(entry.message))
    themes = submenu(window, "Theme")
    assert [a.data() for a in themes.actions() if a.isChecked()] == [settings.get("theme")]
    next(a for a in themes.actions() if a.data() == "light").trigger()
    assert settings.get("theme") == "light" and theme.colors() is theme.LIGHT
    languages = submenu(window, "Language")
    next(a for a in languages.actions() if a.data() == "zh_CN").trigger()
    assert settings.get("language") == "zh_CN" and any("next start" in text for text in told)
    (chosen,) = (a for a in submenu(window, "Language").actions() if a.isChecked())
    assert chosen.text() == "简体中文"
