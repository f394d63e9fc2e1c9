"""Compiles the translations when the program is built or installed, ``pip install -e``, too."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path(__file__).parent / "resources" / "translations"
LIMIT_S = 60


class CompileTranslations(BuildHookInterface):
    """Makes a ``.qm`` of each ``.ts``. Without it the window speaks English, which must not keep
    anybody from installing the program.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for source in sorted(FOLDER.glob("*.ts")):
            try:
                compile_translation(source, source.with_suffix(".qm"))
            except (ImportError, OSError, subprocess.SubprocessError) as error:
                self.app.display_warning(f"{source.name} is not compiled: {error}")

    def clean(self, versions: list[str]) -> None:
        for compiled in FOLDER.glob("*.qm"):
            compiled.unlink()


def compile_translation(source: Path, target: Path) -> None:
    """Run PySide6's ``lrelease``. A translation that stands is replaced only by a whole one.

    Raises
    ------
    ImportError, OSError, subprocess.SubprocessError
        It is not there, does not start, or fails.
    """
    import PySide6

    tools = Path(PySide6.__file__).parent
    names = ("lrelease", "lrelease.exe", "Qt/libexec/lrelease")
    tool = next((tools / name for name in names if (tools / name).is_file()), None)
    if tool is None:
        raise FileNotFoundError(f"no lrelease in {tools}")
    fresh = target.with_suffix(".qm.part")
    try:
        subprocess.run(
            [tool, "-silent", source, "-qm", fresh],
            check=True,
            timeout=LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
