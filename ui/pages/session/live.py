"""The middle of the session page while nothing is being entered: NEXT, the live waves, the trend, the log."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from exomonitor.clock import Instant
from exomonitor.engine.snapshot import Snapshot
from exomonitor.settings import ScreenSettings
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveChunk, WaveName
from ui.kept_screen import KeptScreen
from ui.pages.session.live_cards import LogCard, NextCard, TrendCard
from ui.plots.lanes import FULL, STANDARD
from ui.plots.palette import plot_colours
from ui.plots.screen_size import ScreenSize
from ui.plots.sweep import SweepView, WaveShown
from ui.plots.trend import LINES, TrendView
from ui.presenters.next_step import NextView
from ui.presenters.past import PastVitals
from ui.presenters.screen import WAVES, span_min, span_words
from ui.presenters.tiles import Look, look_of
from ui.theme import Theme
from ui.widgets.card import Card

_FEW_WAVES = 4
"""With more of them the log gives way."""
_STRETCH = ((0, 1), (5, 16), (8, 14), (9, 12), (10, 11), (12, 10), (13, 9), (15, 8), (16, 7))
"""(waves, trend) by the number of waves."""
_HEARD_TURNS = 15
"""Three seconds of pictures."""


class LiveView(QWidget):
    """NEXT, waves, trend and log, one under the other."""

    waves_wanted = Signal()

    def __init__(
        self, theme: Theme, window: tuple[float, float], kept: KeptScreen, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._kept = theme, kept
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        colours = plot_colours(theme)
        self.next_card = NextCard(theme)
        self._sweep, self._trend = SweepView(colours), TrendView(colours)
        for plot in (self._sweep, self._trend):  # they share the height as _STRETCH says, not as they would like
            plot.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._sweep.touched.connect(self.waves_wanted)
        self._trend.set_window(*window)
        self.log_card = LogCard(theme)
        self._waves, self.trend_card = Card(theme), TrendCard(theme, self._trend)
        self._waves.body.addWidget(self._sweep, 1)
        self._heard: dict[str, int] = {}
        self._turn = 0
        self._read = True
        self._kept_at: Instant | None = None
        for card in (self.next_card, self._waves, self.trend_card, self.log_card):
            self._column.addWidget(card)
        kept.changed.connect(self._lay_out)
        self._lay_out(kept.screen)

    def _lay_out(self, screen: ScreenSettings) -> None:
        """Waves, trend and log as somebody has chosen; many waves take the room of the log."""
        theme = self._theme
        colours = {
            WaveName.PLETH: theme.spo2,
            WaveName.PLETH_2: theme.spo2,
            WaveName.RESP: theme.resp,
            WaveName.CO2: theme.resp,
        }
        self._sweep.set_waves(
            WaveShown(one.wave, WAVES[one.wave], colours.get(WaveName(one.wave), theme.hr), float(one.gain))
            for one in screen.wave
        )
        self._sweep.set_speed(float(screen.speed), screen.diagonal_in)
        only_trend, count = screen.layout == "trend", len(screen.wave)
        self._trend.set_lanes(FULL if only_trend else STANDARD)
        self._trend.set_span(span_min(screen))
        self.trend_card.show_span(span_words(screen), FULL if only_trend else STANDARD, plot_colours(theme))
        self._waves.setVisible(bool(count) and not only_trend and self._read)
        self.log_card.setVisible(not only_trend and count <= _FEW_WAVES)
        self.trend_card.give_way(count > _FEW_WAVES)
        waves, trend = _STRETCH[min(count, len(_STRETCH) - 1)]
        self._column.setStretchFactor(self._waves, waves)
        self._column.setStretchFactor(self.trend_card, trend)

    def move_cursor(self, steps: int) -> None:
        """Read the trend further to the left or right."""
        self._trend.move_cursor(steps)

    def drop_cursor(self) -> bool:
        """Read it no more; False when nobody did."""
        return self._trend.drop_cursor()

    def coming(self) -> set[str]:
        """The waves that devices have sent in the last seconds."""
        return {wave for wave, turn in self._heard.items() if self._turn - turn < _HEARD_TURNS}

    def size_of_screen(self) -> ScreenSize:
        """What is known of the screen's millimetres."""
        return self._sweep.size_of_screen()

    def add_waves(self, chunks: Sequence[WaveChunk]) -> None:
        """New pieces of waves."""
        for chunk in chunks:
            self._heard[chunk.wave] = self._turn
            self._sweep.add_chunk(chunk)

    def show_snapshot(self, snapshot: Snapshot, view: NextView) -> None:
        """Bring the column up to date."""
        self.next_card.show_view(view)
        self.log_card.show_snapshot(snapshot)
        self.keep(snapshot)

    def add_past(self, past: PastVitals) -> None:
        """Vitals from before this window was opened."""
        for sign in {sign for _, sign, _ in past.lines}:
            pairs = np.array([(minute, value) for minute, own, value in past.lines if own is sign])
            self._trend.add_line(sign, pairs[:, 0], pairs[:, 1])
        for minute, systolic, diastolic in past.pressures:
            self._trend.add_pressure(minute, systolic, diastolic)

    def keep(self, snapshot: Snapshot) -> None:
        """Note the vital signs in the trend; also while another page is in front, so that it has no hole there."""
        session = snapshot.session
        self._turn += 1
        # Where no monitor is read (values are typed, a lounge) no lanes stand there empty.
        read = bool(self.coming()) or any(link.role == "monitor" for link in snapshot.links)
        if read != self._read:
            self._read = read
            self._lay_out(self._kept.screen)
        passed = snapshot.now.since(self._kept_at) if self._kept_at is not None else 0.0
        self._kept_at = snapshot.now
        if session is None:
            return
        self._trend.set_state(session, snapshot.progress, snapshot.now)
        self._trend.set_limits({sign: (live.low, live.high) for sign, live in snapshot.vitals.items()})
        self.trend_card.pass_time(max(0.0, passed))
        if session.started is None:
            return
        minute = snapshot.now.since(session.started) / 60
        values: dict[Sign, float | None] = {}
        for sign in LINES:
            live = snapshot.vitals.get(sign)
            values[sign] = live.reading.value if live is not None and look_of(live) is Look.LIVE else None
        self._trend.add_vitals(minute, values)
        systolic, diastolic = snapshot.vitals.get(Sign.NIBP_SYS), snapshot.vitals.get(Sign.NIBP_DIA)
        if systolic is None or diastolic is None or systolic.lost:
            return
        if systolic.reading.value is not None and diastolic.reading.value is not None:
            at = systolic.reading.taken_at.since(session.started) / 60
            self._trend.add_pressure(at, systolic.reading.value, diastolic.reading.value)
