"""Thaw record and bag: what was taken out, when, how it looked, what was drawn; and the bags made so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from exomonitor.clock import iso_utc
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.lot_events import ThawRecord
from exomonitor.registry.lots import Lot
from exomonitor.units import CELSIUS, ML, Span
from ui.presenters.day_time import read_time
from ui.presenters.product import BagRow, ahead, bag_content, bag_rows
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice, Options
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, label, set_role, set_text
from ui.widgets.tick import Tick

_METHODS: Options = (("water bath", "Water bath"), ("bench", "Bench"), ("dry thaw", "Dry device"))
_CYCLES: Options = (("1", "Once"), ("2", "Twice"), ("3", "More"))
_LOOKS: Options = (("ok", "Clear, no clots"), ("bad", "Not right"))
_LOG: Options = (("ok", "No excursion"), ("bad", "Excursion"))
_DILUENTS: Options = (("NaCl 0.9 %", "NaCl 0.9\u00a0%"), ("other", "Other"))
_STORAGE = Span("Storage", CELSIUS, Decimal(-200), Decimal(30), 0)
_DRAWN = Span("Product drawn", ML, Decimal("0.01"), Decimal(500), 3)
_VOLUME = Span("Bag", ML, Decimal(5), Decimal(1000), 1)
_GOOD: dict[str, bool | None] = {"ok": True, "bad": False}
_LEAST_REASON = 5


@dataclass(frozen=True, slots=True)
class BagDraft:
    """The bag as entered; volumes in mL."""

    product_ml: Decimal
    volume_ml: Decimal
    thaw: ThawRecord
    serial: str
    raw: str
    diluent: str
    diluent_lot: str
    labelled: bool
    patient: str
    reason: str


class BagPanel(QWidget):
    """`record_wanted` brings the draft; whether a second person is needed the page learns from the answer."""

    record_wanted = Signal(object)
    release_wanted = Signal(str)
    stop_wanted = Signal(str, str)
    """A bag into quarantine: its code, and the reason."""
    return_wanted = Signal(str, str)
    """A bag back to stock: its code, and the reason; a second person signs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now: datetime | None = None
        self._lot: Lot | None = None
        self.raw = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        halves = QHBoxLayout()
        halves.setSpacing(theme.px(14))
        halves.addLayout(self._make_thaw(), 1)
        halves.addLayout(self._make_bag(), 1)
        column.addLayout(halves)
        self._content = label(theme, "", 16, SEMIBOLD, wrap=True)
        column.addWidget(self._content)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(14))
        self.reason = TextEntry(theme, "Reason: thaw not as expected, quarantine, back to stock", compact=True)
        self.record_key = BigButton(theme, "Record bag", kind=Kind.PRIMARY, height=50)
        self.record_key.clicked.connect(self._record)
        keys.addWidget(self.reason, 2)
        keys.addWidget(self.record_key, 1)
        column.addLayout(keys)
        column.addWidget(self._make_list(), 1)

    def _make_thaw(self) -> QGridLayout:
        theme = self._theme
        self.removed = TextEntry(theme, "Taken from storage at", hint="hh:mm")
        self.complete = TextEntry(theme, "Thaw complete at", hint="hh:mm")
        self.until = TextEntry(theme, "May be used until", hint="hh:mm, as the maker says")
        self.storage = NumberEntry(theme, "Storage", _STORAGE, "°C", pixels=18)
        self.method, self.cycles = Choice(theme, _METHODS, pixels=14), Choice(theme, _CYCLES, pixels=14)
        self.looks, self.log = Choice(theme, _LOOKS, pixels=14), Choice(theme, _LOG, pixels=14)
        grid = self._grid((self.removed, self.complete, self.until))
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.storage, 1)
        row.addWidget(self._titled("Thawed in", self.method), 3)
        grid.addLayout(row, 1, 0, 1, 3)
        grid.addWidget(self._titled("Thawed", self.cycles), 2, 0)
        grid.addWidget(self._titled("Looks", self.looks), 2, 1)
        grid.addWidget(self._titled("Temperature log", self.log), 2, 2)
        return grid

    def _make_bag(self) -> QGridLayout:
        theme = self._theme
        self.drawn = NumberEntry(theme, "Product drawn", _DRAWN, "mL", pixels=18)
        self.volume = NumberEntry(theme, "Bag, in all", _VOLUME, "mL", pixels=18)
        self.serial = TextEntry(theme, "Serial of the container", hint="or scan its label")
        self.diluent = Choice(theme, _DILUENTS, pixels=13)
        self.diluent_lot = TextEntry(theme, "Diluent lot (name)")
        self.patient = TextEntry(theme, "Labelled for (MRN)", hint="or scan the wristband")
        self.labelled = Tick(theme, "Label is on the bag: patient, product, dose, volume, use until", height=44)
        grid = self._grid((self.drawn, self.volume, self.serial))
        grid.addWidget(self._titled("Diluent", self.diluent), 1, 0)
        grid.addWidget(self.diluent_lot, 1, 1)
        grid.addWidget(self.patient, 1, 2)
        grid.addWidget(self._titled("Check", self.labelled), 2, 0, 1, 3)
        for entry in (self.drawn, self.volume):
            entry.edited.connect(lambda _: self._say_content())
        return grid

    def _grid(self, first: tuple[QWidget, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.px(12))
        grid.setVerticalSpacing(self._theme.px(4))
        for place, widget in enumerate(first):
            grid.addWidget(widget, 0, place)
            grid.setColumnStretch(place, 1)
        return grid

    def _titled(self, title: str, widget: QWidget) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._theme.px(3))
        column.addWidget(label(self._theme, title, 14, role="dim"))
        column.addWidget(widget)
        column.addStretch(1)
        return holder

    def _make_list(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "Bags of this lot")
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(4))
        self._list.addStretch(1)
        self._lines: list[_BagLine] = []
        area = QScrollArea()
        area.setAccessibleName("Bag")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(holder)
        card.body.addWidget(area, 1)
        return card

    # --- what stands in it -------------------------------------------------------------------------------------------

    def show_lot(self, lot: Lot | None, snapshot: Snapshot) -> None:
        """Bring the panel up to date."""
        self._now = snapshot.now.utc
        if lot is None or self._lot is None or lot.id != self._lot.id:
            self.clear()
        self._lot = lot
        self.record_key.setEnabled(lot is not None and lot.released)
        rows = bag_rows(snapshot.registry, lot.id) if lot is not None else ()
        while len(self._lines) < len(rows):
            line = _BagLine(self._theme)
            line.release_wanted.connect(self.release_wanted)
            line.stop_wanted.connect(partial(self._with_reason, self.stop_wanted))
            line.return_wanted.connect(partial(self._with_reason, self.return_wanted))
            self._list.insertWidget(len(self._lines), line)
            self._lines.append(line)
        for place, line in enumerate(self._lines):
            line.show_row(rows[place] if place < len(rows) else None)
        self._say_content()

    def show_scan(self, raw: str, serial: str) -> None:
        """The container's label was scanned."""
        self.raw = raw
        self.serial.set_text(serial)

    def clear(self) -> None:
        """The next bag."""
        self.raw = ""
        for entry in (
            self.removed, self.complete, self.until, self.storage, self.drawn, self.volume, self.serial,
            self.diluent_lot, self.patient, self.reason,
        ):  # fmt: skip
            entry.set_text("")
            entry.show_error("")
        for choice in (self.method, self.cycles, self.looks, self.log, self.diluent):
            choice.set_value("")
        self.labelled.setChecked(False)

    def content(self) -> str:
        """What the bag holds, in words."""
        return self._content.text()

    def _say_content(self) -> None:
        if self._lot is None:
            set_text(self._content, "")
        elif not self._lot.released:
            set_text(self._content, f"Lot {self._lot.id} is not released: no bag can be made of it")
        else:
            set_text(self._content, bag_content(self._lot, self.drawn.number(), self.volume.number()))

    def _with_reason(self, wish: SignalInstance, bag: str) -> None:
        """Quarantine and return take a few words: they are typed in the line of reasons."""
        if len(self.reason.text()) < _LEAST_REASON:
            self.reason.show_error(f"Bag {bag}: type the reason here first")
            self.reason.setFocus()
            return
        wish.emit(bag, self.reason.text())

    def _record(self) -> None:
        draft = self.draft()
        if draft is not None:
            self.record_wanted.emit(draft)

    def draft(self) -> BagDraft | None:
        """The bag as entered; None while something cannot be read, and the entry says what."""
        drawn, volume = self.drawn.number(), self.volume.number()
        for entry, number in ((self.drawn, drawn), (self.volume, volume)):
            if number is None and not entry.error():
                entry.show_error("Needed, in mL")
        thaw = self._thaw()
        if drawn is None or volume is None or thaw is None:
            return None
        return BagDraft(
            drawn,
            volume,
            thaw,
            self.serial.text(),
            self.raw,
            self.diluent_lot.text() if self.diluent.value() == "other" else self.diluent.value(),
            self.diluent_lot.text(),
            self.labelled.isChecked(),
            self.patient.text(),
            self.reason.text(),
        )

    def _thaw(self) -> ThawRecord | None:
        times: list[str] = []
        good = self.storage.check()
        for entry, reader in ((self.removed, read_time), (self.complete, read_time), (self.until, ahead)):
            found = reader(entry.text(), self._now) if entry.text() and self._now is not None else None
            if entry.text() and found is None:
                entry.show_error(f"{entry.text()!r} is no time: write 13:05")
                good = False
            times.append(iso_utc(found) if found is not None else "")
        if not good:
            return None
        return ThawRecord(
            removed_at=times[0],
            complete_at=times[1],
            in_use_until=times[2],
            storage_c=self.storage.number(),
            method=self.method.value(),
            cycles=int(self.cycles.value()) if self.cycles.value() else None,
            appearance_ok=_GOOD.get(self.looks.value()),
            temperature_log_ok=_GOOD.get(self.log.value()),
        )


class _BagLine(QWidget):
    """One bag: its code, content and state, and the keys that release it, put it into quarantine, give it back."""

    release_wanted = Signal(str)
    stop_wanted = Signal(str)
    return_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        self._bag = ""
        self._code = label(theme, "", 16, SEMIBOLD, tabular=True)
        self._code.setFixedWidth(theme.px(110))
        self._words = Elided(theme, "", 14)
        self._state = Elided(theme, "", 14, MEDIUM, role="dim")
        self.key = BigButton(theme, "Release ...", pixels=14)
        self.key.clicked.connect(lambda: self.release_wanted.emit(self._bag))
        place = self.key.sizePolicy()
        place.setRetainSizeWhenHidden(True)  # so that the columns stand below each other
        self.key.setSizePolicy(place)
        row.addWidget(self._code)
        row.addWidget(self._words, 3)
        row.addWidget(self._state, 3)
        row.addWidget(self.key)
        self.stop_key = BigButton(theme, "Quarantine", pixels=14)
        self.stop_key.clicked.connect(lambda: self.stop_wanted.emit(self._bag))
        self.return_key = BigButton(theme, "Back to stock", pixels=14)
        self.return_key.clicked.connect(lambda: self.return_wanted.emit(self._bag))
        for key in (self.stop_key, self.return_key):
            key.setFixedWidth(theme.px(128))
            row.addWidget(key)

    def show_row(self, row: BagRow | None) -> None:
        """Bring the line up to date; None = there is no such bag."""
        self.setVisible(row is not None)
        if row is None:
            return
        self._bag = row.id
        set_text(self._code, row.id)
        set_text(self._words, row.words)
        set_text(self._state, row.state)
        set_role(self._state, "error" if row.state.startswith(("NOT", "IN QUAR")) else "dim")
        self.key.setVisible(row.may_release)
        self.stop_key.setVisible(row.may_stop)
        self.return_key.setVisible(row.may_return)
