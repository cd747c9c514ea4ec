"""The sheet Now: each alarm with why it is on, and each silent or suppressed one with why it is silent."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.alarm_cases import BEHIND, HEARD, NO_ALARM, AlarmCase
from ui.theme import Theme
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_text

_ROW, _GAP, _KEY, _HEAD = 84, 6, 58, 28


class NowSheet(QWidget):
    """acknowledge_wanted(key): one alarm."""

    acknowledge_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cases: tuple[AlarmCase, ...] = ()
        self._first = 0
        self.rows: list[CaseRow] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(_GAP))
        self._title = label(theme, "", 17, SEMIBOLD)
        column.addWidget(self._title)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(_GAP))
        column.addLayout(self._column)
        column.addStretch(1)
        self.more_key = BigButton(theme, "More", height=_KEY)
        self.more_key.clicked.connect(self._turn)
        column.addWidget(self.more_key)
        self._fill()

    def show_cases(self, cases: tuple[AlarmCase, ...]) -> None:
        """Bring the sheet up to date."""
        if cases != self._cases:
            self._cases = cases
            self._fill()

    def title(self) -> str:
        """What stands above the rows."""
        return self._title.text()

    def sizeHint(self) -> QSize:
        """Whatever there is room for."""
        return QSize(self._theme.px(500), self._theme.px(_HEAD + 3 * (_ROW + _GAP) + _KEY))

    def minimumSizeHint(self) -> QSize:
        """One row and the key."""
        return QSize(self._theme.px(400), self._theme.px(_HEAD + _ROW + _KEY + 3 * _GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other room, other rows."""
        super().resizeEvent(event)
        self._fill()

    def _fits(self) -> int:
        theme = self._theme
        row = theme.px(_ROW) + theme.px(_GAP)
        room = self.height() - theme.px(_HEAD)
        if room // row >= len(self._cases):
            return max(1, room // row)
        return max(1, (room - theme.px(_KEY) - theme.px(_GAP)) // row)

    def _turn(self) -> None:
        self._first += self._fits()
        self._fill()

    def _fill(self) -> None:
        fits, count = self._fits(), len(self._cases)
        if self._first >= count:
            self._first = 0
        shown = self._cases[self._first : self._first + fits]
        while len(self.rows) < len(shown):
            row = CaseRow(self._theme)
            row.acknowledge_wanted.connect(self.acknowledge_wanted)
            self.rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(shown))
            if place < len(shown):
                row.show_case(shown[place])
        alarms = sum(case.priority is not None for case in self._cases)
        told = f"{alarms} active alarm{'' if alarms == 1 else 's'}" if alarms else NO_ALARM
        silent = count - alarms
        until = self._first + len(shown)
        part = f" · {self._first + 1} to {until} of {count}" if count > fits else ""
        set_text(self._title, f"{told}{f' · {silent} waiting or not judged' if silent else ''}{part}")
        self.more_key.setVisible(count > fits)
        self.more_key.set_text(f"More ({count - until})" if until < count else "From the first")


class CaseRow(QFrame):
    """One condition: its mark, what it says, the two answers, and its key."""

    acknowledge_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._theme = theme
        self._case: AlarmCase | None = None
        self.setFixedHeight(theme.px(_ROW))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(8), theme.px(2), theme.px(8), theme.px(2))
        row.setSpacing(theme.px(12))
        self._mark = label(theme, "", 18, BOLD)
        self._mark.setFixedWidth(theme.px(62))
        self._text = Elided(theme, "", 18, BOLD, shrink_to=13)
        self._on = Elided(theme, "", 15, MEDIUM, role="dim", shrink_to=11)
        self._silent = Elided(theme, "", 15, SEMIBOLD, shrink_to=11)
        words = QVBoxLayout()
        words.setSpacing(0)
        for line in (self._text, self._on, self._silent):
            words.addWidget(line)
        self.key = BigButton(theme, "Acknowledge", height=_KEY, pixels=15)
        self.key.clicked.connect(self._acknowledge)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self.key)

    def show_case(self, case: AlarmCase) -> None:
        """Show this condition."""
        if case == self._case:
            return
        self._case = case
        theme = self._theme
        if case.priority is None:
            look = f"border: 1px dashed {theme.strong_border}; color: {theme.dim};"
        else:
            fill, ink = theme.alarm_fill(case.priority), theme.alarm_text(case.priority)
            look = f"background: {fill}; color: {ink};" if case.filled else f"border: {theme.px(3)}px solid {fill};"
        self._mark.setStyleSheet(f"{look} border-radius: {theme.px(4)}px; padding: {theme.px(4)}px;")
        set_text(self._mark, case.mark)
        set_text(self._text, case.text)
        set_text(self._on, f"Why is it on? {case.why_on}" if case.priority is not None else case.why_on)
        heard = case.why_silent in {HEARD, BEHIND}
        set_text(self._silent, f"Sound: {case.why_silent}" if heard else f"Why is this silent? {case.why_silent}")
        self.key.setVisible(case.can_acknowledge)
        self.key.setAccessibleName(f"Acknowledge: {case.text}")
        self.setAccessibleName(f"{case.text}. {self._on.text()}. {self._silent.text()}")

    def case(self) -> AlarmCase | None:
        """What is shown."""
        return self._case

    def lines(self) -> tuple[str, str, str]:
        """What it says, as shown."""
        return self._text.text(), self._on.text(), self._silent.text()

    def _acknowledge(self) -> None:
        if self._case is not None:
            self.acknowledge_wanted.emit(self._case.key)
