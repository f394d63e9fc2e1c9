"""Write the timeline as a video."""

from PySide6.QtWidgets import QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.export.page import ExportJob, ExportPage, choice
from latent_studio.ui.i18n import tr


class TimelinePage(ExportPage):
    """The keyframes with their times, as they are in the dock."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.title = tr("Export the timeline")
        self.default_name = "timeline"
        self.scale = self.scale_field()
        formats = [
            (tr("MP4 (H.264)"), ".mp4"),
            (tr("WebM"), ".webm"),
            (tr("GIF"), ".gif"),
            (tr("Folder of PNG pictures"), ""),
        ]
        self.format = choice(formats, context.settings.get("export/video_format"))
        self.add_row(tr("Format"), self.format, tr("Kind of file"))
        self.format.currentIndexChanged.connect(
            lambda _index: context.settings.set("export/video_format", self.format.currentData())
        )
        context.desk.timeline.changed.connect(lambda _timeline: self._show_length())
        self._show_length()

    def show_model(self) -> None:
        self.show_scales(self.scale)

    def endings(self) -> tuple[str, str]:
        suffix = self.format.currentData()
        return suffix, f"{suffix[1:].upper()} (*{suffix})" if suffix else tr("New folder (*)")

    def make_job(self, path: str) -> ExportJob:
        from latent_studio.jobs.timeline import check_keyframes

        timeline = self.context.desk.timeline.timeline
        check_keyframes(timeline)
        options = {"scale": self.scale.currentData(), **self.rendering()}
        arguments = (self.context.desk.player.model_path(self.model), timeline, path)
        return ExportJob("latent_studio.jobs.timeline", "export_timeline", arguments, options)

    def _show_length(self) -> None:
        timeline = self.context.desk.timeline.timeline
        if len(timeline.keyframes) < 2:
            self.note.setText(tr("Press K on the canvas to add keyframes; a video needs two."))
            return
        facts = {"count": len(timeline.keyframes), "seconds": timeline.seconds}
        text = tr("{count} keyframes, {seconds:.3g} s", **facts)
        self.note.setText(f"{text}: " + tr("%n frames, written one by one.", n=timeline.frames))
