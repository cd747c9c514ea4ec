"""The numbers of an observation set: they follow the monitor until somebody types, and say where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from exomonitor.clinical.observations import DEFAULT_SCHEDULE
from exomonitor.clinical.ranges import EntryLimit
from exomonitor.drafts import DraftField
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import ValueEntry
from exomonitor.units import shown_unit
from ui.presenters.observation import FIELDS, Prefill, TypedValue, measured_mean, prefill, read_typed
from ui.presenters.words import hm
from ui.theme import Theme
from ui.widgets.drafting import Part, Parts
from ui.widgets.entry import TextEntry, make_tall
from ui.widgets.keys import BigButton

COUNT_S = 30
_COUNT_TEXT = "Count RR: tap at each breath, 30 s"


class SetValues(QWidget):
    """Six entries; `counter` is placed by the form. `edited` comes when a person changes something, `touched` with the
    entry that a finger wants to type into, `entered` with the one that has the keyboard."""

    edited = Signal()
    confirmed = Signal()
    touched = Signal(object)
    entered = Signal(object)

    def __init__(self, theme: Theme, limits: Mapping[str, EntryLimit], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._prefilled: dict[str, Prefill] = {}
        self._mean: ValueEntry | None = None
        self._sources: dict[str, str] = {}
        self._drafted: dict[str, datetime] = {}
        self._now: datetime | None = None
        self._entries: dict[str, TextEntry] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(3))
        for place, (name, words) in enumerate(FIELDS):
            unit = shown_unit(limits[name].span.unit) if name in limits else ""
            entry = TextEntry(theme, words, unit, pixels=22)
            entry.line.takes_spaces = False
            entry.edited.connect(lambda _, edited=name: self._on_edited(edited))
            entry.confirmed.connect(self.confirmed)
            entry.entered.connect(lambda aimed=entry: self.entered.emit(aimed.line))
            entry.touched.connect(lambda aimed=entry: self.touched.emit(aimed.line))
            grid.addWidget(entry, place // 3, place % 3)
            self._entries[name] = entry
        self._schedule = DEFAULT_SCHEDULE
        self.counter = BreathCounter(theme)
        self.counter.counted.connect(self._on_counted)
        make_tall(self)
        self.setFocusProxy(self._entries["hr"])

    def begin(self, *, empty: bool) -> None:
        """A new set: everything follows the monitor, or with `empty` nothing does (an earlier set is filled in)."""
        self.counter.stop()
        self._sources = dict.fromkeys(self._entries, "typed") if empty else {}
        self._drafted = {}
        for entry in self._entries.values():
            entry.set_text("")
            entry.show_error("")
            entry.set_hint("")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the monitor in every entry that nobody has touched."""
        self._now = snapshot.now.utc
        self._schedule = snapshot.schedule
        self._prefilled = prefill(snapshot)
        self._mean = measured_mean(snapshot)
        for name, entry in self._entries.items():
            if name not in self._sources:
                entry.set_text(self._prefilled[name].text)
                entry.set_hint(self._prefilled[name].hint)

    def put(self, values: Mapping[str, str]) -> None:
        """Earlier values, to be corrected."""
        for name, text in values.items():
            if name in self._entries:
                self._entries[name].set_text(text)

    def draft_parts(self) -> Parts:
        """What was typed or counted; what follows the monitor is nobody's entry. A value that is too old to count in a
        set says nothing about now, and is not put back."""
        return {
            name: Part(partial(self._typed_text, name), partial(self._put_draft, name), self._keeps_s(name))
            for name in self._entries
        }

    def _keeps_s(self, name: str) -> float:
        schedule = self._schedule
        return schedule.nibp_counts_s if name in {"nibp_sys", "nibp_dia"} else schedule.value_counts_s

    def _typed_text(self, name: str) -> str:
        return self._entries[name].text() if name in self._sources else ""

    def _put_draft(self, name: str, field: DraftField) -> None:
        if not field.text:
            return
        entry = self._entries[name]
        entry.set_text(field.text)
        self._sources[name] = "typed"
        self._drafted[name] = field.at
        entry.show_draft(f"draft {hm(field.at)}")
        self.edited.emit()

    def is_touched(self) -> bool:
        """Whether somebody has entered something."""
        return bool(self._sources)

    def given(self) -> set[str]:
        """Names of the entries that hold something."""
        return {name for name, entry in self._entries.items() if entry.text()}

    def read(self, *, quietly: bool = False) -> tuple[dict[str, ValueEntry], list[TypedValue], bool]:
        """Values with source and age, what each typed text means, and whether all of them can be taken.

        quietly: an entry that cannot be taken does not say so yet, for somebody is still typing.
        """
        values: dict[str, ValueEntry] = {}
        meanings: list[TypedValue] = []
        good = True
        for name, entry in self._entries.items():
            if not entry.text():
                continue
            meant = read_typed(name, entry.text(), self._limits)
            if not quietly:
                entry.show_error(meant.error)
            good = good and not meant.error
            meanings.append(meant)
            if meant.value is not None:
                source = self._sources.get(name, "monitor")
                age_s = self._prefilled[name].age_s if source == "monitor" else self._draft_age_s(name)
                values[name] = ValueEntry(meant.value, source, round(age_s, 1))
        measured = [values[name].source == "monitor" for name in ("nibp_sys", "nibp_dia") if name in values]
        if self._mean is not None and measured == [True, True]:
            values["nibp_map"] = self._mean  # the monitor's own belongs to the pressure that it measured
        return values, meanings, good

    def _draft_age_s(self, name: str) -> float:
        """Of a value from a draft that nobody has typed again: it was measured when it was typed first."""
        typed = self._drafted.get(name)
        return 0.0 if typed is None or self._now is None else max(0.0, (self._now - typed).total_seconds())

    def _on_edited(self, name: str) -> None:
        self._sources[name] = "typed"
        self._drafted.pop(name, None)
        # A pressure is one measurement: typing one half makes the other half typed as well.
        if name in {"nibp_sys", "nibp_dia"}:
            self._sources["nibp_sys"] = self._sources["nibp_dia"] = "typed"
            for half in ("nibp_sys", "nibp_dia"):
                self._entries[half].set_hint("typed")
        self._entries[name].set_hint("typed")
        self.edited.emit()

    def _on_counted(self, per_minute: int) -> None:
        self._sources["rr"] = "counted"
        self._drafted.pop("rr", None)
        self._entries["rr"].set_text(str(per_minute))
        self._entries["rr"].set_hint("counted over 30 s")
        self.edited.emit()


class BreathCounter(BigButton):
    """Tap once per breath for 30 seconds; the first tap starts the clock."""

    counted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, _COUNT_TEXT, pixels=14, height=58, parent=parent)
        self._left = 0
        self._breaths = 0
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._second)
        self.clicked.connect(self._tap)

    def stop(self) -> None:
        """Forget a count that has begun."""
        self._timer.stop()
        self._left = 0
        self.set_text(_COUNT_TEXT)

    def _tap(self) -> None:
        if self._left == 0:
            self._left, self._breaths = COUNT_S, 0
            self._timer.start()
        self._breaths += 1
        self._show()

    def _second(self) -> None:
        self._left -= 1
        if self._left <= 0:
            breaths = self._breaths
            self.stop()
            self.counted.emit(2 * breaths)
            return
        self._show()

    def _show(self) -> None:
        self.set_text(f"Tap each breath: {self._breaths} · {self._left} s left")
