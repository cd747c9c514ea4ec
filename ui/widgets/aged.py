"""A line of small words in which an age stands out: ages are as large as S5 asks, the words around them give way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter

from ui.theme import Theme

_SEPARATOR = " · "


def draw_aged(
    painter: QPainter,
    theme: Theme,
    lines: Sequence[str],
    age: str,
    at: QPointF,
    room: float,
    sizes: Sequence[float],
    weight: QFont.Weight,
) -> None:
    """Draw the first of `lines` that fits into `room` from `at` on the base line, in the largest of `sizes` (pixels of
    the 1366x768 layout) that lets one fit; then what belongs to the age, then the age alone. Without an age what does
    not fit is cut at its end."""
    large = theme.fine_font(weight)
    for words, small in _tries(theme, lines, age, sizes, weight):
        parts = _parts(words, age, small, large)
        if sum(QFontMetricsF(font).horizontalAdvance(text) for text, font in parts) <= room:
            _draw(painter, parts, at)
            return
    small = theme.font(sizes[-1], weight)
    words, font = (age, large) if age else (lines[-1], small)
    _draw(painter, [(QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(room)), font)], at)


def _tries(
    theme: Theme, lines: Sequence[str], age: str, sizes: Sequence[float], weight: QFont.Weight
) -> Iterator[tuple[str, QFont]]:
    for pixels in sizes:
        for words in lines:
            yield words, theme.font(pixels, weight)
    for words in lines:
        for part in words.split(_SEPARATOR):
            if age and age in part:
                yield part, theme.font(sizes[-1], weight)


def _parts(words: str, age: str, small: QFont, large: QFont) -> list[tuple[str, QFont]]:
    before, found, after = words.rpartition(age) if age else ("", "", words)
    if not found:
        return [(words, small)]
    return [(before, small), (found, large), (after, small)]


def _draw(painter: QPainter, parts: Sequence[tuple[str, QFont]], at: QPointF) -> None:
    x = at.x()
    for text, font in parts:
        painter.setFont(font)
        painter.drawText(QPointF(x, at.y()), text)
        x += QFontMetricsF(font).horizontalAdvance(text)
