"""What a search may vary: settings with ranges or choices, as people type and files hold them.

::

    g_lr=log:1e-4:1e-2            a range, evenly in the logarithm
    discriminator.dropout=0:0.5   a range; whole numbers where both ends are whole
    batch=8:64:8                  a range in steps
    objective=hinge|wgan-gp       choices, JSON where it is JSON and text otherwise
"""

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError

MAX_GRID = 100_000
# One name for both rates, as on the command line of a training.
_TOGETHER = {"lr": ("g_lr", "d_lr")}


@dataclass(frozen=True)
class Param:
    """A setting and the values that it may take.

    Attributes
    ----------
    choices
        Its values; empty for a range.
    low, high
        Ends of a range, both possible.
    log
        Even in the logarithm.
    step
        Distance of the values of a range; None for all.
    whole
        Whole numbers only.
    """

    name: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    step: float | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        if not self.choices:
            self._check_range()
        elif len(set(map(_label, self.choices))) != len(self.choices):
            raise OptionError(f"The choices of {self.name} repeat themselves.")

    def _check_range(self) -> None:
        numbers = (self.low, self.high, self.step or 0.0)
        if not all(map(math.isfinite, numbers)) or self.low > self.high:
            raise OptionError(
                f"The range of {self.name} must go from a finite number to a larger one, not from "
                f"{self.low:g} to {self.high:g}."
            )
        if self.log and (self.low <= 0 or self.step is not None):
            raise OptionError(
                f"The logarithmic range of {self.name} must begin above 0 and has no steps."
            )
        if self.step is not None and self.step <= 0:
            raise OptionError(f"The step of {self.name} must be above 0, not {self.step:g}.")

    @property
    def labels(self) -> tuple[Any, ...]:
        """The choices as storages take them: numbers, texts, flags; others as JSON text."""
        return tuple(map(_label, self.choices))

    def value(self, label: Any) -> Any:
        """The value that a storage's ``label`` means; a number of a range is itself."""
        if not self.choices:
            return int(label) if self.whole else float(label)
        return self.choices[self.labels.index(label)]

    def points(self) -> tuple[Any, ...]:
        """All values.

        Raises
        ------
        OptionError
            There are endlessly many.
        """
        if self.choices:
            return self.choices
        if self.low == self.high:
            return (int(self.low) if self.whole else self.low,)
        if self.step is None and (self.log or not self.whole):
            raise OptionError(
                f"A grid needs choices or a step for {self.name}: {self.name}=a|b|c or "
                f"{self.name}=low:high:step."
            )
        step = self.step or 1.0
        count = int((self.high - self.low) / step + 1e-9) + 1
        found = [self.low + index * step for index in range(count)]
        return tuple(int(x) for x in found) if self.whole else tuple(found)

    def to_json(self) -> Any:
        """As a file holds it; :func:`read_space` reads it."""
        if self.choices:
            return list(self.choices)
        found: dict[str, Any] = {"low": self._end(self.low), "high": self._end(self.high)}
        if self.log:
            found["log"] = True
        if self.step is not None:
            found["step"] = self._end(self.step)
        return found

    def _end(self, number: float) -> float:
        return int(number) if self.whole else float(number)


def parse_param(text: str) -> list[Param]:
    """Read ``name=range`` or ``name=a|b|c``; ``lr`` is both learning rates, chosen apart.

    Raises
    ------
    OptionError
        Naming what is wrong.
    """
    name, equals, values = text.partition("=")
    if not (name.strip() and equals and values.strip()):
        raise OptionError(f"{text!r} is none of name=low:high, name=log:low:high and name=a|b|c.")
    return _params(name.strip(), values.strip())


def read_space(source: str | Path | Mapping[str, Any]) -> list[Param]:
    """A space from a JSON file or its content: names with ranges or lists of choices.

    ``{"g_lr": {"low": 1e-4, "high": 1e-2, "log": true}, "batch": [8, 16], "r1_gamma": "0.1:10"}``

    Raises
    ------
    OptionError
        Naming what is wrong.
    """
    if not isinstance(source, Mapping):
        try:
            source = json.loads(Path(source).expanduser().read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise OptionError(f"Cannot read the search space {source}: {error}.") from error
    if not isinstance(source, Mapping) or not source:
        raise OptionError("A search space is a JSON object of names with ranges or choices.")
    return [param for name, values in source.items() for param in _params(str(name), values)]


def check_space(params: Iterable[Param]) -> tuple[Param, ...]:
    """The parameters, if there are any and each has its own name (raises ``OptionError``)."""
    found = tuple(params)
    names = [param.name for param in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError(f"The search space names {', '.join(twice)} twice.")
    if not found:
        raise OptionError(
            "There is nothing to search: name what to vary, as in --param g_lr=log:1e-4:1e-2."
        )
    return found


def space_to_json(params: Sequence[Param]) -> dict[str, Any]:
    """As :func:`read_space` reads it."""
    return {param.name: param.to_json() for param in params}


def grid_points(params: Sequence[Param]) -> list[dict[str, Any]]:
    """Every combination, the last parameter varying fastest.

    Raises
    ------
    OptionError
        A parameter has endlessly many values, or there are more than 100,000 combinations.
    """
    columns = [param.points() for param in params]
    count = math.prod(map(len, columns))
    if count > MAX_GRID:
        raise OptionError(f"A grid of {count:,} combinations is too large; give fewer values.")
    names = [param.name for param in params]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*columns)]


def default_space(options: Mapping[str, Any]) -> list[Param]:
    """What most often decides a training: both learning rates, and R1 where it is in use.

    Parameters
    ----------
    options
        The settings of the preset, as JSON.
    """
    spans = {"g_lr": 5.0, "d_lr": 5.0, "r1_gamma": 10.0}
    return [
        Param(name, low=options[name] / span, high=options[name] * span, log=True)
        for name, span in spans.items()
        if options.get(name, 0) > 0
    ]


def _params(name: str, values: Any) -> list[Param]:
    return [_param(each, values) for each in _TOGETHER.get(name, (name,))]


def _param(name: str, values: Any) -> Param:
    if isinstance(values, str):
        return _from_text(name, values)
    if isinstance(values, Mapping) and {"low", "high"} <= set(values):
        unknown = sorted(set(values) - {"low", "high", "log", "step"})
        if unknown:
            raise OptionError(f"The range of {name} knows no {', '.join(unknown)}.")
        numbers = [values["low"], values["high"], *([values["step"]] if "step" in values else [])]
        return _range(name, numbers, bool(values.get("log", False)))
    if isinstance(values, list | tuple) and values:
        return Param(name, tuple(values))
    raise OptionError(f"{name} needs a list of choices, or a range with 'low' and 'high'.")


def _from_text(name: str, text: str) -> Param:
    log = text.startswith("log:")
    parts = text.removeprefix("log:").split(":")
    if "|" not in text and len(parts) in (2, 3):
        try:
            return _range(name, [json.loads(part) for part in parts], log)
        except ValueError:
            pass
    if log:
        raise OptionError(f"{name}: a logarithmic range is log:low:high, not {text!r}.")
    return Param(name, tuple(_choice(part.strip()) for part in text.split("|")))


def _range(name: str, numbers: Sequence[Any], log: bool) -> Param:
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in numbers):
        raise OptionError(f"The ends of the range of {name} must be numbers.")
    whole = all(isinstance(x, int) for x in numbers) and not _is_real(name)
    low, high, *rest = (float(x) for x in numbers)
    return Param(name, low=low, high=high, log=log, step=rest[0] if rest else None, whole=whole)


def _is_real(name: str) -> bool:
    """Whether the setting is one that takes fractions, though its ends are whole."""
    from latent_studio.training.config import TrainConfig

    return isinstance(getattr(TrainConfig, name, None), float)


def _choice(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _label(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return json.dumps(value, sort_keys=True)
