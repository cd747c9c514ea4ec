"""The events of a trend: lines with words above, signs in a row of their own, ticks on the time axis, the line of now.

Signs that would cover each other stand together as one, each kind with how many there are: `▲3 ◆`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from ui.plots.palette import PlotColours
from ui.plots.trend_events import SIGNS, Mark, MarkKind
from ui.plots.trend_paint import Window

SIGN_ROW = 15
"""Room for the row of signs, in pixels of the 1366x768 layout."""
_APART = 4.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Signs that stand together: their words, where these begin and how wide they are, and the x of each event."""

    words: str
    left: float
    width: float
    places: tuple[float, ...]
    kinds: tuple[MarkKind, ...]


def clustered(
    marks: Sequence[tuple[float, MarkKind]], width_of: Callable[[str], float], left: float, right: float
) -> list[Cluster]:
    """(x, kind) in order of x as signs between `left` and `right` that never cover each other."""
    found: list[Cluster] = []
    for x, kind in marks:
        found.append(_cluster((x,), (kind,), width_of, left, right))
        while len(found) > 1 and found[-2].left + found[-2].width + _APART > found[-1].left:
            last, before = found.pop(), found.pop()
            found.append(_cluster(before.places + last.places, before.kinds + last.kinds, width_of, left, right))
    return found


def _cluster(
    places: tuple[float, ...],
    kinds: tuple[MarkKind, ...],
    width_of: Callable[[str], float],
    left: float,
    right: float,
) -> Cluster:
    counts = [(sign, kinds.count(kind)) for kind, sign in SIGNS.items() if kind in kinds]
    words = " ".join(sign if count == 1 else f"{sign}{count}" for sign, count in counts)
    width = width_of(words)
    middle = (places[0] + places[-1]) / 2
    return Cluster(words, max(left, min(middle - width / 2, right - width)), width, places, kinds)


def paint_marks(
    painter: QPainter,
    colours: PlotColours,
    marks: Sequence[Mark],
    view: Window,
    top: float,
    bottom: float,
    now_min: float | None,
) -> None:
    """Everything that happened between the edges of the view, and now."""
    seen = [mark for mark in marks if view.shows(mark.minute)]
    _paint_ticks(painter, colours, [view.x(mark.minute) for mark in seen if mark.kind is MarkKind.TICK], bottom)
    _paint_signs(painter, colours, [(view.x(m.minute), m.kind) for m in seen if m.kind in SIGNS], view, top)
    above = SIGN_ROW if any(mark.kind in SIGNS for mark in marks) else 0
    lines = [mark for mark in seen if mark.kind is MarkKind.LINE]
    _paint_lines(painter, colours, lines, view, (top, bottom, top - colours.px(above + 5)))
    if now_min is not None and view.shows(now_min):
        painter.setPen(QPen(QColor(colours.axis), colours.pen(1)))
        painter.drawLine(QPointF(view.x(now_min), top), QPointF(view.x(now_min), bottom))


def _paint_ticks(painter: QPainter, colours: PlotColours, places: Sequence[float], bottom: float) -> None:
    half = colours.px(4)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colours.text))
    for x in places:
        painter.drawPolygon([QPointF(x, bottom - 2 * half), QPointF(x - half, bottom), QPointF(x + half, bottom)])


def _paint_signs(
    painter: QPainter, colours: PlotColours, places: Sequence[tuple[float, MarkKind]], view: Window, top: float
) -> None:
    high, foot = colours.px(SIGN_ROW), colours.px(3)
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
    painter.setPen(QPen(QColor(colours.text), colours.pen(1.4)))
    for one in clustered(places, painter.fontMetrics().horizontalAdvance, view.left, view.right):
        painter.drawText(QRectF(one.left - 2, top - high - foot, one.width + 4, high), flags, one.words)
        for x in one.places:  # when each of them was
            painter.drawLine(QPointF(x, top - foot), QPointF(x, top + foot))


def _paint_lines(
    painter: QPainter,
    colours: PlotColours,
    marks: Sequence[Mark],
    view: Window,
    heights: tuple[float, float, float],
) -> None:
    """heights: of the lanes' upper and lower edge, and of the words."""
    (top, bottom, words), free_from = heights, 0.0
    painter.setPen(QPen(QColor(colours.text), colours.pen(1.4)))
    for mark in marks:
        x = view.x(mark.minute)
        painter.drawLine(QPointF(x, top - colours.px(4)), QPointF(x, bottom))
        width = painter.fontMetrics().horizontalAdvance(mark.words)
        left = min(x - colours.px(2), view.right - width)
        if left >= free_from:  # words that would cover each other are left out, their line stays
            painter.drawText(QPointF(left, words), mark.words)
            free_from = left + width + colours.px(8)
