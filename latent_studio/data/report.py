"""What was found in a data source, for a person to read."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from latent_studio.errors import DataError

Size = tuple[int, int]
_SHOWN = 8


@dataclass
class DataReport:
    """Facts about a source.

    Parameters
    ----------
    name
        What a person calls the source (file or folder name).
    count
        Usable images, or None for an infinite source.
    sizes
        ``(width, height)`` to number of images.
    modes
        Colour mode as stored (``L``, ``RGB``, ``RGBA`` ...) to number of images.
    classes
        Names of the classes, in the order of their labels; empty without classes.
    attributes
        Names of the numeric attributes.
    problems
        ``(file, reason)`` of every file that is skipped, and of annotations that fit no image.
    labelled
        Number of images with a label.
    notes
        Sentences about choices that were made (how a column was read, what was ignored).
    """

    name: str
    count: int | None
    sizes: dict[Size, int] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    attributes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    labelled: int = 0
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The report as lines of text, the most important one first."""
        count = "endless images" if self.count is None else _plural(self.count, "image")
        lines = [f"{self.name}: {count}"]
        if self.sizes:
            lines.append("sizes: " + _ranking({f"{w}x{h}": n for (w, h), n in self.sizes.items()}))
        if self.modes:
            lines.append("modes: " + _ranking(self.modes))
        lines += self._annotation_lines()
        if self.problems:
            lines.append(f"skipped or ignored: {len(self.problems)}")
            lines += [f"  {file}: {reason}" for file, reason in self.problems[:_SHOWN]]
            if len(self.problems) > _SHOWN:
                lines.append(f"  ... and {len(self.problems) - _SHOWN} more")
        return lines

    def _annotation_lines(self) -> list[str]:
        lines = []
        if self.classes:
            shown = ", ".join(self.classes[:_SHOWN])
            more = ", ..." if len(self.classes) > _SHOWN else ""
            lines.append(f"classes: {len(self.classes)} ({shown}{more})")
        if self.count is not None and (self.labelled or self.classes):
            lines.append(f"labelled: {self.labelled} of {self.count}")
        if self.attributes:
            lines.append("attributes: " + ", ".join(self.attributes))
        return lines + [f"note: {note}" for note in self.notes]

    def to_json(self) -> dict[str, Any]:
        values = dict(vars(self))
        values["sizes"] = [[w, h, n] for (w, h), n in self.sizes.items()]
        return values

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "DataReport":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        DataError
            If it does not hold a report.
        """
        try:
            return cls(
                **{
                    **value,
                    "sizes": {(int(w), int(h)): int(n) for w, h, n in value["sizes"]},
                    "problems": [(str(file), str(why)) for file, why in value["problems"]],
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError("This is not a data report.", str(error)) from error


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _ranking(counts: dict[str, int]) -> str:
    """The most frequent entries: ``64x64 (120), 32x32 (3), 5 others (9)``."""
    ranked = Counter(counts).most_common()
    text = ", ".join(f"{key} ({n})" for key, n in ranked[:_SHOWN])
    rest = ranked[_SHOWN:]
    return f"{text}, {len(rest)} others ({sum(n for _, n in rest)})" if rest else text
