"""The page of published models in the real window, with a server of the test's own."""

import pytest
from PySide6.QtCore import Qt

PATIENCE_MS = 20_000


@pytest.fixture
def page(published, window, qtbot):
    """The page, open and filled; the licence is accepted."""
    window.actions_["get_models"].trigger()
    page = window.dialogs.made["get_models"]
    page.asked = []
    page.ask_licence = lambda _parent, entry: page.asked.append(entry.name) or True
    page.ask_remove = lambda _parent, _row: True
    qtbot.waitUntil(lambda: page.order.rowCount() == 2, timeout=PATIENCE_MS)
    return page


def wait_for(page, qtbot, name, state):
    """Wait until a model is in that state; gives its row."""

    def there():
        row = page._fetching.row(name)
        return row is not None and row.state == state

    qtbot.waitUntil(there, timeout=PATIENCE_MS)
    return page._fetching.row(name)


def click(page, qtbot, button):
    qtbot.mouseClick(page.buttons[button], Qt.MouseButton.LeftButton)


def messages(window):
    return [one.message for one in window.context.notifications.history]


def test_download_and_open(page, window, qtbot, published, settled):
    click(page, qtbot, "main")
    row = wait_for(page, qtbot, "cats", "ready")
    assert page.asked == ["cats"] and row.path.name == "cats.safetensors"
    assert any("is in your library as cats" in text for text in messages(window))
    names = lambda: [action.text() for action in window.model_menu.actions()]  # noqa: E731
    qtbot.waitUntil(lambda: "cats" in names(), timeout=PATIENCE_MS)
    assert page.buttons["main"].text() == "Open"
    click(page, qtbot, "main")
    opened = lambda: window.context.state.model.title == "cats"  # noqa: E731
    qtbot.waitUntil(opened, timeout=PATIENCE_MS)
    settled(window)
    assert len(published.asked) == 1
    click(page, qtbot, "remove")
    qtbot.waitUntil(lambda: page._fetching.row("cats").bytes == 0, timeout=PATIENCE_MS)
    assert page._fetching.row("cats").state == "ready"


def test_closing_the_window_ends_downloads(page, qtbot, published):
    published.files["/w.pt"].hold_after = 10_000
    click(page, qtbot, "main")
    assert published.holding.wait(10)  # the window's fixture closes it now
