"""The strip above everything where one station watches several chairs: who is where, how far, and what alarms."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.chairs import Tile, not_shown_words
from ui.theme import Theme
from ui.widgets.chair_badge import paint_badge
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label

HEIGHT, BAND = 63, 4
"""px of the layout: a tile that a thumb finds on the smallest screen too, and the band of the chair that is shown."""
STRIP = HEIGHT + BAND
_BADGE = 40


class ChairStrip(QWidget):
    """wanted(place): somebody wants to see that chair. Nothing else ever changes which one is shown."""

    wanted = Signal(str)

    def __init__(self, theme: Theme, not_shown: tuple[str, ...] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._front = ""
        self.tiles: dict[str, ChairTile] = {}
        self.setFixedHeight(theme.px(STRIP))
        self.setAccessibleName("Chairs")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.px(2))
        self._places = QHBoxLayout()
        self._places.setSpacing(theme.px(2))
        self._row.addLayout(self._places, 1)
        self._note = label(theme, not_shown_words(not_shown), 12, MEDIUM, role="dim", wrap=True)
        self._note.setFixedWidth(theme.px(92))
        self._note.setVisible(bool(not_shown))
        self._row.addWidget(self._note)
        column.addLayout(self._row, 1)
        self.band = QFrame()
        self.band.setFixedHeight(theme.px(BAND))
        column.addWidget(self.band)

    def show_tile(self, view: Tile) -> None:
        """Show a place as it stands."""
        if view.place not in self.tiles:
            key = ChairTile(self._theme)
            key.clicked.connect(lambda _=False, place=view.place: self.wanted.emit(place))
            self.tiles[view.place] = key
            self._places.addWidget(key, 1)
        self.tiles[view.place].show_tile(view)
        if view.place == self._front:
            self._colour(view.fill)

    def drop(self, place: str) -> None:
        """Nobody is in that place any more."""
        key = self.tiles.pop(place, None)
        if key is not None:
            self._places.removeWidget(key)
            key.hide()
            key.deleteLater()

    def show_front(self, place: str) -> None:
        """Mark the place whose pages are shown."""
        self._front = place
        for name, key in self.tiles.items():
            key.set_front(name == place)
            if name == place and key.view is not None:
                self._colour(key.view.fill)

    def _colour(self, fill: str) -> None:
        edge = f"1px solid {self._theme.strong_border}"
        self.band.setStyleSheet(f"background: {fill}; border-top: {edge}; border-bottom: {edge};")


class ChairTile(QAbstractButton):
    """One place: its number on its colour, who, how far, and the highest alarm, which alone may fill with a colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.view: Tile | None = None
        self._front = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_tile(self, view: Tile) -> None:
        """Bring it up to date."""
        if view != self.view:
            self.view = view
            self.setText(view.number)
            self.setAccessibleName(view.spoken)
            self.update()

    def set_front(self, front: bool) -> None:
        """Whether the pages below are this one's."""
        if front != self._front:
            self._front = front
            self.update()

    def sizeHint(self) -> QSize:
        """Eight of them lie side by side on the smallest screen."""
        return QSize(self._theme.px(130), self._theme.px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """As wide as a thumb."""
        return QSize(self._theme.px(104), self._theme.px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Badge, three lines, frame."""
        view, theme = self.view, self._theme
        if view is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.raised if self._front else theme.panel))
        badge = QRect(0, 0, theme.px(_BADGE), self.height())
        paint_badge(painter, theme, badge, view.number, view.fill, view.ink)
        top = theme.px(3)
        line = (self.height() - top) // 3
        left, wide = badge.right() + 1 + theme.px(6), self.width() - badge.width() - theme.px(8)
        self._write(painter, QRect(left, top, wide, line), view.name, 14, theme.text, bold=True)
        self._write(painter, QRect(left, top + line, wide, line), view.state, 12, theme.dim)
        last = QRect(badge.right() + 1, top + 2 * line, self.width() - badge.width(), self.height() - top - 2 * line)
        self._paint_alarm(painter, last, view)
        painter.setPen(QPen(QColor(theme.text if self._front else theme.border), theme.px(3 if self._front else 1)))
        edge = theme.px(1)
        painter.drawRect(self.rect().adjusted(edge, edge, -edge - 1, -1 if not self._front else theme.px(4)))

    def _paint_alarm(self, painter: QPainter, box: QRect, view: Tile) -> None:
        theme = self._theme
        inside = box.adjusted(theme.px(6), 0, -theme.px(4), 0)
        if view.priority is None:
            self._write(painter, inside, "no alarm" if view.state else "", 12, theme.dim)
            return
        colour = theme.alarm_fill(view.priority)
        ink = theme.text
        if view.filled:
            painter.fillRect(box, QColor(colour))
            ink = theme.alarm_text(view.priority)
        else:
            painter.fillRect(QRect(box.left(), box.top(), theme.px(4), box.height()), QColor(colour))
            inside.adjust(theme.px(2), 0, 0, 0)
        more = f" +{view.more}" if view.more else ""
        room = painter.fontMetrics().horizontalAdvance(more) if more else 0
        self._write(painter, inside.adjusted(0, 0, -room, 0), view.alarm, 12, ink, bold=True)
        if more:
            painter.setPen(QColor(ink))
            painter.drawText(inside, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), more)

    def _write(self, painter: QPainter, box: QRect, text: str, pixels: int, colour: str, *, bold: bool = False) -> None:
        font = self._theme.font(pixels, (BOLD if pixels > 12 else SEMIBOLD) if bold else MEDIUM, tabular=True)
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), shown)
