"""Keep the computer awake while a training runs; best effort on every system."""

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from typing import Any

log = logging.getLogger(__name__)

ES_CONTINUOUS = 0x80000000
ES_SYSTEM_REQUIRED = 0x00000001
REASON = "A training is running"


def inhibit_command(platform: str, pid: int) -> list[str] | None:
    """The command that keeps this system awake until it is ended; None if there is none.

    Both tools end by themselves when this process is gone: ``caffeinate -w`` watches it, and
    ``tail --pid`` does for ``systemd-inhibit``.
    """
    if platform == "darwin" and shutil.which("caffeinate"):
        return ["caffeinate", "-i", "-w", str(pid)]
    if platform.startswith("linux") and shutil.which("systemd-inhibit") and shutil.which("tail"):
        return [
            "systemd-inhibit",
            "--what=sleep:idle",
            "--who=Latent Studio",
            f"--why={REASON}",
            "--mode=block",
            "tail",
            f"--pid={pid}",
            "-f",
            "/dev/null",
        ]
    return None


class AwakeLock:
    """Held while a training runs. Failing to hold it is logged, never shown."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.held = False

    def set_held(self, held: bool) -> None:
        if held == self.held:
            return
        self.held = held
        try:
            self._hold() if held else self._release()
        except OSError as error:
            log.info("the computer cannot be kept awake: %s", error)

    def _hold(self) -> None:
        if sys.platform == "win32":
            _windows_state(ES_CONTINUOUS | ES_SYSTEM_REQUIRED)
            return
        command = inhibit_command(sys.platform, os.getpid())
        if command is not None:
            quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **quiet)

    def _release(self) -> None:
        if sys.platform == "win32":
            _windows_state(ES_CONTINUOUS)
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(2)


def _windows_state(flags: int) -> None:
    """For the thread that calls it: hold and release on the same one."""
    ctypes.windll.kernel32.SetThreadExecutionState(flags)  # type: ignore[attr-defined]
