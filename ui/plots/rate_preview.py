"""The planned rate while it is being typed: steps in mL/h over minutes, the window, and when it would end."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from exomonitor.clinical.rates import RatePlan
from ui.plots.lanes import Lane
from ui.plots.palette import DARK_PLOT, PlotColours
from ui.plots.trend_data import nice_ticks

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 26, 20, 26


class RatePreview(QWidget):
    """Shows a plan, or says in words why there is none."""

    def __init__(self, colours: PlotColours = DARK_PLOT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(200, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Planned rate")
        self._colours = colours
        self._window = (30.0, 60.0)
        self._plan: RatePlan | None = None
        self._words = ""

    def set_window(self, shortest_min: float, longest_min: float) -> None:
        """The protocol's window of infusing time."""
        self._window = (shortest_min, longest_min)
        self.update()

    def show_plan(self, plan: RatePlan | None, words: str) -> None:
        """A plan with the words at its end (`ends 14:44`), or None with the words that stand in its place."""
        if (plan, words) != (self._plan, self._words):
            self._plan, self._words = plan, words
            self.update()

    def sizeHint(self) -> QSize:
        """A low, wide picture."""
        return QSize(700, self._colours.px(130))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, window, staircase with its numbers, end."""
        painter, colours = QPainter(self), self._colours
        painter.fillRect(self.rect(), QColor(colours.background))
        painter.setFont(self._font(12))
        if self._plan is None:
            painter.setPen(QColor(colours.axis))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._words)
        else:
            self._draw(painter, self._plan)
        painter.end()

    def _draw(self, painter: QPainter, plan: RatePlan) -> None:
        colours, until = self._colours, self._until(plan)
        box = QRectF(self.rect()).adjusted(
            colours.px(_LEFT), colours.px(_TOP), -colours.px(_RIGHT), -colours.px(_BOTTOM)
        )
        highest = max(float(step.rate_ml_h) for step in plan.steps)
        lane = Lane("Rate", "mL/h", colours.rate, 0, highest * 1.12, box)
        lane.draw_axis(painter, colours, 30)
        self._draw_minutes(painter, box, until)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corners = []
        for step in plan.steps:
            y = lane.y(float(step.rate_ml_h))
            corners += [QPointF(_x(float(m), box, until), y) for m in (step.start_min, step.end_min)]
        corners.append(QPointF(corners[-1].x(), box.bottom()))
        painter.setPen(QPen(QColor(colours.rate), 2.6))
        painter.drawPolyline(QPolygonF(corners))
        self._draw_numbers(painter, plan, lane, until)

    def _draw_minutes(self, painter: QPainter, box: QRectF, until: float) -> None:
        colours = self._colours
        first, last = (_x(minute, box, until) for minute in self._window)
        painter.setPen(QPen(QColor(colours.axis), 1))
        painter.drawRect(QRectF(first, box.top() - colours.px(6), last - first, box.height() + colours.px(6)))
        words = f"{self._window[0]:g}–{self._window[1]:g} min"
        painter.drawText(QPointF(first + colours.px(6), box.bottom() - colours.px(8)), words)
        ticks = nice_ticks(0, until, max(3, int(box.width() / colours.px(60))))
        for tick in ticks:
            text = f"{tick:g} min" if tick == ticks[-1] else f"{tick:g}"
            place = QRectF(
                _x(tick, box, until) - colours.px(30), box.bottom() + colours.px(6), colours.px(60), colours.px(16)
            )
            if place.right() > self.width():
                place.moveRight(self.width() - 1)
            painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_numbers(self, painter: QPainter, plan: RatePlan, lane: Lane, until: float) -> None:
        colours = self._colours
        painter.setPen(QColor(colours.text))
        for step in plan.steps:
            unit = " mL/h" if step is plan.steps[-1] else ""
            place = QPointF(
                _x(float(step.start_min), lane.box, until) + colours.px(5),
                lane.y(float(step.rate_ml_h)) - colours.px(5),
            )
            painter.drawText(place, f"{step.rate_ml_h}{unit}")
        x = _x(float(plan.end_min), lane.box, until) + colours.px(6)
        width = painter.fontMetrics().horizontalAdvance(self._words)
        if x + width > self.width():
            x -= width + colours.px(12)
        painter.drawText(QPointF(x, lane.box.bottom() - colours.px(8)), self._words)

    def _until(self, plan: RatePlan) -> float:
        return max(self._window[1], float(plan.end_min))

    def _font(self, pixels: float) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(self._colours.px(pixels))
        return font


def _x(minute: float, box: QRectF, until: float) -> float:
    return box.left() + box.width() * minute / until
