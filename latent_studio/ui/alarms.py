"""What a training warns of: one open card a kind, and a log of everything it said."""

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from latent_studio.events import Alarm

LOG_LIMIT = 500


@dataclass(frozen=True)
class AlarmCard:
    """The newest alarm of a kind; ``count`` is how often it has come, ``since`` in kimg."""

    alarm: Alarm
    since: float
    count: int = 1


@dataclass(frozen=True)
class AlarmEntry:
    """A line of the log: what happened at ``kimg``: ``raised``, ``applied`` or ``dismissed``."""

    kimg: float
    alarm: Alarm
    what: str = "raised"


@dataclass
class _Book:
    cards: dict[str, AlarmCard] = field(default_factory=dict)
    log: list[AlarmEntry] = field(default_factory=list)


class AlarmBook(QObject):
    """``changed()`` follows every change; ``proposed(dict)`` asks for a proposal's settings.

    An alarm of a kind that is shown updates its card. A trainer raises one only when a healthy
    state has turned, so a card that was closed opens again when that happens again.
    """

    changed = Signal()
    proposed = Signal(dict)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._book = _Book()
        self._kimg = 0.0

    @property
    def cards(self) -> tuple[AlarmCard, ...]:
        """Those that are open, oldest first."""
        return tuple(self._book.cards.values())

    @property
    def log(self) -> tuple[AlarmEntry, ...]:
        """Oldest first."""
        return tuple(self._book.log)

    def clear(self) -> None:
        """Another run begins."""
        self._book = _Book()
        self.changed.emit()

    def add(self, alarm: Alarm, kimg: float) -> bool:
        """Take an alarm; returns whether a new card has opened."""
        self._kimg = kimg
        self._note(alarm, "raised")
        old = self._book.cards.get(alarm.kind)
        if old is not None:
            self._book.cards[alarm.kind] = replace(old, alarm=alarm, count=old.count + 1)
        else:
            self._book.cards[alarm.kind] = AlarmCard(alarm, kimg)
        self.changed.emit()
        return old is None

    def apply(self, kind: str) -> None:
        """Carry out what the card of ``kind`` proposes, and close it."""
        card = self._close(kind, "applied")
        if card is not None:
            self.proposed.emit(dict(card.alarm.proposal))

    def dismiss(self, kind: str) -> None:
        """Close the card of ``kind`` until it is raised again."""
        self._close(kind, "dismissed")

    def _close(self, kind: str, what: str) -> AlarmCard | None:
        card = self._book.cards.pop(kind, None)
        if card is not None:
            self._note(card.alarm, what)
            self.changed.emit()
        return card

    def _note(self, alarm: Alarm, what: str) -> None:
        self._book.log.append(AlarmEntry(self._kimg, alarm, what))
        del self._book.log[:-LOG_LIMIT]
