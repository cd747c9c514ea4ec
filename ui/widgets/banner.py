"""Marks that nobody can overlook: the SIMULATED hatch, and the strip that says what kind of display this is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.text import BOLD

SECONDARY = "Secondary display - not for sole reliance"


class SimulatedMark(QWidget):
    """SIMULATED on a blue and white hatch: no person is connected."""

    def __init__(self, theme: Theme, text: str = "SIMULATED", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._text = theme, text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for the word and some hatch on both sides."""
        width = QFontMetrics(self._theme.font(13, BOLD)).horizontalAdvance(self._text)
        return QSize(width + self._theme.px(36), self._theme.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Slanting stripes with the word on plain blue."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), theme.px(4), theme.px(4))
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), QColor(theme.sim_blue))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.sim_white))
        step, height = theme.px(14), self.height()
        for left in range(-height, self.width() + height, step):
            stripe = QPainterPath()
            stripe.moveTo(left, height)
            stripe.lineTo(left + height, 0)
            stripe.lineTo(left + height + step / 2, 0)
            stripe.lineTo(left + step / 2, height)
            painter.drawPath(stripe)
        word = QRectF(self.rect()).adjusted(theme.px(9), theme.px(4), -theme.px(9), -theme.px(4))
        painter.setBrush(QColor(theme.sim_blue))
        painter.drawRect(word)
        painter.setPen(QColor(theme.sim_white))
        painter.setFont(theme.font(13, BOLD))
        painter.drawText(word, int(Qt.AlignmentFlag.AlignCenter), self._text)
