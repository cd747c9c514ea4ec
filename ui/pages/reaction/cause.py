"""Cause, seriousness and outcome of a reaction: choices that lie open, nothing chosen beforehand."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.session.commands import DetailReaction
from ui.presenters import codes
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.text import label

SHEETS = ("cause", "outcome")


class CausePart(QWidget):
    """fill() shows what is recorded, said() adds what the form says to a command; changed() when a person taps."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.present = self._choice(codes.PRESENT_GRADES)
        self.causality = self._choice(codes.CAUSALITY)
        self.serious = self._several(codes.SERIOUS)
        self.photo = self._choice(codes.PHOTO)
        self.treatments = self._several(codes.REACTION_ACTIONS)
        self.response = self._choice(codes.RESPONSES)
        self.rechallenge = self._choice(codes.RECHALLENGES)
        self.outcome = self._choice(codes.OUTCOMES)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self._sheets = QStackedWidget()
        self._add_sheet(
            ("Grade at present", self.present),
            ("Caused by the product", self.causality),
            ("Serious: another thing than severe (tap what is true)", self.serious),
            ("Photo (none is stored here)", self.photo),
        )
        self._add_sheet(
            ("Treatment", self.treatments),
            ("Outcome", self.outcome),
            ("Response to treatment", self.response),
            ("Product given again", self.rechallenge),
        )
        column.addWidget(self._sheets, 1)
        self.text = TextEntry(theme, "Words (may stay empty)", pixels=16, compact=True)
        self.reason = TextEntry(theme, "Reason, where a record is corrected", pixels=16, compact=True)
        row = QHBoxLayout()
        row.setSpacing(theme.px(18))
        for entry in (self.text, self.reason):
            entry.edited.connect(lambda _: self.changed.emit())
            row.addWidget(entry, 1)
        column.addLayout(row)

    def show_sheet(self, sheet: str) -> None:
        """The cause, or the outcome."""
        self._sheets.setCurrentIndex(SHEETS.index(sheet))

    def _choice(self, options: codes.Options) -> Choice:
        made = Choice(self._theme, options, pixels=14, height=58)
        made.chosen.connect(lambda _: self.changed.emit())
        return made

    def _several(self, options: codes.Options) -> MultiChoice:
        made = MultiChoice(self._theme, options, columns=3, pixels=14, height=58)
        made.changed.connect(self.changed)
        return made

    def _add_sheet(self, *parts: tuple[str, QWidget]) -> None:
        """Four questions, two beside each other."""
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(self._theme.px(18))
        grid.setVerticalSpacing(self._theme.px(3))
        for place, (title, widget) in enumerate(parts):
            row, column = 2 * (place // 2), place % 2
            grid.addWidget(label(self._theme, title, 14, role="dim"), row, column)
            grid.addWidget(widget, row + 1, column, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(grid.rowCount(), 1)
        self._sheets.addWidget(sheet)

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
