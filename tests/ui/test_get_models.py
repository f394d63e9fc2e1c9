"""The page of published models: what it shows, and every way in which a download may end."""

import pytest
from PySide6.QtCore import Qt

from latent_studio.ui.get_models.dialog import GetModelsDialog
from latent_studio.ui.get_models.fetching import Fetching
from latent_studio.ui.get_models.table import SHARE

PATIENCE_MS = 20_000


@pytest.fixture
def page(published, training_context, qtbot):
    """The page, open and filled; the licence is accepted."""
    page = GetModelsDialog(Fetching(training_context))
    qtbot.addWidget(page)
    page.asked = []
    page.ask_licence = lambda _parent, entry: page.asked.append(entry.name) or True
    page.show()
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


def test_opening_the_page_asks_nobody(page, published):
    assert published.asked == [] and page.isVisible()
    assert page.selected().entry.name == "cats"
    text = page.details.text()
    assert "Commercial use is forbidden" in text and "Research only." in text
    assert "Cats &amp; kittens" in text and "NC &lt;1&gt;" in text
    assert page.buttons["main"].text() == "Download" and not page.buttons["cancel"].isVisible()


def test_filter_and_sorting(page, qtbot):
    qtbot.keyClicks(page.search, "church free")
    assert page.order.rowCount() == 1 and page.selected().entry.name == "churches"
    assert "Commercial use is allowed" in page.details.text()
    page.search.setText("nothing of the kind")
    assert page.order.rowCount() == 0 and "No model" in page.details.text()
    assert not page.buttons["main"].isEnabled()
    page.search.clear()
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert page.order.index(0, 0).data() == "Churches"


def test_only_the_button_starts_a_download(page, qtbot, published):
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyClick(page.search, key)
        qtbot.keyClick(page.table, key)
    page.table.activated.emit(page.table.currentIndex())
    assert page.asked == [] and page.isVisible() and published.asked == []


def test_licence_refused(page, qtbot, published):
    page.ask_licence = lambda *_: False
    click(page, qtbot, "main")
    assert page._fetching.row("cats").state == "absent" and published.asked == []


def test_free_licence_is_not_asked_about(page, qtbot):
    assert page.select("churches")
    click(page, qtbot, "main")
    wait_for(page, qtbot, "churches", "ready")
    assert page.asked == []


def test_pause_resume_and_progress(page, qtbot, published):
    published.files["/w.pt"].hold_after = 10_000
    click(page, qtbot, "main")
    row = lambda: page._fetching.row("cats")  # noqa: E731
    qtbot.waitUntil(lambda: row().progress is not None, timeout=PATIENCE_MS)
    state = page.order.index(0, 5)
    assert " kB / " in state.data() and 0 < state.data(SHARE) < 1
    assert page.buttons["cancel"].isVisible() and page.buttons["main"].text() == "Pause"
    click(page, qtbot, "main")
    assert row().state == "paused" and "Paused" in state.data()
    published.go.set()
    assert page.buttons["main"].text() == "Resume"
    click(page, qtbot, "main")
    wait_for(page, qtbot, "cats", "ready")


def test_cancel_keeps_what_has_come_and_continue_goes_on(page, qtbot, published):
    published.files["/w.pt"].hold_after = 10_000
    click(page, qtbot, "main")
    assert published.holding.wait(10)
    qtbot.waitUntil(lambda: page._fetching.row("cats").progress is not None, timeout=PATIENCE_MS)
    click(page, qtbot, "cancel")
    qtbot.waitUntil(lambda: page._fetching.row("cats").bytes == 10_000, timeout=PATIENCE_MS)
    assert page._fetching.row("cats").state == "partial"
    assert page.buttons["main"].text() == "Continue" and page.buttons["remove"].isVisible()
    published.files["/w.pt"].hold_after = None
    click(page, qtbot, "main")
    wait_for(page, qtbot, "cats", "ready")
    assert published.ranges() == [None, "bytes=10000-"]


def test_offline_explains_itself(page, qtbot, published):
    published.close()
    click(page, qtbot, "main")
    qtbot.waitUntil(lambda: bool(page._fetching.row("cats").error), timeout=PATIENCE_MS)
    wait_for(page, qtbot, "cats", "absent")
    assert "offline" in page.details.text() and "drop it on the window" in page.details.text()
    assert "/w.pt" in page.details.text()
    assert page.buttons["main"].text() == "Download" and page.buttons["main"].isEnabled()


def test_wrong_file_is_told(page, qtbot, published, published_weights):
    published.serve("/w.pt", bytes(len(published_weights)))
    click(page, qtbot, "main")
    qtbot.waitUntil(lambda: bool(page._fetching.row("cats").error), timeout=PATIENCE_MS)
    assert "not the published file" in page._fetching.row("cats").error


def test_closing_the_page_lets_downloads_go_on(page, qtbot, published):
    published.files["/w.pt"].hold_after = 10_000
    click(page, qtbot, "main")
    assert published.holding.wait(10)
    page.close()
    published.go.set()
    wait_for(page, qtbot, "cats", "ready")


def test_downloaded_files_are_imported_when_opened(page, training_context, qtbot, published):
    click(page, qtbot, "main")
    row = wait_for(page, qtbot, "cats", "ready")
    row.path.unlink()
    page._fetching.refresh()
    wait_for(page, qtbot, "cats", "downloaded")
    published.close()
    click(page, qtbot, "main")
    opened = training_context.models.opened
    qtbot.waitUntil(lambda: opened == [str(row.path)], timeout=PATIENCE_MS)


def test_broken_catalogue_is_told(published, training_context, qtbot, tmp_path):
    (tmp_path / "catalogue.json").write_text("{}")
    page = GetModelsDialog(Fetching(training_context))
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: "not valid" in page.details.text(), timeout=PATIENCE_MS)
    assert not page.buttons["main"].isEnabled()


def test_every_control_says_what_it_is(page):
    for button in page.buttons.values():
        assert button.toolTip() and button.focusPolicy() != Qt.FocusPolicy.NoFocus
    assert page.table.accessibleName() and page.details.accessibleName()
    assert page.search.accessibleName()
