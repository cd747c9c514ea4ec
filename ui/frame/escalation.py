"""Nobody has answered an alarm: a flashing edge around the window and its words across the room, heard as loud as can
be at the same time. It covers neither vital signs nor pump nor a reaction, and a touch on it silences nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from exomonitor.alarms.limits import Priority
from exomonitor.engine.snapshot import Snapshot
from ui.presenters.escalation import EscalationView, escalation
from ui.theme import Theme
from ui.widgets.flash import Flash
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, SEMIBOLD, Fitted, label, set_text

_EDGE = 5
_OF_A_PAGE = 0.5
"""Of a page that is needed whole: so much at its lower end, so that patient and work stay in sight."""


class Escalation(QObject):
    """`place` gives the part of the page in front that may be covered, None where nothing of it may."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self.place: Callable[[], QWidget | None] = lambda: None
        self.edge, self.panel = EscalationEdge(theme, over), EscalationPanel(theme, over)
        self.lends: Callable[[], bool] = lambda: True
        """Whether that part was lent for this; what is not lent is covered by half."""
        self._view: EscalationView | None = None
        self._closed: tuple[str, ...] = ()
        self.panel.close_key.clicked.connect(self.close)
        self.flash = Flash(self)
        self.flash.turned.connect(self._on_turned)
        over.installEventFilter(self)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Seen exactly while it is heard."""
        self._view = view = escalation(snapshot)
        self.edge.setVisible(view is not None)
        self.flash.show_priority(Priority.HIGH if view is not None else None)
        if view is None:
            self._closed = ()
            self.panel.hide()
            return
        self.panel.show_view(view)
        self.edge.show_priority(view.priority)
        self.edge.lie_down()
        self.lie_down()

    def lie_down(self) -> None:
        """Over the part that may be covered now, unless somebody has closed it for these alarms."""
        place = self.place() if self._view is not None and self._view.keys != self._closed else None
        over = self.panel.parentWidget()
        if place is None or over is None or not place.isVisible():
            self.panel.hide()
            return
        box = QRect(place.mapTo(over, QPoint(0, 0)), place.size())
        if not self.lends():
            box.setTop(box.bottom() - round(box.height() * _OF_A_PAGE))
        self.panel.setGeometry(box)
        self.panel.show()
        self.panel.raise_()
        self.edge.raise_()

    def close(self) -> bool:
        """Esc: take the words away, not the edge and not the sound; False where there were none."""
        if not self.panel.isVisible() or self._view is None:
            return False
        self._closed = self._view.keys
        self.panel.hide()
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window has another size."""
        if event.type() is QEvent.Type.Resize and self._view is not None:
            self.edge.lie_down()
        return super().eventFilter(watched, event)

    def _on_turned(self, lit: bool) -> None:
        self.edge.light(lit)
        self.panel.light(lit)


class EscalationEdge(QWidget):
    """A frame in the alarm's colour; touches go through it."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme, self._lit, self._priority = theme, True, Priority.HIGH
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Nobody has answered an alarm")
        self.hide()

    def lie_down(self) -> None:
        """Around the whole window."""
        over = self.parentWidget()
        if over is not None and self.geometry() != over.rect():
            self.setGeometry(over.rect())
        self.raise_()

    def show_priority(self, priority: Priority) -> None:
        """In the colour of the alarm that has waited: a medium one stays a medium one."""
        self._priority = priority

    def light(self, lit: bool) -> None:
        """Its half of a flash."""
        self._lit = lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Four strips."""
        theme, painter, box = self._theme, QPainter(self), self.rect()
        wide = theme.px(_EDGE)
        colour = QColor(theme.alarm_fill(self._priority) if self._lit else theme.alarm_text(self._priority))
        for strip in (
            QRect(0, 0, box.width(), wide),
            QRect(0, box.height() - wide, box.width(), wide),
            QRect(0, 0, wide, box.height()),
            QRect(box.width() - wide, 0, wide, box.height()),
        ):
            painter.fillRect(strip, colour)


class EscalationPanel(QFrame):
    """The alarm's words, as large as there is room; takes no keyboard, so that nothing typed goes astray."""

    def __init__(self, theme: Theme, over: QWidget) -> None:
        super().__init__(over)
        self._theme = theme
        self.setObjectName("escalation")
        self._mark = label(theme, "\N{BLACK UP-POINTING TRIANGLE} !!!", 44, BOLD)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._text = Fitted(theme, 64, 22)
        self._since = Fitted(theme, 24, 14, SEMIBOLD)
        self._since.setFixedHeight(theme.px(66))
        self.close_key = BigButton(theme, "Close: the alarm goes on", "Esc", height=58)
        self.close_key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(14), theme.px(20), theme.px(14))
        column.setSpacing(theme.px(8))
        column.addWidget(self._mark)
        column.addWidget(self._text, 1)
        column.addWidget(self._since)
        column.addWidget(self.close_key)
        self._lit = True
        self._priority: Priority | None = None
        self._dress(Priority.HIGH)
        self.hide()

    def _dress(self, priority: Priority) -> None:
        if priority is self._priority:
            return
        self._priority = priority
        fill, ink = self._theme.alarm_fill(priority), self._theme.alarm_text(priority)
        self.setStyleSheet(f"QFrame#escalation {{ background: {fill}; }} QWidget {{ color: {ink}; }}")
        for words in (self._text, self._since):
            palette = words.palette()
            palette.setColor(QPalette.ColorRole.WindowText, QColor(ink))
            words.setPalette(palette)
        self.close_key.set_colours(ink, fill)
        self.light(self._lit)

    def show_view(self, view: EscalationView) -> None:
        """The words of the alarm that has waited longest."""
        self._dress(view.priority)
        self._text.set_text(view.text)
        self._since.set_text(view.below)
        set_text(self._mark, view.mark)
        self.setAccessibleName(f"{view.text}. {view.below}")

    def light(self, lit: bool) -> None:
        """The mark flashes; the words stand still, to be read."""
        self._lit = lit
        priority = self._priority or Priority.HIGH
        fill, ink = self._theme.alarm_fill(priority), self._theme.alarm_text(priority)
        fill, ink = (ink, fill) if lit else (fill, ink)
        self._mark.setStyleSheet(f"background: {fill}; color: {ink}; border-radius: {self._theme.px(6)}px;")
