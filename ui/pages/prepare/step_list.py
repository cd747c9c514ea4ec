"""The list of steps at the left: done with its time, open with its number, the present one raised."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from ui.pages.prepare.steps import SOMETIMES, STEPS, StepView
from ui.theme import TOUCH, Theme
from ui.widgets.text import MEDIUM, SEMIBOLD

_ROOMY = 50


class StepKey(QAbstractButton):
    """One step: a mark, its name, the time at which it was recorded."""

    def __init__(self, theme: Theme, view: StepView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._view = theme, view
        self._present = False
        self.setText(view.label)
        self.setMinimumHeight(theme.px(TOUCH))
        self.setMaximumHeight(theme.px(_ROOMY))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_view(self, view: StepView, *, present: bool) -> None:
        """Bring the key up to date."""
        if (view, present) != (self._view, self._present):
            self._view, self._present = view, present
            state = "done" if view.done else "accepted open" if view.accepted else "open"
            self.setAccessibleName(f"{view.number} {view.label}, {state}")
            self.update()

    def sizeHint(self) -> QSize:
        """One line; lower, but never too low to be touched, where strips above the page take the room."""
        return QSize(self._theme.px(200), self._theme.px(_ROOMY))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Background of the present step, mark, words, time."""
        theme, view = self._theme, self._view
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._present or self.hasFocus():
            painter.setPen(QPen(QColor(theme.focus), theme.px(2)) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.track if self._present else theme.panel))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.px(6), theme.px(6))
        self._paint_mark(painter)
        words = self.rect().adjusted(theme.px(44), 0, -theme.px(56 if view.time else 8), 0)
        painter.setFont(theme.font(15, SEMIBOLD if self._present else MEDIUM))
        painter.setPen(QColor(theme.text))
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
        painter.drawText(words, flags, view.label)
        painter.setFont(theme.font(13))
        painter.setPen(QColor(theme.dim))
        time = self.rect().adjusted(0, 0, -theme.px(10), 0)
        note = view.time or ("accepted" if view.accepted else "")
        painter.drawText(time, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), note)

    def _paint_mark(self, painter: QPainter) -> None:
        theme, view = self._theme, self._view
        radius = theme.px(11)
        centre = QPointF(theme.px(22), self.height() / 2)
        if view.done and not view.waits:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.chosen))
            painter.drawEllipse(centre, radius, radius)
            painter.setPen(QPen(QColor(theme.chosen_text), theme.px(2)))
            tick = [(-4.5, 0.5), (-1.5, 3.5), (4.5, -3.5)]
            painter.drawPolyline(QPolygonF([centre + QPointF(theme.px(1) * x, theme.px(1) * y) for x, y in tick]))
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(theme.strong_border), theme.px(2)))
        painter.drawEllipse(centre, radius, radius)
        painter.setFont(theme.font(13, SEMIBOLD))
        painter.setPen(QColor(theme.text))
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), "–" if view.accepted else str(view.number))


class StepList(QWidget):
    """All steps; any can be opened at any time."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(2))
        self._keys: dict[str, StepKey] = {}
        for number, (key, words) in enumerate(STEPS, start=1):
            made = StepKey(theme, StepView(key, words, number, False, False, ""))
            made.clicked.connect(lambda _=False, picked=key: self.chosen.emit(picked))
            column.addWidget(made)
            if key in SOMETIMES:
                made.setVisible(False)
            self._keys[key] = made
        column.addStretch(1)

    def show_views(self, views: Sequence[StepView], present: str) -> None:
        """Bring the list up to date; a step that this patient does not need is not there."""
        there = {view.key for view in views}
        for key, made in self._keys.items():
            made.setVisible(key in there)
        for view in views:
            self._keys[view.key].show_view(view, present=view.key == present)

    def key(self, step: str) -> StepKey:
        """The key of one step."""
        return self._keys[step]
