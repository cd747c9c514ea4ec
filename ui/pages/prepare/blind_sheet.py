"""The second person's sheet: empty fields, and nothing of what the first one entered. Scan or type, three numbers."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.ranges import DOSE_SPAN, RATE_SPAN, VOLUME_SPAN
from exomonitor.session.parts.double_check import CompleteDoubleCheck
from exomonitor.session.plan import SourceCell
from ui.pages.prepare.step_form import say
from ui.presenters.patients import is_date
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, label

_CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))


class BlindSheet(QWidget):
    """`ready` comes with Enter or the key when nothing is missing; `given_up` hands the check back unfinished."""

    ready = Signal()
    given_up = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = ""
        self._scanned = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(20))
        column = QVBoxLayout()
        column.setSpacing(theme.px(8))
        row.addLayout(column, 1)
        self.who = label(theme, "", 17, MEDIUM, wrap=True)
        column.addWidget(self.who)
        self.wristband = TextEntry(theme, "Wristband", hint="scan it, or type MRN or name")
        self.born = TextEntry(theme, "Born, if not scanned", hint="year-month-day")
        self.wristband.edited.connect(lambda _: self._set_scanned(scanned=False))
        who = QHBoxLayout()
        who.setSpacing(theme.px(12))
        who.addWidget(self.wristband, 3)
        who.addWidget(self.born, 2)
        column.addLayout(who)
        self._make_bag(theme, column)
        self._make_numbers(theme, column)
        self.problem = label(theme, "", 15, MEDIUM, role="error", wrap=True)
        column.addWidget(self.problem)
        column.addStretch(1)
        keys = QHBoxLayout()
        self.back_key = BigButton(theme, "Not finished: hand back", kind=Kind.QUIET, height=58)
        self.ready_key = BigButton(theme, "Compare", "Enter", Kind.PRIMARY, height=58)
        self.back_key.clicked.connect(self.given_up)
        self.ready_key.clicked.connect(self._try)
        keys.addWidget(self.back_key, 1)
        keys.addWidget(self.ready_key, 2)
        column.addLayout(keys)
        self.keypad = Keypad(theme)
        side = QVBoxLayout()
        side.addWidget(self.keypad)
        side.addStretch(1)
        row.addLayout(side)
        self.clear("")

    def _make_bag(self, theme: Theme, column: QVBoxLayout) -> None:
        self.bag = TextEntry(theme, "Bag", hint="scan its label; only what cannot be scanned is typed below")
        self.bag.edited.connect(self._on_bag_typed)
        column.addWidget(self.bag)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(12))
        self.cell = Choice(theme, _CELLS)
        self.lot = TextEntry(theme, "Lot, as on the bag", compact=True, pixels=16)
        self.expiry = TextEntry(theme, "Expiry, year-month-day", compact=True, pixels=16)
        grid.addWidget(self.cell, 0, 0)
        grid.addWidget(self.lot, 0, 1)
        grid.addWidget(self.expiry, 0, 2)
        column.addLayout(grid)

    def _make_numbers(self, theme: Theme, column: QVBoxLayout) -> None:
        self.dose = NumberEntry(theme, "Dose, from the order", DOSE_SPAN, "billion")
        self.volume = NumberEntry(theme, "Volume, from the bag", VOLUME_SPAN, "mL")
        self.rate = NumberEntry(theme, "Rate, from the pump", RATE_SPAN, "mL/h")
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        for entry in self._numbers():
            row.addWidget(entry, 1)
            entry.entered.connect(lambda entry=entry: self.keypad.aim_at(entry.line))
        column.addLayout(row)
        for one in (self.wristband, self.born, self.bag, self.lot, self.expiry, *self._numbers()):
            one.edited.connect(lambda _: say(self.problem, ""))
            one.confirmed.connect(self._try)

    def _on_bag_typed(self, _: str) -> None:
        self._label = ""

    def _numbers(self) -> tuple[NumberEntry, NumberEntry, NumberEntry]:
        return self.dose, self.volume, self.rate

    def clear(self, who: str) -> None:
        """An empty sheet for this person."""
        self._label = ""
        self._set_scanned(scanned=False)
        say(self.who, f"{who}: enter what you see on wristband, bag, order and pump." if who else "")
        for entry in (self.wristband, self.born, self.bag, self.lot, self.expiry, *self._numbers()):
            entry.set_text("")
            entry.show_error("")
        self.cell.set_value("")
        say(self.problem, "")

    def take_scan(self, kind: str, raw: str, *, is_bag: bool = False) -> None:
        """What the scanner read, wherever the keyboard is. is_bag: the clinic's list knows this code as a bag's."""
        if kind == "label" or is_bag:
            self._label = raw
            self.bag.set_text("label scanned")
            self.dose.setFocus()
        elif kind in {"wristband", "unknown"}:
            self.wristband.set_text(raw)
            self.born.set_text("")
            self._set_scanned(scanned=True)
            self.bag.setFocus()

    def _set_scanned(self, *, scanned: bool) -> None:
        """A scan says who it is; what is typed instead is two identifiers."""
        self._scanned = scanned
        self.born.setEnabled(not scanned)

    def _try(self) -> None:
        missing = self._missing()
        if missing:
            say(self.problem, missing)
            return
        self.ready.emit()

    def _missing(self) -> str:
        if not self.wristband.text():
            return "Scan the wristband, or type MRN or name, and the date of birth"
        if not self._scanned and not is_date(self.born.text()):
            return "Type the date of birth too (year-month-day), or scan the wristband"
        if not self._bag_label() and not (self.cell.value() and self.lot.text() and is_date(self.expiry.text())):
            return "Scan the bag, or choose the product and type lot and expiry (year-month-day)"
        for entry in self._numbers():
            if entry.number() is None:
                return entry.error() or "Dose, volume and rate are typed by hand"
        return ""

    def _bag_label(self) -> str:
        return self._label if self._label else self.bag.text()

    def command(self, chair: str, by: str, proof: str) -> CompleteDoubleCheck:
        """What was found."""
        dose, volume, rate = (entry.number() or Decimal(0) for entry in self._numbers())
        return CompleteDoubleCheck(
            chair,
            by,
            proof,
            self.wristband.text(),
            dose,
            volume,
            rate,
            self._bag_label(),
            self.cell.value(),
            self.lot.text(),
            self.expiry.text(),
            typed=not self._scanned,
            born="" if self._scanned else self.born.text(),
        )
