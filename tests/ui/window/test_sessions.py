"""Documents and copies against crashes, on the real window."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from latent_studio.latent.timeline import Keyframe, Timeline
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.storage.session import (
    CopyKeeper,
    Session,
    abandoned_copies,
    copies_dir,
    read_session,
    write_session,
)
from latent_studio.ui import drops
from latent_studio.ui.sessions import ask_about_session

PATIENCE_MS = 20_000


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))


def go(window, seed: int, settled) -> None:
    window.context.state.edit(lambda _r: Recipe.from_seed(seed, psi=0.7))
    settled(window)


def drop(window, path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, left = QPointF(window.rect().center()), Qt.MouseButton.LeftButton
    plain = Qt.KeyboardModifier.NoModifier
    rest = (Qt.DropAction.CopyAction, data, left, plain)
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), *rest))
    QApplication.sendEvent(window, QDropEvent(place, *rest))


def test_save_change_and_open_again(window, qtbot, settled, tmp_path, models) -> None:
    state, desk, sessions = window.context.state, window.desk, window.desk.sessions
    go(window, 5, settled)
    desk.add_keyframe()
    go(window, 6, settled)
    desk.add_keyframe()
    assert sessions.dirty and sessions.worth_asking and not window.isWindowModified()
    path = tmp_path / "walk"
    sessions.ask_save = lambda _start: str(path)
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    path = path.with_suffix(".latentstudio")
    assert path.is_file() and sessions.path == str(path) and not sessions.dirty
    assert window.windowTitle().startswith("walk[*] – styled")
    kept = read_session(path)
    assert kept.scene == state.scene and len(kept.timeline.keyframes) == 2
    # a change marks it, taking it back unmarks it
    state.edit(lambda r: r.with_direction("smile", 1.0))
    assert window.isWindowModified()
    window.undo.trigger()
    assert not window.isWindowModified()
    # another model, an empty timeline, other docks: all come back
    desk.timeline.edit(lambda _t: Timeline())
    window.context.models.open_path(str(models["other"]))
    qtbot.waitUntil(lambda: state.model.title == "other", timeout=PATIENCE_MS)
    window.host.docks["latent"].close()
    drop(window, path)
    qtbot.waitUntil(lambda: not sessions.dirty, timeout=PATIENCE_MS)
    settled(window)
    assert (state.scene, desk.timeline.timeline) == (kept.scene, kept.timeline)
    assert state.model.title == "styled" and window.host.docks["latent"].isVisible()
    assert window.context.settings.get("recent_sessions") == [str(path)]
    # both are steps
    while desk.timeline.timeline.keyframes:
        window.undo.trigger()
    assert sessions.dirty


def test_closing_asks_for_what_would_be_lost(window, qtbot, settled, tmp_path) -> None:
    asked = []
    answers = ["stay", "save"]

    def ask() -> str:
        asked.append(True)
        return answers[len(asked) - 1]

    sessions = window.desk.sessions
    window.desk.ask_about_session = ask
    go(window, 5, settled)
    assert window.desk.may_close() and not asked  # a picture alone is no document
    window.desk.add_keyframe()
    assert not window.close() and len(asked) == 1
    target = tmp_path / "kept.latentstudio"
    sessions.ask_save = lambda _start: str(target)
    assert window.desk.may_close() and len(asked) == 2
    assert len(read_session(target).timeline.keyframes) == 1


@pytest.mark.parametrize("name, word", [("", "Save it "), ("faces", "Save them ")])
def test_the_question_speaks_of_one_timeline_or_of_several_changes(
    qtbot, monkeypatch, name, word
) -> None:
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.informativeText()))
    parent = QWidget()
    qtbot.addWidget(parent)
    assert ask_about_session(parent, name) == "stay"
    assert asked[0].startswith(word)


def test_a_session_whose_model_is_gone_cannot_be_overwritten(
    window, qtbot, settled, tmp_path
) -> None:
    gone = Scene(ModelRef("file", str(tmp_path / "gone.safetensors"), "c" * 64), Recipe())
    path = tmp_path / "old.latentstudio"
    write_session(path, Session(gone, Timeline((Keyframe(gone),))))
    before = window.context.state.scene
    window.desk.open_session(str(path))
    notes = window.context.notifications
    qtbot.waitUntil(
        lambda: any("not here" in n.message for n in notes.history), timeout=PATIENCE_MS
    )
    assert window.context.state.scene == before and window.desk.sessions.path == ""
    assert len(window.desk.timeline.timeline.keyframes) == 1
    (tmp_path / "bad.latentstudio").write_text("{", encoding="utf-8")
    window.desk.open_session(str(tmp_path / "bad.latentstudio"))
    qtbot.waitUntil(
        lambda: any("no session" in n.message for n in notes.history), timeout=PATIENCE_MS
    )


def test_a_crash_s_copy_is_offered_and_restored(window, qtbot, settled, tmp_path) -> None:
    state, sessions = window.context.state, window.desk.sessions
    scene = Scene(state.scene.model, Recipe.from_seed(99, psi=0.7))
    crashed = CopyKeeper()
    crashed.write(Session(scene, Timeline((Keyframe(scene),))), str(tmp_path / "doc.latentstudio"))
    crashed.close(keep=True)
    living = CopyKeeper()  # another window's
    living.write(Session(scene))
    # this window's own copy, off the main thread
    go(window, 5, settled)
    sessions.keep_copy()
    folder = copies_dir()
    qtbot.waitUntil(lambda: len(list(folder.glob("*.latentstudio"))) == 3, timeout=PATIENCE_MS)
    sessions.offer_copies()
    notes = window.context.notifications
    offered = lambda: [n for n in notes.history if "unexpectedly" in n.message]  # noqa: E731
    qtbot.waitUntil(lambda: len(offered()) == 1, timeout=PATIENCE_MS)
    assert "doc.latentstudio" in offered()[0].message
    dict(offered()[0].actions)["Restore"]()
    qtbot.waitUntil(lambda: sessions.path.endswith("doc.latentstudio"), timeout=PATIENCE_MS)
    assert state.recipe.source.seed == 99 and sessions.dirty and window.isWindowModified()
    assert len(window.desk.timeline.timeline.keyframes) == 1
    assert abandoned_copies() == []
    living.close()
    window.desk.ask_about_session = lambda: "discard"
    settled(window)
    assert window.close()
    assert list(folder.iterdir()) == []


def test_the_program_starts_with_a_session(bare_window, qtbot, settled, tmp_path, models) -> None:
    from latent_studio.storage.library import model_ref

    path = tmp_path / "first.latentstudio"
    scene = Scene(model_ref(models["other"]), Recipe.from_seed(12))
    write_session(path, Session(scene))
    bare_window.context.models.open_first(str(models["styled"]))
    bare_window.desk.open_session(str(path))
    sessions = lambda: bare_window.desk.made("sessions") and bare_window.desk.sessions  # noqa: E731
    qtbot.waitUntil(lambda: sessions() and sessions().path == str(path), timeout=PATIENCE_MS)
    settled(bare_window)
    assert bare_window.context.state.scene == scene and not sessions().dirty


def test_what_a_dropped_session_is(tmp_path) -> None:
    path = tmp_path / "A.LatentStudio"
    path.write_text("{}", encoding="utf-8")
    assert drops.classify(str(path)) == "session"
