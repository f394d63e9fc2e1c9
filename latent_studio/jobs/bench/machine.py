"""What a measurement was made on: without it a figure means nothing."""

import os
import platform
from collections.abc import Mapping
from typing import Any

import torch

from latent_studio.engine.processor import bf16_of_cpu, cpu_field, instruction_sets
from latent_studio.training.device import available_cores


def describe_machine(threads: int | None = None) -> dict[str, Any]:
    """Processor, cores, instruction sets, graphics cards, versions, load: plain values for JSON.

    ``threads`` is the number that the measurement uses; None for torch's present one.
    """
    return {
        "cpu": _cpu_name(),
        "cores": available_cores(),
        "threads": threads or torch.get_num_threads(),
        "isa": instruction_sets(),
        "cpu_bf16": bool(bf16_of_cpu()),
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


def _cpu_name() -> str:
    return cpu_field("model name") or platform.processor() or platform.machine()


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
