"""The real window with small random models; every thread ends with the test."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtWidgets import QApplication

PATIENCE_MS = 20_000  # for machines under load; nothing waits that long when idle

STYLED = {
    "z_dim": 16,
    "c_dim": 0,
    "w_dim": 16,
    "img_resolution": 32,
    "img_channels": 3,
    "mapping_kwargs": {"num_layers": 1},
    "channel_base": 128,
    "channel_max": 8,
}


def write_model(path: Path, architecture: str, config: dict, names: tuple[str, ...] = ()) -> Path:
    """A model file with random weights and random directions."""
    import torch

    from latent_studio.latent.direction import Direction
    from latent_studio.models.base import ModelSpec
    from latent_studio.models.registry import build_generator
    from latent_studio.storage.model_file import ModelBundle, save_model

    spec = ModelSpec(architecture, config)
    generator = build_generator(spec, torch.Generator().manual_seed(1))
    rng = np.random.RandomState(0)
    size = generator.capabilities.w_dim or generator.capabilities.z_dim
    space = "w" if generator.capabilities.has_w else "z"
    directions = [
        Direction(
            name,
            rng.randn(size).astype(np.float32),
            2.0,
            "pca" if name.startswith("PC") else "attribute",
            space,
        )
        for name in names
    ]
    save_model(path, ModelBundle(spec, generator.state_dict(), directions))
    return path


@pytest.fixture(scope="session")
def model_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    names = ("smile", "glasses", "PC 1")
    plain = {"resolution": 16, "channels": 1, "z_dim": 20}
    return {
        "styled": write_model(folder / "styled.safetensors", "stylegan2", STYLED, names),
        "other": write_model(
            folder / "other.safetensors", "stylegan2", {**STYLED, "img_resolution": 16}, ("PC 1",)
        ),
        "classes": write_model(
            folder / "classes.safetensors", "stylegan2", {**STYLED, "c_dim": 4}, ("PC 1",)
        ),
        "plain": write_model(folder / "plain.safetensors", "mlp", plain, ("PC 1",)),
    }


@pytest.fixture(scope="session")
def pristine(model_files: dict[str, Path]) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in model_files.values()}


@pytest.fixture
def models(model_files: dict[str, Path], pristine: dict[Path, bytes]) -> dict[str, Path]:
    """``styled``, ``other`` (styled, too), ``classes`` (conditional) and ``plain`` (no w).

    As they were made, whatever the test before saved into them.
    """
    for path, content in pristine.items():
        if path.read_bytes() != content:
            path.write_bytes(content)
    return model_files


@pytest.fixture(scope="session")
def write_file():
    return write_model


@pytest.fixture
def bare_window(qtbot, tmp_path, monkeypatch):
    """A window that has not been given a model yet."""
    from latent_studio.ui import app
    from latent_studio.ui.settings import Settings

    store = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    monkeypatch.setattr(app, "Settings", lambda: Settings(store=store))
    application = app.create_app()
    assert isinstance(application, QApplication)
    context = app.create_context()
    context.settings.set("train/out", str(tmp_path / "runs"))
    (tmp_path / "runs").mkdir()
    window = app.MainWindow(context)
    window.ask_about_training = lambda: "quit"  # type: ignore[method-assign]
    window.desk.ask_about_session = lambda: "discard"  # type: ignore[method-assign]
    window.ask_about_directions = lambda _names: "discard"  # type: ignore[method-assign]
    window.resize(1200, 800)
    window.show()
    qtbot.waitExposed(window)
    context.render.start()
    yield window
    assert window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(bare_window, models, qtbot):
    """A window that shows the styled model."""
    open_first(bare_window, models["styled"], qtbot)
    bare_window.activateWindow()
    bare_window.canvas.setFocus()
    qtbot.waitUntil(bare_window.canvas.hasFocus, timeout=PATIENCE_MS)
    return bare_window


def open_first(window, path: Path, qtbot) -> None:
    window.context.models.open_first(str(path))
    settle(window, qtbot)


def settle(window, qtbot) -> None:
    """Wait until the picture of the present scene is on the canvas."""
    state, render = window.context.state, window.context.render

    def settled() -> bool:
        frame = render.last_frame
        return (
            state.model is not None
            and state.model.ref == state.scene.model
            and not render.busy
            and frame is not None
            and frame.model_epoch == render._epoch
            and frame.recipe == state.recipe
        )

    qtbot.waitUntil(settled, timeout=PATIENCE_MS)


@pytest.fixture
def settled(qtbot):
    return lambda window: settle(window, qtbot)
