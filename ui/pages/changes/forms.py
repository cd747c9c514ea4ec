"""Another bag or another order after the start: a reason, and a second person's signature or a single nurse."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.clinical.ranges import DOSE_SPAN, VOLUME_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command, EnterOrder, EnterProduct, IdentifyPatient
from exomonitor.session.ordering import TELEPHONE, WRITTEN
from exomonitor.session.plan import Order, SourceCell
from ui.bridge import Bridge
from ui.pages.prepare.order_view import MINUTES_TYPED
from ui.presenters.product import product_words
from ui.scan_burst import ISBT, LABEL, UNKNOWN, WRISTBAND
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton
from ui.widgets.rows import row_of
from ui.widgets.scan_box import ScanBox
from ui.widgets.signed_form import SignedForm
from ui.widgets.text import label
from ui.widgets.tick import Tick

LEAST_REASON = 5
_CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))
_WAYS = ((WRITTEN, "In writing"), (TELEPHONE, "By telephone, read back"))


class ChangeForm(SignedForm):
    """The reason, and below it the key of a nurse who is alone."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, title, "Second person signs", parent=parent)
        self.chair, self.by = chair, ""
        self._alone = False
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(8))
        self.reason = TextEntry(theme, "Why it is another one: it is printed", pixels=20)
        self.alone_key = BigButton(theme, "Nobody is there: single nurse", height=58)
        self.alone_key.clicked.connect(self.save_alone)
        self.keys_row.insertWidget(1, self.alone_key, 2)
        self._watch(self.reason)

    def _finish(self) -> None:
        """Below what the form asks: the reason."""
        self.column.addWidget(self.reason)
        self.column.addStretch(1)
        self.changed()

    def _watch(self, *entries: TextEntry) -> None:
        for entry in entries:
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)

    def needs_signature(self) -> bool:
        """Somebody else stands by, where there is somebody."""
        return not self._alone

    def save_alone(self) -> None:
        """Recorded at once: nobody else is there."""
        self._alone = True
        self.save()
        self._alone = False

    def is_complete(self) -> bool:
        """What is asked, and a reason."""
        return len(self.reason.text()) >= LEAST_REASON

    def _sync(self) -> None:
        super()._sync()
        self.alone_key.setEnabled(self.save_key.isEnabled())

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Keep up with who is at work."""
        self.by = snapshot.staff_id

    def clear(self) -> None:
        """Nothing entered."""
        self.reason.set_text("")


class BagForm(ChangeForm):
    """The bag that hangs is not the one in the record."""

    draft_name = "another_bag"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "The bag that hangs is another one", parent)
        self._raw = ""
        self._bags: frozenset[str] = frozenset()
        self.box = ScanBox(theme, "Scan the label of the bag that hangs")
        self.cell = Choice(theme, _CELLS, height=58)
        self.cell.chosen.connect(lambda _: self.changed())
        self.lot = TextEntry(theme, "Without a scan: its lot", pixels=20)
        self.expiry = TextEntry(theme, "and its expiry, year-month-day", pixels=20)
        for widget in (self.box, self.cell, row_of(theme, self.lot, self.expiry)):
            self.column.addWidget(widget)
        for entry in (self.lot, self.expiry):
            entry.edited.connect(lambda _: self._forget_scan())
        self._watch(self.lot, self.expiry)
        bridge.scanned.connect(self.take_scan)
        self._finish()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What the record says."""
        super().show_snapshot(snapshot)
        product = snapshot.session.product if snapshot.session is not None else None
        self._bags = frozenset(snapshot.registry.bags)
        words = product_words(product, snapshot.registry)[0] if product is not None else "not recorded"
        self.set_heading(f"The bag that hangs is not this one: {words}")

    def take_scan(self, kind: str, raw: str) -> None:
        """The label of the bag, while this form is in front."""
        own = raw.strip().upper() in self._bags
        if not self.isVisible() or not (own or kind in {LABEL, ISBT}):
            return
        self.lot.set_text("")
        self.expiry.set_text("")
        self._raw = raw
        self.box.show_words(f"Scanned: bag {raw.strip().upper()}" if own else "Scanned: the label of the bag")
        self.changed()
        self.reason.setFocus()

    def _forget_scan(self) -> None:
        self._raw = ""
        self.box.show_words("")

    def is_complete(self) -> bool:
        """A scan, or product, lot and expiry; and the reason."""
        typed = self.cell.value() and self.lot.text() and self.expiry.text()
        return super().is_complete() and bool(self._raw or typed)

    def commands(self) -> Sequence[Command]:
        """One statement."""
        cell = SourceCell(self.cell.value()) if self.cell.value() else None
        lot, expiry, reason = self.lot.text(), self.expiry.text(), self.reason.text()
        return (EnterProduct(self.chair, self.by, cell, lot, expiry, reason, self._raw, proof=self.proof),)

    def clear(self) -> None:
        """Nothing entered."""
        super().clear()
        self._forget_scan()
        self.cell.set_value("")
        for entry in (self.lot, self.expiry):
            entry.set_text("")


class OrderForm(ChangeForm):
    """The order is another one than in the record: dose, volume or time."""

    draft_name = "another_order"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "The order is another one", parent)
        self._order: Order | None = None
        self.dose = NumberEntry(theme, "Dose", DOSE_SPAN, "billion")
        self.volume = NumberEntry(theme, "Volume of the bag", VOLUME_SPAN, "mL")
        self.minutes = NumberEntry(theme, "Infusing time", MINUTES_TYPED, "min")
        self.way = Choice(theme, _WAYS, height=58)
        self.way.chosen.connect(lambda _: self.changed())
        self.column.addWidget(row_of(theme, *self._numbers()))
        self.column.addWidget(label(theme, "How the change came", 14, role="dim"))
        self.column.addWidget(self.way)
        self._watch(*self._numbers())
        self._finish()

    def _numbers(self) -> tuple[NumberEntry, NumberEntry, NumberEntry]:
        return self.dose, self.volume, self.minutes

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What the record says; a form in which nobody has typed follows it."""
        super().show_snapshot(snapshot)
        order = snapshot.session.order if snapshot.session is not None else None
        if order is None or order == self._order:
            return
        self._order = order
        self.set_heading(
            f"The order is not this one: {_plain(order.dose_billion)} billion in {_plain(order.volume_ml)} mL, "
            f"{_plain(order.minutes)} min, {order.prescriber or 'prescriber not recorded'}"
        )
        self.clear()

    def is_complete(self) -> bool:
        """Three numbers, how it came, and the reason."""
        numbers = all(entry.number() is not None for entry in self._numbers())
        return super().is_complete() and self._order is not None and numbers and bool(self.way.value())

    def commands(self) -> Sequence[Command]:
        """The order as it stands, with the other numbers."""
        order = self._order
        dose, volume, minutes = (entry.number() for entry in self._numbers())
        if order is None or dose is None or volume is None or minutes is None:
            return ()
        reason = self.reason.text()
        said = EnterOrder(
            self.chair, self.by, dose, volume, minutes, order.ramp, order.line_ml, order.first_dose,
            order.prescriber_id, order.premedication, reason, reason, order.source_cell, order.indication,
            order.order_date, order.hydration, order.special_limits, self.proof, self.way.value(), "", self.proof,
        )  # fmt: skip
        return (said,)

    def clear(self) -> None:
        """The numbers of the record."""
        super().clear()
        self.way.set_value("")
        if self._order is not None:
            numbers = (self._order.dose_billion, self._order.volume_ml, self._order.minutes)
            for entry, number in zip(self._numbers(), numbers, strict=True):
                entry.set_text(_plain(number))
        self._sync()


class PatientForm(ChangeForm):
    """Who sits in the chair is not the patient of the record."""

    draft_name = "another_patient"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "The patient in the chair is another one", parent)
        self.code = TextEntry(theme, "Wristband of whoever sits there: scan it, or type the MRN", pixels=20)
        self.asked = Tick(theme, "Asked: “What is your full name? What is your date of birth?” Both agree", height=58)
        self.asked.toggled.connect(lambda _: self.changed())
        self.column.addWidget(self.code)
        self.column.addWidget(self.asked)
        self._watch(self.code)
        bridge.scanned.connect(self.take_scan)
        self._finish()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Who stands in the record."""
        super().show_snapshot(snapshot)
        patient = snapshot.session.patient if snapshot.session is not None else None
        words = f"{patient.name}, born {patient.born}" if patient is not None else "nobody"
        self.set_heading(f"In the chair is not: {words}")

    def take_scan(self, kind: str, raw: str) -> None:
        """The wristband, while this form is in front."""
        if self.isVisible() and kind in {WRISTBAND, UNKNOWN}:
            self.code.set_text(raw)
            self.changed()

    def is_complete(self) -> bool:
        """Whose wristband, that name and date of birth were asked, and the reason."""
        return super().is_complete() and bool(self.code.text()) and self.asked.isChecked()

    def commands(self) -> Sequence[Command]:
        """One statement."""
        who, reason = self.code.text(), self.reason.text()
        checked = ("name", "born")
        return (
            IdentifyPatient(
                self.chair, self.by, identifiers=checked, reason=reason, wristband=who, how="wristband",
                proof=self.proof,
            ),
        )  # fmt: skip

    def clear(self) -> None:
        """Nothing entered."""
        super().clear()
        self.code.set_text("")
        self.asked.setChecked(False)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
