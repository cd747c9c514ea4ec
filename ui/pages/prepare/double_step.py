"""The step of the second check: hand over, the second person signs and enters blind, then both see what differs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.double_check import Mismatch
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import VERIFIER
from exomonitor.session.commands import Command
from exomonitor.session.parts.double_check import (
    BeginDoubleCheck,
    SingleNurse,
    check_values,
    double_check_why,
    frozen_now,
    side_by_side,
)
from exomonitor.session.parts.supply import hanging
from ui.bridge import Bridge
from ui.pages.prepare.blind_sheet import BlindSheet
from ui.pages.prepare.step_form import StepForm, say
from ui.presenters.words import hm
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_HOW = (
    "The second person reads wristband, bag, order and pump and enters what is there, without seeing what you entered. "
    "The program compares."
)
_MEANING = "I check patient, bag, dose and rate on my own"
_LEAST_REASON = 5


class DoubleForm(StepForm):
    """Three sheets: what stands, the signature, the blind sheet. `blind_changed`: hide everything that was entered."""

    blind_changed = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        bedside: Bedside,
        bridge: Bridge,
        parent: QWidget | None = None,
        *,
        after_start: bool = False,
    ) -> None:
        """after_start: it is a check of what was changed after the start; nobody does without it there."""
        super().__init__(theme, bedside.chair, parent)
        self._after_start = after_start
        self._snapshot: Snapshot | None = None
        self._protocol = bedside.protocol
        self._proof = ""
        self._alone = False
        self._stack = QStackedWidget()
        self._standing = QWidget()
        self._make_standing(theme)
        self.prove = ProvePanel(theme, bedside, bridge, (VERIFIER,), _MEANING)
        self.sheet = BlindSheet(theme)
        for page in (self._standing, self.prove, self.sheet):
            self._stack.addWidget(page)
        self.column.addWidget(self._stack, 1)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(self.hand_back)
        self.sheet.ready.connect(self.confirmed)
        self.sheet.given_up.connect(self.hand_back)
        bridge.scanned.connect(self._on_scanned)
        self.empty()

    def _make_standing(self, theme: Theme) -> None:
        column = QVBoxLayout(self._standing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        column.addWidget(label(theme, _HOW, 16, MEDIUM, wrap=True))
        self.result = label(theme, "", 16, SEMIBOLD, wrap=True)
        column.addWidget(self.result)
        self._table = Card(theme, "What differs")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(18))
        self._table.body.addLayout(self._grid)
        self._cells = [[label(theme, "", 16, MEDIUM, wrap=True) for _ in range(3)] for _ in range(8)]
        for line, cells in enumerate(self._cells):
            for place, cell in enumerate(cells):
                self._grid.addWidget(cell, line, place)
        column.addWidget(self._table)
        self.hand_over_key = BigButton(theme, "Hand over to the second person", "Enter", Kind.PRIMARY, height=64)
        self.hand_over_key.clicked.connect(self.confirmed)
        column.addWidget(self.hand_over_key)
        row = QHBoxLayout()
        self.reason = TextEntry(
            theme, "Nobody is there: “single nurse”, because", hint="it stands in the record, and in print"
        )
        self.reason.edited.connect(lambda _: self._on_reason())
        self.reason.confirmed.connect(self.confirmed)
        row.addWidget(self.reason)
        column.addLayout(row)
        self.problem = label(theme, "", 15, MEDIUM, role="error", wrap=True)
        column.addWidget(self.problem)
        column.addStretch(1)

    # --- the three sheets --------------------------------------------------------------------------------------------

    @property
    def blind(self) -> bool:
        """Whether the second person is at work: nothing that was entered may be seen."""
        return self._stack.currentWidget() is not self._standing

    def _turn_to(self, page: QWidget) -> None:
        before = self.blind
        self._stack.setCurrentWidget(page)
        if self.blind is not before:
            self.blind_changed.emit(self.blind)

    def _on_proven(self, token: str, name: str) -> None:
        self._proof = token
        self.sheet.clear(name)
        self._turn_to(self.sheet)
        self.sheet.wristband.setFocus()

    def hand_back(self) -> None:
        """The second person has not finished: what was entered there is forgotten."""
        self._proof = ""
        self.sheet.clear("")
        self._turn_to(self._standing)

    def _on_scanned(self, kind: str, raw: str) -> None:
        if self.isVisible() and self._stack.currentWidget() is self.sheet:
            bags = self._snapshot.registry.bags if self._snapshot is not None else {}
            self.sheet.take_scan(kind, raw, is_bag=raw.strip().upper() in bags)

    def _on_reason(self) -> None:
        say(self.problem, "")
        self.touched()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """How the check stands."""
        self._snapshot = snapshot
        self.prove.but = snapshot.staff_id
        super().show_snapshot(snapshot)
        session = snapshot.session
        if session is None:
            return
        check = session.double_check
        bag = hanging(session.product, session.supply)
        why, alone = double_check_why(check, frozen_now(session.patient, bag, session.order))
        if self._after_start:
            why = f"{' and '.join(session.changes.unchecked)} changed" if session.changes.unchecked else ""
            alone = alone and not why
        found: tuple[Mismatch, ...] = ()
        if alone and check.alone is not None:
            words = f"Single nurse: {check.alone.reason} ({hm(check.alone.at)})"
        elif not why and check.done is not None:
            fast = " That was implausibly fast." if check.done.too_fast else ""
            words = f"Checked at {hm(check.done.at)}: everything agrees.{fast}"
        else:
            words = f"Open: {why}"
            if check.done is not None and not check.done.agrees:
                now = check_values(session.patient, bag, session.order)
                found = side_by_side(now, check.done, self._protocol.rules.double_check.content)
        say(self.result, words)
        self.hand_over_key.setVisible(bool(why))
        self.reason.setVisible(bool(why) and not alone and not self._after_start)
        self._show_mismatches(found)

    def _show_mismatches(self, found: Sequence[Mismatch]) -> None:
        self._table.setVisible(bool(found))
        rows = [("", "In the record", "The second person")] if found else []
        rows += [(one.name, one.first, one.second) for one in found]
        for line, cells in enumerate(self._cells):
            for place, cell in enumerate(cells):
                set_text(cell, rows[line][place] if line < len(rows) else "")
                cell.setVisible(line < len(rows))
        if found:
            words = "Whoever is wrong corrects the own entry; then the check is done once more."
            say(self.result, f"{self.result.text()}. {words}")

    # --- recording ---------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """Hand over, compare, or do without."""
        if self._stack.currentWidget() is self.prove:
            return None
        if self._stack.currentWidget() is self.sheet:
            return (self.sheet.command(self.chair, self.by, self._proof),)
        self._alone = bool(self.reason.text())
        if self._alone:
            if len(self.reason.text()) < _LEAST_REASON:
                say(self.problem, "A few words are needed: they are printed")
                return None
            return (SingleNurse(self.chair, self.by, self.reason.text()),)
        return (BeginDoubleCheck(self.chair, self.by),)

    def on_receipt(self, receipt: Receipt) -> bool:
        """After the hand-over the second person signs; after a check that agrees the preparation goes on."""
        self.dirty = False
        if self._stack.currentWidget() is self.sheet:
            self.hand_back()
            return receipt.answer != "differs"
        if self._alone:
            self.reason.set_text("")
            return True
        self.prove.open()
        self._turn_to(self.prove)
        return False

    def empty(self) -> None:
        """Another session: nobody is in the middle of a check."""
        self.reason.set_text("")
        say(self.problem, "")
        self._table.setVisible(False)
        self.hand_back()

    def first_field(self) -> QWidget:
        """The key to hand over, or the second person's first field."""
        return self.sheet.wristband if self._stack.currentWidget() is self.sheet else self.hand_over_key
