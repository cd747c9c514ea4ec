"""The cards around waves and trend: NEXT, the trend with what its cursor reads, and the newest entries."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from ui.plots.lanes import LaneSpec
from ui.plots.palette import PlotColours
from ui.plots.trend import TrendView
from ui.presenters.next_step import NextView, log_lines
from ui.presenters.trend import reading_words
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, Fitted, label, set_role, set_text

_LOG_LINES = 3
_CURSOR_S = 60
"""A cursor that nobody moves any more goes away: what it reads must not be taken for now."""
_BADGES = {"set": "F5", "pump": "F9", "flush": "F9", "back": "F10", "leave": "F9", "devices": "Alt+6"}
_BOUND, _SLASH = "\N{NO-BREAK SPACE}", "/\N{WORD JOINER}"
"""A line breaks between the names of the trend, never within a unit."""


SMALLEST_LINE = 12
"""Of NEXT's line where the patient, the devices and two more things to be done stand in it: none of them is cut."""


class NextCard(Card):
    """What to do now and when, and the key that does it."""

    action_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._action = ""
        row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self._line = Fitted(theme, 24, SMALLEST_LINE)
        self._below = Elided(theme, "", 15, MEDIUM, role="dim")
        words.addWidget(self._line, 1)
        words.addWidget(self._below)
        row.addLayout(words, 1)
        self._key = BigButton(theme, "Record a set", "F5", Kind.PRIMARY, height=60)
        self._key.setMinimumWidth(theme.px(176))
        self._key.clicked.connect(lambda: self.action_wanted.emit(self._action))
        self.setFocusProxy(self._key)
        row.addWidget(self._key)
        self.body.addLayout(row)
        self.setFixedHeight(theme.px(96))

    def show_view(self, view: NextView) -> None:
        """Bring the card up to date."""
        self._line.set_text(view.line)
        set_text(self._below, view.below)
        self._action = view.action
        self._key.setVisible(bool(view.action))
        if view.action:
            self._key.set_text(view.action_text)
        self._key.set_badge(_BADGES.get(view.action, ""))


class LogCard(Card):
    """The newest entries, the newest at the top; its remark says when something was recorded."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Session log", parent=parent)
        self._lines: list[tuple[QLabel, QLabel]] = []
        for _ in range(_LOG_LINES):
            row = QHBoxLayout()
            row.setSpacing(theme.px(10))
            at = label(theme, "", 15, role="dim", tabular=True)
            words = Elided(theme, "", 15)
            row.addWidget(at)
            row.addWidget(words, 1)
            self._lines.append((at, words))
            self.body.addLayout(row)
        self.body.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the lines up to date."""
        lines = log_lines(snapshot, _LOG_LINES)
        for place, (at, words) in enumerate(self._lines):
            time, text = lines[place] if place < len(lines) else ("", "")
            set_text(at, time)
            set_text(words, text)


class TrendCard(Card):
    """The trend, named by the span that it shows; while there is a cursor, by what the cursor reads."""

    def __init__(self, theme: Theme, trend: TrendView, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._trend, self._plain, self._spoken, self._idle_s = trend, "", "", 0.0
        self._gives_way = False
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        self._words = label(theme, "", 13, SEMIBOLD, role="dim", wrap=True)
        self._key = label(theme, trend.legend(), 13, role="dim")
        row.addWidget(self._words, 1)
        row.addWidget(self._key)
        self.body.addLayout(row)
        self.body.addWidget(trend, 1)
        trend.cursor_moved.connect(self._on_moved)

    def give_way(self, gives: bool) -> None:
        """Beside many waves the trend is no higher than its share: its words, which may break into two lines, would
        else keep it as high as it would like to be."""
        if gives != self._gives_way:
            self._gives_way = gives
            self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Whether the height follows from the width."""
        return not self._gives_way and super().hasHeightForWidth()

    def show_span(self, words: str, lanes: Sequence[LaneSpec], colours: PlotColours) -> None:
        """What the trend shows: the lanes from the top with their units, each name in its lane's colour."""
        names = [
            f'<span style="color:{getattr(colours, lane.colour)}">{lane.name}</span>{_BOUND}'
            + lane.unit.replace("/", _SLASH)
            for lane in lanes
        ]
        self._plain = " · ".join((words, *names))
        self._spoken = " · ".join((words, *(f"{one.name} {one.unit}" for one in lanes)))
        self._sync()

    def pass_time(self, seconds: float) -> None:
        """The cursor grows old."""
        self._idle_s += seconds
        if self._idle_s > _CURSOR_S:
            self._trend.drop_cursor()
        self._sync()

    def _on_moved(self) -> None:
        self._idle_s = 0.0
        self._sync()

    def _sync(self) -> None:
        reading = self._trend.reading()
        self._words.setTextFormat(Qt.TextFormat.RichText if reading is None else Qt.TextFormat.PlainText)
        set_text(self._words, self._plain if reading is None else reading_words(reading))
        self._words.setAccessibleName(self._spoken if reading is None else self._words.text())
        set_role(self._words, "dim" if reading is None else "")
        set_text(self._key, self._trend.legend())
        self._key.setVisible(reading is None)
