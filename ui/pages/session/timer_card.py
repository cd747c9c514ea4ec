"""The timer: a ring of what remains, and a bar that shows the infusing time against the 30 to 60 minute window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.timer import TimerView
from ui.presenters.words import plain
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, keep_room, label, set_text


class TimerCard(Card):
    """Ring, bar, and the three times apart: infusing, paused, elapsed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "Infusion", parent=parent)
        self._ring = Ring(theme)
        self._bar = WindowBar(theme)
        self.body.addWidget(self._ring, 1)
        self.body.addWidget(self._bar)
        times = QHBoxLayout()
        times.setSpacing(theme.px(4))
        self._times = {}
        for name in ("infusing", "paused", "elapsed"):
            column = QVBoxLayout()
            column.setSpacing(0)
            value = label(theme, "--", 17, SEMIBOLD, tabular=True)
            keep_room(value, "00:00:00")
            words = label(theme, name, 13, role="dim")
            for widget in (value, words):
                widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                column.addWidget(widget)
            column.setAlignment(value, Qt.AlignmentFlag.AlignHCenter)
            self._times[name] = value
            times.addLayout(column, 1)
        self.body.addLayout(times)

    def show_view(self, view: TimerView) -> None:
        """Bring the card up to date."""
        self.set_title(view.title)
        self.set_remark(view.mark)
        self._ring.show_view(view)
        self._bar.show_view(view)
        for name, text in (("infusing", view.infusing), ("paused", view.paused), ("elapsed", view.elapsed)):
            set_text(self._times[name], text)


class Ring(QWidget):
    """What remains, as an arc and as figures."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._words = ("", "", "")
        self._degrees: float | None = None
        self.setMinimumHeight(theme.px(120))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """A square that fits the column."""
        return QSize(self._theme.px(200), self._theme.px(180))

    def show_view(self, view: TimerView) -> None:
        """Repaint only when words or arc have moved."""
        words = (view.caption, view.centre, view.below)
        degrees = None if view.share is None else round(view.share * 360, 1)
        if (words, degrees) != (self._words, self._degrees):
            self._words, self._degrees = words, degrees
            self.setAccessibleName(" ".join(words))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, arc, words."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = min(self.width(), self.height()) - theme.px(6)
        thick = max(theme.px(8), round(side * 0.065))
        circle = QRectF(0, 0, side - thick, side - thick)
        circle.moveCenter(QPointF(self.width() / 2, self.height() / 2))
        painter.setPen(QPen(QColor(theme.track), thick))
        painter.drawEllipse(circle)
        if self._degrees:
            pen = QPen(QColor(theme.rate), thick)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(circle, 90 * 16, -round(self._degrees * 16))
        caption, centre, below = self._words
        middle, room = circle.center(), (side - 2.4 * thick) * 0.96
        size = side / theme.scale
        self._line(painter, centre, middle.y(), theme.font(size * 0.215, BOLD, tabular=True), theme.text, room)
        font = theme.font(max(13.0, min(17.0, size * 0.085)), MEDIUM)
        self._line(painter, caption, middle.y() - side * 0.195, font, theme.dim, room * 0.86)
        self._line(painter, below, middle.y() + side * 0.195, font, theme.dim, room * 0.86)

    def _line(self, painter: QPainter, text: str, y: float, font: QFont, colour: str, room: float) -> None:
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(text)
        if width > room:
            font.setPixelSize(max(9, int(font.pixelSize() * room / width)))
            painter.setFont(font)
        painter.setPen(QColor(colour))
        height = painter.fontMetrics().height()
        box = QRectF(0, y - height / 2, self.width(), height)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


class WindowBar(QWidget):
    """Minutes of infusing time: done, planned, and the allowed window as a bracket."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state: tuple[float, float | None, float, float] = (0.0, None, 30.0, 60.0)
        self.setFixedHeight(theme.px(42))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_view(self, view: TimerView) -> None:
        """Repaint once in a tenth of a minute."""
        state = (round(view.infused_min, 1), view.planned_min, view.shortest_min, view.longest_min)
        if state != self._state:
            self._state = state
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bar, mark of the planned end, bracket with its minutes."""
        theme, (done, planned, shortest, longest) = self._theme, self._state
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = max(longest, done, planned or 0.0)
        width = self.width() - theme.px(4)

        def x(minute: float) -> float:
            return theme.px(2) + width * minute / whole

        bar = QRectF(x(0), theme.px(3), width, theme.px(7))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(bar, theme.px(3), theme.px(3))
        if done > 0:
            painter.setBrush(QColor(theme.rate))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), x(done) - bar.left(), bar.height()), 3, 3)
        painter.setPen(QPen(QColor(theme.dim), theme.px(1.5)))
        y, tick = theme.px(18), theme.px(4)
        painter.drawPolyline(
            [QPointF(x(shortest), y - tick), QPointF(x(shortest), y), QPointF(x(longest) - 1, y),
             QPointF(x(longest) - 1, y - tick)]
        )  # fmt: skip
        texts = [(shortest, plain(shortest)), (longest, f"{plain(longest)} min")]
        if planned is not None:
            painter.setPen(QPen(QColor(theme.text), theme.px(2)))
            painter.drawLine(QPointF(x(planned), theme.px(0)), QPointF(x(planned), theme.px(14)))
            if abs(planned - shortest) > 1 and abs(planned - longest) > 1:
                texts.insert(1, (planned, f"{plain(planned)} planned"))
        self._paint_texts(
            painter, [(x(minute), text) for minute, text in texts], QRectF(0, theme.px(21), self.width(), theme.px(20))
        )

    def _paint_texts(self, painter: QPainter, texts: list[tuple[float, str]], line: QRectF) -> None:
        """Each text under its minute, moved aside where the neighbours leave no room."""
        theme = self._theme
        painter.setFont(theme.font(13, MEDIUM))
        metrics = painter.fontMetrics()
        widths = [metrics.horizontalAdvance(text) for _, text in texts]
        lefts = [at - width / 2 for (at, _), width in zip(texts, widths, strict=True)]
        limit = line.right()
        for place in range(len(texts) - 1, -1, -1):
            lefts[place] = min(lefts[place], limit - widths[place])
            limit = lefts[place] - theme.px(6)
        for (_, text), left, width in zip(texts, lefts, widths, strict=True):
            painter.setPen(QColor(theme.text if "planned" in text else theme.dim))
            painter.drawText(
                QRectF(left, line.top(), width + 2, line.height()), int(Qt.AlignmentFlag.AlignVCenter), text
            )
