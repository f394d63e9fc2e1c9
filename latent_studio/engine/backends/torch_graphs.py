"""PyTorch itself, compiled: CUDA graphs on NVIDIA, ``torch.compile`` where a person asks for it.

A single picture launches some hundred small kernels; recorded once as a graph they start together.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from latent_studio.engine.backends.chain import ChainBackend
from latent_studio.engine.backends.check import fault
from latent_studio.engine.backends.half import for_dtype
from latent_studio.engine.backends.parts import (
    PlainModule,
    SegmentModule,
    plain_example,
    segments_of,
)
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.device import DTYPES, precision_name, synchronize
from latent_studio.errors import StudioError
from latent_studio.models.base import Generator, StyledGenerator, Synthesis

if TYPE_CHECKING:
    from latent_studio.engine.backends.choice import Prepared

log = logging.getLogger(__name__)

_WARM_UPS = 3

_Run = Callable[[Sequence[Tensor]], Sequence[Tensor]]


class TorchChain(ChainBackend):
    """Segments as PyTorch functions, each made ready by :meth:`prepare` with example inputs."""

    def __init__(
        self, generator: Generator, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        generator = generator.eval().requires_grad_(False)
        if generator.capabilities.has_w:
            styled = cast(StyledGenerator, generator)
            segments, examples = segments_of(styled)
            synthesis = for_dtype(styled.synthesis, dtype)
            # Not the frozen form for compilers: they fold and fuse the plain one themselves.
            modules: list[nn.Module] = [
                SegmentModule(self.form(synthesis, dtype), segment, dtype) for segment in segments
            ]
        else:
            segments, examples = [], [plain_example(generator)]
            modules = [PlainModule(generator, dtype)]
        super().__init__(generator, segments, device, dtype)
        self._runs = [self.prepare(m, e) for m, e in zip(modules, examples, strict=True)]

    def form(self, synthesis: Synthesis, dtype: torch.dtype) -> Synthesis:
        return synthesis

    def prepare(self, module: nn.Module, example: tuple[Tensor, ...]) -> _Run:
        raise NotImplementedError

    def call(self, index: int, inputs: Sequence[Tensor]) -> list[Tensor]:
        return list(self._runs[index](inputs))

    def synchronize(self) -> None:
        synchronize(self.device)


class Compiled(TorchChain):
    """``torch.compile``: half a minute of compiling (and a C++ or Triton compiler) first."""

    runtime = "compile"
    compiler = "inductor"

    def prepare(self, module: nn.Module, example: tuple[Tensor, ...]) -> _Run:
        compiled = torch.compile(module, dynamic=False, backend=self.compiler)

        def run(inputs: Sequence[Tensor]) -> Sequence[Tensor]:
            with torch.inference_mode():
                return cast(Sequence[Tensor], compiled(*inputs))

        run(example)
        return run


class CudaGraphs(TorchChain):
    """Each segment recorded once on CUDA and replayed."""

    runtime = "cudagraphs"

    def form(self, synthesis: Synthesis, dtype: torch.dtype) -> Synthesis:
        return synthesis.frozen(dtype)

    @torch.inference_mode()
    def prepare(self, module: nn.Module, example: tuple[Tensor, ...]) -> _Run:
        inputs = [tensor.clone() for tensor in example]
        with torch.cuda.device(self.device):
            # Capturing wants a stream of its own, on which everything has run before.
            stream = torch.cuda.Stream(priority=-1)
            stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(stream):
                for _ in range(_WARM_UPS):
                    module(*inputs)
            torch.cuda.current_stream().wait_stream(stream)
            graph = torch.cuda.CUDAGraph()
            # thread_local: a training on another thread may allocate meanwhile.
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                outputs = module(*inputs)

        def run(given: Sequence[Tensor]) -> Sequence[Tensor]:
            with torch.inference_mode():
                for own, tensor in zip(inputs, given, strict=True):
                    own.copy_(tensor)
                graph.replay()
                return [output.clone() for output in outputs]

        return run


def prepare_torch(
    generator: Generator, device: torch.device, name: str, precision: str
) -> "Prepared":
    """The backend of that name, checked against eager; without one, why."""
    from latent_studio.engine.backends.choice import Prepared

    kind = Compiled if name == "compile" else CudaGraphs
    if kind is CudaGraphs and device.type != "cuda":
        return Prepared(note=f"CUDA graphs need an NVIDIA device, not {device.type}")
    if precision == "auto":
        wanted = [torch.float16, torch.float32] if device.type == "cuda" else [torch.float32]
    else:
        wanted = [DTYPES[precision]]
    plain, found = TorchEager(generator, device), ""
    for dtype in wanted:
        try:
            backend = kind(generator, device, dtype)
            found = fault(plain, backend)
        except StudioError as error:
            found = error.message
        except Exception as error:  # noqa: BLE001 - compilers fail in many ways; eager serves
            log.info("%s failed: %r", name, error)
            found = f"{type(error).__name__} while compiling"
        if not found:
            return Prepared(backend)
    return Prepared(note=f"{kind.runtime} is not used: {precision_name(wanted[-1])}: {found}")
