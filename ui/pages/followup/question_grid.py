"""The questions of a follow-up call: each with yes and no; what is not asked stays open, and yes asks for more."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from exomonitor.clinical.triage import TriageTable
from exomonitor.session.parts.leaving_events import SymptomTold
from ui.presenters.followup import told
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided

_COLUMNS = 2
_YES_NO = (("yes", "Yes"), ("no", "No"))


class QuestionGrid(QWidget):
    """`answered` comes with the key of a question and whether it is so."""

    answered = Signal(str, bool)

    def __init__(self, theme: Theme, table: TriageTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(20))
        grid.setVerticalSpacing(theme.px(3))
        rows = (len(table.item) + _COLUMNS - 1) // _COLUMNS
        self.choices: dict[str, Choice] = {}
        self._words: dict[str, Elided] = {}
        for place, item in enumerate(table.item):
            cell = QHBoxLayout()
            cell.setSpacing(theme.px(8))
            words = Elided(theme, f"{place + 1}  {item.ask}", 15, MEDIUM, shrink_to=12)
            words.setToolTip(item.ask)
            choice = Choice(theme, _YES_NO, pixels=15)
            choice.setFixedWidth(theme.px(150))
            choice.chosen.connect(lambda answer, key=item.key: self.answered.emit(key, answer == "yes"))
            cell.addWidget(words, 1)
            cell.addWidget(choice)
            self.choices[item.key], self._words[item.key] = choice, words
            grid.addLayout(cell, place % rows, place // rows)
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)

    def show_answers(self, symptoms: Mapping[str, SymptomTold], current: str) -> None:
        """The answers so far; the question whose details are open is bold."""
        for key, choice in self.choices.items():
            if choice.value() != told(symptoms, key):
                choice.set_value(told(symptoms, key))
            self._words[key].setFont(self._theme.font(15, SEMIBOLD if key == current else MEDIUM))
