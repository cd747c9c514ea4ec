"""A new PIN, typed twice: it is handed on only when both are the same."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.pin_pad import PinPad
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_role, set_text

FIRST, AGAIN = "New PIN: 4 to 8 digits, then OK", "The same PIN again, then OK"


class NewPin(QWidget):
    """chosen: the PIN that was typed twice."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self._title = label(theme, title, 17, SEMIBOLD, wrap=True)
        column.addWidget(self._title)
        self._title.setVisible(bool(title))
        self._asks = label(theme, FIRST, 16, MEDIUM, wrap=True)
        column.addWidget(self._asks)
        self.pad = PinPad(theme)
        self.pad.entered.connect(self._on_entered)
        column.addWidget(self.pad, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.setFocusProxy(self.pad)

    def begin(self, title: str = "") -> None:
        """Forget what was typed."""
        self._first = ""
        self.pad.clear()
        if title:
            set_text(self._title, title)
            self._title.show()
        self._say(FIRST)

    def asks(self) -> str:
        """What the line above the pad says."""
        return self._asks.text()

    def _on_entered(self, pin: str) -> None:
        if not self._first:
            self._first = pin
            self._say(AGAIN)
            return
        same, self._first = pin == self._first, ""
        self._say(FIRST if same else f"The two were not the same. {FIRST}", wrong=not same)
        if same:
            self.chosen.emit(pin)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._asks, text)
        set_role(self._asks, "error" if wrong else "dim")
