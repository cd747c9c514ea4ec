"""Numeric tiles: value, limits, source, age, baseline and change; a value that is not live never looks live. NEWS2."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.news2 import News2View
from ui.presenters.tiles import Look, TileView
from ui.theme import Theme
from ui.widgets.aged import draw_aged
from ui.widgets.painting import draw_capitals
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD

_EMPTY = TileView("", "", "")
_AROUND = 47
"""Above and below the figures: label, and the note with the age."""
_NOTE_SIZES = (16, 15, 14, 13, 12)


class VitalTile(QWidget):
    """One vital sign, painted whole; repaints only when something on it has changed."""

    def __init__(self, theme: Theme, colour: str, *, cap: int = 47, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._colour, self._cap = theme, colour, theme.px(cap)
        self._view = _EMPTY
        self.setMinimumHeight(theme.px(cap + _AROUND))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_view(self, view: TileView) -> None:
        """Show another picture of the sign."""
        if view != self._view:
            self._view = view
            self.setAccessibleName(f"{view.label} {view.value} {view.unit} {view.mark}".strip())
            changed = ", limit changed" if view.own_low or view.own_high else ""
            self.setAccessibleDescription(f"{view.note}{changed}")
            self.update()

    @property
    def view(self) -> TileView:
        """What is shown now."""
        return self._view

    def paintEvent(self, event: QPaintEvent) -> None:
        """Frame, label and unit, value with limits, note."""
        theme, view = self._theme, self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, text, dim, value = self._colours()
        painter.setBrush(QColor(fill))
        edge = theme.alarm_fill(view.alarm) if view.alarm is not None else theme.border
        thick = theme.px(4) if view.alarm is not None and not view.filled else 1
        painter.setPen(QPen(QColor(edge), thick))
        inset = thick / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), theme.px(6), theme.px(6))
        if view.simulated:
            self._paint_simulated(painter)
        foot = theme.px(5 if thick == 1 else 7)  # letters that reach below their line stay off a heavy frame
        inner = QRectF(self.rect()).adjusted(theme.px(12), theme.px(3), -theme.px(12), -foot)
        head = QRectF(inner.left(), inner.top(), inner.width(), theme.px(18))
        self._paint_head(painter, head, text, dim, value)
        over_note = inner.bottom() - QFontMetrics(theme.fine_font()).capHeight()
        base = (head.bottom() + over_note + self._cap) / 2
        limits = self._paint_limits(painter, inner, base, dim)
        room = inner.width() - limits - theme.px(8)
        width = draw_capitals(painter, theme, view.value, inner.left(), base, self._cap, room, value)
        if view.mark == "?":
            draw_capitals(
                painter, theme, "?", inner.left() + width + theme.px(8), base, self._cap * 0.75, theme.px(40), text
            )
        painter.setPen(QColor(dim))
        # The note, or its brief form where there is no room, a little smaller before anything is cut.
        lines = (view.note, view.brief) if view.brief else (view.note,)
        weight = SEMIBOLD if view.look is Look.STALE else MEDIUM
        draw_aged(painter, theme, lines, view.age, inner.bottomLeft(), inner.width(), _NOTE_SIZES, weight)

    def _colours(self) -> tuple[str, str, str, str]:
        """Fill, text, dim text and value colour."""
        theme, view = self._theme, self._view
        if view.alarm is not None and view.filled:
            ink = theme.alarm_text(view.alarm)
            return theme.alarm_fill(view.alarm), ink, ink, ink
        value = {Look.LIVE: self._colour, Look.TYPED: theme.text}.get(view.look, theme.dim)
        return theme.panel, theme.text, theme.dim, value

    def _paint_head(self, painter: QPainter, head: QRectF, text: str, dim: str, value: str) -> None:
        theme, view = self._theme, self._view
        font = theme.font(17, BOLD)
        painter.setFont(font)
        painter.setPen(QColor(value if view.look is Look.LIVE else text))
        painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter), view.label)
        left = head.left() + QFontMetrics(font).horizontalAdvance(view.label) + theme.px(8)
        if view.marks:
            painter.setPen(QColor(text))
            marks = f"▲ {view.marks}"
            painter.drawText(head.adjusted(left - head.left(), 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), marks)
            left += QFontMetrics(font).horizontalAdvance(marks) + theme.px(8)
        if view.mark and view.mark != "?":
            left += self._paint_stamp(painter, left, head, text)
        painter.setFont(theme.font(16))
        painter.setPen(QColor(dim))
        room = head.right() - painter.fontMetrics().horizontalAdvance(view.unit) - theme.px(8) - left
        self._paint_beside(painter, QRectF(left, head.top(), room, head.height()))
        painter.setFont(theme.font(16))
        painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), view.unit)

    def _paint_beside(self, painter: QPainter, box: QRectF) -> None:
        """Whole, a little smaller, its first part, or not at all."""
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        for words in (self._view.beside, self._view.beside.partition(" · ")[0]):
            for pixels in (15, 14, 13, 12):
                painter.setFont(self._theme.font(pixels, MEDIUM))
                if painter.fontMetrics().horizontalAdvance(words) <= box.width():
                    painter.drawText(box, flags, words)
                    return

    def _paint_simulated(self, painter: QPainter) -> None:
        """The blue and white hatch of everything simulated, along the left edge."""
        theme = self._theme
        edge = QRectF(theme.px(2), theme.px(6), theme.px(5), self.height() - theme.px(12))
        painter.save()
        painter.setClipRect(edge)
        painter.fillRect(edge, QColor(theme.sim_blue))
        painter.setPen(QPen(QColor(theme.sim_white), theme.px(3)))
        step = theme.px(12)
        for y in range(-step, self.height() + step, step):
            painter.drawLine(QPointF(edge.left() - 1, y + theme.px(6)), QPointF(edge.right() + 1, y))
        painter.restore()

    def _paint_stamp(self, painter: QPainter, left: float, head: QRectF, text: str) -> float:
        theme, word = self._theme, self._view.mark
        painter.setFont(theme.font(13, SEMIBOLD))
        width = painter.fontMetrics().horizontalAdvance(word) + theme.px(10)
        box = QRectF(left, head.top() + theme.px(1), width, head.height() - theme.px(2))
        painter.setPen(QPen(QColor(text), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, theme.px(3), theme.px(3))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), word)
        return width + theme.px(6)

    def _paint_limits(self, painter: QPainter, inner: QRectF, base: float, dim: str) -> float:
        """Upper limit above lower one at the right edge; returns the width they take."""
        theme, view = self._theme, self._view
        if not view.high and not view.low:
            return 0.0
        text = self._colours()[1]
        strong, light = theme.fine_font(BOLD), theme.fine_font(MEDIUM)
        limits = ((view.high, view.own_high), (view.low, view.own_low))
        width = max(QFontMetrics(strong if own else light).horizontalAdvance(words) for words, own in limits)
        cap = QFontMetrics(light).capHeight()
        # The upper one level with the top of the figures, the lower one with their foot; never on each other.
        apart = max(self._cap - cap, cap + theme.px(4))
        left, middle = inner.right() - width - 2, base - self._cap / 2
        box = QRectF(left, middle - (apart + cap) / 2 - theme.px(3), width + 2, cap + theme.px(6))
        for words, own in limits:
            painter.setFont(strong if own else light)
            painter.setPen(QColor(text if own else dim))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), words)
            if own and words:
                painter.setPen(QPen(QColor(text), theme.px(2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box.adjusted(-theme.px(3), 0, theme.px(4), 0))
            box.translate(0, apart)
        return width


class News2Tile(QWidget):
    """The score of the last completed set; it has no fill, for an alarm about it stands in the alarm bar. A touch asks
    for its parts."""

    wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._view = News2View("", "", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """Three short lines; where the page is too low for them this tile gives way, never a vital sign."""
        return QSize(self._theme.px(200), self._theme.px(58))

    def show_view(self, view: News2View) -> None:
        """Show another score."""
        if view != self._view:
            self._view = view
            self.setAccessibleName(f"NEWS2 {view.score} {view.rule}")
            self.setAccessibleDescription(f"{view.note} {view.before}".strip())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A touch anywhere on the tile."""
        if self.rect().contains(event.position().toPoint()):
            self.wanted.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name above the score; what it asks for and the score before beside the name, the age beside the score."""
        theme, view = self._theme, self._view
        if self.height() < theme.px(50):
            return  # half a score would be worse than none
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(QColor(theme.panel))
        painter.setPen(QPen(QColor(theme.text if view.urgent else theme.border), theme.px(3) if view.urgent else 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        inner = QRectF(self.rect()).adjusted(theme.px(12), theme.px(4), -theme.px(12), -theme.px(4))
        head = QRectF(inner.left(), inner.top(), inner.width(), theme.px(17))
        ink = theme.dim if view.past else theme.text
        name = self._line(painter, head, "NEWS2", 13, theme.text)
        foot = inner.bottom() - theme.px(4)
        cap = min(theme.px(25), foot - head.bottom() - theme.px(4))
        score = draw_capitals(painter, theme, view.score, inner.left(), foot, cap, theme.px(60), ink)
        beside = head.adjusted(max(score, name) + theme.px(12), 0, 0, 0)
        rule = self._line(painter, beside, view.rule, 15, ink)
        left = beside.adjusted(rule + theme.px(10), 0, 0, 0)
        lines: tuple[str, ...] = (view.note, _oldest(view))
        if QFontMetrics(theme.font(12, MEDIUM)).horizontalAdvance(view.before) <= left.width():
            self._line(painter, left, view.before, 14, theme.dim, right=True)
        elif view.before:  # the rule has its room: which way it went stands with the ages
            went = f"{view.before.partition(' at ')[0]} {view.before[-1]}"
            lines = (f"{went} · {view.note}", f"{went} · {_oldest(view)}", *lines)
        painter.setPen(QColor(theme.dim))
        draw_aged(painter, theme, lines, view.age, QPointF(beside.left(), foot), beside.width(), (14, 13, 12), MEDIUM)

    def _line(
        self, painter: QPainter, box: QRectF, text: str, pixels: int, colour: str, *, right: bool = False
    ) -> float:
        """One line that grows smaller before it is cut; returns how wide it is."""
        theme = self._theme
        for size in range(pixels, 11, -1):
            painter.setFont(theme.font(size, SEMIBOLD if colour == theme.text else MEDIUM))
            if painter.fontMetrics().horizontalAdvance(text) <= box.width():
                break
        painter.setPen(QColor(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter), shown)
        return float(painter.fontMetrics().horizontalAdvance(shown))


def _oldest(view: News2View) -> str:
    """Of the note what says how old the inputs are; the rest stands on the score's own page."""
    return next((part for part in view.note.split(" · ") if view.age and view.age in part), view.note)
