"""After the visit: calls to the patient, triage of the answers, the work list, and the next dose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from exomonitor.clinical.followup import CallState
from exomonitor.registry.aftercare import Aftercare, owed_calls, prescriber_tasks
from exomonitor.registry.registry import Registry, load_registry
from exomonitor.session import commands as cmd
from exomonitor.session.fold import fold
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.corrections import VoidEntry
from tests.exomonitor.clinical.shipped import RULES
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, Bench

TABLE = RULES.follow_up.content
QUESTIONS = (
    "tired", "fever", "chills", "muscle", "joint", "headache", "cold", "stomach", "skin", "breath", "dizziness", "site",
    "leg", "other", "urgent_care",
)  # fmt: skip
WELL = {key: lv.SymptomTold(False) for key in QUESTIONS}
HOUR = 3600.0


@pytest.fixture
def home() -> Bench:
    """A typed visit that is over and signed; the clock stands one minute after its end."""
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    bench.wait(60, 60)
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    return bench


def later(bench: Bench, hours: float) -> None:
    bench.clock.advance(hours * HOUR)
    bench.tick()


def record(bench: Bench) -> Aftercare:
    return bench.snapshot.registry.aftercare[bench.state.id]


def call(bench: Bench, key: str = "h24", answer: str = "reached", **more):
    return lv.RecordCallAttempt(CHAIR, bench.by, bench.state.id, key, answer, **more)


def states(bench: Bench) -> list[CallState]:
    return [one.state for one in record(bench).plan(bench.now.utc, TABLE)]


def test_calls_are_planned_from_the_end_of_the_flush(home):
    assert states(home) == [CallState.SCHEDULED] * 3
    assert "opens on" in home.refused(call(home))
    later(home, 24)
    assert states(home)[0] is CallState.OPEN
    later(home, 5)
    assert states(home)[0] is CallState.OVERDUE
    owed = owed_calls(home.snapshot.registry.aftercare, home.now.utc, TABLE)
    assert [(item.session, item.status.key) for item in owed] == [(home.state.id, "h24")]


def test_a_well_patient_is_green_and_the_call_is_done(home):
    later(home, 24)
    answer = home.do(call(home, symptoms=WELL, text="feels as before"))
    assert answer.answer == "green"
    assert answer.entries[0].session == home.state.id
    assert states(home)[0] is CallState.REACHED
    assert not record(home).unsettled()
    assert "reached already" in home.refused(call(home, symptoms=WELL))


def test_a_closed_record_goes_on_in_its_own_chain(home):
    signed = home.state
    later(home, 24)
    home.do(call(home, symptoms=WELL))
    state = fold(home.journal())
    assert state is not None
    assert state.signature == signed.signature
    assert state.leaving.calls[0].event.level == "green"


def test_a_call_to_yesterdays_patient_does_not_touch_the_session_in_the_chair(home):
    visit = home.state.id
    later(home, 24)
    home.do(cmd.OpenSession(CHAIR, home.by))
    before = home.state
    home.do(lv.RecordCallAttempt(CHAIR, home.by, visit, "h24", "reached", WELL))
    assert home.state == before
    assert home.snapshot.registry.aftercare[visit].calls[0].level == "green"


def test_a_call_recorded_in_an_empty_chair_leaves_it_empty(home):
    later(home, 24)
    bench = Bench(home.clock, home.recorder)
    bench.by = NURSE
    bench.engine.know_registry(load_registry(home.recorder.entries))
    bench.do(lv.RecordCallAttempt(CHAIR, NURSE, home.state.id, "h24", "no answer"))
    assert bench.snapshot.session is None
    assert bench.snapshot.log == ()


def test_red_needs_no_other_answer_amber_is_at_least_amber_while_questions_are_open(home):
    later(home, 24)
    breath = {"breath": lv.SymptomTold(True, ("breathless",))}
    assert home.do(call(home, symptoms=breath)).answer == "red"
    made = home.events(lv.FollowUpCalled)[0]
    assert made.advice == "Emergency number now"
    assert made.reasons == ("trouble breathing",)
    hot = lv.RecordCallAttempt(CHAIR, home.by, home.state.id, "", "patient called in", {}, Decimal("38.6"))
    assert home.do(hot).answer == "amber"
    assert home.events(lv.FollowUpCalled)[1].still_to_ask
    tasks = prescriber_tasks(home.snapshot.registry.aftercare, home.now.utc, TABLE)
    assert [task.text for task in tasks] == ["RED: trouble breathing", "AMBER: temperature 38.6 °C"]


def test_an_urgent_answer_holds_the_next_dose_until_the_prescriber_settles_it(home):
    later(home, 24)
    entry = home.do(call(home, symptoms={"breath": lv.SymptomTold(True, ("breathless",))})).entries[0]
    assert record(home).holds(home.now.utc, TABLE)
    visit = home.state.id
    settle = lv.SettleTriage(CHAIR, home.by, visit, entry.seq, "seen in the emergency room, asthma")
    assert "signs" in home.refused(settle)
    home.do(lv.SettleTriage(CHAIR, home.by, visit, entry.seq, "seen in the emergency room", home.proof(PRESCRIBER)))
    assert not record(home).unsettled()
    assert "no such open answer" in home.refused(settle)


def test_two_failed_attempts_are_a_task_for_the_prescriber_three_are_given_up(home):
    later(home, 24)
    for minutes in (0, 30):
        home.clock.advance(minutes * 60)
        home.do(call(home, answer="no answer"))
    tasks = prescriber_tasks(home.snapshot.registry.aftercare, home.now.utc, TABLE)
    assert [task.text for task in tasks] == [f"24 h call: {TABLE.prescriber_task}"]
    home.do(call(home, answer="message left"))
    assert states(home)[0] is CallState.UNABLE


def test_the_patient_may_call_before_the_plan_does(home):
    later(home, 2)
    assert home.do(call(home, answer="patient called in", symptoms=WELL)).answer == "green"
    assert states(home)[0] is CallState.CALLED_IN


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"answer": "perhaps"}, "is not how a call ends"),
        ({"key": "h25"}, "no call of this visit's plan"),
        ({"key": "", "answer": "no answer"}, "Choose the call"),
        ({"answer": "no answer", "symptoms": WELL}, "no answers to record"),
        ({"temp": Decimal(98)}, "Temperature"),
        ({"site_score": 9}, "Site score"),
        ({"symptoms": {"singing": lv.SymptomTold(True)}}, "is not a question"),
        ({"symptoms": {"breath": lv.SymptomTold(True, ("blue",))}}, "does not belong"),
    ],
)
def test_nonsense_in_a_call_is_refused(home, more, sentence):
    later(home, 24)
    assert sentence in home.refused(call(home, **{"answer": "reached", **more}))
    assert not home.events(lv.FollowUpCalled)


def test_an_unknown_visit_is_refused(home):
    assert "no such visit" in home.refused(lv.RecordCallAttempt(CHAIR, home.by, "s-none", "h24", "reached"))


# --- the next dose


def book(bench: Bench, day: str, **more) -> lv.DecideNextDose:
    return lv.DecideNextDose(CHAIR, bench.by, lv.BOOKED, day, **more)


def test_a_date_in_the_window_is_booked(home):
    assert "is in the window" in home.do(book(home, "2026-03-16")).answer
    made = home.events(lv.NextDoseDecided)[0]
    assert (made.planned, made.time, made.timing, made.phase) == ("2026-03-16", "09:00", "in", "initial")
    assert (made.earliest, made.latest) == ("2026-03-16", "2026-03-30")
    assert made.uid
    assert record(home).next_dose == made


def test_an_early_date_needs_the_prescriber_and_a_reason(home):
    early = book(home, "2026-03-12")
    assert "EARLY by 4 days" in home.refused(early)
    assert "reason" in home.refused(book(home, "2026-03-12", proof=home.proof(PRESCRIBER)))
    assert "role of prescriber" in home.refused(book(home, "2026-03-12", proof=home.proof(NURSE), reason="travels"))
    home.do(book(home, "2026-03-12", proof=home.proof(PRESCRIBER), reason="travels afterwards"))
    assert home.events(lv.NextDoseDecided)[0].prescriber == PRESCRIBER


def test_a_late_date_needs_a_reason(home):
    assert "LATE" in home.refused(book(home, "2026-04-20"))
    home.do(book(home, "2026-04-20", reason="on holiday until then"))
    assert home.events(lv.NextDoseDecided)[0].timing == "late"


def test_maintenance_is_as_needed_and_says_when_the_window_opens(home):
    patient = record(home).patient
    assert "maintenance phase" in home.refused(lv.DecideNextDose(CHAIR, home.by, lv.AS_NEEDED))
    home.engine.know_registry(_with_phase(home, patient))
    home.do(lv.DecideNextDose(CHAIR, home.by, lv.AS_NEEDED))
    made = home.events(lv.NextDoseDecided)[0]
    assert (made.planned, made.earliest, made.latest) == ("", "2026-06-02", "2026-09-02")


def _with_phase(bench: Bench, patient: str) -> Registry:
    registry = bench.snapshot.registry
    changed = replace(registry.patients[patient], phase="maintenance")
    return replace(registry, patients=MappingProxyType({**registry.patients, patient: changed}))


def test_a_grade_3_reaction_holds_the_next_dose():
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(600, 60)
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    bench.do(
        cmd.DetailReaction(CHAIR, bench.by, "R1", (), "Infusion related reaction", 3, outcome="resolved", resolved=True)
    )
    bench.ended()
    assert "HOLD" in bench.refused(book(bench, "2026-03-16"))
    bench.do(lv.DecideNextDose(CHAIR, bench.by, lv.PRESCRIBER_DECIDES))
    assert any("HOLD" in hold for hold in bench.events(lv.NextDoseDecided)[0].holds)


def test_an_overdue_call_holds_the_booking_of_the_next_dose(home):
    later(home, 40)
    assert "a follow-up is still open" in home.refused(book(home, "2026-03-16"))


@pytest.mark.parametrize(
    ("day", "time", "sentence"),
    [
        ("soon", "", "is not a date"),
        ("2026-03-02", "", "time to come"),
        ("2036-03-02", "", "time to come"),
        ("2026-03-16", "9 o'clock", "not a time of day"),
    ],
)
def test_a_date_is_a_date_to_come(home, day, time, sentence):
    assert sentence in home.refused(book(home, day, time=time))


def test_the_registry_is_the_same_after_a_restart(home):
    later(home, 24)
    home.do(call(home, answer="no answer"))
    home.do(book(home, (home.now.utc + timedelta(days=20)).date().isoformat()))
    again = load_registry(home.recorder.entries)
    assert again.aftercare == home.snapshot.registry.aftercare


def test_a_call_is_not_voided_neither_before_the_signature_nor_after_it():
    bench = Bench()
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    bench.do(call(bench, "", "patient called in", symptoms={**WELL, "chills": lv.SymptomTold(True)}))
    seq = record(bench).calls[0].seq
    asked = VoidEntry(CHAIR, bench.by, seq, "duplicate", "written twice")
    assert bench.refused(asked) == "A call is not voided: the prescriber settles what it told, or it is added to"
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    assert bench.refused(asked) == "No session is open in this chair"
    assert [one.seq for one in record(bench).calls] == [seq]
