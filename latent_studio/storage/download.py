"""Fetch a published file: resumed where it was cut, checked, complete or not there at all.

Half a file is continued (HTTP ``Range``) only if the server vouches that it is still the same one
(``If-Range`` with its ETag or date, and the answer's own validator and length), or if a published
SHA-256 will tell at the end.
"""

import errno
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from latent_studio.errors import Cancelled, DownloadError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.storage.atomic import explain
from latent_studio.storage.file_lock import FileLock, LockedError
from latent_studio.storage.part_file import PartFile, PartNote
from latent_studio.storage.web import RANGE_REFUSED, AddressError, Answer, Line, ask, host_of

MAX_BYTES = 8 << 30  # of a file whose size nobody has published
_SPARE_BYTES = 64 << 20  # a disk is not filled to the brim
_CHUNK = 1 << 18
_HASH_CHUNK = 1 << 20
_PROGRESS_S = 0.1
_GAIN = 1 << 16  # a try that brings this much has not failed
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclass(frozen=True)
class FileSource:
    """What to fetch.

    Attributes
    ----------
    urls
        Where it is, in the order in which they are tried; each gives the same file.
    sha256
        Hex SHA-256 of the file, or its published beginning; empty where none is published.
    size
        Bytes exactly, where published.
    about
        Bytes roughly, for the question whether there is room.
    limit
        More bytes are refused.
    """

    urls: tuple[str, ...]
    sha256: str = ""
    size: int | None = None
    about: int | None = None
    limit: int = MAX_BYTES


@dataclass(frozen=True)
class Patience:
    """How long a server may take.

    ``silence_s`` seconds without a byte, or fewer than ``slowest`` bytes a second over
    ``window_s``, end a connection; ``tries`` connections in a row that bring nothing, with a wait
    from ``wait_s`` doubled each time, end the download.
    """

    silence_s: float = 30.0
    slowest: int = 1024
    window_s: float = 60.0
    tries: int = 4
    wait_s: float = 1.0


def download(
    source: FileSource,
    target: str | Path,
    *,
    patience: Patience | None = None,
    message: str = "",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Fetch ``source`` as ``target``; what an earlier call left unfinished is continued.

    Parameters
    ----------
    target
        The file to make, in an existing folder. It takes its name when it is whole and checked.
    message
        What progress events say.
    emit
        Receives :class:`~latent_studio.events.Progress` in bytes.
    token
        Stops (what has come is kept) or pauses.

    Returns
    -------
    Path
        ``target``.

    Raises
    ------
    DownloadError
        No address gives the file, it is not the published one, the disk is full or cannot be
        written to, or another download of it is under way.
    Cancelled
        The token was stopped.
    """
    target = Path(target)
    token = StopToken() if token is None else token
    line = Line()
    token.on_stop(line.hang_up)
    transfer = _Transfer(source, PartFile(target), patience or Patience(), line, token)
    transfer.meter = _Meter(message or target.name, emit)
    with _telling(target, token), _locked(target):
        _fetch_somewhere(transfer, source.urls)
    return target


def partial_bytes(target: str | Path) -> int:
    """Bytes of an unfinished download of ``target``."""
    return PartFile(Path(target)).size


def _fetch_somewhere(transfer: "_Transfer", urls: tuple[str, ...]) -> None:
    """From the first address that gives it; the first one's error if none does."""
    failed: list[AddressError] = []
    note = transfer.part.note
    begun = "" if note is None else note.url
    for url in sorted(urls, key=lambda url: url != begun):
        try:
            return transfer.fetch(url)
        except AddressError as error:
            transfer.token.checkpoint()  # it may be us who hung up
            failed.append(error)
    details = "\n".join(f"{error.message} {error.detail}" for error in failed)
    raise DownloadError(failed[0].message if failed else "The file has no address.", details)


class _Transfer:
    """One download, over as many connections as it takes."""

    meter: "_Meter"

    def __init__(
        self, source: FileSource, part: PartFile, patience: Patience, line: Line, token: StopToken
    ) -> None:
        self.source, self.part, self.patience = source, part, patience
        self.line, self.token = line, token
        self._digest = hashlib.sha256()
        self._hashed = 0
        self._glued = False  # some bytes are from an earlier answer

    def fetch(self, url: str) -> None:
        """Get the whole file from ``url``; on AddressError what has come is kept."""
        self._check_space((self.source.size or self.source.about or 0) - self.part.size)
        fruitless = 0
        while True:
            self.token.checkpoint()
            before = self.part.size
            try:
                if self._attempt(url):
                    return self._finish()
            except AddressError as error:
                self.token.checkpoint()
                gained = self.part.size - before
                fruitless = 0 if gained >= _GAIN else fruitless + 1
                if not error.again or fruitless >= self.patience.tries:
                    raise
                if self.token.wait(self.patience.wait_s * 2 ** max(0, fruitless - 1)):
                    raise Cancelled from error

    def _attempt(self, url: str) -> bool:
        """One connection; False if the part was of no use and everything begins anew."""
        headers = self._resuming(url)
        with ask(url, headers, self.line, self.patience.silence_s) as answer:
            if answer.status == 200:  # with headers: it has changed, or ranges are not known there
                self._start_over(url, answer)
            elif not headers:
                raise AddressError(f"{host_of(url)} gives a part of the file without being asked.")
            elif answer.status == RANGE_REFUSED and answer.place[1] == self.part.size:
                self._hash_part()
                return True  # the part is the whole
            elif answer.status == RANGE_REFUSED or not self._continues(answer):
                self.part.clear()
                return False
            else:
                self._glued = True
                self._hash_part()
            self._receive(answer)
        return True

    # -- before the bytes -------------------------------------------------------------------------

    def _resuming(self, url: str) -> dict[str, str]:
        """The headers that ask for the rest, or none."""
        size, note = self.part.size, self.part.note
        if not size or note is None or note.url != url:
            return {}
        if note.validator:
            return {"Range": f"bytes={size}-", "If-Range": note.validator}
        return {"Range": f"bytes={size}-"} if self.source.sha256 else {}

    def _start_over(self, url: str, answer: Answer) -> None:
        total = answer.length
        self._check_total(url, total)
        self._digest, self._hashed, self._glued = hashlib.sha256(), 0, False
        self.part.begin(PartNote(url, answer.validator, total))
        self._check_space(total or 0)

    def _continues(self, answer: Answer) -> bool:
        """Whether a 206 is the rest of what is here; some servers do not look at ``If-Range``."""
        note = self.part.note
        start, total = answer.place
        if note is None or start != self.part.size:
            return False
        if note.validator and answer.validator and answer.validator != note.validator:
            return False
        if total is not None and note.total not in (None, total):
            return False
        self._check_space((total or 0) - self.part.size)
        return True

    def _check_total(self, url: str, total: int | None) -> None:
        expected, host = self.source.size, host_of(url)
        if total is not None and expected is not None and total != expected:
            raise AddressError(
                f"The file at {host} has {total} bytes and not {expected}: it was changed."
            )
        if total is not None and total > self.source.limit:
            raise AddressError(f"The file at {host} is too large: {total / 1e9:.1f} GB.")

    def _check_space(self, needed: int) -> None:
        free = shutil.disk_usage(self.part.target.parent).free
        if needed > 0 and free < needed + _SPARE_BYTES:
            raise DownloadError(
                f"{self.part.target.name} needs {needed / 1e6:.0f} MB more, and its disk has "
                f"{free / 1e6:.0f} MB left. Free some space and start again; nothing that has come "
                "is lost."
            )

    def _hash_part(self) -> None:
        """Bring the digest to the part's end: bytes of an earlier call are read again."""
        size = self.part.size
        if self._hashed == size:
            return
        self._digest, self._hashed = hashlib.sha256(), 0
        with self.part.path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK):
                self.token.checkpoint()
                self._digest.update(chunk)
                self._hashed += len(chunk)
                self.meter.tell(self._hashed, size, checking=True)

    # -- the bytes --------------------------------------------------------------------------------

    def _receive(self, answer: Answer) -> None:
        note = self.part.note
        total = None if note is None else note.total
        total = total if total is not None else self.source.size
        most = self.source.limit if total is None else total
        with self.part.open() as file:
            done = self._copy(answer, file, total or 0, most)
            self.token.checkpoint()
            os.fsync(file.fileno())
        if done > most:
            self.part.clear()
            raise AddressError(f"{host_of(answer.url)} sends more than the file should have.")
        if total is not None and done < total:
            text = f"The connection to {host_of(answer.url)} broke."
            raise AddressError(text, f"{done} of {total} bytes", again=True)

    def _copy(self, answer: Answer, file: BinaryIO, total: int, most: int) -> int:
        """Write what comes until the end, or until it is more than ``most``; how many it is."""
        done = self._hashed
        watch = _Watch(self.patience)
        self.meter.begin(done)
        while done <= most and (data := answer.read(_CHUNK)):
            _write(file, data)
            self._digest.update(data)
            done += len(data)
            self._hashed = done
            self.meter.tell(done, total)
            self._wait_while_paused(watch)
            if watch.too_slow(len(data)):
                raise AddressError(f"{host_of(answer.url)} is too slow.", again=True)
        return done

    def _wait_while_paused(self, watch: "_Watch") -> None:
        if self.token.paused or self.token.stopped:
            self.token.checkpoint()
            watch.restart()
            self.meter.begin(self._hashed)

    def _finish(self) -> None:
        """Check what has come, and give it its name."""
        expected, found = self.source.sha256.lower(), self._digest.hexdigest()
        size = self.source.size
        if found.startswith(expected) and size in (None, self._hashed):
            self.part.finish()
            self.meter.tell(self._hashed, self._hashed, last=True)
            return
        note, glued = self.part.note, self._glued
        self.part.clear()
        url = "" if note is None else note.url
        if glued and url:  # perhaps only the halves do not belong together
            return self.fetch(url)
        raise AddressError(
            f"What {host_of(url)} gives is not the published file (another SHA-256). It was "
            "deleted; try again, or get it elsewhere.",
            f"expected {expected}, found {found}",
        )


class _Watch:
    """Whether a connection is too slow over a while."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.restart()

    def restart(self) -> None:
        self._since, self._bytes = time.monotonic(), 0

    def too_slow(self, count: int) -> bool:
        self._bytes += count
        passed = time.monotonic() - self._since
        if passed < self._patience.window_s:
            return False
        slow = self._bytes < self._patience.slowest * passed
        self.restart()
        return slow


class _Meter:
    """Tells progress ten times a second, with the time left at the recent speed."""

    def __init__(self, message: str, emit: Emit) -> None:
        self._message, self._emit = message, emit
        self._told = float("-inf")
        self.begin(0)

    def begin(self, done: int) -> None:
        """Bytes come from here on."""
        self._start, self._first = time.monotonic(), done

    def tell(self, done: int, total: int, *, checking: bool = False, last: bool = False) -> None:
        now = time.monotonic()
        if now - self._told < _PROGRESS_S and not last:
            return
        self._told = now
        message = f"{self._message}: checking what is here" if checking else self._message
        speed = (done - self._first) / max(now - self._start, 1e-3)
        known = not checking and total and speed > 0 and now - self._start > 1
        eta = (total - done) / speed if known else None
        self._emit(Progress(done, total, message, eta, "B"))


def _write(file: BinaryIO, data: bytes) -> None:
    """All of ``data``: an unbuffered file may take less at once."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


@contextmanager
def _telling(target: Path, token: StopToken) -> Iterator[None]:
    """Errors of the system, and of a line that we cut ourselves, in words."""
    try:
        yield
    except OSError as error:
        text = explain(error, target)
        if error.errno in _FULL:
            text = f"{text} What has come is kept; starting again goes on from there."
        raise DownloadError(text, repr(error)) from error
    except DownloadError:
        token.checkpoint()
        raise


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    """One download of a file at a time, on this machine."""
    try:
        lock = FileLock(target.with_name(f".{target.name}.lock"))
    except LockedError as error:
        raise DownloadError(
            f"{target.name} is being downloaded already; wait for it, or stop it there."
        ) from error
    try:
        yield
    finally:
        lock.release()
