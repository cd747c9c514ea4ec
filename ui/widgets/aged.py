"""A line of small words in which an age stands out: its figures are as large as S5 asks, its unit and the words around
them give way (a large `s` would read as a capital)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from ui.theme import Theme
from ui.widgets.text import dress

_SEPARATOR = " · "
_FIGURES = re.compile(r"(\d+(?:\.\d+)?)")


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
    the 1366x768 layout) that lets one fit; then what belongs to the age, then the age alone, large or small.
    What does not fit even so is cut at its end."""
    large = theme.fine_font(weight)
    for words, small in _tries(theme, lines, age, sizes, weight):
        parts = note_parts(words, age, small, large)
        if _width_of(parts) <= room:
            _draw(painter, parts, at)
            return
    small = theme.font(sizes[-1], weight)
    alone = aged_parts(age, small, large)
    if age and _width_of(alone) <= room:
        _draw(painter, alone, at)
        return
    cut = QFontMetrics(small).elidedText(age or lines[-1], Qt.TextElideMode.ElideRight, int(room))
    _draw(painter, [(cut, small)], at)


def _width_of(parts: Sequence[tuple[str, QFont]]) -> float:
    return sum(QFontMetricsF(font).horizontalAdvance(text) for text, font in parts)


def aged_parts(age: str, small: QFont, large: QFont) -> list[tuple[str, QFont]]:
    """An age with large figures and small units: `2 h 05` in three parts."""
    parts = [part for part in _FIGURES.split(age) if part]
    return [(part, large if part[0].isdigit() else small) for part in parts]


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


def note_parts(words: str, age: str, small: QFont, large: QFont) -> list[tuple[str, QFont]]:
    """Words of which the age alone has large figures."""
    before, found, after = words.rpartition(age) if age else ("", "", words)
    if not found:
        return [(words, small)]
    return [(before, small), *aged_parts(found, small, large), (after, small)]


def _draw(painter: QPainter, parts: Sequence[tuple[str, QFont]], at: QPointF) -> None:
    x = at.x()
    for text, font in parts:
        painter.setFont(font)
        painter.drawText(QPointF(x, at.y()), text)
        x += QFontMetricsF(font).horizontalAdvance(text)


class AgedLabel(QLabel):
    """A dim remark; once enlarged its figures are as large as ages are, its words stay small."""

    def __init__(self, theme: Theme, text: str = "", pixels: float = 13) -> None:
        super().__init__(text)
        self._theme = theme
        self._large: QFont | None = None
        dress(self, theme.font(pixels), "dim")

    def enlarge(self) -> None:
        """What it says is an age."""
        self._large = self._theme.fine_font()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for the words."""
        if self._large is None:
            return super().sizeHint()
        return QSize(math.ceil(_width_of(self._pieces(self._large))) + 1, QFontMetrics(self._large).height())

    def minimumSizeHint(self) -> QSize:
        """An age is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All on one base line, at the right."""
        if self._large is None:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        base = (self.height() + QFontMetricsF(self._large).capHeight()) / 2
        _draw(painter, self._pieces(self._large), QPointF(self.width() - self.sizeHint().width(), base))

    def _pieces(self, large: QFont) -> list[tuple[str, QFont]]:
        return aged_parts(self.text(), self.font(), large)
