"""The sound test where the work is: one row that plays, asks, and is gone when it was heard."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.sound_test import RecordSoundTest
from ui.bridge import Bridge
from ui.presenters.sound_test import BURST_DUE, FULL_DUE, NOT_HEARD, NOTHING_PLAYS, is_due
from ui.theme import Theme
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, label, set_text

_HIGH = 58


class SoundTestRow(QWidget):
    """`full`: the three sounds of the shift; else the short burst of the session. Shown while it is due."""

    def __init__(
        self, theme: Theme, bedside: Bedside, bridge: Bridge, *, full: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._bedside, self._bridge, self._full, self._by = bedside, bridge, full, ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        self.words = label(theme, FULL_DUE if full else BURST_DUE, 15, MEDIUM, wrap=True)
        row.addWidget(self.words, 1)
        self.play_key = BigButton(theme, "Play", height=_HIGH)
        self.heard_key = BigButton(theme, "Heard", height=_HIGH)
        self.silent_key = BigButton(theme, "Not heard", height=_HIGH)
        self.play_key.clicked.connect(self.play)
        self.heard_key.clicked.connect(lambda: self.answer(heard=True))
        self.silent_key.clicked.connect(lambda: self.answer(heard=False))
        for key in (self.play_key, self.heard_key, self.silent_key):
            row.addWidget(key)
        self._ask(False)
        self.setVisible(False)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whether it is due; where nothing plays sounds there is no row."""
        self._by = snapshot.staff_id
        every_h = self._bedside.protocol.alarm_settings.sound_test_every_h
        due = is_due(snapshot, every_h, full=self._full)
        self.setVisible(self._bridge.sounder is not None and due)
        self.setEnabled(bool(self._by))

    def play(self) -> None:
        """Play, then ask."""
        if self._bridge.sounder is None:
            return
        playing = self._bridge.sounder.test(full=self._full)
        question = "Did you hear ten pulses, three, one?" if self._full else "Did you hear it?"
        set_text(self.words, question if playing else NOTHING_PLAYS)
        self._ask(playing)

    def answer(self, *, heard: bool) -> None:
        """What was heard, to the record; not heard = NO SOUND until a test is heard."""
        if self._bridge.sounder is None:
            return
        self._bridge.sounder.answer_test(heard=heard)
        self._ask(False)
        set_text(self.words, (FULL_DUE if self._full else BURST_DUE) if heard else NOT_HEARD)
        command = RecordSoundTest(self._bedside.chair, self._by, self._full, heard)
        self._bridge.submit(command, lambda _: None, lambda why: set_text(self.words, f"Not recorded: {why}"))

    def _ask(self, asks: bool) -> None:
        self.play_key.setVisible(not asks)
        self.heard_key.setVisible(asks)
        self.silent_key.setVisible(asks)
        if asks:
            self.heard_key.setFocus()
