"""Text that a person reads: one function, so that every text can be extracted and translated."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

CONTEXT = "latent_studio"
LANGUAGES = {"system": "System language", "en": "English", "zh_CN": "简体中文"}


def tr(text: str, /, n: int = -1, **values: Any) -> str:
    """The translation of ``text`` with ``values`` filled in (``str.format``); ``%n`` is a count."""
    translated = QCoreApplication.translate(CONTEXT, text, "", n)
    if n >= 0:
        translated = translated.replace("%n", str(n))
    return translated.format(**values) if values else translated


def install_translator(app: QCoreApplication, folder: Path, language: str) -> QTranslator | None:
    """Load ``latent_studio_<language>.qm`` from ``folder``; the caller keeps the result."""
    name = QLocale.system().name() if language == "system" else language
    translator = QTranslator(app)
    if not translator.load(f"latent_studio_{name}", str(folder)):
        return None
    app.installTranslator(translator)
    return translator
