"""An emergency while no session is open: one key, nobody signed in, no question before it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from exomonitor.clinical.protocol import load_protocol
from exomonitor.registry.aftercare import owed_calls
from exomonitor.registry.course_of import course_of, open_visit
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.fold import fold
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.parts.emergency_events import AttributeActions, DoEmergencyStep, GiveDrug, VoidEmergencyEntry
from exomonitor.session.parts.emergency_record import EmergencyFollowed, EmergencyWasOf, SayWhoseEmergency
from exomonitor.session.parts.handover import ReviewSession
from exomonitor.session.phases import Phase
from exomonitor.session.review import review_missing
from exomonitor.session.verdict import verdict_when_signed
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, Bench

PROTOCOL = load_protocol()
TERM = "Infusion related reaction"


@pytest.fixture
def bench() -> Bench:
    """A chair with a monitor; nobody is signed in, nobody sits there."""
    made = Bench(signed_in=False)
    made.bind("monitor", "pump")
    return made


def press(bench: Bench) -> str:
    """F8."""
    return bench.do(cmd.OpenReaction(CHAIR, "")).answer


def typed(number: str) -> cmd.ValueEntry:
    return cmd.ValueEntry(Decimal(number), "typed", 0.0)


def over(bench: Bench, grade: int = 1) -> None:
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", (), TERM, grade, outcome="resolved", resolved=True))


def sign(bench: Bench) -> None:
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))


def given_and_signed() -> Bench:
    """A whole infusion of the demo patient, signed a moment ago."""
    bench = Bench()
    bench.bind("pump", "monitor")
    bench.prepare()
    bench.do(cmd.StartSession(CHAIR, bench.by))
    bench.infuse(60, 100.0)
    bench.stand(2)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "ordered"))
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="line was removed"))
    sign(bench)
    return bench


def test_one_key_opens_a_record_with_its_moment_though_nobody_is_signed_in(bench: Bench) -> None:
    bench.vital(Sign.HR, 132.0)
    assert press(bench) == "R1"
    state = bench.state
    assert state.is_emergency
    assert state.phase is Phase.EMERGENCY
    assert state.phase.is_open
    reaction = state.open_reaction
    assert reaction is not None
    assert reaction.when == bench.now
    assert reaction.by == "unnamed"
    assert reaction.vitals["hr"].value == 132
    assert (reaction.minute, reaction.delivered_ml) == (None, None)
    assert state.patient is None
    assert state.devices["monitor"].key == "ge-dri"
    assert bench.replayed() == state
    assert bench.snapshot.gates == ()
    assert bench.snapshot.next_line == "Emergency: look at the patient, then BP"


def test_a_second_press_stamps_nothing_new(bench: Bench) -> None:
    press(bench)
    before = len(bench.recorder.entries)
    bench.wait(3)
    assert press(bench) == "R1"
    assert not [e for e in bench.recorder.entries[before:] if isinstance(e.event, ev.ReactionOpened)]


def test_what_the_monitor_said_in_the_ten_minutes_before_is_in_the_record_and_nothing_older(bench: Bench) -> None:
    bench.vital(Sign.HR, 71.0)
    bench.wait(700, 10)
    bench.vital(Sign.HR, 88.0)
    bench.wait(20)
    bench.vital(Sign.HR, 120.0)
    press(bench)
    bench.wait(3)
    mine = [row.value for row in bench.recorder.readings if row.session == bench.state.id and row.name == "hr"]
    assert mine == [88.0, 120.0]


def test_who_is_prepared_has_nothing_of_what_was_heard_before(bench: Bench) -> None:
    bench.vital(Sign.HR, 88.0)
    bench.work_as(NURSE)
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.wait(3)
    assert [row for row in bench.recorder.readings if row.name == "hr"] == []


def test_steps_and_drugs_are_recorded_without_a_name_and_get_one_afterwards(bench: Bench) -> None:
    press(bench)
    bench.do(DoEmergencyStep(CHAIR, "", "call"))
    bench.do(GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM"))
    assert len(bench.state.emergency.unattributed) >= 3
    bench.work_as(NURSE)
    bench.do(AttributeActions(CHAIR, bench.by))
    assert bench.state.emergency.unattributed == ()


def test_a_pump_that_runs_starts_no_infusion_in_it(bench: Bench) -> None:
    press(bench)
    bench.infuse(60, 100.0)
    bench.stand(3, PumpStatus.STOPPED)
    assert bench.state.phase is Phase.EMERGENCY
    assert bench.state.started is None
    assert bench.state.stretches == ()


def test_what_belongs_to_an_infusion_is_refused(bench: Bench) -> None:
    bench.work_as(NURSE)
    press(bench)
    for command in (
        cmd.StartSession(CHAIR, bench.by),
        cmd.EndProduct(CHAIR, bench.by, "complete"),
        cmd.EnterLine(CHAIR, bench.by, "forearm", "left", "22G"),
        RecordChecklist(CHAIR, bench.by, "consent", {}),
        cmd.OverrideGate(CHAIR, bench.by, "line", "there is none"),
    ):
        assert "there is no infusion in it" in bench.refused(command)
    assert bench.refused(cmd.OpenSession(CHAIR, bench.by)) == f"An emergency record is already open in chair {CHAIR}"


def test_it_is_signed_when_the_reaction_is_over_and_says_whose_it_was_or_that_nobody_knows(bench: Bench) -> None:
    press(bench)
    bench.work_as(NURSE)
    assert bench.refused(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE))) == "A reaction is still open"
    over(bench)
    assert bench.snapshot.next_line == "Say whose emergency it was"
    told = verdict_when_signed(bench.state, bench.now, PROTOCOL.schedule)
    assert told == "Incomplete: whose emergency it was is not recorded"
    bench.do(SayWhoseEmergency(CHAIR, bench.by, text="a visitor, gone with the ambulance"))
    assert verdict_when_signed(bench.state, bench.now, PROTOCOL.schedule) == "Complete"
    assert bench.state.patient is None
    sign(bench)
    assert bench.state.phase is Phase.SIGNED
    assert bench.events(ev.SessionSigned)[-1].verdict == "Complete"


def test_pressed_by_mistake_it_is_void_with_a_reason_and_kept(bench: Bench) -> None:
    press(bench)
    assert bench.refused(cmd.AbandonSession(CHAIR, "", "pressed_by_mistake")) == "Sign in first"
    bench.work_as(NURSE)
    assert "Choose why" in bench.refused(cmd.AbandonSession(CHAIR, bench.by, "changed_mind"))
    assert "The reason" in bench.refused(cmd.AbandonSession(CHAIR, bench.by, "other"))
    record = bench.state.id
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "pressed_by_mistake"))
    assert bench.state.phase is Phase.ABANDONED
    assert bench.state.emergency_record.void == "pressed by mistake"
    visit = bench.engine.registry.visits[record]
    assert (visit.ungraded, visit.open_reactions, visit.is_open) == (False, (), False)
    assert review_missing(bench.state) == ()
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    assert not bench.state.is_emergency


def test_a_void_record_leaves_no_alarm_of_an_open_reaction_behind(bench: Bench) -> None:
    press(bench)
    bench.wait(200)
    bench.work_as(NURSE)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "drill"))
    bench.wait(2)
    assert bench.alarm("bp.missing") is None


def test_where_a_drug_was_given_it_was_no_mistake(bench: Bench) -> None:
    press(bench)
    bench.work_as(NURSE)
    given = bench.do(GiveDrug(CHAIR, bench.by, "epinephrine", Decimal("0.3"), "mg", "IM")).entries[0]
    assert "A drug is recorded" in bench.refused(cmd.AbandonSession(CHAIR, bench.by, "pressed_by_mistake"))
    bench.do(VoidEmergencyEntry(CHAIR, bench.by, given.seq))
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "pressed_by_mistake"))
    assert bench.state.phase is Phase.ABANDONED


def test_right_after_signing_it_is_a_record_of_its_own_and_the_earlier_session_is_told() -> None:
    bench = given_and_signed()
    first = bench.state
    assert first.phase is Phase.SIGNED
    bench.by = ""
    press(bench)
    record = bench.state
    assert record.id != first.id
    bench.work_as(NURSE)
    bench.do(SayWhoseEmergency(CHAIR, bench.by, earlier=first.id))
    patient = bench.state.patient
    assert patient is not None
    assert first.patient is not None
    assert (patient.name, patient.id, patient.identifiers) == (first.patient.name, first.patient.id, ())
    told = bench.events(EmergencyFollowed)
    assert [(one.record, one.stands) for one in told] == [(record.id, True)]
    entry = next(e for e in bench.recorder.entries if isinstance(e.event, EmergencyFollowed))
    assert entry.session == first.id
    assert record.study_id in sentence(entry.event)
    visits = bench.engine.registry.visits
    assert visits[first.id].emergencies == (record.id,)
    assert visits[record.id].after == first.id
    assert bench.engine.registry.aftercare[first.id].emergencies == (record.study_id,)
    assert record.id not in bench.engine.registry.aftercare


def test_a_wrong_earlier_session_is_corrected_with_a_reason_and_both_are_told() -> None:
    bench = given_and_signed()
    first = bench.state.id
    press(bench)
    bench.work_as(NURSE)
    bench.do(SayWhoseEmergency(CHAIR, bench.by, earlier=first))
    again = SayWhoseEmergency(CHAIR, bench.by, text="a visitor of hers")
    assert "The reason" in bench.refused(again)
    bench.do(SayWhoseEmergency(CHAIR, bench.by, text="a visitor of hers", reason="mixed up at the door"))
    assert bench.events(EmergencyWasOf)[-1].supersedes is not None
    assert bench.engine.registry.visits[first].emergencies == ()
    assert [one.stands for one in bench.events(EmergencyFollowed)] == [True, False]
    assert bench.state.patient is None
    assert bench.state.amendments == 1


def test_the_patient_is_also_found_by_wristband_and_never_mixed_with_another(bench: Bench) -> None:
    done = given_and_signed()
    patient = done.state.patient
    assert patient is not None
    press(done)
    done.work_as(NURSE)
    assert "No single patient" in done.refused(SayWhoseEmergency(CHAIR, done.by, wristband="nobody's"))
    assert done.refused(SayWhoseEmergency(CHAIR, done.by, earlier="s-none")) == "There is no such session"
    assert "Whose emergency" in done.refused(SayWhoseEmergency(CHAIR, done.by))
    done.do(SayWhoseEmergency(CHAIR, done.by, wristband="M-1"))
    assert done.engine.registry.visits[done.state.id].patient == patient.id
    bench.work_as(NURSE)
    assert "No emergency record" in bench.refused(SayWhoseEmergency(CHAIR, bench.by, text="somebody"))


def test_whose_it_was_can_still_be_said_when_the_record_is_signed(bench: Bench) -> None:
    press(bench)
    bench.work_as(NURSE)
    over(bench)
    sign(bench)
    record = bench.state.id
    said = SayWhoseEmergency(CHAIR, bench.by, text="a visitor, known by now", record=record)
    assert bench.refused(said) == "A second person signs with badge or PIN"
    bench.do(replace(said, proof=bench.proof(PRESCRIBER)))
    assert bench.state.emergency_record.whose is not None
    assert bench.state.emergency_record.whose.by == PRESCRIBER
    assert bench.state.signature is not None


def test_it_is_no_dose_and_its_reaction_still_holds_the_next_one() -> None:
    bench = given_and_signed()
    first = bench.state
    assert first.patient is not None
    registry, patient, table = bench.engine.registry, first.patient.id, PROTOCOL.rules.course.content
    planned = date(2026, 3, 30)
    before = course_of(registry, patient, planned, table, "Europe/Vienna")
    press(bench)
    bench.work_as(NURSE)
    bench.do(SayWhoseEmergency(CHAIR, bench.by, earlier=first.id))
    over(bench, grade=3)
    sign(bench)
    after = course_of(bench.engine.registry, patient, planned, table, "Europe/Vienna")
    assert (after.doses, after.last, after.next.window) == (before.doses, before.last, before.next.window)
    assert len(after.visits) == len(before.visits) + 1
    assert len(after.next.holds) > len(before.next.holds)
    assert open_visit(bench.engine.registry, patient) is None
    calls = owed_calls(bench.engine.registry.aftercare, bench.now.utc, PROTOCOL.rules.follow_up.content)
    assert bench.state.id not in {item.session for item in calls}


def test_the_earlier_session_asks_for_a_review_again_also_where_it_was_reviewed() -> None:
    bench = given_and_signed()
    first = bench.state.id
    bench.do(ReviewSession(CHAIR, bench.by, bench.proof(PRESCRIBER), first))
    press(bench)
    bench.work_as(NURSE)
    record = bench.state
    bench.do(ReviewSession(CHAIR, bench.by, bench.proof(PRESCRIBER), first))  # the closed session, whole
    bench.wait(5)
    bench.do(SayWhoseEmergency(CHAIR, bench.by, earlier=first))
    entries = [entry for entry in bench.recorder.entries if entry.session == first]
    state = fold(entries)
    assert state is not None
    assert [one.study_id for one in state.emergency_record.later] == [record.study_id]
    assert review_missing(state) == (f"emergency record {record.study_id} after it",)
    assert "an emergency" in review_missing(bench.state)


def test_vital_signs_are_typed_into_it_without_a_monitor_and_without_a_sign_in(bench: Bench) -> None:
    press(bench)
    bench.do(cmd.RecordObservation(CHAIR, "", "extra1", {"nibp_sys": typed("88"), "nibp_dia": typed("50")}))
    done = bench.state.observations["extra1"]
    assert done.by == "unnamed"
    assert done.event.values["nibp_sys"].value == 88
    assert done.seq in bench.state.emergency.unattributed
    assert bench.replayed() == bench.state
    bench.work_as(NURSE)
    bench.do(AttributeActions(CHAIR, bench.by))
    assert bench.state.emergency.attributed[done.seq] == NURSE
    assert bench.state.emergency.unattributed == ()


def test_a_set_of_an_infusion_still_takes_somebody_who_is_signed_in() -> None:
    infusing = Bench()
    infusing.bind("pump", "monitor")
    infusing.prepare()
    infusing.do(cmd.StartSession(CHAIR, infusing.by))
    infusing.by = ""
    said = infusing.refused(cmd.RecordObservation(CHAIR, "", "extra1", {"hr": typed("80")}))
    assert "Sign in first" in said


def test_it_is_taken_up_again_after_a_restart(bench: Bench) -> None:
    press(bench)
    journal = bench.journal()
    again = Bench(bench.clock, bench.recorder, signed_in=False)
    bench.clock.advance(20)
    again.engine.restore(CHAIR, journal, again.now)
    again.settle()
    assert again.state.is_emergency
    assert again.state.open_reaction is not None
    assert again.snapshot.resume_offer == ""
