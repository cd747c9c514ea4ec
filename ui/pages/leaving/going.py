"""How the patient leaves: home, by the prescriber's word, elsewhere, or against advice."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import Command
from exomonitor.session.parts import leaving_events as lv
from ui.bridge import Bridge
from ui.presenters.leaving import LeavingView
from ui.theme import Theme
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.signed_form import SignedForm
from ui.widgets.text import BOLD, MEDIUM, label, set_text

HOME, PRESCRIBER, TRANSFER, AGAINST = "home", "prescriber", "transfer", "against"
_WAYS = (
    (HOME, "Goes home"),
    (PRESCRIBER, "Home by the prescriber"),
    (TRANSFER, "Transfer"),
    (AGAINST, "Against advice"),
)
_SAVE = {
    HOME: "Discharge now",
    PRESCRIBER: "The prescriber signs: discharge",
    TRANSFER: "Record: transferred now",
    AGAINST: "Record: left against advice",
}


class GoingForm(SignedForm):
    """A way that leaves criteria open takes the prescriber's signature."""

    draft_name = "going"

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "The patient leaves", "Discharge now", parent=parent)
        self._chair, self._by = chair, ""
        self._view: LeavingView | None = None
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._said = label(theme, "", 17, BOLD, wrap=True)
        column.addWidget(self._said)
        self.way = Choice(theme, _WAYS, columns=2, height=64, pixels=17)
        self.way.chosen.connect(lambda _: self._sync_fields())
        column.addWidget(self.way)
        self._hint = label(theme, "", 16, MEDIUM, wrap=True)
        column.addWidget(self._hint)
        self.to = TextEntry(theme, "Where the patient is taken")
        self.handed = TextEntry(theme, "Handed over to (name)")
        self.reason = TextEntry(theme, "Reason")
        for entry in (self.to, self.handed, self.reason):
            entry.edited.connect(lambda _: self.changed())
            entry.confirmed.connect(self.save)
            column.addWidget(entry)
        column.addStretch(1)
        self.setFocusProxy(self.way.first())
        self._sync_fields()

    def show_view(self, snapshot: Snapshot, view: LeavingView) -> None:
        """What may be done now."""
        self._by = snapshot.staff_id
        if view == self._view:
            return
        self._view = view
        set_text(self._said, view.gone)
        self._said.setVisible(bool(view.gone))
        self.way.setVisible(not view.gone)
        self.way.key(HOME).setEnabled(view.ready)
        self.way.key(PRESCRIBER).setEnabled(view.overridable)
        self._sync_fields()

    def _sync_fields(self) -> None:
        view, way = self._view, self.way.value()
        gone = view is not None and bool(view.gone)
        self.to.setVisible(way == TRANSFER and not gone)
        self.handed.setVisible(way == TRANSFER and not gone)
        self.reason.setVisible(way in {PRESCRIBER, AGAINST} and not gone)
        self.reason.set_title("What the patient said and was told" if way == AGAINST else "Reason")
        set_text(self._hint, "" if gone or view is None else _hint(view, way))
        self._hint.setVisible(bool(self._hint.text()))
        self.save_key.set_text(_SAVE.get(way, "Discharge now"))
        self.changed()

    def is_complete(self) -> bool:
        """The way is open, and what it needs is said."""
        view, way = self._view, self.way.value()
        if view is None or view.gone:
            return False
        if way == TRANSFER:
            return bool(self.to.text() and self.handed.text())
        if way in {PRESCRIBER, AGAINST}:
            return bool(self.reason.text()) and (way == AGAINST or view.overridable)
        return way == HOME and view.ready

    def needs_signature(self) -> bool:
        """The prescriber's way."""
        return self.way.value() == PRESCRIBER

    def commands(self) -> Sequence[Command]:
        """One statement."""
        way, reason = self.way.value(), self.reason.text()
        if way == TRANSFER:
            return (lv.Transfer(self._chair, self._by, self.to.text(), self.handed.text()),)
        if way == AGAINST:
            return (lv.LeaveAgainstAdvice(self._chair, self._by, reason),)
        return (lv.Discharge(self._chair, self._by, self.proof, reason if way == PRESCRIBER else ""),)

    def clear(self) -> None:
        """Nothing chosen."""
        self.way.set_value("")
        for entry in (self.to, self.handed, self.reason):
            entry.set_text("")
        self._sync_fields()


def _hint(view: LeavingView, way: str) -> str:
    if view.transfer and way != AGAINST:
        return f"Only a transfer: {view.transfer}"
    open_lines = [line for line in view.lines if line.open]
    if way == HOME or not way:
        return "Every criterion is met" if view.ready else f"{len(open_lines)} criteria stand in the way: see the list"
    if way == PRESCRIBER:
        return f"Recorded with the {len(open_lines)} open criteria, the reason and the prescriber's signature"
    return ""
