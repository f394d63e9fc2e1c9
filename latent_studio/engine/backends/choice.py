"""Which backend serves a model: measured once a configuration, remembered, built in peace.

The *choice* belongs to architecture, configuration, device, threads and versions. A compiled
*graph* holds weights, so it is kept under their hash, too: two models of one configuration never
share one.
"""

import json
import logging
import math
import platform
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch

from latent_studio.engine.backends import openvino_build, openvino_runtime
from latent_studio.engine.backends.base import Backend
from latent_studio.engine.backends.graph_cache import GraphCache, graphs_dir, key_of, weight_hash
from latent_studio.engine.backends.openvino_build import Built
from latent_studio.engine.device import Precision
from latent_studio.errors import ModelError, OptionError, StudioError
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.storage import atomic

log = logging.getLogger(__name__)

BackendName: TypeAlias = Literal["auto", "torch", "openvino", "cudagraphs", "compile"]
BACKENDS = ("auto", "torch", "openvino", "cudagraphs", "compile")
MIN_SPEEDUP = 1.15
# A machine that was busy may have been unjust: what lost is measured once more, another time.
TRIALS = 2
_FORMAT = 2


@dataclass(frozen=True, eq=False)
class Prepared:
    """A backend that is right and fast, or None and why: one short line for people."""

    backend: Backend | None = None
    note: str = ""


@dataclass(frozen=True)
class Choice:
    """What was measured for a configuration, or what is wrong with certain weights."""

    precision: str = ""
    eager_ms: float = 0.0
    fast_ms: float = 0.0
    fault: str = ""
    trials: int = 1

    @property
    def worth(self) -> bool:
        return bool(self.precision) and self.eager_ms >= MIN_SPEEDUP * self.fast_ms

    @classmethod
    def from_json(cls, text: str) -> "Choice":
        """What ``asdict`` gave, from a file that anything may have happened to (``ValueError``)."""
        facts = json.loads(text)
        if not isinstance(facts, dict) or facts.keys() != asdict(cls()).keys():
            raise ValueError("other fields")
        if not all(isinstance(facts[name], str) for name in ("precision", "fault")):
            raise ValueError("words are missing")
        if not all(_is_duration(facts[name]) for name in ("eager_ms", "fast_ms")):
            raise ValueError("no times")
        if type(facts["trials"]) is not int or facts["trials"] < 1:
            raise ValueError("no number of trials")
        return cls(**facts)


def _is_duration(value: object) -> bool:
    return type(value) in (int, float) and 0 <= value < math.inf  # type: ignore[operator]


def check_backend(name: str) -> None:
    """Refuse a name that is unknown (``OptionError``)."""
    if name not in BACKENDS:
        raise OptionError(f"There is no backend {name!r}; choose {', '.join(BACKENDS)}.")


def wants_preparation(name: str, device: torch.device, precision: str) -> bool:
    """Whether another backend than eager comes into question; costs next to nothing."""
    if name == "torch":
        return False
    if name in ("cudagraphs", "compile"):
        return True
    on_cpu = device.type == "cpu" and precision != "fp16"
    if name == "openvino":
        return True
    return (on_cpu and openvino_runtime.installed()) or device.type == "cuda"


def prepare(
    generator: Generator,
    device: torch.device,
    name: str = "auto",
    precision: Precision = "auto",
    *,
    apart: bool = False,
    token: StopToken | None = None,
    folder: Path | None = None,
) -> Prepared:
    """Find, load or build the backend that shall serve ``generator`` instead of eager.

    Parameters
    ----------
    generator
        Frozen on ``device``; only read. Its weights must not change meanwhile.
    name, precision
        What the user asks for; ``auto`` takes what was measured to be fastest.
    apart
        Convert in a process of its own, so that this one's threads are not held up.
    token
        Ends the work early; the result is worth nothing then.
    folder
        Where choices and graphs are kept; the user's cache by default.

    Returns
    -------
    Prepared
        Without a backend, ``note`` says why (nothing, if eager is what is right).
    """
    check_backend(name)
    token = token or StopToken()
    try:
        if name in ("cudagraphs", "compile") or (name == "auto" and device.type == "cuda"):
            from latent_studio.engine.backends.torch_graphs import prepare_torch

            return prepare_torch(generator, device, name, precision)
        return _OpenVinoChoice(generator, device, name, precision, folder).prepare(apart, token)
    except StudioError as error:
        return Prepared(note=error.message)
    except ImportError as error:
        log.info("OpenVINO does not load: %s", error)
        return Prepared(note="OpenVINO does not load here")


class _OpenVinoChoice:
    """The way of one generator to its graphs."""

    def __init__(
        self,
        generator: Generator,
        device: torch.device,
        name: str,
        precision: str,
        folder: Path | None,
    ) -> None:
        self._generator, self._device = generator, device
        self._forced, self._precision = name == "openvino", precision
        self._folder = folder
        self._threads = torch.get_num_threads()
        self._trials = 0  # so often has OpenVINO lost before

    def prepare(self, apart: bool, token: StopToken) -> Prepared:
        reason = self._unfit()
        if reason:
            return Prepared(note=reason if self._forced else "")
        self._cache = GraphCache(self._folder or graphs_dir())
        known = self._measured()
        if known is not None and not (known.worth or self._forced):
            if known.trials >= TRIALS:
                return Prepared()
            self._trials = known.trials
            known = None
        precisions = self._precisions() if known is None else (known.precision,)
        kept = None if known is None else self._kept(known.precision)
        if kept is not None:
            return Prepared(kept)
        refused = self._read({**self._asked_facts(), "weights": self._weights})
        if refused is not None and refused.fault:
            return Prepared(note=f"OpenVINO is not used: {refused.fault}")
        built = Built() if token.stopped else self._build(precisions, apart, token)
        return Prepared() if token.stopped else self._take(built)

    def _unfit(self) -> str:
        """Why OpenVINO is out of the question."""
        if self._device.type != "cpu":
            return f"OpenVINO computes on the CPU, not on {self._device.type}"
        if not openvino_runtime.installed():
            return "OpenVINO is not installed; 'pip install openvino' adds it"
        if self._precision == "auto":
            return ""
        if self._precision not in openvino_runtime.precisions():
            return f"this processor has no {self._precision}"
        return ""

    def _precisions(self) -> tuple[str, ...]:
        if self._precision != "auto":
            return (self._precision,)
        return openvino_runtime.precisions()

    def _build(self, precisions: tuple[str, ...], apart: bool, token: StopToken) -> Built:
        if apart:
            return openvino_build.build_apart(self._generator, precisions, self._threads, token)
        return openvino_build.build(self._generator, precisions, self._threads)

    def _take(self, built: Built) -> Prepared:
        """Remember, keep and load what was built."""
        if not built.entry:
            if built.settled:
                # Of these weights only: the next ones of this network may pass.
                facts = {**self._asked_facts(), "weights": self._weights}
                self._write(facts, Choice(fault=built.fault))
            return Prepared(note=f"OpenVINO is not used: {built.fault}")
        trials = self._trials + 1
        choice = Choice(built.precision, built.eager_ms, built.fast_ms, trials=trials)
        self._write(self._asked_facts(), choice)
        if not (choice.worth or self._forced):
            return Prepared()
        self._cache.write(self._graph_key(built.precision), built.entry)
        return Prepared(self._loaded(built.precision, built.entry))

    def _kept(self, precision: str) -> Backend | None:
        """The backend from the cache; None if it has to be built."""
        key = self._graph_key(precision)
        entry = self._cache.read(key)
        if entry is None:
            return None
        try:
            return self._loaded(precision, entry)
        except ModelError as error:
            log.info("%s It is made again. %s", error.message, error.detail)
            self._cache.remove(key)
            return None

    def _loaded(self, precision: str, entry: bytes) -> Backend:
        return openvino_build.load(self._generator, precision, entry, self._threads)

    # -- what is kept ------------------------------------------------------------------------------

    def _facts(self) -> dict[str, Any]:
        """What everything depends on that is built or measured."""
        return {
            "format": _FORMAT,
            "spec": self._generator.spec.to_json(),
            "device": str(self._device),
            "processor": openvino_runtime.processor(),
            "system": [platform.system(), platform.machine()],
            "threads": self._threads,
            "torch": torch.__version__,
            "openvino": openvino_runtime.version(),
        }

    @cached_property
    def _weights(self) -> str:
        return weight_hash(self._generator)

    def _asked_facts(self) -> dict[str, Any]:
        """What the choice depends on."""
        return {**self._facts(), "asked": self._precision}

    def _graph_key(self, precision: str) -> str:
        return key_of({**self._facts(), "weights": self._weights, "precision": precision})

    def _path(self, facts: dict[str, Any]) -> Path:
        return self._cache.folder / f"{key_of(facts)}.choice.json"

    def _measured(self) -> Choice | None:
        """What was measured of this configuration, in a precision that can be had here."""
        known = self._read(self._asked_facts())
        return known if known is not None and known.precision in self._precisions() else None

    def _read(self, facts: dict[str, Any]) -> Choice | None:
        try:
            return Choice.from_json(self._path(facts).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None

    def _write(self, facts: dict[str, Any], choice: Choice) -> None:
        try:
            atomic.write_text(self._path(facts), json.dumps(asdict(choice)))
        except StudioError as error:
            log.info("a measurement is not kept: %s", error)
