"""What a training warns of: one open card a kind, and a log of everything it said."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.events import Alarm

if TYPE_CHECKING:
    from latent_studio.storage.alarm_log import AlarmRow

LOG_LIMIT = 500


@dataclass(frozen=True)
class AlarmCard:
    """The newest alarm of a kind; ``count`` is how often it has come, ``since`` in kimg."""

    alarm: Alarm
    since: float
    count: int = 1


@dataclass(frozen=True)
class AlarmEntry:
    """A line of the log: what happened at ``kimg``: ``raised``, ``cleared`` (it has passed),
    ``applied`` or ``dismissed``.
    """

    kimg: float
    alarm: Alarm
    what: str = "raised"


@dataclass
class _Book:
    cards: dict[str, AlarmCard] = field(default_factory=dict)
    log: list[AlarmEntry] = field(default_factory=list)

    def play(self, entry: AlarmEntry) -> None:
        """Note an entry and do with the cards what it says."""
        self.log.append(entry)
        del self.log[:-LOG_LIMIT]
        kind, old = entry.alarm.kind, self.cards.get(entry.alarm.kind)
        if entry.what != "raised":
            self.cards.pop(kind, None)
        elif old is not None:
            self.cards[kind] = replace(old, alarm=entry.alarm, count=old.count + 1)
        else:
            self.cards[kind] = AlarmCard(entry.alarm, entry.kimg)


class AlarmBook(QObject):
    """``changed()`` follows every change; ``proposed(dict)`` asks for a proposal's settings.

    An alarm of a kind that is shown updates its card, and one that has passed closes it. A trainer
    raises one only when a healthy state has turned, so a card that was closed opens again when that
    happens again.
    """

    changed = Signal()
    proposed = Signal(dict)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = _Book()
        self._taken: list[AlarmRow] = []
        self._kimg = 0.0
        self._appliable = True

    @property
    def cards(self) -> tuple[AlarmCard, ...]:
        """Those that are open, oldest first."""
        return tuple(self._book.cards.values())

    @property
    def log(self) -> tuple[AlarmEntry, ...]:
        """Oldest first."""
        return tuple(self._book.log)

    @property
    def appliable(self) -> bool:
        """Whether anybody carries proposals out: not for a run that is trained elsewhere."""
        return self._appliable

    def set_appliable(self, on: bool) -> None:
        if on != self._appliable:
            self._appliable = on
            self.changed.emit()

    def clear(self) -> None:
        """Another run begins."""
        self._book, self._taken = _Book(), []
        self.changed.emit()

    def add(self, alarm: Alarm, kimg: float) -> bool:
        """Take an alarm; returns whether a new card has opened."""
        self._kimg = kimg
        new = alarm.kind not in self._book.cards
        self._play(alarm, "raised")
        return new

    def cleared(self, kind: str, kimg: float) -> None:
        """What the alarm of ``kind`` told of has passed."""
        self._kimg = kimg
        self._close(kind, "cleared")

    def take(self, rows: "Sequence[AlarmRow]") -> None:
        """Become what a run's log holds; may be called again when it has grown.

        Cards that were dismissed meanwhile stay closed until the log raises them again.
        """
        known = self._taken
        if list(rows[: len(known)]) != known:  # cut back by a resume
            self._book, known = _Book(), []
        for row in rows[len(known) :]:
            self._book.play(_entry(row))
        self._taken = list(rows)
        self.changed.emit()

    def put_before(self, rows: "Sequence[AlarmRow]") -> None:
        """Let ``rows`` have come before everything that is known."""
        since, self._book = self._book.log, _Book()
        for entry in (*map(_entry, rows), *since):
            self._book.play(entry)
        self.changed.emit()

    def apply(self, kind: str) -> None:
        """Carry out what the card of ``kind`` proposes, and close it."""
        card = self._close(kind, "applied") if self._appliable else None
        if card is not None:
            self.proposed.emit(dict(card.alarm.proposal))

    def dismiss(self, kind: str) -> None:
        """Close the card of ``kind`` until it is raised again."""
        self._close(kind, "dismissed")

    def _close(self, kind: str, what: str) -> AlarmCard | None:
        card = self._book.cards.get(kind)
        if card is not None:
            self._play(card.alarm, what)
        return card

    def _play(self, alarm: Alarm, what: str) -> None:
        self._book.play(AlarmEntry(self._kimg, alarm, what))
        self.changed.emit()


def _entry(row: "AlarmRow") -> AlarmEntry:
    return AlarmEntry(row.kimg, row.alarm, row.what)
