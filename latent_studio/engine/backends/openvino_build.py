"""From a generator to checked, compiled graphs, and between processes.

Tracing holds Python's lock for up to a second at a time, which a window would feel, and a compiler
may crash on a network that nobody has tried: it is done by a process of its own,
``python -m latent_studio.engine.backends.openvino_build``.
"""

import contextlib
import json
import logging
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch

from latent_studio.engine.backends import openvino_runtime as runtime
from latent_studio.engine.backends.check import fault, race
from latent_studio.engine.backends.openvino_backend import OpenVino
from latent_studio.engine.backends.openvino_layout import with_cuts
from latent_studio.engine.backends.parts import (
    MappingModule,
    PlainModule,
    Segment,
    SegmentModule,
    mapping_example,
    plain_example,
    segments_of,
)
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.errors import ModelError
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, ModelSpec, StyledGenerator
from latent_studio.models.registry import build_generator
from latent_studio.storage.tensor_file import read_tensors, write_tensors

log = logging.getLogger(__name__)

MAPPING_PRECISION = "fp32"  # w is what people keep and share; 16 bits would move it

_POLL_S = 0.05
_ENDED = (None, -9, -15, 137, 143)  # by the token, by lack of memory or by somebody: no verdict


@dataclass(frozen=True)
class Built:
    """Graphs that passed the check, or why there are none.

    ``eager_ms`` and ``fast_ms`` are what a picture takes, measured interleaved.
    """

    precision: str = ""
    entry: bytes = b""
    eager_ms: float = 0.0
    fast_ms: float = 0.0
    fault: str = ""
    settled: bool = True  # another try would end the same


def build(generator: Generator, precisions: Sequence[str], threads: int) -> Built:
    """Convert, compile, check and time, here and now; the fastest precision that is right wins."""
    generator = generator.eval().requires_grad_(False)
    try:
        converted = _convert(generator)
    except Exception as error:
        log.debug("conversion failed", exc_info=error)
        return Built(fault="it can’t take this network")
    plain = TorchEager(generator)
    best, faults = Built(), []
    for precision in precisions:
        try:
            made = _try(plain, converted, precision, threads)
        except Exception as error:
            log.debug("compiling failed", exc_info=error)
            made = Built(precision, fault="it can’t compile this network")
        if made.fault:
            faults.append(f"{precision}: {made.fault}")
        elif not best.entry or made.fast_ms < best.fast_ms:
            best = made
    return best if best.entry else Built(fault="; ".join(faults))


def load(generator: Generator, precision: str, entry: bytes, threads: int) -> OpenVino:
    """The backend that :func:`build` made.

    Raises
    ------
    ModelError
        If ``entry`` is none, or of another version.
    """
    try:
        segments, blobs = _unpack(entry)
        mapping = None
        if segments:
            mapping = runtime.import_graph(blobs.pop(), MAPPING_PRECISION, threads)
        graphs = [runtime.import_graph(blob, precision, threads) for blob in blobs]
        return OpenVino(generator, segments, graphs, precision, mapping)
    except (ValueError, LookupError, TypeError, RuntimeError, struct.error) as error:
        raise ModelError("A compiled graph cannot be read.", repr(error)) from error


def build_apart(
    generator: Generator, precisions: Sequence[str], threads: int, token: StopToken
) -> Built:
    """As :func:`build`, in a process of its own that does not outlive ``token``."""
    if not sys.executable or getattr(sys, "frozen", False):  # no interpreter to start
        return build(generator, precisions, threads)
    with tempfile.TemporaryDirectory(
        prefix="latent-studio-graph-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        wanted = {
            "spec": generator.spec.to_json(),
            "precisions": list(precisions),
            "threads": threads,
        }
        with (folder / "weights").open("wb") as file:
            write_tensors(file, generator.state_dict(), {})
        (folder / "wanted.json").write_text(json.dumps(wanted), encoding="utf-8")
        code = _run(folder, token)
        if code in _ENDED:
            return Built(fault="its conversion ended early", settled=False)
        if code:
            return Built(fault="it breaks on this network")
        try:
            facts = json.loads((folder / "built.json").read_text(encoding="utf-8"))
            return Built(**facts, entry=(folder / "entry").read_bytes())
        except (OSError, ValueError, TypeError) as error:
            log.info("the conversion left nothing: %r", error)
            return Built(fault="its conversion left nothing", settled=False)


def _run(folder: Path, token: StopToken) -> int | None:
    """The other process's exit code; None if the token ended it."""
    command = [sys.executable, "-m", __name__, str(folder)]
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    # The same packages as here; and a working folder that holds nothing to be imported by chance.
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path if path)
    with (folder / "log").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            creationflags=flags,
        )
        try:
            while process.poll() is None:
                if token.wait(_POLL_S):
                    return None
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
    if process.returncode:
        text = (folder / "log").read_text(encoding="utf-8", errors="replace")
        log.info("the conversion failed: %s", text[-2000:])
    return process.returncode


def main(name: str) -> None:
    """The other process: reads what is wanted from a folder and leaves what it built there."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)
    folder = Path(name)
    wanted = json.loads((folder / "wanted.json").read_text(encoding="utf-8"))
    torch.set_num_threads(wanted["threads"])
    generator = build_generator(ModelSpec(**wanted["spec"]))
    _, tensors = read_tensors(folder / "weights")
    generator.load_state_dict(tensors)
    built = build(generator, wanted["precisions"], wanted["threads"])
    (folder / "entry").write_bytes(built.entry)
    facts = {key: value for key, value in asdict(built).items() if key != "entry"}
    (folder / "built.json").write_text(json.dumps(facts), encoding="utf-8")


@dataclass(frozen=True)
class _Converted:
    """Graphs of segments (or of a whole network without w), and of the mapping."""

    segments: list[Segment]
    graphs: list[Any]
    mapping: Any = None

    def compiled(self, precision: str, threads: int) -> list[Any]:
        """In the order of an entry: the mapping is the last."""
        graphs = self.graphs
        if self.segments:
            graphs = [
                with_cuts(
                    graph, precision, takes=segment.takes_features, gives=segment.gives_features
                )
                for segment, graph in zip(self.segments, self.graphs, strict=True)
            ]
        compiled = [runtime.compile_graph(graph, precision, threads) for graph in graphs]
        if self.mapping is not None:
            compiled.append(runtime.compile_graph(self.mapping, MAPPING_PRECISION, threads))
        return compiled


def _convert(generator: Generator) -> _Converted:
    if not generator.capabilities.has_w:
        return _Converted([], [runtime.convert(PlainModule(generator), plain_example(generator))])
    styled = cast(StyledGenerator, generator)
    segments, examples = segments_of(styled)
    graphs = [
        runtime.convert(SegmentModule(styled.synthesis, segment), example)
        for segment, example in zip(segments, examples, strict=True)
    ]
    mapping = runtime.convert(MappingModule(styled), mapping_example(styled))
    return _Converted(segments, graphs, mapping)


def _try(plain: TorchEager, converted: _Converted, precision: str, threads: int) -> Built:
    compiled = converted.compiled(precision, threads)
    entry = _pack(converted.segments, [runtime.export_graph(graph) for graph in compiled])
    # What is checked is what will be loaded from the cache.
    fast = load(plain.generator, precision, entry, threads)
    found = fault(plain, fast)
    if found:
        return Built(precision, fault=found)
    eager_ms, fast_ms = race([plain, fast])
    return Built(precision, entry, eager_ms, fast_ms)


def _pack(segments: Sequence[Segment], blobs: Sequence[bytes]) -> bytes:
    facts = {
        "segments": [asdict(segment) for segment in segments],
        "sizes": [len(blob) for blob in blobs],
    }
    header = json.dumps(facts).encode()
    return b"".join([struct.pack("<I", len(header)), header, *blobs])


def _unpack(entry: bytes) -> tuple[list[Segment], list[bytes]]:
    (size,) = struct.unpack_from("<I", entry)
    facts = json.loads(entry[4 : 4 + size])
    segments = [Segment(**{**s, "maps": tuple(s["maps"])}) for s in facts["segments"]]
    blobs, at = [], 4 + size
    for length in facts["sizes"]:
        blobs.append(entry[at : at + length])
        at += length
    return segments, blobs


if __name__ == "__main__":
    main(sys.argv[1])
