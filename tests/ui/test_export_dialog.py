"""Exports from the dialog with a real small model: files come out, failures become messages."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from latent_studio.recipe import ModelRef
from latent_studio.ui.export.page import ExportJob
from latent_studio.ui.state import ExplorerState, LoadedModel
from latent_studio.ui.widgets.export_dialog import ExportDialog

SIZE = 16


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    """A style-based model of random weights, 16×16."""
    import torch

    from latent_studio.models.base import ModelSpec
    from latent_studio.models.registry import build_generator
    from latent_studio.storage.model_file import ModelBundle, save_model

    config = {
        "z_dim": 8, "c_dim": 0, "w_dim": 8, "img_resolution": SIZE, "img_channels": 3,
        "mapping_kwargs": {"num_layers": 2}, "channel_base": 64, "channel_max": 8,
    }  # fmt: skip
    spec = ModelSpec("stylegan2", config)
    generator = build_generator(spec, torch.Generator().manual_seed(0))
    path = tmp_path_factory.mktemp("models") / "small.safetensors"
    save_model(path, ModelBundle(spec=spec, tensors=generator.state_dict()))
    return path, generator.capabilities


@pytest.fixture
def dialog(qtbot, training_context, model_path, tmp_path):
    path, capabilities = model_path
    context = training_context
    context.state = ExplorerState()
    context.settings.set("device", "cpu")
    context.settings.set("export/folder", str(tmp_path))
    ref = ModelRef("file", str(path))
    context.state.set_model(LoadedModel(ref, "small", capabilities, path=str(path)))
    made = ExportDialog(context)
    qtbot.addWidget(made)
    return made


def export(qtbot, dialog, page, path):
    """Press Export… on a page, with ``path`` as the answer of the file dialog."""
    asked = []

    def answer(_parent, _title, start, kinds):
        asked.append((start, kinds))
        return str(path)

    dialog.open_page(page)
    dialog.pages[page].ask_path = answer
    with qtbot.waitSignal(dialog._context.jobs.job_finished, timeout=60_000):
        qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    return asked


def size_of(path):
    with Image.open(path) as image:
        return image.size


def last_message(dialog):
    return dialog._context.notifications.history[-1]


def test_a_picture_is_written_enlarged_with_its_scene(qtbot, dialog, tmp_path):
    from latent_studio.storage.images import read_scene

    page = dialog.pages["image"]
    page.scale.setCurrentIndex(page.scale.findData(4))
    target = tmp_path / "face.png"
    ((start, kinds),) = export(qtbot, dialog, "image", target)
    assert start.startswith(str(tmp_path)) and "seed0230.png" in start and "*.png" in kinds
    assert size_of(target) == (4 * SIZE, 4 * SIZE)
    assert read_scene(target).recipe == dialog._context.state.recipe
    assert str(target) in last_message(dialog).message


def test_floats_are_written_as_an_array(qtbot, dialog, tmp_path):
    page = dialog.pages["image"]
    page.format.setCurrentIndex(page.format.findData(".npy"))
    assert not page.scale.isEnabled()
    export(qtbot, dialog, "image", tmp_path / "x")
    assert np.load(tmp_path / "x.npy").shape == (1, 3, SIZE, SIZE)


def test_a_grid_of_seeds(qtbot, dialog, tmp_path):
    page = dialog.pages["grid"]
    page.rows.setValue(2)
    page.columns.setValue(3)
    export(qtbot, dialog, "grid", tmp_path / "g.png")
    assert size_of(tmp_path / "g.png") == (3 * SIZE, 2 * SIZE)


def test_a_table_of_mixed_styles_with_its_sources(qtbot, dialog, tmp_path):
    page = dialog.pages["grid"]
    page.kind.setCurrentIndex(page.kind.findData("mixing"))
    page.row_seeds.setText("1,2")
    page.column_seeds.setText("5-7")
    page.layers.setText("0-1")
    export(qtbot, dialog, "grid", tmp_path / "m.png")
    assert size_of(tmp_path / "m.png") == (4 * SIZE, 3 * SIZE)


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ""])
def test_a_video(qtbot, dialog, tmp_path, suffix):
    page = dialog.pages["video"]
    page.seconds.setValue(0.5)
    page.fps.setValue(10)
    page.scale.setCurrentIndex(page.scale.findData(4))
    page.format.setCurrentIndex(page.format.findData(suffix))
    target = tmp_path / f"walk{suffix}"
    export(qtbot, dialog, "video", target)
    assert last_message(dialog).level == "info"
    assert len(list(target.iterdir())) == 5 if not suffix else target.stat().st_size > 100


def test_cancelling_a_video_leaves_nothing(qtbot, dialog, tmp_path):
    page = dialog.pages["video"]
    page.seconds.setValue(600)
    dialog.open_page("video")
    page.ask_path = lambda *_: str(tmp_path / "long.mp4")
    thread = page.export()
    with qtbot.waitSignal(thread.cancelled, timeout=60_000):
        thread.cancel()
    assert list(tmp_path.glob("*long*")) == []
    assert dialog._context.notifications.history == ()


def test_impossible_forms_are_told_before_a_name_is_asked(qtbot, dialog):
    page = dialog.pages["video"]
    page.ask_path = lambda *_: pytest.fail("asked for a file")
    page.seeds.setText("one, two")
    assert page.export() is None
    qtbot.waitUntil(lambda: bool(dialog._context.notifications.history))
    assert last_message(dialog).level == "error" and "Seeds" in last_message(dialog).message
    page.seeds.setText("")
    assert page.export() is None


def test_a_place_that_cannot_be_written_is_a_message(qtbot, dialog, tmp_path):
    export(qtbot, dialog, "image", tmp_path / "missing" / "x.png")
    message = last_message(dialog)
    assert message.level == "error" and "missing" in message.message


def test_cancelling_the_file_dialog_does_nothing(dialog):
    page = dialog.pages["image"]
    page.ask_path = lambda *_: ""
    assert page.export() is None
    assert dialog._context.jobs.running == ()


def test_without_a_model_nothing_can_be_exported(dialog):
    dialog._context.state.set_model(None)
    assert not dialog.go.isEnabled()


def test_a_model_without_layers_or_w_offers_neither(dialog):
    from latent_studio.models.base import Capabilities

    plain = LoadedModel(ModelRef("file", "p"), "plain", Capabilities(8, 1, 4), path="p")
    dialog._context.state.set_model(plain)
    assert dialog.pages["grid"].kind.findData("mixing") < 0
    assert dialog.pages["video"].space.findData("w") < 0


def test_the_form_is_captured_when_the_export_begins(dialog):
    page = dialog.pages["image"]
    job = page.make_job("a.png")
    dialog._context.state.edit(lambda recipe: recipe.with_offset("z", 0, 1.0), text="change")
    assert isinstance(job, ExportJob)
    assert job.arguments[1] != dialog._context.state.recipe
