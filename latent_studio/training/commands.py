"""What a person asks of a running training, carried out between two steps.

Changes of settings are logged in the run folder with the step at which they took effect. A
checkpoint holds those before it; a resumed run replays the ones after it at the same steps, and so
goes the same way again.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.training.config import TrainConfig

# Fields of the configuration that may change while the run goes on, with the values they may take;
# the checkpoint holds the present ones.
HOT: dict[str, tuple[float, float]] = {
    "g_lr": (0, 10),
    "d_lr": (0, 10),
    "r1_gamma": (0, 1e6),
    "r2_gamma": (0, 1e6),
    "gp_weight": (0, 1e6),
    "weight_clip": (0, 1e3),
    "pl_weight": (0, 1e6),
    "ada_target": (0, 1),
    "style_mixing": (0, 1),
    "accumulate": (1, 65_536),
}
SETTINGS = (*HOT, "lr")
ACTIONS = ("pause", "save", "discard")


@dataclass(frozen=True)
class Command:
    """One of :data:`SETTINGS` with its new value (``lr`` is both rates), or of :data:`ACTIONS`.

    ``discard`` lets a stop that follows save nothing: the run is left as its last checkpoint is.
    """

    name: str
    value: float = 0.0

    def __post_init__(self) -> None:
        if self.name not in SETTINGS + ACTIONS:
            known = ", ".join(SETTINGS + ACTIONS)
            raise OptionError(f"A training does not understand '{self.name}'; known: {known}.")
        if self.name in SETTINGS:
            low, high = HOT.get(self.name, HOT["g_lr"])
            if not low <= self.value <= high:
                raise OptionError(
                    f"'{self.name}' must be from {low:g} to {high:g}, not {self.value:g}."
                )

    @property
    def is_setting(self) -> bool:
        return self.name in SETTINGS


class CommandQueue:
    """Filled by any thread, drained by the trainer between steps."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Command] = deque()

    def put(self, command: Command) -> None:
        with self._lock:
            self._waiting.append(command)

    def drain(self) -> list[Command]:
        """Everything put since the last call, in order."""
        if not self._waiting:
            return []
        with self._lock:
            commands = list(self._waiting)
            self._waiting.clear()
        return commands


def log_entry(step: int, command: Command) -> dict[str, Any]:
    """A line for the run's log: ``command`` took effect before step ``step`` (counted from 0)."""
    return {"step": step, "name": command.name, "value": command.value}


def apply_setting(config: TrainConfig, command: Command) -> TrainConfig:
    """``config`` with a setting changed."""
    if command.name == "lr":
        return config.with_changes(g_lr=command.value, d_lr=command.value)
    return config.with_changes(**{command.name: command.value})


def logged_from(
    entries: Iterable[Mapping[str, Any]],
    step: int,
    config: TrainConfig,
    change: Callable[[TrainConfig, Command], TrainConfig] = apply_setting,
) -> tuple[dict[int, list[Command]], list[str]]:
    """The settings among log ``entries`` that took effect at ``step`` or later.

    Parameters
    ----------
    config
        Settings as they were at ``step``.
    change
        Applies a command, or raises ``OptionError``.

    Returns
    -------
    tuple
        Commands by step, and a sentence for each entry that cannot be applied, which is left out.
    """
    found: dict[int, list[Command]] = {}
    refused = []
    for entry in entries:
        if entry.get("name") not in SETTINGS or entry.get("step", -1) < step:
            continue
        try:
            command = Command(entry["name"], float(entry["value"]))
            config = change(config, command)
        except OptionError as error:
            refused.append(f"The logged change of {entry['name']} is left out: {error.message}")
        else:
            found.setdefault(int(entry["step"]), []).append(command)
    return found, refused
