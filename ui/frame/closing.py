"""Nobody ends monitoring by a slip: while a session is open, closing the window asks first and is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import wait

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QVBoxLayout, QWidget
from shiboken6 import isValid

from exomonitor.engine.bedside import Bedside
from exomonitor.session.parts.trust import PERSON, EndMonitoring
from exomonitor.session.places import place_words
from ui.page_choice import is_open
from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, label, set_text

log = logging.getLogger(__name__)

RECORD_S = 2.0
"""So long the end waits for the record; then it ends all the same."""
CANCELLED_MS = 60_000
"""A logout that has not come by then was called off: the next close is asked about again."""
ENDS_HERE = (
    "Monitoring and alarms end here. A pump that runs goes on running: stay with the patient. "
    "The record goes on at the next start."
)


class Closing(QObject):
    """Between the close of the window and its end. `place` gives the part of the page where nothing is watched."""

    def __init__(self, bedside: Bedside, theme: Theme, window: QMainWindow, place: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._bedside, self._window, self._place = bedside, window, place
        self._may = False
        self.question = ClosingQuestion(theme, window)
        self.question.close_key.clicked.connect(self._close)
        self.question.stay_key.clicked.connect(self.question.leave)
        window.installEventFilter(self)

    def open_places(self) -> tuple[str, ...]:
        """Where a session is open that this program records; none where another program does."""
        if self._bedside.read_only:
            return ()
        first = self._bedside.latest()
        names = (first.chair, *(seat.name for seat in first.chairs), *(other.name for other in first.others))
        return tuple(name for name in dict.fromkeys(names) if is_open(self._at(name).latest().session))

    def leave(self, why: str) -> None:
        """It ends now, without a question: recorded in every session that is open, as far as the record takes it."""
        told = [self._at(name).submit(EndMonitoring(name, "", why)) for name in self.open_places()]
        done, late = wait(told, RECORD_S)
        if late or any(one.exception() is not None for one in done):
            log.warning("that monitoring ends could not be recorded")
        self._may = True
        QTimer.singleShot(CANCELLED_MS, self, self._ask_again)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A close that nobody has confirmed yet is a question."""
        if watched is not self._window or event.type() is not QEvent.Type.Close or self._may:
            return False
        places = self.open_places()
        if not places:
            return False
        event.ignore()
        self.question.ask(places, self._place())
        return True

    def _at(self, name: str) -> Bedside:
        return self._bedside if name == self._bedside.chair else self._bedside.at(name)

    def _ask_again(self) -> None:
        self._may = False

    def _close(self) -> None:
        self.question.leave()
        self.leave(PERSON)
        self._window.close()


class ClosingQuestion(QFrame):
    """Two keys; the keyboard is on the one that stays. It goes with the page that it lies on."""

    def __init__(self, theme: Theme, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("outlined")
        self.setAccessibleName("Close ExoMonitor?")
        self._over: QWidget | None = None
        self._before: QWidget | None = None
        self._title = label(theme, "", 22, SEMIBOLD, wrap=True)
        text = label(theme, ENDS_HERE, 17, wrap=True)
        self.stay_key = BigButton(theme, "Stay: go on monitoring", "Esc", Kind.PRIMARY, pixels=18, height=72)
        self.close_key = BigButton(theme, "Close ExoMonitor", height=72, pixels=18)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(18), theme.px(14), theme.px(18), theme.px(14))
        column.setSpacing(theme.px(14))
        column.addWidget(self._title)
        column.addWidget(text)
        column.addStretch(1)
        column.addWidget(self.stay_key)
        column.addWidget(self.close_key)
        self.hide()

    def ask(self, places: tuple[str, ...], over: QWidget) -> None:
        """Lie over that part of the page; the keyboard is on the key that stays."""
        where = ", ".join(place_words(place) for place in places)
        set_text(self._title, f"A session is running ({where}). Close ExoMonitor?")
        if self._over is not None:
            self._over.removeEventFilter(self)
        self._over = over
        over.installEventFilter(self)
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self._lie_down()
        self.show()
        self.raise_()
        self.stay_key.setFocus(Qt.FocusReason.PopupFocusReason)

    def leave(self) -> None:
        """Go, and give the keyboard back."""
        self.hide()
        if self._before is not None and isValid(self._before) and self._before.isVisible():
            self._before.setFocus()
        self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the part that it lies on; something else came there (a reaction): the question goes."""
        if watched is self._over:
            if event.type() is QEvent.Type.Resize:
                self._lie_down()
            elif event.type() is QEvent.Type.Hide:
                self.leave()
        return False

    def event(self, event: QEvent) -> bool:
        """Esc belongs to the question, not to the page below."""
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if mine and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stays, as Enter does while nobody has gone to the other key."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _lie_down(self) -> None:
        over, window = self._over, self.parentWidget()
        if over is not None and window is not None:
            self.setGeometry(QRect(over.mapTo(window, QPoint(0, 0)), over.size()))
