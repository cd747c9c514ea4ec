"""The first two steps: who is in the chair, and which bag hangs there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtWidgets import QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.plan import Patient, Product, SourceCell
from exomonitor.session.state import SessionState
from ui.pages.prepare.step_form import StepForm, need, say
from ui.theme import Theme

_NONE_KNOWN = "none known"
_IDENTIFIERS = (("name", "Name"), ("born", "Date of birth"), ("mrn", "MRN"))
_ALLERGIES = (("none", "None known"), ("list", "Yes: which ..."))
_CELLS = ((SourceCell.MSC.value, "MSC"), (SourceCell.DENDRITIC.value, "Dendritic cell"))
_DATE_HINT = "year-month-day, like 1972-03-14"


class PatientForm(StepForm):
    """Two identifiers, asked and checked; allergies are asked for, never assumed."""

    def __init__(self, theme: Theme, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self.name = self.entry("Name, as on the wristband")
        self.born = self.entry("Date of birth", hint=_DATE_HINT)
        self.mrn = self.entry("MRN")
        self.row(self.name)
        self.row(self.born, self.mrn)
        self.identifiers = self.multi_choice(
            "What was checked with the patient or on the wristband (two at least; a room or chair is none)",
            _IDENTIFIERS,
            columns=3,
        )
        self.allergies = self.choice("Allergies", _ALLERGIES)
        self.which = self.entry("Allergic to")
        self.column.addWidget(self.which)
        self.problem = self.remark(role="error")
        self.column.addStretch(1)
        self.allergies.chosen.connect(self._on_allergies)
        self.empty()

    def _on_allergies(self, answer: str) -> None:
        self.which.setVisible(answer == "list")

    def commands(self) -> Sequence[Command] | None:
        """The patient as entered."""
        good = need([(self.name, "The name is needed")])
        if self.born.text() and not is_date(self.born.text()):
            self.born.show_error(f"{self.born.text()!r} is no date: {_DATE_HINT}")
            good = False
        problem = ""
        checked = self.identifiers.values()
        if len(checked) < 2:
            problem = "Tap the two identifiers that were checked"
        elif "born" in checked and not self.born.text():
            problem = "The date of birth was checked: write it down"
        elif "mrn" in checked and not self.mrn.text():
            problem = "The MRN was checked: write it down"
        elif not self.allergies.value():
            problem = "Ask for allergies: none known, or which"
        elif self.allergies.value() == "list" and not self.which.text():
            problem = "Write which allergies"
        say(self.problem, problem)
        if problem or not good:
            return None
        allergies = _NONE_KNOWN if self.allergies.value() == "none" else self.which.text()
        return (
            cmd.IdentifyPatient(
                self.chair, self.by, self.name.text(), self.born.text(), self.mrn.text(), checked, allergies
            ),
        )

    def recorded_part(self, session: SessionState) -> object:
        """The patient."""
        return session.patient

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Patient)
        self.name.set_text(part.name)
        self.born.set_text(part.born)
        self.mrn.set_text(part.mrn)
        self.identifiers.set_values(part.identifiers)
        self.allergies.set_value("none" if part.allergies == _NONE_KNOWN else "list" if part.allergies else "")
        self.which.set_text("" if part.allergies == _NONE_KNOWN else part.allergies)
        self._on_allergies(self.allergies.value())

    def empty(self) -> None:
        """Nobody yet."""
        for entry in (self.name, self.born, self.mrn, self.which):
            entry.set_text("")
            entry.show_error("")
        self.identifiers.set_values(())
        self.allergies.set_value("")
        self._on_allergies("")
        say(self.problem, "")


class ProductForm(StepForm):
    """Source cell, lot and expiry, as they stand on the bag."""

    def __init__(self, theme: Theme, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, chair, parent)
        self.cell = self.choice("The exosomes come from", _CELLS, height=52)
        self.lot = self.entry("Lot, as on the bag")
        self.expiry = self.entry("Expiry", hint="year-month-day; usable through that day")
        self.row(self.lot, self.expiry)
        self.problem = self.remark(role="error")
        self.column.addStretch(1)
        self._today: date | None = None
        self.expiry.edited.connect(lambda _: self._warn())
        self.empty()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Keep the local day for the expiry."""
        self._today = snapshot.now.utc.astimezone().date()
        super().show_snapshot(snapshot)
        self._warn()

    def _warn(self) -> None:
        text = self.expiry.text()
        if self._today is not None and is_date(text) and date.fromisoformat(text) < self._today:
            say(self.problem, f"This bag expired on {text}. It is recorded so, and its check stays open.")
        elif self.problem.text().startswith("This bag"):
            say(self.problem, "")

    def commands(self) -> Sequence[Command] | None:
        """The bag as entered."""
        good = need([(self.lot, "The lot is needed"), (self.expiry, "The expiry is needed")])
        if self.expiry.text() and not is_date(self.expiry.text()):
            self.expiry.show_error(f"{self.expiry.text()!r} is no date: write 2027-06-30")
            good = False
        if not self.cell.value():
            say(self.problem, "Choose what the exosomes come from")
            return None
        if not good:
            return None
        cell = SourceCell(self.cell.value())
        return (cmd.EnterProduct(self.chair, self.by, cell, self.lot.text(), self.expiry.text()),)

    def recorded_part(self, session: SessionState) -> object:
        """The bag."""
        return session.product

    def fill(self, part: object) -> None:
        """As recorded."""
        assert isinstance(part, Product)
        self.cell.set_value(part.source_cell.value)
        self.lot.set_text(part.lot)
        self.expiry.set_text(part.expiry)

    def empty(self) -> None:
        """No bag yet."""
        self.cell.set_value("")
        for entry in (self.lot, self.expiry):
            entry.set_text("")
            entry.show_error("")
        say(self.problem, "")


def is_date(text: str) -> bool:
    """Whether this is a date as the record writes it."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2027-06-30")
