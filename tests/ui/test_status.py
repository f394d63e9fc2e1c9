from types import SimpleNamespace

from PySide6.QtCore import QSettings

from latent_studio.ui.settings import Settings
from latent_studio.ui.widgets.status import Status


def test_the_status_bar_says_what_renders_and_why_nothing_faster(qtbot, training_context) -> None:
    training_context.render.meter = SimpleNamespace(fps=0.0)
    status = Status(training_context)
    qtbot.addWidget(status)

    def show(**facts: object) -> None:
        frame = SimpleNamespace(render_ms=3.0, kimg=None, **facts)
        training_context.render.frame_shown.emit(frame, None)

    show(backend="cpu fp32", note="a faster backend is being prepared")
    qtbot.waitUntil(lambda: "being prepared" in status.render.full_text())
    assert status.render.full_text().startswith("cpu fp32")
    assert status.render.toolTip() == "a faster backend is being prepared"
    show(backend="openvino fp32", note="")
    qtbot.waitUntil(lambda: status.render.full_text() == "openvino fp32 · 3.0 ms")
    assert not status.render.toolTip()


def test_a_forced_setting_is_not_stored_and_gives_way_to_a_choice(tmp_path) -> None:
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    settings = Settings(store=store)
    settings.set("backend", "openvino")
    settings.force("backend", "compile")
    assert settings.get("backend") == "compile"
    assert Settings(store=store).get("backend") == "openvino"
    settings.set("backend", "torch")
    assert settings.get("backend") == "torch"
