"""Live waves as a monitor shows them: a sweep at 25 mm/s with an erase bar, drawn column by column as samples come."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from exomonitor.clock import NS, stopwatch
from exomonitor.signals.waves import WaveChunk, WaveName
from exomonitor.units import shown_unit
from ui.plots.palette import DARK_PLOT, PlotColours
from ui.plots.playout import Playout
from ui.plots.ring_buffer import SampleRing
from ui.plots.scale import LaneScale, is_ecg
from ui.plots.sweep_image import SweepImage, Trace, trace_pen

MM_PER_S = 25.0
FRAME_MS = 33
LONGEST_FRAME_S = 0.25
_LABEL_PX, _LABEL_HEIGHT, _TEXT_WIDTH = 12, 18, 150
_PX_PER_MM = (3.0, 8.0)
"""What screens really have; one that reports nonsense is taken as the nearest of these."""
_NO_DATA_S = 1.5
_WEIGHTS = {WaveName.PLETH: 1.2, WaveName.RESP: 0.8}
_ECG_WEIGHT = 1.3


@dataclass(slots=True)
class Lane:
    """One wave on screen: its samples, its scale, where it is drawn, and what is wrong with it."""

    wave: WaveName
    label: str
    trace: Trace
    scale: LaneScale
    ring: SampleRing | None = None
    unit: str = ""
    lead_off: bool = False
    silent_s: float = 0.0
    shown: str = ""
    place: QRect = field(default_factory=QRect)

    def problem(self) -> str:
        """What the lane says instead of a wave, "" when there is one."""
        if self.lead_off:
            return "lead off"
        if self.ring is None or self.silent_s > _NO_DATA_S:
            return "no data"
        return ""

    def heading(self) -> str:
        """The lane's name with what its height means."""
        shrunk = f" · 1/{self.scale.times}" if self.scale.times > 1 else ""
        if is_ecg(self.wave):
            return f"mV · {MM_PER_S:.0f} mm/s{shrunk}"
        return shown_unit(self.unit) if self.unit not in {"", "%", "1"} else ""


class SweepView(QWidget):
    """Shows waves; takes chunks at any pace and plays them out at their own. Runs only while it is visible."""

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
        self._lanes: dict[WaveName, Lane] = {}
        self._playout = Playout()
        self._boot = ""
        self._last_frame_s = 0.0
        self._image = self._new_image()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw_frame)

    def set_waves(self, waves: Iterable[tuple[WaveName, str, str]]) -> None:
        """Which waves to show, from the top: name, label, colour. Waves already shown keep their samples."""
        kept = self._lanes
        self._lanes = {}
        for wave, label, colour in waves:
            lane = kept.get(wave) or Lane(wave, label, Trace(0, 1, trace_pen(colour)), LaneScale(wave))
            lane.label, lane.trace.pen = label, trace_pen(colour)
            self._lanes[wave] = lane
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
        if lane.ring is None or lane.ring.rate_hz != chunk.rate_hz:
            lane.ring = SampleRing(chunk.rate_hz)
        values = chunk.physical().astype(np.float32)
        if lane.scale.saw(values, chunk.rate_hz):
            lane.trace.last = None
        lane.ring.push(values, chunk.at.mono_ns / NS, gap_before=chunk.gap_before)
        lane.unit, lane.lead_off, lane.silent_s = chunk.unit, chunk.lead_off, 0.0
        if self._playout.arrived(self._arrived_up_to()):
            self._start_over()

    def draw_frame(self) -> None:
        """Draw what is new since the last frame; the timer calls this."""
        now_s = self._seconds()
        frame_s = min(LONGEST_FRAME_S, max(0.0, now_s - self._last_frame_s))
        self._last_frame_s = now_s
        for lane in self._lanes.values():
            lane.silent_s += frame_s
            self._refresh_problem(lane)
        from_s = self._playout.at_s
        step_s = self._playout.advance(frame_s)
        if from_s is None or step_s <= 0:
            return
        self.update(self._draw(from_s, from_s + step_s))

    def sizeHint(self) -> QSize:
        """Room for three waves."""
        return QSize(760, 220)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on drawing, from what is newest."""
        super().showEvent(event)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the changed columns; names and problems of the lanes lie over them."""
        painter = QPainter(self)
        self._image.blit(painter, event.rect())
        changed = event.rect()
        for lane in self._lanes.values():
            if lane.shown or changed.left() < _TEXT_WIDTH:
                self._paint_texts(painter, lane, changed)
        painter.end()

    def _draw(self, from_s: float, to_s: float) -> QRect:
        per_s = self._px_per_s()
        lines = []
        for lane in self._lanes.values():
            if lane.ring is None:
                continue
            first_s, values = lane.ring.take_until(to_s)
            if values.size == 0:
                if first_s + 2 / lane.ring.rate_hz < to_s:
                    lane.trace.last = None
                continue
            # Samples that come too late, behind the cursor, are not drawn: their columns show something else by now.
            late = int(max(0.0, (from_s - first_s) * lane.ring.rate_hz - 1.5))
            if late:
                lane.trace.last, values, first_s = None, values[late:], first_s + late / lane.ring.rate_hz
            begins = self._image.cursor + (first_s - from_s) * per_s
            xs = begins + np.arange(values.size) * (per_s / lane.ring.rate_hz)
            lines.append((lane.trace, lane.trace.runs(xs, values, lane.scale.lo, lane.scale.hi)))
        step_px = (to_s - from_s) * per_s
        if step_px >= self._image.width:  # a simulation far ahead of the screen: begin with what is newest
            self._start_over()
            return self.rect()
        if self._image.cursor + step_px >= self._image.width:
            for lane in self._lanes.values():
                if lane.scale.new_sweep():
                    lane.trace.last = None
        return self._image.advance(step_px, lines)

    def _px_per_s(self) -> float:
        per_mm = self.physicalDpiX() / 25.4
        return MM_PER_S * min(max(per_mm, _PX_PER_MM[0]), _PX_PER_MM[1])

    def _arrived_up_to(self) -> float:
        """The second that all waves that still come have reached."""
        ends = [
            lane.ring.end_s for lane in self._lanes.values() if lane.ring is not None and lane.ring.end_s is not None
        ]
        newest = max(ends)
        return min(end for end in ends if end > newest - _NO_DATA_S)

    def _begin_time_line(self, boot: str) -> None:
        self._boot = boot
        self._playout = Playout()
        for lane in self._lanes.values():
            lane.ring = None
        self._start_over()

    def _start_over(self) -> None:
        self._image.clear()
        for lane in self._lanes.values():
            lane.trace.last = None
        self.update()

    def _new_image(self) -> SweepImage:
        return SweepImage(self.size(), self.devicePixelRatioF(), QColor(self._colours.background))

    def _lay_out(self) -> None:
        self._image = self._new_image()
        weights = [_ECG_WEIGHT if is_ecg(wave) else _WEIGHTS.get(wave, 1.0) for wave in self._lanes]
        total, top = sum(weights) or 1.0, 0.0
        for lane, weight in zip(self._lanes.values(), weights, strict=True):
            height = self.height() * weight / total
            lane.place = QRect(0, round(top), self.width(), round(height))
            # The trace keeps clear of its own name and of the next lane.
            lane.trace.top, lane.trace.height = top + _LABEL_HEIGHT * 0.8, max(8.0, height - _LABEL_HEIGHT)
            lane.trace.last = None
            top += height
        self.update()

    def _refresh_problem(self, lane: Lane) -> None:
        if lane.shown != lane.problem():
            lane.shown = lane.problem()
            self.update(lane.place)

    def _paint_texts(self, painter: QPainter, lane: Lane, changed: QRect) -> None:
        place = QRect(6, lane.place.top(), _TEXT_WIDTH, _LABEL_HEIGHT)
        if changed.intersects(place):
            name = self._font(bold=True)
            painter.setFont(name)
            painter.setPen(lane.trace.pen)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, lane.label)
            offset = painter.fontMetrics().horizontalAdvance(lane.label) + 7
            painter.setFont(self._font(bold=False))
            painter.setPen(QColor(self._colours.axis))
            painter.drawText(place.adjusted(offset, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, lane.heading())
        problem = QRectF(lane.place.right() - _TEXT_WIDTH - 10, lane.place.top(), _TEXT_WIDTH, lane.place.height())
        if lane.shown and changed.intersects(problem.toRect()):
            painter.setFont(self._font(bold=True, px=16))
            painter.setPen(QColor(self._colours.text))
            painter.drawText(problem, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, lane.shown)

    def _font(self, *, bold: bool, px: int = _LABEL_PX) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._colours.px(px))
        font.setBold(bold)
        return font


__all__ = ["FRAME_MS", "SweepView"]
