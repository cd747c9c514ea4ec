"""The sheet with everything that is said of a patient: for a new one, or changed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from exomonitor.drafts import REGISTRATION
from exomonitor.registry.patients import PatientFacts, PatientRecord
from exomonitor.session.commands import Command
from exomonitor.session.parts.course import ChangePatient, RegisterPatient
from ui.drafts import DraftDesk
from ui.pages.patients.sheets import LEAST_REASON, Sheet
from ui.theme import TOUCH, Theme
from ui.widgets.drafting import Drafting, DraftStrip, Parts, parts_of
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton
from ui.widgets.patient_facts import PatientFactsSheet

WHO = ("name", "born", "mrn", "wristband")
"""The facts that say who it is."""


class FactsSheet(Sheet):
    """Registers a patient, or changes what is known of one. Who it is that is being given an infusion is changed with a
    second person, or by a single nurse who says so."""

    alone_wanted = Signal()

    def __init__(self, theme: Theme, desk: DraftDesk) -> None:
        super().__init__(theme, "New patient", "Register")
        self.strip = DraftStrip(theme, height=TOUCH)
        self.strip.discarded.connect(self._discard_draft)
        self.drafting = Drafting(desk, self._draft_key, self._draft_parts, self.strip.show_draft)
        self.body.addWidget(self.strip)
        self.sheet = PatientFactsSheet(theme)
        self.sheet.confirmed.connect(self.go)
        self.sheet.edited.connect(self._on_edited)
        self.body.addWidget(self.sheet)
        self.reason = TextEntry(theme, "Why it is changed (needed for name, date of birth, MRN)", compact=True)
        self.reason.confirmed.connect(self.go)
        self.reason.edited.connect(lambda _: self.drafting.note())
        self.body.addWidget(self.reason)
        self.alone_key = BigButton(theme, "Nobody is there: single nurse", height=50, pixels=16)
        self.alone_key.clicked.connect(self.alone_wanted)
        self.keys_row.insertWidget(1, self.alone_key, 2)
        self.patient = ""
        self._known: PatientFacts | None = None
        self._given = False
        self._again: Callable[[], None] = lambda: None

    def _on_edited(self) -> None:
        self.say("")
        self.drafting.note()
        self._sync()

    # --- what was half entered ---------------------------------------------------------------------------------------

    def kept(self) -> None:
        """It is in the record."""
        self.drafting.forget()
        self.drafting.emptied()

    def _draft_key(self) -> tuple[str, str]:
        return REGISTRATION, f"change {self.patient}" if self.patient else "new"

    def _draft_parts(self) -> Parts:
        return {**self.sheet.draft_parts(), **parts_of(self)}

    def _discard_draft(self) -> None:
        self.kept()
        self._again()

    # --- opening -----------------------------------------------------------------------------------------------------

    def open_new(self, name: str) -> None:
        """An empty sheet."""
        self.patient, self._known, self._given = "", None, False
        self.set_title("New patient")
        self.go_key.set_text("Register")
        self.sheet.clear()
        self.sheet.put_name(name)
        self.reason.setVisible(False)
        self._again = lambda: self.open_new("")
        self._opened()

    def open_change(self, record: PatientRecord, *, given: bool = False) -> None:
        """The sheet as it stands in the record; `given`: this patient is being given an infusion here."""
        self.patient, self._known, self._given = record.id, record.facts, given
        self.set_title(f"Change: {record.name}")
        self.go_key.set_text("Save")
        self.sheet.fill(record.facts)
        self.reason.set_text("")
        self.reason.setVisible(True)
        self._again = lambda: self.open_change(record, given=given)
        self._opened()

    def _opened(self) -> None:
        self.say("")
        self.drafting.begin_again()
        self._sync()
        self.sheet.first_field().setFocus()

    def problem(self) -> str:
        """What is missing, or ""."""
        missing = self.sheet.problem()
        if missing or not self.needs_second() or len(self.reason.text()) >= LEAST_REASON:
            return missing
        return "A few words why: the infusion runs, and they stand in the record"

    def needs_second(self) -> bool:
        """Whether what is typed makes another one of the patient who is being given an infusion."""
        if self._known is None or not self._given:
            return False
        facts = self.sheet.facts()
        return any((old := getattr(self._known, name)) and facts[name] != old for name in WHO)

    def _sync(self) -> None:
        second = self.needs_second()
        self.alone_key.setVisible(second)
        if self.patient:
            self.go_key.set_text("Second person signs" if second else "Save")

    def made(self, chair: str, by: str, proof: str = "") -> Command:
        """The command; `proof`: of the second person who stands by."""
        facts = self.sheet.facts()
        if not self.patient:
            return RegisterPatient(chair, by, **facts)
        return ChangePatient(chair, by, self.patient, **facts, reason=self.reason.text(), proof=proof)
