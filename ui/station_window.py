"""The window of a station with several chairs: the strip of all of them above, the pages of one below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from ui.bridge import Bridge
from ui.chair_window import ChairWindow
from ui.frame.chair_strip import ChairStrip
from ui.kept_screen import KeptScreen
from ui.presenters.chairs import tile
from ui.presenters.locked import veiled
from ui.scanner import Scanner
from ui.sound.link import SounderLink
from ui.theme import Theme
from ui.window_keys import bind_keys


class StationWindow(QMainWindow):
    """A person alone changes which chair is shown; what alarms elsewhere is told, and leads nowhere by itself."""

    theme_wanted = Signal(str)

    def __init__(self, bedside: Bedside, theme: Theme, sounder: SounderLink | None = None) -> None:
        super().__init__()
        self.bedside, self.theme, self._sounder = bedside, theme, sounder
        first = bedside.latest()
        self.seats = first.chairs
        self.bridges: dict[str, Bridge] = {}
        self.windows: dict[str, ChairWindow] = {}
        self._blind: set[str] = set()
        self._newest: dict[str, Snapshot] = {}
        self.front = ""
        self.kept = KeptScreen(parent=self)
        self.setWindowTitle("ExoMonitor")
        self.setMinimumSize(*theme.least_window)
        body = QWidget()
        body.setObjectName("page")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.strip = ChairStrip(theme, first.not_shown)
        self.strip.wanted.connect(self.show_place)
        self.stack = QStackedWidget()
        column.addWidget(self.strip)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(body)
        for seat in self.seats:
            self._listen(seat.name)
        self.scanner = Scanner(self)
        self.scanner.scanned.connect(self._on_scan)
        bind_keys(self, {f"Ctrl+{n}": partial(self.show_place, s.name) for n, s in enumerate(self.seats, 1)})
        self.show_place(bedside.chair)

    @property
    def bridge(self) -> Bridge:
        """The bridge of the chair that the station began with: it brings the sound of all of them."""
        return self.bridges[self.bedside.chair]

    def start(self) -> None:
        """Begin to listen to every chair."""
        for bridge in self.bridges.values():
            bridge.start()

    def show_place(self, place: str) -> None:
        """Somebody wants to see this chair: its pages come as they were left."""
        if place == self.front:
            return
        if place not in self.bridges:
            self._listen(place)
            self.bridges[place].start()
        switched = bool(self.front)
        if switched:
            self.windows[self.front].step_back()
        if place not in self.windows:
            self._make(place)
        self.front = place
        window = self.windows[place]
        self.stack.setCurrentWidget(window)
        window.come_forward(switched=switched)
        self.strip.show_front(place)
        self.setWindowTitle(f"ExoMonitor · {window.bedside.chair}")

    def lock(self, idle_s: float) -> None:
        """Nobody has touched the screen for so long: every chair that is shown here locks."""
        for window in self.windows.values():
            window.lock(idle_s)

    def spare(self) -> QWidget:
        """The part of the page in front that something may lie over."""
        return self.windows[self.front].spare()

    def say(self, words: str) -> None:
        """A short message over the pages that are shown."""
        self.windows[self.front].toast.say(words)

    def _listen(self, place: str) -> None:
        bridge = Bridge(self.bedside.at(place), self)
        bridge.snapshot.connect(self._on_snapshot)
        self.bridges[place] = bridge
        self._on_snapshot(self.bedside.at(place).latest())

    def _make(self, place: str) -> None:
        window = ChairWindow(self.bedside.at(place), self.bridges[place], self.theme, self._sounder)
        window.place_wanted.connect(self.show_place)
        window.theme_wanted.connect(self.theme_wanted)
        window.blind_changed.connect(partial(self._on_blind, place))
        self.kept.join(window.kept)
        self.windows[place] = window
        self.stack.addWidget(window)

    def _on_scan(self, kind: str, content: str) -> None:
        """A scan belongs to the chair that is shown."""
        self.bridges[self.front].scanned.emit(kind, content)

    def _on_blind(self, place: str, blind: bool) -> None:
        (self._blind.add if blind else self._blind.discard)(place)
        if place in self._newest:
            self._on_snapshot(self._newest[place])

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        """A newer picture of one place: its tile. A lounge has one while somebody is there, or while it is shown."""
        snapshot = veiled(snapshot)
        place, session = snapshot.chair, snapshot.session
        self._newest[place] = snapshot
        here = any(seat.name == place for seat in self.seats) or place == self.front
        if here or (session is not None and session.phase.is_open):
            self.strip.show_tile(tile(snapshot, self.seats, blind=place in self._blind))
            self.strip.show_front(self.front)
        else:
            self.strip.drop(place)
        for other in snapshot.others:
            if other.name not in self.bridges:
                self._listen(other.name)
                self.bridges[other.name].start()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing it ends the program: every chair's pages and bridge with it."""
        for window in self.windows.values():
            window.close()
        super().closeEvent(event)

    def close_bridges(self) -> None:
        """Deliver nothing more."""
        for bridge in self.bridges.values():
            bridge.close()
