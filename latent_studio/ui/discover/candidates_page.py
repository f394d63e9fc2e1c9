"""A contact sheet of candidate directions: name the ones you like, and they become sliders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import discovery
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.discover.strip import STEPS, CandidateRow
from latent_studio.ui.export.page import whole_number
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import Choice

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.ui.threads.job_thread import JobThread

OWNER = "discover"
SETTLE_MS = 400  # the strips follow the picture when the hand rests
MARK = "⟨candidate⟩ "  # no slider is called so
NUMBERED = ("pca", "sefa")  # “PC 1” would pass for the model's own, and go with those
USUAL = {"pca": 12, "sefa": 4, "channels": 12}


class CandidatesPage(QWidget):
    """Finds candidates in the background and shows each as a strip of five pictures."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.rows: list[CandidateRow] = []
        self._job: JobThread | None = None
        self._make_choices()
        self.find = QPushButton(tr("Find"))
        self.find.setProperty("role", "primary")
        self.find.setAutoDefault(False)  # Return in a field is not for it
        self.find.setToolTip(tr("Look for directions and show what they do to this picture"))
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._request)
        self._lay_out()
        self._connect()
        self._fit_model()

    def show_candidates(self, found: Sequence["Direction"]) -> None:
        """List directions, and ask for their pictures."""
        self._clear()
        self.sheet.verticalScrollBar().setValue(0)  # the best come first
        for direction in found:
            row = CandidateRow(direction, _about(direction))
            row.keep_requested.connect(lambda name, row=row: self._keep(row, name))
            self.rows.append(row)
            self._list.insertWidget(self._list.count() - 1, row)
        marked = [replace(row.direction, name=self._mark(row)) for row in self.rows]
        self._context.render.set_candidates(marked)
        self.note.setText(
            tr("Each strip goes from −3 to +3. Name what you like: it becomes a slider.")
        )
        self._request()

    # -- parts ------------------------------------------------------------------------------------

    def _make_choices(self) -> None:
        methods = [
            ("pca", tr("Principal components")),
            ("sefa", tr("SeFa: layers’ strongest")),
            ("channels", tr("Style channels")),
        ]
        self.method = Choice(methods, tr("Method"), tr("How candidates are found"))
        self.method.setMinimumWidth(190)
        groups = [
            ("", tr("All layers")),
            ("coarse", tr("Coarse layers")),
            ("middle", tr("Middle layers")),
            ("fine", tr("Fine layers")),
        ]
        self.group = Choice(groups, tr("Layers"), tr("On which layers they act"))
        self.count = whole_number(1, 60, USUAL["pca"])
        self.count.setAccessibleName(tr("Number of candidates"))
        self.count.setToolTip(tr("How many (SeFa: of each group of layers)"))

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        for widget in (self.method, self.group, self.count):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.find)
        body = QWidget()
        self._list = QVBoxLayout(body)
        self._list.setContentsMargins(0, 0, 8, 0)
        self._list.addStretch(1)
        self.sheet = QScrollArea()
        self.sheet.setWidgetResizable(True)
        self.sheet.setFrameShape(QFrame.Shape.NoFrame)
        self.sheet.setWidget(body)
        column = QVBoxLayout(self)
        column.addLayout(line)
        column.addWidget(self.note)
        column.addWidget(self.sheet, 1)

    def _connect(self) -> None:
        self.find.clicked.connect(self._find)
        self.method.value_changed.connect(self._on_method)
        self._state.recipe_changed.connect(lambda _recipe: self._later())
        self._state.model_changed.connect(lambda _model: self._fit_model())

    def _on_method(self, method: str) -> None:
        self.group.setEnabled(method != "pca")
        self.count.setValue(USUAL[method])

    def _fit_model(self) -> None:
        capabilities = self._state.capabilities
        layered = capabilities is not None and capabilities.has_w
        self.find.setEnabled(capabilities is not None)
        for widget in (self.method, self.group):
            widget.setVisible(layered)
        if not layered:
            self.method.set_value("pca")
        self.group.setEnabled(self.method.value() != "pca")
        self._clear()
        self.note.setText(tr("What this model varies by itself: look at it, keep what you like."))

    # -- finding ----------------------------------------------------------------------------------

    def _find(self) -> None:
        model = self._state.model
        if model is None:
            return
        if self._job is not None:
            self._job.cancel()
        method = self.method.value()
        group = self.group.value() if method != "pca" else ""
        self.note.setText(tr("Looking for directions…"))
        job: JobThread

        def done(found: Any) -> None:
            if self._job is job:
                self._job = None
                if self._state.model is not None and self._state.model.ref == model.ref:
                    self.show_candidates(found)

        def failed(error: BaseException) -> None:
            if self._job is job:
                self._job = None
                self.note.setText(str(getattr(error, "message", error)))
                self._context.notifications.show_error(error)

        job = self._context.jobs.start(
            tr("Finding candidates"),
            discovery.find_candidates,
            model,
            method,
            self.count.value(),
            group,
            done=done,
            failed=failed,
            cancelled=lambda: self.note.clear(),
        )
        self._job = job

    def _keep(self, row: CandidateRow, name: str) -> None:
        edits = self._context.models.direction_edits
        if not name and row.direction.kind not in NUMBERED:
            name = row.direction.name
        free = edits.free_name(name) if name else edits.numbered_name()
        edits.add([replace(row.direction, name=free)])
        row.show_kept(free)

    # -- pictures ---------------------------------------------------------------------------------

    def _mark(self, row: CandidateRow) -> str:
        return f"{MARK}{row.direction.name}"

    def _later(self) -> None:
        if self.rows and self.isVisible():
            self._timer.start()

    def _request(self) -> None:
        if not self.rows or not self.isVisible():
            return
        recipe = self._state.recipe
        wanted = [
            ((index, place), recipe.with_direction(self._mark(row), step))
            for index, row in enumerate(self.rows)
            for place, step in enumerate(STEPS)
        ]
        rows = list(self.rows)

        def put(key: Any, picture: Picture) -> None:
            index, place = key
            if index < len(self.rows) and self.rows[index] is rows[index]:
                rows[index].strip.put(place, picture)

        self._context.render.request_tiles(OWNER, wanted, put)

    def _clear(self) -> None:
        self._context.render.cancel_tiles(OWNER)
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._context.render.cancel_tiles(OWNER)


def _about(direction: "Direction") -> str:
    """One line on a candidate."""
    facts = direction.info
    share = facts.get("explained", facts.get("share"))
    if isinstance(share, float):
        return (
            tr("{share:.1%} of the variance", share=share)
            if direction.kind == "pca"
            else tr("{share:.1%} of what these layers can change", share=share)
        )
    change = facts.get("change")
    if isinstance(change, float):
        return tr("changes a pixel by {change:.1%} of its range", change=change / 2)
    return ""
