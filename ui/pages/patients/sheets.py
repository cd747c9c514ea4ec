"""The small sheets of the patients' page: what a prescriber signs, and a dose from before or from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.session.commands import Command
from exomonitor.session.parts.course import LiftHold, RecordEarlierDose, SetCoursePhase, SetScale2
from exomonitor.units import Span
from ui.presenters.patients import is_date
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text

LEAST_REASON = 5
_GRADES = (
    ("0", "No reaction"),
    ("1", "Grade 1"),
    ("2", "Grade 2"),
    ("3", "Grade 3"),
    ("4", "Grade 4"),
    ("", "Not known"),
)
DOSE = Span("Dose", "billion", Decimal("0.1"), Decimal(100), 2)


class Sheet(QWidget):
    """Title, content, one line about the record, Back and a key to go on."""

    closed = Signal()
    go = Signal()

    def __init__(self, theme: Theme, title: str, go_words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        self._title = label(theme, title, 20, BOLD, wrap=True)
        column.addWidget(self._title)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.px(8))
        column.addLayout(self.body, 1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        column.addWidget(self._status)
        row = QHBoxLayout()
        row.setSpacing(theme.px(10))
        self.back_key = BigButton(theme, "Back", "Esc", height=50)
        self.go_key = BigButton(theme, go_words, "Enter", Kind.PRIMARY, height=50)
        self.back_key.clicked.connect(self.closed)
        self.go_key.clicked.connect(self.go)
        row.addWidget(self.back_key, 1)
        row.addWidget(self.go_key, 2)
        self.keys_row = row
        column.addLayout(row)

    def set_title(self, text: str) -> None:
        """What the sheet is about."""
        set_text(self._title, text)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line above the keys."""
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")

    def status(self) -> str:
        """What the line above the keys says."""
        return self._status.text()


class SettingSheet(Sheet):
    """A setting that a prescriber signs: one of two answers and a reason; the proof comes from the panel after it."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        options: tuple[tuple[str, str], ...],
        command: Callable[[str, str, str, str, str, str], Command],
    ) -> None:
        """`command` makes (chair, by, patient, proof, answer, reason) a command."""
        super().__init__(theme, title, "Prescriber signs")
        self._command = command
        self.answer = Choice(theme, options, height=56)
        self.reason = TextEntry(theme, "Because")
        self.reason.confirmed.connect(self.go)
        self.body.addWidget(self.answer)
        self.body.addWidget(self.reason)
        self.body.addStretch(1)

    def clear(self) -> None:
        """Nothing answered."""
        self.answer.set_value("")
        self.reason.set_text("")
        self.say("")

    def problem(self) -> str:
        """What is missing, or ""."""
        if not self.answer.value():
            return "Choose one"
        return "" if len(self.reason.text()) >= LEAST_REASON else "A few words why: they stand in the record"

    def made(self, chair: str, by: str, patient: str, proof: str) -> Command:
        """The command with the prescriber's proof."""
        return self._command(chair, by, patient, proof, self.answer.value(), self.reason.text())


def scale_sheet(theme: Theme) -> SettingSheet:
    """SpO2 scale 2."""
    return SettingSheet(
        theme,
        "SpO₂ scale of NEWS2",
        (("1", "Scale 1: ordinary"), ("2", "Scale 2: hypercapnic failure, target 88-92 %")),
        lambda chair, by, patient, proof, answer, reason: SetScale2(chair, by, proof, answer == "2", reason, patient),
    )


def phase_sheet(theme: Theme) -> SettingSheet:
    """The phase of the course."""
    return SettingSheet(
        theme,
        "Phase of the course",
        (("initial", "Initial: 2-4 weeks apart"), ("maintenance", "Maintenance: 3-6 months, as needed")),
        lambda chair, by, patient, proof, answer, reason: SetCoursePhase(chair, by, proof, answer, reason, patient),
    )


def hold_sheet(theme: Theme) -> SettingSheet:
    """The hold after a reaction."""
    return SettingSheet(
        theme,
        "Hold after a reaction",
        (("lift", "Lift it, or give clearance: for the reactions on record until today"),),
        lambda chair, by, patient, proof, _, reason: LiftHold(chair, by, proof, reason, patient),
    )


class EarlierDoseSheet(Sheet):
    """A dose that this program did not see."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "A dose given before, or elsewhere", "Record")
        self.day = TextEntry(theme, "Day of that dose", hint="year-month-day")
        self.dose = NumberEntry(theme, "Dose, if known", DOSE, "billion", pixels=18)
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.day, 1)
        row.addWidget(self.dose, 1)
        self.body.addLayout(row)
        self.body.addWidget(label(theme, "Worst reaction", 14, role="dim"))
        self.grade = Choice(theme, _GRADES, columns=3, height=50)
        self.body.addWidget(self.grade)
        self.where = TextEntry(theme, "Where, and who says so")
        self.body.addWidget(self.where)
        self.body.addStretch(1)
        for entry in (self.day, self.dose, self.where):
            entry.confirmed.connect(self.go)
        self._answered = False
        self.grade.chosen.connect(self._on_grade)

    def _on_grade(self, _: str) -> None:
        self._answered = True

    def clear(self) -> None:
        """Nothing known."""
        for entry in (self.day, self.dose, self.where):
            entry.set_text("")
            entry.show_error("")
        self.grade.set_value("none chosen")
        self._answered = False
        self.say("")

    def problem(self) -> str:
        """What is missing, or ""."""
        if not is_date(self.day.text()):
            return "Write the day like 2026-01-15"
        if not self._answered:
            return "Say whether there was a reaction, or that it is not known"
        if not self.dose.check():
            return self.dose.error()
        return "" if len(self.where.text()) >= LEAST_REASON else "Write where it was given, and who says so"

    def made(self, chair: str, by: str, patient: str) -> Command:
        """The command."""
        grade = int(self.grade.value()) if self.grade.value() else None
        return RecordEarlierDose(
            chair, by, self.where.text(), patient, day=self.day.text(), worst_grade=grade,
            dose_billion=self.dose.number(),
        )  # fmt: skip
