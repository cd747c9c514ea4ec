"""Which rows of a script are still to do after a restart: told by the journal, not by the clock."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.simulation.scenarios import scenario_names, scenario_text
from exomonitor.clock import ManualClock
from exomonitor.headless import ScriptRow, read_script
from exomonitor.rehearsal import _PART_RECORDS, _RECORDS, rows_to_do
from exomonitor.session.entry import Entry
from exomonitor.session.events import MeaningGiven, NoteAdded, ReactionAction, SessionStarted
from exomonitor.session.parts.care_events import SiteProblem
from exomonitor.session.parts.emergency_events import EmergencyStepDone
from exomonitor.session.phases import DeliverySource

NOTES = tuple(ScriptRow(float(second), "add_note", {"text": str(second)}) for second in range(5))


def entries(*events):
    at = ManualClock().now()
    return [Entry(n, "s-1", n, at, "UTC", "u-1", "chairside", event, f"{n}") for n, event in enumerate(events, 1)]


@given(st.integers(0, 7))
def test_as_many_rows_of_a_kind_are_done_as_are_recorded(count):
    left = rows_to_do(NOTES, entries(*[NoteAdded("x")] * count), recorded_s=99.0)
    assert left == NOTES[count:]


def test_a_row_of_the_last_recorded_second_that_was_not_recorded_is_done_after_the_restart():
    assert rows_to_do(NOTES, entries(NoteAdded("0")), recorded_s=1.0) == NOTES[1:]


def test_a_session_that_the_pump_started_is_not_started_again():
    rows = (ScriptRow(5.0, "start_session", {}), *NOTES)
    started = SessionStarted(ManualClock().now(), DeliverySource.PUMP)
    assert rows_to_do(rows, entries(started), recorded_s=8.0) == NOTES


def test_what_leaves_no_entry_of_its_own_is_done_when_the_record_reaches_beyond_it():
    early, late = ScriptRow(1.0, "acknowledge", {}), ScriptRow(9.0, "acknowledge", {})
    assert rows_to_do((early, late), [], recorded_s=5.0) == (late,)


def test_every_kind_of_row_that_a_scenario_has_is_known_to_leave_an_entry_or_to_leave_none():
    kinds = {row.do for name in scenario_names() for row in read_script(scenario_text(name))}
    of_the_clinic = {"register_patient", "record_earlier_dose"}
    of_the_clinic |= {"enter_certificate", "release_lot", "quarantine_lot", "prepare_bag", "release_bag"}
    assert kinds - _RECORDS.keys() - _PART_RECORDS.keys() <= {
        "sign_in",
        "acknowledge",
        "expect",
        "type_delivery",
        *of_the_clinic,
    }


def test_a_step_of_the_emergency_page_is_done_whether_or_not_a_reaction_was_open():
    now = ManualClock().now()
    rows = tuple(ScriptRow(float(n), "do_emergency_step", {"step": "oxygen"}) for n in range(3))
    steps = (ReactionAction("R1", "oxygen", now), EmergencyStepDone("oxygen", now))
    assert rows_to_do(rows, entries(*steps), recorded_s=9.0) == rows[2:]


def test_the_pause_of_a_site_problem_is_not_taken_for_the_going_on_after_it():
    now = ManualClock().now()
    rows = (
        ScriptRow(1.0, "report_site_problem", {"stopped": True}),
        ScriptRow(2.0, "give_meaning", {"meaning": "resume"}),
    )
    told = (SiteProblem(now, stopped=True), MeaningGiven("pause", "site", now))
    assert rows_to_do(rows, entries(*told), recorded_s=9.0) == rows[1:]


def test_what_the_clinic_keeps_is_done_when_the_record_reaches_beyond_it():
    rows = (ScriptRow(1.0, "register_patient", {}), ScriptRow(9.0, "register_patient", {}))
    assert rows_to_do(rows, [], recorded_s=5.0) == rows[1:]
