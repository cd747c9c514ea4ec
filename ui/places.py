"""The windows of the other places: one for each lounge place, over the chair's own, closed to come back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt

from exomonitor.engine.bedside import Bedside
from ui.bridge import Bridge
from ui.main_window import MainWindow
from ui.theme import Theme


class Places(QObject):
    """Opens a place when it is wanted. What alarms elsewhere is told in every window; the sound stays the chair's."""

    def __init__(self, bedside: Bedside, theme: Theme, first: MainWindow) -> None:
        super().__init__(first)
        self._bedside, self._theme, self._first = bedside, theme, first
        self._bridges: dict[str, Bridge] = {}
        self.windows: dict[str, MainWindow] = {}
        first.place_wanted.connect(self.open)
        first.installEventFilter(self)

    def open(self, place: str) -> None:
        """Bring that place to the front."""
        if place == self._first.bedside.chair:
            self._first.activateWindow()
            return
        if place not in self.windows:
            self._make(place)
        window = self.windows[place]
        window.setGeometry(self._first.geometry())
        window.showFullScreen() if self._first.isFullScreen() else window.show()
        window.activateWindow()

    def _make(self, place: str) -> None:
        view = self._bedside.at(place)
        if place not in self._bridges:
            self._bridges[place] = Bridge(view)
            self._bridges[place].start()
        window = MainWindow(view, self._bridges[place], self._theme)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.setWindowTitle(f"ExoMonitor · {place}")
        window.place_wanted.connect(self.open)
        window.destroyed.connect(lambda _=None, gone=place: self.windows.pop(gone, None))
        self._first.kept.join(window.kept)
        self.windows[place] = window

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The chair's window ends the program: no other one outlives it."""
        if watched is self._first and event.type() is QEvent.Type.Close:
            self.close()
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """End every window and what it listens with."""
        for window in tuple(self.windows.values()):
            window.close()
        for bridge in self._bridges.values():
            bridge.close()
        self._bridges.clear()
