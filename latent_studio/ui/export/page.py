"""What the export pages share: a form, a question for the file, and a job that writes it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_studio.errors import OptionError, StudioError
from latent_studio.events import Emit
from latent_studio.mailbox import StopToken
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.threads.job_thread import JobThread
from latent_studio.ui.widgets.section import inset

SCALES = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class ExportJob:
    """A function of :mod:`latent_studio.jobs` by name (it needs torch) and its arguments."""

    module: str
    function: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def __call__(self, *, emit: Emit, token: StopToken) -> Path:
        work: Callable[..., Path] = getattr(import_module(self.module), self.function)
        return work(*self.arguments, **self.options, emit=emit, token=token)


def ask_save_path(parent: QWidget, title: str, start: str, kinds: str) -> str:
    """The platform's dialog, which asks before it takes an existing file; empty when cancelled."""
    return QFileDialog.getSaveFileName(parent, title, start, kinds)[0]


class ExportPage(QWidget):
    """Base of the pages. A page says what it writes with :meth:`make_job`."""

    title = ""
    default_name = "picture"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.ask_path: Callable[[QWidget, str, str, str], str] = ask_save_path
        self.form = QFormLayout()
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.form.setVerticalSpacing(8)
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.addLayout(self.form)
        column.addStretch(1)
        column.addWidget(self.note)

    # for subclasses

    def make_job(self, path: str) -> ExportJob:
        """The job that writes ``path``, with everything it needs, captured now.

        Raises
        ------
        OptionError
            The form holds something impossible.
        """
        raise NotImplementedError

    def endings(self) -> tuple[str, str]:
        """Ending of the file (with the dot, or empty for a folder) and the dialog's filter."""
        raise NotImplementedError

    def show_model(self) -> None:
        """The model changed."""

    def show_name(self) -> None:
        """An export begins: choose the name to propose."""

    # what they share

    def export(self) -> JobThread | None:
        """Ask where to, then write in the background; None when cancelled or impossible."""
        try:
            self.make_job("")  # complain before asking for a name
        except StudioError as error:
            self.context.notifications.show_error(error)
            return None
        suffix, kinds = self.endings()
        start = str(Path(self._folder()) / f"{self.default_name}{suffix}")
        path = self.ask_path(self, self.title, start, kinds)
        if not path:
            return None
        if suffix and not Path(path).suffix:
            path += suffix
        self.context.settings.set("export/folder", str(Path(path).parent))
        return self.context.jobs.start(
            tr("Export {name}", name=Path(path).name), self.make_job(path), done=self._on_written
        )

    def model(self) -> str:
        """Path of the model on the canvas; of a model in training the newest saved one.

        Raises
        ------
        OptionError
            There is none.
        """
        model = self.context.state.model
        path = model.path if model is not None else None
        if path is None and model is not None:
            path = self.context.training.history.latest_snapshot()
        if not path:
            raise OptionError(
                tr("There is no saved model to export from. Open one, or save the run first.")
            )
        return path

    def rendering(self) -> dict[str, Any]:
        """Device and precision of the settings, as jobs take them."""
        settings = self.context.settings
        precision = settings.get("precision")
        return {
            "device": settings.get("device"),
            "precision": "fp32" if precision == "auto" else precision,
            "backend": settings.get("backend"),
        }

    def recipe(self) -> Recipe:
        return self.context.state.recipe

    def with_seed(self, seed: int) -> Recipe:
        """The picture of ``seed`` with everything else as on the canvas."""
        recipe = self.recipe()
        return replace(recipe, source=LatentSource.from_seed(seed, _seed_space(recipe)))

    def resolution(self) -> int:
        capabilities = self.context.state.capabilities
        return capabilities.resolution if capabilities is not None else 0

    def add_row(self, text: str, field: QWidget, tip: str) -> None:
        """A labelled field with tooltip and accessible name."""
        field.setToolTip(tip)
        field.setAccessibleName(text)
        self.form.addRow(text, field)

    def scale_field(self) -> QComboBox:
        """Choice of an enlargement; :meth:`show_scales` fills it."""
        field = QComboBox()
        self.add_row(tr("Size"), field, tr("Small models can be written enlarged"))
        return field

    def show_scales(self, field: QComboBox) -> None:
        """Offer the enlargements with the pixels they give; keeps the choice."""
        chosen = field.currentData() or self.context.settings.get("export/scale")
        field.clear()
        for scale in SCALES:
            side = self.resolution() * scale
            field.addItem(tr("{side} × {side}  ({scale}×)", side=side, scale=scale), scale)
        field.setCurrentIndex(max(0, field.findData(chosen)))

    def _folder(self) -> str:
        kept = self.context.settings.get("export/folder")
        return kept if kept and Path(kept).is_dir() else str(Path.home())

    def _on_written(self, path: Path) -> None:
        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))

        message = tr("Written: {path}", path=str(path))
        self.context.notifications.notify("info", message, actions=[(tr("Show folder"), show)])


def whole_number(low: int, high: int, value: int) -> QSpinBox:
    """A field for a whole number."""
    field = QSpinBox()
    field.setRange(low, high)
    field.setValue(value)
    inset(field)
    field.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return field


def choice(entries: list[tuple[str, Any]], chosen: Any = None) -> QComboBox:
    """A field for one of ``(text, value)``."""
    field = QComboBox()
    for text, value in entries:
        field.addItem(text, value)
    field.setCurrentIndex(max(0, field.findData(chosen)))
    return field


def numbers(text: str, what: str) -> list[int]:
    """``0-63,70`` as numbers.

    Raises
    ------
    OptionError
        Saying how they are written.
    """
    from latent_studio.jobs.ranges import parse_numbers

    return parse_numbers(text, what)


def _seed_space(recipe: Recipe) -> Any:
    return recipe.source.space if recipe.source.space in ("z", "w") else "z"
