"""Controls of the drag tool: start and stop, points as numbers, brush, and how it pulls."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from latent_studio.ui.bind import blocked
from latent_studio.ui.canvas.drag_tool import Pair
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import Column, Segments, icon_button, labelled
from latent_studio.ui.widgets.slider import FloatSlider

ROWS = 4


class DragDock(Column):
    """The table and the canvas show the same points; either can set them."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._control = context, context.drag
        self._tool, self._options = self._control.tool, self._control.options
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setProperty("role", "muted")
        self._make_buttons()
        self._make_table()
        self._make_sliders()
        self._lay_out()
        self._connect()
        self._fit_model()
        self._show_points()
        self._show_running(self._control.running)

    # -- parts ------------------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.start = QPushButton(tr("Start"))
        self.start.setProperty("role", "primary")
        self.start.setToolTip(tr("Drag the handles to their targets, or stop; start again goes on"))
        self.reset = icon_button("reset", tr("Remove all points"))
        self.clear_mask = icon_button("close", tr("Remove the mask: everything may change"))
        self.mode = Segments(
            [
                (
                    "points",
                    tr("Points"),
                    tr("Pull a point to where it should go, or click both places; Alt removes"),
                ),
                ("draw", tr("Mask"), tr("Paint what may change; the rest is held")),
                ("erase", tr("Erase"), tr("Paint what has to stay")),
            ],
            tr("Tool"),
        )
        self.mode.set_value("points")
        self.space = Segments(
            [
                ("w+", "W+", tr("Every layer moves by itself: reaches more")),
                ("w", "W", tr("All layers move alike: stays a typical picture")),
            ],
            tr("Space"),
        )
        self.space.set_value(self._options.space)

    def _make_table(self) -> None:
        self.table = QTableWidget(0, 4)
        self.table.setHorizontalHeaderLabels([tr("x"), tr("y"), tr("to x"), tr("to y")])
        self.table.setAccessibleName(tr("Points to drag"))
        self.table.setToolTip(
            tr("Handle and target in pixels; type to move them, Delete removes a row")
        )
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setMinimumSectionSize(24)
        self.table.setMinimumWidth(120)  # a narrow dock narrows the columns
        height = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(height * (ROWS + 1) + 6)
        self.add = icon_button("plus", tr("Add a point in the middle of the picture"))
        self.remove = icon_button("trash", tr("Remove the selected points"))

    def _make_sliders(self) -> None:
        self.brush = FloatSlider(
            tr("Brush"), 1, 32, 0.5, 6, decimals=1, tooltip=tr("radius of the mask’s brush, pixels")
        )
        self.radius = FloatSlider(
            tr("Radius"),
            1,
            32,
            0.5,
            6,
            decimals=1,
            tooltip=tr("pixels around a handle that are pulled along"),
        )
        self.rate = FloatSlider(
            tr("Step"), 0.001, 0.1, 0.001, 0.015, decimals=3, tooltip=tr("how far one step goes")
        )
        self.hold = FloatSlider(
            tr("Hold"),
            0,
            20,
            0.5,
            2,
            decimals=1,
            tooltip=tr(
                "how strongly what lies outside the mask is held; too much, and nothing moves"
            ),
        )
        self.first = FloatSlider(
            tr("From layer"), 0, 1, 1, 0, decimals=0, tooltip=tr("the first layer that moves")
        )
        self.last = FloatSlider(
            tr("To layer"),
            0,
            1,
            1,
            1,
            decimals=0,
            tooltip=tr("the last layer that moves; late layers hold colours"),
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.start, 1)
        for button in (self.add, self.remove, self.reset):
            head.addWidget(button)
        self.rows.addLayout(head)
        self.rows.addWidget(self.status)
        self.rows.addWidget(self.table)
        tools = QHBoxLayout()
        tools.addWidget(self.mode, 1)
        tools.addWidget(self.clear_mask)
        self.rows.addLayout(tools)
        self.rows.addWidget(self.brush)
        self.rows.addWidget(labelled(tr("Space"), self.space))
        for slider in (self.radius, self.rate, self.hold, self.first, self.last):
            self.rows.addWidget(slider)
        self.rows.addStretch(1)

    def _connect(self) -> None:
        control, tool, options = self._control, self._tool, self._options
        self.start.clicked.connect(control.toggle)
        self.reset.clicked.connect(control.reset_points)
        self.clear_mask.clicked.connect(control.clear_mask)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.mode.value_changed.connect(tool.set_mode)
        self.mode.value_changed.connect(lambda _mode: self._show_mask())
        self.brush.value_changed.connect(lambda value: setattr(tool, "brush", value))
        self.space.value_changed.connect(lambda value: setattr(options, "space", value))
        self.radius.value_changed.connect(lambda value: setattr(options, "radius", value))
        self.rate.value_changed.connect(lambda value: setattr(options, "rate", value))
        self.hold.value_changed.connect(lambda value: setattr(options, "hold", value))
        self.first.value_changed.connect(lambda value: setattr(options, "first", int(value)))
        self.last.value_changed.connect(self._on_last)
        self.table.cellChanged.connect(self._on_cell)
        control.running_changed.connect(self._show_running)
        control.status_changed.connect(self.status.setText)
        tool.points_changed.connect(self._show_points)
        tool.mask_changed.connect(self._show_mask)
        self._context.state.model_changed.connect(lambda _model: self._fit_model())

    # -- edits ------------------------------------------------------------------------------------

    def _on_last(self, value: float) -> None:
        self._options.last = int(value) + 1

    def _on_add(self) -> None:
        middle = (self._tool.side - 1) / 2
        place = (middle, middle)
        self._tool.edit_pairs([*self._tool.pairs, Pair(place, place)])
        self.table.setCurrentCell(len(self._tool.pairs) - 1, 0)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_remove(self) -> None:
        chosen = {index.row() for index in self.table.selectedIndexes()}
        kept = [pair for row, pair in enumerate(self._tool.pairs) if row not in chosen]
        if not self._control.running:
            self._tool.edit_pairs(kept)

    def _on_cell(self, row: int, column: int) -> None:
        """A typed coordinate; what is no number within the picture is put back."""
        pair, item = self._tool.pairs[row], self.table.item(row, column)
        name = "handle" if column < 2 else "target"
        place = list(getattr(pair, name) or pair.handle)
        try:
            value = float(item.text().replace(",", "."))
        except ValueError:
            value = place[column % 2]
        place[column % 2] = min(self._tool.side - 1.0, max(0.0, value))
        setattr(pair, name, (place[0], place[1]))
        self._tool.edit_pairs(self._tool.pairs)

    def keyPressEvent(self, event: object) -> None:
        key = event.key()  # type: ignore[attr-defined]
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.table.hasFocus():
            self._on_remove()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    # -- what is shown ----------------------------------------------------------------------------

    def _show_points(self) -> None:
        with blocked(self.table):
            self.table.setRowCount(len(self._tool.pairs))
            for row, pair in enumerate(self._tool.pairs):
                target = pair.target or (None, None)
                for column, value in enumerate((*pair.handle, *target)):
                    text = "" if value is None else f"{value:.1f}"
                    self.table.setItem(row, column, QTableWidgetItem(text))
        self._show_running(self._control.running)

    def _show_running(self, running: bool) -> None:
        self.start.setText(tr("Stop") if running else tr("Start"))
        self.start.setEnabled(running or self._control.can_start)
        for widget in (self.table, self.add, self.remove, self.reset, self.clear_mask, self.space):
            widget.setEnabled(not running)
        if not running:
            self._show_mask()
            if not self.status.text():
                self.status.setText(self._control.hint())

    def _show_mask(self) -> None:
        self.clear_mask.setEnabled(self._tool.mask is not None and not self._control.running)
        self.brush.setEnabled(self._tool.mode != "points")

    def _fit_model(self) -> None:
        capabilities = self._context.state.capabilities
        if capabilities is None or not capabilities.num_ws:
            return
        from latent_studio.latent.drag import usual_radius

        side, layers = capabilities.resolution, capabilities.num_ws
        scale = side / 64
        for slider, default in ((self.radius, usual_radius(side)), (self.brush, 6 * scale)):
            slider.set_range(1, max(8.0, side / 4))
            slider.default = default
            slider.set_value(default)
        self._tool.brush, self._options.radius = 6 * scale, None
        for slider in (self.first, self.last):
            slider.set_range(0, layers - 1)
        self.first.set_value(0)
        reach = self._default_last(layers, side)
        self.last.default = reach
        self.last.set_value(reach)
        self._options.first, self._options.last = 0, reach + 1

    def _default_last(self, layers: int, side: int) -> int:
        """The layers up to half the size hold shapes; later ones colours."""
        model = self._context.state.model
        synthesis = getattr(getattr(model, "generator", None), "synthesis", None)
        if synthesis is None:
            return layers - 1
        fitting = [
            synthesis.block_layers(block).stop - 1
            for block in range(synthesis.num_blocks - 1)
            if synthesis.block_resolution(block) <= max(32, side // 2)
        ]
        return fitting[-1] if fitting else layers - 1
