"""Other programs' files in the window: opened, dropped, refused."""

import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

PATIENCE_MS = 20_000
SMALL = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_base": 128, "channel_max": 8}


@pytest.fixture(scope="module")
def foreign_file(tmp_path_factory):
    """A state dict in NVIDIA's names, as converters write them."""
    import torch

    from latent_studio.models.base import ModelSpec
    from latent_studio.models.registry import build_generator

    config = {**SMALL, "mapping_kwargs": {"num_layers": 2}}
    generator = build_generator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(1))
    path = tmp_path_factory.mktemp("foreign") / "theirs.pt"
    torch.save({"G_ema": generator.state_dict()}, path)
    return path


class Harmful:
    def __reduce__(self):
        return time.sleep, (1000,)


def drop(window, path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(window.rect().center())
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    plain = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), *rest, plain))
    QApplication.sendEvent(window, QDropEvent(place, *rest, plain))


def shows_theirs(window) -> bool:
    model = window.context.state.model
    return model is not None and model.title.startswith("theirs")


def test_opened_into_the_library(window, foreign_file, qtbot, settled) -> None:
    """There it can be given directions; what is shown is what the file makes."""
    from latent_studio.jobs.opened import open_model
    from latent_studio.storage.paths import models_dir

    state, notes = window.context.state, window.context.notifications
    window.context.models.open_path(str(foreign_file))
    qtbot.waitUntil(lambda: shows_theirs(window), timeout=PATIENCE_MS)
    settled(window)
    assert "theirs" in window.windowTitle()
    assert Path(state.scene.model.name).parent == models_dir()
    assert state.scene.model.name in window.context.settings.get("recent_models")
    assert any("imported into your library" in note.message for note in notes.history)
    model = open_model(str(foreign_file), device="cpu")
    assert state.model.ref.sha256 == model.ref.sha256
    shown = window.canvas.picture.pixels[..., 2::-1].astype(int)
    assert np.abs(shown - model.pixels([state.recipe])[0]).max() <= 1


def test_dropped_and_undone(window, foreign_file, qtbot, settled) -> None:
    state = window.context.state
    before = state.scene
    drop(window, foreign_file)
    qtbot.waitUntil(lambda: shows_theirs(window), timeout=PATIENCE_MS)
    settled(window)
    assert window.canvas.picture.height == 16
    window.undo.trigger()
    settled(window)
    assert state.scene == before and window.canvas.picture.height == 32


def test_files_that_hold_code_or_nothing_known_are_refused(window, qtbot, tmp_path) -> None:
    state, notes = window.context.state, window.context.notifications
    before = state.scene
    harmful, unknown = tmp_path / "harmful.pkl", tmp_path / "unknown.pkl"
    harmful.write_bytes(pickle.dumps({"G_ema": Harmful()}))
    unknown.write_bytes(pickle.dumps({"epoch": 3}))
    for path, said in ((harmful, "time.sleep"), (unknown, "Known are models of Latent Studio")):
        count = len(notes.history)
        drop(window, path)
        qtbot.waitUntil(lambda count=count: len(notes.history) > count, timeout=PATIENCE_MS)
        note = notes.history[-1]
        assert note.level == "error" and said in note.message
        assert "\n" not in note.message
    assert state.scene == before and state.model is not None
