"""What a measurement was made on: without it a figure means nothing."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from latent_studio.training.device import available_cores

# Instruction sets that decide how fast convolutions run, as Linux names them.
_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_tile", "neon", "sve")


def describe_machine(threads: int | None = None) -> dict[str, Any]:
    """Processor, cores, instruction sets, graphics cards, versions, load: plain values for JSON.

    ``threads`` is the number that the measurement uses; None for torch's present one.
    """
    return {
        "cpu": _cpu_name(),
        "cores": available_cores(),
        "threads": threads or torch.get_num_threads(),
        "isa": instruction_sets(),
        "cpu_bf16": cpu_has_bf16(),
        "gpu": [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())],
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "load": _load(),
    }


def machine_line(facts: Mapping[str, Any]) -> str:
    """One line for people."""
    parts = [facts["cpu"], f"{facts['cores']} cores", f"{facts['threads']} threads"]
    parts += [", ".join(facts["isa"]) or "no vector extensions known", *facts["gpu"]]
    load = facts["load"]
    busy = [] if load is None else [f"load {load:.1f} at the start"]
    return " · ".join([*parts, f"torch {facts['torch']}", *busy])


def instruction_sets() -> list[str]:
    """Those of :data:`_SETS` that are known to be there."""
    flags = set(_cpu_field("flags").split()) | set(_cpu_field("Features").split())
    if flags:
        return [name for name in _SETS if name in flags or (name == "neon" and "asimd" in flags)]
    capability = torch.backends.cpu.get_cpu_capability().lower()
    return [] if capability in ("default", "no avx") else [capability]


def cpu_has_bf16() -> bool:
    """Whether the processor multiplies bf16 itself; otherwise it is emulated, slowly."""
    known = set(instruction_sets())
    if known & {"avx512_bf16", "amx_bf16"}:
        return True
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(probe()) if probe is not None else False


def _cpu_field(name: str) -> str:
    """A field of the first processor in ``/proc/cpuinfo``; empty where there is none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _cpu_name() -> str:
    return _cpu_field("model name") or platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
    return round(pages / 2**30, 1)


def _load() -> float | None:
    """Processes that wanted the processor in the last minute, where the system tells."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):
        return None
