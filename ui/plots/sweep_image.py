"""The picture of a sweep: a kept image into which only new columns are drawn, behind an erase bar that runs ahead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from ui.plots.ring_buffer import Samples

ERASE_PX = 18
"""Width of the bar that separates new from old."""
THICKNESS_PX = 0.6
_OLD_VEIL = 120
"""How much of the background covers a trace once the sweep has passed it by (0-255)."""

Floats = npt.NDArray[np.floating]


@dataclass(slots=True)
class Trace:
    """One wave in its lane: top and height in pixels, colour, and the last point drawn, None after a gap."""

    top: float
    height: float
    pen: QPen
    last: QPointF | None = field(default=None)

    def runs(self, xs: Floats, values: Samples, lo: float, hi: float) -> list[list[QPointF]]:
        """Lines through samples at pixel columns `xs`, joined to the last point; a missing sample breaks the line."""
        ys = self.top + (hi - np.minimum(np.maximum(values, lo), hi)) * (self.height / (hi - lo))
        line = [self.last] if self.last is not None else []
        if not math.isnan(float(ys.sum())):
            line += map(QPointF, xs.tolist(), ys.tolist())
            self.last = line[-1] if line else None
            return [line]
        found = []
        for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
            if y == y:
                line.append(QPointF(x, y))
                continue
            found.append(line)
            line = []
        self.last = line[-1] if line else None
        return [*found, line]


class SweepImage:
    """Columns of a sweep, `width` pixels for one pass. The cursor is where the next sample goes."""

    def __init__(self, size: QSize, scale: float, background: QColor) -> None:
        """size: in logical pixels. scale: device pixels per logical pixel."""
        self.width, self.height = max(1, size.width()), max(1, size.height())
        self.scale = scale
        self.cursor = 0.0
        self._background = background
        self._veil = QColor(background)
        self._veil.setAlpha(_OLD_VEIL)
        pixels = QSize(round(self.width * scale), round(self.height * scale))
        self._image = QImage(pixels, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(scale)
        self._image.fill(background)

    def clear(self) -> None:
        """Begin an empty sweep at the left edge."""
        self._image.fill(self._background)
        self.cursor = 0.0

    def advance(self, step_px: float, lines: Sequence[tuple[Trace, list[list[QPointF]]]]) -> QRect:
        """Move the cursor by `step_px`, less than the width: erase ahead, draw `lines`, say which rectangle changed.

        x counts from the left edge of this pass, beyond the right edge too.
        """
        start, end = self.cursor, self.cursor + step_px
        painter = QPainter(self._image)
        self._erase(painter, start + ERASE_PX, end + ERASE_PX)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw(painter, lines, 0.0)
        # One rectangle, although the columns between trace and bar did not change: a clip of two is drawn slowly.
        changed = self._columns(start - 3, end + ERASE_PX)
        if end >= self.width:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            changed = self._new_pass(painter, end - self.width)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw(painter, lines, -self.width)
            for trace, _ in lines:
                trace.last = QPointF(trace.last.x() - self.width, trace.last.y()) if trace.last is not None else None
        painter.end()
        self.cursor = end % self.width
        return changed

    def blit(self, painter: QPainter, rect: QRect) -> None:
        """Copy one rectangle of the picture to the same place of what `painter` paints on."""
        source = QRectF(
            rect.x() * self.scale, rect.y() * self.scale, rect.width() * self.scale, rect.height() * self.scale
        )
        painter.drawImage(QRectF(rect), self._image, source)

    def pixel(self, x: int, y: int) -> QColor:
        """The colour at a logical pixel; for tests."""
        return self._image.pixelColor(round(x * self.scale), round(y * self.scale))

    def _erase(self, painter: QPainter, start: float, end: float) -> None:
        painter.fillRect(self._columns(start, end), self._background)

    def _new_pass(self, painter: QPainter, end: float) -> QRect:
        """Back at the left edge: what was drawn before becomes old, and its first columns make room."""
        painter.fillRect(0, 0, self.width, self.height, self._veil)
        self._erase(painter, 0, end + ERASE_PX)
        return QRect(0, 0, self.width, self.height)

    def _columns(self, start: float, end: float) -> QRect:
        left, right = max(0, int(start)), min(self.width, int(np.ceil(end)))
        return QRect(left, 0, max(0, right - left), self.height)

    def _draw(self, painter: QPainter, lines: Sequence[tuple[Trace, list[list[QPointF]]]], shift: float) -> None:
        # Two thin lines side by side cost a third of one thick line, which Qt would turn into an outline first.
        for offset in (-THICKNESS_PX / 2, THICKNESS_PX / 2):
            painter.translate(shift, offset)
            for trace, runs in lines:
                painter.setPen(trace.pen)
                for run in runs:
                    if len(run) > 1:
                        painter.drawPolyline(run)
                    elif run:
                        painter.drawPoint(run[0])
            painter.resetTransform()


def trace_pen(colour: str) -> QPen:
    """The pen of a live wave."""
    pen = QPen(QColor(colour), 1.0)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
