"""The card of a take-over: nine lines to read, then one touch that says what kind of take-over it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from exomonitor.engine.handover_card import CardLine, handover_card
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.handover import BREAK_COVER, HANDOVER, RETURN
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label, set_role, set_text

_LINES = 9
_KEY = 62


class TakeOverCard(Card):
    """accepted(kind, minutes, card): what was read was accepted. only_sign_in: no take-over is meant. closed: back."""

    accepted = Signal(str, object, str)
    only_sign_in = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, covers: Sequence[int], parent: QWidget | None = None) -> None:
        """covers: the minutes for which the clinic's protocol lets a break be covered, one key each."""
        super().__init__(theme, parent=parent)
        self._covers = tuple(covers)
        self._lines: tuple[CardLine, ...] = ()
        self._relieved = False
        self._heading = label(theme, "", 20, SEMIBOLD, wrap=True)
        self.body.addWidget(self._heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(4))
        grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        for place in range(_LINES):
            name, words = label(theme, "", 15, MEDIUM, role="dim"), label(theme, "", 16, SEMIBOLD, wrap=True)
            grid.addWidget(name, place, 0)
            grid.addWidget(words, place, 1)
            self._rows.append((name, words))
        self.body.addLayout(grid, 1)
        self._status = label(theme, "", 16, MEDIUM, wrap=True)
        self.body.addWidget(self._status)
        self._make_keys(theme)

    def _make_keys(self, theme: Theme) -> None:
        self.accept_key = BigButton(theme, "I take over", "Enter", Kind.PRIMARY, pixels=19, height=_KEY)
        self.accept_key.clicked.connect(self._accept)
        self.body.addWidget(self.accept_key)
        covers = QHBoxLayout()
        covers.setSpacing(theme.px(8))
        self._cover_words = label(theme, "Cover a break for", 16, MEDIUM)
        covers.addWidget(self._cover_words)
        self.cover_keys: list[BigButton] = []
        for minutes in self._covers:
            key = BigButton(theme, f"{minutes} min", height=_KEY, pixels=17)
            key.setAccessibleName(f"Cover a break for {minutes} min")
            key.clicked.connect(lambda _=False, length=minutes: self._emit(BREAK_COVER, Decimal(length)))
            self.cover_keys.append(key)
            covers.addWidget(key, 1)
        self.body.addLayout(covers)
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self.sign_in_key = BigButton(theme, "Only sign in", height=_KEY, pixels=15)
        self.sign_in_key.clicked.connect(self.only_sign_in)
        row.addWidget(self.sign_in_key, 2)
        self.back_key = BigButton(theme, "Back", "Esc", height=_KEY, pixels=15)
        self.back_key.clicked.connect(self.closed)
        row.addWidget(self.back_key, 1)
        self.body.addLayout(row)
        self.setFocusProxy(self.accept_key)

    def open(self, snapshot: Snapshot, user: str, name: str) -> None:
        """The card as it stands now, for whoever has just shown who they are."""
        state = snapshot.session
        self._relieved = state is not None and state.handover.relieved == user
        before = snapshot.registry.users.get(state.handover.nurse) if state is not None else None
        said = f" from {before.name}" if before is not None else ""
        set_text(self._heading, f"{name} takes over{said}" if not self._relieved else f"{name} is back from the break")
        self.accept_key.set_text("I am back" if self._relieved else "I take over")
        for key in (self._cover_words, *self.cover_keys, self.sign_in_key):
            key.setVisible(not self._relieved)
        self.say("")
        self.show_snapshot(snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The lines follow the patient until they are accepted."""
        self._lines = handover_card(snapshot)
        for place, (name, words) in enumerate(self._rows):
            shown = place < len(self._lines)
            name.setVisible(shown)
            words.setVisible(shown)
            if shown:
                line = self._lines[place]
                set_text(name, line.label)
                set_text(words, ("▲ " if line.weighs else "") + line.words)
                words.setFont(self.theme.font(16, BOLD if line.weighs else SEMIBOLD))

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line above the keys."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter accepts from wherever one is on the card."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if not event.isAutoRepeat():
                self._accept()
            return
        super().keyPressEvent(event)

    def _accept(self) -> None:
        self._emit(RETURN if self._relieved else HANDOVER, None)

    def _emit(self, kind: str, minutes: Decimal | None) -> None:
        self.say("Recording ...")
        self.accepted.emit(kind, minutes, "\n".join(line.text for line in self._lines))
