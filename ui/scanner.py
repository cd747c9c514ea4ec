"""The barcode scanner that types like a keyboard, anywhere in the window: a scan is caught, typed text never.

Pages subscribe to `bridge.scanned(kind, content)` and heed it while they are visible:

    label      a GS1 label, GS in its place (clinical/gs1.py reads it)
    isbt       an ISBT 128 label, which is entered by hand
    badge      a person's badge, without the prefix set for badges
    wristband  a patient's wristband, without the prefix set for wristbands
    unknown    anything else: a wristband where the clinic has set no prefix, or a code that is none of ours

Keys come with their own time stamps. Those that follow each other faster than hands are kept back for a moment; if an
Enter ends them they are a scan, else they are typed into the field after all, in their order.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

from exomonitor.clinical.gs1 import GS
from exomonitor.settings import ScanCodes
from ui.scan_burst import Burst, kind_of

_ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})
_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock}
)
_COMMAND_KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_STALL_MS = 40
_LAST_LOOK_MS = 10
_MOST_STALLS = 2
_OTHER_INPUT = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Close})


class Scanner(QObject):
    """Looks at the keys of one window before the window does."""

    scanned = Signal(str, str)

    def __init__(
        self,
        window: QWidget,
        codes: ScanCodes | None = None,
        time_of: Callable[[QKeyEvent], int] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """time_of: the time stamp of a key in ms, 0 = not known (then it is taken for typed)."""
        super().__init__(parent or window)
        self._window = window
        self._codes = codes or ScanCodes()
        self._time_of = time_of or (lambda event: int(event.timestamp()))
        self._burst = Burst()
        self._held: list[QKeyEvent] = []
        self._swallowed: list[int] = []
        self._watched: QWindow | None = None
        self.slack = 1
        """How many times the usual patience this computer needs between two keys of a burst."""
        self._since = QElapsedTimer()
        self._stalls = 0
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_silence)
        window.installEventFilter(self)
        self._watch_keys()

    def use_codes(self, codes: ScanCodes) -> None:
        """Use these prefixes and this substitute of GS from now on."""
        self._codes = codes

    def _watch_keys(self) -> None:
        """The native window hears every key once, before it goes to the field; it exists when the window is shown."""
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._watched:
            handle.installEventFilter(self)
            self._watched = handle

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True = the event is part of a scan, or waits until that is known."""
        if watched is self._window:
            if event.type() in {QEvent.Type.Show, QEvent.Type.WinIdChange}:
                self._watch_keys()
            return False
        if event.type() in _OTHER_INPUT:
            self.let_go()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_press(event)
        elif event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return self._on_release(event)
        return False

    def _on_press(self, event: QKeyEvent) -> bool:
        if event.key() in _MODIFIERS:
            return False
        at_ms = 0 if event.isAutoRepeat() else self._time_of(event)
        if at_ms > 0 and event.key() in _ENTER:
            return self._on_enter(event, at_ms)
        text = _text_of(event)
        if at_ms <= 0 or not text or (text == " " and not self._held):
            self.let_go()
            return False
        if not self._burst.goes_on(at_ms):
            self.let_go()
        self._burst.add(text, at_ms)
        self._held.append(_copy(event))
        self._stalls = 0
        self._wait()
        return True

    def _on_enter(self, event: QKeyEvent, at_ms: int) -> bool:
        if not self._burst.is_scan(at_ms):
            self.let_go()
            return False
        raw = self._burst.text
        pressed = [held.key() for held in self._held if held.type() == QEvent.Type.KeyPress]
        released = [held.key() for held in self._held if held.type() == QEvent.Type.KeyRelease]
        for key in released:
            if key in pressed:
                pressed.remove(key)
        self._swallowed = [*pressed, event.key()]
        self._forget()
        self.scanned.emit(*kind_of(raw, self._codes))
        return True

    def _on_release(self, event: QKeyEvent) -> bool:
        """A key goes up: what was swallowed stays so, and what waits keeps its order."""
        if event.key() in self._swallowed:
            self._swallowed.remove(event.key())
            return True
        if not self._held or event.key() in _MODIFIERS:
            return False
        self._held.append(_copy(event))
        return True

    def _wait(self) -> None:
        self._since.start()
        self._patience.start(self._burst.hold_ms * self.slack)

    def _on_silence(self) -> None:
        """Nothing more has come; unless the screen itself stood still meanwhile, and keys may wait to be seen: after a
        short stall they are handed on before the last look is over. On a screen that always stalls the keys come late,
        but they come."""
        if self._stalls < _MOST_STALLS and self._since.elapsed() > self._patience.interval() + _STALL_MS:
            self._stalls += 1
            self._wait()
        elif self._patience.interval() != _LAST_LOOK_MS:
            self._since.start()
            self._patience.start(_LAST_LOOK_MS)
        else:
            self.let_go()

    def let_go(self) -> None:
        """It was typed by hands: the field gets its keys."""
        held = self._held
        self._forget()
        for event in held:
            target = QApplication.focusWidget() or self._window
            QApplication.sendEvent(target, event)

    def _forget(self) -> None:
        self._patience.stop()
        self._burst, self._held = Burst(), []


def _text_of(event: QKeyEvent) -> str:
    """What a scanner meant by this key; "" for keys that no scanner sends."""
    command = event.modifiers() & _COMMAND_KEYS
    if event.text() == GS or (
        event.key() == Qt.Key.Key_BracketRight and command == Qt.KeyboardModifier.ControlModifier
    ):
        return GS
    if command and command != (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
        return ""  # AltGr is Ctrl and Alt at once, and types
    text = event.text()
    return text if len(text) == 1 and text.isprintable() else ""


def _copy(event: QKeyEvent) -> QKeyEvent:
    """The same key, to be given to the field later."""
    return QKeyEvent(
        event.type(),
        event.key(),
        event.modifiers(),
        event.nativeScanCode(),
        event.nativeVirtualKey(),
        event.nativeModifiers(),
        event.text(),
        event.isAutoRepeat(),
        event.count(),
    )
