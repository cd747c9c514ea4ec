"""The one question after a restart: is it still the same patient in the same chair? Everything runs meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from ui.bridge import Bridge
from ui.theme import Theme
from ui.widgets.keys import BigButton, Kind
from ui.widgets.text import SEMIBOLD, Elided, set_text


class ResumeBar(QFrame):
    """A line under the alarm bar with Yes and No; the answer stands in the record. other_patient: it was No."""

    other_patient = Signal()
    answered = Signal()

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("strip")
        self._bedside, self._bridge = bedside, bridge
        self._answered = ""
        self._snapshot = bedside.latest()
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(14), theme.px(4), theme.px(10), theme.px(4))
        row.setSpacing(theme.px(10))
        self._text = Elided(theme, "", 18, SEMIBOLD)
        row.addWidget(self._text, 1)
        self.yes = BigButton(theme, "Yes, the same patient", kind=Kind.PRIMARY)
        self.no = BigButton(theme, "No")
        self.yes.clicked.connect(self._confirm)
        self.no.clicked.connect(self._deny)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.hide()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Ask until it is answered."""
        self._snapshot = snapshot
        wanted = bool(snapshot.resume_offer) and self._session() != self._answered
        if wanted and self.isHidden():
            set_text(self._text, f"{snapshot.resume_offer} Monitoring goes on; what was missed is in the log.")
        self.setVisible(wanted)

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
            self.hide()
            self.answered.emit()
            if not same:
                self.other_patient.emit()

        self._bridge.submit(command, done, lambda why: set_text(self._text, f"Not recorded: {why}"))
