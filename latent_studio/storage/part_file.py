"""The first bytes of a file that is being fetched, and what is known of the whole.

``<name>.part`` holds the bytes, ``<name>.part.json`` says which content they are the beginning of,
so that a half is never continued with another file's rest.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from latent_studio.errors import DownloadError
from latent_studio.storage.atomic import fsync_folder, remove, replace, write_text

_MAX_NOTE = 1 << 16


@dataclass(frozen=True)
class PartNote:
    """Where the bytes are from; ``validator`` is the server's name of that content, if any."""

    url: str
    validator: str = ""
    total: int | None = None


class PartFile:
    """The unfinished file beside ``target``."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note_path = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes that have come."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    @property
    def note(self) -> PartNote | None:
        """What is known of the whole; None for bytes of unknown origin."""
        try:
            if self._note_path.stat().st_size > _MAX_NOTE:
                return None
            found = json.loads(self._note_path.read_text(encoding="utf-8"))
            url, validator, total = found["url"], found["validator"], found["total"]
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        texts = isinstance(url, str) and isinstance(validator, str)
        return PartNote(url, validator, total) if texts and _is_count(total) else None

    def begin(self, note: PartNote) -> None:
        """Start anew: forget the bytes, remember what is to come.

        Raises
        ------
        DownloadError
            The folder cannot be written to.
        """
        self.clear()
        write_text(self._note_path, json.dumps(asdict(note)), error=DownloadError)

    def open(self) -> BinaryIO:
        """The file at its end, unbuffered: what was written is there, whatever comes then."""
        return self.path.open("ab", buffering=0)

    def clear(self) -> None:
        """Forget what has come."""
        for path in (self.path, self._note_path):
            with contextlib.suppress(OSError):
                remove(path)

    def finish(self) -> None:
        """Give the whole file its name."""
        replace(self.path, self.target)
        fsync_folder(self.target.parent)
        with contextlib.suppress(OSError):
            remove(self._note_path)


def _is_count(total: object) -> bool:
    return total is None or (type(total) is int and total >= 0)
