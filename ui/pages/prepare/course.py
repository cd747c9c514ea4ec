"""The step of the course: whether this dose's time has come, what came before, and what a prescriber decides."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.course import Hold
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.course_of import visits_of
from exomonitor.registry.users import PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.parts.course import (
    SERIES_BEGINS_ANEW,
    SERIES_GOES_ON,
    AcceptTiming,
    Course,
    JudgeTiming,
    LiftHold,
)
from exomonitor.session.state import SessionState
from ui.bridge import Bridge
from ui.pages.prepare.step_form import StepForm, say
from ui.presenters.patients import lifted_words, timing_words, visit_words
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton, Kind
from ui.widgets.prove import ProvePanel
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_text

_ACCEPT = "I accept this dose as it is timed"
_LIFT = "I lift the hold after the reactions on record"
_ASK_LIFT = "Lift the hold after the reaction? The prescriber signs, with a reason"
_SERIES = ((SERIES_GOES_ON, "The series goes on"), (SERIES_BEGINS_ANEW, "The series begins anew"))
VISITS = 5
LEAST_REASON = 5


class CourseForm(StepForm):
    """Judged by itself; only a dose that is early, held or long late asks for somebody."""

    said = Signal(str)

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(theme, bedside.chair, parent)
        self._bridge = bridge
        self._course = Course()
        self._patient = ""
        self._stack = QStackedWidget()
        self._sheet = self._make_sheet()
        self.prove = ProvePanel(theme, bedside, bridge, (PRESCRIBER,), _ACCEPT)
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(lambda: self._stack.setCurrentWidget(self._sheet))
        self._stack.addWidget(self._sheet)
        self._stack.addWidget(self.prove)
        self.column.addWidget(self._stack, 1)

    def _make_sheet(self) -> QWidget:
        theme = self.theme
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        card = Card(theme, "This dose in the course")
        self.head = label(theme, "", 22, BOLD, wrap=True)
        self.lines = label(theme, "", 16, MEDIUM, wrap=True)
        card.body.addWidget(self.head)
        card.body.addWidget(self.lines)
        column.addWidget(card)
        earlier = Card(theme, "Earlier sessions and reactions")
        self._visits = [Elided(theme, "", 15, MEDIUM) for _ in range(VISITS)]
        for line in self._visits:
            earlier.body.addWidget(line)
        column.addWidget(earlier)
        self.question = label(theme, "", 16, BOLD, wrap=True)
        column.addWidget(self.question)
        self.series = Choice(theme, _SERIES, height=50)
        column.addWidget(self.series)
        self.reason = self.entry("Because")
        self.reason.confirmed.connect(self._ask_prescriber)
        column.addWidget(self.reason)
        self.sign_key = BigButton(theme, "Prescriber signs", kind=Kind.PRIMARY, height=52)
        self.sign_key.clicked.connect(self._ask_prescriber)
        column.addWidget(self.sign_key)
        self.again_key = BigButton(theme, "Look again", kind=Kind.QUIET)
        self.again_key.clicked.connect(self._look_again)
        column.addWidget(self.again_key)
        self.problem = label(theme, "", 14, MEDIUM, role="error", wrap=True)
        column.addWidget(self.problem)
        column.addStretch(1)
        return sheet

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the record."""
        super().show_snapshot(snapshot)
        session = snapshot.session
        if session is None:
            return
        self._course = session.course
        self._patient = session.patient.id if session.patient is not None else ""
        timed, accepted = self._course.timed, self._course.accepted
        words = timing_words(timed)
        set_text(self.head, words.head)
        known = snapshot.registry.patients.get(self._patient)
        lifted = lifted_words(known.lifted, snapshot.registry.users) if known is not None else ()
        set_text(self.lines, "\n".join((*words.lines, *lifted[:1])))
        self._show_visits(snapshot, session)
        asks = self._lifts() or (bool(words.decide) and accepted is None)
        question = _ASK_LIFT if self._lifts() else words.decide
        say(self.question, question if asks else self._decided(snapshot))
        self.series.setVisible(asks and not self._lifts() and timed is not None and timed.ask_restart)
        self.reason.setVisible(asks)
        self.sign_key.setVisible(asks)
        self.again_key.setVisible(timed is not None and not self._course.settled)

    def _lifts(self) -> bool:
        """Whether a reaction holds this dose: a prescriber lifts that before anything else is decided."""
        timed = self._course.timed
        return timed is not None and any(hold.hold == Hold.REACTION.value for hold in timed.holds)

    def _decided(self, snapshot: Snapshot) -> str:
        accepted = self._course.accepted
        timed = self._course.timed
        if accepted is not None:
            user = snapshot.registry.users.get(accepted.prescriber)
            series = dict(_SERIES).get(accepted.series, "")
            return join(
                f"Accepted by {user.name if user is not None else accepted.prescriber}", series, accepted.reason
            )
        if timed is not None and timed.blocked_by:
            return "This is settled first; no signature lifts it. If the pump runs, the record starts all the same."
        return ""

    def _show_visits(self, snapshot: Snapshot, session: SessionState) -> None:
        patient = session.patient.id if session.patient is not None else ""
        visits = visits_of(snapshot.registry, patient, but=session.id)
        for place, line in enumerate(self._visits):
            set_text(line, " · ".join(visit_words(visits[place])) if place < len(visits) else "")
            line.setVisible(place < len(visits) or place == 0)
        if not visits:
            set_text(self._visits[0], "None on record")

    def first_field(self) -> QWidget:
        """Where the hands begin."""
        return self.reason if self.reason.isVisibleTo(self) else self

    def recorded_part(self, session: SessionState) -> object:
        """How the dose is timed."""
        return session.course

    def empty(self) -> None:
        """Another patient."""
        self.reason.set_text("")
        self.series.set_value("")
        say(self.problem, "")
        self._stack.setCurrentWidget(self._sheet)

    # --- what is recorded --------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """Nothing by Enter: whatever is to be decided here, a prescriber signs."""
        if self._course.settled and self._course.timed is not None:
            return ()
        timed = self._course.timed
        say(self.problem, "Identify the patient first" if timed is None else "The prescriber decides before the start")
        return None

    def _ask_prescriber(self) -> None:
        timed = self._course.timed
        if timed is None:
            return
        if timed.ask_restart and not self._lifts() and not self.series.value():
            say(self.problem, "Choose whether the series goes on or begins anew")
            return
        if len(self.reason.text()) < LEAST_REASON:
            say(self.problem, "A few words why: they stand in the record")
            return
        say(self.problem, "")
        self.prove.set_meaning(_LIFT if self._lifts() else _ACCEPT)
        self._stack.setCurrentWidget(self.prove)
        self.prove.open()

    def _on_proven(self, proof: str, _name: str) -> None:
        self._stack.setCurrentWidget(self._sheet)
        reason = self.reason.text()
        command: Command = AcceptTiming(self.chair, self.by, proof, reason, self.series.value())
        if self._lifts():
            command = LiftHold(self.chair, self.by, proof, reason, self._patient)
        self._bridge.submit(command, self._done, self._refused)

    def _look_again(self) -> None:
        self._bridge.submit(JudgeTiming(self.chair, self.by), self._done, self._refused)

    def _done(self, receipt: Receipt) -> None:
        self.on_recorded()
        self.said.emit(recorded_words(receipt))

    def _refused(self, why: str) -> None:
        say(self.problem, f"Not recorded: {why}")
