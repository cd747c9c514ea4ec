"""The first thing that is painted: the program's name, while the record is opened and everything else is imported."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

import resources

_GROUND, _TEXT, _DIM = "#0f1215", "#eef1f6", "#a3adba"
"""Of the dark look; which look was chosen is not read yet."""
NAME = "ExoMonitor"
WORDS = "Starting. Nothing is watched yet."
"""A screen without values must not look like a quiet patient."""


class Opening(QWidget):
    """Holds the application as well; end() when the window stands. Must be made on the main thread."""

    def __init__(self) -> None:
        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        super().__init__()
        found = QFontDatabase.addApplicationFont(str(Path(resources.__path__[0]) / "fonts" / "Inter-Regular.otf"))
        self.family = next(iter(QFontDatabase.applicationFontFamilies(found)), "")
        self.setWindowTitle(NAME)
        self.say()
        self.resize(1366, 768)

    def say(self, words: str = WORDS) -> None:
        """One sentence under the name; "" where something else fills the window."""
        self._said = words
        self.setAccessibleName(f"{NAME}. {words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The name and one sentence."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(_GROUND))
        middle = self.height() // 2
        shown = ((NAME, 44, _TEXT, middle - 60), (self._said, 22, _DIM, middle)) if self._said else ()
        for text, pixels, colour, top in shown:
            font = QFont(self.family)
            font.setPixelSize(pixels)
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(QRect(0, top, self.width(), 60), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def end(self) -> None:
        """The window is there."""
        self.close()
        self.deleteLater()


def show_opening() -> Opening:
    """Painted when this returns."""
    opening = Opening()
    opening.showMaximized()
    QApplication.processEvents()
    return opening
