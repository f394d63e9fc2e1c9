"""Write the picture on the canvas."""

from PySide6.QtWidgets import QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.export.page import ExportJob, ExportPage, choice
from latent_studio.ui.i18n import tr


class ImagePage(ExportPage):
    """One picture, as it is on the canvas, at any of some sizes."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.title = tr("Export the picture")
        self.scale = self.scale_field()
        formats = [
            (tr("PNG (restores the scene when dropped here)"), ".png"),
            (tr("JPEG"), ".jpg"),
            (tr("WebP"), ".webp"),
            (tr("NumPy floats, NCHW, before clamping"), ".npy"),
        ]
        self.format = choice(formats, context.settings.get("export/image_format"))
        self.add_row(tr("Format"), self.format, tr("Kind of file"))
        self.format.currentIndexChanged.connect(self._on_format)
        self._on_format()

    def show_model(self) -> None:
        self.show_scales(self.scale)

    def show_name(self) -> None:
        seed = self.recipe().source.seed
        self.default_name = f"seed{seed:04d}" if seed is not None else "picture"

    def endings(self) -> tuple[str, str]:
        suffix = self.format.currentData()
        return suffix, f"{suffix[1:].upper()} (*{suffix})"

    def make_job(self, path: str) -> ExportJob:
        as_array = self.format.currentData() == ".npy"
        options = {"scale": 1 if as_array else self.scale.currentData(), **self.rendering()}
        arguments = (self.model(), self.recipe(), path)
        return ExportJob("latent_studio.jobs.render", "render_image", arguments, options)

    def _on_format(self) -> None:
        suffix = self.format.currentData()
        self.context.settings.set("export/image_format", suffix)
        self.scale.setEnabled(suffix != ".npy")
        text = tr("The PNG holds its scene: drop it on the window to get this state back.")
        self.note.setText(text if suffix == ".png" else "")
