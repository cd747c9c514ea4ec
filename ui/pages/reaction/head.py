"""What stands above every page of a reaction: how long it lasts, what was known, the pump, and the vital signs."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.pages.reaction.strip_vital import StripVital
from ui.presenters.reaction import ReactionView
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.shapes import ShapeMark
from ui.widgets.text import BOLD, SEMIBOLD, Elided, label, set_role, set_text


class ReactionHead(QWidget):
    """Two parts: `line`, the count-up with what was stamped, and `strip`, pump and vital signs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.line, self.strip = self._make_line(), self._make_strip()

    def _make_line(self) -> QWidget:
        theme, holder = self._theme, QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(16))
        self._title = label(theme, "", 28, BOLD, tabular=True)
        self._stamped = Elided(theme, "", 16, role="dim", shrink_to=12)
        self._pressure = label(theme, "", 17, SEMIBOLD)
        row.addWidget(self._title)
        row.addWidget(self._stamped, 1)
        row.addWidget(self._pressure)
        return holder

    def _make_strip(self) -> QWidget:
        theme = self._theme
        card = Card(theme)
        row = QHBoxLayout()
        row.setSpacing(theme.px(14))
        self._pump = label(theme, "", 26, BOLD, tabular=True)
        row.addWidget(self._pump)
        self._shape = ShapeMark(theme, 26)
        row.addWidget(self._shape)
        self._vitals = [StripVital(theme) for _ in range(4)]
        for vital in self._vitals:
            row.addWidget(vital)
        row.addStretch(1)
        card.body.addLayout(row)
        return card

    def place(self, column: QVBoxLayout, *between: QWidget) -> None:
        """Put the line, then whatever stands between, then the strip."""
        for widget in (self.line, *between, self.strip):
            column.addWidget(widget)

    def show_view(self, view: ReactionView, title: str) -> None:
        """Bring both parts up to date."""
        set_text(self._title, title)
        set_text(self._stamped, view.stamped)
        set_text(self._pressure, view.pressure)
        set_text(self._pump, view.pump)
        set_role(self._pump, "" if view.pump_live else "dim")
        self._shape.show_shape(view.shape, self._theme.text if view.pump_live else self._theme.dim)
        for shown, vital in zip(self._vitals, view.vitals, strict=True):
            shown.show_vital(vital)
