"""The picture of a sweep: waves are drawn ahead into one image, and only new columns are copied into the one shown.

Everything here counts in pixels of the screen, and x from the left edge of the first pass: it never falls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

ERASE_PX = 18
"""Width of the bar that separates new from old, in pixels of the 1366x768 layout."""
THICKNESS_PX = 1.6
"""Of a trace, in the same pixels."""
_LINE_PX = 1.0
_MARGIN_PX = 4
_DIM_AT_ONCE = 32
"""Columns that are made dim together, for the pass after this one."""
_OLD = 0.53
"""How bright an old trace is on its background."""

Pixels = npt.NDArray[np.uint32]


class SweepImage:
    """Columns of a sweep, `width` pixels for one pass. `cursor` is where the next sample goes."""

    def __init__(self, size: QSize, scale: float, background: QColor, thick: float = 1.0) -> None:
        """size: in logical pixels. scale: pixels of the screen per logical pixel. thick: how much larger than the
        1366x768 layout lines and erase bar are, in logical pixels."""
        self.scale = scale
        self.width, self.height = (max(1, round(side * scale)) for side in (size.width(), size.height()))
        self.cursor = 0.0
        self.erase = max(4, round(ERASE_PX * thick * scale))
        self._logical = QSize(max(1, size.width()), max(1, size.height()))
        self._ready = 0
        self._background = background
        self._dimmed = 0
        self._shown, self._shown_px = self._image()
        self._old, self._old_px = self._image()
        self._ahead, self._ahead_px = self._image()
        self._offsets = _offsets(THICKNESS_PX * thick * scale)

    def clear(self) -> None:
        """Begin an empty sweep at the left edge."""
        for image in (self._shown, self._old):
            image.fill(self._background)
        self.cursor, self._ready, self._dimmed = 0.0, 0, 0

    def forget_ahead(self) -> None:
        """What was drawn ahead of the cursor is not going to be shown."""
        self._ready = int(self.cursor)

    def draw(self, lines: Sequence[tuple[QPen, Sequence[QPolygonF]]], until: float) -> None:
        """Draw ahead, up to x `until` and less than a pass beyond the cursor. A line does not cross the right edge."""
        self._make_ready(math.ceil(until) + _MARGIN_PX)
        painter = QPainter(self._ahead)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Thin lines side by side cost a third of one thick line, which Qt would turn into an outline first.
        for pen, parts in lines:
            painter.setPen(pen)
            for part in parts:
                last = part.at(part.size() - 1)
                edge = last.x() // self.width * self.width
                for offset in self._offsets:
                    painter.translate(-edge, offset)
                    painter.drawPolyline(part) if part.size() > 1 else painter.drawPoint(last)
                    painter.resetTransform()
        painter.end()

    def advance(self, x: float) -> QRect:
        """Move the cursor on to `x`, by less than the width: show the columns, erase before them, say what changed."""
        start, end = int(self.cursor), int(x)
        self._make_ready(end)
        edge = (start // self.width + 1) * self.width
        self.cursor = x
        if end < edge:
            self._show(start, end)
            if end - self._dimmed >= _DIM_AT_ONCE:
                self._dim(end)
            return self._changed(start % self.width - 3, end % self.width + self.erase)
        self._show(start, edge)
        self._dim(edge)
        self._shown, self._old = self._old, self._shown
        self._shown_px, self._old_px = self._old_px, self._shown_px
        self._show(edge, end)
        return QRect(0, 0, self._logical.width(), self._logical.height())

    def blit(self, painter: QPainter, rect: QRect) -> None:
        """Copy one rectangle (logical pixels) of the picture to the same place of what `painter` paints on."""
        if self.scale == 1:
            painter.drawImage(rect, self._shown, rect)
            return
        source = QRectF(
            rect.x() * self.scale, rect.y() * self.scale, rect.width() * self.scale, rect.height() * self.scale
        )
        painter.drawImage(QRectF(rect), self._shown, source)

    def _show(self, start: int, end: int) -> None:
        """Columns of one pass, and the bar before them."""
        first = start % self.width
        self._shown_px[:, first : first + end - start] = self._ahead_px[:, first : first + end - start]
        self._fill(self._shown_px, end, end + self.erase)

    def _dim(self, until: int) -> None:
        """Columns shown up to `until`, half way to the background, into the image of the next pass."""
        columns = QRect(self._dimmed % self.width, 0, until - self._dimmed, self.height)
        painter = QPainter(self._old)
        painter.fillRect(columns, self._background)
        painter.setOpacity(_OLD)
        painter.drawImage(columns, self._shown, columns)
        painter.end()
        self._dimmed = until

    def _make_ready(self, until: int) -> None:
        if until > self._ready:
            self._fill(self._ahead_px, self._ready, until)
            self._ready = until

    def _fill(self, pixels: Pixels, start: int, end: int) -> None:
        """Background in the columns from `start` to `end`, fewer than the width; also across the right edge."""
        first, last, colour = start % self.width, start % self.width + end - start, self._background.rgb()
        pixels[:, first : min(last, self.width)] = colour
        if last > self.width:
            pixels[:, : last - self.width] = colour

    def _changed(self, left: float, right: float) -> QRect:
        """The columns in logical pixels; the bar may reach across the right edge, where it is erased but not shown."""
        begin = max(0, math.floor(left / self.scale))
        return QRect(
            begin, 0, min(self._logical.width(), math.ceil(right / self.scale)) - begin, self._logical.height()
        )

    def _image(self) -> tuple[QImage, Pixels]:
        image = QImage(self.width, self.height, QImage.Format.Format_RGB32)
        image.fill(self._background)
        # The array looks into the image: a column is copied in a microsecond, and a painter sees it.
        pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(self.height, image.bytesPerLine() // 4)
        return image, pixels[:, : self.width]


def _offsets(thickness: float) -> tuple[float, ...]:
    count = max(2, math.ceil(thickness / _LINE_PX))
    spread = max(0.0, thickness - _LINE_PX)
    return tuple(spread * (place / (count - 1) - 0.5) for place in range(count))


def trace_pen(colour: str) -> QPen:
    """The pen of a live wave."""
    pen = QPen(QColor(colour), _LINE_PX)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
