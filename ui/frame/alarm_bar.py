"""The alarm bar: the highest alarm with its mark, since when, how many there are, and the keys to answer it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from exomonitor.alarms.limits import Priority
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.places import place_words
from ui.page_choice import ALARMS
from ui.presenters.alarms import AlarmBarView, alarm_bar
from ui.theme import Theme
from ui.widgets.flash import Flash
from ui.widgets.keys import BigButton
from ui.widgets.text import BOLD, MEDIUM, Elided, Fitted, set_text
from ui.window_keys import bind_keys

_WIDTH = 540
FROZEN = "SCREEN NOT UPDATED - look at patient, monitor and pump"


class AlarmBar(QFrame):
    """Always of the same height, so that an alarm moves nothing on the page below it."""

    acknowledge_wanted = Signal()
    pause_wanted = Signal()
    list_wanted = Signal()
    page_wanted = Signal(str)
    """The page of the alarms."""
    place_wanted = Signal(str)
    """The other chair whose alarm stands in the bar."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fill = theme.panel
        self._edge = theme.border
        self._view: AlarmBarView | None = None
        self._inks = (theme.text, theme.panel)
        self.flash = Flash(self)
        self.flash.turned.connect(self._light)
        self.setFixedHeight(theme.px(60))
        self._within = QWidget(self)
        row = QHBoxLayout(self._within)
        row.setContentsMargins(theme.px(14), theme.px(1), theme.px(8), theme.px(1))
        row.setSpacing(theme.px(8))
        self._mark = _Mark(theme)
        self._text = Fitted(theme, 20, 14)
        self._detail = Elided(theme, "", 14, MEDIUM, at_least=60, shrink_to=12)
        words = QVBoxLayout()
        words.setContentsMargins(0, theme.px(3), 0, theme.px(3))
        words.setSpacing(0)
        words.addWidget(self._text, 1)
        words.addWidget(self._detail)
        self.count_key = _key(theme, "1 of 1", "F4", 76)
        self.count_key.clicked.connect(self.list_wanted)
        self._acknowledge = _key(theme, "Acknowledge", "F2", 120)
        self._pause = _key(theme, "Pause audio 2:00", "F3", 146)
        self._acknowledge.clicked.connect(self.acknowledge_wanted)
        self._pause.clicked.connect(self.pause_wanted)
        row.addWidget(self._mark)
        row.addLayout(words, 1)
        self.place_key = _key(theme, "Show chair", "", 120)
        self.place_key.clicked.connect(self._want_place)
        row.addWidget(self.count_key)
        row.addWidget(self.place_key)
        row.addWidget(self._acknowledge)
        row.addWidget(self._pause)
        self.page_key = _key(theme, "Alarms", "Shift+F4", 76)
        bind_keys(self, {"Shift+F4": self.page_key.click})
        self.page_key.setAutoRepeat(False)
        self.page_key.setAccessibleName("Alarms: why, limits, log, statistics")
        self.page_key.clicked.connect(lambda: self.page_wanted.emit(ALARMS))
        row.addWidget(self.page_key)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the bar up to date."""
        view = alarm_bar(snapshot)
        if view != self._view:
            self._view = view
            self._show(view)

    def show_at_once(self, snapshot: Snapshot) -> None:
        """The same, painted when this returns: an alarm does not wait until the page below is up to date."""
        before = self._view
        self.show_snapshot(snapshot)
        if self._view != before and self.isVisible():
            row = self._within.layout()
            assert row is not None
            row.activate()
            self.repaint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What is within has a layout of its own: the bar itself has none, or whatever is shown or hidden in it would
        lay out the whole window anew before the alarm is painted."""
        self._within.setGeometry(self.rect())

    def minimumSizeHint(self) -> QSize:
        """Room for mark, words and every key."""
        return QSize(self._theme.px(_WIDTH), self.height())

    def sizeHint(self) -> QSize:
        """The same; the row gives what it has."""
        return self.minimumSizeHint()

    def show_frozen(self, since: str) -> None:
        """Say that nothing on this screen can be trusted any more."""
        self._view = None
        self._show(
            AlarmBarView(Priority.MEDIUM, True, "▲ !!", FROZEN, f"since {since}", False, False, "Pause audio 2:00")
        )

    def _show(self, view: AlarmBarView) -> None:
        theme = self._theme
        calm = view.priority is None
        fill, text, edge = theme.panel, theme.dim if calm else theme.text, theme.border
        if view.priority is not None:
            edge = theme.alarm_fill(view.priority)
            if view.filled:
                fill, text = edge, theme.alarm_text(view.priority)
        self._fill, self._edge = fill, edge
        self._mark.set_text(view.mark)
        self._text.set_text(view.text)
        set_text(self._detail, view.detail)
        self._detail.setVisible(bool(view.detail))
        self._text.set_ink(text)
        self._detail.set_ink(text)
        self._inks = (text, fill)
        self.flash.show_priority(view.priority if view.filled else None)
        self._light(self.flash.lit)
        self._mark.setVisible(not calm)
        self.count_key.setVisible(bool(view.count_text))
        if view.count_text:
            self.count_key.set_text(view.count_text)
            self.count_key.setAccessibleName(f"All alarms: {view.count_text}")
        self._acknowledge.set_text(view.acknowledge_text)
        self._acknowledge.setVisible(view.can_acknowledge and not view.place)
        self.place_key.setVisible(bool(view.place))
        self.place_key.set_text(f"Show {place_words(view.place, inside=True)}" if view.place else "Show chair")
        self._pause.setVisible(not calm and view.pauses)
        self._pause.setEnabled(view.can_pause)
        self._pause.set_text(view.pause_text)
        for key in (self.count_key, self.place_key, self._acknowledge, self._pause, self.page_key):
            key.set_colours(*((text, fill) if view.filled else (theme.raised, theme.text)))
        self.setAccessibleName(f"Alarm: {view.text}")
        self.update()

    def _light(self, lit: bool) -> None:
        """The mark of an active alarm flashes, its words stand still to be read."""
        ink, ground = self._inks if lit else reversed(self._inks)
        self._mark.set_inks(ink, ground)

    def _want_place(self) -> None:
        if self._view is not None and self._view.place:
            self.place_wanted.emit(self._view.place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The fill of an active alarm; an acknowledged one keeps a thick edge of its colour."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._fill))
        thick = self._theme.px(1 if self._view is not None and self._view.priority is None else 5)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(self._edge))
        painter.fillRect(0, 0, thick, self.height(), QColor(self._edge))


class _Mark(QWidget):
    """`▲ !!!` on a ground of its own; painted by hand, for it changes twice a second."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._text = theme, ""
        self._inks = (theme.text, theme.panel)
        self.setFont(theme.font(20, BOLD))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_text(self, text: str) -> None:
        """Change the mark."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def set_inks(self, ink: str, ground: str) -> None:
        """Change its colours."""
        if (ink, ground) != self._inks:
            self._inks = (ink, ground)
            self.update()

    def sizeHint(self) -> QSize:
        """The mark, and a little on either side."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 2 * self._theme.px(3), metrics.height())

    def minimumSizeHint(self) -> QSize:
        """A mark is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, then mark."""
        painter = QPainter(self)
        ink, ground = self._inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        radius = self._theme.px(4)
        painter.drawRoundedRect(self.rect(), radius, radius)
        painter.setPen(QColor(ink))
        painter.setFont(self.font())
        within = self.rect().adjusted(self._theme.px(3), 0, 0, 0)
        painter.drawText(within, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._text)


def _key(theme: Theme, text: str, badge: str, width: int) -> BigButton:
    """A key of 15 mm, its function key below its text."""
    key = BigButton(theme, text, pixels=15 if width < 146 else 14, height=58)
    key.set_below(badge)
    key.setFixedWidth(theme.px(width))
    return key
