"""What lies over the waves: the names of the lanes, the calibration mark, and what is wrong with a lane."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from ui.plots.palette import PlotColours
from ui.plots.sweep_lane import Lane

WIDE, LABEL_PX, LABEL_HEIGHT, PROBLEM_PX = 330, 12, 18, 16
"""In pixels of the 1366x768 layout: room for a lane's words, their size, their height, the size of a problem."""


class SweepWords:
    """Painted once into an image of their own; a frame copies what it needs of it."""

    def __init__(self, font: QFont, colours: PlotColours, size: QSize, scale: float) -> None:
        """size: of the view in logical pixels. scale: pixels of the screen per logical pixel."""
        self._font, self._colours, self._scale = font, colours, scale
        self._most = min(size.width(), colours.px(WIDE))
        self.wide = 0
        """How far the words really reach."""
        self._image = QImage(
            max(1, round(self._most * scale)), max(1, round(size.height() * scale)),
            QImage.Format.Format_ARGB32_Premultiplied,
        )  # fmt: skip
        self._image.setDevicePixelRatio(scale)
        self._key: tuple[object, ...] | None = None

    def refresh(self, lanes: Sequence[Lane], headings: Sequence[str]) -> bool:
        """Paint them anew where they have changed; True when that was so."""
        key = tuple((lane.label, lane.top, lane.scale.lo, lane.scale.hi, lane.unit) for lane in lanes), tuple(headings)
        if key == self._key:
            return False
        self._key = key
        self._image.fill(Qt.GlobalColor.transparent)
        self.wide = 0
        painter = QPainter(self._image)
        for lane, heading in zip(lanes, headings, strict=True):
            self._paint_name(painter, lane, heading)
            if lane.mark_mv():
                self._paint_mark(painter, lane)
        painter.end()
        return True

    def blit(self, painter: QPainter, changed: QRect) -> None:
        """Over the waves, where `changed` (logical pixels) reaches into them."""
        part = changed.intersected(QRect(0, 0, self.wide, changed.bottom() + 1))
        if part.isEmpty():
            return
        scale = self._scale
        source = QRectF(part.x() * scale, part.y() * scale, part.width() * scale, part.height() * scale)
        painter.drawImage(QRectF(part), self._image, source)

    def paint_problem(self, painter: QPainter, lane: Lane) -> QRectF:
        """At the right of the lane; returns where."""
        colours = self._colours
        wide = colours.px(150)
        box = QRectF(lane.place.right() - wide - colours.px(10), lane.place.top(), wide, lane.place.height())
        painter.setFont(self._sized(PROBLEM_PX, bold=True))
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, lane.shown)
        return box

    def paint_notice(self, painter: QPainter, box: QRect, words: str) -> None:
        """Across the whole view, in place of the waves."""
        painter.setFont(self._sized(PROBLEM_PX, bold=True))
        painter.setPen(QColor(self._colours.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), words)

    def _paint_name(self, painter: QPainter, lane: Lane, heading: str) -> None:
        colours = self._colours
        inside = colours.px(16) if lane.mark_mv() else colours.px(6)
        place = QRectF(inside, lane.place.top(), self._most - inside, colours.px(LABEL_HEIGHT))
        painter.setFont(self._sized(LABEL_PX, bold=True))
        painter.setPen(lane.pen.color())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, lane.label)
        offset = painter.fontMetrics().horizontalAdvance(lane.label) + colours.px(7)
        painter.setFont(self._sized(LABEL_PX, bold=False))
        painter.setPen(QColor(colours.axis))
        painter.drawText(place.adjusted(offset, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, heading)
        reach = inside + offset + painter.fontMetrics().horizontalAdvance(heading) + colours.px(4)
        self.wide = min(self._most, max(self.wide, reach, colours.px(70)))

    def _paint_mark(self, painter: QPainter, lane: Lane) -> None:
        """A bracket as high as the millivolts written beside it, on the lane's zero where that is in sight."""
        colours, scale = self._colours, self._scale
        zero = max(0.0, lane.scale.lo)
        low, high = lane.y(zero) / scale, lane.y(zero + lane.mark_mv()) / scale
        left, tip = float(colours.px(3)), colours.px(5)
        painter.setPen(QPen(QColor(colours.axis), colours.px(1.5)))
        painter.drawPolyline(
            [QPointF(left + tip, high), QPointF(left, high), QPointF(left, low), QPointF(left + tip, low)]
        )
        painter.setFont(self._sized(LABEL_PX - 1, bold=False))
        text, high_px = f"{lane.mark_mv():g} mV", colours.px(14)
        wide = painter.fontMetrics().horizontalAdvance(text) + colours.px(4)
        words = QRectF(left + tip + colours.px(2), (low + high - high_px) / 2, wide, high_px)
        painter.fillRect(words, QColor(colours.background))  # the trace does not run through the words
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), text)

    def _sized(self, pixels: float, *, bold: bool) -> QFont:
        font = QFont(self._font)
        font.setPixelSize(self._colours.px(pixels))
        font.setBold(bold)
        return font
