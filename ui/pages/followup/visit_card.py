"""One visit after its end: the plan of calls, what was told, the next dose, and the keys for more."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.clinical.followup import FollowUpTable
from exomonitor.engine.snapshot import Snapshot
from ui.presenters.followup import attempt_words, emergencies_words, phone_of, plan_words, who_of
from ui.presenters.leaving import next_dose_words
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label, set_text

_TOLD = 6


class VisitCard(Card):
    """`call_wanted` (visit, "" = a call that the patient made); `dose_wanted` (visit)."""

    call_wanted = Signal(str, str)
    dose_wanted = Signal(str)

    def __init__(self, theme: Theme, table: FollowUpTable, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Visit", parent=parent)
        self._table, self._visit = table, ""
        self._who = label(theme, "", 22, BOLD, wrap=True)
        self._phone = label(theme, "", 18, SEMIBOLD)
        self._plan = label(theme, "", 17, MEDIUM, wrap=True)
        self._told = label(theme, "", 16, wrap=True)
        self._dose = label(theme, "", 16, MEDIUM, wrap=True)
        for part in (self._who, self._phone, self._plan, self._told, self._dose):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self._status = label(theme, "", 15, MEDIUM, role="dim")
        self.body.addWidget(self._status)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.called_key = BigButton(theme, "The patient calls", height=54)
        self.dose_key = BigButton(theme, "Next dose", height=54)
        self.called_key.clicked.connect(lambda: self.call_wanted.emit(self._visit, ""))
        self.dose_key.clicked.connect(lambda: self.dose_wanted.emit(self._visit))
        row.addWidget(self.called_key, 1)
        row.addWidget(self.dose_key, 1)
        self.body.addLayout(row)
        self.setFocusProxy(self.called_key)

    def open_visit(self, visit: str) -> None:
        """Show another visit."""
        self._visit = visit
        self.say("")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """As the registry knows it."""
        record = snapshot.registry.aftercare.get(self._visit)
        if record is None:
            return
        named = bool(snapshot.staff_id)
        set_text(self._who, who_of(record, names=named))
        set_text(self._phone, f"☎ {phone_of(snapshot.registry, record)}" if named else "")
        now = snapshot.now.utc
        set_text(self._plan, "\n".join(plan_words(record, now, self._table)) or "The infusion has not ended.")
        told = attempt_words(record)
        more = f"and {len(told) - _TOLD} earlier" if len(told) > _TOLD else ""
        calls = "\n".join((*told[:_TOLD], more)).strip() or "No call has been made yet."
        set_text(self._told, "\n".join(part for part in (emergencies_words(record), calls) if part))
        set_text(self._dose, join(next_dose_words(record.next_dose)) or "Next dose: no decision recorded")

    def say(self, text: str) -> None:
        """What was recorded last."""
        set_text(self._status, text)
