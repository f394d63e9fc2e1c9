"""Where the docks are, in windows of the usual sizes."""

import pytest


@pytest.mark.parametrize(("width", "height", "plot"), [(1440, 900, 150), (1280, 720, 60)])
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
    assert (dock.width() == width) == (height >= 820)
