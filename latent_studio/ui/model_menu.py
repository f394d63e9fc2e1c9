"""The menu of models: bundled ones, the user's own, recent files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr


def list_models() -> list[tuple[str, str, str]]:
    """``(kind, name, path)`` of the library; for a worker, since it imports torch."""
    from latent_studio.storage import library

    entries = [*library.bundled_models(), *library.user_models()]
    return [(entry.kind, entry.name, str(entry.path)) for entry in entries]


class ModelMenu(QMenu):
    """Refilled whenever a model has been opened; the library is read on a worker."""

    def __init__(
        self, context: Context, opening: Sequence[QAction], parent: QWidget | None
    ) -> None:
        super().__init__(tr("Model"), parent)
        self._context, self._opening = context, opening
        self._library: list[tuple[str, str, str]] = []
        self.setToolTipsVisible(True)
        context.state.model_changed.connect(lambda _model: self.refresh())
        self._fill()

    def refresh(self) -> None:
        """Read the library again."""
        self._context.jobs.start(
            "library", list_models, plain=True, quiet=True, done=self._on_listed
        )

    def _on_listed(self, found: list[tuple[str, str, str]]) -> None:
        self._library = found
        self._fill()

    def _fill(self) -> None:
        self.clear()
        current = getattr(self._context.state.model, "path", None)
        for kind, title in (("bundled", tr("Bundled")), ("user", tr("My models"))):
            chosen = [(name, path) for k, name, path in self._library if k == kind]
            if chosen:
                self.addSection(title)
            for name, path in chosen:
                self._add(name, path, current)
        listed = {path for _, _, path in self._library}
        recent = [p for p in self._context.settings.get("recent_models") if p not in listed]
        if recent:
            self.addSection(tr("Recent"))
        for path in recent:
            self._add(Path(path).stem, path, current)
        self.addSeparator()
        self.addActions(list(self._opening))

    def _add(self, name: str, path: str, current: Any) -> None:
        action = self.addAction(name, lambda: self._context.models.open_path(path))
        action.setToolTip(path)
        action.setCheckable(True)
        action.setChecked(path == current)
