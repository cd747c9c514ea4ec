"""A nurse's hands in the real window: touches, keys and scans that reach what is in sight, each of them counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QScrollArea, QWidget

from exomonitor.clinical.gs1 import GS
from ui.main_window import MainWindow
from ui.widgets.entry import TextEntry
from ui.widgets.pin_pad import PinPad

SCANNER_MS, HAND_MS = 5, 140
SLACK = 100
"""The scanner's keys bear simulated times, but its patience is real: it must outlast a machine that is busy."""
SCAN, TOUCH, KEY, FIELD = "scans", "touches", "keys", "fields"
KINDS = (SCAN, TOUCH, KEY, FIELD)
_NONE = Qt.KeyboardModifier.NoModifier


class Hands:
    """One action each: a scan, a touch, a key, a field that is touched and typed into (a PIN is one, with its OK)."""

    def __init__(self, window: MainWindow, settle: Callable[[], None]) -> None:
        """`settle` lets everything happen that an action has set off, and a second or so pass."""
        self._window, self._settle = window, settle
        self._at_ms = 1000
        self._step = "before"
        self.counts: dict[str, Counter[str]] = {}
        window.scanner._time_of = lambda _: self._at_ms  # Qt stamps test events with 0, which means: not known

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Everything inside counts for this step."""
        before, self._step = self._step, step
        yield
        self._step = before

    def count(self, step: str) -> int:
        """Actions of all steps that begin so."""
        return sum(sum(counts.values()) for name, counts in self.counts.items() if name.startswith(step))

    def _did(self, kind: str) -> None:
        self.counts.setdefault(self._step, Counter())[kind] += 1
        self._settle()

    # --- what hands do -----------------------------------------------------------------------------------------------

    def touch(self, what: QWidget | str) -> None:
        """A touch of a key that is in sight, enabled and not covered by anything."""
        self._touch(self.key(what) if isinstance(what, str) else what)
        self._did(TOUCH)

    def press(self, key: Qt.Key) -> None:
        """A key of the keyboard."""
        self._press(key)
        self._did(KEY)

    def scan(self, text: str) -> None:
        """The scanner types a code, faster than hands do, and Enter."""
        scanner = self._window.scanner
        scanner.slack = SLACK
        for sign in text:
            if sign == GS:
                self._press(Qt.Key.Key_BracketRight, SCANNER_MS, Qt.KeyboardModifier.ControlModifier)
            else:
                self._press(sign, SCANNER_MS)
        self._press(Qt.Key.Key_Return, SCANNER_MS)
        scanner.slack = 1
        self._at_ms += HAND_MS
        self._did(SCAN)

    def type(self, entry: TextEntry, text: str) -> None:
        """Touch a field and type into it."""
        self._touch(entry.line)
        self._type(text)
        there = QApplication.focusWidget()
        assert entry.line.text() == text, f"{entry.line.accessibleName()}: {entry.line.text()!r}, not {text!r}; {there}"
        self._did(FIELD)

    def type_here(self, text: str) -> None:
        """Type into the field that has the keyboard already."""
        line = QApplication.focusWidget()
        assert isinstance(line, QLineEdit), f"the keyboard is on {line}"
        self._type(text)
        assert line.text() == text, f"{line.accessibleName()}: {line.text()!r}, not {text!r}"
        self._did(FIELD)

    def pin(self, digits: str) -> None:
        """Touch the digits of the pad in sight, and OK."""
        pad = next(pad for pad in self._window.findChildren(PinPad) if pad.isVisible())
        keys = {key.text(): key for key in pad.findChildren(QAbstractButton)}
        for digit in digits:
            self._touch(keys[digit])
        self._touch(pad.ok_key)
        self._did(FIELD)

    # --- what they find ----------------------------------------------------------------------------------------------

    def keys(self) -> dict[str, QAbstractButton]:
        """The keys in sight that can be pressed, by their words."""
        found = self._window.findChildren(QAbstractButton)
        return {_words(key.text()): key for key in found if key.isVisible() and key.isEnabled()}

    def key(self, words: str) -> QAbstractButton:
        """The one key in sight that begins with these words."""
        named = [key for text, key in self.keys().items() if text == words]
        named = named or [key for text, key in self.keys().items() if text.startswith(words)]
        assert len(named) == 1, f"{len(named)} keys say {words!r}; in sight are {sorted(self.keys())}"
        return named[0]

    # --- down to the window ------------------------------------------------------------------------------------------

    def _touch(self, widget: QWidget) -> None:
        name = widget.accessibleName() or str(widget)
        assert widget.isVisible(), f"not in sight: {name}"
        assert widget.isEnabled(), f"cannot be pressed: {name}"
        self._bring(widget)
        place = widget.mapTo(self._window, widget.rect().center())
        hit: QWidget | None = self._window.childAt(place)
        reached = hit is not None and (hit is widget or widget.isAncestorOf(hit))
        assert reached, f"{name} is covered by {hit}"
        self._at_ms += HAND_MS
        handle = self._window.windowHandle()
        QTest.mouseClick(handle, Qt.MouseButton.LeftButton, _NONE, QPoint(place))

    def _bring(self, widget: QWidget) -> None:
        above = widget.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea):
                inside = above.viewport().rect().contains(widget.mapTo(above.viewport(), widget.rect().center()))
                assert inside, f"{widget.accessibleName()} must be scrolled for"
            above = above.parentWidget()

    def _type(self, text: str) -> None:
        for sign in text:
            self._press(sign)
        while self._window.scanner._held:  # the scanner lets go of the last one when no more comes
            QTest.qWait(5)

    def _press(self, key: Qt.Key | str, gap_ms: int = HAND_MS, modifier: Qt.KeyboardModifier = _NONE) -> None:
        self._at_ms += gap_ms
        QTest.keyClick(self._window.windowHandle(), key, modifier)  # type: ignore[arg-type]

    # --- what is printed ---------------------------------------------------------------------------------------------

    def table(self) -> str:
        """Every step with what it took."""
        head = ("step", *KINDS, "actions")
        rows = [(step, *(counts[kind] for kind in KINDS), sum(counts.values())) for step, counts in self.counts.items()]
        wide = max(len(step) for step in (*self.counts, head[0]))
        lines = [f"{row[0]:<{wide}}" + "".join(f"{cell:>9}" for cell in row[1:]) for row in (head, *rows)]
        return "\n".join((*lines, "A scan is one action, a field that is typed into is one, a PIN with its OK is one."))


def _words(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u2011", "-").split())
