"""A pad for a PIN: big digits for gloved fingers, the keyboard types as well, and nobody reads it over a shoulder."""

from __future__ import annotations

from PySide6.QtCore import QRegularExpression, Qt, Signal
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD

LEAST, MOST = 4, 8
_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
_KEY = 58


class PinPad(QWidget):
    """entered: somebody ends a PIN of 4 to 8 digits by OK or Enter; the pad then forgets it."""

    entered = Signal(str)

    def __init__(self, theme: Theme, ok: str = "OK", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(6))
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setMaxLength(MOST)
        self.line.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]*"), self.line))
        self.line.setFont(theme.font(24, BOLD))
        self.line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.line.setPlaceholderText("PIN")
        self.line.setAccessibleName("PIN, 4 to 8 digits")
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhDigitsOnly | Qt.InputMethodHint.ImhSensitiveData)
        self.line.textChanged.connect(lambda _: self._sync())
        self.line.returnPressed.connect(self.confirm)
        column.addWidget(self.line)
        grid = QGridLayout()
        grid.setSpacing(theme.px(6))
        for place, digit in enumerate(_DIGITS):
            grid.addWidget(self._key(theme, digit), place // 3, place % 3)
        delete = self._key(theme, "⌫")
        delete.setAccessibleName("delete")
        self.ok_key = BigButton(theme, ok, kind=Kind.PRIMARY, pixels=20, height=_KEY)
        self.ok_key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.ok_key.clicked.connect(self.confirm)
        grid.addWidget(delete, 3, 0)
        grid.addWidget(self._key(theme, "0"), 3, 1)
        grid.addWidget(self.ok_key, 3, 2)
        column.addLayout(grid)
        column.addStretch(1)
        self.setFixedWidth(theme.px(252))
        self.setFocusProxy(self.line)
        self._sync()

    def _key(self, theme: Theme, sign: str) -> BigButton:
        key = BigButton(theme, sign, kind=Kind.NORMAL, pixels=24, height=_KEY)
        key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        key.clicked.connect(lambda: self.press(sign))
        return key

    def press(self, sign: str) -> None:
        """One key of the pad."""
        if sign == "⌫":
            self.line.backspace()
        else:
            self.line.insert(sign)
        self.line.setFocus()

    def confirm(self) -> None:
        """Hand the PIN over, where it is one."""
        pin = self.line.text()
        if len(pin) >= LEAST and self.ok_key.isEnabled():
            self.clear()
            self.entered.emit(pin)

    def clear(self) -> None:
        """Forget what was typed."""
        self.line.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter belongs to the PIN: no form around it takes it for its own."""
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            super().keyPressEvent(event)

    def _sync(self) -> None:
        self.ok_key.setEnabled(len(self.line.text()) >= LEAST)
