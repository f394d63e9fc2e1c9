"""Every single component of z or w, searchable."""

import re
from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latent_studio.recipe import Recipe
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.component_list import ComponentList
from latent_studio.ui.widgets.section import MARGIN, SearchField, Segments, icon_button


def matching(text: str, count: int, changed: Sequence[int]) -> list[int]:
    """Components that a search names: ``12``, ``10-20``, several of them, or ``changed``.

    A number alone also finds those that begin with it (``12`` finds 120).
    """
    words = re.split(r"[\s,;]+", text.strip().lower())
    if words == [""]:
        return list(range(count))
    found: set[int] = set()
    for word in words:
        span = re.fullmatch(r"(\d+)-(\d+)", word)
        if span:
            found.update(range(int(span[1]), min(count, int(span[2]) + 1)))
        elif word.isdigit():
            found.update(n for n in range(count) if str(n).startswith(word))
        elif tr("changed").lower().startswith(word) or "changed".startswith(word):
            found.update(changed)
    return sorted(n for n in found if n < count)


class ComponentsDock(QWidget):
    """One virtual list; the amounts are the recipe's offsets."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = context.state
        self._space = "z"
        self.space = Segments(
            [
                ("z", "Z", tr("Components of z, before the mapping")),
                ("w", "W", tr("Components of w, after truncation and mixing")),
            ],
            tr("Space of the components"),
        )
        self.search = SearchField(tr("Search: 12, 10-20, changed"))
        self.reset = icon_button("reset", tr("Set the components of this space to zero"))
        self.list = ComponentList()
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self._lay_out()
        self.space.value_changed.connect(self._on_space)
        self.search.textChanged.connect(lambda _text: self._refill())
        self.reset.clicked.connect(self._on_reset)
        self.list.amount_changed.connect(self._on_amount)
        self.list.edit_finished.connect(self._state.end_merge)
        self._state.recipe_changed.connect(self._show)
        self._state.model_changed.connect(lambda _model: self._fit_model())
        self._fit_model()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.space)
        head.addWidget(self.search, 1)
        head.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, 0, 4)
        column.setSpacing(6)
        top = QHBoxLayout()
        top.addLayout(head)
        top.addSpacing(MARGIN)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)

    def _size(self) -> int:
        capabilities = self._state.capabilities
        if capabilities is None:
            return 0
        return (capabilities.w_dim or 0) if self._space == "w" else capabilities.z_dim

    def _fit_model(self) -> None:
        capabilities = self._state.capabilities
        has_w = capabilities is not None and capabilities.has_w
        self.space.setVisible(has_w)
        self._space = "w" if has_w else "z"
        self.space.set_value(self._space)
        self.setEnabled(capabilities is not None)
        self._refill()

    def _on_space(self, space: str) -> None:
        self._space = space
        self._refill()

    def _amounts(self, recipe: Recipe) -> dict[int, float]:
        return {o.index: o.amount for o in recipe.offsets if o.space == self._space}

    def _refill(self) -> None:
        amounts = self._amounts(self._state.recipe)
        size = self._size()
        numbers = matching(self.search.text(), size, sorted(amounts))
        self.list.model().reset(self._space, numbers)
        self.list.model().set_amounts(amounts)
        self.count.setText(tr("{shown} of {all} components", shown=len(numbers), all=size))

    def _show(self, recipe: Recipe) -> None:
        amounts = self._amounts(recipe)
        if amounts != {n: a for n, a in self.list.model().amounts.items() if a}:
            self.list.model().set_amounts(amounts)

    def _on_amount(self, number: int, amount: float) -> None:
        space = self._space
        self._state.edit(
            lambda recipe: recipe.with_offset(space, number, amount),  # type: ignore[arg-type]
            merge_key=f"offset/{space}/{number}",
            text=f"{space} {number}",
        )

    def _on_reset(self) -> None:
        space = self._space

        def change(recipe: Recipe) -> Recipe:
            for offset in recipe.offsets:
                if offset.space == space:
                    recipe = recipe.with_offset(offset.space, offset.index, 0.0)
            return recipe

        self._state.edit(change, text=tr("Reset components"))
