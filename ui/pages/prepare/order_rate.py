"""How the rate runs: constant, the protocol's ramp, or an own one in rows of per cent and minutes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.rates import RampStep
from ui.pages.prepare.order_view import OWN_MINUTES, OWN_PERCENT, ramp_words
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Parts, choice_part, entry_part
from ui.widgets.entry import NumberEntry

CONSTANT, RAMP, OWN = "constant", "ramp", "own"
ROWS = 3


class RateChoice(QWidget):
    """Three keys, and under the third the rows of an own ramp. `changed` comes with every touch of a person."""

    changed = Signal()

    def __init__(self, theme: Theme, protocol_ramp: tuple[RampStep, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.kind = Choice(
            theme, ((CONSTANT, "Constant"), (RAMP, ramp_words(protocol_ramp)), (OWN, "Own ramp ...")), pixels=14
        )
        column.addWidget(self.kind)
        self._own = QWidget()
        row = QHBoxLayout(self._own)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self.rows: list[tuple[NumberEntry, NumberEntry]] = []
        for number in range(1, ROWS + 1):
            percent = NumberEntry(theme, f"Step {number}", OWN_PERCENT, "%", pixels=16, compact=True)
            minutes = NumberEntry(theme, "for", OWN_MINUTES, "min", pixels=16, compact=True)
            for entry in (percent, minutes):
                entry.edited.connect(lambda _: self.changed.emit())
                row.addWidget(entry, 1)
            self.rows.append((percent, minutes))
        column.addWidget(self._own)
        self.kind.chosen.connect(self._on_kind)
        self._own.setVisible(False)

    def _on_kind(self, kind: str) -> None:
        self._own.setVisible(kind == OWN)
        self.changed.emit()

    def value(self) -> str:
        """Which of the three."""
        return self.kind.value()

    def set_value(self, kind: str) -> None:
        """Choose; says nothing to anybody."""
        self.kind.set_value(kind)
        self._own.setVisible(kind == OWN)

    def own(self) -> tuple[tuple[str, str], ...]:
        """The rows of an own ramp as typed; empty where another rate is chosen."""
        if self.value() != OWN:
            return ()
        return tuple((percent.text(), minutes.text()) for percent, minutes in self.rows)

    def draft_parts(self) -> Parts:
        """Which of the three, and the rows."""
        rows = {f"row {at} {place}": one for at, row in enumerate(self.rows) for place, one in enumerate(row)}
        return {"rate": choice_part(self.kind), **{name: entry_part(one) for name, one in rows.items()}}

    def put_own(self, steps: Sequence[RampStep]) -> None:
        """Show an own ramp of the record; it has at most three steps before the full rate."""
        texts = [(f"{s.fraction.normalize() * 100:f}", f"{s.minutes.normalize():f}") for s in steps[:ROWS]]
        for (percent, minutes), (share, span) in zip(
            self.rows, (*texts, *((("", ""),) * (ROWS - len(texts)))), strict=True
        ):
            percent.set_text(share)
            minutes.set_text(span)
