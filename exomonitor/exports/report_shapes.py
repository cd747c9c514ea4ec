"""The few shapes that drawings are made of, with colours and widths in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from reportlab.graphics.shapes import Group, Line, Path, PolyLine, Rect, String
from reportlab.lib.colors import Color

from exomonitor.exports.report_style import INK, PLAIN

S = TypeVar("S")
_NON_ZERO: Final = 1  # what lies on each other stays filled


def rect(
    box: tuple[float, float, float, float],
    *,
    fill: Color | None = None,
    stroke: Color | None = None,
    width: float = 0.5,
) -> Rect:
    """A rectangle from (left, bottom, width, height)."""
    return _dressed(Rect(*box), fillColor=fill, strokeColor=stroke, strokeWidth=width)


def boxes_shape(boxes: Sequence[tuple[float, float, float, float]], *, fill: Color) -> Path:
    """Many filled rectangles (left, bottom, width, height) as one shape."""
    path = Path(fillColor=fill, strokeColor=None, strokeWidth=0, fillMode=_NON_ZERO)
    for left, bottom, width, height in boxes:
        path.moveTo(left, bottom)
        path.lineTo(left + width, bottom)
        path.lineTo(left + width, bottom + height)
        path.lineTo(left, bottom + height)
        path.closePath()
    return path


def line(x0: float, y0: float, x1: float, y1: float, width: float, stroke: Color, dash: Sequence[float] = ()) -> Line:
    """A straight line."""
    return _dressed(Line(x0, y0, x1, y1), strokeColor=stroke, strokeWidth=width, strokeDashArray=_dashes(dash))


def polyline(points: Sequence[tuple[float, float]], width: float, dash: Sequence[float] = ()) -> PolyLine:
    """A line through points."""
    flat = [coordinate for point in points for coordinate in point]
    return _dressed(PolyLine(flat), strokeColor=INK, strokeWidth=width, strokeDashArray=_dashes(dash))


def words(
    x: float, y: float, text: str, size: float, *, font: str = PLAIN, anchor: str = "start", ink: Color = INK
) -> String:
    """A line of text."""
    return _dressed(String(x, y, text), fontName=font, fontSize=size, textAnchor=anchor, fillColor=ink)


def hatched(box: tuple[float, float, float, float], stroke: Color, apart: float = 3.0) -> Group:
    """Slanting lines in (left, bottom, width, height), cut at its edges by hand: a drawing cannot clip."""
    left, bottom, width, height = box
    group = Group()
    start = left - height
    while start < left + width:
        x0, x1 = max(start, left), min(start + height, left + width)
        if x1 > x0:
            group.add(line(x0, bottom + x0 - start, x1, bottom + x1 - start, 0.3, stroke))
        start += apart
    group.add(rect(box, stroke=stroke, width=0.3))
    return group


def _dashes(dash: Sequence[float]) -> list[float] | None:
    return list(dash) or None


def _dressed(shape: S, **looks: Any) -> S:
    for name, value in looks.items():
        setattr(shape, name, value)
    return shape
