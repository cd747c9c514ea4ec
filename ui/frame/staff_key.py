"""Who is at work: a key beside both strips, as high as a gloved finger wants it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD

_WIDTH = 136


class StaffKey(BigButton):
    """The name, and below it the key that does the same, or until when a break is covered."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Who is at work?", kind=Kind.QUIET, pixels=14, height=58, parent=parent)
        self._shown = ""
        self.setFixedWidth(theme.px(_WIDTH))
        self.setAccessibleName("Who is at work")

    def show_staff(self, name: str, below: str) -> None:
        """The whole name; a long one in two lines, and only then is it cut."""
        self.set_below(below)
        if name == self._shown:
            return
        self._shown = name
        theme, room = self._theme, self._theme.px(_WIDTH - 20)
        lines = [name]
        self.setFont(theme.font(14, SEMIBOLD))
        if self.fontMetrics().horizontalAdvance(name) > room:
            self.setFont(theme.font(12, SEMIBOLD))
            first, _, rest = name.partition(" ")
            lines = [line for line in (first, rest) if line]
        shown = [self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]
        self.set_text("\n".join(shown).replace(" ", "\u00a0"))
        self.setAccessibleName(f"At work: {name}")
