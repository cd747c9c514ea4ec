"""Text on the screen: labels made in one line, and labels that shorten long words instead of being cut."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.theme import Theme

REGULAR, MEDIUM = QFont.Weight.Normal, QFont.Weight.Medium
SEMIBOLD, BOLD = QFont.Weight.DemiBold, QFont.Weight.Bold


def label(
    theme: Theme,
    text: str = "",
    pixels: float = 15,
    weight: QFont.Weight = REGULAR,
    *,
    role: str = "",
    wrap: bool = False,
    tabular: bool = False,
) -> QLabel:
    """A label; role names a colour of the style sheet: dim, error, rate."""
    made = QLabel(text)
    dress(made, theme.font(pixels, weight, tabular=tabular), role)
    made.setWordWrap(wrap)
    return made


def dress(made: QLabel, font: QFont, role: str) -> None:
    """Font and colour role of a label."""
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(font)
    if role:
        made.setProperty("role", role)


def set_text(made: QLabel, text: str) -> None:
    """Change a label's text only where it differs: nothing is painted for nothing."""
    if made.text() != text:
        made.setText(text)


def keep_room(made: QLabel, widest: str) -> None:
    """As large as with `widest`, for good: Qt lays a window out anew for every new text whose size it does not know."""
    text = made.text()
    made.setText(widest)
    made.setFixedSize(made.sizeHint())
    made.setText(text)


def set_role(made: QLabel, role: str) -> None:
    """Change a label's colour role."""
    if made.property("role") != role:
        made.setProperty("role", role)
        made.style().unpolish(made)
        made.style().polish(made)


class Elided(QLabel):
    """One line that first grows smaller (shrink_to), then ends in an ellipsis, where there is no room."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        pixels: float = 15,
        weight: QFont.Weight = REGULAR,
        *,
        role: str = "",
        at_least: int = 40,
        shrink_to: float = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        dress(self, theme.font(pixels, weight), role)
        self._at_least = theme.px(at_least)
        self._smallest = theme.px(shrink_to) if shrink_to else 0
        self._cut = Qt.TextElideMode.ElideRight
        self._ink: QColor | None = None
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def keep_end(self, pixels: int) -> None:
        """Grow smaller, down to so many pixels of this screen, before anything is cut; and then at the beginning."""
        self._smallest, self._cut = pixels, Qt.TextElideMode.ElideLeft

    def set_ink(self, colour: str) -> None:
        """A colour of its own; a style sheet for one label takes longer than painting it."""
        if self._ink != QColor(colour):
            self._ink = QColor(colour)
            self.update()

    def minimumSizeHint(self) -> QSize:
        """A line that may shrink."""
        whole = super().sizeHint()
        return QSize(min(self._at_least, whole.width()), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, shortened to the width there is."""
        painter = QPainter(self)
        box = self.contentsRect()
        font = self.font()
        painter.setFont(font)
        while self._smallest and painter.fontMetrics().horizontalAdvance(self.text()) >= box.width():
            if font.pixelSize() <= self._smallest:
                break
            font.setPixelSize(font.pixelSize() - 1)
            painter.setFont(font)
        shown = painter.fontMetrics().elidedText(self.text(), self._cut, box.width())
        painter.setPen(self._ink or self.palette().color(self.foregroundRole()))
        painter.drawText(box, int(self.alignment()) or int(Qt.AlignmentFlag.AlignVCenter), shown)


class Fitted(QWidget):
    """A few lines of text that grow smaller, down to `smallest`, until all of it is seen."""

    def __init__(
        self, theme: Theme, pixels: float, smallest: float, weight: QFont.Weight = BOLD, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._font = theme.font(pixels, weight)
        self._smallest = theme.px(smallest)
        self._ink: QColor | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_text(self, text: str) -> None:
        """Change the text."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def set_ink(self, colour: str) -> None:
        """A colour of its own."""
        if self._ink != QColor(colour):
            self._ink = QColor(colour)
            self.update()

    def text(self) -> str:
        """What is said."""
        return self._text

    def paintEvent(self, event: QPaintEvent) -> None:
        """The largest size at which the whole text fits; where none does, its beginning is seen."""
        painter = QPainter(self)
        painter.setPen(self._ink or self.palette().color(self.foregroundRole()))
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
        font = QFont(self._font)
        painter.setFont(font)
        while font.pixelSize() > self._smallest:
            needed = painter.fontMetrics().boundingRect(self.rect(), flags, self._text)
            if needed.height() <= self.height() and needed.width() <= self.width():
                break
            font.setPixelSize(font.pixelSize() - 1)
            painter.setFont(font)
        if painter.fontMetrics().boundingRect(self.rect(), flags, self._text).height() > self.height():
            flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(self.rect(), flags, self._text)
