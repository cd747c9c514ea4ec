"""The page of an empty chair: who is at work, prepare a session, and what must be known about this kind of product."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.commands import Command
from ui.bridge import Bridge
from ui.presenters import codes
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.entry import TextEntry
from ui.widgets.form import Form
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text


class StaffForm(Form):
    """Says who is at work at this chair."""

    def __init__(self, theme: Theme, bridge: Bridge, chair: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, bridge, "Who is at work", "I am at work here", parent=parent)
        self._chair = chair
        column = QVBoxLayout(self.content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(10))
        self._now = label(theme, "", 17, MEDIUM, wrap=True)
        column.addWidget(self._now)
        self.name = TextEntry(theme, "Name", pixels=20)
        self.name.edited.connect(lambda _: self.changed())
        self.name.confirmed.connect(self.save)
        column.addWidget(self.name)
        self.role = Choice(theme, codes.ROLES, columns=2)
        self.role.set_value("nurse")
        column.addWidget(self.role)
        column.addStretch(1)
        self.setFocusProxy(self.name)
        self.changed()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Who it is now."""
        set_text(self._now, f"Now: {snapshot.staff}" if snapshot.staff else "Nobody has said so yet")
        self.back_key.setVisible(snapshot.session is not None)

    def is_complete(self) -> bool:
        """A name."""
        return bool(self.name.text())

    def commands(self) -> Sequence[Command]:
        """One statement."""
        return (cmd.NameStaff(self._chair, "", self.name.text(), self.role.value() or "nurse"),)

    def clear(self) -> None:
        """The next one types anew."""
        self.name.set_text("")


class StartPage(QWidget):
    """prepared: a session was opened and is to be prepared. back_wanted: back to the running session."""

    back_wanted = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._opening = False
        self._named = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(16), theme.px(14), theme.px(16), theme.px(14))
        column.setSpacing(theme.px(14))
        top = QHBoxLayout()
        top.setSpacing(theme.px(14))
        self.staff = StaffForm(theme, bridge, bedside.chair)
        self.staff.closed.connect(self.back_wanted)
        self.staff.recorded.connect(self._on_named)
        top.addWidget(self.staff, 4)
        top.addWidget(self._make_prepare(theme), 5)
        column.addLayout(top, 1)
        column.addWidget(self._make_statement(theme))

    def _make_prepare(self, theme: Theme) -> Card:
        card = Card(theme)
        card.body.addWidget(label(theme, f"Chair {self._bedside.chair}", 26, BOLD))
        self._state = label(theme, "", 18, MEDIUM, wrap=True)
        card.body.addWidget(self._state)
        card.body.addStretch(1)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        card.body.addWidget(self._status)
        self.prepare_key = BigButton(theme, "Prepare a session", "Enter", Kind.PRIMARY, pixels=22, height=84)
        self.prepare_key.clicked.connect(self.prepare)
        card.body.addWidget(self.prepare_key)
        return card

    def _make_statement(self, theme: Theme) -> Card:
        protocol = self._bedside.protocol
        card = Card(theme, "Not approved", f"checked {protocol.fda.checked_on}")
        card.body.addWidget(label(theme, protocol.fda.full_text(), 15, MEDIUM, wrap=True))
        card.body.addWidget(label(theme, f"Protocol {protocol.title}: {protocol.approval}", 14, role="dim", wrap=True))
        return card

    def prepare(self) -> None:
        """Open a session in this chair."""
        if self._opening or not self.prepare_key.isEnabled():
            return
        self._opening = True
        self._say("Recording ...")
        command = cmd.OpenSession(self._bedside.chair, self._snapshot.staff_id)
        self._bridge.submit(command, self._on_opened, self._on_refused)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Bring the page up to date."""
        self._snapshot = snapshot
        self.staff.show_snapshot(snapshot)
        session = snapshot.session
        is_open = session is not None and session.phase.is_open
        state = "A session is open in this chair." if is_open else "No session is open in this chair."
        hint = "" if snapshot.staff or is_open else " First say who is at work."
        set_text(self._state, state + hint)
        self.prepare_key.setVisible(not is_open)
        self.prepare_key.setEnabled(not self._opening and bool(snapshot.staff_id))
        if self._named and self.prepare_key.isEnabled() and self.prepare_key.isVisible():
            self._named = False
            self.prepare_key.setFocus()

    def focus_first(self) -> None:
        """Where typing begins: the name while nobody is at work, else the key."""
        (self.prepare_key if self._snapshot.staff_id else self.staff.name).setFocus()

    def _on_named(self, words: str) -> None:
        self._say(words)
        if self._snapshot.session is not None:
            self.back_wanted.emit()
            return
        self._named = True  # the key can be pressed, and have the focus, once the next picture knows who it is
        self.show_snapshot(self._snapshot)

    def _on_opened(self, _: Receipt) -> None:
        self._opening = False
        self._say("")

    def _on_refused(self, why: str) -> None:
        self._opening = False
        self._say(f"Not recorded: {why}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        set_text(self._status, text)
        set_role(self._status, "error" if wrong else "dim")
