"""Keys for numbers on the screen: gloved fingers type into the entry that was touched last."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind

_KEYS = ("7", "8", "9", "4", "5", "6", "1", "2", "3", ".", "0", "⌫")
_WIDE = ("7", "8", "9", "⌫", "4", "5", "6", ".", "1", "2", "3", "0")
_KEY = 58
"""15 mm."""


class Keypad(QWidget):
    """Twelve keys that never take the focus away from the entry."""

    def __init__(self, theme: Theme, *, wide: bool = False, parent: QWidget | None = None) -> None:
        """wide: three rows of four that take the width there is, else four rows of three."""
        super().__init__(parent)
        self._target: QLineEdit | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.px(3))
        columns = 4 if wide else 3
        for place, sign in enumerate(_WIDE if wide else _KEYS):
            key = BigButton(theme, sign, kind=Kind.QUIET, pixels=18, height=_KEY)
            if not wide:
                key.setFixedWidth(theme.px(_KEY))
            key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            key.setAccessibleName("delete" if sign == "⌫" else sign)
            key.clicked.connect(lambda _=False, pressed=sign: self._press(pressed))
            grid.addWidget(key, place // columns, place % columns)

    def aim_at(self, entry: QLineEdit) -> None:
        """Type into this entry from now on."""
        self._target = entry

    def _press(self, sign: str) -> None:
        entry = self._target
        if entry is None or not entry.isEnabled():
            return
        if sign == "⌫":
            entry.backspace()
        else:
            entry.insert(sign)
        entry.textEdited.emit(entry.text())
