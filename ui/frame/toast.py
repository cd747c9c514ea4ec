"""A short message over the lower edge of the window: what was asked for and could not be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from ui.theme import Theme
from ui.widgets.text import SEMIBOLD, dress

SHOWN_MS = 8000


class Toast(QLabel):
    """Covers no key for long, takes no focus, and goes by itself."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._over = theme, parent
        dress(self, theme.font(17, SEMIBOLD), "")
        self.setObjectName("toast")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        """Show this for a while."""
        self.setText(text)
        self.adjustSize()
        width = min(self.width() + self._theme.px(40), self._over.width() - self._theme.px(40))
        height = self._theme.px(48)
        self.setGeometry(
            (self._over.width() - width) // 2, self._over.height() - height - self._theme.px(80), width, height
        )
        self.show()
        self.raise_()
        self._timer.start()
