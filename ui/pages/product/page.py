"""The page of whoever prepares: a lot with its label and certificate, its release, its bags, and the recall list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.gs1 import TEST_LOT, ScanRefused, scan_label, scanner_passes_gs
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.lots import Lot
from exomonitor.registry.shelf import (
    LiftQuarantine,
    QuarantineBag,
    QuarantineLot,
    ReleaseBag,
    ReleaseLot,
    ReturnBag,
)
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.pages.product.bag_panel import BagDraft, BagPanel
from ui.pages.product.certificate_panel import CertificatePanel
from ui.pages.product.label_panel import LabelPanel
from ui.pages.product.list_panel import LotsPanel, RecallPanel
from ui.pages.product.release_panel import ReleasePanel
from ui.pages.product.wishes import bag_command, certificate_command
from ui.presenters.product import lot_rows, lot_state
from ui.scan_burst import BADGE, ISBT, LABEL, UNKNOWN, WRISTBAND
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text

LOTS, SHEET, CERTIFICATE, RELEASE, BAGS, RECALL, PROVE = (
    "lots",
    "label",
    "certificate",
    "release",
    "bags",
    "recall",
    "prove",
)
_STEPS = (
    (LOTS, "Lots"),
    (SHEET, "Label and receipt"),
    (CERTIFICATE, "Certificate"),
    (RELEASE, "Release"),
    (BAGS, "Thaw and bags"),
    (RECALL, "Recall: who had it"),
)
GS_PASSES = "Scanner test: labels arrive whole"
GS_LOST = (
    "Scanner test: the scanner drops the separator between lot and serial. Set it to send GS, or say what it sends"
)
Proven = Callable[[str], Command]


class ProductPage(QWidget):
    """Nothing here belongs to a session. A scan opens its lot; a second person signs on the page itself."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot: Snapshot | None = None
        self._chosen = ""
        self._wanted: Proven | None = None
        self._after: Callable[[], None] | None = None
        self._sending = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._make_left())
        row.addWidget(self._make_middle(), 1)
        bridge.scanned.connect(self.on_scan)
        self._connect()
        self.open(LOTS)

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_left(self) -> QWidget:
        theme = self._theme
        frame = QFrame()
        frame.setObjectName("nav")
        frame.setFixedWidth(theme.px(172))
        column = QVBoxLayout(frame)
        column.setContentsMargins(theme.px(8), theme.px(10), theme.px(8), theme.px(10))
        self.steps = Choice(theme, _STEPS, columns=1, height=58)
        self.steps.chosen.connect(self.open)
        column.addWidget(self.steps)
        column.addStretch(1)
        column.addWidget(
            label(theme, "Scan at any time: a container, a wristband for the bag's label", 13, role="dim", wrap=True)
        )
        return frame

    def _make_middle(self) -> QWidget:
        theme, table = self._theme, self._bedside.protocol.rules.certificate.content
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(theme.px(14), theme.px(8), theme.px(14), theme.px(8))
        column.setSpacing(theme.px(6))
        self._heading = label(theme, "", 21, BOLD)
        column.addWidget(self._heading)
        self._stack = QStackedWidget()
        self.lots, self.sheet, self.recall = LotsPanel(theme), LabelPanel(theme), RecallPanel(theme)
        self.certificate, self.release, self.bags = CertificatePanel(theme, table), ReleasePanel(theme), BagPanel(theme)
        self.prove = ProvePanel(theme, self._bedside, self._bridge, (VERIFIER, PRESCRIBER), "The second person signs")
        self._panels: dict[str, QWidget] = {
            LOTS: self.lots,
            SHEET: self.sheet,
            CERTIFICATE: self.certificate,
            RELEASE: self.release,
            BAGS: self.bags,
            RECALL: self.recall,
            PROVE: self.prove,
        }
        for panel in self._panels.values():
            self._stack.addWidget(panel)
        column.addWidget(self._stack, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.px(14))
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        self.next_key = BigButton(theme, "Next: certificate", kind=Kind.PRIMARY, height=50)
        self.next_key.clicked.connect(self._go_on)
        foot.addWidget(self._status, 1)
        foot.addWidget(self.next_key)
        column.addLayout(foot)
        return holder

    def _connect(self) -> None:
        self.lots.chosen.connect(self.choose)
        self.lots.new_wanted.connect(self.begin)
        self.sheet.edited.connect(lambda: self.certificate.use_cell(self.sheet.source_cell()))
        self.release.release_wanted.connect(self._release)
        self.release.quarantine_wanted.connect(self._quarantine)
        self.release.lift_wanted.connect(self._lift)
        self.bags.record_wanted.connect(self._record_bag)
        self.bags.release_wanted.connect(self._release_bag)
        self.bags.stop_wanted.connect(self._stop_bag)
        self.bags.return_wanted.connect(self._return_bag)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(self._on_closed)

    # --- what is shown -----------------------------------------------------------------------------------------------

    @property
    def lot(self) -> Lot | None:
        """The lot that is open, where the list knows it."""
        return self._snapshot.registry.lots.get(self._chosen) if self._snapshot is not None else None

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date; what was typed stays."""
        before, self._snapshot = self._snapshot, snapshot
        if (
            before is None
            or before.registry is not snapshot.registry
            or before.now.utc.date() != snapshot.now.utc.date()
        ):
            self.lots.show_rows(lot_rows(snapshot.registry, snapshot.now.utc.astimezone().date()))
            self.recall.use_registry(snapshot.registry)
            self.release.show_lot(self.lot, snapshot)
        self.bags.show_lot(self.lot, snapshot)
        self._sync()

    def open(self, step: str) -> None:
        """Bring a step to the front."""
        self._wanted = None
        self.steps.set_value(step)
        self._stack.setCurrentWidget(self._panels[step])
        self._sync()

    def step(self) -> str:
        """The step in front."""
        front = self._stack.currentWidget()
        return next(name for name, panel in self._panels.items() if panel is front)

    def choose(self, lot: str) -> None:
        """Open a lot of the list."""
        self._chosen = lot
        known = self.lot
        if known is None or self._snapshot is None:
            return
        self.sheet.show_lot(known)
        self.certificate.show_certificate(known.certificate, known.source_cell)
        self.release.show_lot(known, self._snapshot)
        self.bags.show_lot(known, self._snapshot)
        self.say("")
        self.open(BAGS if known.released else RELEASE if known.certificate is not None else SHEET)

    def begin(self) -> None:
        """A lot that the list does not know."""
        self._chosen = ""
        self.sheet.clear()
        self.certificate.show_certificate(None, None)
        if self._snapshot is not None:
            self.release.show_lot(None, self._snapshot)
            self.bags.show_lot(None, self._snapshot)
        self.open(SHEET)
        self.sheet.lot.setFocus()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line under the panel."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    def status(self) -> str:
        """What the line under the panel says."""
        return self._status.text()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front."""
        super().focusInEvent(event)
        self.steps.first().setFocus()

    def _sync(self) -> None:
        step, known = self.step(), self.lot
        name = self._chosen or self.sheet.lot.text()
        words = dict(_STEPS).get(step, "Second person")
        state = ""
        if known is not None and self._snapshot is not None:
            state = f" · {lot_state(known, self._snapshot.now.utc.astimezone().date())}"
        tail = f" · lot {name}{state}" if name and step not in {LOTS, RECALL} else ""
        set_text(self._heading, f"{words}{tail}")
        self.next_key.setVisible(step in {SHEET, CERTIFICATE})
        self.next_key.set_text("Next: certificate" if step == SHEET else "Record certificate")
        self.next_key.setEnabled(not self._sending)

    # --- scans -------------------------------------------------------------------------------------------------------

    def on_scan(self, kind: str, raw: str) -> None:
        """A label opens its lot, a wristband names the bag's patient, a badge is for whoever signs."""
        if not self.isVisible() or self.step() == PROVE or kind == BADGE:
            return
        if kind == WRISTBAND or (kind == UNKNOWN and self.step() == BAGS):
            if self.step() == BAGS:
                self.bags.patient.set_text(raw)
            return
        if kind in {LABEL, ISBT, UNKNOWN}:
            self._on_label(raw)

    def _on_label(self, raw: str) -> None:
        if TEST_LOT in raw:
            passes = scanner_passes_gs(raw)
            self.say(GS_PASSES if passes else GS_LOST, wrong=not passes)
            return
        year = self._snapshot.now.utc.year if self._snapshot is not None else 2026
        try:
            found = scan_label(raw, year)
        except ScanRefused as refused:
            self.say(str(refused), wrong=True)
            return
        if self.step() == RECALL:
            self.recall.look_for(found.lot or "")
            return
        lot = found.lot or ""
        if self._snapshot is not None and lot in self._snapshot.registry.lots:
            if lot != self._chosen or self.step() == LOTS:
                self.choose(lot)
            self.bags.show_scan(raw, found.serial or "")
        elif self._chosen or self.step() == LOTS or not self.sheet.lot.text():
            self.begin()
        self.sheet.show_scan(found, raw)
        self.say("")
        self._sync()

    # --- what the keys do --------------------------------------------------------------------------------------------

    def _by(self) -> tuple[str, str]:
        return self._bedside.chair, self._snapshot.staff_id if self._snapshot is not None else ""

    def _go_on(self) -> None:
        if not self.sheet.check():
            self.open(SHEET)
            return
        if self.step() == SHEET:
            self.open(CERTIFICATE)
            return
        if not self.certificate.is_readable():
            return
        make = self._certificate_command
        typed = not self.sheet.raw and self._bedside.protocol.rules.certificate.content.supply.typed_needs_second
        if typed:
            self._ask_second(make, self._on_certificate, f"I have read this label too: lot {self.sheet.lot.text()}")
        else:
            self._send(make(""), self._on_certificate)

    def _certificate_command(self, proof: str) -> Command:
        return certificate_command(self._by(), self.sheet, self.certificate, proof)

    def _on_certificate(self) -> None:
        self._chosen = self.sheet.lot.text()
        self.open(RELEASE)
        if self._snapshot is not None:
            self.release.show_lot(self.lot, self._snapshot)

    def _release(self, reason: str) -> None:
        chair, by = self._by()
        lot = self._chosen
        meaning = f"I release lot {lot}: I have read its certificate"
        self._ask_second(lambda proof: ReleaseLot(chair, by, lot, proof, reason), partial(self.open, BAGS), meaning)

    def _quarantine(self, reason: str) -> None:
        self._send(QuarantineLot(*self._by(), self._chosen, reason), self._reason_used)

    def _lift(self, reason: str) -> None:
        chair, by = self._by()
        lot = self._chosen
        meaning = f"I agree that the quarantine of lot {lot} is lifted"
        self._ask_second(lambda proof: LiftQuarantine(chair, by, lot, reason, proof), self._reason_used, meaning)

    def _reason_used(self) -> None:
        self.release.reason.set_text("")
        self.open(RELEASE)

    def _record_bag(self, draft: BagDraft) -> None:
        make = partial(self._bag_command, draft)

        def refused(why: str) -> None:
            self._refused(why)
            if "second person" in why and draft.reason:
                self._ask_second(make, self._on_bag, f"I agree with this bag: {draft.reason}")

        self._send(make(""), self._on_bag, refused)

    def _bag_command(self, draft: BagDraft, proof: str) -> Command:
        return bag_command(self._by(), self._chosen, draft, proof)

    def _on_bag(self) -> None:
        self.bags.clear()
        self.open(BAGS)

    def _release_bag(self, bag: str) -> None:
        chair, by = self._by()
        meaning = f"I release bag {bag}: I have looked at bag, label and thaw record"
        self._ask_second(lambda proof: ReleaseBag(chair, by, bag, proof), partial(self.open, BAGS), meaning)

    def _stop_bag(self, bag: str, reason: str) -> None:
        self._send(QuarantineBag(*self._by(), bag, reason), self._on_bag_moved)

    def _return_bag(self, bag: str, reason: str) -> None:
        chair, by = self._by()
        meaning = f"I agree that bag {bag} goes back to stock: {reason}"
        self._ask_second(lambda proof: ReturnBag(chair, by, bag, reason, proof), self._on_bag_moved, meaning)

    def _on_bag_moved(self) -> None:
        self.bags.reason.set_text("")
        self.open(BAGS)

    # --- sending -----------------------------------------------------------------------------------------------------

    def _ask_second(self, make: Proven, after: Callable[[], None], meaning: str) -> None:
        came_from = self.step()
        self.prove.but = self._by()[1]
        self.prove.set_meaning(meaning)
        self.open(PROVE)
        self.steps.set_value(came_from)
        self._wanted, self._after = make, after
        self.prove.open()

    def _on_proven(self, token: str, name: str) -> None:
        make, after = self._wanted, self._after
        back = self.steps.value()
        self.open(back)
        if make is not None and after is not None:
            self._send(make(token), after)

    def _on_closed(self) -> None:
        if self.step() == PROVE:
            self.open(self.steps.value())

    def _send(self, command: Command, after: Callable[[], None], refused: Callable[[str], None] | None = None) -> None:
        if self._sending:
            return
        self._sending = True
        self.say("Recording ...")
        self._sync()
        self._bridge.submit(command, partial(self._sent, after), refused or self._refused)

    def _sent(self, after: Callable[[], None], receipt: Receipt) -> None:
        self._sending = False
        after()
        words = recorded_words(receipt)
        self.say(f"{words}: bag {receipt.answer}" if receipt.answer.startswith("B-") else words)
        self._sync()

    def _refused(self, why: str) -> None:
        self._sending = False
        self.say(f"Not recorded: {why}", wrong=True)
        self._sync()
