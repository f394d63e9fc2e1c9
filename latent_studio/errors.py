"""Errors that are meant for a person.

A :class:`StudioError` carries a *message* that says what happened and what to do next, and an
optional *detail* for the log. The command line prints the message and exits with a code other than
zero; the window shows it as a notification and goes on.
"""


class StudioError(Exception):
    """A failure that the user can understand and act on.

    Parameters
    ----------
    message
        One or two sentences: what happened, why, what to do.
    detail
        Technical text for the log and for *copy details*.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        return self.message


class DataError(StudioError):
    """A data source cannot be read or holds nothing usable."""


class ModelError(StudioError):
    """A model file cannot be read, or a network cannot be built from it."""


class OptionError(StudioError):
    """An option or a combination of options makes no sense."""


class RunError(StudioError):
    """A training run's folder is missing, locked, damaged or does not fit the request."""


class ExportError(StudioError):
    """A picture, video or file cannot be written."""


class DownloadError(StudioError):
    """A file cannot be fetched: no connection, not there, not what was published, no room."""


class Cancelled(Exception):  # noqa: N818 - stopping on request is not an error
    """Long work ended because its :class:`~latent_studio.mailbox.StopToken` was set."""
