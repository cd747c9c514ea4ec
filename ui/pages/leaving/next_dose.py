"""The next dose of a visit: its window, a date tried out against it, and the decision; a booked date as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.drafts import CALLS
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.pages.leaving.calendar_key import CalendarKey
from ui.presenters.leaving import next_dose_words
from ui.presenters.next_dose import DECISIONS, NextDoseView, next_dose_view
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Part, Parts, parts_of
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton
from ui.widgets.signed_form import SignedForm
from ui.widgets.text import BOLD, MEDIUM, label, set_text

_STEPS = ((-7, "−7 days"), (-1, "−1 day"), (1, "+1 day"), (7, "+7 days"))
Proven = Callable[[str], None]


class NextDoseForm(SignedForm):
    """An early or held date takes the prescriber's signature."""

    def __init__(
        self, theme: Theme, bridge: Bridge, chair: str, protocol: ClinicProtocol, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, bridge, "Next dose", "Record the decision", parent=parent)
        self._chair, self._by, self._visit = chair, "", ""
        self._rules = protocol.rules
        self._snapshot: Snapshot | None = None
        self._view: NextDoseView | None = None
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._known = label(theme, "", 16, MEDIUM, wrap=True)
        self._window = label(theme, "", 16, MEDIUM, wrap=True)
        column.addWidget(self._known)
        column.addWidget(self._window)
        self.decision = Choice(theme, DECISIONS, height=58)
        self.decision.chosen.connect(self._on_decision)
        column.addWidget(self.decision)
        self._date_row = self._make_date(theme)
        column.addWidget(self._date_row)
        self._verdict = label(theme, "", 17, BOLD, wrap=True)
        column.addWidget(self._verdict)
        self.reason = TextEntry(theme, "Reason")
        self.reason.edited.connect(lambda _: self.changed())
        self.reason.confirmed.connect(self.save)
        column.addWidget(self.reason)
        column.addStretch(1)
        self.calendar = CalendarKey(theme, bridge)
        column.addWidget(self.calendar)
        self.setFocusProxy(self.decision.first())
        self._on_decision("")

    def _make_date(self, theme: Theme) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self.day = TextEntry(theme, "Date", pixels=18)
        self.day.edited.connect(lambda _: self._show())
        self.time = TextEntry(theme, "Time", hint="local time", pixels=17)
        self.time.set_text(self._rules.course.content.booking.usual_time)
        self.steps = [BigButton(theme, words, height=58, pixels=15) for _, words in _STEPS]
        for (days, _), key in zip(_STEPS, self.steps, strict=True):
            key.clicked.connect(lambda _=False, by=days: self._move(by))
        for key in self.steps[:2]:
            row.addWidget(key, 1)
        row.addWidget(self.day, 2)
        for key in self.steps[2:]:
            row.addWidget(key, 1)
        row.addWidget(self.time, 1)
        return holder

    def draft_key(self) -> tuple[str, str]:
        """The decision may come long after the session: it belongs to the visit."""
        return CALLS, f"next dose {self._visit}" if self._visit else ""

    def draft_parts(self) -> Parts:
        """The usual time is nobody's entry."""
        usual = self._rules.course.content.booking.usual_time
        time = Part(
            lambda: "" if self.time.text() == usual else self.time.text(), lambda field: self.time.set_text(field.text)
        )
        return {**parts_of(self), "time": time}

    def show_visit(self, snapshot: Snapshot, visit: str) -> None:
        """The visit whose next dose is decided, as the registry knows it."""
        if visit != self._visit:
            self._visit = visit
            self.clear()
            if self.isVisible():
                self.drafting.restore()
        self._snapshot, self._by = snapshot, snapshot.staff_id
        self._show()

    def _show(self) -> None:
        if self._snapshot is None:
            return
        snapshot = self._snapshot
        record = snapshot.registry.aftercare.get(self._visit)
        planned = self._planned()
        booked = self.decision.value() == lv.BOOKED
        self._view = view = next_dose_view(
            snapshot.registry, record, self._rules, snapshot.now, planned if booked else None
        )
        decided = record.next_dose if record is not None else None
        set_text(self._known, next_dose_words(decided))
        self._known.setVisible(decided is not None)
        set_text(self._window, view.window)
        words = [view.blocked or view.verdict] if booked else []
        words += [hold for hold in (*view.holds, *view.lifted[:1]) if hold != view.blocked]
        set_text(self._verdict, ". ".join(word for word in words if word))
        self._verdict.setVisible(bool(self._verdict.text()))
        self.decision.key(lv.AS_NEEDED).setEnabled(view.as_needed)
        self._date_row.setVisible(booked)
        self.day.set_hint(f"{planned:%A}" if planned is not None else "like 2026-03-16")
        needs_reason = (booked and view.needs_reason) or self.decision.value() == lv.NO_FURTHER
        self.reason.setVisible(needs_reason)
        signs = booked and view.needs_prescriber and not view.blocked
        self.save_key.set_text("The prescriber signs" if signs else "Record the decision")
        self.calendar.show_booked(decided, snapshot.now)
        self._sync()

    def _planned(self) -> date | None:
        try:
            return date.fromisoformat(self.day.text())
        except ValueError:
            return None

    def _on_decision(self, decision: str) -> None:
        if decision == lv.BOOKED and not self.day.text() and self._view is not None and self._view.offered is not None:
            self.day.set_text(self._view.offered.isoformat())
        self.changed()
        self._show()

    def _move(self, days: int) -> None:
        planned = self._planned()
        if planned is not None:
            self.day.set_text((planned + timedelta(days=days)).isoformat())
            self.changed()
            self._show()

    def is_complete(self) -> bool:
        """A decision; where a date is booked, one that nothing blocks."""
        decision = self.decision.value()
        if not decision:
            return False
        if self.reason.isVisibleTo(self) and not self.reason.text():
            return False
        blocked = self._view is not None and bool(self._view.blocked)
        return decision != lv.BOOKED or (self._planned() is not None and bool(self.time.text()) and not blocked)

    def needs_signature(self) -> bool:
        """An early or held date."""
        return self.decision.value() == lv.BOOKED and self._view is not None and self._view.needs_prescriber

    def commands(self) -> Sequence[Command]:
        """One decision."""
        decision = self.decision.value()
        planned, time = (self.day.text(), self.time.text()) if decision == lv.BOOKED else ("", "")
        reason = self.reason.text() if self.reason.isVisibleTo(self) else ""
        return (lv.DecideNextDose(self._chair, self._by, decision, planned, time, self._visit, self.proof, reason),)

    def clear(self) -> None:
        """Nothing decided."""
        self.decision.set_value("")
        self.day.set_text("")
        self.reason.set_text("")
        self.proof = ""
        self._on_decision("")
