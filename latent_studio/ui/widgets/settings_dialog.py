"""The page of settings. It only reads and writes them; who cares listens to ``changed``."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import looks
from latent_studio.ui.bind import blocked
from latent_studio.ui.cache_tools import clear_folder, folder_size
from latent_studio.ui.context import Context
from latent_studio.ui.docks.data_choice import ask_folder
from latent_studio.ui.i18n import chosen_language, running_language, tr
from latent_studio.ui.plots.numbers import size_text
from latent_studio.ui.widgets.section import inset


class SettingsDialog(QDialog):
    """Takes effect at once; nothing to confirm."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._show_value: dict[str, list[Callable[[Any], None]]] = {}
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.setWindowTitle(tr("Settings"))
        self.setMinimumWidth(520)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(6)
        self._column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)
        self._add_look(self._section(tr("Appearance")))
        self._add_computing(self._section(tr("Computing")))
        self._add_training(self._section(tr("Training")))
        self._add_cache(self._section(tr("Storage")))
        self._column.addStretch(1)
        close = QPushButton(tr("Close"))
        close.setToolTip(tr("Close this window (Esc)"))
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        self._column.addLayout(row)
        context.settings.changed.connect(self._on_changed)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure_cache()

    # sections

    def _add_look(self, form: QFormLayout) -> None:
        self._choice(form, "theme", tr("Theme"), looks.themes(), tr("Colours of the window"))
        tip = tr("Language of the window; takes effect at the next start")
        self._choice(form, "language", tr("Language"), looks.languages(), tip)
        self.next_start = QLabel(tr("Takes effect at the next start."))
        self.next_start.setProperty("role", "muted")
        form.addRow("", self.next_start)

        def show(setting: str) -> None:
            form.setRowVisible(self.next_start, chosen_language(setting) != running_language())

        self._bind("language", show)

    def _add_computing(self, form: QFormLayout) -> None:
        devices = [
            (tr("Best available"), "auto"),
            (tr("Processor (CPU)"), "cpu"),
            (tr("NVIDIA graphics (CUDA)"), "cuda"),
            (tr("Apple graphics (MPS)"), "mps"),
        ]
        self._choice(form, "device", tr("Device"), devices, tr("What renders and trains"))
        precisions = [(tr("Best for the device"), "auto"), *((n, n) for n in _PRECISIONS)]
        tip = tr("fp32 is exact; bf16 and fp16 are faster where the device has them")
        self._choice(form, "precision", tr("Precision"), precisions, tip)
        backends = [
            (tr("Fastest that is exact enough"), "auto"),
            (tr("PyTorch"), "torch"),
            (tr("OpenVINO (CPU)"), "openvino"),
            (tr("CUDA graphs (NVIDIA)"), "cudagraphs"),
            (tr("torch.compile"), "compile"),
        ]
        tip = tr("What runs the network; each is compared with PyTorch before it is used")
        self._choice(form, "backend", tr("Backend"), backends, tip)
        self._switch(
            form,
            "drag_preview",
            tr("Smaller pictures while dragging"),
            tr("When full pictures can’t follow the hand; refined when it rests"),
        )

    def _add_training(self, form: QFormLayout) -> None:
        folder = QLineEdit()
        folder.setReadOnly(True)
        folder.setAccessibleName(tr("Folder of runs"))
        folder.setPlaceholderText(str(self._context.training.runs_folder()))
        button = QPushButton(tr("Choose…"))
        button.setAccessibleName(tr("Choose the folder of runs"))
        button.clicked.connect(self._choose_runs)
        self._add(form, tr("Folder of runs"), _side_by_side(folder, button), tr("Where runs go"))
        self.runs = folder
        self._bind("train/out", folder.setText)
        threads = QSpinBox()
        threads.setRange(0, os.cpu_count() or 1)
        threads.setSpecialValueText(tr("all cores"))
        inset(threads)
        tip = tr("Processor threads of new runs; a run keeps its number")
        self._add(form, tr("Threads"), threads, tip)
        threads.valueChanged.connect(lambda n: self._context.settings.set("train/threads", n))
        self.threads = threads
        self._bind("train/threads", threads.setValue)

    def _add_cache(self, form: QFormLayout) -> None:
        self.cache_size = QLabel(tr("measuring…"))
        self.clear_cache = QPushButton(tr("Clear"))
        self.clear_cache.setAccessibleName(tr("Clear the cache"))
        self.clear_cache.clicked.connect(self._clear_cache)
        tip = tr("Decoded images and the like; made again when needed")
        self._add(form, tr("Cache"), _side_by_side(self.cache_size, self.clear_cache), tip)
        self.cache_place = QLabel()
        self.cache_place.setProperty("role", "muted")
        self.cache_place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        form.addRow(self.cache_place)

    # kinds of fields

    def _section(self, title: str) -> QFormLayout:
        label = QLabel(title)
        label.setProperty("role", "section")
        self._column.addSpacing(6)
        self._column.addWidget(label)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setContentsMargins(8, 0, 0, 0)
        form.setVerticalSpacing(6)
        self._column.addLayout(form)
        return form

    def _choice(
        self, form: QFormLayout, key: str, text: str, entries: list[tuple[str, str]], tip: str
    ) -> None:
        field = QComboBox()
        field.setObjectName(key)
        for title, value in entries:
            field.addItem(title, value)
        self._add(form, text, field, tip)
        field.currentIndexChanged.connect(
            lambda index: self._context.settings.set(key, field.itemData(index))
        )

        def show(value: Any) -> None:
            with blocked(field):
                field.setCurrentIndex(max(0, field.findData(value)))

        self._bind(key, show)

    def _switch(self, form: QFormLayout, key: str, text: str, tip: str) -> None:
        field = QCheckBox(text)
        field.setObjectName(key)
        self._add(form, "", field, tip)
        field.setAccessibleName(text)
        field.toggled.connect(lambda on: self._context.settings.set(key, on))
        self._bind(key, field.setChecked)

    def _add(self, form: QFormLayout, text: str, field: QWidget, tip: str) -> None:
        field.setToolTip(tip)
        field.setAccessibleName(text)
        label = QLabel(text)
        label.setMinimumWidth(_LABEL_WIDTH)
        label.setBuddy(field)
        form.addRow(label, field)

    def _bind(self, key: str, show: Callable[[Any], None]) -> None:
        self._show_value.setdefault(key, []).append(show)
        show(self._context.settings.get(key))

    def _on_changed(self, key: str, value: object) -> None:
        for show in self._show_value.get(key, ()):
            show(value)

    # acting

    def _choose_runs(self) -> None:
        start = str(self._context.training.runs_folder())
        folder = self.ask_folder(self, tr("Folder of runs"), start)
        if folder:
            self._context.settings.set("train/out", folder)

    def _cache_folder(self) -> Path:
        from latent_studio.storage.paths import cache_dir

        return cache_dir()

    def _measure_cache(self) -> None:
        folder = self._cache_folder()
        self.cache_place.setText(str(folder))
        self._context.jobs.start(
            tr("Measure the cache"), folder_size, folder, quiet=True, done=self._show_cache
        )

    def _show_cache(self, size: int) -> None:
        self.cache_size.setText(size_text(size))
        self.clear_cache.setEnabled(size > 0)

    def _clear_cache(self) -> None:
        if self._context.training.running:
            message = tr("The training reads from the cache; stop it first.")
            self._context.notifications.warning(message)
            return
        self.clear_cache.setEnabled(False)
        folder = self._cache_folder()
        self._context.jobs.start(
            tr("Clear the cache"), clear_folder, folder, done=lambda _n: self._measure_cache()
        )


_LABEL_WIDTH = 110
_PRECISIONS = ("fp32", "bf16", "fp16")


def _side_by_side(wide: QWidget, narrow: QWidget) -> QWidget:
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(wide, 1)
    row.addWidget(narrow)
    return box
