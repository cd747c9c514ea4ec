"""One drug on the emergency page: amount, route, given now: three taps, or a typed amount."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.emergency import DrugRow
from exomonitor.units import PERCENT, Span
from ui.presenters.emergency import drug_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton, Kind
from ui.widgets.rows import row_of
from ui.widgets.text import SEMIBOLD, label, set_text

TOUCH_15_MM = 58
_ANY = Span("Amount", PERCENT, Decimal(0), Decimal(1), 3)


class DrugPanel(Card):
    """given(drug key, dose, unit, route) when the key is pressed; closed() to go back."""

    given = Signal(str, object, str, str)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._drug: DrugRow | None = None
        self._heading = label(theme, "", 20, SEMIBOLD)
        self.body.addWidget(self._heading)
        self.doses = Choice(theme, (), pixels=18, height=TOUCH_15_MM)
        self.doses.chosen.connect(self._on_dose)
        self.body.addWidget(self.doses)
        self.other = NumberEntry(theme, "Other amount", _ANY, "", pixels=20)
        self.other.edited.connect(self._on_typed)
        self.routes = Choice(theme, (), columns=1, pixels=17, height=TOUCH_15_MM)
        self.routes.chosen.connect(lambda _: self._sync())
        self.pad = Keypad(theme)
        self.pad.aim_at(self.other.line)
        left = column_of(self.other, label(theme, "Route", 14, role="dim"), self.routes, spacing=theme.px(4))
        typed = QHBoxLayout()
        typed.setSpacing(theme.px(10))
        typed.addWidget(left, 1, Qt.AlignmentFlag.AlignTop)
        typed.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(typed)
        self.body.addStretch(1)
        self.back_key = BigButton(theme, "Back", kind=Kind.QUIET, height=TOUCH_15_MM)
        self.give_key = BigButton(theme, "Given now", kind=Kind.PRIMARY, pixels=18, height=TOUCH_15_MM)
        self.back_key.clicked.connect(self.closed)
        self.give_key.clicked.connect(self._give)
        self.body.addWidget(row_of(theme, self.back_key, self.give_key))

    def open(self, drug: DrugRow, completes: str = "") -> None:
        """Ask for this drug; `completes` says of which tap it is the dose. The usual route is chosen, no amount is."""
        self._drug = drug
        set_text(self._heading, f"{drug.label}{f' · {completes}' if completes else ''}")
        self.doses.set_options([(format(dose, "f"), drug_words(dose, drug.unit)) for dose in drug.doses])
        self.doses.set_value("")
        self.other.span = drug.span
        self.other.set_text("")
        self.other.set_hint(f"{drug.unit}, up to {drug_words(drug.highest, drug.unit)}")
        self.routes.set_options([(route, route) for route in drug.routes], 2 if len(drug.routes) > 1 else 1)
        self.routes.set_value(drug.routes[0])
        self.give_key.set_text("That was it" if completes else "Given now")
        self._sync()
        self.doses.first().setFocus()

    def _on_dose(self, _: str) -> None:
        self.other.set_text("")
        self.other.show_error("")
        self._sync()

    def _on_typed(self, text: str) -> None:
        if text:
            self.doses.set_value("")
        self._sync()

    def _dose(self) -> Decimal | None:
        chosen = self.doses.value()
        return Decimal(chosen) if chosen else self.other.number()

    def _sync(self) -> None:
        self.give_key.setEnabled(self._dose() is not None and bool(self.routes.value()))

    def _give(self) -> None:
        drug, dose = self._drug, self._dose()
        if drug is not None and dose is not None:
            self.given.emit(drug.key, dose, drug.unit, self.routes.value())


def column_of(*widgets: QWidget, spacing: int) -> QWidget:
    """Widgets below each other in one holder without margins."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    for widget in widgets:
        column.addWidget(widget)
    return holder
