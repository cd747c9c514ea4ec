"""What was copied out of the program is not left lying: a minute later, and at the end, the clipboard is emptied."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QClipboard

KEPT_MS = 60_000
"""So long a copied text can be put in elsewhere (clinical.md 7.4)."""
_Mode = QClipboard.Mode


class OwnCopies(QObject):
    """Follows the clipboard and, where there is one, the selection of the mouse. Of any field or log it may be about
    a patient, so all that was copied here goes; what another program has put there since is not touched."""

    def __init__(self, clipboard: QClipboard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clipboard = clipboard
        self._owned: Mapping[_Mode, Callable[[], bool]] = {
            _Mode.Clipboard: clipboard.ownsClipboard,
            _Mode.Selection: clipboard.ownsSelection,
        }
        self._timers = {mode: self._timer(mode) for mode in self._owned}
        clipboard.changed.connect(self._on_changed)

    def close(self) -> None:
        """The program ends: nothing of it stays."""
        self._clipboard.changed.disconnect(self._on_changed)
        for mode, timer in self._timers.items():
            self._empty(mode)
            timer.stop()

    def _timer(self, mode: _Mode) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(KEPT_MS)
        timer.timeout.connect(lambda: self._empty(mode))
        return timer

    def _on_changed(self, mode: _Mode) -> None:
        """Whose it is now is looked at when the minute is over: some systems tell the change before the owner."""
        timer = self._timers.get(mode)
        if timer is not None:
            timer.start()

    def _empty(self, mode: _Mode) -> None:
        if self._owned[mode]():
            self._clipboard.clear(mode)
            self._timers[mode].stop()  # that it is empty now is a change too
