"""The sheet of a patient's facts, to register somebody or to change what is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.registry.patients import WEIGHT, PatientFacts
from exomonitor.session.plan import AllergyState
from ui.presenters.patients import ALLERGY_KEYS, QUESTIONS, is_date
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Parts, choice_part, parts_of
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.text import label

DATE_HINT = "like 1972-03-14"
_ANSWERS = (("yes", "Yes"), ("no", "No"), ("", "?"))
_OF = {"yes": True, "no": False}


class PatientFactsSheet(QWidget):
    """Two identifiers, allergies as three keys, and what the scores and the holds must know; "?" is not asked."""

    edited = Signal()
    confirmed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(6))
        self.name = self._entry("Name, as on the wristband")
        self.born = self._entry(f"Date of birth ({DATE_HINT})")
        self.mrn = self._entry("MRN")
        self.wristband = self._entry("Wristband code, if not the MRN")
        self.phone = self._entry("Phone for the follow-up calls")
        self.weight = NumberEntry(theme, "Weight", WEIGHT, "kg", pixels=18)
        self.reactions = self._entry("Earlier infusion reactions, as told")
        self._watch(self.weight)
        self._row((self.name, 3), (self.born, 2))
        self._row((self.mrn, 2), (self.wristband, 2), (self.phone, 2))
        self._make_allergies()
        self._row((self.weight, 1), (self.reactions, 3))
        self._make_questions()
        self.clear()

    def _entry(self, title: str) -> TextEntry:
        return self._watch(TextEntry(self._theme, title, pixels=17))

    def _watch(self, entry: TextEntry) -> TextEntry:
        entry.hide_below()
        entry.edited.connect(lambda _: self.edited.emit())
        entry.confirmed.connect(self.confirmed)
        return entry

    def _row(self, *parts: tuple[QWidget, int]) -> None:
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(12))
        for widget, share in parts:
            row.addWidget(widget, share)
        self._column.addLayout(row)

    def _make_allergies(self) -> None:
        self.allergies = Choice(self._theme, ALLERGY_KEYS, height=48)
        self.allergies.chosen.connect(self._on_allergies)
        self.which = TextEntry(self._theme, "Allergic to", pixels=17, compact=True)
        self._watch(self.which)
        self._column.addWidget(label(self._theme, "Allergies", 14, role="dim"))
        self._row((self.allergies, 3), (self.which, 2))

    def _make_questions(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self._theme.px(14))
        grid.setVerticalSpacing(self._theme.px(2))
        self.questions: dict[str, Choice] = {}
        for place, (name, words) in enumerate(QUESTIONS):
            keys = Choice(self._theme, _ANSWERS)
            keys.chosen.connect(lambda _: self.edited.emit())
            row, column = 2 * (place // 3), place % 3
            grid.addWidget(label(self._theme, words, 14, role="dim"), row, column)
            grid.addWidget(keys, row + 1, column)
            grid.setColumnStretch(column, 1)
            self.questions[name] = keys
        self._column.addLayout(grid)
        self._column.addStretch(1)

    def _on_allergies(self, answer: str) -> None:
        self.which.setEnabled(answer == AllergyState.LIST)
        if answer == AllergyState.LIST:
            self.which.setFocus()
        self.edited.emit()

    def first_field(self) -> QWidget:
        """Where the hands begin."""
        return self.name

    def clear(self) -> None:
        """Nobody yet: nothing has been asked."""
        self.fill(PatientFacts(""))
        self.allergies.set_value("")

    def fill(self, facts: PatientFacts) -> None:
        """As they stand in the record."""
        for entry, text in (
            (self.name, facts.name), (self.born, facts.born), (self.mrn, facts.mrn), (self.wristband, facts.wristband),
            (self.phone, facts.phone), (self.which, facts.allergies if facts.allergy_state == "list" else ""),
            (self.reactions, facts.reactions_elsewhere),
            (self.weight, str(facts.weight_kg) if facts.weight_kg is not None else ""),
        ):  # fmt: skip
            entry.set_text(text)
            entry.show_error("")
        self.allergies.set_value(facts.allergy_state)
        self.which.setEnabled(facts.allergy_state == AllergyState.LIST)
        for name, keys in self.questions.items():
            answer = getattr(facts, name)
            keys.set_value("" if answer is None else "yes" if answer else "no")

    def draft_parts(self) -> Parts:
        """Every field of the sheet."""
        return {**parts_of(self), **{name: choice_part(keys) for name, keys in self.questions.items()}}

    def put_name(self, name: str) -> None:
        """What was typed in the search is where a new name begins."""
        self.name.set_text(name)

    def problem(self) -> str:
        """What is missing or wrong, in one sentence; "" where nothing is."""
        born = self.born.text()
        if not self.name.text():
            self.name.show_error("The name is needed")
            return "The name is needed"
        if not is_date(born):
            self.born.show_error(f"Write it like 1972-03-14{f', not {born}' if born else ''}")
            return f"The date of birth is needed, {DATE_HINT}"
        if not self.allergies.value():
            return "Ask for allergies: which, none known, or say that nobody asked"
        if self.allergies.value() == AllergyState.LIST and not self.which.text():
            return "Write which allergies"
        return "" if self.weight.check() else self.weight.error()

    def facts(self) -> dict[str, Any]:
        """Everything on the sheet, by the names of the commands' fields."""
        weight: Decimal | None = self.weight.number()
        answers = {name: _OF.get(keys.value()) for name, keys in self.questions.items()}
        return {
            "name": self.name.text(),
            "born": self.born.text(),
            "mrn": self.mrn.text(),
            "phone": self.phone.text(),
            "wristband": self.wristband.text(),
            "allergy_state": self.allergies.value() or AllergyState.NOT_ASKED.value,
            "allergies": self.which.text() if self.allergies.value() == AllergyState.LIST else "",
            "weight_kg": weight,
            "reactions_elsewhere": self.reactions.text(),
            **answers,
        }
