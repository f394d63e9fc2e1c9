"""Networks through OpenVINO on the CPU: compiled once, two to four times as fast as eager."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from latent_studio.engine.backends import openvino_runtime as runtime
from latent_studio.engine.backends.chain import ChainBackend
from latent_studio.engine.backends.openvino_layout import FEATURES_IN, FEATURES_OUT
from latent_studio.engine.backends.parts import Segment
from latent_studio.engine.device import DTYPES
from latent_studio.models.base import Generator


class OpenVino(ChainBackend):
    """Runs a compiled graph a segment, each compiled for ``precision``.

    ``mapping`` is the compiled mapping network of a styled model. PyTorch's would take longer than
    its own time: its second thread waits for more to do, at full speed, for up to twenty
    milliseconds, and the graphs want that processor.
    """

    runtime = "openvino"

    def __init__(
        self,
        generator: Generator,
        segments: Sequence[Segment],
        graphs: Sequence[Any],
        precision: str,
        mapping: Any = None,
    ) -> None:
        super().__init__(generator, segments, "cpu", DTYPES[precision])
        cuts = [(s.takes_features, s.gives_features) for s in segments] or [(False, False)]
        self._calls = [_Call(graph, *cut) for graph, cut in zip(graphs, cuts, strict=True)]
        self._mapping = None if mapping is None else _Call(mapping)

    def call(self, index: int, inputs: Sequence[Tensor]) -> list[Tensor]:
        return self._calls[index].run(inputs)

    @torch.inference_mode()
    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        if self._mapping is None or len(z) > 1:
            return super().map(z, c)
        return self._mapping.run([z] if c is None else [z, c])[0]


class _Call:
    """One compiled graph with its request.

    ``takes`` and ``gives``: its features come and go with the channels last (see
    :mod:`latent_studio.engine.backends.openvino_layout`); here they are ``[1, C, H, W]``.
    """

    def __init__(self, graph: Any, takes: bool = False, gives: bool = False) -> None:
        self._request = graph.create_infer_request()
        self._inputs = [_Port(port) for port in graph.inputs]
        self._outputs = [_Port(port) for port in graph.outputs]
        self._takes, self._gives = takes, gives

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Fresh tensors, the caller's to keep; nothing that fits is copied on the way."""
        # What is given is held until the call is over: the request points into it.
        given = list(inputs)
        if self._takes:
            given[FEATURES_IN] = given[FEATURES_IN].permute(0, 2, 3, 1)
        given = [port.fitted(value) for port, value in zip(self._inputs, given, strict=True)]
        results = [port.empty() for port in self._outputs]
        for index, (port, value) in enumerate(zip(self._inputs, given, strict=True)):
            self._request.set_input_tensor(index, port.shared(value))
        for index, (port, value) in enumerate(zip(self._outputs, results, strict=True)):
            self._request.set_output_tensor(index, port.shared(value))
        self._request.infer()
        if self._gives:
            results[FEATURES_OUT] = results[FEATURES_OUT].permute(0, 3, 1, 2)
        return results


class _Port:
    """What goes through one end of a graph."""

    def __init__(self, port: Any) -> None:
        openvino = runtime.openvino()
        self._make = openvino.Tensor
        self._shape, self._sizes = tuple(port.shape), port.shape
        # NumPy has no bf16: its bytes travel as integers.
        self._short = openvino.Type.bf16 if port.element_type == openvino.Type.bf16 else None
        self._dtype = torch.float32 if self._short is None else torch.bfloat16

    def empty(self) -> Tensor:
        return torch.empty(self._shape, dtype=self._dtype)

    def fitted(self, value: Tensor) -> Tensor:
        return value.to(self._dtype).contiguous().reshape(self._shape)

    def shared(self, value: Tensor) -> Any:
        if self._short is None:
            return self._make(value.numpy(), shared_memory=True)
        return self._make(value.view(torch.int16).numpy(), self._sizes, self._short)
