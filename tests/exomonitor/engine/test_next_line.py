"""What the screen asks and says at each stage of a session."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exomonitor.engine.next_line import next_line
from exomonitor.session import commands as cmd
from exomonitor.session.parts.emergency import Emergency
from exomonitor.session.parts.leaving import Left
from exomonitor.session.parts.leaving_events import PatientLeft
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench


def line(bench: Bench) -> str:
    return bench.snapshot.next_line


def test_the_next_line_leads_through_a_whole_session(bench: Bench):
    assert line(bench) == "Prepare a session"
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert line(bench) == "Complete the checks, then start"
    bench.do(cmd.AbandonSession(CHAIR, "", "a test"))
    assert line(bench) == "Session closed"
    bench.prepare()
    assert line(bench) == "Checks complete: start the infusion"
    bench.start()
    assert line(bench) == "Start the pump"
    bench.infuse(60, 100.0)
    assert line(bench) == "Set +5 in 04:00"
    bench.infuse(130, 100.0, step_s=5)
    assert line(bench) == "Set +5 due in 01:50"
    bench.infuse(250, 100.0, step_s=5)
    assert line(bench) == "Set +5 overdue by 02:20"
    bench.do(bench.set_of("+5"))
    assert line(bench).startswith("Set +10 ")
    bench.stand(2)
    assert line(bench) == "Pump stopped: say why (F9)"
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    assert line(bench) == "Reaction open: look at the patient, then BP"
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", outcome="resolved", resolved=True))
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction"))
    assert line(bench) == "Flush the line, then record it (F9)"
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20)))
    assert line(bench) == "Set End due now"
    for slot in ("end", "post30", "post60"):
        bench.stand(1 if slot == "end" else 1800, step_s=5)
        bench.do(bench.set_of(slot))
    assert line(bench) == "All sets done: IV out, then discharge (F9)"
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    assert line(bench) == "Session signed"


def test_a_stop_is_asked_about_once_whatever_the_pump_calls_it_meanwhile(bench: Bench):
    bench.infusing(120)
    bench.stand(5, PumpStatus.PAUSED)
    assert bench.asked() == "stopped"
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "pause", "patient_request"))
    assert bench.asked() == ""
    bench.stand(120, PumpStatus.PAUSED)
    bench.stand(5, PumpStatus.STANDBY)
    assert bench.asked() == ""


def test_an_explanation_covers_one_stop_only(bench: Bench):
    bench.infusing(120)
    bench.stand(5)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "pause", "patient_request"))
    bench.stand(5)
    bench.infuse(10, 100.0)
    bench.stand(5)
    assert bench.asked() == "stopped"


def test_what_is_said_just_before_the_pump_stops_explains_the_stop(bench: Bench):
    bench.infusing(120)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.infuse(5, 100.0)
    bench.stand(5)
    assert bench.asked() == ""


def test_a_word_about_something_else_explains_no_stop(bench: Bench):
    bench.infusing(120)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "rate", "order"))
    bench.stand(5)
    assert bench.asked() == "stopped"


def test_a_pump_that_has_not_run_yet_asks_nothing(bench: Bench):
    bench.infusing(0)
    bench.stand(5, PumpStatus.STOPPED)
    bench.stand(5, PumpStatus.STANDBY)
    assert bench.asked() == ""


def test_a_rate_off_the_plan_is_asked_about_until_it_is_explained(bench: Bench):
    bench.infusing(60)
    bench.infuse(5, 150.0)
    assert bench.asked() == "rate"
    assert line(bench).startswith("Pump rate is not as planned: say why (F9) · set after rate raise in")
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "rate", "order"))
    assert bench.asked() == ""


def test_a_tile_shows_limits_baseline_and_age_and_never_a_stale_value_as_live(bench: Bench):
    bench.infusing(10)
    bench.vital(Sign.HR, 81)
    live = bench.snapshot.vitals[Sign.HR]
    assert (live.reading.value, live.baseline, live.stale, live.age_s) == (81, 72.0, False, 0.0)
    assert live.low is not None
    assert live.high is not None
    bench.wait(11)
    assert bench.snapshot.vitals[Sign.HR].stale
    bench.wait(20)
    assert bench.snapshot.vitals[Sign.HR].lost


def test_before_the_first_frame_a_bound_device_is_opening_and_nothing_is_live(bench: Bench):
    bench.bind("monitor")
    (view,) = bench.snapshot.links
    assert (view.role, view.age_s, view.change.reason) == ("monitor", None, "not opened yet")
    assert not bench.snapshot.vitals


def test_names_are_asked_for_after_a_reaction_but_never_before_a_due_set(bench: Bench):
    bench.infusing(60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", outcome="resolved", resolved=True))
    assert line(bench) == "Say who made 1 entry without a name (F7)"
    bench.infuse(270, 100.0, step_s=5)
    assert line(bench).startswith("Set +5 ")


def test_with_all_sets_closed_the_patient_comes_before_the_names_and_those_before_the_signature(bench: Bench):
    bench.infusing(60)
    bench.stand(2)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", outcome="resolved", resolved=True))
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction"))
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20)))
    for slot in ("end", "post30", "post60"):
        bench.stand(1 if slot == "end" else 1800, step_s=5)
        bench.do(bench.set_of(slot))
    assert line(bench) == "All sets done: IV out, then discharge (F9)"
    state = bench.snapshot.session
    assert state is not None
    left = replace(state, leaving=replace(state.leaving, left=Left(bench.by, PatientLeft(state.opened, "discharged"))))
    told = "The patient has left: say who made 1 entry without a name (F7), then sign off"
    assert next_line(left, None, (), ()) == told
    assert next_line(replace(left, emergency=Emergency()), None, (), ()) == "The patient has left: sign off"
