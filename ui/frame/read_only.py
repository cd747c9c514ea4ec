"""A second program on the same database says so above everything: it reads, and watches nobody."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMainWindow

from ui.theme import Theme
from ui.widgets.text import BOLD, Elided

READ_ONLY = 30
"""px of the layout that the strip takes."""


def say_read_only(window: QMainWindow, theme: Theme, who: str) -> QLabel | None:
    """A strip at the top of the window; none where this program records itself (`who` "")."""
    if not who:
        return None
    return say_above(window, theme, f"READ ONLY: NOTHING IS WATCHED OR RECORDED IN THIS WINDOW. {who}")


def say_above(window: QMainWindow, theme: Theme, text: str) -> QLabel:
    """A strip at the top of the window for as long as it is open."""
    words = Elided(theme, text, 16, BOLD, shrink_to=11)  # a computer may have a long name: what it begins with stays
    words.setObjectName("strip")
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words.setFixedHeight(theme.px(READ_ONLY))
    window.setMenuWidget(words)
    return words
