"""Entries for numbers and words: label above, unit inside, and one line below for the source or for what is wrong."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from exomonitor.errors import CommandRefused
from exomonitor.units import Span, parse_typed
from ui.theme import Theme
from ui.widgets.text import MEDIUM, SEMIBOLD, Elided, set_role, set_text


def make_tall(holder: QWidget) -> None:
    """Make every entry below this widget 15 mm high, as gloved fingers want them."""
    for line in holder.findChildren(QLineEdit):
        if not line.property("tall"):
            line.setProperty("tall", True)
            line.style().unpolish(line)
            line.style().polish(line)


class _Line(QLineEdit):
    entered = Signal()
    touched = Signal()
    takes_spaces = True
    """False: a space, pressed as if a key had the focus, wipes out no number."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type, unless it is a space that no number has."""
        if event.key() == Qt.Key.Key_Space and not self.takes_spaces:
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A finger wants keys to type with."""
        super().mousePressEvent(event)
        self.touched.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Typing replaces what stands there."""
        super().focusInEvent(event)
        self.selectAll()
        self.entered.emit()


class TextEntry(QWidget):
    """A labelled line of text. `edited` comes with every keystroke of a person, never from set_text()."""

    edited = Signal(str)
    confirmed = Signal()
    entered = Signal()
    touched = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        unit: str = "",
        hint: str = "",
        *,
        pixels: float = 18,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """compact: the title stands small inside, above what is typed, and there is no line below."""
        super().__init__(parent)
        self._hint = hint
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        self._title = Elided(theme, title, 14, role="dim")
        column.addWidget(self._title)
        self.line = _Line()
        self.line.setFont(theme.font(pixels, SEMIBOLD, tabular=True))
        self.line.setAccessibleName(f"{title} {unit}".strip())
        self.line.textEdited.connect(self._on_edited)
        self.line.returnPressed.connect(self.confirmed)
        self.line.entered.connect(self.entered)
        self.line.touched.connect(self.touched)
        self._caption = Elided(theme, title, 13, role="dim", parent=self.line)
        self._put_inside(theme, unit, captioned=compact)
        column.addWidget(self.line)
        self._below = Elided(theme, hint, 13, role="dim")
        column.addWidget(self._below)
        if compact:
            self._title.hide()
            self._below.hide()
        self.setFocusProxy(self.line)

    def _put_inside(self, theme: Theme, unit: str, *, captioned: bool) -> None:
        """The unit at the right end, and the title above what is typed."""
        self._unit = QLabel(unit, self.line)
        self._unit.setFont(theme.font(14, MEDIUM))
        self._unit.setProperty("role", "dim")
        self._unit.setVisible(bool(unit))
        self._caption.setVisible(captioned)
        room = self._unit.fontMetrics().horizontalAdvance(unit) + theme.px(12) if unit else 0
        above = self._caption.fontMetrics().height() if captioned else 0
        inside = QGridLayout(self.line)
        inside.setContentsMargins(theme.px(10), theme.px(2), theme.px(10), 0)
        inside.setSpacing(0)
        inside.addWidget(self._caption, 0, 0, 1, 2)
        inside.addWidget(self._unit, 1, 1)
        inside.setColumnStretch(0, 1)
        inside.setRowStretch(1, 1)
        for made in (self._caption, self._unit):
            made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.line.setTextMargins(0, above, room, 0)

    def title_outside(self) -> None:
        """A compact entry whose title stands beside it: none inside."""
        self._caption.hide()
        self.line.setTextMargins(0, 0, self.line.textMargins().right(), 0)

    def _on_edited(self, text: str) -> None:
        self.show_error("")
        self.show_draft("")
        self.edited.emit(text)

    def text(self) -> str:
        """What stands in the entry, without spaces around it."""
        return self.line.text().strip()

    def set_text(self, text: str) -> None:
        """Put a text in; says nothing to anybody."""
        if self.line.text() != text:
            self.show_draft("")
            self.line.setText(text)
            if not self.line.hasFocus():
                self.line.setCursorPosition(0)  # of a long text one sees the beginning

    def set_title(self, text: str) -> None:
        """Change the label above."""
        set_text(self._title, text)
        set_text(self._caption, text)

    def set_hint(self, text: str) -> None:
        """The line below while nothing is wrong: the source, the range."""
        self._hint = text
        if self._below.property("role") != "error":
            set_text(self._below, text)

    def hide_below(self) -> None:
        """No line below: what is wrong is said elsewhere on the sheet."""
        self._below.hide()

    def show_error(self, text: str) -> None:
        """The line below says what is wrong; "" = nothing is."""
        set_text(self._below, text or self._hint)
        set_role(self._below, "error" if text else "dim")
        if self.line.property("bad") != bool(text):
            self.line.setProperty("bad", bool(text))
            self.line.style().unpolish(self.line)
            self.line.style().polish(self.line)

    def show_draft(self, words: str) -> None:
        """What stands here was entered before, and nobody has looked at it since; "" = it is as good as typed."""
        if bool(self.line.property("draft")) == bool(words):
            return
        self.line.setProperty("draft", bool(words))
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)
        self.set_hint(words)

    def error(self) -> str:
        """What is wrong, or ""."""
        return self._below.text() if self._below.property("role") == "error" else ""


class NumberEntry(TextEntry):
    """A number within a span; what cannot be read, or is out of range, is said under the entry and never clipped."""

    def __init__(
        self,
        theme: Theme,
        title: str,
        span: Span,
        unit: str,
        hint: str = "",
        *,
        pixels: float = 22,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, title, unit, hint, pixels=pixels, compact=compact, parent=parent)
        self.span = span
        self.line.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.line.takes_spaces = False

    def number(self) -> Decimal | None:
        """The number typed; None when the entry is empty or wrong, and then the line below says what is wrong."""
        if not self.text():
            return None
        try:
            found = parse_typed(self.text(), self.span)
        except CommandRefused as refused:
            self.show_error(str(refused))
            return None
        self.show_error("")
        return found

    def check(self) -> bool:
        """Whether the entry is empty or holds a number in range; says under it what is wrong."""
        return not self.text() or self.number() is not None
