"""What the processor can do: instruction sets that decide how fast convolutions run."""

from functools import lru_cache
from pathlib import Path

import torch

# As Linux names them.
_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_tile", "neon", "sve")
_BF16 = ("avx512_bf16", "amx_bf16", "bf16")


def cpu_field(name: str) -> str:
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


def instruction_sets() -> list[str]:
    """Those that matter and are known to be there."""
    flags = _flags()
    if flags:
        return [name for name in _SETS if name in flags or (name == "neon" and "asimd" in flags)]
    capability = torch.backends.cpu.get_cpu_capability().lower()
    return [] if capability in ("default", "no avx") else [capability]


@lru_cache(maxsize=1)
def bf16_of_cpu() -> bool | None:
    """Whether the processor multiplies bf16 itself; None if it does not tell.

    Without that it is emulated, slower than float32.
    """
    flags = _flags()
    if flags:
        return not flags.isdisjoint(_BF16)
    probe = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return True if probe is not None and probe() else None


def _flags() -> set[str]:
    return set(cpu_field("flags").split()) | set(cpu_field("Features").split())
