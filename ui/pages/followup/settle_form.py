"""What was done about a red or amber answer: words, and the prescriber's signature."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.presenters.followup import phone_of, who_of
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.entry import TextEntry
from ui.widgets.signed_form import SignedForm
from ui.widgets.text import BOLD, MEDIUM, label, set_text


class SettleForm(SignedForm):
    """The prescriber signs it."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "Settle an answer", "The prescriber signs", parent=parent)
        self._chair, self._by = chair, ""
        self._visit, self._seq = "", 0
        column = QVBoxLayout(self.content)
        column.setSpacing(theme.px(10))
        self._level = label(theme, "", 24, BOLD, wrap=True)
        self._who = label(theme, "", 17, MEDIUM, wrap=True)
        column.addWidget(self._level)
        column.addWidget(self._who)
        self.text = TextEntry(theme, "What was done")
        self.text.edited.connect(lambda _: self.changed())
        self.text.confirmed.connect(self.save)
        column.addWidget(self.text)
        column.addStretch(1)
        self.setFocusProxy(self.text)

    def open_answer(self, visit: str, seq: int) -> None:
        """The answer of that entry."""
        if (visit, seq) != (self._visit, self._seq):
            self._visit, self._seq = visit, seq
            self.clear()
        self.open()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Which answer it is."""
        self._by = snapshot.staff_id
        record = snapshot.registry.aftercare.get(self._visit)
        call = next((one for one in record.calls if one.seq == self._seq), None) if record is not None else None
        if record is None or call is None:
            return
        set_text(self._level, f"{call.urgency.upper() or 'Settled'}: {', '.join(call.reasons)}")
        named = bool(snapshot.staff_id)
        set_text(
            self._who, join(who_of(record, names=named), f"☎ {phone_of(snapshot.registry, record)}" if named else "")
        )

    def is_complete(self) -> bool:
        """Some words."""
        return bool(self._visit and self.text.text())

    def commands(self) -> Sequence[Command]:
        """One statement."""
        return (lv.SettleTriage(self._chair, self._by, self._visit, self._seq, self.text.text(), self.proof),)

    def clear(self) -> None:
        """Nothing typed."""
        self.text.set_text("")
        self.changed()
