"""The step of the bag: one scan says all; what is typed by hand, or differs from the order, takes a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.dosing import check_prepared
from exomonitor.clinical.gs1 import ScanRefused, scan_label
from exomonitor.clinical.ranges import DoseVerdict
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.counting import counting_note
from exomonitor.registry.registry import Registry
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session import commands as cmd
from exomonitor.session.checklist import PRODUCT
from exomonitor.session.commands import Command
from exomonitor.session.parts.supply import AcceptPreparedDose
from exomonitor.session.plan import Product, SourceCell
from exomonitor.session.state import SessionState
from ui.bridge import Bridge
from ui.pages.prepare.step_form import StepForm, need, say
from ui.presenters.patients import is_date
from ui.presenters.product import label_words, product_words
from ui.scan_burst import ISBT, LABEL
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton
from ui.widgets.prove import ProvePanel
from ui.widgets.scan_box import ScanBox
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))
BY_HAND = "Only where nothing can be scanned: type what stands on the bag. A second person then signs."
_INVITATION = "Scan the bag: its label, or the code that the preparation put on it"
_ISBT_WORDS = "ISBT 128 label: enter by hand with second check"
_LEAST_REASON = 5


class ProductForm(StepForm):
    """A scan is recorded as it comes; typing stays possible."""

    def __init__(
        self,
        theme: Theme,
        chair: str,
        bedside: Bedside | None = None,
        bridge: Bridge | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Without bedside and bridge nobody can sign on this sheet."""
        super().__init__(theme, chair, parent)
        self._bridge = bridge
        self._registry = Registry()
        self._raw = ""
        self._today: date | None = None
        self._year = 0
        self._state: SessionState | None = None
        self._stack = QStackedWidget()
        self._sheet = QWidget()
        self._stack.addWidget(self._sheet)
        outer, self.column = self.column, QVBoxLayout(self._sheet)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(8))
        outer.addWidget(self._stack)
        self._make_sheet(theme)
        self.prove: ProvePanel | None = None
        if bedside is not None and bridge is not None:
            words = "I have checked this bag against its label and the order"
            self.prove = ProvePanel(theme, bedside, bridge, (VERIFIER, PRESCRIBER), words)
            self.prove.proven.connect(self._on_proven)
            self.prove.closed.connect(lambda: self._stack.setCurrentWidget(self._sheet))
            self._stack.addWidget(self.prove)
        self.empty()

    def _make_sheet(self, theme: Theme) -> None:
        self.box = ScanBox(theme, _INVITATION)
        self.column.addWidget(self.box)
        self.standing = label(theme, "", 17, SEMIBOLD, wrap=True)
        self.column.addWidget(self.standing)
        self.counted = self.remark()
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        self.reason = TextEntry(theme, "Reason, at least 5 characters")
        self.sign_key = BigButton(theme, "Second person signs", height=54)
        self.sign_key.clicked.connect(self._ask_second)
        row.addWidget(self.reason, 2)
        row.addWidget(self.sign_key, 1)
        self.column.addLayout(row)
        self.column.addSpacing(theme.px(10))
        self.column.addWidget(label(theme, BY_HAND, 14, MEDIUM, role="dim", wrap=True))
        self.cell = self.choice("The exosomes come from", CELLS, height=52)
        self.lot = self.entry("Lot, as on the bag")
        self.expiry = self.entry("Expiry", hint="year-month-day; usable through that day")
        self.row(self.lot, self.expiry)
        self.problem = self.remark(role="error")
        self.column.addStretch(1)
        for entry in (self.lot, self.expiry):
            entry.edited.connect(lambda _: self._on_typed())
        self.cell.chosen.connect(lambda _: say(self.problem, ""))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the record; keep the local day for the expiry and the shelf for what a scan means."""
        self._today, self._year = snapshot.now.utc.astimezone().date(), snapshot.now.utc.year
        self._registry, self._state = snapshot.registry, snapshot.session
        super().show_snapshot(snapshot)
        self._warn()
        say(self.counted, self._counting())
        gate = next((gate for gate in snapshot.gates if gate.key == PRODUCT), None)
        self._show_standing(gate.why if gate is not None and snapshot.session is not None else "")

    def _counting(self) -> str:
        """A note where the patient's earlier dose was counted by another method."""
        state = self._state
        if state is None or state.product is None or state.patient is None:
            return ""
        return counting_note(self._registry, state.patient.id, state.id, state.product.lot)

    def _show_standing(self, why: str) -> None:
        product = self._state.product if self._state is not None else None
        shown = why if product is not None else ""
        say(self.standing, f"✗ {shown[0].upper()}{shown[1:]}" if shown else "")
        self.sign_key.setVisible(self.prove is not None and bool(shown) and (self._off_dose() or self._unsigned()))
        self.reason.setVisible(self.sign_key.isVisibleTo(self) and self._off_dose())

    def _unsigned(self) -> bool:
        product = self._state.product if self._state is not None else None
        return product is not None and not product.scanned and not product.second

    def _off_dose(self) -> bool:
        """Whether the dose in the bag differs so much from the order that two people must accept it."""
        state = self._state
        if state is None or state.product is None or state.product.dose_billion is None or state.order is None:
            return False
        return check_prepared(state.order.dose_billion, state.product.dose_billion).verdict is DoseVerdict.OVERRIDE

    def _on_typed(self) -> None:
        if self._raw:
            self._raw = ""
            self.box.show_words("")
        self._warn()

    def _warn(self) -> None:
        text = self.expiry.text()
        if self._today is not None and is_date(text) and date.fromisoformat(text) < self._today:
            say(self.problem, f"This bag expired on {text}. It is recorded so, and its check stays open.")
        elif self.problem.text().startswith("This bag"):
            say(self.problem, "")

    # --- what is entered ---------------------------------------------------------------------------------------------

    def knows(self, raw: str) -> bool:
        """Whether this code stands on a bag of the clinic's own preparation."""
        return raw.strip().upper() in self._registry.bags

    def take_scan(self, kind: str, raw: str) -> bool:
        """What the scanner read; True = it can be recorded as it is. A refusal is said on the sheet."""
        if kind == ISBT:
            say(self.problem, _ISBT_WORDS)
            return False
        if self.knows(raw):
            bag = self._registry.bags[raw.strip().upper()]
            self._scanned(raw, f"bag {bag.id}, lot {bag.lot}")
            return True
        if kind != LABEL:
            say(self.problem, "This code is not on a bag that was prepared here")
            return False
        try:
            found = scan_label(raw, self._year)
        except ScanRefused as refused:
            say(self.problem, str(refused))
            return False
        self._scanned(raw, label_words(found))
        self.lot.set_text(found.lot or "")
        self.expiry.set_text(found.expiry.isoformat() if found.expiry is not None else "")
        lot = self._registry.lots.get(found.lot or "")
        if lot is not None and lot.source_cell is not None:
            self.cell.set_value(lot.source_cell.value)
        elif not self.cell.value():
            say(self.problem, "Choose what the exosomes come from")
            return False
        return True

    def _scanned(self, raw: str, words: str) -> None:
        self._raw = raw
        say(self.problem, "")
        self.box.show_words(words)
        self.touched()

    def commands(self) -> Sequence[Command] | None:
        """The bag as scanned or entered."""
        cell = SourceCell(self.cell.value()) if self.cell.value() else None
        if self._raw:
            # The clinic's list says what a bag of its own holds.
            known = self.knows(self._raw)
            return (cmd.EnterProduct(self.chair, self.by, None if known else cell, raw=self._raw),)
        good = need([(self.lot, "The lot is needed"), (self.expiry, "The expiry is needed")])
        if self.expiry.text() and not is_date(self.expiry.text()):
            self.expiry.show_error(f"{self.expiry.text()!r} is no date: write 2027-06-30")
            good = False
        if cell is None:
            say(self.problem, "Choose what the exosomes come from")
            return None
        return (cmd.EnterProduct(self.chair, self.by, cell, self.lot.text(), self.expiry.text()),) if good else None

    def recorded_part(self, session: SessionState) -> object:
        """The bag."""
        return session.product

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Product)
        self._raw = ""
        self.cell.set_value(part.source_cell.value)
        self.lot.set_text(part.lot)
        self.expiry.set_text(part.expiry)
        self.box.show_words(*product_words(part, self._registry))

    def empty(self) -> None:
        """No bag yet."""
        self._raw = ""
        self.cell.set_value("")
        for entry in (self.lot, self.expiry, self.reason):
            entry.set_text("")
            entry.show_error("")
        self.box.show_words("")
        for words in (self.problem, self.standing):
            say(words, "")
        self.sign_key.setVisible(False)
        self.reason.setVisible(False)
        self._stack.setCurrentWidget(self._sheet)

    # --- the second person -------------------------------------------------------------------------------------------

    def _ask_second(self) -> None:
        if self._off_dose() and len(self.reason.text()) < _LEAST_REASON:
            self.reason.show_error("A reason of at least 5 characters is needed")
            self.reason.setFocus()
            return
        if self.prove is not None:
            self.prove.but = self.by
            self._stack.setCurrentWidget(self.prove)
            self.prove.open()

    def _on_proven(self, token: str, _: str) -> None:
        self._stack.setCurrentWidget(self._sheet)
        command = self._signed(token)
        if command is not None and self._bridge is not None:
            set_text(self.standing, "Recording ...")
            self._bridge.submit(command, self._on_signed, lambda why: say(self.problem, f"Not recorded: {why}"))

    def _signed(self, token: str) -> Command | None:
        """What the second person signs: the bag that was typed, or its dose."""
        product = self._state.product if self._state is not None else None
        if product is None:
            return None
        if self._unsigned():
            if product.bag:
                return cmd.EnterProduct(self.chair, self.by, bag=product.bag, proof=token)
            return cmd.EnterProduct(self.chair, self.by, product.source_cell, product.lot, product.expiry, proof=token)
        return AcceptPreparedDose(self.chair, self.by, self.reason.text(), token)

    def _on_signed(self, receipt: Receipt) -> None:
        self.reason.set_text("")
        self.status_wanted.emit(recorded_words(receipt), False)
