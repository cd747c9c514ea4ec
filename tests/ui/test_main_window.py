"""The window: which page stands in front, keys that work everywhere, and a picture that stands still says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from exomonitor.session.state import Signature
from tests.ui import scenes
from tests.ui.test_colours_in_use import PAGES
from tests.ui.windows import Desk
from ui.frame.alarm_bar import FROZEN
from ui.frame.resume import ResumeBar
from ui.pages.reaction.page import ReactionPage
from ui.pages.session.more import MorePanel
from ui.pages.session.page import SessionPage
from ui.pages.session.panels import PumpForm
from ui.pages.signoff import SignOffPage
from ui.pages.start.page import StartPage
from ui.presenters.frozen import frozen


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def front(desk: Desk) -> QWidget | None:
    return desk.window.stack.currentWidget()


def press(desk: Desk, key: Qt.Key, text: QWidget | None = None) -> None:
    desk.qtbot.keyClick(text or desk.window, key)
    desk.settle()


def test_the_page_follows_the_phase(desk):
    assert isinstance(front(desk), SessionPage)
    desk.show(scenes.empty_chair())
    assert isinstance(front(desk), StartPage)
    signed = replace(
        scenes.running(), phase=Phase.SIGNED, signature=Signature("R. Okafor", "done", scenes.NOW, "0", "Complete")
    )
    desk.show(replace(scenes.observing(), session=signed))
    assert isinstance(front(desk), SignOffPage)
    desk.window.sign_off_page.next_key.click()
    assert isinstance(front(desk), StartPage)


def test_f8_stamps_a_reaction_at_once_from_any_page(desk):
    desk.window.show_over("help")
    press(desk, Qt.Key.Key_F8)
    assert desk.sent(cmd.OpenReaction) == [cmd.OpenReaction("4", "u1")]
    assert isinstance(front(desk), ReactionPage)


def test_f8_twice_stamps_once(desk):
    desk.bedside.hold = True
    press(desk, Qt.Key.Key_F8)
    press(desk, Qt.Key.Key_F8)
    assert len(desk.sent(cmd.OpenReaction)) == 1


def test_a_second_f8_opens_the_emergency_page_and_stamps_nothing_new(desk):
    desk.show(scenes.reacting())
    press(desk, Qt.Key.Key_F8)
    assert desk.sent(cmd.OpenReaction) == []
    assert front(desk) is desk.window.pages["emergency"]
    press(desk, Qt.Key.Key_Escape)
    assert isinstance(front(desk), ReactionPage)


def test_f8_without_a_session_stamps_too_and_says_so_where_it_is_not_recorded(desk):
    desk.show(scenes.empty_chair())
    desk.bedside.fault = "the disk is full"
    press(desk, Qt.Key.Key_F8)
    assert len(desk.sent(cmd.OpenReaction)) == 1
    assert desk.window.toast.text() == "Not recorded: the disk is full. Call help; write on paper"
    desk.show(scenes.empty_chair())
    assert front(desk) is desk.window.start_page


def test_the_touch_of_reaction_does_what_its_key_does(desk):
    desk.window.session_page.reaction_key.click()
    desk.settle()
    assert len(desk.sent(cmd.OpenReaction)) == 1


def test_f2_and_f3_answer_the_alarms(desk):
    desk.show(scenes.one_alarm())
    press(desk, Qt.Key.Key_F2)
    press(desk, Qt.Key.Key_F3)
    assert desk.sent(cmd.Acknowledge) == [cmd.Acknowledge("4", "u1", seen=("spo2_low",))]
    assert desk.sent(cmd.PauseAudio) == [cmd.PauseAudio("4", "u1")]


def test_a_second_pause_of_what_nobody_has_acknowledged_says_what_to_do(desk):
    desk.show(scenes.one_alarm())
    desk.bedside.refusal = "Audio was paused for “SpO₂ low 83 %” already: acknowledge it (F2)"
    press(desk, Qt.Key.Key_F3)
    assert desk.window.toast.text() == desk.bedside.refusal


def test_a_refused_key_says_why(desk):
    desk.bedside.refusal = "Nothing to acknowledge"
    press(desk, Qt.Key.Key_F2)
    assert desk.window.toast.isVisible()
    assert desk.window.toast.text() == "Not recorded: Nothing to acknowledge"


@pytest.mark.parametrize(("key", "form"), [(Qt.Key.Key_F6, MorePanel), (Qt.Key.Key_F9, PumpForm)], ids=["F6", "F9"])
def test_entry_keys_open_their_form_and_esc_closes_it(desk, key, form):
    press(desk, key)
    assert isinstance(desk.window.session_page.current_form(), form)
    press(desk, Qt.Key.Key_Escape)
    assert desk.window.session_page.current_form() is None


def test_f5_opens_the_set_that_is_due_next(desk):
    press(desk, Qt.Key.Key_F5)
    assert desk.window.session_page.current_form() is desk.window.session_page.set_form


def test_f1_shows_the_keys_and_esc_leads_back(desk):
    press(desk, Qt.Key.Key_F1)
    assert front(desk) is desk.window.pages["help"]
    press(desk, Qt.Key.Key_Escape)
    assert isinstance(front(desk), SessionPage)


def test_a_new_alarm_never_switches_the_page(desk):
    desk.window.show_over("help")
    desk.show(scenes.three_alarms())
    assert front(desk) is desk.window.pages["help"]


def test_the_keyboard_goes_to_a_page_that_nobody_has_seen_yet(desk):
    desk.window._over = "signoff"  # wanted, and not in front before the next picture
    assert "signoff" not in desk.window.pages
    desk.window.focus_page()
    assert "signoff" in desk.window.pages


def test_a_picture_that_stands_still_does_not_look_live(desk, caplog):
    for _ in range(3):
        desk.window._watch.timeout.emit()
    assert desk.window.alarm_bar._text.text() == FROZEN
    assert {tile.view.value for tile in desk.window.session_page._tiles.values()} == {"--"}
    # What is told as the last of the pump is older with every second, too.
    assert desk.window._snapshot.pump is not None
    aged = [frozen(desk.window._snapshot, silent_s).pump for silent_s in (3.0, 60.0)]
    assert [one.age_s - desk.window._snapshot.pump.age_s for one in aged if one is not None] == [3.0, 60.0]
    desk.show(scenes.normal())
    assert desk.window.alarm_bar._text.text() == "No active alarms"
    assert "88" in {tile.view.value for tile in desk.window.session_page._tiles.values()}


def test_every_page_says_that_it_is_a_secondary_display_and_that_it_is_simulated(desk):
    for snapshot in (scenes.normal(), scenes.empty_chair(), scenes.observing()):
        desk.show(snapshot)
        texts = {label.text().replace("\n", " ") for label in desk.window.findChildren(QLabel) if label.isVisible()}
        assert "Secondary display - not for sole reliance" in texts
        assert desk.window.header._simulated.isVisible()
    desk.show(replace(scenes.normal(), simulated=False))
    assert not desk.window.header._simulated.isVisible()


def test_it_stands_there_also_over_every_other_page(desk):
    for page in PAGES:
        desk.window.show_over(page)
        texts = {label.text().replace("\n", " ") for label in desk.window.findChildren(QLabel) if label.isVisible()}
        assert "Secondary display - not for sole reliance" in texts, page
        assert desk.window.header._simulated.isVisible(), page


def test_after_a_restart_one_question_is_asked_and_its_answer_is_recorded(desk):
    bar: ResumeBar = desk.window.resume_bar
    assert not bar.isVisible()
    desk.show(replace(scenes.normal(), resume_offer="Still DOE, Jane in chair 4?"))
    assert bar.isVisible()
    assert isinstance(front(desk), SessionPage), "monitoring goes on while the question stands"
    bar.yes.click()
    desk.settle()
    assert len(desk.sent(cmd.ConfirmPatient)) == 1
    desk.show(replace(scenes.normal(), resume_offer="Still DOE, Jane in chair 4?"))
    assert not bar.isVisible()


def test_the_heart_beats_with_the_engine(desk):
    heart = desk.window.header._heart
    desk.show(replace(scenes.normal(), beat=8))
    assert heart._beat == 8


def test_everything_on_the_session_page_can_be_reached_by_tab(desk):
    reached = set()
    for _ in range(60):
        focused = desk.window.focusWidget()
        if isinstance(focused, QAbstractButton):
            reached.add(focused.accessibleName())
        desk.qtbot.keyClick(focused or desk.window, Qt.Key.Key_Tab)
    assert {"Record a set", "More", "Record: stopped at pump", "History", "Devices"} <= reached
    assert "✚ Reaction" not in reached  # F8 alone: a focus that strays must not let a Space stamp one


def test_a_page_without_a_reaction_key_of_its_own_has_one_at_the_left_with_or_without_a_session(desk):
    desk.show(scenes.normal())
    assert not desk.window.nav.reaction_key.isVisible()
    desk.window.go("settings")
    assert desk.window.nav.reaction_key.isVisible()
    desk.window.nav.reaction_key.click()
    assert desk.sent(cmd.OpenReaction)
    assert desk.window.stack.currentWidget() is desk.window.reaction_page
    assert not desk.window.nav.reaction_key.isVisible()
    desk.show(scenes.empty_chair())
    desk.window.go("settings")
    assert desk.window.nav.reaction_key.isVisible()
