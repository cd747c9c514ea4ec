"""The numbers of an observation set: they follow the monitor until somebody types, and say where they come from."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from exomonitor.clinical.ranges import EntryLimit
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import ValueEntry
from exomonitor.units import shown_unit
from ui.presenters.observation import FIELDS, Prefill, TypedValue, measured_mean, prefill, read_typed
from ui.theme import TOUCH, Theme
from ui.widgets.entry import TextEntry
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton

COUNT_S = 30
_COUNT_TEXT = "Count RR: tap at each breath, 30 s"


class SetValues(QWidget):
    """Six entries and a keypad; `counter` is placed by the form. `edited` comes when a person changes something."""

    edited = Signal()
    confirmed = Signal()

    def __init__(self, theme: Theme, limits: Mapping[str, EntryLimit], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._prefilled: dict[str, Prefill] = {}
        self._mean: ValueEntry | None = None
        self._sources: dict[str, str] = {}
        self._entries: dict[str, TextEntry] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        grid = QGridLayout()
        grid.setSpacing(theme.px(8))
        self._pad = Keypad(theme)
        for place, (name, words) in enumerate(FIELDS):
            unit = shown_unit(limits[name].span.unit) if name in limits else ""
            entry = TextEntry(theme, words, unit, pixels=22)
            entry.line.takes_spaces = False
            entry.edited.connect(lambda _, edited=name: self._on_edited(edited))
            entry.confirmed.connect(self.confirmed)
            entry.entered.connect(lambda aimed=entry: self._pad.aim_at(aimed.line))
            grid.addWidget(entry, place // 3, place % 3)
            self._entries[name] = entry
        self.counter = BreathCounter(theme)
        self.counter.counted.connect(self._on_counted)
        row.addLayout(grid, 1)
        row.addWidget(self._pad)
        self.setFocusProxy(self._entries["hr"])

    def begin(self, *, empty: bool) -> None:
        """A new set: everything follows the monitor, or with `empty` nothing does (an earlier set is filled in)."""
        self.counter.stop()
        self._sources = dict.fromkeys(self._entries, "typed") if empty else {}
        for entry in self._entries.values():
            entry.set_text("")
            entry.show_error("")
            entry.set_hint("")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follow the monitor in every entry that nobody has touched."""
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
                age_s = self._prefilled[name].age_s if source == "monitor" else 0.0
                values[name] = ValueEntry(meant.value, source, round(age_s, 1))
        measured = [values[name].source == "monitor" for name in ("nibp_sys", "nibp_dia") if name in values]
        if self._mean is not None and measured == [True, True]:
            values["nibp_map"] = self._mean  # the monitor's own belongs to the pressure that it measured
        return values, meanings, good

    def _on_edited(self, name: str) -> None:
        self._sources[name] = "typed"
        # A pressure is one measurement: typing one half makes the other half typed as well.
        if name in {"nibp_sys", "nibp_dia"}:
            self._sources["nibp_sys"] = self._sources["nibp_dia"] = "typed"
            for half in ("nibp_sys", "nibp_dia"):
                self._entries[half].set_hint("typed")
        self._entries[name].set_hint("typed")
        self.edited.emit()

    def _on_counted(self, per_minute: int) -> None:
        self._sources["rr"] = "counted"
        self._entries["rr"].set_text(str(per_minute))
        self._entries["rr"].set_hint("counted over 30 s")
        self.edited.emit()


class BreathCounter(BigButton):
    """Tap once per breath for 30 seconds; the first tap starts the clock."""

    counted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, _COUNT_TEXT, pixels=14, height=58, parent=parent)
        self.give_way(TOUCH)
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
