"""A context without a window: real settings, messages, jobs and training; a canvas that listens."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QSettings, Signal

from latent_studio.mailbox import LatestSlot, Turn
from latent_studio.ui.settings import DEFAULTS


class QuietRender(QObject):
    """What training and docks need of the renderer; it draws nothing."""

    frame_shown = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.snapshots, self.turn, self.last_frame = LatestSlot(), Turn(), None


@pytest.fixture
def training_context(qtbot, tmp_path):
    """What docks and dialogs of the training half are given; all threads end with the test."""
    from latent_studio.ui.context import Context
    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications
    from latent_studio.ui.settings import Settings
    from latent_studio.ui.state import ExplorerState
    from latent_studio.ui.training_controller import TrainingController

    settings = Settings(store=QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    settings.set("train/out", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    notifications = Notifications()
    jobs = JobController(notifications)
    opened = []
    context = Context(
        settings=settings,
        state=ExplorerState(),
        notifications=notifications,
        jobs=jobs,
        render=QuietRender(),
        models=SimpleNamespace(
            opened=opened,
            open_path=lambda path, keep_recipe=False: opened.append(path),
            adopt=lambda model, **_: opened.append(model),
        ),
        training=None,
    )
    context.training = TrainingController(context)
    yield context
    assert context.training.shut_down()
    assert jobs.shut_down()


@pytest.fixture
def pictures(tmp_path):
    """A folder of 40 small colourful pictures."""
    import numpy as np
    from PIL import Image

    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for index in range(40):
        low = rng.integers(0, 256, (3, 3, 3), dtype=np.uint8)
        Image.fromarray(low).resize((12, 12)).save(folder / f"{index:02d}.png")
    return folder


@pytest.fixture(autouse=True)
def _eager_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling tiny networks beside each window would take longer than the tests."""
    monkeypatch.setitem(DEFAULTS, "backend", "torch")


@pytest.fixture(autouse=True)
def _objectives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here torch is loaded already: nothing is to be waited for."""
    monkeypatch.setattr("latent_studio.ui.training_choices.FIRST_PICTURE_POLLS", 0)
