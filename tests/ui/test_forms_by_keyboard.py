"""Forms of a session by keyboard alone: the focus goes where the hands go, and never where a Space does harm."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from exomonitor.session import commands as cmd
from tests.ui import scenes
from tests.ui.windows import Desk
from ui.pages.observation.page import ObservationPage


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.set_due())
    yield made
    made.close()


@pytest.fixture
def page(desk):
    return desk.window.session_page


@pytest.fixture
def set_form(desk):
    desk.window.open_set()
    return desk.window.session_page.set_form


def answer(form: ObservationPage, *, oxygen: str = "air") -> None:
    for choice, code in (
        (form.consciousness, "alert"),
        (form.oxygen, oxygen),
        (form.symptoms, "none"),
        (form.site, "0"),
    ):
        choice.key(code).click()


# --- by keyboard ------------------------------------------------------------------------------------------------------


def test_a_set_is_answered_with_the_keyboard_alone(desk, page):
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F5)
    form = page.set_form
    for choice, code in (
        (form.consciousness, "alert"),
        (form.symptoms, "none"),
        (form.site, "0"),
    ):
        focused = desk.window.focusWidget()
        assert focused is choice.key(code)
        desk.qtbot.keyClick(focused, Qt.Key.Key_Space)
        assert choice.value() == code
    assert desk.window.focusWidget() is form.save_key
    desk.qtbot.keyClick(form.save_key, Qt.Key.Key_Return)
    assert len(desk.sent(cmd.RecordObservation)) == 1


def test_a_space_wipes_out_no_number(set_form, desk):
    line = set_form.values._entries["hr"].line
    line.setFocus()
    line.selectAll()
    desk.qtbot.keyClick(line, Qt.Key.Key_Space)
    assert line.text() == "88"


def test_after_the_symptoms_the_keyboard_goes_on(set_form, desk):
    set_form.consciousness.key("alert").click()
    set_form.symptoms.key("some").click()
    assert desk.window.focusWidget() is set_form.symptom_tiles.first()
    set_form.symptom_tiles.first().click()
    set_form._leave_symptoms()
    assert desk.window.focusWidget() is set_form.site.first()


def test_what_was_done_at_the_pump_is_said_with_the_keyboard_alone(desk, page):
    desk.show(scenes.three_alarms())
    desk.qtbot.keyClick(desk.window, Qt.Key.Key_F9)
    for _ in range(2):
        desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Space)
    assert (page.pump_form._meaning.value(), page.pump_form._why.value()) == ("pause", "reaction")
    assert desk.window.focusWidget() is page.pump_form.save_key
    desk.qtbot.keyClick(page.pump_form.save_key, Qt.Key.Key_Return)
    assert desk.sent(cmd.GiveMeaning)[0].meaning == "pause"


# --- a set that is too early ------------------------------------------------------------------------------------------


def test_before_its_window_opens_a_set_is_an_extra_one(desk, page):
    desk.show(scenes.normal())
    desk.window.open_set()
    form = page.set_form
    assert form._heading.text() == "Extra set · set +30 opens in 10:12"
    answer(form)
    form.save_key.click()
    assert desk.sent(cmd.RecordObservation)[0].slot == "extra1"


def test_an_untouched_extra_set_becomes_the_set_that_opens_and_a_begun_one_stays(desk, page):
    desk.show(scenes.normal())
    desk.window.open_set()
    desk.show(scenes.set_due())
    assert page.set_form._key == "+30"
    desk.show(scenes.normal())
    page.set_form.open_slot()
    page.set_form.consciousness.key("alert").click()
    desk.show(scenes.set_due())
    assert page.set_form._key == "extra1"


# --- the focus never lands where a Space does harm --------------------------------------------------------------------


def test_the_list_of_sets_takes_the_keyboard_and_opens_a_set(desk, set_form):
    set_form._other.click()
    assert desk.window.focusWidget() is set_form._chooser._sets.key("+30")
    desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Space)
    assert desk.window.focusWidget() is set_form._chooser._open
    desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Return)
    assert set_form._stack.currentWidget() is set_form._form


def test_a_second_enter_while_a_set_is_being_recorded_does_nothing(desk, set_form):
    answer(set_form)
    desk.bedside.hold = True
    desk.qtbot.keyClick(set_form.save_key, Qt.Key.Key_Return)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
        desk.qtbot.keyClick(desk.window.focusWidget(), key)
    assert [type(command).__name__ for command in desk.bedside.submitted] == ["RecordObservation"]


def test_no_tab_leads_to_the_reaction_key(desk, page):
    for _ in range(60):
        desk.qtbot.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)
        assert desk.window.focusWidget() is not page.reaction_key


def test_without_a_monitor_the_keyboard_begins_with_the_numbers(desk, page):
    desk.show(replace(scenes.no_data(), next_slot=scenes.set_due().next_slot, slots=scenes.set_due().slots))
    desk.window.open_set()
    assert desk.window.focusWidget() is page.set_form.values._entries["hr"].line


def test_what_is_wrong_with_a_number_is_said_in_full_above_the_keys(desk, set_form):
    answer(set_form)
    line = set_form.values._entries["temp"].line
    line.setFocus()
    desk.qtbot.keyClicks(line, "121")
    set_form.save()
    assert set_form.status() == set_form.values._entries["temp"].error() != ""
    assert desk.sent(cmd.RecordObservation) == []
