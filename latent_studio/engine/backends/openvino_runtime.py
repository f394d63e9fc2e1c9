"""OpenVINO without its telemetry: import, what the processor can, compiling.

Importing the package, or converting with it, reports to its maker over the network unless its
telemetry package is missing; so it is made to look missing, for good: parts of it are imported when
they are first used. The converter is two thirds of what the package imports, and a window that
finds its graph in the cache converts nothing; the package does without it where it is missing, so
that is what it looks like, too, until :func:`convert` wants it.
"""

import importlib
import importlib.util
import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F

_TELEMETRY = "openvino_telemetry"
_CONVERTER = "openvino.tools.ovc"
ELEMENTS = {"fp32": "f32", "bf16": "bf16"}
_import_lock = threading.Lock()


def installed() -> bool:
    """Whether the package is there; imports nothing."""
    try:
        return importlib.util.find_spec("openvino") is not None
    except (ImportError, ValueError):
        return False


def openvino() -> Any:
    """The package, with telemetry kept out.

    Raises
    ------
    ImportError
        If it is missing or does not load on this system.
    """
    with _import_lock:
        if "openvino" in sys.modules:
            return sys.modules["openvino"]
        sys.modules.setdefault(_TELEMETRY, None)  # type: ignore[arg-type]
        sys.modules.setdefault(_CONVERTER, None)  # type: ignore[arg-type]
        try:
            return importlib.import_module("openvino")
        finally:
            if sys.modules.get(_CONVERTER, True) is None:
                del sys.modules[_CONVERTER]


def _converter() -> Any:
    """The part of the package that converts networks."""
    openvino()
    with _import_lock:
        return importlib.import_module(_CONVERTER)


@lru_cache(maxsize=1)
def core() -> Any:
    """The runtime of this process."""
    return openvino().Core()


@lru_cache(maxsize=1)
def processor() -> str:
    return str(core().get_property("CPU", "FULL_DEVICE_NAME"))


@lru_cache(maxsize=1)
def precisions() -> tuple[str, ...]:
    """What this processor computes fast in, shortest first."""
    able = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("bf16", "fp32") if "BF16" in able else ("fp32",)


def version() -> str:
    return str(openvino().__version__)


def settings(precision: str, threads: int) -> dict[str, Any]:
    """How a graph is run: one picture at a time, as soon as can be."""
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": ELEMENTS[precision],
    }


def convert(module: torch.nn.Module, example: tuple[torch.Tensor, ...]) -> Any:
    """Trace ``module`` into a graph with the shapes of ``example``."""
    import warnings

    converter = _converter()
    with torch.no_grad(), warnings.catch_warnings(), _groups_of_one():
        # Sizes are fixed on purpose; the tracer warns of each.
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(module.eval(), example, check_trace=False)
        shapes = [tuple(tensor.shape) for tensor in example]
        return converter.convert_model(traced, example_input=example, input=shapes)


@contextmanager
def _groups_of_one() -> Iterator[None]:
    """Groups of one channel as instance norm: as groups they crash the compiler (2026.4)."""
    group_norm = F.group_norm

    def norm(
        input: torch.Tensor,
        num_groups: int,
        weight: torch.Tensor | None = None,
        bias: torch.Tensor | None = None,
        eps: float = 1e-5,
    ) -> torch.Tensor:
        if num_groups == input.shape[1]:
            return F.instance_norm(input, weight=weight, bias=bias, eps=eps)
        return group_norm(input, num_groups, weight, bias, eps)

    F.group_norm = norm
    try:
        yield
    finally:
        F.group_norm = group_norm


def compile_graph(graph: Any, precision: str, threads: int) -> Any:
    return core().compile_model(graph, "CPU", settings(precision, threads))


def export_graph(compiled: Any) -> bytes:
    data = compiled.export_model()
    return bytes(data.getvalue() if isinstance(data, io.BytesIO) else data)


def import_graph(data: bytes, precision: str, threads: int) -> Any:
    """A graph that :func:`export_graph` gave, in the same version on the same processor."""
    return core().import_model(io.BytesIO(data), "CPU", settings(precision, threads))
