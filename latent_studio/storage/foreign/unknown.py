"""The error for files that are sound but no model: whoever opens one is told what is known."""

from latent_studio.errors import ModelError


class UnknownContainer(ModelError):  # noqa: N818 - the file is fine, it is no model
    """The file is of no kind that models come in; the text says what it is."""
