"""All active alarms one under the other, each with its own key; lies where no vital sign and no pump state stands."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.places import place_words
from ui.presenters.alarms import AlarmLine, alarm_lines
from ui.theme import Theme
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_text

_ROW, _KEY = 66, 59


class AlarmList(QFrame):
    """Opened by a touch on the alarm bar or F4. acknowledge_wanted(key): one alarm; it closes when none is left.
    place_wanted(name): the other chair that a line is about."""

    acknowledge_wanted = Signal(str)
    place_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("outlined")
        self.setAccessibleName("Active alarms")
        self._theme = theme
        self._place: QWidget | None = None
        self._lines: tuple[AlarmLine, ...] = ()
        self._first = 0
        self._rows: list[AlarmRow] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(10))
        column.setSpacing(theme.px(6))
        self._title = label(theme, "", 18, SEMIBOLD)
        column.addWidget(self._title)
        self._column = QVBoxLayout()
        self._column.setSpacing(theme.px(6))
        column.addLayout(self._column)
        column.addStretch(1)
        keys = QHBoxLayout()
        keys.setSpacing(theme.px(10))
        self.close_key = BigButton(theme, "Close", "Esc", height=_KEY)
        self.more_key = BigButton(theme, "More", height=_KEY)
        self.close_key.clicked.connect(self.hide)
        self.more_key.clicked.connect(self._turn)
        keys.addWidget(self.close_key, 1)
        keys.addWidget(self.more_key, 1)
        column.addLayout(keys)
        self.hide()

    def open_over(self, place: QWidget) -> None:
        """Show the list over this part of the page."""
        if not self._lines:
            return
        self._place, self._first = place, 0
        self.lie_down()
        self._fill()
        self.show()
        self.raise_()
        self.close_key.setFocus()

    def lie_down(self) -> None:
        """Cover the place exactly, wherever it is now."""
        over = self.parentWidget()
        if self._place is None or over is None:
            return
        if not self._place.isVisible():
            self.hide()
            return
        box = QRect(self._place.mapTo(over, QPoint(0, 0)), self._place.size())
        if box != self.geometry():
            self.setGeometry(box)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the list up to date."""
        lines = alarm_lines(snapshot)
        if not lines:
            self._lines = ()
            self.hide()
            return
        changed, self._lines = lines != self._lines, lines
        if self.isVisible():
            self.lie_down()
            if changed:
                self._fill()

    def _fits(self) -> int:
        theme = self._theme
        room = self.height() - theme.px(18 + 28 + _KEY + 12)
        return max(1, room // (theme.px(_ROW) + theme.px(6)))

    def _fill(self) -> None:
        fits = self._fits()
        if self._first >= len(self._lines):
            self._first = 0
        shown = self._lines[self._first : self._first + fits]
        while len(self._rows) < len(shown):
            row = AlarmRow(self._theme)
            row.acknowledge_wanted.connect(self.acknowledge_wanted)
            row.place_wanted.connect(self.place_wanted)
            self._rows.append(row)
            self._column.addWidget(row)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(shown))
            if place < len(shown):
                row.show_line(shown[place])
        until = self._first + len(shown)
        count = len(self._lines)
        part = f" · {self._first + 1} to {until}" if count > fits else ""
        set_text(self._title, f"{count} active alarm{'s' if count > 1 else ''}{part}")
        self.more_key.setVisible(count > fits)
        self.more_key.set_text(f"More ({count - until})" if until < count else "From the first")

    def _turn(self) -> None:
        self._first += self._fits()
        self._fill()


class AlarmRow(QFrame):
    """One alarm: a block of its colour with its mark, what it says, since when, and its key."""

    acknowledge_wanted = Signal(str)
    place_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._line: AlarmLine | None = None
        self.setFixedHeight(theme.px(_ROW))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self._mark = label(theme, "", 18, BOLD)
        self._mark.setFixedWidth(theme.px(58))
        words = QVBoxLayout()
        words.setSpacing(0)
        self._text = Elided(theme, "", 18, BOLD, shrink_to=14)
        self._detail = Elided(theme, "", 15, MEDIUM, role="dim")
        words.addStretch(1)
        words.addWidget(self._text)
        words.addWidget(self._detail)
        words.addStretch(1)
        self.key = BigButton(theme, "Acknowledge", height=_KEY, pixels=15)
        self.key.clicked.connect(self._acknowledge)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        row.addWidget(self.key)

    def show_line(self, line: AlarmLine) -> None:
        """Show this alarm."""
        if line == self._line:
            return
        self._line = line
        theme = self._theme
        fill, text = theme.alarm_fill(line.priority), theme.alarm_text(line.priority)
        look = f"background: {fill}; color: {text};" if line.filled else f"border: {theme.px(3)}px solid {fill};"
        self._mark.setStyleSheet(f"{look} border-radius: {theme.px(4)}px; padding: {theme.px(4)}px;")
        set_text(self._mark, line.mark)
        set_text(self._text, line.text)
        set_text(self._detail, line.detail)
        show = f"Show {place_words(line.place, inside=True)}" if line.place else ""
        self.key.setVisible(line.can_acknowledge or bool(show))
        self.key.set_text(show or "Acknowledge")
        self.key.setAccessibleName(show or f"Acknowledge: {line.text}")
        self.setAccessibleName(f"{line.text}, {line.detail}")

    def _acknowledge(self) -> None:
        if self._line is not None and self._line.place:
            self.place_wanted.emit(self._line.place)
        elif self._line is not None:
            self.acknowledge_wanted.emit(self._line.key)
