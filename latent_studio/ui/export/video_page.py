"""Write a walk between pictures as a video."""

from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLineEdit, QWidget

from latent_studio.errors import OptionError
from latent_studio.recipe import Recipe
from latent_studio.ui.context import Context
from latent_studio.ui.export.page import ExportJob, ExportPage, choice, numbers, whole_number
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken
from latent_studio.ui.widgets.section import inset


class VideoPage(ExportPage):
    """Interpolation through the current picture and a list of seeds."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.title = tr("Export a video")
        self.default_name = "walk"
        self.current = QCheckBox(tr("Begin with the picture on the canvas"))
        self.current.setChecked(True)
        self.seeds = QLineEdit("1-4")
        self.seconds = QDoubleSpinBox()
        self.seconds.setRange(0.1, 3600)
        self.seconds.setValue(10)
        self.seconds.setDecimals(1)
        self.seconds.setSuffix(tr(" s"))
        inset(self.seconds)
        self.fps = whole_number(1, 120, 30)
        self.space = choice([(tr("z, along the sphere"), "z")])
        self.easing = choice(self._easings(), "smooth")
        self.loop = QCheckBox(tr("Return to the beginning (loops without a jump)"))
        self.loop.setChecked(True)
        formats = [
            (tr("MP4 (H.264)"), ".mp4"),
            (tr("WebM"), ".webm"),
            (tr("GIF"), ".gif"),
            (tr("Folder of PNG pictures"), ""),
        ]
        self.format = choice(formats, context.settings.get("export/video_format"))
        self.add_row("", self.current, tr("The first keyframe is what the canvas shows now"))
        self.add_row(tr("Seeds"), self.seeds, tr("The pictures to visit, in this order: 1-4,9"))
        self.add_row(tr("Length"), self.seconds, tr("Seconds in all"))
        self.add_row(tr("Frames/s"), self.fps, tr("Frames a second"))
        self.add_row(tr("Path in"), self.space, tr("Space in which the walk is straight"))
        self.add_row(tr("Easing"), self.easing, tr("Pace between two keyframes"))
        self.add_row("", self.loop, tr("The last frame leads to the first"))
        self.scale = self.scale_field()
        self.add_row(tr("Format"), self.format, tr("Kind of file"))
        self.format.currentIndexChanged.connect(self._on_change)
        self.seconds.valueChanged.connect(self._on_change)
        self.fps.valueChanged.connect(self._on_change)
        self._on_change()

    def show_model(self) -> None:
        self.show_scales(self.scale)
        capabilities = self.context.state.capabilities
        has_w = capabilities is not None and capabilities.has_w
        index = self.space.findData("w")
        if has_w and index < 0:
            self.space.insertItem(0, tr("w, straight or a curve"), "w")
            self.space.setCurrentIndex(0)
        elif not has_w and index >= 0:
            self.space.removeItem(index)

    def endings(self) -> tuple[str, str]:
        suffix = self.format.currentData()
        return suffix, f"{suffix[1:].upper()} (*{suffix})" if suffix else tr("New folder (*)")

    def keys(self) -> list[Recipe]:
        """The keyframes.

        Raises
        ------
        OptionError
            Fewer than two, or seeds that cannot be read.
        """
        text = self.seeds.text().strip()
        keys = [self.recipe()] if self.current.isChecked() else []
        keys += [self.with_seed(seed) for seed in numbers(text, tr("Seeds"))] if text else []
        if len(keys) < 2:
            raise OptionError(tr("A video needs two keyframes or more; name some seeds."))
        return keys

    def make_job(self, path: str) -> ExportJob:
        options = {
            "seconds": self.seconds.value(),
            "fps": self.fps.value(),
            "space": self.space.currentData(),
            "easing": self.easing.currentData(),
            "loop": self.loop.isChecked(),
            "scale": self.scale.currentData(),
            **self.rendering(),
        }
        arguments = (self.model(), self.keys(), path)
        return ExportJob("latent_studio.jobs.video", "export_video", arguments, options)

    def _on_change(self) -> None:
        self.context.settings.set("export/video_format", self.format.currentData())
        frames = round(self.seconds.value() * self.fps.value())
        self.note.setText(tr("%n frames, written one by one.", n=frames))

    def _easings(self) -> list[tuple[str, str]]:
        from latent_studio.latent.curves import EASINGS

        return [(name, spoken(name)) for name in EASINGS]
