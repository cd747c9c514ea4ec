"""The discharge criteria, each with its mark and why: what stands in the way is bold, what is met is quiet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ui.presenters.leaving import CriterionLine, LeavingView
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.text import BOLD, MEDIUM, REGULAR, SEMIBOLD, Elided, label, set_role, set_text

_SIZES = (15, 14, 13, 12, 11)


class CriteriaCard(Card):
    """A list without keys: it is filled in by the program."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Before the patient leaves", parent=parent)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.px(8))
        self._grid.setVerticalSpacing(theme.px(2))
        self.body.addLayout(self._grid)
        self._rows: list[tuple[QLabel, Elided, Elided]] = []
        self.body.addStretch(1)
        self._transfer = label(theme, "", 17, BOLD, wrap=True)
        self.body.addWidget(self._transfer)
        self._shown: tuple[CriterionLine, ...] = ()

    def show_view(self, view: LeavingView) -> None:
        """Bring the list up to date."""
        self.set_remark(view.counted)
        set_text(self._transfer, f"No discharge from here: {view.transfer}" if view.transfer else "")
        self._transfer.setVisible(bool(view.transfer))
        if view.lines == self._shown:
            return
        self._shown = view.lines
        while len(self._rows) < len(view.lines):
            self._add_row()
        for index, row in enumerate(self._rows):
            seen = index < len(view.lines)
            for part in row:
                part.setVisible(seen)
            if seen:
                self._fill(row, view.lines[index])
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width: the largest size in which every line is whole, the same for all of them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if not self._shown:
            return
        rows = list(zip(self._rows, self._shown, strict=False))
        margins = self._column.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self.theme.px(16) - 2 * self._grid.horizontalSpacing()
        high = self._grid.geometry().height() if self._grid.geometry().isValid() else 0
        high = max(high, self.height() - self.theme.px(44 if self._transfer.isHidden() else 88))
        for pixels in _SIZES:
            widths = [0.0, 0.0]
            for row, line in rows:
                fonts = self._fonts(pixels, line)
                for place, (part, font) in enumerate(zip(row[1:], fonts, strict=True)):
                    part.setFont(font)
                    widths[place] = max(widths[place], QFontMetricsF(font).horizontalAdvance(part.text()) + 2)
            line_high = QFontMetricsF(self._fonts(pixels, rows[0][1])[0]).height() + self._grid.verticalSpacing()
            if sum(widths) <= room and line_high * len(rows) <= high:
                break
        for column, width in enumerate(widths, 1):
            self._grid.setColumnStretch(column, round(width))

    def _fonts(self, pixels: int, line: CriterionLine) -> tuple[QFont, QFont]:
        """What is open is bold."""
        weights = (SEMIBOLD, MEDIUM) if line.open else (REGULAR, REGULAR)
        return self.theme.font(pixels, weights[0]), self.theme.font(pixels, weights[1])

    def _add_row(self) -> None:
        theme, place = self.theme, len(self._rows)
        mark = label(theme, "", 15, BOLD)
        mark.setFixedWidth(theme.px(16))
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text, why = Elided(theme, "", 14), Elided(theme, "", 14)
        for column, part in enumerate((mark, text, why)):
            self._grid.addWidget(part, place, column)
        self._rows.append((mark, text, why))

    def _fill(self, row: tuple[QLabel, Elided, Elided], line: CriterionLine) -> None:
        mark = row[0]
        for part, words in zip(row, (line.mark, line.text, line.why), strict=True):
            set_text(part, words)
            set_role(part, "" if line.open else "dim")
        mark.setAccessibleName("met" if not line.open else "open")
