"""The stages of a visit: on every page, with what is done, missing and next; a touch leads to a stage's page."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from exomonitor.clinical.observations import SlotStatus
from exomonitor.session.checklist import Gate
from exomonitor.session.phases import Phase
from exomonitor.session.state import Signature
from tests.ui import scenes, visit_scenes
from tests.ui.windows import Desk
from ui.page_choice import stage_page
from ui.presenters.stages import INFUSE, NOT_YET, OBSERVE, PREPARE, SIGN_OFF, Mark, stages
from ui.presenters.words import hm


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, scenes.normal())
    yield made
    made.close()


def present(snapshot):
    return next(view for view in stages(snapshot) if view.mark is Mark.NOW)


def test_without_a_session_there_are_no_stages():
    assert stages(scenes.empty_chair()) == ()
    closed = replace(scenes.prepared(), phase=Phase.ABANDONED)
    assert stages(replace(scenes.normal(), session=closed)) == ()


def test_preparing_says_how_many_gates_are_closed_and_names_the_open_ones():
    gates = (Gate("patient", "Patient, two identifiers", True), Gate("line", "Line and site", False, why="arm"),
             Gate("premed", "Premedication", False, binds=False), Gate("baseline", "Baseline set", False))  # fmt: skip
    view = present(replace(scenes.preparing(), gates=gates))
    assert (view.key, view.done, view.missing, view.next) == (
        PREPARE,
        "2 of 4 checks",
        "line and site, baseline set",
        "",
    )


def test_when_nothing_is_missing_the_start_is_next():
    view = present(replace(scenes.preparing(), gates=(Gate("line", "Line and site", False, overridden=True),)))
    assert (view.done, view.missing, view.next) == ("1 of 1 checks", "", "next: Start record (F9)")


def test_infusing_says_the_sets_and_the_next_one():
    found = stages(scenes.normal())
    assert [view.mark for view in found] == [Mark.DONE, Mark.NOW, Mark.AHEAD, Mark.AHEAD]
    assert found[0].done == hm(scenes.START)
    assert (found[1].done, found[1].missing) == ("4 sets done", "")
    assert found[1].next == f"next: set +30 at {hm(scenes.START.plus(1800))}"


def test_what_the_pump_did_an_overdue_set_and_an_open_reaction_are_missing():
    late = scenes.slot("+15", 15, SlotStatus.OVERDUE)
    session = replace(scenes.running(), reactions=(scenes.reaction(),))
    view = present(replace(scenes.three_alarms(), session=session, slots=(late,)))
    assert view.missing == "why it stopped, set +15, reaction"
    assert view.done == "0 of 1 sets"


def test_observing_misses_the_flush_first_and_what_belongs_to_leaving_last():
    observing = scenes.observing()
    assert observing.session is not None
    dry = replace(observing, session=replace(observing.session, flush=None))
    assert present(dry).missing == "flush"
    assert present(observing).missing == ""
    assert present(observing).next.startswith("next: set End +30 at ")
    over = replace(observing, next_slot=None)
    assert (present(over).missing, present(over).next) == ("IV out, leaving, next dose", "")


def test_when_the_patient_has_left_with_all_recorded_the_signature_is_next():
    view = present(replace(visit_scenes.ready_to_go(), next_slot=None, slots=()))
    assert (view.missing, view.next) == ("leaving", "")
    gone = replace(visit_scenes.gone_home(), next_slot=None, slots=())
    assert (present(gone).missing, present(gone).next) == ("", "next: Sign off")


def test_a_signed_record_has_four_ticks_with_their_times():
    signature = Signature("Nurse Example", "responsible", scenes.NOW, "", "Complete")
    session = replace(scenes.running(), phase=Phase.SIGNED, signature=signature)
    found = stages(replace(scenes.normal(), session=session))
    assert {view.mark for view in found} == {Mark.DONE}
    assert found[3].done == hm(scenes.NOW)


def test_a_stage_is_told_to_a_screen_reader_in_one_sentence():
    spoken = present(scenes.three_alarms()).spoken()
    assert spoken.startswith("Stage 2 of 4, Infuse, now · 4 sets done · missing: why it stopped")


PLACES = [("patients", "patients"), ("history", "history"), ("settings", "settings"), ("session", "session")]


@pytest.mark.parametrize(("place", "page"), PLACES)
def test_the_stages_stand_on_every_page(desk, place, page):
    desk.window.go(place)
    assert desk.window.stages.isVisible()
    assert desk.window.stack.currentWidget() is desk.window.pages[page]
    assert "Infuse, now" in desk.window.stages.cells[INFUSE].accessibleName()


def test_an_alarm_moves_no_key_and_no_stage(desk):
    before = {key: cell.geometry() for key, cell in desk.window.stages.cells.items()}
    bar = desk.window.alarm_bar.geometry()
    desk.show(scenes.three_alarms())
    desk.settle()
    assert {key: cell.geometry() for key, cell in desk.window.stages.cells.items()} == before
    assert desk.window.alarm_bar.geometry() == bar


def test_without_a_session_the_alarm_bar_has_the_whole_row(desk):
    desk.show(scenes.empty_chair())
    desk.settle()
    assert not desk.window.stages.isVisible()
    assert desk.window.alarm_bar.width() == desk.window.width()


def test_a_touch_leads_back_from_anywhere_and_to_what_the_stage_has(desk):
    desk.window.go("settings")
    desk.window.stages.cells[INFUSE].click()
    assert desk.window.stack.currentWidget() is desk.window.session_page
    desk.window.stages.cells[SIGN_OFF].click()
    assert desk.window.stack.currentWidget() is desk.window.sign_off_page
    desk.show(scenes.observing())
    desk.window.stages.cells[OBSERVE].click()
    assert desk.window.stack.currentWidget() is desk.window.pages["leaving"]


def test_a_stage_that_has_not_begun_says_when_it_does(desk):
    desk.window.stages.cells[OBSERVE].click()
    assert desk.window.toast.text() == NOT_YET[OBSERVE]
    assert desk.window.stack.currentWidget() is desk.window.session_page


def test_the_page_of_a_stage_belongs_to_the_phase():
    preparing, running, observing = scenes.prepared(), scenes.running(), scenes.observing().session
    assert [stage_page(key, preparing) for key in (PREPARE, INFUSE, OBSERVE, SIGN_OFF)] == ["session", "", "", ""]
    assert [stage_page(key, running) for key in (PREPARE, INFUSE, OBSERVE)] == ["history", "session", ""]
    assert [stage_page(key, observing) for key in (INFUSE, OBSERVE, SIGN_OFF)] == ["session", "leaving", "signoff"]
    assert stage_page(PREPARE, None) == ""


def test_a_second_person_sees_no_stages(desk):
    desk.window._show_blind(True)
    assert not desk.window.stages.isVisible()
    desk.show(scenes.normal())
    assert not desk.window.stages.isVisible()
    desk.window._show_blind(False)
    assert desk.window.stages.isVisible()


def test_an_empty_record_of_slots_says_nothing_of_sets(desk):
    view = present(replace(scenes.normal(), slots=(), next_slot=None, session=replace(
        scenes.running(), observations=MappingProxyType({}))))  # fmt: skip
    assert (view.done, view.missing, view.next) == ("", "", "")
