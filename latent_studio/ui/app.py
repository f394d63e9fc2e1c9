"""Start the window. Nothing here imports torch: the render thread does, while the window is up."""

import gc
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from latent_studio.lean_torch import defer_meta_kernels
from latent_studio.storage.resources import resource_path
from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.drops import SESSION_SUFFIX
from latent_studio.ui.first_picture import stored_picture
from latent_studio.ui.garbage import GarbageCollector
from latent_studio.ui.i18n import install_translator
from latent_studio.ui.job_controller import JobController
from latent_studio.ui.main_window import MainWindow
from latent_studio.ui.model_controller import ModelController
from latent_studio.ui.model_loading import FIRST_CHOICE
from latent_studio.ui.notifications import Notifications
from latent_studio.ui.render_controller import RenderController
from latent_studio.ui.settings import APPLICATION, ORGANISATION, Settings
from latent_studio.ui.state import ExplorerState
from latent_studio.ui.torch_libraries import begin_preload
from latent_studio.ui.training_controller import TrainingController

log = logging.getLogger(__name__)

SIGNAL_POLL_MS = 250
# A thread that wants the interpreter asks for it after this long. With Python's own 5 ms the main
# thread comes late behind a training and a renderer (p99 34 ms against 26 ms, two cores).
SWITCH_INTERVAL_S = 0.0005
COLLECT_AFTER_MS = 20_000


def create_app(arguments: Sequence[str] = ()) -> QApplication:
    """The application object, named and dressed as the settings say."""
    app = QApplication.instance() or QApplication([APPLICATION, *arguments])
    assert isinstance(app, QApplication)
    app.setApplicationName(APPLICATION)
    app.setOrganizationName(ORGANISATION)
    app.setDesktopFileName("latent-studio")
    settings = Settings()
    QLocale.setDefault(QLocale.c())  # numbers with a point, as in recipes and on the command line
    install_translator(app, resource_path("translations"), settings.get("language"))
    theme.apply_theme(app, settings.get("theme"))
    app.setWindowIcon(QIcon(str(resource_path("icons", "app.svg"))))
    return app


def create_context() -> Context:
    """The long-lived objects, tied together."""
    settings, notifications, state = Settings(), Notifications(), ExplorerState()
    jobs = JobController(notifications)
    render = RenderController(state, settings, notifications)
    models = ModelController(state, jobs, notifications, settings)
    context = Context(settings, state, notifications, jobs, render, models, training=None)  # type: ignore[arg-type]
    context.training = TrainingController(context)
    return context


def create_window(model: str = "", forced: Mapping[str, Any] | None = None) -> MainWindow:
    """The window, shown, with its threads started and the first model on its way.

    ``forced`` are settings for this time only.
    """
    defer_meta_kernels()
    begin_preload()
    context = create_context()
    for key, value in (forced or {}).items():
        context.settings.force(key, value)
    _keep_fluent(context)
    window = MainWindow(context)
    session = model if model.endswith(SESSION_SUFFIX) else ""
    if not model:
        window.show_stored(stored_picture(FIRST_CHOICE))
    window.show()
    context.render.start()
    context.models.open_first("" if session else model)
    if session:
        window.desk.open_session(session)
    return window


def run(model: str = "", forced: Mapping[str, Any] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the exit code."""
    app = create_app()
    window = create_window(model, forced)
    _report_uncaught(window.context.notifications)
    _close_on_interrupt(window)
    return app.exec()


def _keep_fluent(context: Context) -> None:
    """Let no thread hold the interpreter for long.

    Until the first picture has come there is no garbage to speak of, so none is collected; what is
    there then, and when a training begins, stays anyway.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    garbage = GarbageCollector(context.render)
    once = Qt.ConnectionType.SingleShotConnection
    context.render.frame_shown.connect(lambda *_: garbage.begin(), once)
    QTimer.singleShot(COLLECT_AFTER_MS, garbage.begin)  # in case no picture comes
    context.training.run_started.connect(lambda *_: gc.freeze())


def _report_uncaught(notifications: Notifications) -> None:
    """An exception in a slot is a message, not the end."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.error("uncaught", exc_info=(kind, error, trace))
        notifications.show_error(error)

    sys.excepthook = report


def _close_on_interrupt(window: MainWindow) -> None:
    """Ctrl+C in the terminal closes the window, with its question about a running training."""
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, window.close))
    timer = QTimer(window, interval=SIGNAL_POLL_MS)
    timer.timeout.connect(lambda: None)  # lets Python see the signal
    timer.start()
