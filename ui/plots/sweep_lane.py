"""One lane of the sweep: samples of a wave on their way to lines, and what stands beside them in words."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPen, QPolygonF

from exomonitor.clock import NS
from exomonitor.signals.waves import MISSING_SAMPLE, WaveChunk
from exomonitor.units import shown_unit
from ui.plots.polygons import polygon
from ui.plots.ring_buffer import SampleRing, Samples
from ui.plots.scale import LaneScale, is_ecg

NO_DATA_S = 1.5
"""A wave of which nothing has come for so long is missing."""
MARK_MV = (1.0, 0.5, 0.2)
"""Heights of the calibration mark: the tallest that fits is drawn."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """How seconds become x: `origin_s` lies at x 0, `per_s` pixels are a second, a pass is `width` pixels."""

    origin_s: float
    per_s: float
    width: int

    def x(self, second: float) -> float:
        """Where a second lies."""
        return (second - self.origin_s) * self.per_s


@dataclass(slots=True)
class Lane:
    """One wave on screen: its samples, its scale, where it is drawn (pixels of the screen), what is wrong with it."""

    wave: str
    label: str
    pen: QPen
    scale: LaneScale
    ring: SampleRing | None = None
    source: str = ""
    unit: str = ""
    lead_off: bool = False
    silent_s: float = 0.0
    shown: str = ""
    top: float = 0.0
    height: float = 1.0
    place: QRectF = field(default_factory=QRectF)
    """All of the lane, in logical pixels."""
    prepared_s: float = -np.inf
    """Up to here its samples have become lines."""
    _last: tuple[float, float] | None = None

    def take(self, chunk: WaveChunk) -> bool:
        """Keep the samples of a chunk; False when another device still gives this wave, so that these are not drawn."""
        if self.source != chunk.source and self.ring is not None and self.silent_s < NO_DATA_S:
            return False
        if self.ring is None or self.ring.rate_hz != chunk.rate_hz or self.source != chunk.source:
            self.ring, self.source = SampleRing(chunk.rate_hz), chunk.source
            self.break_line()
        values = chunk.samples * np.float32(chunk.gain)
        missing = chunk.samples == MISSING_SAMPLE
        if missing.any():
            values[missing] = np.nan
        if self.scale.saw(values, chunk.rate_hz):
            self.break_line()
        self.ring.push(values, chunk.at.mono_ns / NS, gap_before=chunk.gap_before)
        self.unit, self.lead_off, self.silent_s = chunk.unit, chunk.lead_off, 0.0
        return True

    def break_line(self) -> None:
        """The next line begins anew."""
        self._last = None

    def begin_anew(self) -> None:
        """The picture is empty again."""
        self._last, self.prepared_s = None, -np.inf

    def lines(self, track: Track, cursor: float, until_s: float) -> list[QPolygonF]:
        """What has come up to `until_s` and is not drawn yet, as lines behind the cursor; a gap breaks them."""
        if self.ring is None or not self.ring.waiting:
            return []
        first_s, values = self.ring.take_until(until_s)
        if values.size == 0:
            return []
        rate = self.ring.rate_hz
        if abs(first_s - self.prepared_s) > 1.5 / rate:
            self._last = None
        self.prepared_s = first_s + values.size / rate
        step, x = track.per_s / rate, track.x(first_s)
        # Samples that come too late, behind the cursor, are not drawn: their columns show something else by now.
        late = int(max(0.0, (cursor - x) / step - 1.5))
        if late:
            self._last, values, x = None, values[late:], x + late * step
        found: list[QPolygonF] = []
        while values.size:
            edge = (x // track.width + 1) * track.width
            count = min(values.size, max(1, int(np.ceil((edge - x) / step))))
            found += self._runs(x, step, values[:count])
            values, x = values[count:], x + count * step
            if values.size or x >= edge:  # back at the left edge, where the scale may change
                self.scale.new_sweep()
                self._last = None
        return found

    def _runs(self, x: float, step: float, values: Samples) -> list[QPolygonF]:
        xs, drawn = _thinned(x, step, values)
        lo, hi = self.scale.lo, self.scale.hi
        if self.scale.cut:
            drawn = np.minimum(np.maximum(drawn, lo), hi)
        ys = (hi - drawn) * (self.height / (hi - lo)) + self.top
        if not np.isnan(ys.sum()):
            line = polygon(xs, ys, self._last)
            self._last = float(xs[-1]), float(ys[-1])
            return [line]
        missing = np.isnan(ys)
        found, edges = [], np.flatnonzero(np.diff(np.concatenate(([True], missing, [True])).astype(np.int8)))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            found.append(polygon(xs[begin:end], ys[begin:end], self._last if begin == 0 else None))
        self._last = None if missing[-1] else (float(xs[-1]), float(ys[-1]))
        return found

    # --- in words ----------------------------------------------------------------------------------------------------

    def problem(self) -> str:
        """What the lane says instead of a wave, "" when there is one."""
        if self.lead_off:
            return "lead off"
        if self.ring is None or self.silent_s > NO_DATA_S:
            return "no data"
        return ""

    def heading(self, px_per_mm: float, *, known: bool) -> str:
        """What the lane's height means: `mV · 5.1 mm/mV · x2`, and whether something is cut off."""
        said = [shown_unit(self.unit) if self.unit not in {"", "%", "1"} else ""]
        if self.mark_mv() and known:
            said.append(f"{self.height / (self.scale.hi - self.scale.lo) / px_per_mm:.1f} mm/mV")
        if self.scale.times > 1:
            said.append(f"1/{self.scale.times}")
        if self.scale.gain != 1:
            said.append("×½" if self.scale.gain == 0.5 else f"×{self.scale.gain:g}")
        if self.scale.cut:
            said.append("cut off at the edge")
        return " · ".join(part for part in said if part)

    def mark_mv(self) -> float:
        """Height of the calibration mark in mV; 0 where the wave is not in mV."""
        if not is_ecg(self.wave) or self.unit != "mV":
            return 0.0
        room = 0.8 * (self.scale.hi - self.scale.lo)
        return next((mark for mark in MARK_MV if mark <= room), MARK_MV[-1])

    def y(self, value: float) -> float:
        """The height of a value, in pixels of the screen."""
        return self.top + (self.scale.hi - value) * self.height / (self.scale.hi - self.scale.lo)


def _thinned(x: float, step: float, values: Samples) -> tuple[Floats, Samples]:
    """The samples with their x; of the many that share a pixel the lowest and the highest, up and down in turn."""
    share = int(1 / step)
    if share < 2:
        return np.arange(values.size, dtype=np.float64) * step + x, values
    whole = values.size // share
    body, rest = values[: whole * share].reshape(whole, share), values[whole * share :]
    pairs, xs = np.empty((whole, 2), dtype=np.float32), np.empty((whole, 2))
    body.min(axis=1, out=pairs[:, 0])
    body.max(axis=1, out=pairs[:, 1])
    pairs[1::2] = pairs[1::2, ::-1]
    xs[:, 0] = x + np.arange(whole) * (share * step)
    xs[:, 1] = xs[:, 0] + 0.5 * share * step
    if not rest.size:
        return xs.ravel(), pairs.ravel()
    left = x + (whole * share + np.arange(rest.size)) * step
    return np.concatenate([xs.ravel(), left]), np.concatenate([pairs.ravel(), rest])
