"""Pages of curves. Plots (and the library that draws them) come into being when first looked at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_history import SPEED

if TYPE_CHECKING:
    from latent_studio.ui.plots.curve_plot import CurvePlot

PLOT_WIDTH = 330  # narrower ones scroll


@dataclass(frozen=True)
class Limit:
    """A line: ``below`` or above ``value`` an alarm is near, which ``text`` names."""

    value: float
    text: str
    below: bool = False


@dataclass(frozen=True)
class PlotSpec:
    """One plot: its title and the values it shows, ``(name in a tick, text)``."""

    title: str
    curves: tuple[tuple[str, str], ...]
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class CurveView:
    """How all curves are looked at."""

    smoothing: float
    log: bool
    axis: str


def plot_tabs() -> tuple[tuple[str, tuple[PlotSpec, ...]], ...]:
    """Title of each tab and the plots side by side in it."""
    penalties = (("loss/R1", "R1"), ("loss/R2", "R2"), ("loss/GP", "GP"), ("loss/PL", "PL"))
    return (
        (tr("Losses"), (PlotSpec(tr("Losses"), (("loss/G", "G"), ("loss/D", "D"))),)),
        (
            tr("D scores"),
            (PlotSpec(tr("Scores"), (("score/real", tr("real")), ("score/fake", tr("fake")))),),
        ),
        (
            tr("R1, gradients, lr"),
            (
                PlotSpec(tr("Penalties"), penalties),
                PlotSpec(tr("Gradient norm"), (("grad/G", "G"), ("grad/D", "D"))),
                PlotSpec(tr("Learning rate"), (("lr/G", "G"), ("lr/D", "D"))),
            ),
        ),
        (tr("Speed"), (PlotSpec(tr("Speed"), ((SPEED, tr("images/s")),)),)),
    )


def health_specs(names: Iterable[str]) -> tuple[PlotSpec, ...]:
    """What tells whether D and G keep pace, as far as the runs tell it; ``health/GROUP/NAME``
    makes a plot for each group.
    """
    there = set(names)
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(name for name in names if name.startswith("health/")):
        group, _, rest = name.removeprefix("health/").partition("/")
        groups.setdefault(group, []).append((name, rest or group))
    found = tuple(
        PlotSpec(group.replace("_", " ").capitalize(), tuple(curves))
        for group, curves in groups.items()
    )
    fixed = (*_judged_specs("share" in there), *_measured_specs())
    return tuple(s for s in fixed if any(name in there for name, _ in s.curves)) + found


def _judged_specs(has_boundary: bool) -> tuple[PlotSpec, ...]:
    """What the alarms look at, with their thresholds; the module ``training.diagnostics`` explains
    the numbers. Only a D with a boundary between real and fake can be said to know data by heart.
    """
    from latent_studio.training.thresholds import Thresholds

    at, real, fake = Thresholds(), tr("real"), tr("fake")
    by_heart = Limit(at.overfit_sign, tr("overfitting"))
    return (
        PlotSpec(
            tr("Diversity"),
            (("diversity", tr("features")), ("likeness", tr("MS-SSIM"))),
            (Limit(at.diversity, tr("collapse"), below=True),),
        ),
        PlotSpec(
            tr("Distance"),
            (("gap", tr("from real pictures")),),
            (Limit(at.stall_gap, tr("far from good")),),
        ),
        PlotSpec(
            tr("Lead of D"),
            (("advantage", tr("mean")), ("certainty", tr("harder kind"))),
            (
                Limit(at.weak_advantage, tr("too weak"), below=True),
                Limit(at.strong_certainty, tr("too strong")),
            ),
        ),
        PlotSpec(
            tr("Loss of D"),
            (("share", tr("of a guess’s")),),
            (
                Limit(at.strong_share, tr("too strong"), below=True),
                Limit(at.weak_share, tr("too weak")),
            ),
        ),
        PlotSpec(
            tr("Sign of D"),
            (("sign/real", real), ("sign/fake", fake)),
            (by_heart,) if has_boundary else (),
        ),
        PlotSpec(
            tr("Saturated"),
            (("saturated/real", real), ("saturated/fake", fake), ("burnt", tr("too much"))),
            (Limit(at.burnt, tr("running away")),),
        ),
    )


def _measured_specs() -> tuple[PlotSpec, ...]:
    """What the judged numbers are made of, and what has no threshold of its own."""
    real, fake = tr("real"), tr("fake")
    spread = (("spread/real", real), ("spread/fake", fake), ("spread/cross", tr("between")))
    return (
        PlotSpec(tr("Spread of features"), spread),
        PlotSpec(tr("Likeness (MS-SSIM)"), (("msssim/real", real), ("msssim/fake", fake))),
        PlotSpec(tr("Weight norm"), (("weight/G", "G"), ("weight/D", "D"))),
        PlotSpec(tr("Augmentation"), (("augment/p", "p"),)),
    )


def metric_specs(names: Iterable[str]) -> tuple[PlotSpec, ...]:
    """A plot for each ``metric/NAME``, since they have scales of their own; the parts of one, as in
    ``metric/pr-random/recall``, share it.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(name for name in names if name.startswith("metric/")):
        group, _, part = name.removeprefix("metric/").partition("/")
        groups.setdefault(group, []).append((name, part or tr("model")))
    return tuple(PlotSpec(group, tuple(curves)) for group, curves in groups.items())


class PlotPage(QScrollArea):
    """Plots side by side, of the run that is shown and of those that are compared with it; as long
    as there is nothing to draw, ``empty_text``.
    """

    def __init__(self, context: Context, specs: tuple[PlotSpec, ...], empty_text: str = "") -> None:
        super().__init__()
        self._context = context
        self._specs = specs
        body = QWidget()
        self._row = QHBoxLayout(body)
        self._row.setContentsMargins(4, 4, 8, 2)
        self._row.setSpacing(8)
        self._empty = QLabel(empty_text or _how_to_begin())
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._row.addWidget(self._empty, 1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.plots: list[CurvePlot] = []
        context.training.compared.changed.connect(self._show_compared)
        context.training.compared.updated.connect(self.refresh)

    @property
    def built(self) -> bool:
        """Whether there is nothing to build any more."""
        return bool(self.plots)

    def build(self, view: CurveView) -> None:
        """Make the plots."""
        from latent_studio.ui.plots.curve_plot import CurvePlot

        history = self._context.training.history
        for spec in self._specs:
            plot = CurvePlot(spec.title)
            plot.setMinimumWidth(PLOT_WIDTH)
            for name, text in spec.curves:
                plot.add_curve(history.series(name), text, clock=history.clock)
            for limit in spec.limits:
                plot.add_limit(limit.value, limit.text, limit.below)
            self.plots.append(plot)
            self._row.addWidget(plot, 1)
        self.set_view(view)
        self._show_compared()
        self._show_empty()

    def set_view(self, view: CurveView) -> None:
        for plot in self.plots:
            if plot.smoothing != view.smoothing:
                plot.set_smoothing(view.smoothing)
            if plot.log_scale != view.log:
                plot.set_log_scale(view.log)
            if plot.axis != view.axis:
                plot.set_axis(view.axis)

    def refresh(self) -> None:
        self._show_empty()
        for plot in self.plots:
            plot.refresh()

    def show_all(self) -> None:
        self._show_empty()
        for plot in self.plots:
            plot.show_all()

    def _show_empty(self) -> None:
        empty = self._is_empty()
        self._empty.setVisible(empty)
        for plot in self.plots:
            plot.setVisible(not empty)

    def _is_empty(self) -> bool:
        training = self._context.training
        wanted = {name for spec in self._specs for name, _ in spec.curves}
        histories = (training.history, *(run.history for run in training.compared.runs))
        return all(wanted.isdisjoint(history.names) for history in histories)

    def _show_compared(self) -> None:
        if not self.plots:
            return
        from latent_studio.ui.plots.curve_plot import Overlay

        runs = self._context.training.compared.runs
        for plot, spec in zip(self.plots, self._specs, strict=True):
            plot.set_overlays(
                [
                    Overlay(
                        run.name,
                        run.color,
                        run.history.clock,
                        [run.history.series(name) for name, _ in spec.curves],
                    )
                    for run in runs
                ]
            )


def _how_to_begin() -> str:
    return tr("Curves appear here once a model trains: choose data, then press Start (T).")


class GrowingPage(PlotPage):
    """Plots of whatever the runs turn out to tell: ``specs(names)`` gives them."""

    def __init__(
        self,
        context: Context,
        specs: Callable[[Iterable[str]], tuple[PlotSpec, ...]],
        empty_text: str,
    ) -> None:
        super().__init__(context, (), empty_text)
        self._make_specs = specs
        self._view: CurveView | None = None

    @property
    def built(self) -> bool:
        return self._view is not None and self._wanted() == self._specs

    def build(self, view: CurveView) -> None:
        for plot in self.plots:
            self._row.removeWidget(plot)
            plot.hide()
            plot.deleteLater()
        self.plots, self._view, self._specs = [], view, self._wanted()
        if self._specs:
            super().build(view)
        self._show_empty()

    def refresh(self) -> None:
        if self._view is not None and not self.built and self.isVisible():
            self.build(self._view)
        super().refresh()

    def set_view(self, view: CurveView) -> None:
        self._view = view if self._view is not None else None
        super().set_view(view)

    def _wanted(self) -> tuple[PlotSpec, ...]:
        training = self._context.training
        names = dict.fromkeys(training.history.names)
        for run in training.compared.runs:
            names.update(dict.fromkeys(run.history.names))
        return self._make_specs(tuple(names))
