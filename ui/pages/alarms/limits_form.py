"""Alarm limits of this patient: the protocol's beside the patient's own, typed with a reason and signed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from exomonitor.alarms.limits import build_limits
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts.alarm_limits import SHOWN, UNITS, SetAlarmLimits, sign_of
from ui.bridge import Bridge
from ui.presenters.alarm_limits import NOBODY, LimitRow, changed_words, limit_rows, span_of
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import NumberEntry, TextEntry
from ui.widgets.keypad import Keypad
from ui.widgets.keys import BigButton
from ui.widgets.signed_form import SignedForm
from ui.widgets.text import BOLD, MEDIUM, SEMIBOLD, label, set_text

_HEADINGS = ("Limit", "Protocol", "Now", "New", "Allowed", "Alarm within", "Device")
_DEFAULTS = "As in the protocol again"


class LimitsForm(SignedForm):
    """An entry left empty means: as in the protocol. What is changed ends with the session. told(text, wrong): the line
    about the record, which the page has room for."""

    told = Signal(str, bool)

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, protocol: ClinicProtocol) -> None:
        super().__init__(theme, bridge, "Alarm limits of this patient", "Change the limits ...")
        self._chair, self._clinic = chair, build_limits(protocol)
        self._reasons = protocol.alarm_settings.limit_reasons
        self._rows: tuple[LimitRow, ...] = ()
        self._by, self._session = "", ""
        self.entries = {key: NumberEntry(theme, name, span_of(key), UNITS[sign_of(key)], compact=True)
                        for key, name in SHOWN.items()}  # fmt: skip
        both = QHBoxLayout(self.content)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(theme.px(20))
        both.addLayout(self._make_table(), 5)
        both.addWidget(self._make_right(), 3)
        self.defaults_key = BigButton(theme, _DEFAULTS, height=58)
        self.defaults_key.clicked.connect(self.to_defaults)
        self.keys_row.insertWidget(1, self.defaults_key, 1)
        self.keys_row.insertWidget(2, self.offer_key, 2)
        self._heading.hide()  # the tab above says what it is
        self._status.hide()
        self.content.setFocusProxy(self.entries["hr_low"])

    def _make_table(self) -> QVBoxLayout:
        theme, column, grid = self.theme, QVBoxLayout(), QGridLayout()
        column.setSpacing(theme.px(4))
        grid.setHorizontalSpacing(theme.px(10))
        grid.setVerticalSpacing(theme.px(2))
        for place, heading in enumerate(_HEADINGS):
            grid.addWidget(label(theme, heading, 13, SEMIBOLD, role="dim"), 0, place)
        self._cells: dict[str, tuple[QLabel, ...]] = {}
        for row, (key, name) in enumerate(SHOWN.items(), 1):
            cells = tuple(label(theme, "", 16, BOLD if place == 1 else MEDIUM) for place in range(5))
            grid.addWidget(label(theme, name, 18, BOLD), row, 0)
            grid.addWidget(cells[0], row, 1)
            grid.addWidget(cells[1], row, 2)
            grid.addWidget(self.entries[key], row, 3)
            grid.addWidget(cells[2], row, 4)
            grid.addWidget(cells[3], row, 5)
            grid.addWidget(cells[4], row, 6)
            self._cells[key] = cells
            entry = self.entries[key]
            entry.line.setPlaceholderText("as protocol")
            entry.title_outside()
            entry.edited.connect(lambda _: self.changed())
            entry.entered.connect(lambda line=entry.line: self.keypad.aim_at(line))
        grid.setColumnStretch(3, 1)
        column.addLayout(grid)
        column.addStretch(1)
        self.changed_line = label(theme, "", 14, MEDIUM, role="dim", wrap=True)
        column.addWidget(self.changed_line)
        self.offer_key = BigButton(theme, "", height=58, pixels=14)
        self.offer_key.clicked.connect(self.take_offer)
        return column

    def _make_right(self) -> QWidget:
        theme, holder = self.theme, QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(4))
        self.keypad = Keypad(theme, wide=True)
        self.keypad.aim_at(self.entries["hr_low"].line)
        column.addWidget(self.keypad)
        self.reason = Choice(theme, [(words, words) for words in self._reasons], columns=2, height=58, pixels=14)
        self.reason.chosen.connect(self._on_reason)
        column.addWidget(self.reason)
        self.why = TextEntry(theme, "Reason", compact=True)
        self.why.edited.connect(self._on_why)
        column.addWidget(self.why)
        column.addStretch(1)
        return holder

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Protocol, what holds now, bounds and delay; entries that nobody has touched follow what holds."""
        session = snapshot.session
        is_open = session is not None and session.phase.is_open
        before, self._rows = self._rows, limit_rows(snapshot, self._clinic)
        self._by = snapshot.staff_id
        fresh = (session.id if session is not None and is_open else "") != self._session
        self._session = session.id if session is not None and is_open else ""
        for row in self._rows:
            for cell, words in zip(
                self._cells[row.key], (row.protocol, row.present, row.bounds, row.delay, row.device), strict=True
            ):
                set_text(cell, words)
        if fresh or [one.own for one in before] != [one.own for one in self._rows]:
            self._take_present()
        for entry in self.entries.values():
            entry.setEnabled(is_open)
        set_text(self.changed_line, changed_words(snapshot) if is_open else NOBODY)
        offered = [row for row in self._rows if row.offered is not None]
        self.offer_key.setVisible(bool(offered) and is_open)
        if offered:
            told = ", ".join(f"{row.name} {row.offered} {row.unit}" for row in offered)
            self.offer_key.set_text(f"Baseline asks for {told}: take it")
        self.defaults_key.setEnabled(is_open and any(row.own is not None for row in self._rows))
        self._sync()

    def _take_present(self) -> None:
        for row in self._rows:
            self.entries[row.key].set_text("" if row.own is None else str(row.own))

    def say(self, text: str, *, wrong: bool = False) -> None:
        """The line about the record stands below the page."""
        self.told.emit(text, wrong)

    # --- what is entered ---------------------------------------------------------------------------------------------

    def wanted(self) -> dict[str, int] | None:
        """The limits that shall be the patient's own; None where something typed is no limit."""
        found: dict[str, int] = {}
        for key, entry in self.entries.items():
            if not entry.text():
                continue
            number = entry.number()
            if number is None:
                self.say(entry.error(), wrong=True)
                return None
            found[key] = int(number)
        return found

    def is_complete(self) -> bool:
        """Only while a session is open."""
        return bool(self._session)

    def needs_signature(self) -> bool:
        """Nobody signs for something that is refused anyway."""
        return bool(self._ready())

    def commands(self) -> Sequence[Command]:
        """All limits of the patient's own at once."""
        return self._ready()

    def _ready(self) -> tuple[Command, ...]:
        limits = self.wanted()
        if limits is None:
            return ()
        if limits == {row.key: row.own for row in self._rows if row.own is not None}:
            self.say("Nothing is changed: type another limit, or clear one to have it as in the protocol", wrong=True)
            return ()
        if len(self.why.text()) < 5:
            self.say("Say why: touch a reason or type one", wrong=True)
            return ()
        return (SetAlarmLimits(self._chair, self._by, limits, self.why.text(), self.proof),)

    def to_defaults(self) -> None:
        """Clear every entry: with a reason and a signature the protocol's limits hold again."""
        for entry in self.entries.values():
            entry.set_text("")
        self.why.set_text(self.why.text() or _DEFAULTS)
        self.save()

    def take_offer(self) -> None:
        """Put what the baseline asks for into the entries; nothing is set by that."""
        for row in self._rows:
            if row.offered is not None:
                self.entries[row.key].set_text(str(row.offered))
        self.changed()

    def clear(self) -> None:
        """The reason belongs to one change."""
        self._take_present()
        self.why.set_text("")
        self.reason.set_value("")

    def _on_reason(self, code: str) -> None:
        self.why.set_text(code)
        self.changed()

    def _on_why(self, _: str) -> None:
        self.reason.set_value("")
        self.changed()
