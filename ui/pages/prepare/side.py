"""The right-hand side of the preparation: what the order means, what is open before the start, and the two keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.session.checklist import Gate
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, label, set_text

LEAST_REASON = 5


class MeaningCard(Card):
    """Label and figure, one under the other; each figure has its unit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "What this means", parent=parent)
        self._rows = []
        for _ in range(5):
            row = QHBoxLayout()
            name, figure = Elided(theme, "", 14, role="dim"), label(theme, "", 15, SEMIBOLD, tabular=True)
            row.addWidget(name, 1)
            row.addWidget(figure)
            self.body.addLayout(row)
            self._rows.append((name, figure))
        self.show_rows(())

    def show_rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show these rows, or that there is no order yet."""
        shown = rows or (("No order yet", ""),)
        for place, (name, figure) in enumerate(self._rows):
            there = place < len(shown)
            name.setVisible(there)
            figure.setVisible(there)
            if there:
                set_text(name, shown[place][0])
                set_text(figure, shown[place][1])


class GatesCard(Card):
    """What is open before the start. Each can be accepted open, with a reason that stands in the record."""

    accepted = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Before the start", parent=parent)
        self._shown: tuple[Gate, ...] | None = None
        self._asked = ""
        self._rows: list[_GateRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(4))
        self.body.addLayout(self._list)
        self.reason = TextEntry(theme, "Accept without, because", pixels=16)
        self.reason.confirmed.connect(self._accept)
        self._accept_key = BigButton(theme, "Accept", kind=Kind.NORMAL, pixels=14)
        self._cancel_key = BigButton(theme, "Cancel", kind=Kind.QUIET, pixels=14)
        self._accept_key.clicked.connect(self._accept)
        self._cancel_key.clicked.connect(lambda: self._ask(""))
        self.body.addWidget(self.reason)
        row = QHBoxLayout()
        row.addWidget(self._cancel_key)
        row.addWidget(self._accept_key)
        self.body.addLayout(row)
        self._ask("")

    def show_gates(self, gates: Sequence[Gate]) -> None:
        """The gates as they stand."""
        now_open = tuple(gate for gate in gates if not gate.closed)
        if now_open == self._shown:
            return
        self._shown = now_open
        self.set_title(f"Before the start · {len(now_open)} open")
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows = [_GateRow(self.theme, gate, self) for gate in now_open]
        for gate_row in self._rows:
            self._list.addWidget(gate_row)
        if not now_open:
            self._list.addWidget(label(self.theme, "Everything is complete, or accepted.", 15, MEDIUM, wrap=True))
        self._ask(self._asked if self._asked in {gate.key for gate in now_open} else "")

    def ask(self, gate: str) -> None:
        """Ask for the reason to start without this."""
        self._ask(gate)
        self.reason.setFocus()

    def _ask(self, gate: str) -> None:
        self._asked = gate
        for row in self._rows:  # the question needs the room of the others
            row.setVisible(gate in {"", row.gate})
        named = next((g.label for g in self._shown or () if g.key == gate), "")
        self.reason.set_title(f"Start without “{named}”, because")
        for widget in (self.reason, self._accept_key, self._cancel_key):
            widget.setVisible(bool(gate))
        if not gate:
            self.reason.set_text("")
            self.reason.show_error("")

    def _accept(self) -> None:
        if len(self.reason.text()) < LEAST_REASON:
            self.reason.show_error("A few words are needed: they stand in the record")
            return
        self.accepted.emit(self._asked, self.reason.text())


class _GateRow(QWidget):
    """One open gate: what it is, what is missing, and the key to accept it open."""

    def __init__(self, theme: Theme, gate: Gate, card: GatesCard) -> None:
        super().__init__()
        self.gate = gate.key
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(Elided(theme, gate.label, 15, MEDIUM))
        words.addWidget(Elided(theme, gate.why, 13, role="dim"))
        row.addLayout(words, 1)
        without = BigButton(theme, "Without ...", kind=Kind.QUIET, pixels=13)
        without.setAccessibleName(f"Accept without {gate.label}")
        without.clicked.connect(lambda: card.ask(gate.key))
        row.addWidget(without)
