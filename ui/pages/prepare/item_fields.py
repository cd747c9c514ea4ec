"""The field of one checklist item, by its kind: a tick, keys to choose from, a number, words, a time, a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.clinical.checklists import TICKED, ItemRow
from exomonitor.registry.users import User
from exomonitor.units import Span, shown_unit
from ui.presenters.day_time import shown_answer, time_answer
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.person_key import PersonKey
from ui.widgets.text import label
from ui.widgets.tick import Tick

NO_TIME = "Write the time as on the clock: 13:20"


class ItemField(QWidget):
    """One item. `answer` is its text for the record, "" = not answered; `problem` says why it cannot be taken."""

    def __init__(self, theme: Theme, row: ItemRow, touched: Callable[[], None], confirmed: Callable[[], None]) -> None:
        super().__init__()
        self.row = row
        self._now: datetime | None = None
        self.tick: Tick | None = None
        self.choice: Choice | None = None
        self.entry: TextEntry | None = None
        self.person: PersonKey | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        if row.kind == "tick":
            self.tick = Tick(theme, row.text, height=52)
            self.tick.clicked.connect(touched)
            column.addWidget(self.tick)
        elif row.kind == "choice":
            column.addWidget(label(theme, row.text, 14, role="dim"))
            self.choice = Choice(theme, tuple((o, o[:1].upper() + o[1:]) for o in row.options))
            self.choice.chosen.connect(touched)
            column.addWidget(self.choice)
        elif row.kind == "person":
            column.addWidget(label(theme, row.text, 14, role="dim"))
            self.person = PersonKey(theme, row.text, row.role)
            self.person.chosen.connect(touched)
            column.addWidget(self.person)
        else:
            column.addWidget(label(theme, row.text, 14, role="dim"))
            self.entry = _entry(theme, row)
            self.entry.edited.connect(touched)
            self.entry.confirmed.connect(confirmed)
            column.addWidget(self.entry)
        column.addStretch(0 if self.tick is not None else 1)

    def follow(self, now: datetime, users: Mapping[str, User]) -> None:
        """Times typed are of today, and people those of the list as it is."""
        self._now = now
        if self.person is not None:
            self.person.follow(users)

    def answer(self) -> str:
        """For the record."""
        if self.tick is not None:
            return TICKED if self.tick.isChecked() else ""
        if self.choice is not None:
            return self.choice.value()
        if self.person is not None:
            return self.person.value()
        assert self.entry is not None
        if self.row.kind == "time" and self._now is not None:
            return time_answer(self.entry.text(), self._now)
        if isinstance(self.entry, NumberEntry):
            number = self.entry.number()
            return "" if number is None else f"{number.normalize():f}"
        return self.entry.text()

    def entered(self) -> str:
        """As a person left it, whether it can be taken or not."""
        return self.entry.text() if self.entry is not None else self.answer()

    def put_entered(self, text: str) -> None:
        """The same, put back."""
        if self.entry is not None:
            self.entry.set_text(text)
            self.entry.show_draft("draft" if text else "")
        else:
            self.put(text)

    def problem(self) -> str:
        """Why what is typed cannot be taken; "" for what is fine, or empty."""
        entry = self.entry
        if entry is None or not entry.text():
            return ""
        if self.row.kind == "time" and not self.answer():
            entry.show_error(NO_TIME)
            return f"{self.row.text}: {NO_TIME}"
        if isinstance(entry, NumberEntry) and not entry.check():
            return entry.error()
        return ""

    def put(self, answer: str) -> None:
        """Show an answer of the record."""
        if self.tick is not None:
            self.tick.setChecked(answer == TICKED)
        elif self.choice is not None:
            self.choice.set_value(answer)
        elif self.person is not None:
            self.person.set_value(answer)
        elif self.entry is not None:
            self.entry.set_text(shown_answer(answer) if self.row.kind == "time" else answer)
            self.entry.show_error("")

    def key(self) -> QWidget:
        """What takes the keyboard."""
        if self.tick is not None:
            return self.tick
        if self.choice is not None:
            return self.choice.first()
        if self.person is not None:
            return self.person
        assert self.entry is not None
        return self.entry


def _entry(theme: Theme, row: ItemRow) -> TextEntry:
    if row.kind == "number" and row.range is not None:
        decimals = max(0, *(-int(end.as_tuple().exponent) for end in row.range), _usual_decimals(row.range))
        span = Span(row.text, row.unit, *row.range, decimals)
        made: TextEntry = NumberEntry(theme, row.text, span, shown_unit(row.unit), pixels=17, compact=True)
    else:
        made = TextEntry(theme, row.text, pixels=16, compact=True)
    made.line.setPlaceholderText("like 13:20" if row.kind == "time" else "")
    made.title_outside()
    return made


def _usual_decimals(ends: tuple[Decimal, Decimal]) -> int:
    return 0 if ends[1] >= 1500 else 1
