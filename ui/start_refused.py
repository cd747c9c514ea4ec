"""When the record cannot be opened: where it is damaged monitoring goes on at once in a new one beside it; else the
opening says why in words that stay, and the nurse can monitor all the same."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from exomonitor.errors import CommandRefused, EnvironmentFault, RecordDamaged
from exomonitor.folders import DATABASE
from exomonitor.logbook import FILE, keep_log
from exomonitor.records.beside import record_beside
from exomonitor.settings import Settings, load_settings
from exomonitor.station import Station
from ui.opening import Opening

TITLE = "The record cannot be opened"
UNWATCHED = "Nothing is watched. Look after the patient yourself, and write on paper."
GO_ON = "Monitor on a new record"
CLOSE = "Close"
WHAT_IT_IS = (
    f"{GO_ON}: the values show at once, and an emergency is recorded without a sign-in. You sign in with your PIN as "
    "before; where it cannot be read either, enter yourself as administrator and nurse. It is an empty record beside "
    "the one that cannot be opened, which stays as it is: patients, bags, earlier sessions and the adopted protocol "
    "are not in the new one."
)
NOTICE = "NEW RECORD: the clinic's own cannot be opened. Call for help."
DAMAGED = "NEW RECORD: the clinic's own is damaged and stays as it is. Call for help: recover or restore gets it back."
Make = Callable[[Settings, Path], Station]
T = TypeVar("T")
log = logging.getLogger(__name__)
_LOOK = """
QLabel { color: #eef1f6; font-size: 20px; }
QLabel#title { font-size: 34px; }
QLabel#dim { color: #a3adba; font-size: 17px; }
QPushButton { color: #eef1f6; background: #262c35; border: 2px solid #7c8798; border-radius: 6px; font-size: 20px;
              padding: 0 28px; min-height: 62px; }
QPushButton:focus { border-color: #eef1f6; }
"""


@dataclass(frozen=True, slots=True)
class Begun:
    """A station that can be shown. `notice`: what must stand above everything, "" = as usual."""

    settings: Settings
    station: Station
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why it could not be, and whether it is because of what stands in the record."""

    why: str = ""
    damaged: bool = False


def begin(opening: Opening, data: Path, make: Make) -> Begun:
    """The station on the record in the folder `data`, its open sessions taken up. A damaged one keeps nobody waiting:
    a new one is begun beside it, under a strip that says so. Where it is refused for another reason, the person at the
    screen reads why and chooses. Raises EnvironmentFault when nothing shall be watched, after that was read."""
    settings, refused = _attempt(lambda: load_settings(data))
    if settings is not None:
        chosen = settings
        station, refused = _attempt(lambda: _resumed(make(chosen, data / DATABASE)))
        if station is not None:
            return Begun(settings, station)
    _keep(data, refused.why)
    if not refused.damaged and not RefusedStart(opening, refused.why, data).ask():
        raise EnvironmentFault(refused.why)
    return _beside(opening, data, settings or Settings(), make, DAMAGED if refused.damaged else NOTICE)


def _beside(opening: Opening, data: Path, settings: Settings, make: Make, notice: str) -> Begun:
    station, refused = _attempt(lambda: _resumed(make(settings, record_beside(data))))
    if station is not None:
        log.warning("monitoring goes on in a new record beside the one that cannot be opened")
        return Begun(settings, station, notice)
    _keep(data, refused.why)
    RefusedStart(opening, refused.why, data, another=False).ask()
    raise EnvironmentFault(refused.why)


def _attempt(work: Callable[[], T]) -> tuple[T | None, _Refused]:
    """What came of it, or why not, in one sentence."""
    try:
        return work(), _Refused()
    except (CommandRefused, EnvironmentFault) as told:
        return None, _Refused(str(told), isinstance(told, RecordDamaged))
    except Exception as bug:  # whatever it is, the patient can be watched without this record
        log.exception("the record cannot be opened")
        return None, _Refused(f"The record cannot be read ({type(bug).__name__}): verify tells what is wrong with it.")


def _resumed(station: Station) -> Station:
    try:
        station.resume()
    except BaseException:
        station.close()
        raise
    return station


def _keep(data: Path, why: str) -> None:
    keep_log(data)
    log.error("%s", why)


class RefusedStart(QObject):
    """Fills the opening with why, what to do, and the choice. `another`: a new record can still be tried."""

    def __init__(self, opening: Opening, why: str, data: Path, *, another: bool = True) -> None:
        super().__init__(opening)
        self._opening, self._loop, self._wanted = opening, QEventLoop(), False
        self._page = QWidget(opening)
        self._page.setStyleSheet(f'* {{ font-family: "{opening.family}"; }} {_LOOK}')
        mending = (
            f"To get the record back, call the person who looks after this computer: verify, recover or restore, with "
            f"the record in {data}. The reason stands in {FILE} there as well."
        )
        words = [("title", TITLE), ("", why), ("", UNWATCHED), ("dim", WHAT_IT_IS if another else ""), ("dim", mending)]
        column = QVBoxLayout(self._page)
        column.setContentsMargins(120, 40, 120, 40)
        column.setSpacing(22)
        column.addStretch(1)
        for name, text in words:
            if text:
                column.addWidget(_words(name, text))
        row = QHBoxLayout()
        row.setSpacing(24)
        self.go_on = self._button(GO_ON, wanted=True) if another else None
        self.close_it = self._button(CLOSE, wanted=False)
        for button in (self.go_on, self.close_it):
            if button is not None:
                row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self._told = f"{TITLE}. {why} {UNWATCHED}"
        opening.installEventFilter(self)

    def ask(self) -> bool:
        """Shown until it is answered or closed; whether a new record is wanted."""
        before = signal.signal(signal.SIGINT, lambda *_: self._loop.quit())
        wake = QTimer()  # Python sees signals only between events
        wake.start(300)
        self._page.setGeometry(self._opening.rect())
        self._opening.say("")
        self._opening.setAccessibleName(self._told)
        self._page.show()
        (self.go_on or self.close_it).setFocus()
        self._loop.exec()
        wake.stop()
        signal.signal(signal.SIGINT, before)
        self._opening.removeEventFilter(self)
        self._page.hide()
        self._page.deleteLater()
        self.deleteLater()
        self._opening.say()
        return self._wanted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It stays as large as the opening; closing that is an answer as well."""
        if event.type() is QEvent.Type.Resize:
            self._page.setGeometry(self._opening.rect())
        elif event.type() is QEvent.Type.Close:
            self._loop.quit()
        return False

    def _button(self, text: str, *, wanted: bool) -> QPushButton:
        made = QPushButton(text, self._page)
        made.setAutoDefault(True)  # Enter presses the one that has the focus

        def answer() -> None:
            self._wanted = wanted
            self._loop.quit()

        made.clicked.connect(answer)
        return made


def _words(name: str, text: str) -> QLabel:
    made = QLabel(text)
    made.setObjectName(name)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setMaximumWidth(1120)
    return made
