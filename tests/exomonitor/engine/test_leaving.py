"""The end of a visit at the engine's desk: IV removal, the criteria, discharge, override, transfer, leaving."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.discharge import Criterion, State
from exomonitor.engine.parts.leaving import discharge_of
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.course import ChangePatient
from exomonitor.session.phases import Phase
from exomonitor.session.verdict import shortcomings
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NAME, NURSE, PRESCRIBER, Bench

TASKS = {
    "symptoms": "none",
    "drank": "yes",
    "walking": "yes",
    "sedating": "no",
    "instructions_given": "yes",
    "instructions_version": "3",
    "calls_booked": "yes",
}


@pytest.fixture
def ended() -> Bench:
    """Typed session, not the first dose, given and flushed."""
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    return bench


def watched(bench: Bench, minutes: int = 60) -> Bench:
    """The sets after the end, each at its time."""
    bench.do(bench.set_of("end"))
    for slot in range(30, minutes + 1, 30):
        bench.wait(1800, 60)
        bench.do(bench.set_of(f"post{slot}"))
    return bench


def tasks(bench: Bench, **other: str) -> None:
    bench.do(lv.RecordIvRemoval(CHAIR, bench.by, lv.WHOLE, True, 0))
    bench.do(lv.AnswerDischargeTasks(CHAIR, bench.by, {**TASKS, **other}))
    bench.do(lv.DecideNextDose(CHAIR, bench.by, lv.PRESCRIBER_DECIDES))
    bench.do(cmd.Acknowledge(CHAIR, bench.by))


def test_a_patient_who_meets_every_criterion_goes_home(ended):
    watched(ended)
    tasks(ended)
    ended.do(lv.Discharge(CHAIR, ended.by))
    left = ended.state.leaving.left
    assert left is not None
    assert left.event.kind == lv.DISCHARGED
    assert not left.event.overridden
    assert {one.state for one in left.event.criteria} == {"met"}
    assert ended.replayed().leaving == ended.state.leaving
    assert "has left" in ended.refused(lv.Discharge(CHAIR, ended.by))


def test_what_is_not_met_or_not_recorded_is_named(ended):
    ended.do(ended.set_of("end"))
    said = ended.refused(lv.Discharge(CHAIR, ended.by))
    assert said.startswith("Not yet: At least 60 min since the end (0 min, 60 min to go)")
    assert "IV is out (not recorded yet)" in said
    assert "Decision on the next dose is recorded (not recorded yet)" in said


def test_before_that_only_the_prescriber_discharges_and_says_why(ended):
    ended.do(ended.set_of("end"))
    nurse, doctor = ended.proof(NURSE), ended.proof(PRESCRIBER)
    assert "role of prescriber" in ended.refused(lv.Discharge(CHAIR, ended.by, nurse, "wants to go"))
    assert "needs a reason" in ended.refused(lv.Discharge(CHAIR, ended.by, doctor))
    ended.do(lv.Discharge(CHAIR, ended.by, doctor, "has an appointment, is well"))
    event = ended.events(lv.PatientLeft)[0]
    assert event.overridden
    assert event.prescriber == PRESCRIBER
    assert any(one.key == "time" and one.state == "not met" for one in event.criteria)


def test_nobody_is_discharged_while_a_reaction_is_open_not_even_by_the_prescriber(ended):
    ended.do(ended.set_of("end"))
    ended.do(cmd.OpenReaction(CHAIR, ended.by))
    said = ended.refused(lv.Discharge(CHAIR, ended.by, ended.proof(PRESCRIBER), "has an appointment"))
    assert said == "A reaction is open: first say that it is over, or transfer the patient"


def test_after_grade_2_the_prescribers_signature_is_a_criterion(ended):
    ended.do(cmd.OpenReaction(CHAIR, ended.by))
    ended.do(cmd.DetailReaction(CHAIR, ended.by, "R1", ("flushing",), "Flushing", 2, outcome="resolved", resolved=True))
    watched(ended, 120)
    tasks(ended, sedating="no")
    assert "Prescriber has signed (not signed yet)" in ended.refused(lv.Discharge(CHAIR, ended.by))
    ended.do(lv.Discharge(CHAIR, ended.by, ended.proof(PRESCRIBER)))
    event = ended.events(lv.PatientLeft)[0]
    assert not event.overridden
    assert event.prescriber == PRESCRIBER


@pytest.mark.parametrize("how", ["grade", "epinephrine"])
def test_after_grade_3_or_epinephrine_there_is_only_a_transfer(ended, how):
    ended.do(cmd.OpenReaction(CHAIR, ended.by))
    if how == "epinephrine":
        ended.do(cmd.DoReactionAction(CHAIR, ended.by, "R1", "epinephrine"))
    grade = 3 if how == "grade" else 1
    ended.do(
        cmd.DetailReaction(
            CHAIR, ended.by, "R1", (), "Infusion related reaction", grade, outcome="resolved", resolved=True
        )
    )
    watched(ended, 120 if how == "grade" else 60)
    tasks(ended)
    assert "transfer" in ended.refused(lv.Discharge(CHAIR, ended.by, ended.proof(PRESCRIBER), "is well again"))
    assert "is missing" in ended.refused(lv.Transfer(CHAIR, ended.by, "Example Hospital", " "))
    ended.do(lv.Transfer(CHAIR, ended.by, "Example Hospital", "Dr DEMO-OTHER"))
    left = ended.state.leaving.left
    assert left is not None
    assert left.event.kind == lv.TRANSFERRED
    assert "transfer" in left.event.reason


def test_who_leaves_against_advice_is_recorded_with_what_was_said(ended):
    assert "5 characters" in ended.refused(lv.LeaveAgainstAdvice(CHAIR, ended.by, "no"))
    ended.do(lv.LeaveAgainstAdvice(CHAIR, ended.by, "does not want to wait, was told of the risk"))
    assert ended.events(lv.PatientLeft)[0].kind == lv.AGAINST_ADVICE


def test_iv_removal_waits_for_the_end_and_is_corrected_with_a_reason():
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    removal = lv.RecordIvRemoval(CHAIR, bench.by, lv.WHOLE, True, 0)
    assert "end of the product" in bench.refused(removal)
    bench.wait(3600, 60)
    bench.ended()
    assert "who was told" in bench.refused(lv.RecordIvRemoval(CHAIR, bench.by, lv.NOT_WHOLE, True))
    bench.do(removal)
    assert bench.events(lv.IvRemoved)[0].site == "left forearm"
    assert "correction" in bench.refused(removal)
    bench.do(lv.RecordIvRemoval(CHAIR, bench.by, lv.WHOLE, True, 1, reason="looked again"))
    iv = bench.state.leaving.iv
    assert iv is not None
    assert iv.event.supersedes is not None
    assert bench.state.amendments == 1


def test_answers_are_recorded_once_and_taken_back(ended):
    ended.do(lv.AnswerDischargeTasks(CHAIR, ended.by, {"drank": "yes"}))
    ended.do(lv.AnswerDischargeTasks(CHAIR, ended.by, {"drank": "yes"}))
    assert len(ended.events(lv.DischargeTasksAnswered)) == 1
    ended.do(lv.AnswerDischargeTasks(CHAIR, ended.by, {"drank": ""}))
    assert "drank" not in ended.state.leaving.tasks
    assert "not one of" in ended.refused(lv.AnswerDischargeTasks(CHAIR, ended.by, {"drank": "perhaps"}))
    assert "no item" in ended.refused(lv.AnswerDischargeTasks(CHAIR, ended.by, {"sang": "yes"}))


def test_a_flush_faster_than_the_product_is_an_alarm_and_stands_in_the_record():
    bench = Bench()
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "patient_request", left_in_bag_ml=Decimal(90)))
    bench.infuse(20, 100.0)
    assert bench.alarm("flush.fast") is None
    bench.infuse(20, 400.0)
    alarm = bench.alarm("flush.fast")
    assert alarm is not None
    assert alarm.text == "FLUSH FASTER THAN PRODUCT 400.0 mL/h, product ran at 100.0"
    bench.stand(10)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True, line_ml=Decimal(18), primed="diluent"))
    flush = bench.events(ev.FlushRecorded)[0]
    assert flush.too_fast
    assert flush.product_rate_ml_h == 100.0
    assert bench.alarm("flush.fast") is None
    assert "product or with diluent" in Bench.refused(
        bench_with_end(), cmd.RecordFlush(CHAIR, NURSE, True, primed="tea")
    )


def bench_with_end() -> Bench:
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete", volume_infused_ml=Decimal(100)))
    return bench


@pytest.mark.parametrize(("gone", "missed"), [("transferred", set()), ("against advice", {"post30", "post60"})])
def test_what_is_due_after_somebody_else_has_the_patient_is_not_missed(ended, gone, missed):
    ended.do(ended.set_of("end"))
    if gone == "transferred":
        ended.do(lv.Transfer(CHAIR, ended.by, "Example Hospital", "Dr DEMO-OTHER"))
    else:
        ended.do(lv.LeaveAgainstAdvice(CHAIR, ended.by, "has to catch a train"))
    ended.wait(2 * 3600, 60)
    after = {view.slot.key for view in ended.snapshot.slots if view.slot.key.startswith("post")}
    assert after == missed
    assert {view.slot.key for view in ended.snapshot.slots if view.status.value == "missed"} >= missed


def spo2_line(bench: Bench) -> Criterion:
    found = discharge_of(bench.engine.situation(bench.engine.chair(CHAIR), bench.now), bench.state)
    return next(one for one in found.criteria if one.key == "spo2")


@pytest.mark.parametrize(
    ("flow", "state"), [("1", State.MET), ("2", State.MET), ("2.5", State.NOT_MET), (None, State.NOT_KNOWN)]
)
def test_the_oxygen_that_a_patient_came_with_is_what_they_may_leave_with(flow, state):
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.do(bench.set_of("baseline", on_oxygen=True, oxygen_l_min=Decimal(2), reason="came with oxygen"))
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    given = {"on_oxygen": True, "oxygen_l_min": None if flow is None else Decimal(flow)}
    bench.do(bench.set_of("end", **given))
    bench.wait(1800, 60)
    bench.do(bench.set_of("post30", **given))
    assert spo2_line(bench).state is state


def test_news2_does_not_hold_a_pregnant_patient(ended):
    patient = ended.state.patient
    assert patient is not None
    changed = ChangePatient(
        CHAIR, ended.by, patient.id, NAME, "1972-03-14", "M-1", allergy_state="none_known", pregnant=True
    )
    ended.do(changed)
    watched(ended)
    tasks(ended)
    ended.do(lv.Discharge(CHAIR, ended.by))
    noted = {one.key: one for one in ended.events(lv.PatientLeft)[0].criteria}
    assert noted["news2"].why == "not applicable (pregnancy)"
    assert not noted["news2"].open
    assert {one.state for key, one in noted.items() if key != "news2"} == {"met"}


def test_a_visit_whose_end_is_not_recorded_is_not_complete(ended):
    def why() -> tuple[str, ...]:
        return shortcomings(ended.state, ended.progress, (), signing=True)

    assert why() == ("IV removal not recorded", "how the patient left is not recorded")
    assert shortcomings(replace(ended.state, phase=Phase.INFUSE), ended.progress, ()) == ("not signed",)
    ended.do(lv.RecordIvRemoval(CHAIR, ended.by, lv.STAYS, True))
    ended.do(lv.Transfer(CHAIR, ended.by, "Example Hospital", "Dr DEMO-OTHER"))
    assert why() == ()


# --- nobody is watched after the patient has left


@pytest.fixture
def gone() -> Bench:
    """A patient went while a value was low and both devices alarmed, one of them in a way that it says only once."""
    bench = Bench()
    bench.infusing(60)
    for source, code, once in (("pump", "air", False), ("monitor", "lead", True)):
        told = RelayedAlarm(source, "", code, AlarmKind.OTHER, code.upper(), "high", True, bench.now, latched=once)
        bench.hear(told)
    for _ in range(30):
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, 84.0)
        bench.tick()
    bench.do(lv.LeaveAgainstAdvice(CHAIR, bench.by, "does not want to wait, was told of the risk"))
    bench.tick()
    return bench


def test_devices_alarm_about_nobody_once_the_patient_has_left(gone):
    seen = [(e.key, e.to_state) for e in gone.events(mv.AlarmChanged)]
    for key in ("spo2_low", "relayed:pump::air", "relayed:monitor::lead"):
        assert (key, "active") in seen
        assert [state for name, state in seen if name == key][-1] in {"normal", "latched"}, key
    for _ in range(200):
        gone.clock.advance(1)
        gone.vital(Sign.SPO2, 70.0)
        gone.tick()
    assert [view for view in gone.snapshot.alarms if view.state is AlarmState.ACTIVE] == []
    gone.wait(600, 30)
    assert [view for view in gone.snapshot.alarms if view.state is AlarmState.ACTIVE] == []


def test_the_record_and_the_sound_alarm_also_then(gone):
    gone.engine.set_audio(False, "no device")
    gone.wait(30)
    assert gone.alarm("sound") is not None


def test_what_a_device_still_says_counts_for_the_next_patient(gone):
    gone.do(cmd.EndProduct(CHAIR, gone.by, "stopped", "patient_request"))
    gone.do(cmd.RecordFlush(CHAIR, gone.by, False, text="patient left"))
    gone.do(cmd.SignOff(CHAIR, gone.by, gone.proof(NURSE)))
    gone.do(cmd.OpenSession(CHAIR, gone.by))
    gone.tick()
    alarm = gone.alarm("relayed:pump::air")
    assert alarm is not None
    assert alarm.state is AlarmState.ACTIVE
    assert gone.alarm("relayed:monitor::lead") is None
