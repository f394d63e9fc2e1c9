"""What the window's look can be: texts and the values of their settings."""

from latent_studio.ui.i18n import LANGUAGES, tr


def themes() -> list[tuple[str, str]]:
    return [(tr("As the system"), "system"), (tr("Dark"), "dark"), (tr("Light"), "light")]


def languages() -> list[tuple[str, str]]:
    return [(tr(text), code) for code, text in LANGUAGES.items()]


def scalings() -> list[tuple[str, str]]:
    nearest = tr("Nearest (square pixels)")
    return [(tr("Automatic"), "auto"), (tr("Smooth"), "smooth"), (nearest, "nearest")]
