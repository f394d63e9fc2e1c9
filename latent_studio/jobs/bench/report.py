"""What a benchmark found: as a table for people, as JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from latent_studio.jobs.bench.machine import machine_line
from latent_studio.storage.atomic import atomic_path

VERSION = 1


@dataclass(frozen=True)
class Series:
    """Repeated measurements of one thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    def quantile(self, share: float) -> float:
        """The smallest value that is not below ``share`` of the others."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, max(0, round(share * (len(ordered) - 1))))]

    def to_json(self) -> dict[str, Any]:
        low, high = self.quantile(0.25), self.quantile(0.75)
        ends = {"min": min(self.values), "max": max(self.values)}
        return {"median": self.median, "p25": low, "p75": high, **ends, "count": len(self.values)}


@dataclass(frozen=True)
class Ratio:
    """How many times as good one thing is as another: the median over rounds that did both."""

    value: float
    low: float
    high: float

    @classmethod
    def paired(cls, over: Sequence[float], under: Sequence[float]) -> "Ratio":
        """``over / under``, round by round, with its quartiles: what a round suffers, both do."""
        shares = Series(tuple(a / b for a, b in zip(over, under, strict=True)))
        return cls(shares.median, shares.quantile(0.25), shares.quantile(0.75))

    def __str__(self) -> str:
        return f"{self.value:.2f} × ({self.low:.2f}–{self.high:.2f})"


@dataclass(frozen=True)
class Row:
    """One line of a table.

    ``ratio`` is to the table's reference (above 1: better), ``remark`` whatever else there is.
    """

    name: str
    series: Series
    ratio: Ratio | None = None
    remark: str = ""

    def to_json(self) -> dict[str, Any]:
        ratio = None if self.ratio is None else vars(self.ratio)
        return {"name": self.name, **self.series.to_json(), "ratio": ratio, "remark": self.remark}


@dataclass(frozen=True)
class Table:
    """Rows of one unit under a title."""

    title: str
    unit: str
    rows: Sequence[Row]

    def lines(self) -> list[str]:
        width = max([len(row.name) for row in self.rows], default=0)
        lines = [self.title]
        for row in self.rows:
            s = row.series
            spread = f"({_short(s.quantile(0.25))}–{_short(s.quantile(0.75))})"
            cells = [
                f"  {row.name:<{width}}",
                f"{_short(s.median):>8} {self.unit}",
                f"{spread:<16}",
            ]
            cells += ["" if row.ratio is None else f"{row.ratio!s:<22}", row.remark]
            lines.append("  ".join(cells).rstrip())
        return lines

    def to_json(self) -> dict[str, Any]:
        rows = [row.to_json() for row in self.rows]
        return {"title": self.title, "unit": self.unit, "rows": rows}


@dataclass(frozen=True)
class Report:
    """A whole benchmark.

    ``settings`` is what was asked for, ``figures`` single numbers beside the tables.
    """

    benchmark: str
    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    tables: Sequence[Table]
    notes: Sequence[str] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    def lines(self) -> list[str]:
        lines = [machine_line(self.machine)]
        for table in self.tables:
            lines += ["", *table.lines()]
        if self.notes:
            lines += ["", *self.notes]
        return lines

    def to_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "benchmark": self.benchmark,
            "machine": dict(self.machine),
            "settings": dict(self.settings),
            "tables": [table.to_json() for table in self.tables],
            "figures": dict(self.figures),
            "notes": list(self.notes),
        }

    def write(self, path: Path) -> None:
        """Write JSON; an older file of that name is replaced when the new one is whole."""
        with atomic_path(path) as temporary:
            text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
            temporary.write_text(text + "\n", encoding="utf-8")


def _short(value: float) -> str:
    """Three digits or so, without an exponent."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
