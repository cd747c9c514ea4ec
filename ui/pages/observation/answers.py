"""What a person has to say in a set: consciousness, symptoms, oxygen, site; after the end fatigue, flu-like signs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters import codes
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.text import MEDIUM, label

NONE, SOME = "none", "some"
_NAME = 112


class SetAnswers(QWidget):
    """Three rows of keys, nothing preset. answered: somebody tapped."""

    answered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = _column(theme, self)
        self.consciousness = _choice(theme, codes.CONSCIOUSNESS)
        self.symptoms = _choice(theme, ((NONE, "None"), (SOME, "Yes: which ...")))
        self.oxygen = _choice(theme, codes.OXYGEN)
        self.site = _choice(theme, codes.SITE_KEYS, pixels=13)
        column.addWidget(_row(theme, "Consciousness", self.consciousness))
        column.addWidget(_row(theme, "Symptoms, O₂", self.symptoms, self.oxygen))
        column.addWidget(_row(theme, "Site", self.site))
        column.addStretch(1)
        for choice in (self.consciousness, self.symptoms, self.site):  # oxygen tells its own keeper
            choice.chosen.connect(lambda _: self.answered.emit())


class AfterAnswers(QWidget):
    """Asked from the end of the infusion on."""

    answered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = _column(theme, self)
        self.fatigue = _choice(theme, codes.FATIGUE)
        self.flu = _choice(theme, codes.FLU_LIKE)
        column.addWidget(_row(theme, "Fatigue", self.fatigue))
        column.addWidget(_row(theme, "Flu-like", self.flu))
        column.addStretch(1)
        for choice in (self.fatigue, self.flu):
            choice.chosen.connect(lambda _: self.answered.emit())

    def next_open(self) -> QWidget | None:
        """The first that has no answer."""
        return next((choice.first() for choice in (self.fatigue, self.flu) if not choice.value()), None)


def _column(theme: Theme, widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(4))
    return column


def _choice(theme: Theme, options: tuple[tuple[str, str], ...], pixels: float = 14) -> Choice:
    return Choice(theme, options, pixels=pixels, height=58)


def _row(theme: Theme, words: str, *choices: Choice) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(10))
    name = label(theme, words, 15, MEDIUM)
    name.setFixedWidth(theme.px(_NAME))
    row.addWidget(name)
    for choice in choices:
        row.addWidget(choice, 1)
    return holder
