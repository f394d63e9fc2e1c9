"""What a new run can be told beside preset, data, name and length."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFormLayout,
    QFrame,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.docks.estimate_box import EstimateBox
from latent_studio.ui.docks.init_choice import InitChoice
from latent_studio.ui.docks.metrics_choice import MetricsChoice
from latent_studio.ui.docks.option_table import OptionTable
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_request import check_run
from latent_studio.ui.widgets.section import Choice
from latent_studio.ui.widgets.slider import ElidedLabel

SIDE_BY_SIDE = 760  # pixels that choices, table and estimate need beside each other
FOUR_COLUMNS = 1250  # that the choices need beside each other, too
CHECK_AFTER_MS = 250  # so that typing does not start a check for every letter


class NewRunForm(QScrollArea):
    """Choices of the next run, kept in the settings; what cannot be is said at once."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._checking = False
        self._check_again = False
        self._make_choices()
        self.more = OptionTable(lambda: context.training.setting_names)
        self.more.set_lines(context.settings.get("train/more"))
        self.more.lines_changed.connect(lambda lines: self._set("more", lines))
        self.estimate = EstimateBox(context)
        self._timer = QTimer(self, singleShot=True, interval=CHECK_AFTER_MS)
        self._timer.timeout.connect(self._check)
        self._lay_out()
        training = context.training
        training.presets_loaded.connect(self._on_presets)
        training.data_changed.connect(lambda _data: self._show_classes())
        training.data_reported.connect(lambda _report: self._show_classes())
        context.settings.changed.connect(self._on_setting)
        self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._context.training.ensure_report()
        self._timer.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.viewport().width() >= SIDE_BY_SIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._parts.setDirection(across if wide else down)
        roomy = self.viewport().width() >= FOUR_COLUMNS
        self._choices.setDirection(across if roomy else down)
        self._choices.setSpacing(18 if roomy else 6)

    # making

    def _make_choices(self) -> None:
        self.objective = Choice(
            [("", tr("as preset"))], tr("Objective"), tr("What the two networks minimise")
        )
        self.objective.value_changed.connect(lambda value: self._set("objective", value))
        self.augment = Choice(
            [
                ("", tr("as preset")),
                ("none", tr("none")),
                ("ada", tr("ADA: as strong as overfitting demands")),
                ("diffaug", tr("DiffAugment: always on")),
            ],
            tr("Augmentation"),
            tr("Changes the pictures that D sees, against overfitting on few of them"),
        )
        self.augment.value_changed.connect(lambda value: self._set("augment", value))
        self.conditional = QCheckBox(tr("learn the classes of the data"))
        self.conditional.setAccessibleName(tr("Learn the classes of the data"))
        self.conditional.toggled.connect(lambda on: self._set("conditional", on))
        for combo in (self.objective, self.augment):
            combo.setMinimumContentsLength(26)
        self.init = InitChoice(self._context)
        self.metrics = MetricsChoice(self._context)
        self.problem = ElidedLabel("")
        self.problem.setAccessibleName(tr("What is wrong with the run"))
        self.problem.hide()

    def _lay_out(self) -> None:
        choices = QWidget()
        self._choices = QBoxLayout(QBoxLayout.Direction.LeftToRight, choices)
        self._choices.setContentsMargins(0, 0, 0, 0)
        self._choices.setSpacing(6)
        for rows in (
            (
                (tr("Objective"), self.objective),
                (tr("Augmentation"), self.augment),
                (tr("Metrics"), self.metrics),
            ),
            ((tr("Begin from"), self.init), (tr("Classes"), self.conditional)),
        ):
            self._choices.addLayout(_form(rows), 1)
        body = QWidget()
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, body)
        self._parts.setContentsMargins(10, 8, 10, 8)
        self._parts.setSpacing(18)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(choices)
        column.addWidget(self.problem)
        column.addStretch(1)
        for part, share in ((side, 5), (self.more, 4), (self.estimate, 3)):
            self._parts.addWidget(part, share)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # showing

    def _on_presets(self, _presets: object) -> None:
        # a method, unlike a function, is let go with the widget
        self._fill()

    def _fill(self) -> None:
        training, get = self._context.training, self._context.settings.get
        objectives = training.objectives or {get("train/objective"): get("train/objective")}
        own = [(name, title) for name, title in objectives.items() if name]
        self.objective.set_options([("", tr("as preset")), *own])
        self.objective.set_value(get("train/objective"))
        self.augment.set_value(get("train/augment"))
        self._show_classes()

    def _show_classes(self) -> None:
        training = self._context.training
        able = training.can_learn_classes()
        names = list(getattr(training.report, "classes", ()))
        with blocked(self.conditional):
            self.conditional.setEnabled(able)
            self.conditional.setChecked(able and self._context.settings.get("train/conditional"))
        if able:
            shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
            tip = tr("%n classes:", n=len(names)) + f" {shown}"
        elif len(names) > 1:
            tip = tr("The networks of this preset cannot learn classes.")
        else:
            tip = tr("These data have no classes; sub-folders or labels make them.")
        self.conditional.setToolTip(tip)

    # acting

    def _set(self, name: str, value: object) -> None:
        self._context.settings.set(f"train/{name}", value)

    def _on_setting(self, key: str, value: Any) -> None:
        if not key.startswith("train/"):
            return
        if key == "train/more" and self.more.lines() != value:
            self.more.set_lines(value)
        if key not in ("train/more", "train/axis", "train/smoothing"):
            self._fill()
        if self.isVisible():
            self._timer.start()

    def _check(self) -> None:
        """Let a worker try the settings against the preset (that needs torch)."""
        lines = self.more.lines()
        if self._context.jobs.closed:
            return
        if self._checking:
            self._check_again = True
            return
        self._checking, self._check_again = True, False
        new = self._context.training.new_run
        chosen = replace(new, init="", more=()).options()
        self._context.jobs.start(
            tr("Check the settings"),
            check_run,
            self._context.training.preset,
            lines,
            chosen,
            plain=True,
            quiet=True,
            done=lambda found: self._on_checked(lines, *found),
            failed=lambda _error: self._on_checked(lines, [], ""),
        )

    def _on_checked(self, lines: list[str], problems: list[str], whole: str) -> None:
        self._checking = False
        if self._check_again:
            self._timer.start()
            return
        if lines == self.more.lines():
            self.more.show_problems(problems)
            self.problem.set_full_text(whole)
            self.problem.setToolTip(whole)
            self.problem.setStyleSheet(f"color: {theme.colors().bad};")
            self.problem.setVisible(bool(whole))
            if not any(problems) and not whole:
                self.estimate.renew()


def _form(rows: Sequence[tuple[str, QWidget]]) -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setVerticalSpacing(6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    for title, widget in rows:
        form.addRow(title, widget)
    return form
