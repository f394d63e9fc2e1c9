"""Which processor, and with how many bits."""

import platform
from typing import Literal, TypeAlias

import torch

from latent_studio.errors import OptionError

Precision: TypeAlias = Literal["auto", "fp32", "bf16", "fp16"]
DEVICES = ("auto", "cpu", "cuda", "mps")
DTYPES: dict[str, torch.dtype] = {
    "fp32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
}


def available_devices() -> list[str]:
    """What this machine can compute on, best first."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def pick_device(name: str | torch.device = "auto") -> torch.device:
    """The device of that name; ``auto`` takes the best there is.

    Raises
    ------
    OptionError
        If it is unknown or missing on this machine.
    """
    wanted = str(name)
    kind, _, index = wanted.partition(":")
    if kind not in DEVICES:
        raise OptionError(f"Unknown device {wanted!r}; known: {', '.join(DEVICES)}.")
    found = available_devices()
    if kind == "auto":
        return torch.device(found[0])
    many = torch.cuda.device_count() if kind == "cuda" else 1
    if kind not in found or (index and not (index.isdigit() and int(index) < many)):
        raise OptionError(
            f"This machine has no device {wanted!r}. Choose one of: auto, {', '.join(found)}."
        )
    return torch.device(wanted)


def describe_device(device: torch.device | str) -> str:
    """One line for people: ``NVIDIA H200 (139 GiB)``, ``Apple GPU``, ``CPU, 2 threads``."""
    device = torch.device(device)
    if device.type == "cuda":
        facts = torch.cuda.get_device_properties(device)
        return f"{facts.name} ({facts.total_memory / 2**30:.0f} GiB)"
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU ({platform.machine()}), {threads} thread{'s' if threads != 1 else ''}"


def half_dtype(device: torch.device | str) -> torch.dtype:
    """The 16-bit type that is fast there: fp16 on GPUs, bf16 on CPUs."""
    return torch.bfloat16 if torch.device(device).type == "cpu" else torch.float16


def precision_name(dtype: torch.dtype) -> str:
    return next(name for name, known in DTYPES.items() if known == dtype)


def synchronize(device: torch.device) -> None:
    """Wait until everything asked of ``device`` is done."""
    if device.type == "cuda":
        torch.cuda.current_stream(device).synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()
