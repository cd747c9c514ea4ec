"""Live waves as a monitor shows them: a sweep with an erase bar, drawn column by column as samples come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from exomonitor.clock import stopwatch
from exomonitor.signals.waves import WaveChunk, WaveName
from ui.plots.palette import DARK_PLOT, PlotColours
from ui.plots.playout import Playout
from ui.plots.scale import LaneScale, is_ecg
from ui.plots.screen_size import ScreenSize, screen_size
from ui.plots.sweep_image import SweepImage, trace_pen
from ui.plots.sweep_lane import NO_DATA_S, Lane, Track
from ui.plots.sweep_words import LABEL_HEIGHT, SweepWords

USUAL_MM_PER_S = 25.0
FRAME_MS = 33
LONGEST_FRAME_S = 0.25
AHEAD_S = 0.35
"""Lines are made for this much at a time; a frame only copies their columns."""
TOO_FAST, FAST_AGAIN = 20.0, 15.0
"""So many seconds of data in a second are nothing that an eye could follow; below the second one it is drawn again."""
_PACE_S = 1.0
_FAST_WORDS = "Time runs {pace:.0f} times as fast as a clock: waves are not drawn"
_WEIGHTS: dict[str, float] = {WaveName.PLETH: 1.2, WaveName.RESP: 0.8, WaveName.CO2: 0.8}
_ECG_WEIGHT = 1.3


@dataclass(frozen=True, slots=True)
class WaveShown:
    """One wave to be drawn: how it is called, in which colour (#rrggbb), how much larger than usual."""

    wave: str
    label: str
    colour: str
    gain: float = 1.0


class SweepView(QWidget):
    """Shows waves; takes chunks at any pace and plays them out at their own. Runs only while it is visible."""

    touched = Signal()

    def __init__(
        self,
        colours: PlotColours = DARK_PLOT,
        parent: QWidget | None = None,
        *,
        seconds: Callable[[], float] = stopwatch,
    ) -> None:
        """seconds: a monotonic clock that paces the frames."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 120)
        self.setAccessibleName("Live waves")
        self._colours = colours
        self._seconds = seconds
        self._lanes: dict[str, Lane] = {}
        self._playout = Playout()
        self._fresh = self._problems = False
        self._boot = ""
        self._last_frame_s = self._looked_s = 0.0
        self._mm_per_s, self._diagonal_in = USUAL_MM_PER_S, 0.0
        self._origin_s: float | None = None
        self._pace, self._racing = 1.0, False
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw_frame)

    def set_waves(self, waves: Iterable[WaveShown]) -> None:
        """Which waves to show, from the top. Waves already shown keep their samples."""
        kept, self._lanes = self._lanes, {}
        for one in waves:
            pen = trace_pen(one.colour)
            lane = kept.get(one.wave) or Lane(one.wave, one.label, pen, LaneScale(one.wave))
            lane.label, lane.pen = one.label, pen
            lane.scale.set_gain(one.gain)
            self._lanes[one.wave] = lane
        self._lay_out()

    def set_speed(self, mm_per_s: float, diagonal_in: float = 0.0) -> None:
        """How fast the waves pass. diagonal_in: of the screen, as somebody measured it; 0 = the screen is asked."""
        if (mm_per_s, diagonal_in) != (self._mm_per_s, self._diagonal_in):
            self._mm_per_s, self._diagonal_in = mm_per_s, diagonal_in
            self._lay_out()

    def set_colours(self, colours: PlotColours) -> None:
        """Another theme: the sweep begins anew on its background."""
        self._colours = colours
        self._lay_out()

    def add_chunk(self, chunk: WaveChunk) -> None:
        """Take samples; a wave that is not shown is left alone."""
        lane = self._lanes.get(chunk.wave)
        if lane is None or chunk.samples.size == 0:
            return
        if chunk.at.boot_id != self._boot:
            self._begin_time_line(chunk.at.boot_id)
        self._fresh = lane.take(chunk) or self._fresh

    def draw_frame(self) -> None:
        """Draw what is new since the last frame; the timer calls this."""
        now_s = self._seconds()
        frame_s = min(LONGEST_FRAME_S, max(0.0, now_s - self._last_frame_s))
        self._last_frame_s = now_s
        self._looked_s += frame_s
        if self._looked_s >= 0.2:
            self._look_at_lanes()
        self._hear()
        from_s = self._playout.at_s
        step_s = self._playout.advance(frame_s)
        if from_s is None or step_s <= 0:
            return
        self._judge_pace(step_s / frame_s, frame_s)
        if not self._racing:
            self.update(self._draw(from_s, from_s + step_s))

    def sizeHint(self) -> QSize:
        """Room for three waves."""
        return QSize(760, 220)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on drawing, from what is newest."""
        super().showEvent(event)
        self._hear()
        if self._playout.skip_to_newest():
            self._start_over()
        self._last_frame_s = self._seconds()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: draw nothing."""
        self._timer.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A picture of another size begins empty."""
        super().resizeEvent(event)
        self._lay_out()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch anywhere on the waves."""
        if self.rect().contains(event.position().toPoint()):
            self.touched.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the changed columns; names and problems of the lanes lie over them."""
        changed = event.rect()
        painter = QPainter(self)
        self._image.blit(painter, changed)
        if changed.left() < self._words.wide:
            self._words.blit(painter, changed)
        if self._problems and not self._racing:
            for lane in self._lanes.values():
                if lane.shown and changed.intersects(lane.place.toRect()):
                    self._words.paint_problem(painter, lane)
        if self._racing:
            self._words.paint_notice(painter, self.rect(), self.notice())
        painter.end()

    def notice(self) -> str:
        """What is said in place of the waves, "" while they are drawn."""
        return _FAST_WORDS.format(pace=round(self._pace, -1)) if self._racing else ""

    def size_of_screen(self) -> ScreenSize:
        """What is known of the screen that this view is on."""
        screen = self.screen()
        pixels, told = screen.geometry().size(), screen.physicalSize()
        return screen_size((pixels.width(), pixels.height()), (told.width(), told.height()), self._diagonal_in)

    # --- frames ------------------------------------------------------------------------------------------------------

    def _draw(self, from_s: float, to_s: float) -> QRect:
        track = self._track(from_s)
        cursor = self._image.cursor
        until_s = to_s + min(AHEAD_S, track.width / 3 / track.per_s)
        lines = [
            (lane.pen, parts)
            for lane in self._lanes.values()
            if lane.prepared_s < to_s + 2 / track.per_s and (parts := lane.lines(track, cursor, until_s))
        ]
        if lines:
            self._image.draw(lines, track.x(until_s))
        return self._image.advance(track.x(to_s))

    def _track(self, from_s: float) -> Track:
        """The line of seconds; where the playout has jumped, the cursor stays and what was drawn ahead is forgotten."""
        per_s = self._px_per_s() * self._image.scale
        begun = from_s - self._image.cursor / per_s
        if self._origin_s is None or abs(begun - self._origin_s) > 0.002:
            self._origin_s = begun
            self._image.forget_ahead()
            for lane in self._lanes.values():
                lane.begin_anew()
        return Track(self._origin_s, per_s, self._image.width)

    def _judge_pace(self, pace: float, frame_s: float) -> None:
        """Whether data come so fast that a sweep would only be a blur."""
        self._pace += (pace - self._pace) * min(1.0, frame_s / _PACE_S)
        racing = self._pace > (FAST_AGAIN if self._racing else TOO_FAST)
        if racing != self._racing:
            self._racing = racing
            self._start_over()

    def _px_per_s(self) -> float:
        return self._mm_per_s * self._size.px_per_mm

    def _hear(self) -> None:
        """Tell the playout up to which second all waves that still come have arrived."""
        if not self._fresh:
            return
        self._fresh = False
        ends = [
            lane.ring.end_s for lane in self._lanes.values() if lane.ring is not None and lane.ring.end_s is not None
        ]
        newest = max(ends, default=None)
        if newest is None:
            return
        if self._playout.arrived(min(end for end in ends if end > newest - NO_DATA_S)):
            self._start_over()

    def _begin_time_line(self, boot: str) -> None:
        self._boot = boot
        self._playout, self._fresh = Playout(), False
        for lane in self._lanes.values():
            lane.ring = None
        self._start_over()

    def _start_over(self) -> None:
        self._image.clear()
        self._origin_s = None
        self.update()

    # --- what stands beside the waves --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        scale = self.devicePixelRatioF()
        self._size = self.size_of_screen()
        self._image = SweepImage(self.size(), scale, QColor(self._colours.background), self._colours.scale)
        self._words = SweepWords(self.font(), self._colours, self.size(), scale)
        self._origin_s = None
        weights = [_ECG_WEIGHT if is_ecg(wave) else _WEIGHTS.get(wave, 1.0) for wave in self._lanes]
        total, top, label = sum(weights) or 1.0, 0.0, self._colours.px(LABEL_HEIGHT)
        for lane, weight in zip(self._lanes.values(), weights, strict=True):
            height = self.height() * weight / total
            lane.place = QRectF(0, top, self.width(), height)
            # The trace keeps clear of its own name and of the next lane.
            above = min(label, height * 0.5)
            lane.top, lane.height = (top + above) * scale, max(8.0, height - above - 2) * scale
            top += height
        self._look_at_lanes()
        self.update()

    def _look_at_lanes(self) -> None:
        """A few times a second: what is wrong with a lane, and what its height means."""
        for lane in self._lanes.values():
            lane.silent_s += self._looked_s
            if lane.shown != lane.problem():
                lane.shown = lane.problem()
                self.update(lane.place.toAlignedRect())
        self._looked_s = 0.0
        self._problems = any(lane.shown for lane in self._lanes.values())
        wide = self._words.wide
        if self._words.refresh(tuple(self._lanes.values()), self._headings()):
            self.update(0, 0, max(wide, self._words.wide), self.height())
        if self._racing:
            self.update()

    def _headings(self) -> list[str]:
        """What each lane's height means; the first one also says how fast they pass."""
        per_mm = self._size.px_per_mm * self._image.scale
        found = [lane.heading(per_mm, known=self._size.known) for lane in self._lanes.values()]
        if found:
            speed = f"{self._mm_per_s:g} mm/s" if self._size.known else f"{self._mm_per_s:g} mm/s, speed not calibrated"
            found[0] = " · ".join(part for part in (found[0], speed) if part)
        return found


__all__ = ["FRAME_MS", "SweepView", "WaveShown"]
