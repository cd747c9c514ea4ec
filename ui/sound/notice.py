"""The window that the sound helper raises when the program's own screen stands still."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

_LOOK = """
QWidget { background: #ffffff; color: #10151b; }
QLabel#head { font-size: 26px; font-weight: 700; }
QLabel#text { font-size: 17px; }
QPushButton { font-size: 18px; font-weight: 600; min-height: 48px; padding: 0 18px; }
QPushButton { border: 3px solid #10151b; border-radius: 6px; }
"""


class Notice(QWidget):
    """Stays on top until somebody closes it; it comes again while the screen still stands."""

    closed = Signal()

    def __init__(self, head: str, text: str) -> None:
        super().__init__(None, Qt.WindowType.WindowStaysOnTopHint)
        self.setWindowTitle(head)
        self.setStyleSheet(_LOOK)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 24, 28, 24)
        column.setSpacing(16)
        for name, words in (("head", head), ("text", text)):
            label = QLabel(words)
            label.setObjectName(name)
            label.setWordWrap(True)
            column.addWidget(label)
        silence = QPushButton("Silence this tone for 2 minutes")
        silence.clicked.connect(self.close)
        column.addWidget(silence)
        self.setMinimumWidth(560)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Somebody has seen it."""
        self.closed.emit()
        super().closeEvent(event)
