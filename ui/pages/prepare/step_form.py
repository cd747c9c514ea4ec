"""The common ground of the steps' forms: filled from the record until somebody types, never emptied by a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.state import SessionState
from ui.theme import Theme
from ui.widgets.choice import Choice, Options
from ui.widgets.drafting import Parts, parts_of
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.text import MEDIUM, label, set_text


class StepForm(QWidget):
    """One step. `commands` says what to record; None = something is missing, and the form has said what."""

    edited = Signal()
    confirmed = Signal()
    status_wanted = Signal(str, bool)

    def __init__(self, theme: Theme, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.chair = theme, chair
        self.dirty = False
        self._by = ""
        self._filled_from: object = None
        self._session = ""
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(theme.px(8))

    @property
    def by(self) -> str:
        """Who is at work."""
        return self._by

    def commands(self) -> Sequence[Command] | None:
        """What to record; nothing in a step that only shows."""
        return ()

    def recorded_part(self, session: SessionState) -> object:
        """The part of the session that this form shows."""
        return None

    def fill(self, part: object) -> None:
        """Put the recorded part into the entries."""

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the record as long as nobody has typed; another session begins with an empty form."""
        self._by = snapshot.staff_id
        session = snapshot.session
        if session is None:
            return
        if session.id != self._session:
            self._session = session.id
            self.begin_anew()
        part = self.recorded_part(session)
        if part is not None and part != self._filled_from and not self.dirty:
            self._filled_from = part
            self.fill(part)

    def begin_anew(self) -> None:
        """Nobody has entered anything, and nothing of the record is shown yet."""
        self.dirty, self._filled_from = False, None
        self.empty()

    def draft_parts(self) -> Parts:
        """The fields that are kept while they are half filled."""
        return parts_of(self)

    def empty(self) -> None:
        """Forget what was entered: another patient sits here."""

    def on_recorded(self) -> None:
        """What was entered is in the record."""
        self.dirty = False

    def on_receipt(self, receipt: Receipt) -> bool:
        """What was entered is in the record; whether the preparation goes on to the next step."""
        self.on_recorded()
        return True

    def touched(self) -> None:
        """Somebody has entered something."""
        self.dirty = True
        self.edited.emit()

    def first_field(self) -> QWidget:
        """Where the hands begin: the first thing on the sheet that is not answered, else the first thing on it."""
        found: list[TextEntry | Choice] = [
            one
            for one in self.findChildren(QWidget)  # in the order in which they were put on the sheet
            if one.isVisibleTo(self) and (isinstance(one, TextEntry) or (isinstance(one, Choice) and one.has_options()))
        ]
        open_ones = [one for one in found if not (one.text() if isinstance(one, TextEntry) else one.value())]
        if not found:
            return self
        first = (open_ones or found)[0]
        return first.first() if isinstance(first, Choice) else first

    # --- building ----------------------------------------------------------------------------------------------------

    def entry(self, title: str, unit: str = "", hint: str = "", *, pixels: float = 18) -> TextEntry:
        """A line of text that belongs to this step."""
        return self._watched(TextEntry(self.theme, title, unit, hint, pixels=pixels))

    def number_entry(self, made: NumberEntry) -> NumberEntry:
        """A number that belongs to this step."""
        self._watched(made)
        return made

    def _watched(self, made: TextEntry) -> TextEntry:
        made.edited.connect(lambda _: self.touched())
        made.confirmed.connect(self.confirmed)
        return made

    def choice(self, title: str, options: Options, *, columns: int = 0, height: int = 44) -> Choice:
        """A titled row of keys, added to the column."""
        made = Choice(self.theme, options, columns=columns, height=height)
        made.chosen.connect(lambda _: self.touched())
        self.titled(title, made)
        return made

    def titled(self, title: str, content: QWidget) -> QLabel:
        """Add a widget under its title; returns the title's label."""
        holder = QVBoxLayout()
        holder.setSpacing(self.theme.px(3))
        words = label(self.theme, title, 14, role="dim")
        holder.addWidget(words)
        holder.addWidget(content)
        self.column.addLayout(holder)
        return words

    def titled_row(self, parts: Sequence[tuple[str, QWidget, int]]) -> None:
        """Add widgets side by side, each under its title, with their shares of the width."""
        made = QHBoxLayout()
        made.setSpacing(self.theme.px(16))
        for title, widget, share in parts:
            column = QVBoxLayout()
            column.setSpacing(self.theme.px(3))
            column.addWidget(label(self.theme, title, 14, role="dim"))
            column.addWidget(widget)
            made.addLayout(column, share)
        self.column.addLayout(made)

    def row(self, *widgets: QWidget) -> QHBoxLayout:
        """Add widgets side by side."""
        made = QHBoxLayout()
        made.setSpacing(self.theme.px(12))
        for widget in widgets:
            made.addWidget(widget, 1)
        self.column.addLayout(made)
        return made

    def remark(self, text: str = "", *, role: str = "dim") -> QLabel:
        """Add a wrapped line of text."""
        made = label(self.theme, text, 14, MEDIUM, role=role, wrap=True)
        self.column.addWidget(made)
        return made


def need(entries: Sequence[tuple[TextEntry, str]]) -> bool:
    """Whether all these entries hold something; those that do not say what they want."""
    good = True
    for entry, wanted in entries:
        if not entry.text():
            entry.show_error(wanted)
            good = False
    return good


def say(label_widget: QLabel, text: str) -> None:
    """Show a line of text, or hide it when there is none."""
    set_text(label_widget, text)
    label_widget.setVisible(bool(text))
