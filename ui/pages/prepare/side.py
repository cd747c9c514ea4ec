"""The right-hand side of the preparation: what the order means, what is open before the start, and the two keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.checklists import PRESCRIBER_ONLY, SECOND_PERSON
from exomonitor.session.checklist import Gate, can_be_left_out
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, label, set_text

_FEW = 4
"""So few open ones have room for what is missing in full, below their names."""

CLOSE = "close"
"""As a gate: nothing is left out, the whole session is closed without a start."""
LEAST_REASON = 5
MOST_ROWS = 7


class MeaningCard(Card):
    """Label and figure, one under the other; each figure has its unit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "What this means", parent=parent)
        self._rows = []
        for _ in range(MOST_ROWS):
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
    """What is open before the start. Some of it can be accepted open, with a reason that stands in the record; so can
    the session be closed that is not going to start."""

    accepted = Signal(object, str, bool)
    """The gate, the reason, and whether nobody else is there; without that, whom the table asks for signs next."""
    close_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Before the start", parent=parent)
        self._shown: tuple[Gate, ...] | None = None
        self._asked = ""
        self._step: frozenset[str] = frozenset()
        self._rows: list[_GateRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(1))
        self.body.addLayout(self._list)
        self.without_key = BigButton(theme, "Start without ...", kind=Kind.QUIET, pixels=14)
        self.without_key.clicked.connect(lambda: self.ask(self._offered() or CLOSE))
        self.body.addWidget(self.without_key)
        self.reason = TextEntry(theme, "Accept without, because", pixels=16)
        self.reason.confirmed.connect(self._accept)
        self._accept_key = BigButton(theme, "Accept", kind=Kind.NORMAL, pixels=14)
        self.alone_key = BigButton(theme, "Nobody is there: single nurse", kind=Kind.NORMAL, pixels=14)
        self._cancel_key = BigButton(theme, "Cancel", kind=Kind.QUIET, pixels=14)
        self._accept_key.clicked.connect(self._accept)
        self.alone_key.clicked.connect(lambda: self._accept(alone=True))
        self._cancel_key.clicked.connect(lambda: self._ask(""))
        for widget in (self.reason, self._accept_key, self.alone_key, self._cancel_key):
            self.body.addWidget(widget)
        self._ask("")

    def show_gates(self, gates: Sequence[Gate], step: Collection[str] = ()) -> None:
        """The gates as they stand; `step` are those of the step in front, which can be accepted open."""
        now_open = tuple(gate for gate in gates if not gate.closed)
        if (now_open, frozenset(step)) == (self._shown, self._step):
            return
        self._shown, self._step = now_open, frozenset(step)
        self.set_title(f"Before the start · {len(now_open)} open")
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        whole = len(now_open) <= _FEW
        self._rows = [_GateRow(self.theme, gate, present=gate.key in self._step, whole=whole) for gate in now_open]
        for gate_row in self._rows:
            self._list.addWidget(gate_row)
        if not now_open:
            self._list.addWidget(label(self.theme, "Everything is complete, or accepted.", 15, MEDIUM, wrap=True))
        self._ask(self._asked if self._asked in {CLOSE, *(gate.key for gate in now_open)} else "")

    def _offered(self) -> str:
        """The open gate of the step in front that may be accepted open, or ""."""
        return next((g.key for g in self._shown or () if g.key in self._step and can_be_left_out(g)), "")

    def ask(self, gate: str) -> None:
        """Ask for the reason to start without this."""
        self._ask(gate)
        self.reason.setFocus()

    def _ask(self, gate: str) -> None:
        self._asked = gate
        for row in self._rows:  # the question needs the room of the others
            row.setVisible(gate in {"", row.gate})
        named = next((g.label for g in self._shown or () if g.key == gate), "")
        self.reason.set_title("No start: close it, because" if gate == CLOSE else f"Start without “{named}”, because")
        for widget in (self.reason, self._accept_key, self._cancel_key):
            widget.setVisible(bool(gate))
        who: str = next((g.by for g in self._shown or () if g.key == gate), "")
        signers: dict[str, str] = {SECOND_PERSON: "Second person signs", PRESCRIBER_ONLY: "Prescriber signs"}
        self._accept_key.set_text(signers.get(who, "Close the session"))
        self.alone_key.setVisible(who == SECOND_PERSON)
        offered = self._offered()
        words = next((g.label for g in self._shown or () if g.key == offered), "")
        self.without_key.set_text(f"Without “{words}” ..." if offered else "No start: close the session ...")
        self.without_key.setVisible(not gate)
        if not gate:
            self.reason.set_text("")
            self.reason.show_error("")

    def _accept(self, *, alone: bool = False) -> None:
        if len(self.reason.text()) < LEAST_REASON:
            self.reason.show_error("A few words are needed: they stand in the record")
            return
        gate = next((one for one in self._shown or () if one.key == self._asked), None)
        if gate is None:
            self.close_wanted.emit(self.reason.text())
        else:
            self.accepted.emit(gate, self.reason.text(), alone)


class _GateRow(QWidget):
    """One open gate in one line, or whole: what it is and what is missing; that of the step in front stands out."""

    def __init__(self, theme: Theme, gate: Gate, *, present: bool, whole: bool) -> None:
        super().__init__()
        self.gate = gate.key
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        if whole and gate.why:
            column.addWidget(label(theme, gate.why, 13, role="dim", wrap=True))
        row.setSpacing(theme.px(8))
        name = label(theme, gate.label, 14, SEMIBOLD if present else MEDIUM)
        row.addWidget(name)
        row.addWidget(Elided(theme, "" if whole else gate.why, 12, role="dim", at_least=30), 1)
