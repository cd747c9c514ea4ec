"""What flashes: a high alarm 2.0 times a second, a medium one 0.6 times, a low one stands still.

Less motion (ui/kept_screen.py) leaves that alone, as the standard wants it."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, QTimer, Signal

from exomonitor.alarms.limits import Priority

RATES = {Priority.HIGH: 2.0, Priority.MEDIUM: 0.6, Priority.LOW: 0.0}
"""Times a second, as IEC 60601-1-8 has them; no more than three, which could harm."""


class Flash(QObject):
    """turned(lit): half of each turn is lit. Begins lit, and is lit while nothing flashes."""

    turned = Signal(bool)
    held: ClassVar[bool] = False
    """True: everything stays lit, for pictures that are compared with each other."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lit = True
        self.rate = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._turn)

    def show_priority(self, priority: Priority | None) -> None:
        """Flash as an active alarm of this priority does; None: nothing flashes."""
        self.set_rate(RATES[priority] if priority is not None else 0.0)

    def set_rate(self, rate: float) -> None:
        """Flash so many times a second; 0: be lit."""
        if rate == self.rate:
            return
        self.rate = rate
        self._timer.stop()
        if not self.lit:
            self._turn()
        if rate > 0 and not self.held:
            self._timer.start(round(500 / rate))

    def _turn(self) -> None:
        self.lit = not self.lit
        self.turned.emit(self.lit)
