"""The scene as an undoable value, without a window."""

import dataclasses

from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.ui.state import ExplorerState, start_recipe


def set_psi(state: ExplorerState, psi: float, key: str = "psi") -> None:
    state.edit(lambda r: dataclasses.replace(r, psi=psi), merge_key=key, text="Psi")


def test_edits_of_one_drag_merge_until_it_ends(qapp) -> None:
    state = ExplorerState()
    for psi in (0.9, 0.8, 0.7):
        set_psi(state, psi)
    state.end_merge()
    set_psi(state, 0.6)
    assert state.undo_stack.count() == 2
    state.undo_stack.undo()
    assert state.recipe.psi == 0.7
    state.undo_stack.undo()
    assert state.recipe.psi == 1.0


def test_other_keys_and_no_keys_do_not_merge(qapp) -> None:
    state = ExplorerState()
    set_psi(state, 0.9)
    state.edit(lambda r: dataclasses.replace(r, cutoff=3), merge_key="cutoff")
    set_psi(state, 0.8)
    set_psi(state, 0.7, key="")
    set_psi(state, 0.6, key="")
    assert state.undo_stack.count() == 5


def test_a_drag_back_to_the_start_leaves_no_step(qapp) -> None:
    state = ExplorerState()
    set_psi(state, 0.5)
    set_psi(state, 1.0)
    assert state.undo_stack.count() == 0
    assert state.recipe == start_recipe(None)


def test_an_edit_after_undo_does_not_merge_into_the_past(qapp) -> None:
    state = ExplorerState()
    set_psi(state, 0.9)
    set_psi(state, 0.8)
    state.end_merge()
    set_psi(state, 0.5)
    state.undo_stack.undo()
    set_psi(state, 0.4)
    state.undo_stack.undo()
    assert state.recipe.psi == 0.8


def test_equal_edits_are_no_step_and_tell_nobody(qapp, qtbot) -> None:
    state = ExplorerState()
    with qtbot.assertNotEmitted(state.scene_changed):
        set_psi(state, 1.0)
    assert state.undo_stack.count() == 0


def test_a_scene_with_another_model_asks_for_it(qapp, qtbot) -> None:
    state = ExplorerState()
    scene = Scene(ModelRef("file", "a.safetensors"), Recipe.from_seed(3))
    with qtbot.waitSignal(state.model_requested) as asked:
        state.set_scene(scene)
    assert asked.args == [scene.model]
    with qtbot.waitSignal(state.model_requested) as back:
        state.undo_stack.undo()
    assert back.args == [ModelRef()]
