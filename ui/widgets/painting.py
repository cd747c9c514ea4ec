"""Words painted at a fixed height of their capitals: what is read across the room grows narrower, never lower."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from ui.theme import Theme
from ui.widgets.text import BOLD

CAP_SHARE = 0.727
"""Height of a capital as a share of the font's size, for the bundled font."""
NARROWEST = 0.6


def draw_capitals(
    painter: QPainter, theme: Theme, text: str, left: float, base: float, cap: float, room: float, colour: str
) -> float:
    """Draw `text` on the base line `base` with capitals `cap` high (px of this screen); returns the width used.

    Where `room` is too small the letters become narrower, never lower, down to 60 %; only then do they shrink.
    """
    font = theme.font(cap / CAP_SHARE / theme.scale, BOLD, tabular=True)
    width = QFontMetricsF(font).horizontalAdvance(text)
    narrow = min(1.0, room / width) if width > 0 else 1.0
    if narrow < NARROWEST:
        font.setPixelSize(max(8, round(font.pixelSize() * narrow / NARROWEST)))
        width, narrow = QFontMetricsF(font).horizontalAdvance(text), NARROWEST
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.translate(left, base)
    painter.scale(narrow, 1.0)
    painter.drawText(QPointF(0, 0), text)
    painter.restore()
    return width * narrow
