"""The clinic's patients: found while one types, registered, changed; their sessions and the next window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clock import local_day, zone_name
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.patients import PatientRecord
from exomonitor.registry.users import PRESCRIBER, VERIFIER
from exomonitor.session.commands import Command
from exomonitor.session.parts.course import RegisterPatient
from exomonitor.session.parts.trust import PATIENT, ViewRecord
from exomonitor.session.phases import Phase
from ui.bridge import Bridge
from ui.pages.patients.detail import PatientDetail
from ui.pages.patients.facts_sheet import FactsSheet
from ui.pages.patients.sheets import EarlierDoseSheet, SettingSheet, Sheet, hold_sheet, phase_sheet, scale_sheet
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.form import recorded_words
from ui.widgets.keys import BigButton
from ui.widgets.patient_list import PatientList
from ui.widgets.prove import ProvePanel
from ui.widgets.text import MEDIUM, label, set_role, set_text


class PatientsPage(QWidget):
    """The list at the left; at the right the patient who was picked, or a sheet about them."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._snapshot = bedside.latest()
        self._patient = ""
        self._asked = ""
        """Whose details are shown when the look at them is recorded."""
        self._sending = False
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(12))
        row.addWidget(self._make_left(), 4)
        row.addWidget(self._make_right(), 9)
        bridge.scanned.connect(self._on_scan)
        self.show_snapshot(self._snapshot)

    def _make_left(self) -> QWidget:
        card = Card(self._theme, "Patients")
        self.list = PatientList(self._theme, "Name, date of birth or MRN; or scan")
        self.list.picked.connect(self.open_patient)
        self.list.unknown.connect(self._on_unknown)
        card.body.addWidget(self.list, 1)
        self.new_key = BigButton(self._theme, "New patient ...", height=50)
        self.new_key.clicked.connect(self.open_new)
        card.body.addWidget(self.new_key)
        return card

    def _make_right(self) -> QWidget:
        theme = self._theme
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        self._nobody = label(theme, "Choose a patient, or register a new one.", 17, role="dim", wrap=True)
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.detail = PatientDetail(theme, self._bedside.protocol.rules.course.content)
        self.facts, self.earlier = FactsSheet(theme, self._bridge.drafts), EarlierDoseSheet(theme)
        self.settings: dict[str, SettingSheet] = {
            "scale2": scale_sheet(theme),
            "phase": phase_sheet(theme),
            "hold": hold_sheet(theme),
        }
        self.prove = ProvePanel(
            theme, self._bedside, self._bridge, (PRESCRIBER,), "I sign this setting of the patient's record"
        )
        self.second = ProvePanel(
            theme, self._bedside, self._bridge, (VERIFIER, PRESCRIBER), "I stand by: this is who is given the infusion"
        )
        self._signing: SettingSheet | None = None
        for page in (
            self._nobody,
            self.detail,
            self.facts,
            self.earlier,
            *self.settings.values(),
            self.prove,
            self.second,
        ):
            self._stack.addWidget(page)
        column.addWidget(self._stack, 1)
        self._status = label(theme, "", 15, MEDIUM, role="dim", wrap=True)
        self._status.setVisible(False)
        column.addWidget(self._status)
        self.detail.wanted.connect(self._open_sheet)
        for sheet in (self.facts, self.earlier, *self.settings.values()):
            sheet.closed.connect(self._show_detail)
        self.facts.go.connect(self._save_facts)
        self.facts.alone_wanted.connect(self._save_alone)
        self.second.proven.connect(self._on_second)
        self.second.closed.connect(lambda: self._stack.setCurrentWidget(self.facts))
        self.earlier.go.connect(lambda: self._record(self.earlier, self.earlier.problem, self._made_earlier))
        for setting in self.settings.values():
            setting.go.connect(lambda setting=setting: self._ask_prescriber(setting))
        self.prove.proven.connect(self._on_proven)
        self.prove.closed.connect(self._back_to_setting)
        return holder

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the record."""
        before, self._snapshot = self._snapshot, snapshot
        self.list.show_patients(snapshot.registry.patients)
        if before.registry is not snapshot.registry and self._stack.currentWidget() in {self.detail, self._nobody}:
            self._show_detail()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page comes to the front: one types a name."""
        super().focusInEvent(event)
        self.list.setFocus()

    def open_patient(self, patient: str) -> None:
        """Show one patient, as soon as it is recorded that somebody looks: without that entry nothing is in sight."""
        self.say("")
        self._asked = ""
        if patient != self._patient:
            self._patient, self._asked = "", patient
            look = ViewRecord(self._bedside.chair, self._snapshot.staff_id, PATIENT, of_patient=patient)
            self._bridge.submit(look, lambda _: self._looked(patient), lambda why: self._not_looked(patient, why))
        self._show_detail()

    def _looked(self, patient: str) -> None:
        if patient == self._asked:
            self._patient, self._asked = patient, ""
            self._show_detail()

    def _not_looked(self, patient: str, why: str) -> None:
        if patient == self._asked:
            self._asked = ""
            self.say(f"Not shown: {why}", wrong=True)

    def open_new(self) -> None:
        """An empty sheet; a name that was searched for in vain stands there already."""
        typed, self._asked = self.list.search.text(), ""
        self._stack.setCurrentWidget(self.facts)
        self.say("")
        self.facts.open_new(typed if not self.list.model.lines and not any(c.isdigit() for c in typed) else "")

    def back(self) -> bool:
        """Esc: a sheet is closed first."""
        current = self._stack.currentWidget()
        if current is self.prove:
            self._back_to_setting()
        elif current is self.second:
            self._stack.setCurrentWidget(self.facts)
        elif isinstance(current, Sheet):
            self._show_detail()
        else:
            return False
        return True

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line below."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
        self._status.setVisible(bool(text))

    def status(self) -> str:
        """What the line below says."""
        return self._status.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on in a sheet."""
        current = self._stack.currentWidget()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(current, Sheet):
            if not event.isAutoRepeat():
                current.go.emit()
            return
        super().keyPressEvent(event)

    def _record_of(self) -> PatientRecord | None:
        return self._snapshot.registry.patients.get(self._patient)

    def _show_detail(self) -> None:
        record = self._record_of()
        if record is None:
            self._stack.setCurrentWidget(self._nobody)
            return
        tz = zone_name()
        self.detail.show_patient(record, self._snapshot.registry, local_day(self._snapshot.now, tz), tz)
        self._stack.setCurrentWidget(self.detail)

    def _open_sheet(self, wish: str) -> None:
        record = self._record_of()
        if record is None:
            return
        self.say("")
        if wish == "change":
            self._stack.setCurrentWidget(self.facts)
            self.facts.open_change(record, given=self._is_given(record.id))
            return
        sheet = self.earlier if wish == "earlier" else self.settings[wish]
        sheet.clear()
        self._stack.setCurrentWidget(sheet)
        (sheet.day if isinstance(sheet, EarlierDoseSheet) else sheet.answer.first()).setFocus()

    def _on_scan(self, kind: str, content: str) -> None:
        if self.isVisible() and kind in {"wristband", "unknown"} and not isinstance(self._stack.currentWidget(), Sheet):
            self.list.take_code(content)

    def _on_unknown(self, code: str) -> None:
        self.say(f"Nobody has “{code}” as MRN or wristband, or in the name", wrong=True)

    # --- recording ---------------------------------------------------------------------------------------------------

    def _save_facts(self) -> None:
        wrong = self.facts.problem()
        if wrong or not self.facts.needs_second():
            self._save_alone()
            return
        self.facts.say("")
        self.second.but = self._snapshot.staff_id
        self._stack.setCurrentWidget(self.second)
        self.second.open()

    def _save_alone(self) -> None:
        self._record(self.facts, self.facts.problem, self._made_facts)

    def _on_second(self, proof: str, _name: str) -> None:
        self._stack.setCurrentWidget(self.facts)
        self._send(self.facts, self.facts.made(self._bedside.chair, self._snapshot.staff_id, proof))

    def _made_facts(self) -> Command:
        return self.facts.made(self._bedside.chair, self._snapshot.staff_id)

    def _is_given(self, patient: str) -> bool:
        """Whether this patient is being given an infusion in this chair, or sits there after it."""
        session = self._snapshot.session
        if session is None or session.patient is None or session.phase not in {Phase.INFUSE, Phase.OBSERVE}:
            return False
        return session.patient.id == patient

    def _made_earlier(self) -> Command:
        return self.earlier.made(self._bedside.chair, self._snapshot.staff_id, self._patient)

    def _record(self, sheet: Sheet, problem: Callable[[], str], made: Callable[[], Command]) -> None:
        wrong = problem()
        if wrong:
            sheet.say(wrong, wrong=True)
            return
        self._send(sheet, made())

    def _ask_prescriber(self, sheet: SettingSheet) -> None:
        wrong = sheet.problem()
        if wrong:
            sheet.say(wrong, wrong=True)
            return
        sheet.say("")
        self._signing = sheet
        self._stack.setCurrentWidget(self.prove)
        self.prove.open()

    def _on_proven(self, proof: str, _name: str) -> None:
        sheet = self._signing
        if sheet is None:
            return
        self._stack.setCurrentWidget(sheet)
        self._send(sheet, sheet.made(self._bedside.chair, self._snapshot.staff_id, self._patient, proof))

    def _back_to_setting(self) -> None:
        if self._signing is not None:
            self._stack.setCurrentWidget(self._signing)

    def _send(self, sheet: Sheet, command: Command) -> None:
        if self._sending:
            return
        self._sending = True
        sheet.say("Recording ...")

        def done(receipt: Receipt) -> None:
            self._sending = False
            sheet.say("")
            if sheet is self.facts:
                self.facts.kept()
            if isinstance(command, RegisterPatient):
                self._patient = receipt.answer
            self._snapshot = self._bedside.latest()
            self.list.show_patients(self._snapshot.registry.patients)
            self._show_detail()
            self.say(recorded_words(receipt))

        def refused(why: str) -> None:
            self._sending = False
            sheet.say(f"Not recorded: {why}", wrong=True)

        self._bridge.submit(command, done, refused)
