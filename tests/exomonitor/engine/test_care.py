"""Away and back, the site, a new line: what is recorded, what alarms, and what the dose makes of it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.rates import RampStep
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.parts import care_events as care
from exomonitor.session.timing import line_split
from exomonitor.session.verdict import shortcomings
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind, PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

OURS = json.loads(
    (Path(__file__).parents[1] / "clinical" / "own_vectors.json").read_text(encoding="utf-8"), parse_float=Decimal
)


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.infusing(60)
    return made


def away(bench: Bench, why: str = "toilet") -> None:
    bench.do(care.MarkAway(CHAIR, bench.by, why))
    bench.tick()


def back(bench: Bench, **more: object) -> None:
    bench.do(care.MarkBack(CHAIR, bench.by, **more))  # type: ignore[arg-type]
    bench.tick()


def desaturate(bench: Bench, seconds: float, value: float | None = 84.0) -> None:
    for _ in range(int(seconds)):
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, value)
        bench.tick()


def keys(bench: Bench) -> set[str]:
    return {view.key for view in bench.snapshot.alarms}


# --- away


def test_away_makes_one_low_line_of_the_sensors(bench: Bench):
    desaturate(bench, 20)
    assert "spo2_low" in keys(bench)
    bench.do(cmd.Acknowledge(CHAIR, bench.by))
    away(bench)
    desaturate(bench, 5, None)
    bench.wait(60)
    shown = [view for view in bench.snapshot.alarms if view.key.startswith(("spo2", "sensor", "monitor", "care.away"))]
    assert [(view.key, view.priority) for view in shown] == [("care.away", Priority.LOW)]


def test_a_sensor_that_stays_off_after_the_return_alarms_again(bench: Bench):
    desaturate(bench, 3, 97.0)
    away(bench)
    desaturate(bench, 60, None)
    assert "sensor_off_spo2" not in keys(bench)
    back(bench)
    desaturate(bench, 12, None)
    assert "sensor_off_spo2" in keys(bench)


def test_a_high_alarm_that_latched_stays_until_somebody_has_seen_it(bench: Bench):
    bench.vital(Sign.SPO2, 97.0)
    desaturate(bench, 60)
    away(bench)
    assert bench.alarm("spo2_low") is not None


def test_a_pump_that_runs_unwatched_is_medium_after_three_minutes(bench: Bench):
    away(bench)
    bench.infuse(178, 100.0, step_s=2)
    assert bench.alarm("care.unmonitored") is None
    bench.infuse(4, 100.0)
    view = bench.alarm("care.unmonitored")
    assert view is not None
    assert (view.priority, view.text) == (Priority.MEDIUM, "INFUSING, UNMONITORED - the patient is away")
    back(bench)
    assert bench.alarm("care.unmonitored") is None


def test_a_pump_that_stands_is_not_called_unmonitored(bench: Bench):
    bench.stand(3)
    away(bench)
    bench.stand(240, step_s=2)
    assert bench.alarm("care.unmonitored") is None


def test_the_pumps_own_alarms_stay_loud_and_an_asystole_is_never_held(bench: Bench):
    away(bench)
    kind = AlarmKind.OCCLUSION_DOWNSTREAM
    occluded = RelayedAlarm("pump", "1/1", "occ", kind, "Line blocked", "high", True, bench.now)
    bench.hear(occluded)
    other = AlarmKind.OTHER
    asystole = RelayedAlarm("monitor", "", "asy", other, "ASYSTOLE", "high", True, bench.now, physiological=True)
    bench.hear(asystole)
    bench.tick()
    assert {"relayed:pump:1/1:occ", "relayed:monitor::asy"} <= keys(bench)


def test_after_ten_minutes_somebody_is_to_look_for_the_patient(bench: Bench):
    bench.stand(2)
    away(bench)
    bench.stand(602, step_s=2)
    view = bench.alarm("care.away")
    assert view is not None
    assert (view.priority, "look for the patient" in view.text) == (Priority.MEDIUM, True)


def test_good_values_after_a_break_say_that_the_patient_is_back(bench: Bench):
    away(bench)
    desaturate(bench, 5, None)
    desaturate(bench, 29)
    assert "spo2_low" not in keys(bench)
    desaturate(bench, 30)
    view = bench.alarm("care.away")
    assert view is not None
    assert view.text.startswith("SENSORS ON AGAIN")
    assert "spo2_low" in keys(bench), "good values are judged, whatever the record says"


def test_the_next_line_counts_the_absence_and_asks_for_one_set_on_return(bench: Bench):
    away(bench)
    bench.infuse(65, 100.0)
    assert bench.snapshot.next_line.startswith("Patient away 01:05")
    back(bench, line="ok", sensors_on=True)
    assert bench.snapshot.next_line == "Patient back: line, site, sensors, then one set"
    bench.do(bench.set_of("return1"))
    assert not bench.snapshot.next_line.startswith("Patient back")


def test_stamping_a_reaction_ends_an_absence_and_an_open_one_forbids_it(bench: Bench):
    away(bench)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    assert bench.state.care.away is None
    assert bench.refused(care.MarkAway(CHAIR, bench.by)).startswith("A reaction is open: stay with the patient")


def test_away_and_back_are_said_once(bench: Bench):
    assert bench.refused(care.MarkBack(CHAIR, bench.by)) == "The patient is not recorded as away"
    away(bench)
    assert bench.refused(care.MarkAway(CHAIR, bench.by)) == "The patient is already recorded as away"
    assert bench.refused(care.MarkAway(CHAIR, bench.by, "shopping")).startswith("The patient is already")


def test_the_journal_alone_gives_the_same_absences(bench: Bench):
    away(bench)
    bench.infuse(30, 100.0)
    back(bench, line="problem")
    assert bench.replayed().care == bench.state.care
    assert bench.state.care.aways[0].line == "problem"


# --- site and line


def test_a_bad_site_says_stop_and_resite_until_there_is_a_new_one(bench: Bench):
    bench.do(care.CheckSite(CHAIR, bench.by, phlebitis=2, infiltration=0))
    bench.tick()
    view = bench.alarm("care.site")
    assert view is not None
    assert (view.priority, view.text.startswith("Stop, re-site (Phlebitis 2")) == (Priority.MEDIUM, True)
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "22 G"))
    bench.tick()
    assert bench.alarm("care.site") is None


def test_a_set_that_finds_the_site_well_ends_the_prompt(bench: Bench):
    bench.do(care.CheckSite(CHAIR, bench.by, infiltration=3))
    bench.infuse(5, 100.0)
    bench.do(bench.set_of("extra1"))
    bench.tick()
    assert bench.alarm("care.site") is None


def test_a_site_problem_with_the_pump_stopped_is_a_pause_for_the_site(bench: Bench):
    bench.stand(2)
    bench.do(care.ReportSiteProblem(CHAIR, bench.by, True, 1, None, ("swelling",), ("stopped",)))
    assert [(e.meaning, e.why) for e in bench.events(ev.MeaningGiven)] == [("pause", "site")]
    assert bench.snapshot.questions == ()
    assert len(bench.state.care.problems) == 1


def test_a_pump_that_runs_on_contradicts_the_site_problem(bench: Bench):
    bench.do(care.ReportSiteProblem(CHAIR, bench.by, True))
    bench.infuse(15, 100.0)
    assert bench.alarm("pump.still_runs") is not None


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (care.CheckSite(CHAIR, ""), "Give the grade"),
        (care.CheckSite(CHAIR, "", phlebitis=5), "grades 0-4"),
        (care.ReportSiteProblem(CHAIR, "", False), "Say what is wrong"),
        (care.ReportSiteProblem(CHAIR, "", False, signs=("itch",)), "no sign"),
        (care.ReportSiteProblem(CHAIR, "", False, actions=("prayed",)), "no action"),
        (care.ReplaceLine(CHAIR, "", "", "left", "22 G"), "The site is missing"),
        (care.ReplaceLine(CHAIR, "", "hand", "left", "22 G", attempts=0), "Attempts"),
        (care.ReplaceLine(CHAIR, "", "hand", "left", "22 G", primed_with="beer"), "primed"),
        (care.ReplaceLine(CHAIR, "", "hand", "left", "22 G", old_set_discarded=True), "Type the volume"),
        (care.RecordPatientSaid(CHAIR, "", " "), "What the patient said is missing"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(bench: Bench, command: cmd.Command, why: str):
    assert why in bench.refused(command)


def test_a_new_line_is_in_the_list_and_in_the_header(bench: Bench):
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "20 G", attempts=2, patency_ok=True))
    assert [(one.side, one.site) for one in bench.state.care.accesses] == [("left", "forearm"), ("right", "hand")]
    assert bench.state.line is not None
    assert (bench.state.line.site, bench.state.line.side) == ("hand", "right")
    assert bench.replayed().care == bench.state.care


def test_a_discarded_set_takes_what_it_held_off_the_dose(bench: Bench):
    bench.infuse(1740, 100.0, step_s=10)
    before = bench.progress.dose_given_billion
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "20 G", old_set_discarded=True, set_ml=Decimal(18)))
    assert bench.state.care.discarded_ml == 18
    assert before is not None
    after = bench.progress.dose_given_billion
    assert after is not None
    assert before - after == Decimal("0.9")


def test_a_dose_of_which_too_much_was_thrown_away_is_not_complete(bench: Bench):
    bench.infuse(1740, 100.0, step_s=10)
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "20 G", old_set_discarded=True, set_ml=Decimal(18)))
    bench.infuse(1800, 100.0, step_s=10)
    bench.stand(5, PumpStatus.STOPPED)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete"))
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20), Decimal(100)))
    why = shortcomings(bench.state, bench.progress, (), signing=True)
    assert why[0] == "less than ordered, 82.0 mL of 100.0 mL given, 18.0 mL discarded with a set"


def test_a_set_never_held_more_than_the_pump_had_moved(bench: Bench):
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "20 G", old_set_discarded=True, set_ml=Decimal(18)))
    assert bench.state.care.discarded_ml == Decimal("1.7")


def test_a_new_set_takes_product_in_before_any_reaches_the_patient(bench: Bench):
    bench.infuse(1740, 100.0, step_s=10)
    bench.do(care.ReplaceLine(CHAIR, bench.by, "hand", "right", "20 G", old_set_discarded=True, set_ml=Decimal(18)))
    at_once = bench.progress.dose_given_billion
    assert at_once is not None
    assert at_once == pytest.approx(Decimal("1.6"), abs=Decimal("0.05")), "50 mL moved, 18 thrown away"


@pytest.mark.parametrize("vector", OURS["dead_space"], ids=lambda v: str(v["name"]))
def test_dead_space_flush_and_discarded_sets(vector: dict[str, object]):
    bench = Bench()
    bench.prepare(pump="", line_ml=Decimal(str(vector["line"])))
    bench.start("100")
    flush = vector["flush"]
    bench.do(cmd.EndProduct(CHAIR, bench.by, "complete", volume_infused_ml=Decimal(100)))
    if flush is not None:
        bench.do(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(str(flush)), Decimal(100)))
    gone = Decimal(str(vector["discarded"]))
    held = replace(bench.state.care, discarded_ml=gone, settled_ml=Decimal(50) if gone else Decimal(0))
    split = line_split(replace(bench.state, care=held), float(str(vector["pumped"])))
    assert split is not None
    assert split[0] * 5 / 100 == Decimal(str(vector["given"]))


# --- pauses and KVO


@pytest.mark.parametrize("vector", OURS["pauses"], ids=lambda v: str(v["name"]))
def test_a_long_pause_or_a_reaction_makes_the_next_running_a_restart(bench: Bench, vector: dict[str, object]):
    if vector["reaction"]:
        bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.infuse(1, 100.0)
    bench.pump(PumpStatus.PAUSED, 0.0)
    bench.clock.advance(round(float(str(vector["stood_min"])) * 60, 1))
    bench.pump(PumpStatus.INFUSING, 100.0)
    bench.infuse(10, 100.0)
    blocks = {view.slot.key.split("+")[0] for view in bench.snapshot.slots if view.slot.key.startswith("restart")}
    assert len(blocks) == vector["restarts"]


@pytest.mark.parametrize("vector", OURS["volumes"], ids=lambda v: str(v["name"]))
def test_only_running_product_counts(vector: dict[str, list[list[object]]]):
    bench = Bench()
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    bench.start()
    for fluid, rate, minutes in vector["segments"]:
        status = PumpStatus.KVO if fluid == "kvo" else PumpStatus.INFUSING if rate else PumpStatus.PAUSED
        for _ in range(int(str(minutes)) * 6):
            bench.clock.advance(10)
            bench.counter += float(str(rate)) * 10 / 3600
            bench.pump(status, float(str(rate)))
            bench.tick()
    assert bench.given == pytest.approx(float(str(vector["product_ml"])), abs=0.3)


# --- planned steps


def test_a_planned_step_is_prompted_confirmed_and_asks_for_its_sets():
    bench = Bench()
    ramp = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
    bench.infusing(230, 41.4, minutes=45, ramp=ramp)
    bench.do(bench.set_of("+5"))
    bench.infuse(20, 41.4)
    assert bench.snapshot.next_line.startswith("Ramp 2 of 3 in 00:")
    bench.infuse(55, 41.4)
    assert bench.snapshot.next_line == "Ramp 2 of 3: set 82.8 mL/h at the pump"
    assert bench.asked() == "", "a step that is due is no unexplained rate"
    bench.infuse(5, 82.8)
    assert not bench.snapshot.next_line.startswith("Step")
    slots = {view.slot.key: view.status.value for view in bench.snapshot.slots}
    assert slots["step2-after"] == "planned"
    assert "step2-before" not in slots, "the set +5 stands for it"


def test_without_its_set_the_step_waits_for_it():
    bench = Bench()
    ramp = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
    bench.infusing(305, 41.4, minutes=45, ramp=ramp)
    assert bench.snapshot.next_line == "Set +5, then ramp 2 of 3: 82.8 mL/h at the pump"


def test_after_a_reaction_no_step_is_asked_for():
    bench = Bench()
    ramp = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
    bench.infusing(280, 41.4, minutes=45, ramp=ramp)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.infuse(40, 41.4)
    assert "Step 2" not in bench.snapshot.next_line
    assert "step2-before" not in {view.slot.key for view in bench.snapshot.slots}
