"""Keys to press: large, with the name of the function key that does the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.theme import TOUCH, Theme
from ui.widgets.text import BOLD, MEDIUM, REGULAR, SEMIBOLD


class Kind(StrEnum):
    """What a key is for, as far as its look goes."""

    NORMAL = "normal"
    PRIMARY = "primary"
    REACTION = "reaction"
    TILE = "tile"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class _Look:
    fill: str
    text: str
    border: str
    width: float


class BigButton(QAbstractButton):
    """A key of at least 44 px with text, an F-key badge, and a second line under the text where one is set."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        badge: str = "",
        kind: Kind = Kind.NORMAL,
        *,
        pixels: float = 16,
        height: int = TOUCH,
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kind = kind
        self._badge = badge
        self._below = ""
        self._colours: tuple[str, str] | None = None
        self.setText(text)
        self.setAccessibleName(text)
        self.setFont(theme.font(pixels, BOLD if kind in {Kind.REACTION, Kind.TILE} else SEMIBOLD))
        self.setCheckable(checkable)
        self._high = theme.px(max(TOUCH, height))
        self.setMinimumHeight(self._high)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def give_way(self, least: int) -> None:
        """Where the page is short of room the key may become as low as `least` pixels, and no lower."""
        self.setMinimumHeight(min(self._high, self._theme.px(max(TOUCH, least))))
        self.setMaximumHeight(self._high)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Change the text."""
        if self.text() != text:
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def set_badge(self, badge: str) -> None:
        """Change the name of the function key."""
        if self._badge != badge:
            self._badge = badge
            self.updateGeometry()
            self.update()

    def set_below(self, text: str) -> None:
        """Change the second line."""
        if self._below != text:
            self._below = text
            self.setAccessibleDescription(text)
            self.update()

    def set_colours(self, fill: str, text: str) -> None:
        """A fill of its own: only the keys in the alarm bar have one."""
        if self._colours != (fill, text):
            self._colours = (fill, text)
            self.update()

    def sizeHint(self) -> QSize:
        """Room for the text and the badge."""
        lines = self.text().split("\n")
        width = max(self.fontMetrics().horizontalAdvance(line) for line in lines) + self._theme.px(28)
        if self._badge:
            width += self._badge_width() + self._theme.px(10)
        return QSize(max(width, self._theme.px(TOUCH)), max(self._high, self.minimumHeight()))

    def minimumSizeHint(self) -> QSize:
        """A key may not lose its text: it breaks into two lines before that."""
        words = self.text().replace("\n", " ").split()
        longest = max((self.fontMetrics().horizontalAdvance(word) for word in words), default=0)
        badge = self._badge_width() + self._theme.px(10) if self._badge else 0
        return QSize(max(longest + badge + self._theme.px(20), self._theme.px(TOUCH)), self.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses a key as Space does; on a choice it is left to the form, where it saves."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not self.isCheckable():
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _badge_width(self) -> int:
        return QFontMetrics(self._theme.font(12, SEMIBOLD)).horizontalAdvance(self._badge) + self._theme.px(12)

    def _look(self) -> _Look:
        theme = self._theme
        if not self.isEnabled():
            return _Look(theme.panel, theme.dim, theme.border, 1)
        if self._colours is not None:
            return _Look(*self._colours, self._colours[1], 1)
        if self.isChecked():
            return _Look(theme.chosen, theme.chosen_text, theme.chosen, 1)
        return {
            Kind.PRIMARY: _Look(theme.accent, theme.accent_text, theme.accent_border, 1.5),
            Kind.REACTION: _Look(theme.reaction, theme.reaction_text, theme.reaction_text, 4),
            Kind.TILE: _Look(theme.raised, theme.text, theme.text, 3),
            Kind.QUIET: _Look(theme.panel, theme.text, theme.border, 1),
        }.get(self._kind, _Look(theme.raised, theme.text, theme.strong_border, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, text, badge, and the ring of the keyboard focus."""
        theme, look = self._theme, self._look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._kind is Kind.REACTION and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.fill))
            painter.drawRoundedRect(box, theme.px(8), theme.px(8))
            box = box.adjusted(theme.px(4), theme.px(4), -theme.px(4), -theme.px(4))
        width = look.width * theme.scale
        fill = QColor(look.fill)
        painter.setBrush(fill.darker(115) if self.isDown() else fill)
        painter.setPen(QPen(QColor(look.border), width))
        inset = width / 2
        painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), theme.px(6), theme.px(6))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.focus), theme.px(2)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(7), theme.px(7))
        if self._kind is Kind.TILE:
            self._paint_tile(painter, look)
        else:
            self._paint_words(painter, look)

    def _paint_words(self, painter: QPainter, look: _Look) -> None:
        theme = self._theme
        box = self.rect().adjusted(theme.px(8), theme.px(3), -theme.px(8), -theme.px(3))
        badge = self._badge_width() if self._badge else 0
        gap = theme.px(10) if badge else 0
        metrics = QFontMetrics(self.font())
        flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        room = box.adjusted(0, 0, -(badge + gap), 0)
        needed = metrics.boundingRect(room, flags, self.text())
        left = box.left() + max(0, (box.width() - needed.width() - badge - gap) // 2)
        words = room.translated(0, 0)
        words.setLeft(left)
        words.setWidth(needed.width() + 2)
        if self._below:
            words.setBottom(box.center().y() + theme.px(2))
        painter.setFont(self.font())
        painter.setPen(QColor(look.text))
        painter.drawText(words, flags, self.text())
        if self._below:
            below = box.adjusted(0, box.height() // 2, 0, 0)
            painter.setFont(theme.font(13))
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), self._below)
        if badge:
            self._paint_badge(painter, QRectF(words.right() + gap, 0, badge, theme.px(20)), look, words.center().y())

    def _paint_badge(self, painter: QPainter, box: QRectF, look: _Look, middle: int) -> None:
        theme = self._theme
        box.moveTop(middle - box.height() / 2)
        painter.setFont(theme.font(12, SEMIBOLD))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colour = QColor(look.text)
        colour.setAlphaF(0.55)
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(box, theme.px(3), theme.px(3))
        painter.setPen(QColor(look.text))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._badge)

    def _paint_tile(self, painter: QPainter, look: _Look) -> None:
        theme = self._theme
        box = self.rect().adjusted(theme.px(18), theme.px(14), -theme.px(14), -theme.px(12))
        painter.setPen(QColor(look.text))
        painter.setFont(self.font())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), self.text())
        self._paint_below(painter, box.adjusted(0, painter.fontMetrics().height(), 0, 0))

    def _paint_below(self, painter: QPainter, room: QRect) -> None:
        """What stands under a tile's name, smaller where it takes more lines: it never runs into the name."""
        theme = self._theme
        head, _, tail = self._below.rpartition("\n")
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap)
        for pixels in (14, 13, 12, 11):
            strong = theme.font(pixels, BOLD if self.isChecked() else MEDIUM)
            used = QFontMetrics(strong).boundingRect(room, flags, tail).height()
            above = QFontMetrics(theme.font(pixels)).boundingRect(room, flags, head).height() if head else 0
            if used + above <= room.height():
                break
        painter.setFont(strong)
        painter.drawText(room, flags, tail)
        painter.setFont(theme.font(pixels, REGULAR))
        painter.drawText(room.adjusted(0, 0, 0, -used), flags, head)
