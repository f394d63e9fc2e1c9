"""Which published models are here, and the downloads under way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.events import Progress
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.jobs.get_models import Listing
    from latent_studio.storage.catalogue import CatalogueEntry
    from latent_studio.ui.threads.job_thread import JobThread


@dataclass(frozen=True)
class Row:
    """A published model as the page shows it.

    ``state`` is ``absent``, ``partial``, ``running``, ``paused``, ``downloaded`` or ``ready``;
    ``progress`` the latest of a download, ``error`` why the last one ended.
    """

    entry: "CatalogueEntry"
    state: str
    bytes: int = 0
    path: Path | None = None
    progress: Progress | None = None
    error: str = ""


class Fetching(QObject):
    """``listed()`` follows a new list, ``changed(name)`` a change of one model.

    It lives as long as the window, so that downloads go on while the page is closed.
    """

    listed = Signal()
    changed = Signal(str)
    failed = Signal(str)

    def __init__(self, context: Context, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rows: dict[str, Row] = {}
        self._jobs: dict[str, JobThread] = {}
        self.library_changed: Callable[[], object] = lambda: None
        """Called when a model has come into the library; the window sets it."""

    def rows(self) -> tuple[Row, ...]:
        """In the order of the catalogue."""
        return tuple(self._rows.values())

    def row(self, name: str) -> Row | None:
        return self._rows.get(name)

    def refresh(self) -> None:
        """Read the catalogue and what is here, on a worker; the network is not touched."""
        self._context.jobs.start(
            "catalogue",
            _list_published,
            plain=True,
            quiet=True,
            done=self._on_listed,
            failed=self._on_unreadable,
        )

    def start(self, name: str, *, then_open: bool = False) -> None:
        """Fetch a model, or go on where it stopped; its licence has been accepted."""
        row = self._rows[name]
        if name in self._jobs:
            return
        job = self._context.jobs.start(
            tr("Getting {title}", title=row.entry.title),
            _get,
            row.entry,
            done=partial(self._on_done, name, then_open),
            failed=partial(self._on_failed, name),
            cancelled=partial(self._on_ended, name),
        )
        job.event_emitted.connect(partial(self._on_event, name))
        self._jobs[name] = job
        self._set(replace(row, state="running", progress=None, error=""))

    def pause(self, name: str) -> None:
        if name in self._jobs:
            self._jobs[name].token.pause()
            self._set(replace(self._rows[name], state="paused"))

    def resume(self, name: str) -> None:
        if name in self._jobs:
            self._jobs[name].token.resume()
            self._set(replace(self._rows[name], state="running"))

    def cancel(self, name: str) -> None:
        """End the download; what has come stays."""
        if name in self._jobs:
            self._jobs[name].cancel()

    def remove(self, name: str) -> None:
        """Delete the fetched files; a model in the library stays."""
        if name not in self._jobs:
            self._context.jobs.start(
                tr("Deleting"),
                _remove,
                self._rows[name].entry,
                plain=True,
                quiet=True,
                done=lambda _freed: self._renew(name),
            )

    def open(self, name: str) -> None:
        """Show the model; files that are here but not in the library are imported first."""
        row = self._rows[name]
        if row.path is not None:
            self._context.models.open_path(str(row.path))
        elif row.state == "downloaded":
            self.start(name, then_open=True)

    # -- what comes back --------------------------------------------------------------------------

    def _on_listed(self, found: "list[Listing]") -> None:
        old = self._rows
        self._rows = {one.entry.name: _row(one) for one in found}
        for name in self._jobs:  # what runs stays, whatever the list says now
            self._rows[name] = old[name]
        for name in old.keys() & self._rows.keys():
            self._rows[name] = replace(self._rows[name], error=old[name].error)
        self.listed.emit()

    def _on_unreadable(self, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self.failed.emit(str(error))

    @property
    def _over(self) -> bool:
        """Whether the window is closing, and this object perhaps gone but for its Python half."""
        return self._context.jobs.closed

    def _on_event(self, name: str, event: object) -> None:
        if isinstance(event, Progress) and name in self._jobs:
            self._set(replace(self._rows[name], progress=event))

    def _on_done(self, name: str, then_open: bool, path: Path) -> None:
        entry = self._rows[name].entry
        self._on_ended(name)
        if self._over:
            return
        self.library_changed()
        if then_open:
            self._context.models.open_path(str(path))
            return
        show = (tr("Open"), lambda: self._context.models.open_path(str(path)))
        text = tr("{title} is in your library as {name}.", title=entry.title, name=path.stem)
        self._context.notifications.notify("info", text, actions=[show])

    def _on_failed(self, name: str, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self._set(replace(self._rows[name], error=str(error)))
        self._on_ended(name)

    def _on_ended(self, name: str) -> None:
        self._jobs.pop(name, None)
        row = self._rows[name]
        self._set(replace(row, state="partial" if row.bytes else "absent", progress=None))
        self._renew(name)

    def _renew(self, name: str) -> None:
        """Look again what is here of a model."""
        if self._over:
            return
        self._context.jobs.start(
            "catalogue",
            _look,
            self._rows[name].entry,
            plain=True,
            quiet=True,
            done=partial(self._on_looked, name),
        )

    def _on_looked(self, name: str, found: "Listing") -> None:
        if name in self._rows and name not in self._jobs:
            self._set(replace(_row(found), error=self._rows[name].error))

    def _set(self, row: Row) -> None:
        self._rows[row.entry.name] = row
        if not self._over:
            self.changed.emit(row.entry.name)


def _row(one: "Listing") -> Row:
    holding = one.holding
    return Row(one.entry, holding.state, holding.bytes, holding.path)


def _list_published() -> "list[Listing]":
    from latent_studio.jobs.get_models import list_published

    return list_published()


def _look(entry: "CatalogueEntry") -> "Listing":
    from latent_studio.jobs.get_models import Listing, holding_of

    return Listing(entry, holding_of(entry))


def _remove(entry: "CatalogueEntry") -> int:
    from latent_studio.jobs.get_models import remove_download

    return remove_download(entry)


def _get(entry: "CatalogueEntry", **link: object) -> Path:
    from latent_studio.jobs.get_models import get_model

    return get_model(entry, accept_licence=True, **link)
