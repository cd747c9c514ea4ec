"""A form that keeps what was half entered: its fields by name, the strip that says so, and one touch to discard it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.drafts import DraftField, FormDraft
from ui.drafts import DraftDesk
from ui.presenters.words import hm
from ui.theme import Theme
from ui.widgets.choice import Choice, MultiChoice
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, Elided, set_text
from ui.widgets.tick import Tick

_TICKED = "ticked"


@dataclass(frozen=True, slots=True)
class Part:
    """One field: what stands in it, and how an earlier text is put back as if a person entered it again.

    keeps_s: after so many seconds the text says nothing about now and is not offered (a measured value)."""

    read: Callable[[], str]
    put: Callable[[DraftField], None]
    keeps_s: float | None = None


Parts = Mapping[str, Part]


def parts_of(owner: object) -> dict[str, Part]:
    """The entries, choices and ticks that a form has as attributes, by their names and in their order."""
    found = {name.lstrip("_"): _part(one) for name, one in vars(owner).items()}
    return {name: part for name, part in found.items() if part is not None}


def _part(one: object) -> Part | None:
    if isinstance(one, TextEntry):
        return entry_part(one)
    if isinstance(one, Choice):
        return choice_part(one)
    if isinstance(one, MultiChoice):
        return _multi_part(one)
    return _tick_part(one) if isinstance(one, Tick) else None


def entry_part(entry: TextEntry) -> Part:
    """An entry of words or of a number, with a mark at what nobody has looked at since."""

    def put(field: DraftField) -> None:
        entry.set_text(field.text)
        entry.edited.emit(field.text)
        entry.show_draft(f"draft {hm(field.at)}" if field.text else "")

    return Part(entry.text, put)


def choice_part(choice: Choice) -> Part:
    """A choice; one that is not offered any more is left out."""

    def put(field: DraftField) -> None:
        choice.set_value(field.text)
        if choice.value():
            choice.chosen.emit(choice.value())

    return Part(choice.value, put)


def _multi_part(choice: MultiChoice) -> Part:
    def put(field: DraftField) -> None:
        choice.set_values(field.text.split("\n"))
        choice.changed.emit()

    return Part(lambda: "\n".join(choice.values()), put)


def _tick_part(tick: Tick) -> Part:
    def put(field: DraftField) -> None:
        tick.setChecked(field.text == _TICKED)
        tick.clicked.emit()

    return Part(lambda: _TICKED if tick.isChecked() else "", put)


class DraftStrip(QWidget):
    """`Draft from 14:03: check it`, with the key that discards it; not there while there is none."""

    discarded = Signal()

    def __init__(self, theme: Theme, *, height: int = 58, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(10))
        self._words = Elided(theme, "", 15, SEMIBOLD, at_least=150, shrink_to=12)
        self.key = BigButton(theme, "Discard", kind=Kind.QUIET, pixels=14, height=height)
        self.key.clicked.connect(self.discarded)
        row.addWidget(self._words, 1)
        row.addWidget(self.key)
        self.hide()

    def show_draft(self, at: datetime | None) -> None:
        """From when it is; None = there is none."""
        set_text(self._words, f"✎ Draft from {hm(at)}: check it" if at is not None else "")
        self.setVisible(at is not None)

    def words(self) -> str:
        """What the strip says, "" while it is not there."""
        return self._words.text()


class Drafting:
    """Between one form and the desk: notes what a person enters, puts it back where the form is empty again."""

    def __init__(
        self,
        desk: DraftDesk,
        key: Callable[[], tuple[str, str]],
        parts: Callable[[], Parts],
        show: Callable[[datetime | None], None],
    ) -> None:
        """`key`: scope and name of the form now, "" where it keeps no draft. `show` says from when the draft is that
        was put back, None when it is gone."""
        self._desk, self._key, self._parts, self._show = desk, key, parts, show
        self._quiet = False
        self._ready = self._shown = ("", "")

    def note(self) -> None:
        """Somebody has entered something. Before restore() nobody can have: a form that is being made is no entry."""
        scope, form = key = self._key()
        if not self._quiet and scope and form and key == self._ready:
            self._desk.note(scope, form, {name: part.read() for name, part in self._parts().items()})

    def restore(self) -> bool:
        """The form comes to the front: put back what it had before. Whether there was anything that it has not now."""
        self._ready = self._key()
        if self._ready == self._shown:
            return False
        self._hide()
        draft = self._desk.find(*self._ready) if all(self._ready) else None
        if draft is None or not self._put(draft):
            return False
        self._shown = self._ready
        self._show(draft.at)
        return True

    def begin_again(self) -> None:
        """The form has just been emptied, for this or another name: what belongs to it now is put back."""
        self._hide()
        self.restore()

    def forget(self) -> None:
        """It is recorded or discarded; what the form does while it is emptied is nobody's entry (`emptied` ends it)."""
        self._desk.forget(*self._key())
        self._hide()
        self._quiet = True

    def emptied(self) -> None:
        """The form is empty: what comes now is entered by somebody."""
        self._quiet = False

    def _hide(self) -> None:
        self._shown = ("", "")
        self._show(None)

    def _put(self, draft: FormDraft) -> bool:
        now = self._desk.now
        changed = False
        self._quiet = True
        try:
            for name, part in self._parts().items():
                field = draft.fields.get(name)
                if field is None or field.text == part.read():
                    continue
                age_s = (now - field.at).total_seconds() if now is not None else 0.0
                if part.keeps_s is not None and age_s > part.keeps_s:
                    continue
                part.put(field)
                changed = True
        finally:
            self._quiet = False
        return changed
