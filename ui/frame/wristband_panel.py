"""Whose wristband is it? Asked before the first entry after the page came back to a chair; lies where nothing is
watched."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.parts.wristband import ANOTHER, OTHER_WRISTBAND
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.wristband import CheckWristband
from exomonitor.session.places import place_words
from ui.bridge import Bridge, Held
from ui.scan_burst import UNKNOWN, WRISTBAND
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.scan_box import ScanBox
from ui.widgets.text import SEMIBOLD, label, set_text

_KEY = 59
READ_WORDS = "No scanner: I read name and date of birth on it"


class WristbandPanel(QFrame):
    """Keeps the entries that wait and sends them when it is the right patient. told(words): while it is not open.
    closed: the page below has the keyboard again."""

    told = Signal(str)
    closed = Signal()

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("outlined")
        self.setAccessibleName("Wristband")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._place: QWidget | None = None
        self._waiting: list[Held] = []
        self._build(theme)
        bridge.scanned.connect(self.take_scan)
        self.hide()

    def _build(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
        column.setSpacing(theme.px(8))
        self._title = label(theme, "", 18, SEMIBOLD, wrap=True)
        self.box = ScanBox(theme, "Scan the wristband now")
        self.name = TextEntry(theme, "Or type what stands on it: name")
        self.born = TextEntry(theme, "Date of birth", hint="year-month-day, or leave it and type the MRN")
        self.mrn = TextEntry(theme, "MRN")
        typed = QHBoxLayout()
        typed.setSpacing(theme.px(10))
        typed.addWidget(self.born, 1)
        typed.addWidget(self.mrn, 1)
        self._status = label(theme, "", 15, SEMIBOLD, role="error", wrap=True)
        self.check_key = BigButton(theme, "Check what I typed", kind=Kind.PRIMARY, height=_KEY)
        self.read_key = BigButton(theme, READ_WORDS, height=_KEY, pixels=15)
        self.leave_key = BigButton(theme, "Not now", "Esc", height=_KEY)
        self.check_key.clicked.connect(self.check_typed)
        self.read_key.clicked.connect(lambda: self._submit(CheckWristband(*self._who(), read=True)))
        self.leave_key.clicked.connect(self.leave)
        column.addWidget(self._title)
        column.addWidget(self.box)
        column.addWidget(self.name)
        column.addLayout(typed)
        column.addWidget(self._status)
        column.addStretch(1)
        column.addWidget(self.check_key)
        column.addWidget(self.read_key)
        column.addWidget(self.leave_key)

    def hold(self, held: Held, place: QWidget) -> None:
        """An entry waits: ask, over this part of the page."""
        self._waiting.append(held)
        if self.isVisible():
            return
        self._place = place
        for entry in (self.name, self.born, self.mrn):
            entry.set_text("")
        set_text(self._status, "")
        patient = self._snapshot.session.patient if self._snapshot.session is not None else None
        name = patient.name if patient is not None else ""
        set_text(self._title, f"{place_words(self._bedside.chair)}: is this {name}? Look at the wristband first")
        self.lie_down()
        self.show()
        self.raise_()
        self.name.setFocus()

    def lie_down(self) -> None:
        """Cover the place exactly, wherever it is now; gone with it."""
        over = self.parentWidget()
        if self._place is None or over is None:
            return
        if not self._place.isVisible():
            self.leave()
            return
        self.setGeometry(QRect(self._place.mapTo(over, QPoint(0, 0)), self._place.size()))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the page below."""
        self._snapshot = snapshot
        if self.isVisible():
            self.lie_down()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter checks what was typed."""
        if event.text() in {"\r", "\n"}:
            self.check_typed()
        else:
            super().keyPressEvent(event)

    def take_scan(self, kind: str, content: str) -> None:
        """A wristband was scanned: also before anything waits."""
        if self._snapshot.wristband and (kind == WRISTBAND or (self.isVisible() and kind == UNKNOWN)):
            self._submit(CheckWristband(*self._who(), scanned=content))

    def check_typed(self) -> None:
        """Name, and date of birth or MRN."""
        self._submit(CheckWristband(*self._who(), "", self.name.text(), self.born.text(), self.mrn.text()))

    def leave(self) -> None:
        """Not now: what waited was not recorded, and stays in its form."""
        waiting = self._end()
        for held in waiting:
            held.give_up()

    def _who(self) -> tuple[str, str]:
        return self._bedside.chair, self._snapshot.staff_id

    def _submit(self, command: CheckWristband) -> None:
        self._bridge.submit(command, self._answered, self._fail)

    def _answered(self, receipt: Receipt) -> None:
        if receipt.answer == ANOTHER:
            self._fail(OTHER_WRISTBAND)
            return
        was_open = self.isVisible()
        for held in self._end():
            held.again()
        if not was_open:
            self.told.emit("Wristband checked: it is this patient")

    def _fail(self, why: str) -> None:
        set_text(self._status, why)
        if not self.isVisible():
            self.told.emit(why)

    def _end(self) -> list[Held]:
        waiting, self._waiting = self._waiting, []
        if self.isVisible():
            self.hide()
            self.closed.emit()
        return waiting
