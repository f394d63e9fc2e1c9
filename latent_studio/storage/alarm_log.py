"""What a run was warned of, as its log keeps it: alarms raised, and alarms that have passed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from latent_studio.events import Alarm

RAISED, CLEARED = "raised", "cleared"


@dataclass(frozen=True)
class AlarmRow:
    """One line of ``alarms.jsonl``; ``what`` is ``raised`` or ``cleared``."""

    step: int
    kimg: float
    alarm: Alarm
    what: str = RAISED

    def to_json(self) -> dict[str, Any]:
        """What passed needs its kind alone; the line before it says the rest."""
        alarm, row = self.alarm, {"step": self.step, "kimg": self.kimg, "what": self.what}
        if self.what == CLEARED:
            return {**row, "kind": alarm.kind}
        return {
            **row,
            "kind": alarm.kind,
            "message": alarm.message,
            "evidence": alarm.evidence,
            "proposal": dict(alarm.proposal),
        }


def rows_from_json(entries: Iterable[Mapping[str, Any]], run: str) -> list[AlarmRow]:
    """Lines of the log, oldest first; those that make no sense are left out."""
    rows: list[AlarmRow] = []
    standing: dict[str, Alarm] = {}
    for entry in entries:
        kind, what = entry.get("kind"), entry.get("what")
        if not isinstance(kind, str) or what not in (RAISED, CLEARED):
            continue
        if what == RAISED:
            standing[kind] = _alarm(run, kind, entry)
        alarm = standing.get(kind, Alarm(run, kind, ""))
        rows.append(AlarmRow(int(_number(entry, "step")), _number(entry, "kimg"), alarm, what))
    return rows


def open_alarms(rows: Iterable[AlarmRow]) -> list[AlarmRow]:
    """Those that were raised and have not passed, each kind once, the oldest first."""
    found: dict[str, AlarmRow] = {}
    for row in rows:
        if row.what == CLEARED:
            found.pop(row.alarm.kind, None)
        else:
            found[row.alarm.kind] = row
    return list(found.values())


def _alarm(run: str, kind: str, entry: Mapping[str, Any]) -> Alarm:
    proposal = entry.get("proposal")
    pairs = proposal.items() if isinstance(proposal, Mapping) else ()
    return Alarm(
        run,
        kind,
        str(entry.get("message", "")),
        str(entry.get("evidence", "")),
        {str(name): float(value) for name, value in pairs if _is_number(value)},
    )


def _number(entry: Mapping[str, Any], name: str) -> float:
    value: Any = entry.get(name)
    return float(value) if _is_number(value) else 0.0


def _is_number(value: Any) -> bool:
    good = isinstance(value, int | float) and not isinstance(value, bool)
    return good and math.isfinite(value)
