"""Whose emergency it was, said after the record was signed: a patient of the list, or in words; then it is signed."""

from __future__ import annotations

from PySide6.QtCore import Signal

from exomonitor.engine.bedside import Bedside
from exomonitor.session.state import SessionState
from ui.bridge import Bridge
from ui.presenters.emergency_record import NOT_SAID, whose_words
from ui.presenters.patients import below_name
from ui.presenters.words import join
from ui.theme import Theme
from ui.widgets.card import Card
from ui.widgets.entry import TextEntry
from ui.widgets.keys import BigButton, Kind
from ui.widgets.patient_list import PatientList
from ui.widgets.rows import row_of
from ui.widgets.text import MEDIUM, label, set_role, set_text

_LEAST = 5
_MISSING = "Choose the patient, or write who it was"


class WhosePanel(Card):
    """said(patient, text, reason): to be signed now. closed: nothing was said."""

    said = Signal(str, str, str)
    closed = Signal()

    def __init__(self, theme: Theme, bedside: Bedside, bridge: Bridge, state: SessionState) -> None:
        super().__init__(theme, "Whose emergency was it?")
        self._patients = bedside.latest().registry.patients
        self._patient = ""
        self._corrects = state.emergency_record.whose is not None
        now = whose_words(state)
        self.now = label(theme, f"In the record: {now}", 15, MEDIUM, wrap=True)
        self.now.setVisible(now != NOT_SAID)
        self.body.addWidget(self.now)
        self.list = PatientList(theme, "Scan the wristband, or type name, date of birth or MRN")
        self.list.show_patients(self._patients)
        self.list.picked.connect(self.choose)
        self.list.unknown.connect(lambda code: self._say(f"Nobody has “{code}” as wristband or MRN", wrong=True))
        self.body.addWidget(self.list, 1)
        self.text = TextEntry(theme, "Or in words: visitor, staff", pixels=15, compact=True)
        self.text.edited.connect(self._on_text)
        self.reason = TextEntry(theme, "Why it was somebody else", pixels=15, compact=True)
        self.reason.setVisible(self._corrects)
        self.body.addWidget(self.text)
        self.body.addWidget(self.reason)
        self.status = label(theme, "", 15, MEDIUM, wrap=True)
        self.body.addWidget(self.status)
        self.back_key = BigButton(theme, "Back", height=58)
        self.sign_key = BigButton(theme, "Go on: sign", kind=Kind.PRIMARY, height=58)
        self.back_key.clicked.connect(self.closed)
        self.sign_key.clicked.connect(self.go_on)
        self.body.addWidget(row_of(theme, self.back_key, self.sign_key))
        bridge.scanned.connect(self.take_scan)
        self.setFocusProxy(self.list)

    def take_scan(self, kind: str, content: str) -> None:
        """A wristband says whose it was."""
        if self.isVisible() and kind in {"wristband", "unknown"}:
            self.list.take_code(content)

    def choose(self, patient: str) -> None:
        """This patient of the list."""
        self._patient = patient
        self.text.set_text("")
        record = self._patients[patient]
        self._say(f"It was: {join(record.name, below_name(record.born, record.mrn))}")

    def _on_text(self, _: str) -> None:
        self._patient = ""
        self._say("")

    def go_on(self) -> None:
        """To the signature, where something was said."""
        text, reason = self.text.text().strip(), self.reason.text().strip()
        if not self._patient and len(text) < _LEAST:
            self._say(_MISSING, wrong=True)
        elif self._corrects and len(reason) < _LEAST:
            self._say("Write why it was somebody else", wrong=True)
        else:
            self.said.emit(self._patient, text, reason)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        set_text(self.status, words)
        set_role(self.status, "error" if wrong else "")
