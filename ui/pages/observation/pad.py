"""The keypad of a set: lies over the answers while a number is typed by touch, and goes again."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from ui.theme import Theme
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton


class SetPad(QWidget):
    """done: the number is typed, the answers are wanted again."""

    done = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        self.keys = Keypad(theme, wide=True)
        self.done_key = BigButton(theme, "Done", height=58)
        self.done_key.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.done_key.clicked.connect(self.done)
        row.addWidget(self.keys, 4)
        row.addWidget(self.done_key, 1)

    def aim_at(self, line: QLineEdit) -> None:
        """Type into this entry from now on."""
        self.keys.aim_at(line)
