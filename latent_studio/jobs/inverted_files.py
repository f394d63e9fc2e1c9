"""Found photographs on the disk: one PNG each, with its scene inside."""

from dataclasses import dataclass, field
from pathlib import Path

from latent_studio.errors import ExportError
from latent_studio.jobs.invert import InvertedPhoto
from latent_studio.jobs.targets import check_folder, check_target
from latent_studio.storage.atomic import explain, write_text
from latent_studio.storage.images import Upscaling, write_image


@dataclass
class InvertedFiles:
    """Where the PNGs of some photographs go; names that come twice are numbered."""

    folder: Path
    file: Path | None = None
    scale: int = 1
    upscaling: Upscaling = "lanczos"
    _taken: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def prepare(
        cls, out: str | Path, count: int, *, scale: int = 1, upscaling: Upscaling = "lanczos"
    ) -> "InvertedFiles":
        """Make sure that everything can be written, before the work begins.

        Raises
        ------
        OptionError, ExportError
            With the cause and the cure.
        """
        target = Path(out).expanduser()
        if target.suffix.lower() == ".png" and count == 1 and not target.is_dir():
            return cls(target.parent, check_target(target, (".png",)), scale, upscaling)
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(explain(error, target), repr(error)) from error
        check_folder(target)
        return cls(target, None, scale, upscaling)

    @property
    def many(self) -> bool:
        """Whether they go into a folder."""
        return self.file is None

    def write(self, found: InvertedPhoto) -> Path:
        """Write one (raises ``ExportError``); returns its path."""
        path = self.file or self.folder / f"{self._name(found.photo.name)}.png"
        write_image(path, found.picture, found.scene, self.scale, self.upscaling)
        return path

    def write_table(self, text: str) -> Path:
        """Write the figures beside the pictures (raises ``ExportError``)."""
        path = self.folder / "inversion.csv"
        write_text(path, text)
        return path

    def _name(self, stem: str) -> str:
        name, number = stem, 2
        while name in self._taken:
            name, number = f"{stem}-{number}", number + 1
        self._taken.add(name)
        return name
