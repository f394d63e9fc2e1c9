"""Icons are drawn when they are looked at, at exactly the size that is asked for."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QToolButton

from latent_studio.storage.resources import resource_path
from latent_studio.ui.icon_engine import SvgIconEngine, Tints

TINTS = Tints("#102030", "#c02030", "#808080")


def make() -> QIcon:
    return QIcon(SvgIconEngine(resource_path("icons", "grid.svg"), TINTS))


def colours(pixmap: QPixmap) -> set[str]:
    image = pixmap.toImage()
    points = [(x, y) for x in range(image.width()) for y in range(image.height())]
    return {
        image.pixelColor(*point).name()
        for point in points
        if image.pixelColor(*point).alpha() > 250
    }


def test_each_state_has_its_colour(qapp) -> None:
    icon, size = make(), QSize(20, 20)
    mode, state = QIcon.Mode, QIcon.State
    assert colours(icon.pixmap(size)) == {TINTS.normal}
    assert colours(icon.pixmap(size, mode.Active, state.On)) == {TINTS.checked}
    for on in (state.On, state.Off):
        assert colours(icon.pixmap(size, mode.Disabled, on)) == {TINTS.disabled}


def test_pixels_are_as_many_as_the_screen_has(qapp) -> None:
    for scale in (1.0, 1.5, 3.0):
        pixmap = make().pixmap(QSize(18, 18), scale)
        assert pixmap.size() == QSize(18, 18) * scale
        assert pixmap.devicePixelRatio() == scale


def test_nothing_is_drawn_ahead_or_twice(qtbot, monkeypatch) -> None:
    drawn = []
    draw = SvgIconEngine._draw
    monkeypatch.setattr(
        SvgIconEngine, "_draw", lambda self, *args: drawn.append(args) or draw(self, *args)
    )
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(make())
    assert drawn == []
    button.show()
    qtbot.waitUntil(lambda: bool(drawn))
    button.repaint()
    assert len(drawn) == 1


def test_a_changed_copy_and_what_goes_away_do_no_harm(qapp) -> None:
    for _ in range(20):
        icon = make()
        copy = QIcon(icon)
        copy.addPixmap(QPixmap(4, 4))
        copy.setIsMask(True)
        del icon
        assert not copy.pixmap(QSize(16, 16)).isNull()
