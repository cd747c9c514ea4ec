"""The function keys that work wherever one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def bind_keys(window: QWidget, keys: Mapping[str, Callable[[], object]]) -> None:
    """Have each key do its act anywhere in the window; a key that is held down counts once."""
    for name, act in keys.items():
        shortcut = QShortcut(QKeySequence(name), window)
        shortcut.setAutoRepeat(False)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(act)
