"""The timeline: keyframes told one after the other, played on the canvas, written as a video."""

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from latent_studio.latent.curves import EASINGS
from latent_studio.latent.timeline import (
    MAX_SECONDS,
    MIN_SECONDS,
    Keyframe,
    Timeline,
    same_weights,
)
from latent_studio.ui.bind import blocked
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken
from latent_studio.ui.widgets.section import MARGIN, SPACING, Choice, icon_button, inset
from latent_studio.ui.widgets.slider import ElidedLabel
from latent_studio.ui.widgets.timeline_strip import TimelineStrip

if TYPE_CHECKING:
    from latent_studio.recipe import Scene

OWNER = "timeline"
MAX_PICTURES = 300


class TimelineDock(QWidget):
    """A strip of keyframes with its controls."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.desk.timeline
        self._player = context.desk.player
        self._pictures: OrderedDict[Scene, Picture] = OrderedDict()
        self.strip = TimelineStrip()
        self.strip.picture_of = self._picture
        self._make_buttons()
        self._make_fields()
        self._lay_out()
        self._connect()
        self._show(self._state.timeline)
        self._on_selected(self._state.selection)
        self.strip.show_place(self._player.place)

    # -- parts ------------------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.rewind = icon_button("rewind", tr("To the first keyframe"))
        self.play = icon_button("play", tr("Play or pause (P)"))
        self.add = icon_button("keyframe", tr("Add what is shown as a keyframe (K)"))
        self.put = icon_button("keyframe-put", tr("Put what is shown into the chosen keyframe"))
        self.copy = icon_button("copy", tr("Duplicate the chosen keyframe (D)"))
        self.remove = icon_button("trash", tr("Remove the chosen keyframe (Del)"))
        self.export = QPushButton(tr("Export video…"))
        self.export.setToolTip(tr("Write the timeline as a video, frame by frame"))

    def _make_fields(self) -> None:
        self.seconds = _number(MIN_SECONDS, MAX_SECONDS, 0.1, 2, tr(" s"))
        self.seconds.setAccessibleName(tr("Seconds to the next keyframe"))
        self.seconds.setToolTip(tr("How long the way from the chosen keyframe to the next takes"))
        easings = [(name, spoken(name)) for name in EASINGS]
        self.easing = Choice(easings, tr("Easing"), tr("Pace of the way to the next keyframe"))
        ways = [
            ("lerp", tr("straight in w")),
            ("slerp", tr("spheres in z")),
            ("spline", tr("smooth curve")),
        ]
        tip = tr("How latents go between keyframes: lines, great circles, or one smooth curve")
        self.interpolation = Choice(ways, tr("Path"), tip)
        self.interpolation.setMinimumContentsLength(8)
        self.fps = _number(1, 120, 1, 0, tr(" fps"))
        self.fps.setAccessibleName(tr("Frames a second"))
        self.fps.setToolTip(tr("Frames a second, on the canvas and in a video"))
        self.loop = QCheckBox(tr("Loop"))
        self.loop.setToolTip(tr("Go back to the first keyframe"))
        self.total = ElidedLabel("")
        self.total.setProperty("role", "muted")

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        for widget in (self.rewind, self.play, self.add, self.put, self.copy, self.remove):
            row.addWidget(widget)
        row.addSpacing(8)
        for widget in (self.seconds, self.easing):
            row.addWidget(widget)
        row.addWidget(self.total, 1)
        for widget in (self.interpolation, self.fps, self.loop, self.export):
            row.addWidget(widget)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setWidget(self.strip)
        self.scroll.viewport().installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 6, MARGIN, 6)
        column.setSpacing(SPACING)
        column.addLayout(row)
        column.addWidget(self.scroll, 1)

    def _connect(self) -> None:
        state, player, strip = self._state, self._player, self.strip
        state.changed.connect(self._show)
        state.selected.connect(self._on_selected)
        player.place_changed.connect(strip.show_place)
        player.playing_changed.connect(self._on_playing)
        self._context.state.model_changed.connect(lambda _model: self._want_pictures())
        strip.seconds_changed.connect(state.set_seconds)
        strip.drag_finished.connect(state.end_merge)
        strip.moved.connect(state.move)
        strip.keyframe_selected.connect(state.select)
        strip.keyframe_opened.connect(player.go_to)
        strip.duplicated.connect(state.duplicate)
        strip.removed.connect(state.remove)
        strip.sought.connect(player.seek)
        strip.released.connect(player.release)
        strip.zoomed.connect(lambda _zoom: self._fit_strip())
        self.rewind.clicked.connect(player.rewind)
        self.play.clicked.connect(player.toggle)
        self.add.clicked.connect(self._context.desk.add_keyframe)
        self.put.clicked.connect(lambda: self._on_chosen(self._put_scene))
        self.copy.clicked.connect(lambda: self._on_chosen(state.duplicate))
        self.remove.clicked.connect(lambda: self._on_chosen(state.remove))
        self.export.clicked.connect(self._context.desk.export_timeline)
        self.seconds.valueChanged.connect(
            lambda value: self._on_chosen(lambda index: state.set_seconds(index, value))
        )
        self.seconds.editingFinished.connect(state.end_merge)
        self.easing.value_changed.connect(
            lambda value: self._on_chosen(lambda index: state.set_easing(index, value))
        )
        for field, name, text in (
            (self.interpolation.value_changed, "interpolation", tr("Path of the timeline")),
            (self.fps.valueChanged, "fps", tr("Frames a second")),
            (self.loop.toggled, "loop", tr("Loop")),
        ):
            field.connect(lambda value, name=name, text=text: self._edit(name, value, text))

    # -- edits ------------------------------------------------------------------------------------

    def _edit(self, name: str, value: Any, text: str) -> None:
        key = name if name == "fps" else ""
        self._state.edit(lambda t: replace(t, **{name: value}), merge_key=key, text=text)

    def _on_chosen(self, act: Any) -> None:
        if self._state.selection >= 0:
            act(self._state.selection)

    def _put_scene(self, index: int) -> None:
        self._state.set_scene(index, self._context.state.scene)

    # -- from the state ---------------------------------------------------------------------------

    def _show(self, timeline: Timeline) -> None:
        self.strip.show_timeline(timeline)
        with blocked(self.fps, self.loop):
            self.interpolation.set_value(timeline.interpolation)
            self.fps.setValue(timeline.fps)
            self.loop.setChecked(timeline.loop)
        keys = len(timeline.keyframes)
        text = tr("1 keyframe") if keys == 1 else tr("%n keyframes", n=keys)
        facts = {"seconds": timeline.seconds, "frames": timeline.frames}
        more = tr("{seconds:.3g} s, {frames} frames", **facts)
        self.total.set_full_text(f"{text} · {more}" if keys > 1 else text if keys else "")
        self.total.setToolTip(self.total.full_text())
        for widget in (self.rewind, self.play):
            widget.setEnabled(keys > 0)
        self.export.setEnabled(keys > 1)
        self._on_selected(self._state.selection)
        self._want_pictures()

    def _on_selected(self, index: int) -> None:
        keys = self._state.timeline.keyframes
        chosen = keys[index] if 0 <= index < len(keys) else None
        for widget in (self.put, self.copy, self.remove, self.seconds, self.easing):
            widget.setEnabled(chosen is not None)
        if chosen is not None:
            with blocked(self.seconds):
                self.seconds.setValue(chosen.seconds)
            self.easing.set_value(chosen.easing)
        self.strip.show_selection(index)

    def _on_playing(self, playing: bool) -> None:
        self.play.set_icon("pause" if playing else "play")

    # -- pictures ---------------------------------------------------------------------------------

    def _picture(self, key: Keyframe) -> Picture | None:
        return self._pictures.get(key.scene)

    def _want_pictures(self) -> None:
        """Pictures of keyframes that have none yet: the canvas's own, or rendered when it rests."""
        model = self._context.state.model
        if model is None or not self.isVisible():
            return
        scenes = dict.fromkeys(key.scene for key in self._state.timeline.keyframes)
        missing = [
            scene
            for scene in scenes
            if scene not in self._pictures and same_weights(scene.model, model.ref)
        ]
        for scene in missing:
            frame = self._context.render.frame_of(scene.recipe)
            if frame is not None:
                self._put_picture(scene, Picture(frame.pixels))
        wanted = [(scene, scene.recipe) for scene in missing if scene not in self._pictures]
        self._context.render.request_tiles(OWNER, wanted, self._put_picture)

    def _put_picture(self, scene: Any, picture: Picture) -> None:
        self._pictures[scene] = picture
        while len(self._pictures) > MAX_PICTURES:
            self._pictures.popitem(last=False)
        self.strip.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want_pictures()

    # -- the strip's width ------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit_strip()
        return False

    def _fit_strip(self) -> None:
        self.strip.setMinimumWidth(round(self.scroll.viewport().width() * self.strip.zoom))


def _number(low: float, high: float, step: float, decimals: int, suffix: str) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    inset(field)
    field.setRange(low, high)
    field.setSingleStep(step)
    field.setDecimals(decimals)
    field.setSuffix(suffix)
    field.setKeyboardTracking(False)
    return field
