"""The canvas follows a training: weights come through the mailbox, the recipe stays."""

import numpy as np
import pytest
import torch

from latent_studio.events import RunFinished, RunStarted
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.snapshot import take_snapshot

PATIENCE_MS = 20_000
DCGAN = ModelSpec("dcgan", {"resolution": 16, "channels": 3, "z_dim": 8, "base_channels": 4})


@pytest.fixture
def run(window, tmp_path, monkeypatch):
    """A training that the test plays; returns a function that puts new weights."""
    training = window.context.training
    monkeypatch.setattr(type(training), "running", property(lambda self: True))
    generator = build_generator(DCGAN).eval()
    folder = str(tmp_path / "faces-run")

    def put(kimg: float) -> None:
        with torch.no_grad():
            for parameter in generator.parameters():
                parameter.add_(0.05)
        names = ("cat", "dog")  # of a model without classes: nobody is to stumble over them
        snapshot = take_snapshot(generator, DCGAN, "faces-run", kimg, int(kimg), names)
        window.context.render.snapshots.put(snapshot)

    training.run_started.emit(RunStarted("faces-run", folder, "dcgan-64", 0.0, 100.0, False))
    yield put
    training.run_finished.emit(RunFinished("faces-run", "stopped", 3.0))
    monkeypatch.undo()


def test_live_shows_the_run_and_follows_it(window, run, qtbot, settled) -> None:
    state, render = window.context.state, window.context.render
    state.edit(lambda r: r.from_seed(5))
    run(1.0)
    qtbot.waitUntil(lambda: state.scene.model.kind == "run", timeout=PATIENCE_MS)
    settled(window)
    assert state.model.card == {"classes": ["cat", "dog"]}
    assert state.model.title == "faces-run" and state.recipe.source.seed == 5
    assert not window.host.docks["mixing"].isVisible()
    first = window.canvas.picture.pixels.copy()
    run(2.0)
    qtbot.waitUntil(lambda: render.last_frame.kimg == 2.0, timeout=PATIENCE_MS)
    assert not np.array_equal(window.canvas.picture.pixels, first)


def test_live_off_leaves_weights_in_their_place(window, run, qtbot, settled) -> None:
    state, render = window.context.state, window.context.render
    run(1.0)
    qtbot.waitUntil(lambda: state.scene.model.kind == "run", timeout=PATIENCE_MS)
    settled(window)
    window.actions_["live"].setChecked(False)
    run(2.0)
    qtbot.keyClick(window.canvas, " ")
    settled(window)
    assert not render.snapshots.empty and render.last_frame.kimg != 2.0
    window.actions_["live"].setChecked(True)
    qtbot.waitUntil(lambda: render.last_frame.kimg == 2.0, timeout=PATIENCE_MS)


def test_another_model_ends_the_following_and_undo_comes_back(
    window, run, models, qtbot, settled
) -> None:
    state, render = window.context.state, window.context.render
    run(1.0)
    qtbot.waitUntil(lambda: state.scene.model.kind == "run", timeout=PATIENCE_MS)
    window.context.models.open_path(str(models["plain"]))
    qtbot.waitUntil(lambda: state.model.title == "plain", timeout=PATIENCE_MS)
    run(2.0)
    settled(window)
    assert not render.snapshots.empty and render.last_frame.kimg is None
    window.undo.trigger()
    qtbot.waitUntil(lambda: render.last_frame.kimg == 2.0, timeout=PATIENCE_MS)
    assert state.model.title == "faces-run"
