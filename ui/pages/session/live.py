"""The middle of the session page while nothing is being entered: NEXT, the live waves, the trend, the log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveChunk, WaveName
from ui.plots.palette import plot_colours
from ui.plots.sweep import SweepView, WaveShown
from ui.plots.trend import TrendView
from ui.presenters.next_step import NextView, log_lines
from ui.presenters.past import PastVitals
from ui.presenters.tiles import Look, look_of
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import MEDIUM, Elided, Fitted, label, set_text

_LOG_LINES = 3


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
        self._line = Fitted(theme, 24, 15)
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
        self._key.set_badge({"set": "F5", "pump": "F9", "flush": "F9", "back": "F10"}.get(view.action, ""))


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


class LiveView(QWidget):
    """NEXT, waves, trend and log, one under the other."""

    def __init__(self, theme: Theme, window: tuple[float, float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        colours = plot_colours(theme)
        self.next_card = NextCard(theme)
        self._sweep = SweepView(colours)
        self._sweep.set_waves(
            [WaveShown(WaveName.ECG_II, "II", theme.hr), WaveShown(WaveName.PLETH, "Pleth", theme.spo2),
             WaveShown(WaveName.RESP, "Resp", theme.resp)]
        )  # fmt: skip
        self._trend = TrendView(colours)
        self._trend.set_window(*window)
        self.log_card = LogCard(theme)
        waves, trend = Card(theme), Card(theme, "HR · SpO₂ · NIBP · rate", "planned rate dashed · limits dotted")
        waves.body.addWidget(self._sweep, 1)
        trend.body.addWidget(self._trend, 1)
        column.addWidget(self.next_card)
        column.addWidget(waves, 8)
        column.addWidget(trend, 13)
        column.addWidget(self.log_card)

    def add_waves(self, chunks: Sequence[WaveChunk]) -> None:
        """New pieces of waves."""
        for chunk in chunks:
            self._sweep.add_chunk(chunk)

    def show_snapshot(self, snapshot: Snapshot, view: NextView) -> None:
        """Bring the column up to date."""
        self.next_card.show_view(view)
        self.log_card.show_snapshot(snapshot)
        self.keep(snapshot)

    def add_past(self, past: PastVitals) -> None:
        """Vitals from before this window was opened."""
        for minute, sign, value in past.lines:
            self._trend.add_vitals(minute, {sign: value})
        for minute, systolic, diastolic in past.pressures:
            self._trend.add_pressure(minute, systolic, diastolic)

    def keep(self, snapshot: Snapshot) -> None:
        """Note the vital signs in the trend; also while another page is in front, so that it has no hole there."""
        session = snapshot.session
        if session is None:
            return
        self._trend.set_state(session, snapshot.progress, snapshot.now)
        self._trend.set_limits({sign: (live.low, live.high) for sign, live in snapshot.vitals.items()})
        if session.started is None:
            return
        minute = snapshot.now.since(session.started) / 60
        values: dict[Sign, float | None] = {}
        for sign in (Sign.HR, Sign.SPO2):
            live = snapshot.vitals.get(sign)
            values[sign] = live.reading.value if live is not None and look_of(live) is Look.LIVE else None
        self._trend.add_vitals(minute, values)
        systolic, diastolic = snapshot.vitals.get(Sign.NIBP_SYS), snapshot.vitals.get(Sign.NIBP_DIA)
        if systolic is None or diastolic is None or systolic.lost:
            return
        if systolic.reading.value is not None and diastolic.reading.value is not None:
            at = systolic.reading.taken_at.since(session.started) / 60
            self._trend.add_pressure(at, systolic.reading.value, diastolic.reading.value)
