"""The window of the user guide."""

import pytest
from PySide6.QtCore import QPoint

from latent_studio.ui.widgets.guide_dialog import GuideDialog


@pytest.fixture
def guide(qtbot) -> GuideDialog:
    made = GuideDialog("en")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_guide_opens_at_its_first_line(guide) -> None:
    assert guide.page.verticalScrollBar().maximum() > 0
    assert guide.page.verticalScrollBar().value() == 0
    assert guide.page.textCursor().atStart()


def test_pictures_are_as_wide_as_the_window_allows(guide, qtbot) -> None:
    page = guide.page
    for width in (900, 460):
        guide.resize(width, 700)
        room = page.viewport().width() - 48
        qtbot.waitUntil(lambda room=room: max(page.picture_widths()) == room)
        assert page.horizontalScrollBar().maximum() == 0
    guide.resize(2400, 700)
    qtbot.waitUntil(lambda: max(page.picture_widths()) == 1280)  # no larger than they are


def test_another_width_keeps_the_reader_at_the_same_words(guide, qtbot) -> None:
    page = guide.page
    page.verticalScrollBar().setValue(page.verticalScrollBar().maximum() // 2)
    guide.resize(guide.width() - 1, 700)
    qtbot.waitUntil(lambda: not page._rest.isActive())
    before = page.cursorForPosition(QPoint(0, 0)).position()
    page._fitted = 0
    page.fit_pictures()
    assert abs(page.cursorForPosition(QPoint(0, 0)).position() - before) < 100
