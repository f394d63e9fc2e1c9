"""Settings out of a file, checked: they are a stranger's, and decide how much is built."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.storage.foreign.stand_ins import Record

MAX_SIDE = 8192
_ABSENT = object()


class Options:
    """Looks settings up where a file may have them: first attributes of a layer, then arguments.

    Parameters
    ----------
    modules
        Records by their path in the network, such as ``synthesis.b8.conv0``.
    arguments
        What the constructor was called with.
    """

    def __init__(
        self,
        modules: Mapping[str, Record] | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> None:
        self.modules = modules or {}
        self.arguments = arguments or {}

    def nested(self, *names: str) -> "Options":
        """The same with the arguments of a part, such as ``mapping_kwargs``."""
        found: Any = self.arguments
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return Options(self.modules, found if isinstance(found, Mapping) else {})

    def synthesis(self) -> "Options":
        """Those of the synthesis network: StyleGAN2-ADA nests its arguments."""
        return self.nested("synthesis_kwargs") if "synthesis_kwargs" in self.arguments else self

    def find(self, name: str, default: Any, layer: str = "", attribute: str = "") -> Any:
        """The setting as it is in the file, or ``default``."""
        record = self.modules.get(layer)
        value = _ABSENT
        if record is not None:
            value = record.state.get(attribute or name, _ABSENT)
        if value is _ABSENT:
            value = self.arguments.get(name, _ABSENT)
        return default if value is _ABSENT else value

    def whole(
        self, name: str, default: int, low: int, high: int, layer: str = "", attribute: str = ""
    ) -> int:
        """A whole number.

        Raises
        ------
        ModelError
            If it is none from ``low`` to ``high``.
        """
        value = self.find(name, default, layer, attribute)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ModelError(
                f"Its setting {name} is no whole number from {low} to {high}, so its network "
                "cannot be built."
            )
        return value

    def real(self, name: str, default: float, layer: str = "", attribute: str = "") -> float:
        """A finite number."""
        found = self.optional_real(name, default, layer, attribute)
        if found is None:
            raise ModelError(f"Its setting {name} is no number, so its network cannot be built.")
        return found

    def optional_real(
        self, name: str, default: float | None, layer: str = "", attribute: str = ""
    ) -> float | None:
        """A finite number, or None."""
        value = self.find(name, default, layer, attribute)
        if value is None:
            return None
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or abs(value) > 1e12:
            raise ModelError(f"Its setting {name} is no number, so its network cannot be built.")
        return int(value) if float(value).is_integer() else float(value)

    def flag(self, name: str, default: bool, layer: str = "", attribute: str = "") -> bool:
        return bool(self.find(name, default, layer, attribute) is True)

    def text(self, name: str, default: str, layer: str = "", attribute: str = "") -> str:
        value = self.find(name, default, layer, attribute)
        return value[:40] if isinstance(value, str) else default

    def taps(self, name: str) -> list[float] | None:
        """A filter's taps, or None where there are none or they are of another form."""
        value = self.arguments.get(name)
        if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= 16:
            return None
        if not all(isinstance(tap, int | float) and math.isfinite(tap) for tap in value):
            return None
        return [float(tap) for tap in value]


def unknown_arguments(arguments: Mapping[Any, Any], known: Collection[str]) -> tuple[str, ...]:
    """A note about arguments that this program does not know, or nothing."""
    names = (name for name in arguments if isinstance(name, str) and name not in known)
    odd = sorted(name[:40] for name in names)
    if not odd:
        return ()
    return (f"These settings of the file are not known here and have no effect: {', '.join(odd)}.",)
