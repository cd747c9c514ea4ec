"""The label of a lot and how it came: scanned, or typed; maker, transport, count."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.gs1 import Label
from exomonitor.registry.lot_events import ALLOGENEIC, AUTOLOGOUS, Receipt
from exomonitor.registry.lots import Lot
from exomonitor.session.plan import SourceCell
from exomonitor.units import Span
from ui.presenters.patients import is_date
from ui.presenters.product import label_words
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.scan_box import ScanBox
from ui.widgets.text import MEDIUM, label, set_text

CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))
_DONOR = ((AUTOLOGOUS, "Patient's own"), (ALLOGENEIC, "Donor's"))
_SHIPPING = (("dry ice", "Dry ice"), ("liquid nitrogen", "Liquid N₂"), ("2-8 °C", "2-8 °C"), ("other", "Other"))
_LOG = (("ok", "No excursion"), ("excursion", "Excursion"), ("none", "No log"))
_INTACT = (("yes", "Intact, legible"), ("no", "Not intact"))
_CONTAINERS = Span("Containers", "", Decimal(1), Decimal(999), 0)
_OK: dict[str, bool | None] = {"ok": True, "excursion": False, "yes": True, "no": False}


class LabelPanel(QWidget):
    """Lot, expiry and product code from a scan cannot be typed over: another scan replaces them."""

    edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.raw = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self.box = ScanBox(theme, "Scan the GS1 label of a container, or type lot and expiry below")
        column.addWidget(self.box)
        self.lot = TextEntry(theme, "Lot, as on the label")
        self.expiry = TextEntry(theme, "Expiry", hint="year-month-day; usable through that day")
        self.gtin = TextEntry(theme, "Product code (GTIN)", hint="where the label has one")
        self.cell = Choice(theme, CELLS, height=48)
        self.product = TextEntry(theme, "Product name")
        self.maker = TextEntry(theme, "Maker")
        self.paper = TextEntry(theme, "Certificate number")
        self.containers = NumberEntry(theme, "Containers received", _CONTAINERS, "", pixels=18)
        self.instrument = TextEntry(theme, "Counted with (instrument)")
        self.counted = TextEntry(theme, "Counted on", hint="year-month-day")
        self.received = TextEntry(theme, "Received on", hint="year-month-day")
        self.donor = Choice(theme, _DONOR, height=48)
        self.shipping, self.log, self.intact = (Choice(theme, o, pixels=14) for o in (_SHIPPING, _LOG, _INTACT))
        column.addLayout(self._row(self.lot, self.expiry, self.gtin))
        cell = self._titled("The exosomes come from", self.cell)
        donor = self._titled("Whose cells", self.donor)
        column.addLayout(self._row(cell, donor, self.product, self.maker, self.paper, shares=(5, 5, 3, 3, 3)))
        column.addLayout(self._row(self.containers, self.received, self.instrument, self.counted))
        column.addLayout(
            self._row(
                self._titled("Came on", self.shipping),
                self._titled("Temperature log", self.log),
                self._titled("Containers and labels", self.intact),
                shares=(4, 3, 2),
            )
        )
        self._problem = label(theme, "", 14, MEDIUM, role="error", wrap=True)
        column.addWidget(self._problem)
        column.addStretch(1)
        for entry in self._entries():
            entry.edited.connect(lambda _: self.edited.emit())
        for choice in self._choices():
            choice.chosen.connect(lambda _: self.edited.emit())

    def _entries(self) -> tuple[TextEntry, ...]:
        return (
            self.lot, self.expiry, self.gtin, self.product, self.maker, self.paper, self.containers, self.instrument,
            self.counted, self.received,
        )  # fmt: skip

    def _choices(self) -> tuple[Choice, ...]:
        return self.cell, self.donor, self.shipping, self.log, self.intact

    def _row(self, *widgets: QWidget, shares: tuple[int, ...] = ()) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(14))
        for place, widget in enumerate(widgets):
            row.addWidget(widget, shares[place] if shares else 1)
        return row

    def _titled(self, title: str, choice: Choice) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(3))
        column.addWidget(label(self._theme, title, 14, role="dim"))
        column.addWidget(choice)
        column.addStretch(1)
        return holder

    # --- what stands in it -------------------------------------------------------------------------------------------

    def show_scan(self, scanned: Label, raw: str) -> None:
        """A label was scanned: it says lot, expiry and code."""
        self.raw = raw
        self.box.show_words(label_words(scanned), scanned.warnings[0] if scanned.warnings else scanned.symbology)
        self.lot.set_text(scanned.lot or "")
        self.expiry.set_text(scanned.expiry.isoformat() if scanned.expiry else "")
        self.gtin.set_text(scanned.gtin or "")
        self._lock(on=True)

    def show_lot(self, lot: Lot) -> None:
        """A lot of the list, to be looked at or entered again."""
        self.clear()
        self.lot.set_text(lot.id)
        self.expiry.set_text(lot.expiry)
        self.gtin.set_text(lot.gtin)
        self.cell.set_value(lot.source_cell.value if lot.source_cell is not None else "")
        known = lot.receipt
        self.product.set_text(known.product)
        self.maker.set_text(known.maker)
        self.paper.set_text(known.certificate_id)
        self.containers.set_text(str(known.containers or ""))
        self.received.set_text(known.received)
        self.instrument.set_text(lot.instrument)
        self.counted.set_text(lot.count_date)
        self.donor.set_value(known.donor)
        self.shipping.set_value(known.shipping)
        self.log.set_value({True: "ok", False: "excursion", None: ""}[known.temperature_log_ok])
        self.intact.set_value({True: "yes", False: "no", None: ""}[known.intact])

    def clear(self) -> None:
        """A new lot."""
        self.raw = ""
        self.box.show_words("")
        self._lock(on=False)
        for entry in self._entries():
            entry.set_text("")
            entry.show_error("")
        for choice in self._choices():
            choice.set_value("")
        set_text(self._problem, "")

    def _lock(self, *, on: bool) -> None:
        for entry in (self.lot, self.expiry, self.gtin):
            entry.line.setReadOnly(on)

    def source_cell(self) -> SourceCell | None:
        """What the exosomes come from, None while nobody chose."""
        return SourceCell(self.cell.value()) if self.cell.value() else None

    def receipt(self) -> Receipt:
        """How it came, as far as entered."""
        number = self.containers.number()
        return Receipt(
            self.product.text(),
            self.maker.text(),
            self.paper.text(),
            int(number) if number is not None else None,
            self.shipping.value(),
            _OK.get(self.log.value()),
            _OK.get(self.intact.value()),
            self.received.text(),
            self.donor.value(),
        )

    def check(self) -> bool:
        """Whether lot, expiry and source are there and every date is one; says what is not."""
        good = self.containers.check()
        for entry, wanted in ((self.lot, "The lot is needed"), (self.expiry, "The expiry is needed")):
            if not entry.text():
                entry.show_error(wanted)
                good = False
        for entry in (self.expiry, self.received, self.counted):
            if entry.text() and not is_date(entry.text()):
                entry.show_error(f"{entry.text()!r} is no date: write 2027-06-30")
                good = False
        missing = self.source_cell() is None
        set_text(self._problem, "Choose what the exosomes come from" if missing else "")
        return good and not missing
