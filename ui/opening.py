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
        self._family = next(iter(QFontDatabase.applicationFontFamilies(found)), "")
        self.setWindowTitle(NAME)
        self.setAccessibleName(f"{NAME}. {WORDS}")
        self.resize(1366, 768)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The name and one sentence."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(_GROUND))
        middle = self.height() // 2
        for text, pixels, colour, top in ((NAME, 44, _TEXT, middle - 60), (WORDS, 22, _DIM, middle)):
            font = QFont(self._family)
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
