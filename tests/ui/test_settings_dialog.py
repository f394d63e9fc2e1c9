"""The page of settings: shows what is stored, stores what is chosen, measures and clears."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox

from latent_studio.storage.paths import cache_dir
from latent_studio.ui.cache_tools import clear_folder, folder_size
from latent_studio.ui.i18n import install_translator, running_language
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.widgets.settings_dialog import SettingsDialog


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def dialog(qtbot, training_context, home):
    made = SettingsDialog(training_context)
    qtbot.addWidget(made)
    return made


def combo(dialog, key):
    return dialog.findChild(QComboBox, key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("theme", "light"),
        ("device", "cpu"),
        ("precision", "bf16"),
        ("backend", "openvino"),
        ("language", "en"),
    ],
)
def test_choices_are_stored_and_follow_the_settings(qtbot, dialog, training_context, key, value):
    settings, field = training_context.settings, combo(dialog, key)
    assert field.currentData() == settings.get(key)
    with qtbot.waitSignal(settings.changed) as changed:
        field.setCurrentIndex(field.findData(value))
    assert changed.args == [key, value] and settings.get(key) == value
    first = field.itemData(0)
    settings.set(key, first)
    assert field.currentData() == first


def test_another_language_says_when_it_takes_effect(dialog, training_context):
    settings, field = training_context.settings, combo(dialog, "language")
    settings.set("language", "en")  # as the window speaks
    dialog.show()
    assert not dialog.next_start.isVisible()
    field.setCurrentIndex(field.findData("zh_CN"))
    assert dialog.next_start.isVisible() and "next start" in dialog.next_start.text()
    field.setCurrentIndex(field.findData("en"))
    assert not dialog.next_start.isVisible()


@pytest.fixture
def english_before(compiled, qapp):
    """As another window of the tests leaves it."""
    made = install_translator(qapp, compiled, "en")
    yield
    qapp.removeTranslator(made)
    made.deleteLater()


def test_the_running_language_is_that_of_the_window(
    english_before, chinese, dialog, training_context
):
    assert running_language() == "zh_CN"
    training_context.settings.set("language", "zh_CN")
    dialog.show()
    assert not dialog.next_start.isVisible()
    training_context.settings.set("language", "en")
    assert dialog.next_start.isVisible()


def test_the_switch_and_the_threads(dialog, training_context):
    settings = training_context.settings
    dialog.findChild(QCheckBox, "drag_preview").click()
    assert settings.get("drag_preview") is False
    dialog.threads.setValue(1)
    assert training_context.training.chosen_request().options["threads"] == 1


def test_the_folder_of_runs(dialog, training_context, tmp_path):
    dialog.ask_folder = lambda *_: str(tmp_path / "elsewhere")
    dialog._choose_runs()
    assert training_context.training.runs_folder() == tmp_path / "elsewhere"
    assert dialog.runs.text() == str(tmp_path / "elsewhere")


def test_the_cache_is_measured_and_cleared(qtbot, dialog):
    folder = cache_dir() / "images"
    folder.mkdir()
    (folder / "a.bin").write_bytes(bytes(2500))
    dialog.show()
    qtbot.waitUntil(lambda: dialog.cache_size.text() == "2.5 kB")
    qtbot.mouseClick(dialog.clear_cache, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.cache_size.text() == "0 B")
    assert not folder.exists() and cache_dir().is_dir()


def test_a_running_training_keeps_its_cache(qtbot, dialog, training_context):
    (cache_dir() / "a.bin").write_bytes(bytes(10))
    training_context.training._state = RunState.RUNNING
    dialog._clear_cache()
    qtbot.waitUntil(lambda: bool(training_context.notifications.history))
    assert (cache_dir() / "a.bin").exists()
    training_context.training._state = RunState.IDLE


def test_sizes_of_folders(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "x").write_bytes(bytes(7))
    (tmp_path / "y").write_bytes(bytes(5))
    assert folder_size(tmp_path) == 12
    assert clear_folder(tmp_path) == 2
    assert folder_size(tmp_path) == 0
    assert folder_size(tmp_path / "missing") == 0 == clear_folder(tmp_path / "missing")
