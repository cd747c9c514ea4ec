"""Small entries of a running session: a note, what was done at the pump, the flush."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from exomonitor.clinical.ranges import INFUSED_SPAN, RATE_SPAN
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from exomonitor.session.contents import OVERFILL, bag_ml
from exomonitor.session.phases import DeliverySource
from ui.bridge import Bridge
from ui.presenters import codes
from ui.presenters.next_step import QUESTIONS
from ui.presenters.pump import is_typed, pump_word, still_runs
from ui.presenters.tiles import Look
from ui.presenters.words import number
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.drafting import Part, Parts
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.form import Form
from ui.widgets.rows import row_of
from ui.widgets.text import BOLD, Elided, label, set_text

_TOTAL, _GIVEN = "Total on the pump's display", "Product given in all (may stay empty)"


class SessionForm(Form):
    """A form of one chair: knows whom the next command is from."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, title, parent=parent)
        self.chair = chair
        self.by = ""
        self.column = QVBoxLayout(self.content)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(8))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Keep up with who is at work."""
        self.by = snapshot.staff_id


class _Sheet(QPlainTextEdit):
    """Enter ends the note, Shift+Enter begins a new line."""

    finished = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() & Qt.KeyboardModifier.ShiftModifier == Qt.KeyboardModifier.NoModifier
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and plain:
            self.finished.emit()
            return
        super().keyPressEvent(event)


class NoteForm(SessionForm):
    """Free text."""

    draft_name = "note"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Note", parent)
        self._text = _Sheet()
        self._text.finished.connect(self.save)
        self._text.setFont(theme.font(18))
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName("Note")
        self._text.setPlaceholderText("What happened, what was said, what was done (Shift+Enter: new line)")
        self._text.textChanged.connect(self.changed)
        self.column.addWidget(self._text, 1)
        self.setFocusProxy(self._text)
        self.changed()

    def is_complete(self) -> bool:
        """A note has a word."""
        return bool(self.words())

    def draft_parts(self) -> Parts:
        """The sheet."""
        return {"text": Part(self.words, lambda field: self._text.setPlainText(field.text))}

    def words(self) -> str:
        """What was written."""
        return self._text.toPlainText().strip()

    def commands(self) -> Sequence[Command]:
        """One note."""
        return (cmd.AddNote(self.chair, self.by, self.words()),)

    def clear(self) -> None:
        """An empty sheet."""
        self._text.setPlainText("")


def _told(snapshot: Snapshot) -> str:
    """What the pump says, or said last: what is old never looks like now."""
    if is_typed(snapshot):
        return "No pump is read: type its figures"
    word, _, look = pump_word(snapshot)
    if look is not Look.LIVE:
        return "No data from the pump" if look is Look.LOST else f"The pump said last: {word}"
    rate = snapshot.progress.rate_ml_h if snapshot.progress is not None else None
    return f"The pump says: {word} {number(rate, 1)} mL/h"


class PumpForm(SessionForm):
    """What was done at the pump, with the reason; nothing here drives the pump."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, chair, "Record: what was done at the pump", parent)
        self._typed = False
        self._estimated = False
        self._hung: float | None = None
        self._now = Elided(theme, "", 18, BOLD)
        self.column.addWidget(self._now)
        self._meaning = Choice(theme, codes.MEANINGS, columns=3, height=58)
        self._meaning.chosen.connect(self._on_chosen)
        self.column.addWidget(self._meaning)
        self._why_title = label(theme, "Why", 14, role="dim")
        self.column.addWidget(self._why_title)
        self._why = Choice(theme, (), columns=4, height=58)
        self._why.chosen.connect(self._on_why)
        self.column.addWidget(self._why)
        self._rate = NumberEntry(theme, "Rate on the pump's display", RATE_SPAN, "mL/h")
        self._total = NumberEntry(theme, _TOTAL, INFUSED_SPAN, "mL")
        self._figures = row_of(theme, self._rate, self._total)
        self.column.addWidget(self._figures)
        self._text = TextEntry(theme, "Words (may stay empty)", pixels=16, compact=True)
        self._left = NumberEntry(theme, "Left in the bag (may stay empty)", INFUSED_SPAN, "mL", pixels=16, compact=True)
        self.column.addWidget(row_of(theme, self._text, self._left))
        for entry in (self._rate, self._total, self._text, self._left):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
        self.column.addStretch(1)
        self.setFocusProxy(self._meaning.first())
        self._on_meaning("")

    def ask(self, question: str) -> None:
        """Open with what the pump did."""
        self.set_heading(QUESTIONS.get(question, "Record: what was done at the pump"))
        meaning = codes.QUESTION_MEANING.get(question, "")
        if not self._meaning.value() and meaning:
            self._meaning.set_value(meaning)
            self._on_meaning(meaning)

    def open(self) -> None:
        """The keyboard begins with what is asked: the reason, where the pump has said what it did."""
        super().open()
        said = bool(self._meaning.value()) and self._why.has_options()
        self.setFocusProxy((self._why if said else self._meaning).first())

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """What the pump says while the form is open."""
        super().show_snapshot(snapshot)
        self._typed = is_typed(snapshot)
        self._hung = bag_ml(snapshot.session) if snapshot.session is not None else None
        progress = snapshot.progress
        told = _told(snapshot)
        self._estimated = not self._typed and progress is not None and progress.by_now_by == DeliverySource.ESTIMATED
        if self._estimated and progress is not None:
            told = f"{told} · dose is estimated: {number(progress.by_now_ml, 1)} mL"
        set_text(self._now, still_runs(snapshot) or told)
        self._total.set_title(_GIVEN if self._estimated else _TOTAL)
        self._show_figures()

    def _show_figures(self) -> None:
        """A pump that is read tells its own; where its counter was not believed, the end asks for what was given."""
        meaning = self._meaning.value()
        self._rate.setVisible(self._typed and meaning in {"resume", "rate"})
        self._figures.setVisible(self._typed or self._asks_given())

    def _asks_given(self) -> bool:
        return self._estimated and self._meaning.value() in {"stop", "complete"}

    def _on_chosen(self, meaning: str) -> None:
        self._on_meaning(meaning)
        (self._why.first() if self._why.has_options() else self._text).setFocus()

    def _on_why(self, _: str) -> None:
        self.changed()
        if not (self._typed or self._asks_given()):
            self.save_key.setFocus()

    def _on_meaning(self, meaning: str) -> None:
        reasons = codes.REASONS.get(meaning, ())
        self._why.set_options(reasons)
        self._why.setVisible(bool(reasons))
        self._why_title.setVisible(bool(reasons))
        self._text.setVisible(bool(meaning))
        self._show_figures()
        self._left.setVisible(meaning in {"stop", "complete"})
        self.changed()

    def missing(self) -> Sequence[str]:
        """A pause and a stop need a reason; a typed rate must be a rate."""
        meaning = self._meaning.value()
        if not meaning:
            return ("what was done",)
        rate = self._typed and meaning == "rate" and not self._rate.text()
        why = meaning in {"pause", "stop"} and not self._why.value()
        words = meaning in {"stop", "complete"} and self._is_more_than_hung() and not self._text.text()
        return (
            *(("rate",) if rate else ()),
            *(("why",) if why else ()),
            *(("words: it is more than hung",) if words else ()),
        )

    def _is_more_than_hung(self) -> bool:
        total = self._total.number() if self._typed or self._asks_given() else None
        return self._hung is not None and total is not None and float(total) > self._hung * OVERFILL

    def commands(self) -> Sequence[Command]:
        """One or two statements."""
        meaning, why, text = self._meaning.value(), self._why.value(), self._text.text()
        asks = self._typed or self._asks_given()
        if (self._typed and not self._rate.check()) or (asks and not self._total.check()):
            return ()
        if not self._left.check():
            self.say(self._left.error(), wrong=True)
            return ()
        total = self._total.number() if asks else None
        rate = self._rate.number() if self._typed else None
        said = cmd.GiveMeaning(self.chair, self.by, meaning, why, text)
        if meaning == "complete":
            return (cmd.EndProduct(self.chair, self.by, "complete", why, total, text, self._left.number()),)
        if meaning == "stop":
            return (said, cmd.EndProduct(self.chair, self.by, "stopped", why, total, text, self._left.number()))
        if rate is not None or total is not None:
            shown = Decimal(0) if meaning == "pause" else rate
            if shown is not None:
                return (said, cmd.TypeDelivery(self.chair, self.by, shown, total))
        return (said,)

    def clear(self) -> None:
        """Nothing chosen."""
        self._meaning.set_value("")
        self._why.set_value("")
        for entry in (self._rate, self._total, self._text, self._left):
            entry.set_text("")
            entry.show_error("")
        self.set_heading("Record: what was done at the pump")
        self._on_meaning("")
