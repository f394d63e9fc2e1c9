"""Lists of whole numbers as people type them: ``0-63,70``."""

import re

from latent_studio.errors import OptionError

MAX_SEED = 2**32 - 1
MAX_COUNT = 100_000
_PART = re.compile(r"\s*(\d+)\s*(?:(?:-|\.\.)\s*(\d+)\s*)?")


def parse_numbers(text: str, what: str = "numbers", maximum: int = MAX_SEED) -> list[int]:
    """Read ``0-63,70`` as 0 to 63 and 70, in the order given, repetitions kept.

    Raises
    ------
    OptionError
        Nothing given, not a list of numbers and ranges, a number above ``maximum``, a range that
        runs backwards, or more than 100,000 numbers.
    """
    numbers: list[int] = []
    for part in text.split(","):
        first, last = _bounds(part, text, what)
        if max(first, last) > maximum:
            raise OptionError(f"{what} go up to {maximum}, not {max(first, last)}.")
        if len(numbers) + last - first + 1 > MAX_COUNT:
            raise OptionError(f"{what}: {text!r} is more than {MAX_COUNT} numbers; choose fewer.")
        numbers.extend(range(first, last + 1))
    return numbers


def parse_seeds(text: str) -> list[int]:
    """Seeds ``0`` to ``2**32 - 1`` from a text such as ``0-63,70``."""
    return parse_numbers(text, "Seeds")


def parse_amount(text: str) -> tuple[str, float]:
    """``smile=1.5`` as a direction's name and how far to go, in its standard deviations."""
    name, separator, amount = text.rpartition("=")
    try:
        value = float(amount)
    except ValueError:
        separator = ""
        value = 0.0
    if not separator or not name.strip() or value != value or abs(value) == float("inf"):
        raise OptionError(f"A direction is written NAME=AMOUNT, as in smile=1.5, not {text!r}.")
    return name.strip(), value


def _bounds(part: str, text: str, what: str) -> tuple[int, int]:
    match = _PART.fullmatch(part)
    if match is None:
        raise OptionError(
            f"{what} are numbers and ranges with commas between, as in 0-63,70, not {text!r}."
        )
    first = int(match.group(1))
    last = first if match.group(2) is None else int(match.group(2))
    if last < first:
        raise OptionError(f"{what}: the range {part.strip()} runs backwards.")
    return first, last
