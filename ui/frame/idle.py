"""Notices that nobody touches the screen: no key, touch or mouse button for so long, in any window of the program."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from exomonitor.clock import Clock, Instant, SystemClock

_TURN_MS = 1000
_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.Wheel,
    }
)


class IdleWatch(QObject):
    """idle(seconds): once, when nobody has touched anything for `after_s`; again only after somebody has."""

    idle = Signal(float)

    def __init__(self, after_s: float, clock: Clock | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._after_s, self._clock = after_s, clock or SystemClock()
        self._since: Instant = self._clock.now()
        self._told = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Watch from now on."""
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)
        self._since = self._clock.now()
        self._timer.start()

    def close(self) -> None:
        """Watch no more."""
        self._timer.stop()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def look(self) -> None:
        """Is it time?"""
        idle_s = self._clock.now().since(self._since)
        if not self._told and idle_s >= self._after_s:
            self._told = True
            self.idle.emit(idle_s)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let everything through, and remember when."""
        if event.type() in _TOUCHES:
            self._since, self._told = self._clock.now(), False
        return False
