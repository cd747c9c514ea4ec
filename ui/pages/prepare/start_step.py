"""The last step: the time-out. Everything is read back at the chair, four ticks, and F9."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from exomonitor.clinical import dosing
from exomonitor.clinical.checklists import ChecklistRow, ItemRow, missing
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.checklist import SOUND
from exomonitor.session.commands import Command
from exomonitor.session.gate_rules import TIME_OUT, premedication_notice
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.state import SessionState
from exomonitor.signals.pump import PumpReading
from exomonitor.units import rounded, spell_dose
from ui.pages.prepare.item_fields import ItemField
from ui.pages.prepare.step_form import StepForm, say
from ui.pages.prepare.steps import needs_typed_rate
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import NumberEntry
from ui.widgets.person_key import PersonPicker
from ui.widgets.sound_test import SoundTestRow
from ui.widgets.text import SEMIBOLD, label, set_text
from ui.widgets.tick import Tick

_ROWS = ("Patient", "Allergies", "Bag", "Dose", "Volume, time", "Rate", "Line", "Pump", "Monitor")
RATE_ITEM, VOLUME_ITEM = "pump_rate", "pump_volume"


class StartForm(StepForm):
    """Patient = bag = order: what is recorded, in the words to read aloud, and the clinic's ticks below."""

    def __init__(self, theme: Theme, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        lists = protocol.rules.checklists.content
        self._table = lists
        self.checklist: ChecklistRow | None = next((row for row in lists.list if row.key == TIME_OUT), None)
        self._make_card(theme)
        self.sound: SoundTestRow | None = None
        self.fields: dict[str, ItemField] = {}
        self.read_off: dict[str, _ReadOff] = {}
        self.rate = NumberEntry(theme, "Rate on the pump's display", RATE_SPAN, "mL/h")
        self._make_ticks(theme)
        if RATE_ITEM not in self.fields:
            self.column.addWidget(self.number_entry(self.rate))
        self.warning = self.remark()
        self.pump_words = self.remark()
        self.problem = self.remark(role="error")
        self.picker = PersonPicker(theme, self, self.column)
        self.column.addStretch(1)

    def _make_card(self, theme: Theme) -> None:
        card = Card(theme, "Final check at the chair: patient = bag label = order")
        self._figures = {}
        for name in _ROWS:
            row = QHBoxLayout()
            title, figure = label(theme, name, 14, role="dim"), label(theme, "--", 16, SEMIBOLD, wrap=True)
            title.setFixedWidth(theme.px(110))
            row.addWidget(title)
            row.addWidget(figure, 1)
            card.body.addLayout(row)
            self._figures[name] = figure
        self.column.addWidget(card)

    def _make_ticks(self, theme: Theme) -> None:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(8))
        for place, row in enumerate(self.checklist.item if self.checklist is not None else ()):
            field = ItemField(theme, row, self._on_touched, self.confirmed.emit)
            if (who := field.person) is not None:
                who.wanted.connect(lambda who=who: self.picker.open_for(who))
            grid.addWidget(field, place // 2, place % 2, Qt.AlignmentFlag.AlignBottom)
            self.fields[row.key] = field
            if row.key in {RATE_ITEM, VOLUME_ITEM} and row.kind == "number":
                read_off = _ReadOff(theme, row, self._on_touched)
                grid.addWidget(read_off.tick, place // 2, place % 2, Qt.AlignmentFlag.AlignBottom)
                self.read_off[row.key] = read_off
            if row.key == RATE_ITEM and isinstance(field.entry, NumberEntry):
                self.rate = field.entry
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self.column.addWidget(holder)

    def use_sound(self, row: SoundTestRow) -> None:
        """The short burst of the session, before everything else of this step."""
        self.sound = row
        self.column.insertWidget(0, row)

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Read back what is recorded, and what the pump is set to."""
        for field in self.fields.values():
            field.follow(snapshot.now.utc, snapshot.registry.users)
        super().show_snapshot(snapshot)
        if self.sound is not None:
            self.sound.show_snapshot(snapshot)
        session = snapshot.session
        if session is None:
            return
        for name, words in read_back(session).items():
            set_text(self._figures[name], words or "--")
        if RATE_ITEM not in self.fields:
            self.rate.setVisible(needs_typed_rate(snapshot))
        self._read_pump(snapshot, session)
        say(self.pump_words, _pump_words(snapshot))
        notice = premedication_notice(session.checks, snapshot.now, self._table)
        silent = next((f"{g.label}: {g.why}" for g in snapshot.gates if g.key == SOUND and not g.closed), "")
        warnings = [one for one in (silent, notice, self._slip(session), snapshot.computer.restart_words) if one]
        say(self.warning, f"⚠ {'. '.join(warnings)}" if warnings else "")

    def _read_pump(self, snapshot: Snapshot, session: SessionState) -> None:
        """Where the pump is read, its own numbers are ticked; else they are typed from its display."""
        live = snapshot.pump
        reading = live.reading if live is not None and not live.stale and not needs_typed_rate(snapshot) else None
        planned = session.order.rate_plan().steps[0].rate_ml_h if session.order is not None else None
        volume = session.order.volume_ml if session.order is not None else None
        for key, number, wanted in (
            (RATE_ITEM, _set_rate(reading), planned),
            (VOLUME_ITEM, _programmed(reading), volume),
        ):
            if key in self.read_off:
                self.read_off[key].show_number(number, wanted)
                self.fields[key].setVisible(number is None)

    def _slip(self, session: SessionState) -> str:
        """A rate that was typed and cannot be meant, or is not the planned one."""
        rate = self.rate.number() if self.rate.text() else None
        order = session.order
        if rate is None or order is None:
            return ""
        planned = order.rate_plan().steps[0].rate_ml_h
        check = dosing.check_rate_volume(rate, order.volume_ml)
        if "looks like" in check.message:
            return check.message
        return f"The pump shows {rate} mL/h, planned are {planned}" if dosing.rate_differs(rate, planned) else ""

    def _on_touched(self, *_: object) -> None:
        say(self.problem, "")
        self.touched()

    # --- recording ---------------------------------------------------------------------------------------------------

    def answers(self) -> dict[str, str]:
        """The time-out as ticked and typed."""
        said = {}
        for key, field in self.fields.items():
            read_off = self.read_off.get(key)
            said[key] = read_off.answer() if read_off is not None and read_off.reads else field.answer()
        return {key: answer for key, answer in said.items() if answer}

    def commands(self) -> Sequence[Command] | None:
        """The time-out; None = something is missing, and the form has said what."""
        if self.checklist is None:
            return ()
        wrong = next((field.problem() for field in self.fields.values() if field.problem()), "")
        lacks = missing(self.answers(), self.checklist)
        say(self.problem, wrong or (f"Still to tick: {'; '.join(lacks)}" if lacks else ""))
        if wrong or lacks:
            return None
        return (RecordChecklist(self.chair, self.by, self.checklist.key, self.answers()),)

    def recorded_part(self, session: SessionState) -> object:
        """The time-out as recorded."""
        return session.checks.lists.get(TIME_OUT)

    def fill(self, part: object) -> None:
        """As recorded."""
        answers = getattr(part, "answers", {})
        for key, field in self.fields.items():
            field.put(answers.get(key, ""))
            if key in self.read_off:
                self.read_off[key].put(answers.get(key, ""))

    def empty(self) -> None:
        """Nothing ticked, no rate typed."""
        self.fill(None)
        self.rate.set_text("")
        self.rate.show_error("")

    def first_field(self) -> QWidget:
        """The first tick that is open."""
        for key, field in self.fields.items():
            if key not in self.answers():
                read_off = self.read_off.get(key)
                return read_off.tick if read_off is not None and read_off.reads else field.key()
        return self


class _ReadOff:
    """A number that stands on the pump and is read there by the program: it is confirmed by a tick."""

    def __init__(self, theme: Theme, row: ItemRow, touched: Callable[[], None]) -> None:
        self._row = row
        self._number: Decimal | None = None
        self.tick = Tick(theme, row.text, height=52)
        self.tick.clicked.connect(touched)
        self.tick.setVisible(False)

    @property
    def reads(self) -> bool:
        """Whether the pump says the number."""
        return self._number is not None

    def show_number(self, number: Decimal | None, wanted: Decimal | None) -> None:
        """The number as the pump has it; another number takes the tick away."""
        if self._number is not None and number != self._number:
            self.tick.setChecked(False)
        self._number = number
        self.tick.setVisible(number is not None)
        if number is not None:
            differs = wanted is not None and dosing.rate_differs(number, wanted)
            plan = f" — planned {wanted}" if differs else ""
            self.tick.set_words(f"{self._row.text}: {number} {self._row.unit}{plan}")

    def answer(self) -> str:
        """The number, where it is ticked."""
        return f"{self._number:f}" if self._number is not None and self.tick.isChecked() else ""

    def put(self, answer: str) -> None:
        """Ticked as recorded."""
        self.tick.setChecked(bool(answer))


def read_back(session: SessionState) -> dict[str, str]:
    """What is recorded, by row; "" where nothing is."""
    patient, product, order, line = session.patient, session.product, session.order, session.line
    words = dict.fromkeys(_ROWS, "")
    if patient is not None:
        mrn = f"MRN {patient.mrn}" if patient.mrn else ""
        words["Patient"] = join(patient.name, f"born {patient.born}" if patient.born else "", mrn)
        words["Allergies"] = patient.allergies or "not asked"
    if product is not None:
        words["Bag"] = f"{product.source_cell.value} exosomes · lot {product.lot} · expires {product.expiry}"
    if order is not None:
        plan = order.rate_plan()
        words["Dose"] = spell_dose(order.dose_billion)
        words["Volume, time"] = f"{order.volume_ml} mL in {order.minutes} min"
        words["Rate"] = " → ".join(str(step.rate_ml_h) for step in plan.steps) + " mL/h"
    if line is not None:
        words["Line"] = join(f"{line.side} {line.site} {line.gauge}", f"cuff {line.cuff_arm}" if line.cuff_arm else "")
    for role, name in (("pump", "Pump"), ("monitor", "Monitor")):
        device = session.devices.get(role)
        if device is not None:
            told = join(device.model or device.key, device.serial, device.channel)
            words[name] = told if device.key else "not read: values are typed"
    return words


def _set_rate(reading: PumpReading | None) -> Decimal | None:
    if reading is None:
        return None
    number = reading.rate_set_ml_h if reading.rate_set_ml_h is not None else reading.rate_ml_h
    return rounded(number, 1) if number else None


def _programmed(reading: PumpReading | None) -> Decimal | None:
    return rounded(reading.vtbi_ml, 1) if reading is not None and reading.vtbi_ml else None


def _pump_words(snapshot: Snapshot) -> str:
    pump = snapshot.pump
    if pump is None or pump.lost or pump.stale:
        return ""
    rate = f" at {pump.reading.rate_ml_h:g} mL/h" if pump.reading.rate_ml_h is not None else ""
    return f"The pump says: {pump.reading.status.value}{rate}. If it runs first, the record starts by itself."
