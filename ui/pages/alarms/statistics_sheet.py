"""The sheet Statistics: how many alarms an hour of which kind, how soon acknowledged, how many suppressed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.session.alarm_statistics import AlarmStatistics
from ui.presenters.alarm_history import KIND_COLUMNS, NO_LOG, kind_rows, summary
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.paged_table import PagedTable
from ui.widgets.text import BOLD, Fitted, label, set_text

THIS, EVERY = "this", "every"
_OF = ((THIS, "This session"), (EVERY, "All sessions"))
_SHARES = (5, 2, 2, 3, 2, 2)


class StatisticsSheet(QWidget):
    """wanted(which): of this session, or of all that this computer keeps."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        head = QHBoxLayout()
        head.setSpacing(theme.px(20))
        self.of = Choice(theme, _OF, columns=1, height=58)
        self.of.set_value(THIS)
        self.of.chosen.connect(self.wanted)
        head.addWidget(self.of, 1)
        head.addLayout(self._make_figures(theme), 4)
        column.addLayout(head)
        self.table = PagedTable(theme, tuple(zip(KIND_COLUMNS, _SHARES, strict=True)), NO_LOG)
        column.addWidget(self.table, 1)

    def _make_figures(self, theme: Theme) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(10))
        self._figures: list[tuple[QLabel, Fitted]] = []
        for place in range(6):
            figure, words = label(theme, "", 26, BOLD, tabular=True), Fitted(theme, 15, 11)
            figure.setMinimumWidth(theme.px(72))
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(figure, place // 3, place % 3 * 2)
            grid.addWidget(words, place // 3, place % 3 * 2 + 1)
            grid.setColumnStretch(place % 3 * 2 + 1, 1)
            self._figures.append((figure, words))
        return grid

    def show_statistics(self, statistics: AlarmStatistics) -> None:
        """Bring the sheet up to date."""
        for (figure, words), (number, what) in zip(self._figures, summary(statistics), strict=True):
            set_text(figure, number)
            words.set_text(what)
        self.table.show_rows(kind_rows(statistics))
