"""The pump card: its state as a large word and a shape that moves only while fluid moves, then its figures."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from exomonitor.alarms.limits import Priority
from ui.kept_screen import KeptScreen
from ui.presenters.pump import PumpView, Shape
from ui.presenters.tiles import Look
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.painting import draw_capitals
from ui.widgets.shapes import draw_shape
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, Elided, label, set_role, set_text

_ROWS = 4


class PumpCard(Card):
    """Word, shape, rate, figures, and what this pump cannot report."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Pump", parent=parent)
        self.enlarge_remark()
        self.word = PumpWord(theme)
        self.body.addWidget(self.word)
        self._warning = label(theme, "", 16, BOLD, wrap=True)
        self._warning.hide()
        self.body.addWidget(self._warning)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(8))
        grid.setVerticalSpacing(theme.px(1))
        grid.setColumnStretch(0, 1)
        rate = QHBoxLayout()
        self._rate_name = label(theme, "Rate", 16, role="dim")
        self._rate = label(theme, "", 22, BOLD, role="rate", tabular=True)
        rate.addWidget(self._rate_name, 1)
        rate.addWidget(self._rate)
        self.body.addLayout(rate)
        self.rows: list[tuple[QLabel, QLabel]] = []
        for row in range(_ROWS):
            name = Elided(theme, "", 14, role="dim", at_least=60, shrink_to=12)
            value = label(theme, "", 15, SEMIBOLD, tabular=True)
            grid.addWidget(name, row, 0)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
            self.rows.append((name, value))
        self.body.addLayout(grid)
        self._cannot = label(theme, "", 13, MEDIUM, wrap=True)
        self._cannot.hide()
        self.body.addWidget(self._cannot)

    def show_view(self, view: PumpView, beat: int) -> None:
        """Bring the card up to date."""
        self.set_title(view.title)
        self.set_remark(view.remark)
        self.word.show_word(view.word, view.shape, view.look, beat, view.alarm)
        live = view.look is Look.LIVE
        set_text(self._rate, view.rate)
        set_text(self._rate_name, view.rate_name)
        set_role(self._rate, "rate" if live else "dim")
        for place, (name, value) in enumerate(self.rows):
            shown = place < len(view.rows)
            name.setVisible(shown)
            value.setVisible(shown)
            if shown:
                set_text(name, view.rows[place][0])
                set_text(value, view.rows[place][1])
                set_role(value, "dim" if view.look in {Look.STALE, Look.LOST} else "")
        for widget, text in ((self._warning, view.warning), (self._cannot, view.cannot)):
            set_text(widget, text)
            widget.setVisible(bool(text))


class PumpWord(QWidget):
    """The state across the whole card, and under it a strip of the shape that means the same."""

    def __init__(self, theme: Theme, *, cap: int = 47, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._cap = theme, theme.px(cap)
        self._state: tuple[str, Shape, Look] = ("", Shape.CROSS, Look.EMPTY)
        self._step = 0
        self._calm = False
        self._alarm: Priority | None = None
        self.setFixedHeight(self._cap + theme.px(29))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def follow(self, kept: KeptScreen) -> None:
        """With less motion the shape of a running pump stands; the word says that it runs."""
        kept.calmed.connect(self._set_calm)
        self._set_calm(kept.calm)

    def _set_calm(self, calm: bool) -> None:
        self._calm, self._step = calm, 0
        self.update()

    def show_word(self, word: str, shape: Shape, look: Look, beat: int, alarm: Priority | None = None) -> None:
        """Show a state; with Look.LIVE the flow moves with every beat, but where less motion is wanted."""
        state = (word, shape, look)
        step = beat % 4 if shape is Shape.FLOW and look is Look.LIVE and not self._calm else 0
        if (state, step, alarm) != (self._state, self._step, self._alarm):
            self._state, self._step, self._alarm = state, step, alarm
            self.setAccessibleName(f"Pump {word.lower()}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Word above shape."""
        theme, (word, shape, look) = self._theme, self._state
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = theme.dim if look in {Look.STALE, Look.LOST} else theme.text
        cap, left = self._cap, 0
        if self._alarm is not None:
            ink, left = theme.alarm_text(self._alarm), theme.px(6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.alarm_fill(self._alarm)))
            painter.drawRoundedRect(self.rect(), theme.px(5), theme.px(5))
        draw_capitals(painter, theme, word, left, theme.px(5) + cap, cap, self.width() - 2 * left, ink)
        strip = QRectF(left, cap + theme.px(13), self.width() - 2 * left, theme.px(13))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink))
        if shape is Shape.FLOW:
            self._paint_flow(painter, strip, QColor(theme.rate if look is Look.LIVE else ink))
            return
        side = strip.height()
        painter.setOpacity(0.5)
        painter.drawRect(QRectF(strip.left() + side * 1.6, strip.center().y() - 1, strip.width() - side * 1.6, 2))
        painter.setOpacity(1.0)
        draw_shape(painter, theme, shape, QRectF(strip.left(), strip.top(), side, side), ink)

    def _paint_flow(self, painter: QPainter, strip: QRectF, colour: QColor) -> None:
        """Chevrons that run to the right, four steps to a round."""
        height, pitch = strip.height(), strip.height() * 1.6
        offset = pitch * self._step / 4 - pitch
        painter.setClipRect(strip)
        pen = QPen(colour, self._theme.px(3))
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        left = strip.left() + offset
        while left < strip.right():
            painter.drawPolyline(
                [QPointF(left, strip.top() + 1), QPointF(left + height * 0.6, strip.center().y()),
                 QPointF(left, strip.bottom() - 1)]
            )  # fmt: skip
            left += pitch
