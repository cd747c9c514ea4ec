"""The page of an empty chair: who is at work, prepare a session, what is due, and what must be known of the product."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from ui.bridge import Bridge
from ui.pages.start.sign_in import SignInPanel
from ui.pages.start.worklist import Worklist
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.keys import BigButton, Kind
from ui.widgets.sound_test import SoundTestRow
from ui.widgets.text import BOLD, MEDIUM, label, set_role, set_text


class StartPage(QWidget):
    """prepared: a session was opened and is to be prepared. back_wanted: back to the running session.

    `right` is the column at the right, below the key that prepares: what is due stands there.
    """

    back_wanted = Signal()
    work_wanted = Signal(str, str, int)
    """A line of what is due: visit, call, entry."""

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge = bedside, bridge
        self._snapshot = bedside.latest()
        self._opening = False
        self._came = False
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
        column.setSpacing(theme.px(10))
        top = QHBoxLayout()
        top.setSpacing(theme.px(12))
        self.staff = SignInPanel(theme, bedside, bridge)
        self.staff.show_back(False)
        self.staff.closed.connect(self.back_wanted)
        self.staff.signed_in.connect(self._on_signed_in)
        top.addWidget(self.staff, 5)
        self.right = QVBoxLayout()
        self.right.setSpacing(theme.px(10))
        self.right.addWidget(self._make_prepare(theme))
        self.work = Worklist(bedside, theme)
        self.work.wanted.connect(self.work_wanted)
        self.right.addWidget(self.work)
        top.addLayout(self.right, 5)
        column.addLayout(top, 1)
        column.addWidget(self._make_statement(theme))

    def _make_prepare(self, theme: Theme) -> Card:
        card = Card(theme)
        card.body.addWidget(label(theme, f"Chair {self._bedside.chair}", 24, BOLD))
        self._state = label(theme, "", 17, MEDIUM, wrap=True)
        card.body.addWidget(self._state)
        self._status = label(theme, "", 15, MEDIUM, wrap=True)
        card.body.addWidget(self._status)
        self.restart = label(theme, "", 15, MEDIUM, wrap=True)
        self.restart.setVisible(False)
        card.body.addWidget(self.restart)
        self.sound = SoundTestRow(theme, self._bedside, self._bridge, full=True)
        card.body.addWidget(self.sound)
        card.body.addStretch(1)
        self.prepare_key = BigButton(theme, "Prepare a session", "Enter", Kind.PRIMARY, pixels=22, height=76)
        self.prepare_key.clicked.connect(self.prepare)
        card.body.addWidget(self.prepare_key)
        return card

    def _make_statement(self, theme: Theme) -> Card:
        protocol = self._bedside.protocol
        card = Card(theme, "Not approved", f"checked {protocol.fda.checked_on}")
        card.body.addWidget(label(theme, protocol.fda.full_text(), 14, MEDIUM, wrap=True))
        card.body.addWidget(label(theme, f"Protocol {protocol.title}: {protocol.approval}", 13, role="dim", wrap=True))
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
        self.work.show_snapshot(snapshot)
        self.sound.show_snapshot(snapshot)
        restart = snapshot.computer.restart_words
        set_text(self.restart, f"⚠ {restart}" if restart else "")
        self.restart.setVisible(bool(restart))
        session = snapshot.session
        is_open = session is not None and session.phase.is_open
        state = "A session is open in this chair." if is_open else "No session is open in this chair."
        hint = "" if snapshot.staff_id or is_open else " First sign in."
        set_text(self._state, state + hint)
        self.prepare_key.setVisible(not is_open)
        self.prepare_key.setEnabled(not self._opening and bool(snapshot.staff_id))
        if self._came and self.prepare_key.isEnabled() and self.prepare_key.isVisible():
            self._came = False
            self.prepare_key.setFocus()

    def back(self) -> bool:
        """Esc: one step back inside the sign-in."""
        return self.staff.back()

    def focus_first(self) -> None:
        """Where typing begins: the sign-in while nobody is at work, else the key."""
        if self._snapshot.staff_id:
            self.prepare_key.setFocus()
        else:
            self.staff.focus_first()

    def _on_signed_in(self, words: str) -> None:
        self._say(words)
        self._came = True  # the key can be pressed, and have the focus, once the next picture knows who it is
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
