"""The edge of the window while nothing can be heard: seen from across the room, and over no vital sign."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from exomonitor.engine.snapshot import Snapshot
from ui.theme import Theme

SOUND = "sound"
"""The key of the technical alarm."""
THICK, LEFT, STRIPE = 6, 3, 36
"""At the left words of the navigation come near."""


class SoundEdge(QWidget):
    """A striped frame in the colour of the alarm, as long as the alarm stands, acknowledged or not; it takes no touch.

    Stripes, so that it is told from everything else without its colour; it does not move.
    """

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme, self._window = theme, window
        self.setObjectName("soundEdge")
        self.setAccessibleName("No sound: watch the screen")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        window.installEventFilter(self)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whether there is no sound here or, with several chairs, for another one."""
        everywhere = (*snapshot.alarms, *(alarm for other in snapshot.others for alarm in other.alarms))
        silent = any(alarm.key == SOUND for alarm in everywhere)
        if silent and not self.isVisible():
            self._fit()
            self.show()
            self.raise_()
        elif not silent:
            self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the window."""
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Slanted stripes; only the frame itself is ever painted."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.alarm_medium_text))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.alarm_medium))
        step = self._theme.px(STRIPE)
        for along in range(0, max(self.width(), self.height()), 2 * step):
            painter.drawRect(along, 0, step, self.height())
            painter.drawRect(0, along, self._theme.px(LEFT), step)
            painter.drawRect(self.width() - self._theme.px(THICK), along, self._theme.px(THICK), step)
        painter.end()

    def _fit(self) -> None:
        whole, thick = QRect(0, 0, self._window.width(), self._window.height()), self._theme.px(THICK)
        self.setGeometry(whole)
        inside = whole.adjusted(self._theme.px(LEFT), thick, -thick, -thick)
        self.setMask(QRegion(whole).subtracted(QRegion(inside)))
