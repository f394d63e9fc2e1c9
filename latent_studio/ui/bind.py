"""Two-way binding of a control to the scene, without feedback loops.

A control shows the scene (``show(recipe)``, signals blocked) and edits it (its own signal calls
``state.edit``). The scene is the only truth: what comes back from it is written silently.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QObject, QSignalBlocker

from latent_studio.recipe import Recipe


@contextmanager
def blocked(*objects: QObject) -> Iterator[None]:
    """Block the signals of ``objects`` while writing to them."""
    blockers = [QSignalBlocker(thing) for thing in objects]
    try:
        yield
    finally:
        for blocker in blockers:
            blocker.unblock()


def bind(
    state: Any,
    control: Any,
    *,
    read: Callable[[Recipe], Any],
    write: Callable[[Recipe, Any], Recipe],
    key: str,
    text: str,
) -> None:
    """Tie ``control`` (``value_changed``, ``set_value`` and maybe ``edit_finished``) to a field.

    Parameters
    ----------
    state
        The :class:`~latent_studio.ui.state.ExplorerState`.
    read, write
        The field in the recipe.
    key
        Edits with the same key merge into one undo step while one drag lasts.
    text
        Name of the undo step.
    """

    def edit(value: Any) -> None:
        state.edit(lambda recipe: write(recipe, value), merge_key=key, text=text)

    def show(recipe: Recipe) -> None:
        with blocked(control):
            control.set_value(read(recipe))

    control.value_changed.connect(edit)
    if hasattr(control, "edit_finished"):
        control.edit_finished.connect(state.end_merge)
    state.recipe_changed.connect(show)
    show(state.recipe)
