"""Thumbs up or down on samples: some thirty of them make a slider."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import discovery, theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.latent.directions import HandFit, LabellingPool
    from latent_studio.ui.state import LoadedModel
    from latent_studio.ui.threads.job_thread import JobThread

OWNER = "hand"
ENOUGH = 30
CHANCE = 0.5  # of pairs in the right order
_LEAST = 2  # of each side
_YES = (Qt.Key.Key_Up, Qt.Key.Key_Y)
_NO = (Qt.Key.Key_Down, Qt.Key.Key_N)
_SKIP = (Qt.Key.Key_Right, Qt.Key.Key_S)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Backspace)


class SampleView(QWidget):
    """The sample in question; keys answer. ``answered(True, False or None)``, ``taken_back()``."""

    answered = Signal(object)
    taken_back = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture: Picture | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(QSize(220, 220))
        self.setAccessibleName(tr("Sample to judge"))
        self.setToolTip(tr("↑ or Y: yes, ↓ or N: no, → or S: skip, ←: take the last back"))

    def show_picture(self, picture: Picture | None) -> None:
        self.picture = picture
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _YES or key in _NO:
            self.answered.emit(key in _YES)
        elif key in _SKIP:
            self.answered.emit(None)
        elif key in _BACK:
            self.taken_back.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colors()
        painter = QPainter(self)
        side = min(self.width(), self.height()) - 4
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        if self.picture is None:
            painter.fillRect(box, QColor(colours.field))
        else:
            self.picture.paint(painter, box, True)
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRect(box)
        painter.end()


class HandPage(QWidget):
    """Labels belong to one model; the pool of samples is made when it is asked for."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.pool: LabellingPool | None = None
        self.labels: dict[int, bool] = {}
        self.fit: HandFit | None = None
        self._skipped: set[int] = set()
        self._order: list[int] = []
        self._shown: int | None = None
        self._model: LoadedModel | None = None
        self._pooling: JobThread | None = None
        self._fitting: JobThread | None = None
        self._stale = False
        self._make_parts()
        self._lay_out()
        self._connect()
        self._reset()

    # -- parts ------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("What do you look for? It names the slider"))
        self.name.setAccessibleName(tr("Name of the slider"))
        self.name.setToolTip(tr("For example: friendly, tired, backlit"))
        self.view = SampleView()
        self.yes = _button(tr("Yes"), tr("It has it (↑ or Y)"))
        self.no = _button(tr("No"), tr("It has not (↓ or N)"))
        self.skip = _button(tr("Skip"), tr("Hard to say (→ or S)"))
        self.back = _button(tr("Back"), tr("Take the last answer back (←)"))
        self.begin = _button(tr("Begin"), tr("Make samples to label"))
        self.again = _button(tr("Start over"), tr("Forget the labels"))
        self.make = _button(tr("Make slider"), tr("Add the slider to the model"))
        self.make.setProperty("role", "primary")
        self.count, self.note = QLabel(), QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)

    def _lay_out(self) -> None:
        answers = QHBoxLayout()
        for button in (self.no, self.skip, self.yes):
            answers.addWidget(button, 1)
        below = QHBoxLayout()
        below.addWidget(self.begin)
        below.addWidget(self.back)
        below.addWidget(self.again)
        below.addStretch(1)
        below.addWidget(self.make)
        column = QVBoxLayout(self)
        column.addWidget(self.name)
        column.addWidget(self.view, 1)
        column.addLayout(answers)
        column.addWidget(self.count)
        column.addWidget(self.note)
        column.addLayout(below)

    def _connect(self) -> None:
        self.begin.clicked.connect(self._begin)
        self.again.clicked.connect(self._start_over)
        self.yes.clicked.connect(lambda: self._answer(True))
        self.no.clicked.connect(lambda: self._answer(False))
        self.skip.clicked.connect(lambda: self._answer(None))
        self.back.clicked.connect(self._take_back)
        self.view.answered.connect(self._answer)
        self.view.taken_back.connect(self._take_back)
        self.make.clicked.connect(self._make)
        self.name.textChanged.connect(lambda _text: self._show())
        self._state.model_changed.connect(lambda _model: self._reset())

    # -- the pool ---------------------------------------------------------------------------------

    def _reset(self) -> None:
        """Another model: other samples."""
        if self._pooling is not None:
            self._pooling.cancel()
        self._pooling = None
        self._model, self.pool = self._state.model, None
        self._start_over()

    def _begin(self) -> None:
        model = self._state.model
        if model is None or self._pooling is not None:
            return
        recipe = self._state.recipe
        job: JobThread

        def done(pool: Any) -> None:
            if self._pooling is job:
                self._pooling = None
                self.pool = pool
                self._start_over()
                self.view.setFocus()

        def ended(*_: object) -> None:
            if self._pooling is job:
                self._pooling = None
                self._show()

        def failed(error: BaseException) -> None:
            ended()
            self._context.notifications.show_error(error)

        job = self._context.jobs.start(
            tr("Making samples to label"),
            discovery.make_pool,
            model,
            recipe.psi,
            recipe.label,
            done=done,
            failed=failed,
            cancelled=ended,
        )
        self._pooling = job
        self._show()

    def _start_over(self) -> None:
        self.labels, self.fit, self._order, self._skipped = {}, None, [], set()
        self._stale = False
        self._next()

    # -- labels -----------------------------------------------------------------------------------

    def _answer(self, side: bool | None) -> None:
        if self._shown is None:
            return
        self._order.append(self._shown)
        if side is None:
            self._skipped.add(self._shown)
        else:
            self.labels[self._shown] = side
        self._refit()
        self._next()

    def _take_back(self) -> None:
        if not self._order:
            return
        last = self._order.pop()
        self.labels.pop(last, None)
        self._skipped.discard(last)
        if not self._enough():
            self.fit = None
        self._refit()
        self._ask_for(last)
        self._show()

    def _next(self) -> None:
        if self.pool is None:
            self._shown = None
            self.view.show_picture(None)
        else:
            from latent_studio.latent.directions.hand import next_sample

            seen = {**dict.fromkeys(self._skipped, False), **self.labels}
            self._ask_for(next_sample(self.pool, seen, self.fit))
        self._show()

    def _ask_for(self, index: int | None) -> None:
        self._shown = index
        self.view.show_picture(None)
        if index is None or self.pool is None:
            return

        def put(key: Any, picture: Picture) -> None:
            if key == self._shown:
                self.view.show_picture(picture)

        self._context.render.request_tiles(OWNER, [(index, self.pool.recipes[index])], put)

    # -- the slider -------------------------------------------------------------------------------

    def _enough(self) -> bool:
        yes = sum(self.labels.values())
        return min(yes, len(self.labels) - yes) >= _LEAST

    def _refit(self) -> None:
        """Fit in the background; labels that come meanwhile are fitted behind."""
        if self.pool is None or not self._enough():
            return
        if self._fitting is not None:
            self._stale = True
            return
        self._stale = False
        pool = self.pool
        job: JobThread

        def ended(*_: object) -> None:
            self._fitting = None
            if self._stale:
                self._refit()

        def done(fit: Any) -> None:
            if self.pool is pool and self._enough():
                self.fit = fit
            ended()
            self._show()

        def failed(error: BaseException) -> None:
            ended()
            self.note.setText(str(getattr(error, "message", error)))

        space = "w" if self._model is not None and self._model.capabilities.has_w else "z"
        job = self._context.jobs.start(
            tr("Fitting the slider"),
            discovery.fit_labels,
            pool,
            dict(self.labels),
            "hand",
            space,
            done=done,
            failed=failed,
            cancelled=ended,
            quiet=True,
        )
        self._fitting = job

    def _make(self) -> None:
        if self.fit is None:
            return
        from dataclasses import replace

        edits = self._context.models.direction_edits
        name = edits.free_name(self.name.text().strip() or tr("by hand"))
        edits.add([replace(self.fit.direction, name=name)])

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        asked = self._shown is not None
        for widget in (self.yes, self.no, self.skip, self.view):
            widget.setEnabled(asked)
        self.begin.setEnabled(self._state.model is not None and self._pooling is None)
        self.begin.setVisible(self.pool is None)
        self.again.setVisible(self.pool is not None)
        self.back.setEnabled(bool(self._order))
        self.make.setEnabled(self.fit is not None and bool(self.name.text().strip()))
        yes = sum(self.labels.values())
        self.count.setText(
            tr("{yes} yes, {no} no", yes=yes, no=len(self.labels) - yes) if self.labels else ""
        )
        self.note.setText(self._said())

    def _said(self) -> str:
        if self._pooling is not None:
            return tr("Making samples…")
        if self.pool is None:
            return tr(
                "Say of some thirty samples whether they have what you look for; a slider comes "
                "out. Begin makes the samples, which takes a few seconds."
            )
        if not self._enough():
            return tr("At least two of each side are needed, and thirty make a good slider.")
        left = ENOUGH - len(self.labels)
        more = tr("about {left} more make it good", left=left) if left > 0 else tr("enough")
        if self.fit is None or self.fit.auc is None:
            return more
        if round(self.fit.auc, 2) <= CHANCE:
            return _at_chance(self.fit.auc)
        return _above_chance(self.fit.auc, more)

    def _reserve(self) -> None:
        """Room for the longest hint, or the answers above it would move under the hand."""
        left = tr("about {left} more make it good", left=ENOUGH)
        texts = (_at_chance(CHANCE), _above_chance(1.0, left))
        room = QRect(0, 0, max(1, self.note.width()), 1000)
        flags = int(Qt.TextFlag.TextWordWrap)
        metrics = self.note.fontMetrics()
        heights = [metrics.boundingRect(room, flags, text).height() for text in texts]
        self.note.setMinimumHeight(max(heights))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._reserve()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._context.render.cancel_tiles(OWNER)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._shown is not None and self.view.picture is None:
            self._ask_for(self._shown)


def _above_chance(auc: float, more: str) -> str:
    return tr(
        "The slider puts a yes above a no in {auc:.0%} of pairs it has not seen "
        "(cross-validated AUC; half would be chance); {more}.",
        auc=auc,
        more=more,
    )


def _at_chance(auc: float) -> str:
    return tr(
        "Not better than chance yet: the slider puts a yes above a no in {auc:.0%} of pairs it has "
        "not seen. More labels may help, or something that is plainer to see.",
        auc=auc,
    )


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
