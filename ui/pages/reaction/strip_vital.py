"""One vital sign of the strip above a reaction: value, unit and age, with the colour of an alarm about it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.reaction import OLD, VitalWord
from ui.presenters.words import age_in
from ui.theme import Theme
from ui.widgets.aged import note_parts
from ui.widgets.text import BOLD

_GAP, _SIDE, _HIGH = 6, 6, 34


class StripVital(QWidget):
    """Where there is no room first the age goes, then the unit; sign and value never. Of an old value the unit goes
    first, and the word OLD never."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._vital = VitalWord("", "", "", live=True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_vital(self, vital: VitalWord) -> None:
        """Show another value."""
        if vital != self._vital:
            self._vital = vital
            alarmed = f"{vital.alarm.word} alarm" if vital.alarm is not None else ""
            self.setAccessibleName(f"{vital.label} {vital.value} {vital.unit} {vital.note} {alarmed}".strip())
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Room for all of it."""
        return QSize(self._wide(3), self._theme.px(_HIGH))

    def minimumSizeHint(self) -> QSize:
        """Room for sign and value, and for the word OLD."""
        return QSize(self._wide(1), self._theme.px(_HIGH))

    def paintEvent(self, event: QPaintEvent) -> None:
        """An alarm that nobody has answered fills the ground, an answered one frames it."""
        theme, vital = self._theme, self._vital
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, dim = theme.text, theme.dim
        if vital.alarm is not None:
            fill = QColor(theme.alarm_fill(vital.alarm))
            if vital.filled:
                text = dim = theme.alarm_text(vital.alarm)
            painter.setPen(QPen(fill, theme.px(3)))
            painter.setBrush(fill if vital.filled else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), theme.px(5), theme.px(5))
        parts = next((found for kept in (3, 2) if self._width_of(found := self._parts(kept)) <= self.width()), None)
        x = float(theme.px(_SIDE))
        base = (self.height() + QFontMetricsF(self._figures()).capHeight()) / 2
        for place, group in enumerate(parts or self._parts(1)):
            bright = place == 0 or (place == 1 and vital.live)
            painter.setPen(QColor(text if bright else dim))
            for words, font in group:
                painter.setFont(font)
                painter.drawText(QPointF(x, base), words)
                x += QFontMetricsF(font).horizontalAdvance(words)
            x += theme.px(_GAP)

    def _parts(self, kept: int) -> list[list[tuple[str, QFont]]]:
        """Sign and value, then as many of unit and age as are `kept` beyond one; of an old value the age before the
        unit, and of its age always the first word."""
        theme, vital = self._theme, self._vital
        small = theme.font(16)
        groups = [[(vital.label, theme.font(19))], [(vital.value, self._figures())]]
        note = note_parts(vital.note, age_in(vital.note), small, theme.fine_font())
        if vital.live or not vital.note or kept > 2:
            return [*groups, *[[(vital.unit, small)], note][: kept - 1]]
        if kept == 2:
            return [*groups, note]
        return [*groups, [(OLD, small)]] if vital.note.startswith(OLD) else groups

    def _figures(self) -> QFont:
        return self._theme.font(26, BOLD, tabular=True)

    def _wide(self, kept: int) -> int:
        return math.ceil(self._width_of(self._parts(kept)))

    def _width_of(self, groups: list[list[tuple[str, QFont]]]) -> float:
        words = sum(QFontMetricsF(font).horizontalAdvance(text) for group in groups for text, font in group)
        return words + (len(groups) - 1) * self._theme.px(_GAP) + 2 * self._theme.px(_SIDE)
