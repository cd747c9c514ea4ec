"""Text on the screen: labels made in one line, and labels that shorten long words instead of being cut."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
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


def set_role(made: QLabel, role: str) -> None:
    """Change a label's colour role."""
    if made.property("role") != role:
        made.setProperty("role", role)
        made.style().unpolish(made)
        made.style().polish(made)


class Elided(QLabel):
    """One line that ends in an ellipsis where there is no room; the whole text stays readable by screen readers."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        pixels: float = 15,
        weight: QFont.Weight = REGULAR,
        *,
        role: str = "",
        at_least: int = 40,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        dress(self, theme.font(pixels, weight), role)
        self._at_least = theme.px(at_least)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        """A line that may shrink."""
        whole = super().sizeHint()
        return QSize(min(self._at_least, whole.width()), whole.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, shortened to the width there is."""
        painter = QPainter(self)
        box = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        painter.drawText(box, int(self.alignment()) or int(Qt.AlignmentFlag.AlignVCenter), shown)
