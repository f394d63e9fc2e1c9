"""The stored picture stands in until the engine draws, and is what the engine draws."""

import numpy as np
import pytest
from PIL import Image

from latent_studio.jobs.opened import open_model
from latent_studio.storage.library import bundled_models
from latent_studio.ui import app, first_picture
from latent_studio.ui.first_picture import stored_picture
from latent_studio.ui.state import start_recipe


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setattr(first_picture, "resource_path", lambda *parts: tmp_path.joinpath(*parts))
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


def test_a_stored_picture_is_read_in_the_canvas_byte_order(models):
    Image.new("RGB", (4, 2), (10, 20, 30)).save(models / "faces.start.png")
    picture = stored_picture("faces")
    assert picture is not None
    assert picture.pixels.shape == (2, 4, 4)
    assert picture.pixels[0, 0].tolist() == [30, 20, 10, 255]


def test_a_missing_damaged_or_huge_one_is_no_picture(models):
    assert stored_picture("faces") is None
    (models / "faces.start.png").write_bytes(b"not a picture")
    assert stored_picture("faces") is None
    (models / "faces.start.png").write_bytes(bytes(first_picture.MAX_BYTES + 1))
    assert stored_picture("faces") is None


def test_every_bundled_one_is_what_the_model_draws_first():
    for entry in bundled_models():
        stored = stored_picture(entry.name)
        assert stored is not None, entry.name
        model = open_model(entry.path)
        drawn = model.pixels([start_recipe(model.capabilities)])[0]
        difference = np.abs(stored.pixels[:, :, 2::-1].astype(int) - drawn.astype(int))
        assert difference.max() <= 2, entry.name


def test_the_window_shows_it_until_the_engine_has_drawn(qtbot, models, monkeypatch):
    Image.new("RGB", (8, 8), (200, 0, 0)).save(models / "faces.start.png")
    monkeypatch.setattr(app.ModelController, "open_first", lambda *_: None)
    window = app.create_window()
    qtbot.addWidget(window)
    assert window.canvas.picture is not None
    assert window.canvas.picture.pixels[0, 0].tolist() == [0, 0, 200, 255]
    window.context.models.first_failed.emit()
    assert window.canvas.picture is None
    window.close()
