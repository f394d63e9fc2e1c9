"""Text that a person reads: one function, so that every text can be extracted and translated.

``resources/translations/extract.py`` reads the calls of :func:`tr` and :func:`mark` from the
sources into Qt Linguist files; the build compiles these. The language is chosen at the start.
"""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

CONTEXT = "latent_studio"


def mark(text: str) -> str:
    """``text`` itself, for the translation: whoever shows it calls ``tr`` on what it is then."""
    return text


LANGUAGES = {"system": mark("System language"), "en": "English", "zh_CN": "简体中文"}


def tr(text: str, /, n: int = -1, **values: Any) -> str:
    """The translation of ``text`` with ``values`` filled in (``str.format``); ``%n`` is a count."""
    translated = QCoreApplication.translate(CONTEXT, text, "", n)
    if n >= 0:
        translated = translated.replace("%n", str(n))
    return translated.format(**values) if values else translated


def chosen_language(setting: str) -> str:
    """The language that ``setting`` (a key of ``LANGUAGES``) means here: ``en`` or ``zh_CN``.

    ``system`` is the first language of the system that the window speaks.
    """
    if setting != "system":
        return setting if setting in LANGUAGES else "en"
    for name in QLocale.system().uiLanguages():
        locale = QLocale(name)
        simplified = locale.script() != QLocale.Script.TraditionalChineseScript
        if locale.language() == QLocale.Language.Chinese and simplified:
            return "zh_CN"
        if locale.language() == QLocale.Language.English:
            return "en"
    return "en"


def running_language() -> str:
    """The language that the window speaks now, whatever has been chosen since: ``en`` or so."""
    app = QCoreApplication.instance()
    known = app.findChildren(QTranslator) if app is not None else []
    for translator in reversed(known):  # Qt asks the newest first
        name = Path(translator.filePath()).stem
        if name.startswith(f"{CONTEXT}_"):
            return name.removeprefix(f"{CONTEXT}_")
    return "en"


def install_translator(app: QCoreApplication, folder: Path, language: str) -> QTranslator | None:
    """Load ``latent_studio_<language>.qm`` from ``folder``, and Qt's own texts in that language.

    They belong to ``app``. English comes from the sources; its file holds the plurals only.

    Returns
    -------
    QTranslator or None
        That of this program; None if there is no such file.
    """
    name = chosen_language(language)
    qt = QTranslator(app)
    if qt.load(f"qtbase_{name}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qt)
    translator = QTranslator(app)
    if not translator.load(f"latent_studio_{name}.qm", str(folder)):
        return None
    app.installTranslator(translator)
    return translator
