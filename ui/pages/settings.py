"""Settings: the clinic's protocol in force, the look of the window, and whether alarms can be heard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.bedside import Bedside
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.parts.sound_test import RecordSoundTest
from ui.bridge import Bridge
from ui.kept_screen import KeptScreen
from ui.pages.settings_protocol import ProtocolPanel
from ui.pages.settings_screen import ScreenCard
from ui.plots.screen_size import ScreenSize
from ui.presenters import sound_test
from ui.sound.tester import SoundTester
from ui.theme import THEMES, Theme
from ui.widgets.card import Card
from ui.widgets.choice import Choice
from ui.widgets.keys import BigButton
from ui.widgets.text import MEDIUM, SEMIBOLD, label, set_text

_YES_NO = (("yes", "Yes, three"), ("no", "No"))
_QUESTION = "Did you hear 3 sounds: ten pulses, three pulses, one pulse?"


class SettingsPage(QWidget):
    """Shows what is in force; changes only what belongs to this window."""

    theme_wanted = Signal(str)
    page_wanted = Signal(str)

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._bedside, self._bridge, self._theme = bedside, bridge, theme
        self._sounder: SoundTester | None = None
        self._by = ""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        outer.addWidget(self._stack)
        front = QWidget()
        self._stack.addWidget(front)
        row = QHBoxLayout(front)
        row.setContentsMargins(theme.px(10), theme.px(10), theme.px(10), theme.px(10))
        row.setSpacing(theme.px(10))
        row.addWidget(self._make_protocol(bedside.protocol), 3)
        right = QVBoxLayout()
        right.setSpacing(theme.px(10))
        right.addWidget(self._make_sound())
        right.addWidget(self._make_look())
        self.screen_card = ScreenCard(theme)
        right.addWidget(self.screen_card)
        right.addWidget(self._make_people())
        right.addStretch(1)
        row.addLayout(right, 2)
        self.protocol_panel: ProtocolPanel | None = None

    def open_protocol(self) -> None:
        """Compare protocols, or import one."""
        if self.protocol_panel is None:
            self.protocol_panel = ProtocolPanel(self._bedside, self._bridge, self._theme)
            self.protocol_panel.closed.connect(self.close_protocol)
            self._stack.addWidget(self.protocol_panel)
        self._stack.setCurrentWidget(self.protocol_panel)
        self.protocol_panel.show_snapshot(self._bedside.latest())
        self.protocol_panel.look()
        self.protocol_panel.path.setFocus()

    def close_protocol(self) -> None:
        """Back to what is in force."""
        self._stack.setCurrentIndex(0)
        self.protocol_key.setFocus()

    def use_screen(self, kept: KeptScreen, size: Callable[[], ScreenSize]) -> None:
        """What is kept about this screen, and what is known of its size."""
        self.screen_card.use_screen(kept, size)

    def use_sounder(self, sounder: SoundTester) -> None:
        """What plays the sound test here."""
        self._sounder = sounder
        self._sync()

    # --- building ----------------------------------------------------------------------------------------------------

    def _make_protocol(self, protocol: ClinicProtocol) -> QWidget:
        theme = self._theme
        card = Card(theme, "Protocol in force for new sessions")
        self.protocol_words = {}
        for name, words in protocol_rows(protocol):
            row = QHBoxLayout()
            title, figure = label(theme, name, 15, role="dim"), label(theme, words, 16, SEMIBOLD, wrap=True)
            title.setFixedWidth(theme.px(150))
            row.addWidget(title)
            row.addWidget(figure, 1)
            card.body.addLayout(row)
            self.protocol_words[name] = figure
        statement = label(theme, protocol.fda.full_text(), 14, wrap=True)
        card.body.addWidget(statement)
        self.checked = label(theme, "", 15, SEMIBOLD, wrap=True)
        card.body.addWidget(self.checked)
        card.body.addStretch(1)
        self.protocol_key = BigButton(theme, "Compare or import a protocol", height=56)
        self.protocol_key.clicked.connect(self.open_protocol)
        card.body.addWidget(self.protocol_key)
        return card

    def _make_people(self) -> QWidget:
        card = Card(self._theme, "People and record")
        self.people_key = BigButton(self._theme, "Who may sign in", height=56)
        self.people_key.clicked.connect(lambda: self.page_wanted.emit("people"))
        self.access_key = BigButton(self._theme, "Who saw what", height=56)
        self.access_key.clicked.connect(lambda: self.page_wanted.emit("access"))
        row = QHBoxLayout()
        row.setSpacing(self._theme.px(8))
        self.backups_key = BigButton(self._theme, "Backups", height=56)
        self.backups_key.clicked.connect(lambda: self.page_wanted.emit("backups"))
        for key in (self.people_key, self.access_key, self.backups_key):
            row.addWidget(key, 1)
        card.body.addLayout(row)
        return card

    def _make_sound(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "Sound")
        self.sound_words = label(theme, "", 17, SEMIBOLD, wrap=True)
        card.body.addWidget(self.sound_words)
        self.last_test = label(theme, "", 15, MEDIUM, wrap=True)
        card.body.addWidget(self.last_test)
        self.mixer_words = label(theme, sound_test.NOT_TOLD, 13, role="dim", wrap=True)
        card.body.addWidget(self.mixer_words)
        self.test_key = BigButton(theme, "Sound test: play the three alarm sounds", height=52)
        self.test_key.clicked.connect(self.play_test)
        card.body.addWidget(self.test_key)
        self._question = label(theme, _QUESTION, 15, MEDIUM, wrap=True)
        self.answer = Choice(theme, _YES_NO, height=52)
        self.answer.chosen.connect(self._on_answer)
        self.said = label(theme, "", 14, MEDIUM, wrap=True)
        for widget in (self._question, self.answer, self.said):
            card.body.addWidget(widget)
            widget.setVisible(False)
        return card

    def _make_look(self) -> QWidget:
        theme = self._theme
        card = Card(theme, "Look of the window")
        options = tuple((name, name.capitalize()) for name in THEMES)
        self.look = Choice(theme, options, height=52)
        self.look.set_value(theme.name)
        self.look.chosen.connect(self._on_look)
        card.body.addWidget(self.look)
        self._look_said: QLabel = label(theme, "", 14, role="dim", wrap=True)
        card.body.addWidget(self._look_said)
        return card

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Sound, and how old the statement is."""
        if self.protocol_panel is not None:
            self.protocol_panel.show_snapshot(snapshot)
        audio = snapshot.audio
        set_text(self.sound_words, "Alarms can be heard" if audio.ok else f"NO SOUND: {audio.why}")
        self._by = snapshot.staff_id
        every_h = self._bedside.protocol.alarm_settings.sound_test_every_h
        set_text(self.last_test, sound_test.last_words(snapshot, every_h))
        fda = self._bedside.protocol.fda
        today = snapshot.now.utc.astimezone().date()
        set_text(self.checked, checked_words(self._bedside.protocol, today))
        # Amber letters, not a yellow fill: fills belong to alarms.
        self.checked.setStyleSheet(f"color: {amber(self._theme)};" if fda.is_old(today) else "")
        self._sync()

    def _sync(self) -> None:
        self.test_key.setEnabled(self._sounder is not None)
        tells = self._sounder is not None and self._sounder.tells_volume
        set_text(self.mixer_words, sound_test.TOLD if tells else sound_test.NOT_TOLD)

    # --- what the keys do --------------------------------------------------------------------------------------------

    def play_test(self) -> None:
        """Play, then ask."""
        if self._sounder is None:
            return
        playing = self._sounder.test(full=True)
        self.answer.set_value("")
        self._question.setVisible(playing)
        self.mixer_words.setVisible(not playing)  # the question takes their room
        self.answer.setVisible(playing)
        set_text(self.said, "" if playing else sound_test.NOTHING_PLAYS)
        self.said.setVisible(not playing)

    def _on_answer(self, answer: str) -> None:
        if self._sounder is None:
            return
        heard = answer == "yes"
        self._sounder.answer_test(heard=heard)
        words = sound_test.HEARD if heard else sound_test.NOT_HEARD
        set_text(self.said, words)
        self.said.setVisible(True)
        self._question.setVisible(False)
        command = RecordSoundTest(self._bedside.chair, self._by, full=True, heard=heard)
        self._bridge.submit(command, lambda _: None, lambda why: set_text(self.said, f"{words} Not recorded: {why}"))

    def _on_look(self, name: str) -> None:
        self.theme_wanted.emit(name)
        set_text(self._look_said, "" if name == self._theme.name else "From the next start of the program on.")


def protocol_rows(protocol: ClinicProtocol) -> tuple[tuple[str, str], ...]:
    """(label, words) of the protocol in force."""
    window, schedule = protocol.window, protocol.schedule
    dense = ", ".join(f"+{minutes}" for minutes in schedule.dense_min)
    post = ", ".join(f"+{minutes}" for minutes in schedule.post_min)
    return (
        ("Name, version", protocol.title),
        ("Approved", protocol.approval),
        ("Author", protocol.author),
        ("Fingerprint", f"SHA-256 {protocol.sha256[:16]} … · tables {protocol.rules.sha256[:16]} …"),
        ("Infusing time", f"{window.shortest_min}-{window.longest_min} min"),
        ("Sets", f"{dense}, then every {schedule.every_min} min; after the end {post} min"),
        ("Alarm limits", f"{len(protocol.alarm_rows)} limits"),
    )


def checked_words(protocol: ClinicProtocol, today: date) -> str:
    """When somebody last looked whether the statement still holds."""
    fda = protocol.fda
    days = (today - fda.checked_on).days
    old = f" - {days} days ago: check again" if fda.is_old(today) else ""
    return f"Statement checked on {fda.checked_on} by {fda.checked_by}{old}"


def amber(theme: Theme) -> str:
    """Amber letters that can be read on this theme's panels."""
    return "#f2b441" if theme.name == "dark" else "#8a5300"
