"""Logs of a run: one JSON object a line, appended; a line torn by a crash is dropped.

Numbers that JSON has no word for (a loss may be NaN) are kept as the strings ``NaN``, ``Infinity``
and ``-Infinity``, so that any reader takes the file.
"""

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from latent_studio.errors import RunError
from latent_studio.storage import atomic

_TAIL = 1 << 16  # more than any line has
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class RunLog:
    """The log file ``path``; it need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add a line.

        Raises
        ------
        RunError
            If it cannot be written; the log is as it was then.
        """
        line = (json.dumps(_to_json(entry), allow_nan=False) + "\n").encode("utf-8")
        try:
            with self.path.open("ab", buffering=0) as file:
                _append_whole(file, line)
        except OSError as error:
            raise RunError(atomic.explain(error, self.path), repr(error)) from error

    def read(self) -> list[dict[str, Any]]:
        """All whole lines, oldest first; a torn or damaged line is left out.

        Raises
        ------
        RunError
            If the file cannot be read.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RunError(f"Cannot read {self.path}: {reason}. Check its permissions.") from error
        entries = (_parse(line) for line in data.splitlines(keepends=True) if line.endswith(b"\n"))
        return [entry for entry in entries if entry is not None]

    def last(self) -> dict[str, Any] | None:
        """The newest whole line, read from the end of the file; None where there is none."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL))
                lines = file.read().splitlines(keepends=True)
        except OSError:
            return None
        whole = lines[1:] if size > _TAIL else lines
        entries = (_parse(line) for line in reversed(whole) if line.endswith(b"\n"))
        return next((entry for entry in entries if entry is not None), None)

    def repair(self) -> None:
        """Cut a torn last line off, so that the next one starts on its own."""
        try:
            with self.path.open("rb+") as file:
                size = file.seek(0, os.SEEK_END)
                end = _last_line_end(file, size)
                if end != size:
                    file.truncate(end)
        except FileNotFoundError:
            return
        except OSError as error:
            raise RunError(atomic.explain(error, self.path), repr(error)) from error

    def keep(self, wanted: Callable[[Mapping[str, Any]], bool]) -> None:
        """Rewrite the log atomically with only the entries that are ``wanted``."""
        entries = self.read()
        kept = [entry for entry in entries if wanted(entry)]
        if len(kept) != len(entries):
            lines = [json.dumps(_to_json(entry), allow_nan=False) + "\n" for entry in kept]
            atomic.write_text(self.path, "".join(lines), error=RunError)


def _append_whole(file: Any, line: bytes) -> None:
    start = os.fstat(file.fileno()).st_size
    try:
        _write_line(file, line)
    except OSError:
        file.truncate(start)
        raise


def _write_line(file: Any, line: bytes) -> None:
    written = file.write(line)
    if written != len(line):  # a disk that fills up takes a part without complaint
        file.write(line[written:])


def _last_line_end(file: BinaryIO, size: int, chunk: int = 1 << 16) -> int:
    end = size
    while end > 0:
        start = max(0, end - chunk)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return _from_json(entry) if isinstance(entry, dict) else None


def _to_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _to_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(entry) for entry in value]
    if hasattr(value, "item") and not isinstance(value, int | float):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _from_json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_from_json(entry) for entry in value]
    return _SPECIAL.get(value, value) if isinstance(value, str) else value
