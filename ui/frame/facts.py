"""Facts in one strip (what stands on wristband, bag and arm): all of each in sight before it looks nice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.theme import Theme
from ui.widgets.text import SEMIBOLD

_UNDERSTOOD = frozenset({"Product", "Premed", "Prescriber"})
"""Names that a reader does without where there is no room: what stands behind them says itself what it is."""
_TRIES = ((13, True, 1), (13, False, 1), (12, False, 1), (12, True, 2), (12, False, 2), (11, True, 2), (11, False, 2))
"""(size, with every name, lines), the best first."""


class Facts(QWidget):
    """Facts side by side, in a second line and smaller before anything is cut. Only where even that is too long the
    longest are; the first one (allergy) has its room before the others."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._facts: tuple[tuple[str, str], ...] = ()

    def show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        """(name, words) of each."""
        if facts != self._facts:
            self._facts = facts
            self.setAccessibleName(", ".join(f"{name} {words}".strip() for name, words in facts))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """In the best way of all in which nothing is cut."""
        painter, shown = QPainter(self), self._best()
        high = self.height() / len(shown)
        for place, row in enumerate(shown):
            self._paint_row(painter, row, QRectF(0, place * high, self.width(), high))

    def _best(self) -> Sequence[Sequence[_Fact]]:
        for pixels, named, lines in _TRIES:
            rows = _rows(self._sized(pixels, named=named), self.width(), lines)
            if rows is not None:
                return rows
        row = self._sized(11, named=False)
        half = (len(row) + 1) // 2
        return [_cut(row[:half], self.width()), _cut(row[half:], self.width())]

    def _sized(self, pixels: float, *, named: bool) -> list[_Fact]:
        light, strong = self._theme.font(pixels), self._theme.font(pixels, SEMIBOLD)
        gap = self._theme.px(10)
        return [
            _Fact(f"{name} " if name and (named or name not in _UNDERSTOOD) else "", text, light, strong, gap)
            for name, text in self._facts
        ]

    def _paint_row(self, painter: QPainter, row: Sequence[_Fact], box: QRectF) -> None:
        theme, left = self._theme, 0
        for fact in row:
            for words, font, ink in ((fact.name, fact.light, theme.dim), (fact.words, fact.strong, theme.text)):
                painter.setFont(font)
                painter.setPen(QColor(ink))
                place = QRectF(left, box.top(), box.width(), box.height())
                painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), words)
                left += QFontMetrics(font).horizontalAdvance(words)
            left += fact.gap


@dataclass(frozen=True, slots=True)
class _Fact:
    """One fact as it is painted. gap: to the next one, in pixels of this screen."""

    name: str
    words: str
    light: QFont
    strong: QFont
    gap: int

    @property
    def head(self) -> int:
        """How wide its name is."""
        return QFontMetrics(self.light).horizontalAdvance(self.name)

    @property
    def wide(self) -> int:
        """How wide its words are."""
        return QFontMetrics(self.strong).horizontalAdvance(self.words) + 2


def _rows(facts: Sequence[_Fact], room: int, lines: int) -> list[Sequence[_Fact]] | None:
    """The facts in so many lines, each in one piece; None where they do not fit."""
    found: list[list[_Fact]] = [[]]
    left = room
    for fact in facts:
        wide = fact.head + fact.wide
        if wide > left and found[-1]:
            found.append([])
            left = room
        if wide > left:
            return None
        found[-1].append(fact)
        left -= wide + fact.gap
    return [*found] if len(found) <= lines else None


def _cut(facts: Sequence[_Fact], room: int) -> list[_Fact]:
    """One line of facts, the longest of them cut."""
    room -= sum(fact.head + fact.gap for fact in facts)
    first = min(facts[0].wide, room * 3 // 5) if facts else 0
    given = [first, *_share([fact.wide for fact in facts[1:]], room - first)]
    cut = []
    for fact, wide in zip(facts, given, strict=False):
        words = QFontMetrics(fact.strong).elidedText(fact.words, Qt.TextElideMode.ElideRight, wide)
        cut.append(replace(fact, words=words))
    return cut


def _share(wanted: list[int], room: int) -> list[int]:
    """Widths that fit: the short ones whole, the long ones share what is left."""
    if sum(wanted) <= room:
        return wanted
    given = [0] * len(wanted)
    left, open_ones = max(0, room), sorted(range(len(wanted)), key=lambda i: wanted[i])
    for place, index in enumerate(open_ones):
        given[index] = min(wanted[index], left // (len(open_ones) - place))
        left -= given[index]
    return given
