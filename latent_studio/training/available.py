"""How much memory a process can still take, on each system, without further packages."""

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import torch

_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def available_memory(device: torch.device) -> int | None:
    """Bytes that can be taken on ``device`` without swapping; None where nobody tells."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        return _system_memory()
    except (OSError, ValueError, AttributeError, subprocess.SubprocessError):
        return None


def _system_memory() -> int | None:
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _macos(_output("vm_stat"))
    free = _linux(Path("/proc/meminfo").read_text(encoding="ascii"))
    limits = [left for left in (_cgroup(*map(Path, files)) for files in _CGROUPS) if left]
    return min([free, *limits])


def _linux(text: str) -> int:
    """From ``/proc/meminfo``; what the system can give up (caches) counts as there."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    if match is None:
        raise ValueError("no MemAvailable")
    return int(match[1]) * 1024


def _cgroup(limit: Path, used: Path) -> int | None:
    """What a container may still take; None without a limit."""
    try:
        most, now = (int(path.read_text(encoding="ascii")) for path in (limit, used))
    except (OSError, ValueError):  # no such file, or the word "max"
        return None
    return max(0, most - now)


def _macos(text: str) -> int:
    """From ``vm_stat``: pages that are free or can be had at once."""
    size = re.search(r"page size of (\d+) bytes", text)
    pages = re.findall(r"^Pages (?:free|inactive|purgeable|speculative):\s+(\d+)", text, re.M)
    if size is None or not pages:
        raise ValueError("vm_stat says something else")
    return int(size[1]) * sum(map(int, pages))


def _output(command: str) -> str:
    return subprocess.run(
        [command], capture_output=True, text=True, timeout=5, check=True, env={**os.environ}
    ).stdout


class _MemoryStatus(ctypes.Structure):
    """``MEMORYSTATUSEX`` of the Windows API."""

    _fields_ = (
        ("dwLength", ctypes.c_uint32),
        ("dwMemoryLoad", ctypes.c_uint32),
        ("ullTotalPhys", ctypes.c_uint64),
        ("ullAvailPhys", ctypes.c_uint64),
        ("ullTotalPageFile", ctypes.c_uint64),
        ("ullAvailPageFile", ctypes.c_uint64),
        ("ullTotalVirtual", ctypes.c_uint64),
        ("ullAvailVirtual", ctypes.c_uint64),
        ("ullAvailExtendedVirtual", ctypes.c_uint64),
    )


def _windows() -> int:
    status = _MemoryStatus(dwLength=ctypes.sizeof(_MemoryStatus))
    if not getattr(ctypes, "windll").kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # noqa: B009 - Windows only
        raise OSError("GlobalMemoryStatusEx failed")
    return int(status.ullAvailPhys)
