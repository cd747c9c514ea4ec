"""Cause, seriousness and outcome of a reaction: choices that lie open, nothing chosen beforehand."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from exomonitor.session.commands import DetailReaction
from ui.presenters import codes
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.text import label


class CausePart(QWidget):
    """fill() shows what is recorded, said() adds what the form says to a command; changed() when a person taps."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(18))
        self._grid.setVerticalSpacing(theme.px(3))
        self.present = self._choice(theme, "Grade at present", codes.PRESENT_GRADES, 0, 0)
        self.causality = self._choice(theme, "Caused by the product", codes.CAUSALITY, 1, 0)
        self.serious = self._several(
            theme, "Serious: another thing than severe (tap what is true)", codes.SERIOUS, 2, 0
        )
        self.photo = self._choice(theme, "Photo (none is stored here)", codes.PHOTO, 3, 0)
        self.treatments = self._several(theme, "Treatment", codes.REACTION_ACTIONS, 2, 1)
        self.response = self._choice(theme, "Response to treatment", codes.RESPONSES, 1, 1)
        self.rechallenge = self._choice(theme, "Product given again", codes.RECHALLENGES, 3, 1)
        self.outcome = self._choice(theme, "Outcome", codes.OUTCOMES, 0, 1)
        self.text = TextEntry(theme, "Words (may stay empty)", pixels=16, compact=True)
        self.reason = TextEntry(theme, "Reason, where a record is corrected", pixels=16, compact=True)
        for place, entry in enumerate((self.text, self.reason)):
            entry.edited.connect(lambda _: self.changed.emit())
            self._grid.addWidget(entry, 8, place)
        for column in range(2):
            self._grid.setColumnStretch(column, 1)
        self._grid.setRowStretch(9, 1)

    def _choice(self, theme: Theme, title: str, options: codes.Options, row: int, column: int) -> Choice:
        made = Choice(theme, options, pixels=14)
        made.chosen.connect(lambda _: self.changed.emit())
        self._place(theme, title, made, row, column)
        return made

    def _several(self, theme: Theme, title: str, options: codes.Options, row: int, column: int) -> MultiChoice:
        made = MultiChoice(theme, options, columns=3, pixels=13, height=44)
        made.changed.connect(self.changed)
        self._place(theme, title, made, row, column)
        return made

    def _place(self, theme: Theme, title: str, made: QWidget, row: int, column: int) -> None:
        self._grid.addWidget(label(theme, title, 13, role="dim"), 2 * row, column)
        self._grid.addWidget(made, 2 * row + 1, column)

    def fill(self, known: DetailReaction) -> None:
        """Show what is recorded."""
        self.present.set_value(str(known.present_grade) if known.present_grade is not None else "")
        self.causality.set_value(known.causality)
        self.serious.set_values(known.serious)
        self.photo.set_value(known.photo_consent)
        self.treatments.set_values(known.actions)
        self.response.set_value(known.response)
        self.rechallenge.set_value(known.rechallenge)
        self.outcome.set_value(known.outcome)
        self.text.set_text(known.text)
        self.reason.set_text("")

    def clear(self) -> None:
        """Forget the reaction."""
        self.fill(DetailReaction("", "", ""))

    def said(self, command: DetailReaction) -> DetailReaction:
        """The command with what stands here."""
        present = self.present.value()
        return replace(
            command,
            present_grade=int(present) if present else None,
            causality=self.causality.value(),
            serious=self.serious.values(),
            photo_consent=self.photo.value(),
            actions=self.treatments.values(),
            response=self.response.value(),
            rechallenge=self.rechallenge.value(),
            outcome=self.outcome.value(),
            text=self.text.text(),
            reason=self.reason.text(),
        )
