"""The lock for wiping the screen: for 20 seconds touches do nothing; keys, alarms and everything shown go on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from exomonitor.clock import Clock, Instant, SystemClock
from ui.frame.stages import WIDTH
from ui.theme import Theme
from ui.widgets.text import BOLD, MEDIUM, label, set_text

LOCK_S = 20
_TURN_MS = 200
_TOUCHES = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
        QEvent.Type.MouseMove,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TouchEnd,
        QEvent.Type.TabletPress,
        QEvent.Type.TabletMove,
        QEvent.Type.TabletRelease,
        QEvent.Type.Wheel,
    }
)


class WipeLock(QFrame):
    """Stands where the stages stand, so that no vital sign, timer or alarm is covered. Not a fact of the record.

    ended: touches count again. It ends by itself, or by Esc; no touch can end it.
    """

    ended = Signal()

    def __init__(self, theme: Theme, clock: Clock | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedWidth(theme.px(WIDTH))
        self._clock = clock or SystemClock()
        self._since: Instant | None = None
        self._held: QObject | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(12), theme.px(3), theme.px(8), theme.px(4))
        column.setSpacing(0)
        self._count = label(theme, "", 19, BOLD, tabular=True)
        column.addWidget(self._count)
        column.addWidget(label(theme, "Touches do nothing. Keys and alarms work. Esc ends it.", 14, MEDIUM))
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self.look)
        self.hide()

    @property
    def on(self) -> bool:
        """Whether touches are ignored."""
        return self._since is not None

    def begin(self) -> None:
        """Ignore touches from now on; while they are ignored already this changes nothing."""
        if self.on:
            return
        self._since = self._clock.now()
        self._held = self.window().windowHandle()
        if self._held is not None:
            self._held.installEventFilter(self)
        self._timer.start()
        self.look()
        self.show()

    def look(self) -> None:
        """Count down; at nought it is over."""
        if self._since is None:
            return
        left = LOCK_S - self._clock.now().since(self._since)
        if left <= 0:
            self.end()
            return
        words = f"Wipe the screen now: {-int(-left // 1)} s"
        set_text(self._count, words)
        self.setAccessibleName(words)

    def end(self) -> None:
        """Touches count again."""
        if self._since is None:
            return
        self._since = None
        self._timer.stop()
        if self._held is not None:
            self._held.removeEventFilter(self)
        self._held = None
        self.hide()
        self.ended.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what a cloth does."""
        return self.on and event.type() in _TOUCHES
