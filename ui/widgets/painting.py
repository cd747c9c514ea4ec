"""Words painted at a fixed height of their capitals: what is read across the room grows narrower, never lower."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from ui.theme import Theme
from ui.widgets.text import BOLD

CAP_SHARE = 0.727
"""Height of a capital as a share of the font's size, for the bundled font."""
NARROWEST = 0.6


_STROKE = 0.11
_LEAN = 0.34
"""Thickness and lean of a drawn stroke, as shares of the capitals' height."""


def draw_capitals(
    painter: QPainter, theme: Theme, text: str, left: float, base: float, cap: float, room: float, colour: str
) -> float:
    """Draw `text` on the base line `base` with capitals `cap` high (px of this screen); returns the width used.

    Where `room` is too small the letters become narrower, never lower, down to 60 %; only then do they shrink.
    Figures have their own widths (112 must not read as 1 12); a slash is drawn from base line to capitals' height.
    """
    font = theme.font(cap / CAP_SHARE / theme.scale, BOLD)
    width = _width(font, text, cap)
    narrow = min(1.0, room / width) if width > 0 else 1.0
    if narrow < NARROWEST:
        shrink = narrow / NARROWEST
        font.setPixelSize(max(8, round(font.pixelSize() * shrink)))
        cap *= shrink
        width, narrow = _width(font, text, cap), NARROWEST
    painter.save()
    painter.setFont(font)
    painter.translate(left, base)
    painter.scale(narrow, 1.0)
    metrics, x = QFontMetricsF(font), 0.0
    for place, part in enumerate(text.split("/")):
        if place:
            pen = QPen(QColor(colour), cap * _STROKE)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(QPointF(x + cap * _STROKE, 0), QPointF(x + cap * (_LEAN + _STROKE), -cap))
            x += _slash(cap)
        painter.setPen(QColor(colour))
        painter.drawText(QPointF(x, 0), part)
        x += metrics.horizontalAdvance(part)
    painter.restore()
    return width * narrow


def _slash(cap: float) -> float:
    return cap * (_LEAN + 2 * _STROKE)


def _width(font: QFont, text: str, cap: float) -> float:
    metrics = QFontMetricsF(font)
    return sum(metrics.horizontalAdvance(part) for part in text.split("/")) + text.count("/") * _slash(cap)
