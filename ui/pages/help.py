"""The help page: every key and what the signs mean; and, one touch away, a visit step by step."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.presenters.help import AFTER, BEFORE, KEYS, RULE, SIGNS, Lines
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label

SHEET, VISIT = "sheet", "visit"
_TABS = ((SHEET, "Keys and signs"), (VISIT, "A visit, step by step"))


class HelpPage(QWidget):
    """Two sheets of two columns each, and below them the one rule."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(10))
        column.setSpacing(theme.px(10))
        self.tabs = Choice(theme, _TABS, height=44)
        self.tabs.set_value(SHEET)
        self.tabs.chosen.connect(self.show_sheet)
        column.addWidget(self.tabs)
        self._sheets = {
            SHEET: _side_by_side(theme, ("Keys", KEYS), ("Signs", SIGNS)),
            VISIT: _side_by_side(theme, ("Prepare", BEFORE), ("From the start to the next appointment", AFTER)),
        }
        self._stack = QStackedWidget()
        for sheet in self._sheets.values():
            self._stack.addWidget(sheet)
        column.addWidget(self._stack, 1)
        column.addWidget(label(theme, RULE, 18, SEMIBOLD, wrap=True))
        self.setFocusProxy(self.tabs)

    def show_sheet(self, name: str) -> None:
        """Turn to a sheet."""
        self._stack.setCurrentWidget(self._sheets[name])


def _side_by_side(theme: Theme, *tables: tuple[str, Lines]) -> QWidget:
    sheet = QWidget()
    row = QHBoxLayout(sheet)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.px(14))
    for title, lines in tables:
        row.addWidget(_table(theme, title, lines), 1)
    return sheet


def _table(theme: Theme, title: str, lines: Lines) -> Card:
    card = Card(theme, title)
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(16))
    grid.setVerticalSpacing(theme.px(3))
    grid.setColumnStretch(1, 1)
    for place, (key, words) in enumerate(lines):
        grid.addWidget(label(theme, key, 15, BOLD), place, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(theme, words, 15, MEDIUM, wrap=True), place, 1)
    card.body.addLayout(grid)
    card.body.addStretch(1)
    return card
