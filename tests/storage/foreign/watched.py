"""Opens files in a process of its own that is watched: time, memory, and what Python says it does.

As a program it reads jobs from its standard input, ``[name, kind, path]`` a line, and answers each
with a line of what happened. :func:`watch` starts it, and again after the file that ended it.
"""

import contextlib
import faulthandler
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SECONDS = 5
GIGABYTE = 1 << 30
# Beginnings of the audit events of what a file has no business with.
_EVENTS = (
    "exec compile import code. marshal. pickle. os. subprocess. socket. shutil. ctypes. tempfile. "
    "sqlite3. urllib. http. ftplib. smtplib. webbrowser. pty. winreg. builtins.input cpython. "
    "function. sys.addaudithook sys.setprofile sys.settrace syslog. signal. resource. pathlib."
)
_WATCHED = tuple(_EVENTS.split())
# To look at a folder is part of opening a model.
_ALLOWED = ("os.listdir", "os.scandir", "os.fwalk", "os.walk")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


# -- in the test's process -------------------------------------------------------------------------


def watch(
    jobs: Sequence[tuple[str, str, Path]],
    seconds: float = SECONDS,
    memory: int = GIGABYTE,
    tries: int = 2,
) -> dict[str, dict[str, Any]]:
    """What happened with each file, by the name of its job.

    ``events``: audit events; ``error``: class and message of what was raised; ``peak``: bytes above
    those before; ``seconds`` of the processor's. Of a file that ended its process, which is the end
    of one that takes too long, only ``lost``: the process's last words.

    Parameters
    ----------
    seconds
        For each file; a process that needs longer is ended, also if it only waits.
    memory
        More address space than this is not to be had, where the system has limits.
    tries
        Each after the first has four times the time: this machine may be busy with other things.
    """
    left, found = list(jobs), dict[str, dict[str, Any]]()
    while left:
        answers, end = _work(left, seconds, memory)
        found |= {answer["name"]: answer for answer in answers}
        left, answers = left[len(answers) :], []
        if not left:
            break
        for _ in range(1, tries):
            answers, end = _work(left[:1], 4 * seconds, memory)
            if answers:
                break
        found[left[0][0]] = answers[0] if answers else {"lost": end}
        left = left[1:]
    return found


def _work(
    jobs: Sequence[tuple[str, str, Path]], seconds: float, memory: int
) -> tuple[list[dict[str, Any]], str]:
    """The answers of one process, and how it ended."""
    done = subprocess.run(
        [sys.executable, __file__, str(seconds), str(memory)],
        input="".join(f"{json.dumps([name, kind, str(path)])}\n" for name, kind, path in jobs),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=jobs[0][2].parent,
        timeout=60 + seconds * len(jobs),
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return answers, f"{done.returncode} {done.stderr[-3000:]}"


# -- in the process that is watched ----------------------------------------------------------------


class Watch:
    """Keeps what audit hooks tell of one thread while it opens a file; a hook stays for good."""

    def __init__(self) -> None:
        self._own: str | None = None
        self._thread = 0
        self.seen: list[str] = []
        sys.addaudithook(self._hear)
        # import_module raises no event; first in line, this hears of every module that is not there
        sys.meta_path.insert(0, self)

    def find_spec(self, name: str, *_: Any) -> None:
        self._hear("import", (name,))

    @contextlib.contextmanager
    def over(self, path: str) -> Iterator[None]:
        self._thread, self.seen = threading.get_ident(), []
        self._own = os.path.dirname(path)
        try:
            yield
        finally:
            self._own = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._own is None or self._thread != threading.get_ident() or event in _ALLOWED:
            return
        if event.startswith(_WATCHED) or (event == "open" and self._is_odd(*arguments)):
            own, self._own = self._own, None  # what follows is this method's
            self.seen.append(f"{event} {[str(value)[:99] for value in arguments]}")
            self._own = own

    def _is_odd(self, path: Any, mode: Any, flags: Any) -> bool:
        """Whether a file is written, or is none of the model's."""
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        inside = isinstance(path, int) or str(path).startswith(str(self._own))
        return bool((flags or 0) & _WRITING) or not inside


def main() -> None:
    seconds, memory = float(sys.argv[1]), int(sys.argv[2])
    jobs = [json.loads(line) for line in sys.stdin.read().splitlines()]
    from opening import OPENERS, warm_up

    warm_up()
    _limit_memory(memory)
    watch = Watch()
    for name, kind, path in jobs:
        faulthandler.dump_traceback_later(seconds, exit=True)
        answer = _opened(watch, OPENERS[kind], path)
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps({"name": name, **answer}), flush=True)


def _opened(watch: Watch, opener: Any, path: str) -> dict[str, Any]:
    before, began, error = _begin_peak(), time.process_time(), ["", ""]
    try:
        with watch.over(path):
            opener(path)
    except Exception as caught:  # noqa: BLE001 - the test tells which are right
        error = [type(caught).__name__, str(caught)]
    seconds = time.process_time() - began
    return {
        "events": watch.seen,
        "error": error,
        "seconds": seconds,
        "peak": max(0, _status("VmHWM") - before),
    }


def _limit_memory(more: int) -> None:
    with contextlib.suppress(ImportError):
        import resource

        if held := _status("VmSize"):
            resource.setrlimit(resource.RLIMIT_AS, (held + more, resource.RLIM_INFINITY))


def _begin_peak() -> int:
    """Bytes that are held now; from here on the system notes the most that ever are."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    """A number of bytes from Linux's account of this process; 0 on other systems."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
