"""A context without a window: real settings, messages, jobs and training; a canvas that listens."""

import gc
import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QSettings, Signal

from latent_studio.mailbox import LatestSlot, Turn
from latent_studio.ui.settings import DEFAULTS

MUCH_GARBAGE = 50_000
ROOT = Path(__file__).parents[2]


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


@pytest.fixture(scope="module", autouse=True)
def _garbage_on_this_thread() -> Iterator[None]:
    """As in the program: a job's thread must not destroy the widgets of an earlier test."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _little_garbage(_garbage_on_this_thread: None) -> Iterator[None]:
    yield
    if gc.get_count()[0] > MUCH_GARBAGE:
        gc.collect()


@pytest.fixture(autouse=True)
def _eager_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling tiny networks beside each window would take longer than the tests."""
    monkeypatch.setitem(DEFAULTS, "backend", "torch")


@pytest.fixture(autouse=True)
def _objectives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here torch is loaded already: nothing is to be waited for."""
    monkeypatch.setattr("latent_studio.ui.training_choices.FIRST_PICTURE_POLLS", 0)


@pytest.fixture(scope="session")
def published_weights():
    """A small StyleGAN2 in NVIDIA's names, as a PyTorch file."""
    import torch

    from latent_studio.models.base import ModelSpec
    from latent_studio.models.registry import build_generator

    small = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_base": 64, "channel_max": 8}
    generator = build_generator(ModelSpec("stylegan2", small))
    buffer = io.BytesIO()
    torch.save({"G_ema": generator.state_dict()}, buffer)
    return buffer.getvalue()


@pytest.fixture
def published(web, published_weights, tmp_path, monkeypatch):
    """Two models on the server; the first is not for commercial use."""
    url = web.serve("/w.pt", published_weights)
    facts = {"resolution": 16, "data": "none", "page": "https://x.org/", "sources": ["test"]}
    file = {
        "name": "w.pt",
        "urls": [url],
        "bytes": len(published_weights),
        "sha256": hashlib.sha256(published_weights).hexdigest(),
    }
    licence = {"title": "NC <1>", "url": "https://x.org/nc", "note": "Research only."}
    models = [
        {"name": name, "title": title, "architecture": "stylegan2", "files": [file], **facts}
        for name, title in (("cats", "Cats & kittens"), ("churches", "Churches"))
    ]
    value = {
        "version": 1,
        "licences": {
            "nc": {**licence, "commercial": "forbidden"},
            "free": {**licence, "title": "Free", "commercial": "allowed"},
        },
        "models": [{**models[0], "licence": "nc"}, {**models[1], "licence": "free"}],
    }
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(value))
    monkeypatch.setenv("LATENT_STUDIO_CATALOGUE", str(path))
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    return web


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled translations."""
    import PySide6

    folder = tmp_path_factory.mktemp("translations")
    tools = Path(PySide6.__file__).parent
    tool = next((t for t in (tools / "lrelease", tools / "lrelease.exe") if t.is_file()), None)
    if tool is None:
        pytest.skip("this PySide6 has no lrelease")
    for source in (ROOT / "resources" / "translations").glob("*.ts"):
        target = folder / f"{source.stem}.qm"
        subprocess.run([tool, "-silent", source, "-qm", target], check=True, timeout=60)
    return folder


@pytest.fixture
def chinese(compiled: Path, qapp) -> Iterator[None]:
    from PySide6.QtCore import QTranslator

    from latent_studio.ui import i18n

    before = set(qapp.findChildren(QTranslator))
    assert i18n.install_translator(qapp, compiled, "zh_CN") is not None
    yield
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()
