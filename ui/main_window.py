"""The window: identity and alarms above, navigation at the left, one page; keys that work wherever one is."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.parts.trust import LockScreen
from exomonitor.session.phases import Phase
from ui.bridge import Bridge
from ui.frame.nav import PLACES
from ui.later import GoesBack, Lends, OpensWork
from ui.page_choice import (
    EMERGENCY,
    HELP,
    LEAVING,
    NEED_SESSION,
    PREPARE,
    REACTION,
    SESSION,
    SIGNOFF,
    START,
    WHILE_LOCKED,
    is_open,
    stage_page,
)
from ui.presenters.alarms import answered
from ui.presenters.frozen import frozen
from ui.presenters.locked import veiled
from ui.presenters.stages import NOT_YET
from ui.presenters.words import hms
from ui.scanner import Scanner
from ui.sound.link import SounderLink
from ui.theme import Theme
from ui.widgets.form import recorded_words
from ui.window_keys import bind_keys
from ui.window_pages import PagedWindow

log = logging.getLogger(__name__)

FROZEN_AFTER_S = 3
ON_PAPER = "Call help; write on paper"


class MainWindow(PagedWindow):
    """One chair on screen: what its keys do, and what they ask of the record."""

    theme_wanted = Signal(str)
    place_wanted = Signal(str)
    _locked = False

    def __init__(self, bedside: Bedside, bridge: Bridge, theme: Theme, sounder: SounderLink | None = None) -> None:
        """sounder: plays the sound test of the Settings page; None where there is no helper."""
        super().__init__(bedside, bridge, theme)
        self.sounder = bridge.sounder = sounder
        self._silent_s = 0
        self._connect()
        self._connect_pages()
        self._make_shortcuts()
        bridge.snapshot.connect(self.show_snapshot)
        self.scanner = Scanner(self)
        self.scanner.scanned.connect(bridge.scanned)
        self._watch = QTimer(self)
        self._watch.setInterval(1000)
        self._watch.timeout.connect(self._look_after)
        self._watch.start()
        self.show_snapshot(self._snapshot)
        self._focus_on(self.page(self._wanted_page()))

    def _connect(self) -> None:
        self.header.staff_wanted.connect(self.open_staff)
        self.staff_panel.signed_in.connect(self.toast.say)
        self.bridge.drafts.failed.connect(self.toast.say)
        self.staff_panel.closed.connect(self.focus_page)
        self.stages.wanted.connect(self.open_stage)
        self.alarm_bar.acknowledge_wanted.connect(self.acknowledge)
        self.alarm_bar.pause_wanted.connect(self.pause_audio)
        self.alarm_bar.list_wanted.connect(self.open_alarms)
        self.alarm_bar.page_wanted.connect(self.show_over)
        self.alarm_list.acknowledge_wanted.connect(self.acknowledge_one)
        self.resume_bar.other_patient.connect(lambda: self.go("history"))
        self.resume_bar.answered.connect(self.focus_page)
        self.nav.wanted.connect(self.go)
        self.nav.place_wanted.connect(self.place_wanted)
        self.nav.reaction_wanted.connect(self.open_reaction)

    def _connect_pages(self) -> None:
        """What the pages ask for that stand there from the start; again when another protocol has made them anew."""
        self.session_page.take_over_wanted.connect(self.open_staff)
        self.session_page.wipe_wanted.connect(self.wipe_screen)
        self.session_page.reaction_wanted.connect(self.open_reaction)
        self.session_page.sign_off_wanted.connect(lambda: self.show_over(SIGNOFF))
        self.session_page.page_wanted.connect(self.open_page)
        self.reaction_page.back_wanted.connect(self.close_over)
        self.reaction_page.emergency_wanted.connect(self.open_emergency)
        self.reaction_page.not_stamped.connect(lambda why: self.toast.say(f"Not recorded: {why}. {ON_PAPER}"))

    def _wire(self, name: str) -> None:
        """What a page made later needs of the window."""
        for signal, act in (
            ("back_wanted", self.close_over),
            ("page_wanted", self.show_over),
            ("next_wanted", self.next_session),
            ("work_wanted", self.open_work),
            ("reaction_wanted", self.open_reaction),
            ("blind_changed", self._show_blind),
            ("details_wanted", self.open_details),
            ("staff_wanted", self.open_staff),
        ):
            if hasattr(self.pages[name], signal):
                getattr(self.pages[name], signal).connect(act)
        if name != "settings":
            return
        from ui.pages.settings import SettingsPage

        page = self.pages[name]
        assert isinstance(page, SettingsPage)
        page.theme_wanted.connect(self.theme_wanted)
        if self.sounder is not None:
            page.use_sounder(self.sounder)

    def _show_blind(self, blind: bool) -> None:
        """A second person is at work: nothing that was entered stands anywhere in the window."""
        self.header.set_blind(blind)
        self.care.set_blind(blind)
        self.stages.set_blind(blind)
        self.nav.setVisible(not blind)

    def _make_shortcuts(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "F1": lambda: self.show_over(HELP),
            "F2": self.acknowledge,
            "F3": self.pause_audio,
            "F4": self.open_alarms,
            "F5": self.open_set,
            "F6": self.open_more,
            "F7": self.open_details,
            "F8": self.press_reaction,
            "F9": self.open_pump,
            "F10": lambda: self._beside("open_away"),
            "F11": lambda: self._beside("open_site"),
            "F12": self.open_staff,
            "Shift+F12": self.lock,
            "Ctrl+L": self.wipe_screen,
            "Esc": self.back,
        }
        bind_keys(self, keys)

    # --- keys --------------------------------------------------------------------------------------------------------

    def acknowledge(self) -> None:
        """F2: the alarm of the bar, and what else is shown of its category."""
        seen = answered(self._snapshot)
        self._submit(cmd.Acknowledge(self.bedside.chair, self._snapshot.staff_id, seen=seen))

    def acknowledge_one(self, key: str) -> None:
        """One line of the list of alarms."""
        self._submit(cmd.Acknowledge(self.bedside.chair, self._snapshot.staff_id, key))

    def open_alarms(self) -> None:
        """F4: all alarms, over a part of the page where neither vital signs nor pump stand; again: closed."""
        if self.alarm_list.isVisible():
            self.alarm_list.hide()
            return
        self.alarm_list.open_over(self.spare())

    def spare(self) -> QWidget:
        """The part of the page in front that something may lie over: no vital sign, no pump state."""
        page = self.stack.currentWidget() or self.stack
        return page.spare() if isinstance(page, Lends) else page

    def pause_audio(self) -> None:
        """F3: two minutes, once for what nobody acknowledges."""
        self.bridge.submit(cmd.PauseAudio(self.bedside.chair, self._snapshot.staff_id), lambda _: None, self.toast.say)

    def open_reaction(self) -> None:
        """F8: the moment is stamped before anything is drawn; without a session it opens a record of its own."""
        self.reaction_page.show_snapshot(self._snapshot)
        self.reaction_page.open_reaction()
        self.show_over(REACTION)

    def press_reaction(self) -> None:
        """F8: the first one stamps the moment, the second one opens the emergency page, wherever one is."""
        session = self._snapshot.session
        if self._over in {REACTION, EMERGENCY} or (session is not None and session.open_reaction is not None):
            self.open_emergency()
        else:
            self.open_reaction()

    def open_emergency(self) -> None:
        """The emergency page, over whatever is in front."""
        if is_open(self._snapshot.session) or self.reaction_page.awaits_record:
            self.show_over(EMERGENCY)

    def open_details(self) -> None:
        """F7: grade and details of the open reaction, else of the last one; before that, names that are missing."""
        session = self._snapshot.session
        if session is None or not session.reactions:
            return
        if session.open_reaction is None and session.emergency.unattributed and self._over != REACTION:
            self.open_emergency()
            self._tell(EMERGENCY, "open_who")
            return
        elsewhere = self._over != REACTION
        self.show_over(REACTION)
        self.reaction_page.toggle_details(opens=elsewhere)

    def open_set(self) -> None:
        """F5: the next set of a running session, vital signs in an emergency record; while preparing, the baseline."""
        session = self._snapshot.session
        if session is not None and session.phase is Phase.EMERGENCY:
            self.show_over(EMERGENCY)
            self._tell(EMERGENCY, "open_set")
        elif self._begun():
            self.go(SESSION)
            self.session_page.open_set()
        else:
            self._tell_page("open_baseline")

    def open_more(self) -> None:
        """F6: everything of a running session that has no key of its own."""
        self._beside("open_more")

    def open_note(self) -> None:
        """The sheet for a note."""
        self._beside("open_note")

    def _beside(self, wish: str) -> None:
        """Something of a running session beside the infusion itself: F10 away or back, F11 the site."""
        if self._begun():
            self.go(SESSION)
            self._tell(SESSION, wish)

    def open_pump(self) -> None:
        """F9: what was done at the pump; while preparing it starts the record."""
        if self._begun():
            self.go(SESSION)
            self.session_page.open_pump()
        else:
            self._tell_page("start_record")

    def open_staff(self) -> None:
        """F12, the name in the header: who is at work; over a part of the page where nothing is watched."""
        if self.stack.currentWidget() is self.pages.get(START):
            self.start_page.staff.focus_first()
        else:
            self.alarm_list.hide()
            self.staff_panel.toggle_over(self.spare())

    def open_page(self, name: str) -> None:
        """What a key of the session leads to: a place as its own key goes there, any other page over the session."""
        if name in dict(PLACES):
            self.go(name)
        else:
            self.show_over(name)

    def open_work(self, visit: str, call: str, seq: int) -> None:
        """A line of the work list: its call or its answer."""
        self.go("followup")
        page: object = self.pages["followup"]
        if isinstance(page, OpensWork):
            page.open_work(visit, call, seq)

    def back(self) -> None:
        """Esc: one step back."""
        if self.wipe.on:
            self.wipe.end()
            return
        if self.escalation.close():
            return
        if self.alarm_list.isVisible():
            self.alarm_list.hide()
            return
        if self.staff_panel.isVisible():
            self.staff_panel.back()
            return
        page: object = self.pages.get(self._over or "")
        if isinstance(page, GoesBack) and page.back():
            return
        if self._over is not None:
            self.close_over()
        elif self._place != SESSION:
            self.go(SESSION)
        elif self._wanted_page() in {SESSION, EMERGENCY, PREPARE}:
            self._tell(self._wanted_page(), "back")

    def open_stage(self, stage: str) -> None:
        """A stage of the visit was touched: its page, or when it begins."""
        page = stage_page(stage, self._snapshot.session)
        if not page:
            self.toast.say(NOT_YET[stage])
        elif page in {LEAVING, SIGNOFF}:
            self.show_over(page)
        else:
            self.go(page)

    def _tell(self, name: str, wish: str) -> None:
        act = getattr(self.pages.get(name), wish, None)
        if callable(act):
            act()

    def _tell_page(self, wish: str) -> None:
        """While preparing: F5 and F9 belong to the page that prepares."""
        session = self._snapshot.session
        if session is None or session.phase is not Phase.PREPARE:
            return
        self.go(SESSION)
        self._tell(PREPARE, wish)

    def _submit(self, command: cmd.Command) -> None:
        def done(receipt: Receipt) -> None:
            log.debug("%s: %s", type(command).__name__, recorded_words(receipt))

        self.bridge.submit(command, done, lambda why: self.toast.say(f"Not recorded: {why}"))

    # --- what is shown -----------------------------------------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """The newest picture: the frame always, and the page in front."""
        self._silent_s = 0
        if is_open(snapshot.session):
            self._signed_seen = False
        if snapshot.locked != self._locked:
            self._turn_lock(snapshot.locked)
        snapshot = self._snapshot = veiled(snapshot)
        self.show_frame(snapshot)
        waits = self.reaction_page.awaits_record and not is_open(snapshot.session)
        if waits:
            self.reaction_page.show_snapshot(snapshot)
        elif self._over in NEED_SESSION and not is_open(snapshot.session):
            self._over = None
        self._choose()
        if self.stack.currentWidget() is not self.session_page:
            self.session_page.keep(snapshot)

    def _turn_lock(self, locked: bool) -> None:
        """The screen locks or somebody has unlocked it: what lay over the pages goes, the places go and come."""
        self._locked = locked
        self.staff_panel.leave()
        self.nav.setVisible(not locked)
        self.stages.setEnabled(not locked)
        if locked and self._over not in WHILE_LOCKED:
            self._over = None

    def lock(self, idle_s: float = 0.0) -> None:
        """Nobody has touched the screen for so long, or somebody leaves it (Shift+F12): monitoring goes on."""
        if self._snapshot.registry.users and not self._snapshot.locked:
            self._submit(LockScreen(self.bedside.chair, self._snapshot.staff_id, idle_s))

    def _look_after(self) -> None:
        """Once a second: a picture that does not move any more must not look live."""
        self._silent_s += 1
        if self._silent_s == FROZEN_AFTER_S:
            log.warning("the screen is not being updated")
        if self._silent_s >= FROZEN_AFTER_S:
            still = frozen(self._snapshot, float(self._silent_s))
            self._show_on(self.stack.currentWidget(), still)
            self.header.show_snapshot(still)
            self.alarm_bar.show_frozen(hms(self._snapshot.now))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing the window ends the program; the record is closed by its owner."""
        self._watch.stop()
        super().closeEvent(event)
