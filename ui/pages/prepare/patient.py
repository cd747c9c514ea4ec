"""The first step: who is in the chair. Found by wristband or list, or registered; then two identifiers are checked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clock import local_day
from exomonitor.drafts import DraftField
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused
from exomonitor.registry.course_of import CourseOf, course_of, visit_on
from exomonitor.registry.patients import PatientRecord
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.parts.course import RegisterPatient
from exomonitor.session.plan import NONE_KNOWN_TEXT, AllergyState, Patient
from exomonitor.session.state import SessionState
from ui.bridge import Bridge
from ui.pages.prepare.step_form import StepForm, say
from ui.presenters.patients import (
    ALLERGY_KEYS,
    ASK_OPEN,
    HOW_KEYS,
    allergy_words,
    below_name,
    missing_facts,
    several,
    visit_words,
)
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.drafting import Part, Parts
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.patient_facts import PatientFactsSheet
from ui.widgets.patient_list import PatientList
from ui.widgets.text import BOLD, MEDIUM, Elided, label, set_text

_IDENTIFIERS = (("name", "Name agrees"), ("born", "Date of birth agrees"), ("mrn", "MRN agrees"))
LEAST_REASON = 5


class PatientForm(StepForm):
    """Scan, or choose from the list; the patient says name and date of birth; two ticks; allergies are asked for."""

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(theme, bedside.chair, parent)
        self._bridge = bridge
        self._rules = bedside.protocol.rules
        self._snapshot: Snapshot | None = None
        self._patient = ""
        self._scanned = ""
        self._registering = False
        self._stack = QStackedWidget()
        self.find_pane, self.register_pane = self._make_find(), self._make_register()
        self.check_pane = self._make_check()
        for pane in (self.find_pane, self.register_pane, self.check_pane):
            self._stack.addWidget(pane)
        self.column.addWidget(self._stack, 1)
        self.problem = self.remark(role="error")
        bridge.scanned.connect(self.take_scan)
        self.empty()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_find(self) -> QWidget:
        pane, column = _pane(self.theme)
        self.list = PatientList(self.theme, "Scan the wristband, or type name, date of birth or MRN")
        self.list.picked.connect(self.choose)
        self.list.unknown.connect(self._on_unknown)
        column.addWidget(self.list, 1)
        self.new_key = BigButton(self.theme, "Not in the list: new patient ...", height=50)
        self.new_key.clicked.connect(self._open_register)
        column.addWidget(self.new_key)
        return pane

    def _make_register(self) -> QWidget:
        pane, column = _pane(self.theme)
        self.sheet = PatientFactsSheet(self.theme)
        self.sheet.confirmed.connect(self._register)
        self.sheet.edited.connect(self._on_sheet)
        column.addWidget(self.sheet)
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(10))
        back = BigButton(self.theme, "Back to the list", height=50)
        self.register_key = BigButton(self.theme, "Register", kind=Kind.PRIMARY, height=50)
        back.clicked.connect(self._open_find)
        self.register_key.clicked.connect(self._register)
        row.addWidget(back, 1)
        row.addWidget(self.register_key, 2)
        column.addLayout(row)
        return pane

    def _make_check(self) -> QWidget:
        theme = self.theme
        pane, column = _pane(theme)
        head = QHBoxLayout()
        names = QVBoxLayout()
        names.setSpacing(0)
        self.name, self.below = Elided(theme, "", 22, BOLD), label(theme, "", 16, MEDIUM)
        names.addWidget(self.name)
        names.addWidget(self.below)
        head.addLayout(names, 1)
        self.other_key = BigButton(theme, "Other patient ...", kind=Kind.QUIET, pixels=14)
        self.other_key.clicked.connect(self._open_find)
        head.addWidget(self.other_key)
        column.addLayout(head)
        column.addWidget(label(theme, ASK_OPEN, 15, MEDIUM, wrap=True))
        self.agree_key = BigButton(theme, "Name and date of birth agree", kind=Kind.PRIMARY, height=52)
        self.agree_key.clicked.connect(self._agree)
        column.addWidget(self.agree_key)
        self.identifiers = MultiChoice(theme, _IDENTIFIERS, columns=3, height=48)
        self.identifiers.changed.connect(self.touched)
        column.addWidget(self.identifiers)
        self.how = self._titled_choice(column, "How (a room or chair is no identifier)", HOW_KEYS)
        self.infection = self._titled_choice(column, "Fever or infection today", (("no", "No"), ("yes", "Yes")))
        self._allergy_title = label(theme, "", 14, role="dim", wrap=True)
        column.addWidget(self._allergy_title)
        self.allergies = Choice(theme, ALLERGY_KEYS[:2], height=48)
        self.allergies.chosen.connect(self._on_allergies)
        self.which = TextEntry(theme, "Allergic to", pixels=17, compact=True)
        self.same_day = TextEntry(theme, "Second session today, because", pixels=17)
        for entry in (self.which, self.same_day):
            entry.edited.connect(lambda _: self.touched())
            entry.confirmed.connect(self.confirmed)
        row = QHBoxLayout()
        row.addWidget(self.allergies, 3)
        row.addWidget(self.which, 2)
        column.addLayout(row)
        column.addWidget(self.same_day)
        self._known = label(theme, "", 14, role="dim", wrap=True)
        self._earlier = label(theme, "", 14, MEDIUM, wrap=True)
        column.addWidget(self._known)
        column.addWidget(self._earlier)
        column.addStretch(1)
        return pane

    def _titled_choice(self, column: QVBoxLayout, title: str, options: Sequence[tuple[str, str]]) -> Choice:
        made = Choice(self.theme, options, height=48)
        made.chosen.connect(lambda _: self.touched())
        column.addWidget(label(self.theme, title, 14, role="dim"))
        column.addWidget(made)
        return made

    # --- which pane --------------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the record."""
        self._snapshot = snapshot
        self.list.show_patients(snapshot.registry.patients)
        super().show_snapshot(snapshot)
        self._show_chosen()

    def first_field(self) -> QWidget:
        """Where the hands begin."""
        current = self._stack.currentWidget()
        if current is self.find_pane:
            return self.list.search
        return self.sheet.first_field() if current is self.register_pane else self.identifiers.first()

    def choose(self, patient: str) -> None:
        """This is who sits there, if the identifiers agree."""
        self._patient, self._scanned = patient, ""
        self.identifiers.set_values(())
        self.how.set_value("")
        for choice in (self.infection, self.allergies):
            choice.set_value("")
        for entry in (self.which, self.same_day):
            entry.set_text("")
        say(self.problem, "")
        self.touched()
        self._show_chosen()
        self.identifiers.first().setFocus()

    def take_scan(self, kind: str, content: str) -> None:
        """A wristband: who it is, and how it was found."""
        if not self.isVisible() or kind not in {"wristband", "unknown"}:
            return
        before = self._patient
        self.list.take_code(content)
        if self._patient and (self._patient != before or self._record() is not None):
            self._scanned = content
            self.how.set_value("wristband")

    def _on_unknown(self, code: str) -> None:
        say(
            self.problem,
            f"Nobody has “{code}” as wristband or MRN, or in the name. Register the patient, or look again.",
        )

    def _open_find(self) -> None:
        self._patient, self._scanned = "", ""
        self.list.clear()
        say(self.problem, "")
        self._stack.setCurrentWidget(self.find_pane)
        self.list.search.setFocus()

    def _open_register(self) -> None:
        typed = self.list.search.text()
        self.sheet.clear()
        self.sheet.put_name("" if any(c.isdigit() for c in typed) else typed)
        say(self.problem, "")
        self._stack.setCurrentWidget(self.register_pane)
        self.sheet.first_field().setFocus()

    def _on_sheet(self) -> None:
        say(self.problem, "")
        self.touched()

    def _register(self) -> None:
        wrong = self.sheet.problem()
        say(self.problem, wrong)
        if wrong or self._registering:
            return
        self._registering = True
        command = RegisterPatient(self.chair, self.by, **self.sheet.facts())
        self._bridge.submit(command, self._registered, self._not_registered)

    def _registered(self, receipt: Receipt) -> None:
        self._registering = False
        self.choose(receipt.answer)

    def _not_registered(self, why: str) -> None:
        self._registering = False
        say(self.problem, f"Not registered: {why}")

    # --- what is shown of the chosen one -----------------------------------------------------------------------------

    def _record(self) -> PatientRecord | None:
        return self._snapshot.registry.patients.get(self._patient) if self._snapshot is not None else None

    def _show_chosen(self) -> None:
        record = self._record()
        if record is None:
            if self._stack.currentWidget() is self.check_pane:
                self._stack.setCurrentWidget(self.find_pane)
            return
        set_text(self.name, record.name)
        set_text(self.below, below_name(record.born, record.mrn))
        self.identifiers.key("mrn").setEnabled(bool(record.mrn))
        asked = record.facts.allergy_state != AllergyState.NOT_ASKED
        known = allergy_words(record.facts.allergy_state, record.facts.allergies)
        set_text(
            self._allergy_title, f"Allergies in the record: {known}. Anything new?" if asked else "Allergies: ask now"
        )
        self.which.setVisible(self.allergies.value() == AllergyState.LIST)
        self.same_day.setVisible(self._is_second_today())
        missing = missing_facts(record.facts)
        say(self._known, f"Not asked yet: {several(missing)} (Patients page)" if missing else "")
        say(self._earlier, self._earlier_words())
        self._stack.setCurrentWidget(self.check_pane)

    def _is_second_today(self) -> bool:
        session = self._snapshot.session if self._snapshot is not None else None
        if self._snapshot is None or session is None:
            return False
        today = local_day(self._snapshot.now, session.tz)
        return visit_on(self._snapshot.registry, self._patient, today, but=session.id) is not None

    def _foreseen(self) -> CourseOf | None:
        """How this dose will be judged."""
        snapshot, session = self._snapshot, self._snapshot.session if self._snapshot is not None else None
        if snapshot is None or session is None:
            return None
        today = local_day(snapshot.now, session.tz)
        try:
            return course_of(
                snapshot.registry, self._patient, today, self._rules.course.content, session.tz, but=session.id,
                follow_up=(snapshot.now.utc, self._rules.follow_up.content),
            )  # fmt: skip
        except CommandRefused:  # a session lies after today: the clock was set back, and the record will say so
            return None

    def needs_course(self) -> bool:
        """Whether a prescriber must decide on this dose: then the course comes next."""
        course = self._foreseen() if self._record() is not None else None
        return course is not None and (course.next.needs_override or course.next.ask_restart)

    def _earlier_words(self) -> str:
        course = self._foreseen()
        if course is None or not course.visits:
            return "No earlier session on record: first dose."
        day, _, given, reaction = visit_words(course.visits[0])
        more = f"{len(course.visits)} earlier sessions; the last" if len(course.visits) > 1 else "One earlier session,"
        holds = (hold.text for hold in course.next.holds)
        return "\n".join((join(f"{more} {day}", given, reaction), course.next.sentence, *holds))

    def _agree(self) -> None:
        """The two that a patient says in one breath; on to the next step where nothing else is open here."""
        self.identifiers.set_values((*self.identifiers.values(), "name", "born"))
        self.touched()
        if self.infection.value() and not self._problem():
            self.confirmed.emit()

    def _on_allergies(self, answer: str) -> None:
        self.which.setVisible(answer == AllergyState.LIST)
        if answer == AllergyState.LIST:
            self.which.setFocus()
        self.touched()

    # --- what is recorded --------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command] | None:
        """The patient as identified."""
        problem = self._problem()
        say(self.problem, problem)
        if problem:
            return None
        answer = self.allergies.value()
        allergies = {"none_known": NONE_KNOWN_TEXT, "list": self.which.text()}.get(answer, "")
        return (
            cmd.IdentifyPatient(
                self.chair,
                self.by,
                identifiers=self.identifiers.values(),
                allergies=allergies,
                patient=self._patient,
                wristband=self._scanned,
                how=self.how.value(),
                infection_today={"yes": True, "no": False}.get(self.infection.value()),
                same_day_reason=self.same_day.text() if not self.same_day.isHidden() else "",
            ),
        )

    def _problem(self) -> str:
        record = self._record()
        if self._stack.currentWidget() is self.register_pane:
            return "Register the patient first"
        if record is None:
            return "Choose the patient: scan the wristband or pick from the list"
        if len(self.identifiers.values()) < 2:
            return "Tap the two identifiers that agree"
        if not self.how.value():
            return "Say how: said by the patient, wristband or photo ID"
        if self.allergies.value() == AllergyState.LIST and not self.which.text():
            return "Write which allergies"
        if record.facts.allergy_state == AllergyState.NOT_ASKED and not self.allergies.value():
            return "Ask for allergies: none known, or which"
        if not self.same_day.isHidden() and len(self.same_day.text()) < LEAST_REASON:
            return "A second session today: a few words why"
        return ""

    def draft_parts(self) -> Parts:
        """A registration that is half typed. Who sits there, and what agrees, is looked at again."""
        return {name: self._sheet_part(part) for name, part in self.sheet.draft_parts().items()}

    def _sheet_part(self, part: Part) -> Part:
        def put(field: DraftField) -> None:
            self._stack.setCurrentWidget(self.register_pane)
            part.put(field)

        return Part(lambda: part.read() if self._stack.currentWidget() is self.register_pane else "", put)

    def recorded_part(self, session: SessionState) -> object:
        """The patient."""
        return session.patient

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Patient)
        self._patient = part.id
        self.identifiers.set_values(part.identifiers)
        self.how.set_value(part.how)
        self.infection.set_value({True: "yes", False: "no", None: ""}[part.infection_today])
        self.allergies.set_value("")
        self._show_chosen()

    def empty(self) -> None:
        """Nobody yet."""
        self._patient, self._scanned = "", ""
        self.list.clear()
        self.sheet.clear()
        self.identifiers.set_values(())
        for choice in (self.how, self.infection, self.allergies):
            choice.set_value("")
        for entry in (self.which, self.same_day):
            entry.set_text("")
        self._stack.setCurrentWidget(self.find_pane)
        say(self.problem, "")


def _pane(theme: Theme) -> tuple[QWidget, QVBoxLayout]:
    pane = QWidget()
    column = QVBoxLayout(pane)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(7))
    return pane, column
