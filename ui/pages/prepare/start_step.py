"""The last step: read everything back at the chair, and say at which rate an unread pump was set."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.clinical.ranges import RATE_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.state import SessionState
from exomonitor.units import spell_dose
from ui.pages.prepare.step_form import StepForm, say
from ui.pages.prepare.steps import needs_typed_rate
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import NumberEntry
from ui.widgets.text import SEMIBOLD, label, set_text

_ROWS = ("Patient", "Allergies", "Bag", "Dose", "Volume, time", "Rate", "Line", "Pump", "Monitor")


class StartForm(StepForm):
    """Patient = bag = order: what is recorded, in the words to read aloud."""

    def __init__(self, theme: Theme, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        card = Card(theme, "Final check at the chair: patient = bag label = order")
        self._figures = {}
        for name in _ROWS:
            row = QHBoxLayout()
            title, figure = label(theme, name, 15, role="dim"), label(theme, "--", 17, SEMIBOLD, wrap=True)
            title.setFixedWidth(theme.px(130))
            row.addWidget(title)
            row.addWidget(figure, 1)
            card.body.addLayout(row)
            self._figures[name] = figure
        self.column.addWidget(card)
        self.rate = self.number_entry(NumberEntry(theme, "Rate on the pump's display", RATE_SPAN, "mL/h"))
        self.column.addWidget(self.rate)
        self.pump_words = self.remark()
        self.column.addStretch(1)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Read back what is recorded."""
        super().show_snapshot(snapshot)
        session = snapshot.session
        self.rate.setVisible(session is not None and needs_typed_rate(snapshot))
        if session is not None:
            for name, words in read_back(session).items():
                set_text(self._figures[name], words or "--")
        say(self.pump_words, _pump_words(snapshot))

    def empty(self) -> None:
        """No rate typed."""
        self.rate.set_text("")
        self.rate.show_error("")


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


def _pump_words(snapshot: Snapshot) -> str:
    pump = snapshot.pump
    if pump is None or pump.lost or pump.stale:
        return ""
    rate = f" at {pump.reading.rate_ml_h:g} mL/h" if pump.reading.rate_ml_h is not None else ""
    return f"The pump says: {pump.reading.status.value}{rate}. If it runs first, the record starts by itself."
