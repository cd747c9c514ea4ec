"""The one question after a restart: is it still the same patient in the same chair? Everything runs meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from ui.bridge import Bridge
from ui.frame.stages import WIDTH
from ui.theme import GLOVED, Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import Elided, Fitted, set_text

_MEANWHILE = "Monitoring goes on; missed: see the log"


class ResumeBar(QFrame):
    """Stands where the stages stand until Yes or No is recorded. other_patient: it was No. turned: it is asked, or not
    any more."""

    other_patient = Signal()
    answered = Signal()
    turned = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self.setFixedWidth(theme.px(WIDTH))
        self._bedside, self._bridge = bedside, bridge
        self._answered = ""
        self._snapshot = bedside.latest()
        self.asks = False
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(12), 0, theme.px(8), theme.px(1))
        row.setSpacing(theme.px(8))
        words = QVBoxLayout()
        words.setContentsMargins(0, theme.px(3), 0, theme.px(4))
        words.setSpacing(0)
        self._text = Fitted(theme, 18, 11)
        self._below = Elided(theme, _MEANWHILE, 13, role="dim")
        words.addWidget(self._text, 1)
        words.addWidget(self._below)
        row.addLayout(words, 1)
        self.yes = BigButton(theme, "Yes", kind=Kind.PRIMARY, height=GLOVED)
        self.no = BigButton(theme, "No", height=GLOVED)
        self.yes.setAccessibleName("Yes, the same patient")
        self.no.setAccessibleName("No, another patient")
        self.yes.clicked.connect(self._confirm)
        self.no.clicked.connect(self._deny)
        for key in (self.yes, self.no):
            key.setFixedWidth(theme.px(76))
            row.addWidget(key)
        self.hide()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Ask until it is answered."""
        self._snapshot = snapshot
        wanted = bool(snapshot.resume_offer) and self._session() != self._answered
        if wanted and not self.asks:
            self._text.set_text(snapshot.resume_offer)
            set_text(self._below, _MEANWHILE)
        self._turn(wanted)

    def _turn(self, asks: bool) -> None:
        if asks != self.asks:
            self.asks = asks
            self.turned.emit()

    def _session(self) -> str:
        return self._snapshot.session.id if self._snapshot.session is not None else ""

    def _confirm(self) -> None:
        self._submit(cmd.ConfirmPatient(self._bedside.chair, self._snapshot.staff_id), same=True)

    def _deny(self) -> None:
        words = "After the restart: NOT the same patient in the chair"
        self._submit(cmd.AddNote(self._bedside.chair, self._snapshot.staff_id, words), same=False)

    def _submit(self, command: cmd.Command, *, same: bool) -> None:
        session = self._session()

        def done(_: Receipt) -> None:
            self._answered = session
            self._turn(False)
            self.answered.emit()
            if not same:
                self.other_patient.emit()

        self._bridge.submit(command, done, lambda why: set_text(self._below, f"Not recorded: {why}"))
