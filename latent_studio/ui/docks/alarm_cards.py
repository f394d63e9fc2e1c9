"""The open alarms of the training as cards: cause, evidence, and the change with one click."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.alarms import AlarmBook, AlarmCard
from latent_studio.ui.docks.hot_form import setting_title, short_value
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken
from latent_studio.ui.widgets.slider import ElidedLabel

MAX_HEIGHT = 60  # a line of cards and the beginning of the next; further ones scroll
_LINE = 34  # the least that shows a card
CARD_WIDTH = 560  # pixels that a card needs to be beside another one
COMPACT_WIDTH = 300


class AlarmCardView(QFrame):
    """One alarm; it is updated in place."""

    def __init__(self, book: AlarmBook, kind: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("alarm-card")
        self._symbol = QLabel()
        self.message, self.evidence = ElidedLabel(""), ElidedLabel("")
        for label in (self.message, self.evidence):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.message.setProperty("role", "title")
        self.evidence.setProperty("role", "muted")
        self.apply = QPushButton(tr("Apply"))
        self.apply.setProperty("role", "primary")
        self.apply.clicked.connect(lambda: book.apply(kind))
        self.dismiss = QPushButton(tr("Dismiss"))
        self.dismiss.setToolTip(tr("Close this alarm until it is raised again"))
        self.dismiss.clicked.connect(lambda: book.dismiss(kind))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.message)
        words.addWidget(self.evidence)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 3, 8, 3)
        row.setSpacing(9)
        row.addWidget(self._symbol)
        row.addLayout(words, 1)
        row.addWidget(self.apply)
        row.addWidget(self.dismiss)
        theme.notifier().changed.connect(self._dress)
        self._dress()

    def set_compact(self, on: bool) -> None:
        """One line: the evidence is in the tooltip."""
        self.evidence.setHidden(on)

    def show_card(self, card: AlarmCard, appliable: bool = True) -> None:
        """Take over what the alarm says now."""
        alarm = card.alarm
        message = spoken(alarm.message)
        self.setAccessibleName(message)
        change, since = change_offer(alarm.proposal), tr("since {kimg:,.1f} kimg", kimg=card.since)
        facts = " · ".join(part for part in (spoken(alarm.evidence), change, since) if part)
        self.message.set_full_text(message)
        self.evidence.set_full_text(facts)
        self.setToolTip(f"{message}\n{facts}")
        self.apply.setVisible(bool(alarm.proposal) and appliable)
        self.apply.setToolTip(change)
        self.apply.setAccessibleName(tr("Apply: {change}", change=change))
        self.dismiss.setAccessibleName(tr("Dismiss: {message}", message=message))

    def _dress(self) -> None:
        symbol = theme.icon("warning", theme.colors().warning)
        self._symbol.setPixmap(symbol.pixmap(QSize(18, 18), self.devicePixelRatioF()))


def change_offer(proposal: object) -> str:
    """``Learning rate of D → 0.0001``; an empty text without a proposal."""
    pairs = dict(proposal).items()  # type: ignore[call-overload]
    return ", ".join(f"{setting_title(name)} → {short_value(value)}" for name, value in pairs)


class AlarmCards(QScrollArea):
    """A card a kind, hidden without any."""

    def __init__(self, book: AlarmBook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._book = book
        self._compact = False
        self.views: dict[str, AlarmCardView] = {}
        self.setAccessibleName(tr("Alarms of the training"))
        body = QWidget()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(8, 2, 8, 2)
        self._grid.setSpacing(4)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        book.changed.connect(self._show)
        self._show()

    def set_compact(self, on: bool) -> None:
        """Cards of one line each, where there is little room."""
        if on != self._compact:
            self._compact = on
            self._show()

    def sizeHint(self) -> QSize:
        return QSize(400, min(_LINE if self._compact else MAX_HEIGHT, self._needed()))

    def minimumSizeHint(self) -> QSize:
        return QSize(100, min(_LINE, self._needed()))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()

    def _needed(self) -> int:
        return self._grid.sizeHint().height() if self.views else 0

    def _show(self) -> None:
        cards = {card.alarm.kind: card for card in self._book.cards}
        for kind in set(self.views) - set(cards):
            view = self.views.pop(kind)
            view.hide()
            self._grid.removeWidget(view)
            view.deleteLater()
        for kind, card in cards.items():
            if kind not in self.views:
                self.views[kind] = AlarmCardView(self._book, kind)
            self.views[kind].show_card(card, self._book.appliable)
            self.views[kind].set_compact(self._compact)
        self.setVisible(bool(self.views))
        self._arrange()

    def _arrange(self) -> None:
        """As many cards beside each other as fit."""
        least = COMPACT_WIDTH if self._compact else CARD_WIDTH
        across = max(1, min(len(self.views), self.viewport().width() // least))
        for index, view in enumerate(self.views.values()):
            self._grid.addWidget(view, index // across, index % across)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < across else 0)
        self.updateGeometry()
