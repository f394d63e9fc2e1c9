"""Sessions in the window: open, save, and a copy kept in case it all ends suddenly."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from latent_studio.errors import StudioError
from latent_studio.latent.timeline import Timeline, same_weights
from latent_studio.recipe import Scene
from latent_studio.storage.session import (
    SESSION_SUFFIX,
    Copy,
    CopyKeeper,
    Session,
    abandoned_copies,
    read_session,
    take_copy,
    write_session,
)
from latent_studio.ui.i18n import tr
from latent_studio.ui.threads.serial_thread import SerialThread

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.main_window import MainWindow

COPY_MS = 20_000
MAX_RECENT = 8


class Sessions(QObject):
    """``changed()`` tells of another document or of its first change."""

    changed = Signal()

    def __init__(
        self, context: "Context", window: "MainWindow", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._window = context, window
        self.path = ""
        """The document's file; empty: it has none yet."""
        self._saved = self.content()
        self._copied = self._saved
        self._opening: tuple[str, Session, bool] | None = None
        self._was_dirty = False
        self._keeper = SerialThread(CopyKeeper, lambda keeper: keeper.close(), "sessions", self)
        self._timer = QTimer(self, interval=COPY_MS)
        self._timer.timeout.connect(self.keep_copy)
        self._timer.start()
        self.ask_open: Callable[[], str] = lambda: ask_open(window)
        self.ask_save: Callable[[str], str] = lambda start: ask_save(window, start)
        context.state.scene_changed.connect(lambda _scene: self._on_change())
        context.desk.timeline.changed.connect(lambda _timeline: self._on_change())

    # -- what it is -------------------------------------------------------------------------------

    def content(self) -> Session:
        """What would be saved now, without the layout."""
        return Session(self._context.state.scene, self._timeline)

    @property
    def _timeline(self) -> Timeline:
        return self._context.desk.timeline.timeline

    @property
    def name(self) -> str:
        return Path(self.path).stem if self.path else ""

    @property
    def dirty(self) -> bool:
        """Whether something differs from what was saved or opened last."""
        return not _same(self.content(), self._saved)

    @property
    def worth_asking(self) -> bool:
        """Whether closing would lose work: of a document, or a timeline. A scene alone is kept by a
        bookmark.
        """
        return self.dirty and bool(self.path or self._timeline.keyframes)

    # -- intents ----------------------------------------------------------------------------------

    def open(self, path: str = "") -> None:
        """Open a document (asks which without ``path``)."""
        path = path or self.ask_open()
        if path:
            self._context.jobs.start(
                tr("Opening the session"),
                read_session,
                path,
                plain=True,
                quiet=True,
                done=lambda session: self._apply(session, path, saved=True),
            )

    def save(self) -> bool:
        """Write the document (asks where if it has no file). Returns whether that has been done.

        It is written here and now: it is small, and whoever closes the window waits for it.
        """
        return self.save_as(self.path)

    def save_as(self, path: str = "") -> bool:
        """Write the document to ``path`` (asks where without it)."""
        path = path or self.ask_save(self._start())
        if not path:
            return False
        if not Path(path).suffix:
            path += SESSION_SUFFIX
        content = self.content()
        try:
            write_session(path, Session(content.scene, content.timeline, self._layout()))
        except StudioError as error:
            self._context.notifications.show_error(error)
            return False
        self.path, self._saved = path, content
        self._keeper.call(CopyKeeper.clear)
        self._copied = content
        self._remember(path)
        self._tell()
        self._context.notifications.info(tr("Saved: {name}", name=Path(path).name))
        return True

    def keep_copy(self) -> None:
        """Keep a copy of what is not saved, off the main thread, if it has changed since."""
        content = self.content()
        if _same(content, self._copied) or not self.dirty:
            return
        self._copied = content
        session = Session(content.scene, content.timeline, self._layout())
        path = self.path
        self._keeper.call(
            lambda keeper: keeper.write(session, path),
            failed=self._context.notifications.show_error,
        )

    def offer_copies(self) -> None:
        """Look for what a window that crashed has left, and offer it without getting in the way."""
        if not self._context.jobs.closed:
            self._context.jobs.start(
                "sessions", abandoned_copies, plain=True, quiet=True, done=self._on_copies
            )

    def shut_down(self) -> bool:
        """The window closes on purpose: its copy goes."""
        self._timer.stop()
        return self._keeper.shut_down()

    # -- inside -----------------------------------------------------------------------------------

    def _on_copies(self, copies: list[Copy]) -> None:
        if not copies:
            return
        newest = copies[0]
        name = Path(newest.document).name if newest.document else tr("without a name")
        message = tr("A window ended unexpectedly; its session ({name}) was kept.", name=name)
        actions = [
            (tr("Restore"), lambda: self._take(newest, self._restore)),
            (tr("Discard"), lambda: self._take(newest, lambda _copy: None)),
        ]
        self._context.notifications.notify("info", message, actions=actions)

    def _take(self, copy: Copy, done: Callable[[Copy], object]) -> None:
        self._context.jobs.start(
            tr("Restoring the session"), take_copy, copy, plain=True, quiet=True, done=done
        )

    def _restore(self, copy: Copy) -> None:
        self._apply(copy.session, copy.document, saved=False)

    def _apply(self, session: Session, path: str, saved: bool) -> None:
        """Go to a session. It becomes the document once its scene is there: were its model missing,
        saving would put another scene into its file.
        """
        self._opening = (path, session, saved)
        text = tr("Open session")
        self._context.desk.timeline.edit(lambda _timeline: session.timeline, text=text)
        self._set_layout(dict(session.layout))
        self._context.models.open_scene(session.scene)
        self._on_change()

    def _on_change(self) -> None:
        if self._opening is not None and _same(self.content(), self._opening[1]):
            self.path, session, saved = self._opening
            self._opening = None
            if saved:
                self._saved = self._copied = session
                self._remember(self.path)
            self._tell()
        elif self.dirty != self._was_dirty:
            self._tell()

    def _tell(self) -> None:
        self._was_dirty = self.dirty
        self.changed.emit()

    def _remember(self, path: str) -> None:
        settings = self._context.settings
        recent = [path, *(old for old in settings.get("recent_sessions") if old != path)]
        settings.set("recent_sessions", recent[:MAX_RECENT])

    def _start(self) -> str:
        if self.path:
            return self.path
        folder = self._context.settings.get("export/folder") or str(Path.home())
        return str(Path(folder) / f"session{SESSION_SUFFIX}")

    def _layout(self) -> dict[str, Any]:
        from latent_studio.ui.main_window import LAYOUT_VERSION

        state = self._window.saveState(LAYOUT_VERSION)
        closed = self._window.host.save()
        return {"version": LAYOUT_VERSION, "state": encode_state(state), "closed": closed}

    def _set_layout(self, layout: dict[str, Any]) -> None:
        """Put the docks where the session had them; one of another version leaves them."""
        closed, version = layout.get("closed"), layout.get("version")
        if not isinstance(closed, list) or not isinstance(version, int):
            return
        if self._window.restoreState(decode_state(layout.get("state")), version):
            self._window.host.restore([str(name) for name in closed])


def ask_open(window: QWidget) -> str:
    """Which session to open; empty when cancelled."""
    pattern = tr("Sessions (*.latentstudio);;All files (*)")
    return QFileDialog.getOpenFileName(window, tr("Open a session"), "", pattern)[0]


def ask_save(window: QWidget, start: str) -> str:
    """Where a session goes; empty when cancelled."""
    pattern = tr("Sessions (*.latentstudio)")
    return QFileDialog.getSaveFileName(window, tr("Save the session"), start, pattern)[0]


def ask_about_session(window: QWidget, name: str) -> str:
    """``save``, ``discard`` or ``stay``: what becomes of a changed session."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("The session is not saved"))
    named = tr("“{name}” has changes that are not saved.", name=name)
    box.setText(named if name else tr("The timeline is not saved."))
    them = tr("Save them before the window closes?")
    box.setInformativeText(them if name else tr("Save it before the window closes?"))
    role = QMessageBox.ButtonRole
    save = box.addButton(tr("Save"), role.AcceptRole)
    discard = box.addButton(tr("Close without saving"), role.DestructiveRole)
    box.setDefaultButton(save)
    box.setEscapeButton(box.addButton(tr("Stay"), role.RejectRole))
    box.exec()
    return {save: "save", discard: "discard"}.get(box.clickedButton(), "stay")


def encode_state(state: QByteArray) -> str:
    """A layout as text."""
    return bytes(state.toBase64().data()).decode("ascii")


def decode_state(text: object) -> QByteArray:
    """The inverse; empty for what is none."""
    if not isinstance(text, str) or not text.isascii():
        return QByteArray()
    return QByteArray.fromBase64(QByteArray(text.encode("ascii")))


def _same(a: Session, b: Session) -> bool:
    return _same_scene(a.scene, b.scene) and a.timeline == b.timeline


def _same_scene(a: Scene, b: Scene) -> bool:
    return a.recipe == b.recipe and same_weights(a.model, b.model)
