"""A table of words without a scroll bar: as many rows as there is room for, and a key that turns to the next ones."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, Fitted, label, set_text

_ROW, _KEY, _HEAD, _GAP = 44, 58, 24, 4


class PagedTable(QWidget):
    """columns: (heading, share of the width). The words of a cell grow smaller, over two lines, before they are cut."""

    def __init__(
        self, theme: Theme, columns: Sequence[tuple[str, int]], empty: str, *, row: int = _ROW,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme, self._columns, self._row = theme, tuple(columns), row
        self._words: tuple[tuple[str, ...], ...] = ()
        self._first = 0
        self._cells: list[list[Fitted]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(_GAP))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(14))
        self._grid.setVerticalSpacing(theme.px(_GAP))
        for place, (heading, share) in enumerate(self._columns):
            self._grid.addWidget(Elided(theme, heading, 14, SEMIBOLD, role="dim"), 0, place)
            self._grid.setColumnStretch(place, share)
            self._grid.setColumnMinimumWidth(place, theme.px(10))
        column.addLayout(self._grid)
        self._empty = label(theme, empty, 17, MEDIUM, role="dim", wrap=True)
        column.addWidget(self._empty)
        column.addStretch(1)
        self._place = label(theme, "", 14, role="dim")
        self.earlier_key = BigButton(theme, "Back a page", height=_KEY)
        self.more_key = BigButton(theme, "More", height=_KEY)
        self.earlier_key.clicked.connect(lambda: self._turn(-1))
        self.more_key.clicked.connect(lambda: self._turn(1))
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(10))
        keys.addWidget(self._place, 1, Qt.AlignmentFlag.AlignVCenter)
        keys.addWidget(self.earlier_key, 1)
        keys.addWidget(self.more_key, 1)
        column.addLayout(keys)
        self._fill()

    def set_empty(self, text: str) -> None:
        """What stands here while there is no row."""
        set_text(self._empty, text)

    def show_rows(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Show these rows; the page that was turned to stays while there is one."""
        if tuple(rows) != self._words:
            self._words = tuple(rows)
            self._fill()

    def words(self) -> tuple[tuple[str, ...], ...]:
        """All rows, those of other pages too."""
        return self._words

    def shown(self) -> list[tuple[str, ...]]:
        """The rows in sight."""
        return [tuple(cell.text() for cell in cells) for cells in self._cells if not cells[0].isHidden()]

    def sizeHint(self) -> QSize:
        """Whatever there is room for."""
        return QSize(self._theme.px(400), self._theme.px(_HEAD + 3 * (_ROW + _GAP) + _KEY))

    def minimumSizeHint(self) -> QSize:
        """One row and the keys."""
        return QSize(self._theme.px(300), self._theme.px(_HEAD + self._row + 3 * _GAP + _KEY))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other room, other rows."""
        super().resizeEvent(event)
        self._fill()

    def _fits(self) -> int:
        theme = self._theme
        room = self.height() - theme.px(_HEAD) - theme.px(_KEY) - 3 * theme.px(_GAP)
        return max(1, room // (theme.px(self._row) + theme.px(_GAP)))

    def _turn(self, way: int) -> None:
        self._first += way * self._fits()
        self._fill()

    def _fill(self) -> None:
        fits, count = self._fits(), len(self._words)
        if self._first >= count or self._first < 0:
            self._first = 0
        shown = self._words[self._first : self._first + fits]
        while len(self._cells) < len(shown):
            self._add_row()
        for place, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                cell.setVisible(place < len(shown))
                if place < len(shown):
                    cell.set_text(shown[place][column])
        self._empty.setVisible(not count)
        until = self._first + len(shown)
        set_text(self._place, f"{self._first + 1} to {until} of {count}" if count > fits else "")
        self.earlier_key.setVisible(count > fits)
        self.earlier_key.setEnabled(self._first > 0)
        self.more_key.setVisible(count > fits)
        self.more_key.set_text(f"More ({count - until})" if until < count else "From the first")

    def _add_row(self) -> None:
        theme, row = self._theme, len(self._cells) + 1
        cells = [Fitted(theme, 16, 11, SEMIBOLD if place == 0 else MEDIUM) for place in range(len(self._columns))]
        for place, cell in enumerate(cells):
            cell.setFixedHeight(theme.px(self._row))
            self._grid.addWidget(cell, row, place)
        self._cells.append(cells)
