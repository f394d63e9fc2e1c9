"""Searching directions from the window."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

PATIENCE_MS = 60_000


@pytest.fixture
def labelled(tmp_path):
    """Pictures that are bright or dark, with a table that says so."""
    folder = tmp_path / "labelled"
    folder.mkdir()
    rng = np.random.default_rng(0)
    lines = ["file,bright,rare"]
    for index in range(120):
        bright = index % 2
        pixels = rng.integers(0, 90, (16, 16, 3), np.uint8) + np.uint8(150 * bright)
        Image.fromarray(pixels).save(folder / f"{index:03d}.png")
        lines.append(f"{index:03d}.png,{bright},{int(index == 0)}")
    (folder / "attributes.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def dialog(window):
    window.host.widgets["directions"].discover.click()
    made = window.dialogs.made["discover"]
    made.pages.setCurrentWidget(made.search_page)
    return made


def test_components_become_sliders_and_are_kept_in_the_file(window, dialog, qtbot) -> None:
    from latent_studio.storage.model_file import load_model

    dialog.components.setValue(5)
    dialog.samples.setValue(200)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    listed = window.host.widgets["directions"]
    qtbot.waitUntil(lambda: "PC 5" in listed.listed, timeout=PATIENCE_MS)
    assert {"smile", "glasses"} <= set(listed.listed)
    path = window.context.state.model.path
    assert "PC 5" in {direction.name for direction in load_model(path).directions}


def test_attributes_are_offered_and_learnt(window, dialog, labelled, qtbot) -> None:
    dialog.ask_folder = lambda *_: str(labelled)
    assert dialog.start.isEnabled()
    dialog.source.menu().actions()[1].trigger()
    assert not dialog.start.isEnabled()  # until something is checked
    qtbot.waitUntil(lambda: dialog.attributes.count() == 1, timeout=PATIENCE_MS)
    assert dialog.chosen() == ("bright",)
    item = dialog.attributes.item(0)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert not dialog.start.isEnabled()
    item.setCheckState(Qt.CheckState.Checked)
    dialog.samples.setValue(200)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    listed = window.host.widgets["directions"]
    qtbot.waitUntil(lambda: "bright" in listed.listed, timeout=PATIENCE_MS)


def test_pictures_without_attributes_are_a_message(window, dialog, labelled, qtbot) -> None:
    (labelled / "attributes.csv").unlink()
    with qtbot.waitSignal(window.context.notifications.added, timeout=PATIENCE_MS) as told:
        dialog.set_data(str(labelled))
    assert told.args[0].level == "error" and "attributes.csv" in told.args[0].message
    assert not dialog.start.isEnabled()


def test_a_copy_is_offered_among_the_user_s_models(window, monkeypatch, tmp_path) -> None:
    from PySide6.QtWidgets import QFileDialog

    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))
    asked = []

    def answer(_parent, _title, name, _pattern):
        asked.append(Path(name))
        return name.removesuffix(".safetensors"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    copy = window.dialogs.ask_copy("faces")
    folder = tmp_path / "home" / "data" / "models"
    assert folder.is_dir() and asked == [folder / "faces-copy.safetensors"]
    assert copy == str(asked[0])
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "file"))
    window.dialogs.ask_copy("faces")
    assert asked[1].parent == Path.home()


def test_a_bundled_model_stays_and_a_copy_is_offered(window, models, qtbot, tmp_path) -> None:
    from dataclasses import replace

    from latent_studio.recipe import ModelRef
    from latent_studio.storage.model_file import load_model
    from latent_studio.ui.discovery import Search

    context, copy = window.context, tmp_path / "copy.safetensors"
    model = replace(context.state.model, ref=ModelRef("bundled", "styled"))
    context.models._keep(model)
    context.models.ask_copy = lambda _title: str(copy)
    context.state.apply(replace(context.state.scene, model=model.ref))
    before = models["styled"].read_bytes()
    with qtbot.waitSignal(context.notifications.added, timeout=PATIENCE_MS) as told:
        context.models.discover_directions(Search(components=7, samples=200))
    assert "PC 7" in window.host.widgets["directions"].listed
    assert models["styled"].read_bytes() == before
    assert "PC 7" in context.models.unkept_directions()
    asked = []
    window.ask_about_directions = lambda names: asked.append(names) or "stay"
    assert not window.close() and "PC 7" in asked[0]
    ((_, save),) = told.args[0].actions
    save()
    qtbot.waitUntil(lambda: context.state.model.ref.name == str(copy), timeout=PATIENCE_MS)
    assert "PC 7" in {direction.name for direction in load_model(copy).directions}
    assert context.models.unkept_directions() == []  # nothing is asked now


def test_an_imported_direction_replaces_one_of_another_case(window, tmp_path, qtbot) -> None:
    """The slider keeps its name and amount: bookmarks and keyframes speak of it, too."""
    from latent_studio.storage.direction_file import save_directions

    state, path = window.context.state, tmp_path / "d.safetensors"
    smile = next(d for d in state.directions if d.name == "smile")
    state.edit(lambda r: r.with_direction("smile", 1.5))
    save_directions(path, [dataclasses.replace(smile.flipped(), name=" Smile ")], {})
    names = [d.name for d in state.directions]
    with qtbot.waitSignal(state.directions_changed, timeout=PATIENCE_MS):
        window.context.models.direction_edits.take_in(str(path))
    assert [d.name for d in state.directions] == names
    now = next(d for d in state.directions if d.name == "smile")
    assert np.allclose(now.vector, -smile.vector)
    row = window.host.widgets["directions"].listed["smile"]
    assert row.slider.value() == 1.5 and state.recipe.directions[0].name == "smile"
