"""What if the pump ran at another rate: tried out here, changed by nobody but the nurse at the pump."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.protocol import Window
from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.units import rounded
from ui.presenters.what_if import rate_now, rates_for_window, view
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import NumberEntry
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton
from ui.widgets.stepper import Stepper
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label, set_role, set_text

_ROWS = 5
_STEP_ML_H = 5
_REMINDER = "This changes nothing: set the rate at the pump."


class WhatIfPanel(Card):
    """A rate to try out by keys or typing, and what would follow from it. `closed`: back to the page."""

    closed = Signal()

    def __init__(self, theme: Theme, window: Window, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._window = window
        self._snapshot: Snapshot | None = None
        self._touched = False
        self.body.addWidget(label(theme, "What if the pump ran at ...", 20, SEMIBOLD))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.rate = NumberEntry(theme, "Rate to try", RATE_SPAN, "mL/h", pixels=24)
        self.rate.edited.connect(lambda _: self._on_typed())
        self.stepper = Stepper(theme, "Rate to try", (1, 1200), _STEP_ML_H, slides=False, height=64)
        self.stepper.moved.connect(self._on_moved)
        row.addWidget(self.rate, 2)
        row.addWidget(self.stepper, 1)
        self.body.addLayout(row)
        left, below = QVBoxLayout(), QHBoxLayout()
        left.setSpacing(theme.px(6))
        below.setSpacing(theme.px(12))
        self.limits = label(theme, "", 15, MEDIUM, role="dim", wrap=True)
        left.addWidget(self.limits)
        grid = QGridLayout()
        grid.setVerticalSpacing(theme.px(6))
        grid.setHorizontalSpacing(theme.px(18))
        self._rows = [(label(theme, "", 16, role="dim"), label(theme, "", 19, SEMIBOLD)) for _ in range(_ROWS)]
        for line, (name, figure) in enumerate(self._rows):
            grid.addWidget(name, line, 0)
            grid.addWidget(figure, line, 1)
        grid.setColumnStretch(1, 1)
        left.addLayout(grid)
        self.verdict = label(theme, "", 20, BOLD, wrap=True)
        left.addWidget(self.verdict)
        left.addStretch(1)
        self.keypad = Keypad(theme)
        self.keypad.aim_at(self.rate.line)
        below.addLayout(left, 1)
        below.addWidget(self.keypad, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(below)
        self.body.addStretch(1)
        self.body.addWidget(label(theme, _REMINDER, 15, MEDIUM, role="dim", wrap=True))
        back = BigButton(theme, "Back", "Esc", height=58)
        back.clicked.connect(self.closed)
        self.body.addWidget(back)
        self.setFocusProxy(self.rate)

    def open(self) -> None:
        """Begin with the rate that runs now."""
        self._touched = False
        self._refresh()
        self.rate.line.selectAll()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the infusion: every second a little less is left to give."""
        self._snapshot = snapshot
        if self.isVisible():
            self._refresh()

    def _on_typed(self) -> None:
        self._touched = True
        if (number := self.rate.number()) is not None:
            self.stepper.put(float(number))
        self._refresh()

    def _on_moved(self, rate: float) -> None:
        self._touched = True
        self.rate.set_text(_plain(rounded(rate, 1)))
        self.rate.show_error("")
        self._refresh()

    def _refresh(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        if not self._touched and (now := rate_now(snapshot)) is not None:
            if self.rate.text() != _plain(now):
                self.rate.set_text(_plain(now))
                self.rate.line.selectAll()  # the first key types another rate, it does not lengthen this one
            self.stepper.put(float(now))
        shown = view(snapshot, self.rate.number(), self._window)
        for place, (name, figure) in enumerate(self._rows):
            words = shown.rows[place] if place < len(shown.rows) else ("", "")
            set_text(name, words[0])
            set_text(figure, words[1])
        set_text(self.verdict, shown.problem or shown.window)
        set_role(self.verdict, "error" if shown.problem or shown.window.startswith("Outside") else "")
        fastest, slowest = rates_for_window(snapshot, self._window)
        if slowest is not None and fastest is not None:
            limits = f"Inside the window: {slowest} to {fastest} mL/h."
        elif slowest is not None:
            limits = f"Inside the window: {slowest} mL/h and more."
        else:
            limits = ""
        set_text(self.limits, limits)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
