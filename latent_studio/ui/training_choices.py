"""What the next training shall be: data, preset and everything that the form asks for.

Kept in the settings. It touches no widgets and imports no torch.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from latent_studio.ui import training_request as requests
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken
from latent_studio.ui.training_request import Choices, NewRun, PresetInfo, TrainRequest

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

MAX_RECENT = 6
FIRST_PICTURE_POLL_MS = 250
FIRST_PICTURE_POLLS = 40  # then it is not coming, and the form is filled all the same


class TrainingChoices(QObject):
    """``data_changed(spec)``, ``data_reported(DataReport)`` and ``presets_loaded(list)`` tell what
    is known; everything else is in the settings.
    """

    data_changed = Signal(str)
    data_reported = Signal(object)
    presets_loaded = Signal(list)

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.presets: list[PresetInfo] = []
        self.objectives: dict[str, str] = {}
        """Titles by name; empty until :meth:`load_presets` is done."""
        self.setting_names: tuple[str, ...] = ()
        self.metrics: dict[str, str] = {}
        """Titles by name; empty until then, too."""
        self.report: Any = None
        self._reading = ""

    @property
    def data(self) -> str:
        return self._context.settings.get("train/data") or requests.PROCEDURAL

    @property
    def preset(self) -> str:
        return self._context.settings.get("train/preset") or requests.DEFAULT_PRESET

    @property
    def recent_data(self) -> list[str]:
        return list(self._context.settings.get("train/recent_data"))

    def set_data(self, spec: str) -> None:
        """Choose what to train on: a folder, a zip, an IDX file or ``procedural-faces``; what
        cannot be used is a message, and the choice before it comes back.
        """
        settings, before = self._context.settings, (self.data, self.recent_data)
        settings.set("train/data", spec)
        if spec.split(":")[0] != requests.PROCEDURAL:
            recent = [spec, *(old for old in self.recent_data if old != spec)]
            settings.set("train/recent_data", recent[:MAX_RECENT])
        self.report = None
        self.data_changed.emit(spec)
        self._read_report(lambda error: self._on_unusable(spec, before, error))

    def ensure_report(self) -> None:
        """Look through the data that were chosen in an earlier session, if nobody has."""
        if self.report is None and not self._reading:
            self._read_report(self._on_no_report, quiet=True)

    def _read_report(self, failed: Callable[[BaseException], object], quiet: bool = False) -> None:
        spec = self.data
        self._reading = spec
        self._context.jobs.start(
            tr("Look through {name}", name=requests.data_title(spec)),
            requests.load_report,
            spec,
            plain=True,
            quiet=quiet,
            done=lambda report: self._on_report(spec, report),
            failed=failed,
        )

    def _on_no_report(self, error: BaseException) -> None:
        """Data of an earlier session are gone: a start will say so."""

    def set_preset(self, name: str) -> None:
        self._context.settings.set("train/preset", name)

    def load_presets(self) -> None:
        """Fetch presets on a worker, and what needs torch after the first picture;
        ``presets_loaded`` follows each time.
        """
        self._fetch(requests.load_presets, self._on_presets)

    def _fetch(self, load: Callable[[], Choices], done: Callable[[Choices], None]) -> None:
        self._context.jobs.start(tr("Load presets"), load, plain=True, quiet=True, done=done)

    def _on_presets(self, choices: Choices) -> None:
        self._on_choices(choices)
        self._load_objectives(FIRST_PICTURE_POLLS)

    def _load_objectives(self, polls: int) -> None:
        if self._context.jobs.closed:  # the window is on its way out by now
            return
        if polls and self._context.render.last_frame is None:
            QTimer.singleShot(FIRST_PICTURE_POLL_MS, partial(self._load_objectives, polls - 1))
            return
        self._fetch(requests.load_choices, self._on_choices)

    def suggested_name(self) -> str:
        """A free name for the next run."""
        return requests.suggest_name(self.data, self.preset, self.runs_folder())

    def runs_folder(self) -> Path:
        return requests.runs_folder(self._context.settings.get("train/out"))

    @property
    def new_run(self) -> NewRun:
        """The choices of the form of a new run."""
        get = self._context.settings.get
        return NewRun(
            get("train/objective"),
            get("train/augment"),
            self.can_learn_classes() and get("train/conditional"),
            get("train/init"),
            tuple(line for line in get("train/more") if line.strip()),
            tuple(get("train/metrics")),
            max(1, get("train/metrics_every")),
        )

    def fill(
        self, preset: str, data: str, options: Mapping[str, Any], conditional: bool = False
    ) -> None:
        """Let the form hold the settings of a training that there was; how long the next one takes
        stays as it is.
        """
        own, lines = requests.split_options(options)
        settings = self._context.settings
        self.set_preset(preset)
        if data != self.data:
            self.set_data(data)
        for name in ("objective", "augment", "init"):
            settings.set(f"train/{name}", str(own.get(name, "")))
        names = str(own.get("metrics", "")).split(",")
        settings.set("train/metrics", [name.strip() for name in names if name.strip()])
        settings.set("train/metrics_every", int(own.get("metrics_every", 1)))
        settings.set("train/conditional", conditional)
        settings.set("train/more", lines)

    def can_learn_classes(self) -> bool:
        """Whether the chosen data are known to have classes and the preset's networks learn them
        (or are not known yet).
        """
        chosen = [preset for preset in self.presets if preset.name == self.preset]
        able = not chosen or chosen[0].conditional
        return able and len(getattr(self.report, "classes", ())) > 1

    def chosen_request(self) -> TrainRequest:
        """The request that the dock's choices make.

        Raises
        ------
        OptionError
            If a further setting is no ``key=value``.
        """
        settings, new = self._context.settings, self.new_run
        name = settings.get("train/name").strip() or self.suggested_name()
        options: dict[str, Any] = {"device": settings.get("device")}
        if settings.get("train/threads"):
            options["threads"] = settings.get("train/threads")
        return TrainRequest(
            data=self.data,
            preset=self.preset,
            folder=str(self.runs_folder() / name),
            kimg=settings.get("train/kimg") or None,
            options={**options, **new.options()},
            conditional=new.conditional,
        )

    def _on_choices(self, choices: Choices) -> None:
        self.presets = [
            replace(preset, title=spoken(preset.title), summary=spoken(preset.summary))
            for preset in choices.presets
        ]
        self.objectives = {name: spoken(title) for name, title in choices.objectives.items()}
        self.metrics = {name: spoken(title) for name, title in choices.metrics.items()}
        self.setting_names = choices.settings
        self.presets_loaded.emit(self.presets)

    def _on_unusable(self, spec: str, before: tuple[str, list[str]], error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self._reading = ""
        data, recent = before
        if spec == self.data and spec != data:
            self._context.settings.set("train/data", data)
            self._context.settings.set("train/recent_data", recent)
            self.data_changed.emit(data)

    def _on_report(self, spec: str, report: Any) -> None:
        if spec == self.data:
            self.report = report
            self.data_reported.emit(report)
