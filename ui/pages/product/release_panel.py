"""Release and quarantine of a lot: what speaks against it, a reason where one is owed, and two people."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.lots import Lot
from ui.presenters.product import EXPIRED, lot_facts, lot_state
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_SHORTEST_REASON = 5


class ReleasePanel(QWidget):
    """Says what is wanted; the page asks the second person and sends it."""

    release_wanted = Signal(str)
    quarantine_wanted = Signal(str)
    lift_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        facts = Card(theme, "The lot")
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(theme.px(8))
        self._grid.setHorizontalSpacing(theme.px(16))
        self._grid.setColumnStretch(1, 1)
        self._cells: list[tuple[QLabel, QLabel]] = []
        facts.body.addLayout(self._grid)
        facts.body.addStretch(1)
        row.addWidget(facts, 1)
        right = QVBoxLayout()
        right.setSpacing(theme.px(10))
        against = Card(theme, "What the certificate says")
        self._against = label(theme, "", 15, MEDIUM, wrap=True)
        against.body.addWidget(self._against)
        against.body.addStretch(1)
        right.addWidget(against, 1)
        self.reason = TextEntry(
            theme, "Reason (at least 5 characters)", hint="for lines that need one; for a quarantine"
        )
        right.addWidget(self.reason)
        self.release_key = BigButton(theme, "Release · second person signs", kind=Kind.PRIMARY, height=56)
        self.quarantine_key = BigButton(theme, "Quarantine this lot", height=50)
        self.lift_key = BigButton(theme, "Lift the quarantine · second person signs", height=50)
        self.release_key.clicked.connect(lambda: self.release_wanted.emit(self.reason.text()))
        self.quarantine_key.clicked.connect(self._quarantine)
        self.lift_key.clicked.connect(self._lift)
        for key in (self.release_key, self.quarantine_key, self.lift_key):
            right.addWidget(key)
        row.addLayout(right, 1)

    def _quarantine(self) -> None:
        if self._has_reason():
            self.quarantine_wanted.emit(self.reason.text())

    def _lift(self) -> None:
        if self._has_reason():
            self.lift_wanted.emit(self.reason.text())

    def _has_reason(self) -> bool:
        if len(self.reason.text()) >= _SHORTEST_REASON:
            return True
        self.reason.show_error("A reason of at least 5 characters is needed")
        self.reason.setFocus()
        return False

    def show_lot(self, lot: Lot | None, snapshot: Snapshot) -> None:
        """Bring the panel up to date."""
        today = snapshot.now.utc.astimezone().date()
        facts = lot_facts(lot, snapshot.registry, today) if lot is not None else ()
        self._show_facts(facts)
        self.lift_key.setVisible(lot is not None and bool(lot.quarantine))
        self.quarantine_key.setVisible(lot is not None and not lot.quarantine)
        free = lot is not None and lot.certificate is not None and not lot.quarantine and not lot.released_by
        expired = lot is not None and lot.certificate is not None and lot_state(lot, today) == EXPIRED
        self.release_key.setEnabled(free and lot is not None and not lot.blocking and not expired)
        set_text(self._against, _against(lot, expired=expired))

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        while len(self._cells) < len(facts):
            place = len(self._cells)
            pair = label(self._theme, "", 15, role="dim"), label(self._theme, "", 15, SEMIBOLD, wrap=True)
            self._grid.addWidget(pair[0], place, 0)
            self._grid.addWidget(pair[1], place, 1)
            self._cells.append(pair)
        for place, (name, value) in enumerate(self._cells):
            said = facts[place] if place < len(facts) else ("", "")
            set_text(name, said[0])
            set_text(value, said[1])

    def against(self) -> str:
        """What is said against the release."""
        return self._against.text()


def _against(lot: Lot | None, *, expired: bool) -> str:
    if lot is None:
        return "Choose a lot, or scan a label"
    parts = []
    if lot.quarantine:
        parts.append(f"IN QUARANTINE: {lot.quarantine}")
    if lot.certificate is None:
        parts.append("No certificate has been entered")
    if expired:
        parts.append(f"Expired on {lot.expiry}")
    parts += [f"✗ {line.name}: {line.why}" for line in lot.blocking]
    parts += [f"{line.name}: {line.why} - needs a reason" for line in lot.owed]
    if not parts:
        parts.append("Nothing speaks against it")
    return "\n".join(parts)
