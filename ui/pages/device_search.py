"""A search for what is on a port: on a thread of the bridge's, stopped when nobody wants it any more."""

from __future__ import annotations

import threading
from functools import partial

from PySide6.QtCore import QObject, Signal

from exomonitor.engine.ports import DeviceService
from ui.bridge import Bridge


class _Progress(QObject):
    """Brings what a search says from its thread to the screen."""

    told = Signal(str)


class Search(QObject):
    """One search at a time; on a thread of the bridge's."""

    told = Signal(str)
    ended = Signal(object)
    """What answered, or the sentence why nothing could be asked."""

    def __init__(self, bridge: Bridge, service: DeviceService | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._service = bridge, service
        self._stop = threading.Event()
        self.running = False
        self.port = self.key = ""
        """What is looked at, or was last: the person may choose another port meanwhile."""
        self._progress = _Progress(self)
        self._progress.told.connect(self.told)

    def begin(self, port: str, key: str = "") -> None:
        """Look for any device, or for this one at all its speeds."""
        service = self._service
        if service is None or self.running:
            return
        self.running, self.port, self.key = True, port, key
        self._stop = stop = threading.Event()
        bridge = self._bridge
        work = partial(service.identify, port, key, self._progress.told.emit, lambda: stop.is_set() or bridge.closed)
        self._bridge.run(work, self._end, self._end)

    def stop(self) -> None:
        """End it at the next step."""
        self._stop.set()

    def _end(self, answer: object) -> None:
        self.running = False
        self.ended.emit(answer)
