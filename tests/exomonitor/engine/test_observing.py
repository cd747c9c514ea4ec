"""Sets, reactions, notes and the signature: done, or refused in one clear sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exomonitor.exports.summary import summarise
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import sentence
from exomonitor.session.phases import Phase
from exomonitor.session.schedule import slot_states
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PROTOCOL, Bench


@pytest.fixture
def typed(bench: Bench) -> Bench:
    """A session without any device, running at 100 mL/h."""
    bench.prepare(pump="", monitor="", line_ml=Decimal(18))
    bench.start("100")
    return bench


def order(bench: Bench, **more: object) -> cmd.EnterOrder:
    given = {"dose_billion": Decimal(5), "volume_ml": Decimal(100), "minutes": Decimal(45), **more}
    return cmd.EnterOrder(CHAIR, bench.by, **given)  # type: ignore[arg-type]


def value(text: str, source: str = "typed") -> cmd.ValueEntry:
    return cmd.ValueEntry(Decimal(text), source)


# --- observations


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"values": {"hr": value("400")}}, "Heart rate: 400 /min is outside 20-300 /min"),
        ({"values": {"pi": value("4000")}}, "PI: 4000 % is outside"),
        ({"values": {"mood": value("5")}}, "'mood' is not a vital sign"),
        ({"values": {"nibp_sys": value("80"), "nibp_dia": value("90")}}, "80/90: systolic must be above diastolic"),
        ({"values": {"hr": value("72", "guessed")}}, "'guessed' is not a source"),
        ({"values": {}, "consciousness": "", "text": " "}, "The set is empty"),
        ({"consciousness": "sleepy"}, "'sleepy' is not a level of consciousness"),
        ({"site_score": 9}, "Site score 9 is outside 0-4"),
        ({"hydration_ml": Decimal(-5)}, "Hydration"),
    ],
)
def test_a_set_with_impossible_values_is_refused(typed: Bench, fields: dict[str, Any], sentence: str):
    assert sentence in typed.refused(typed.set_of("baseline", reason="again please", **fields))


def test_a_whole_set_gets_its_news2_and_an_incomplete_one_none(typed: Bench):
    assert typed.events(ev.ObservationRecorded)[0].news2 == 0
    typed.wait(300, step_s=60)
    typed.do(typed.set_of("+5", values={"hr": value("72")}))
    assert typed.events(ev.ObservationRecorded)[1].news2 is None


def test_a_set_is_taken_for_a_slot_of_the_schedule_whose_time_has_come(typed: Bench):
    assert typed.refused(typed.set_of("+7")) == "Set +7 is not on the schedule now"
    assert (
        typed.refused(typed.set_of("+45")) == "Set +45 is not due yet: it opens in 40:00; record an extra set instead"
    )
    typed.do(typed.set_of("extra1"))
    typed.wait(180, step_s=60)
    typed.do(typed.set_of("+5"))


def test_a_second_recording_of_a_slot_is_a_correction_that_keeps_the_time_of_observation(typed: Bench):
    typed.wait(300, step_s=60)
    typed.do(typed.set_of("+5"))
    observed = typed.state.observations["+5"].event.observed
    typed.wait(600, step_s=60)
    assert "reason for the correction" in typed.refused(typed.set_of("+5"))
    typed.do(typed.set_of("+5", reason="misread the cuff"))
    done = typed.state.observations["+5"]
    assert (done.event.observed, done.amended) == (observed, 1)
    states = {s.slot.key: s.status for s in slot_states(typed.state, typed.now, PROTOCOL.schedule)}
    assert states["+5"] == "done"


def test_the_time_of_observation_is_neither_to_come_nor_long_gone(typed: Bench):
    typed.wait(600, step_s=60)
    for observed in (typed.now.plus(60), typed.now.plus(-5 * 3600)):
        assert "future or too far back" in typed.refused(typed.set_of("extra1", observed=observed))
    typed.do(typed.set_of("+5", observed=typed.now.plus(-290)))


def test_a_missed_set_needs_a_reason_and_must_exist(typed: Bench):
    assert typed.refused(cmd.MissObservation(CHAIR, typed.by, "+5", "")) == "The reason is missing"
    assert "no reason for a missed set" in typed.refused(cmd.MissObservation(CHAIR, typed.by, "+5", "asleep"))
    assert "not on the schedule" in typed.refused(cmd.MissObservation(CHAIR, typed.by, "+6", "overlooked"))
    typed.wait(300, step_s=60)
    typed.do(cmd.MissObservation(CHAIR, typed.by, "+5", "overlooked"))
    assert typed.refused(cmd.MissObservation(CHAIR, typed.by, "baseline", "overlooked")) == "That set is recorded"


def test_a_set_cannot_be_missed_before_its_window_has_opened(typed: Bench):
    early = cmd.MissObservation(CHAIR, typed.by, "+15", "patient_away")
    assert "Set +15 cannot be missed yet: it opens in" in typed.refused(early)
    typed.wait(900, step_s=60)
    typed.do(early)
    assert typed.state.missed["+15"] == "patient_away"


# --- reactions


def test_a_reaction_is_stamped_with_all_that_is_known_and_only_once(bench: Bench):
    bench.infusing(60, 100.0)
    bench.vital(Sign.HR, 111.4)
    bench.vital(Sign.SPO2, None)
    bench.vital(Sign.TEMP, 37.26)
    first = bench.do(cmd.OpenReaction(CHAIR, "")).answer
    assert bench.do(cmd.OpenReaction(CHAIR, "")).answer == first == "R1"
    (opened,) = bench.events(ev.ReactionOpened)
    assert {name: str(v.value) for name, v in opened.vitals.items()} == {"hr": "111", "temp": "37.3"}
    assert (opened.rate_ml_h, opened.pump_status) == (100.0, "infusing")
    assert opened.minute == pytest.approx(1.0)
    assert opened.when.since(opened.kept_from) == 600


def test_a_silent_pump_and_monitor_lend_a_reaction_nothing(bench: Bench):
    bench.infusing(60, 100.0)
    bench.vital(Sign.HR, 80)
    bench.wait(60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    (opened,) = bench.events(ev.ReactionOpened)
    assert (opened.rate_ml_h, opened.pump_status, dict(opened.vitals)) == (None, "", {})


def test_a_reaction_before_the_start_has_no_minute_and_waits_for_no_name(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    assert bench.state.reactions[0].minute is None
    assert bench.state.reactions[0].delivered_ml is None


def test_a_reaction_is_graded_with_grades_that_exist(typed: Bench):
    reaction = typed.do(cmd.OpenReaction(CHAIR, "")).answer
    assert "choose a grade" in typed.refused(cmd.DetailReaction(CHAIR, typed.by, reaction, term="Urticaria"))
    assert "choose a term" in typed.refused(cmd.DetailReaction(CHAIR, typed.by, reaction, grade=2))
    typed.refused(cmd.DetailReaction(CHAIR, typed.by, reaction, term="Urticaria", grade=5))
    assert "Before it is over" in typed.refused(cmd.DetailReaction(CHAIR, typed.by, reaction, resolved=True))
    assert "'dance' is not an action" in typed.refused(cmd.DoReactionAction(CHAIR, typed.by, reaction, "dance"))
    typed.do(cmd.DetailReaction(CHAIR, typed.by, reaction, term="Urticaria", grade=1, resolved=True))
    over = typed.state.reactions[0].resolved
    typed.wait(60)
    corrected = cmd.DetailReaction(CHAIR, typed.by, reaction, term="Urticaria", grade=2, resolved=True)
    assert "reason for the correction" in typed.refused(corrected)
    typed.do(
        cmd.DetailReaction(CHAIR, typed.by, reaction, term="Urticaria", grade=2, resolved=True, reason="graded again")
    )
    assert typed.state.reactions[0].resolved == over
    assert typed.do(cmd.OpenReaction(CHAIR, "")).answer == "R2"


def test_a_correction_of_a_note_needs_a_reason(typed: Bench):
    typed.do(cmd.AddNote(CHAIR, typed.by, "first words"))
    seq = typed.state.note_seqs[0]
    assert "reason for the correction" in typed.refused(cmd.AddNote(CHAIR, typed.by, "better words", seq))
    typed.do(cmd.AddNote(CHAIR, typed.by, "better words", seq, "a slip of the pen"))
    assert typed.state.notes == 1


# --- the signature


def test_the_signature_waits_for_end_flush_and_reaction(typed: Bench):
    sign = cmd.SignOff(CHAIR, typed.by, typed.proof(NURSE))
    typed.ended(flush=False)
    assert "The flush is not recorded" in typed.refused(sign)
    typed.do(cmd.RecordFlush(CHAIR, typed.by, True, Decimal(20)))
    reaction = typed.do(cmd.OpenReaction(CHAIR, "")).answer
    assert typed.refused(sign) == "A reaction is still open"
    typed.do(cmd.DetailReaction(CHAIR, typed.by, reaction, outcome="resolved", resolved=True))
    assert typed.refused(cmd.SignOff(CHAIR, typed.by, "")) == "A second person signs with badge or PIN"
    head = typed.journal()[-1].hash
    typed.do(sign)
    assert typed.state.phase is Phase.SIGNED
    assert typed.state.signature is not None
    assert typed.state.signature.signed_hash == head
    assert typed.refused(cmd.AddNote(CHAIR, typed.by, "too late")) == "No session is open in this chair"


def test_the_verdict_that_is_signed_is_the_verdict_that_is_exported(typed: Bench):
    typed.wait(3600, step_s=300)
    typed.ended()
    typed.do(cmd.MissObservation(CHAIR, typed.by, "+5", "overlooked"))
    typed.do(cmd.SignOff(CHAIR, typed.by, typed.proof(NURSE)))
    signature = typed.state.signature
    assert signature is not None
    assert signature.verdict.startswith("Incomplete: 8 sets missed (+5, +10, ")
    assert signature.verdict == summarise(typed.state, typed.now, PROTOCOL).verdict


def test_a_running_pump_is_not_signed_away(bench: Bench):
    bench.infusing(60, 100.0)
    bench.stand(5)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="none at hand"))
    bench.infuse(5, 100.0)
    assert "PUMP STILL INFUSING" in bench.refused(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))
    bench.stand(2, PumpStatus.STOPPED)
    bench.do(cmd.SignOff(CHAIR, bench.by, bench.proof(NURSE)))


def test_the_oxygen_flow_is_part_of_a_set_where_oxygen_is_given(typed: Bench):
    assert "say that oxygen is given" in typed.refused(typed.set_of("extra1", oxygen_l_min=Decimal(2)))
    asked = typed.set_of("extra1", on_oxygen=True, oxygen_l_min=Decimal(200))
    assert "Oxygen flow: 200 L/min is outside 0.1-70.0 L/min" in typed.refused(asked)
    typed.do(typed.set_of("extra1", on_oxygen=True, oxygen_l_min=Decimal("2.5")))
    assert typed.events(ev.ObservationRecorded)[-1].oxygen_l_min == Decimal("2.5")
    assert "on oxygen 2.5 L/min" in sentence(typed.events(ev.ObservationRecorded)[-1])


def test_an_old_pressure_of_the_monitor_is_measured_again_unless_it_is_of_that_time(typed: Bench):
    def pressure(age_s: float, source: str = "monitor", **more: Any) -> cmd.RecordObservation:
        old = {name: cmd.ValueEntry(Decimal(n), source, age_s) for name, n in (("nibp_sys", 120), ("nibp_dia", 70))}
        return typed.set_of("extra1", values=old, **more)

    typed.wait(600, step_s=60)
    assert typed.refused(pressure(181)) == "The blood pressure is 03:01 old: press Start on the monitor"
    typed.do(pressure(180))
    typed.do(pressure(400, observed=typed.now.plus(-390), reason="written down late"))
    assert typed.events(ev.ObservationRecorded)[-1].values["nibp_sys"].age_s == 10.0
    assert "press Start" in typed.refused(pressure(590, observed=typed.now.plus(-390), reason="written down late"))
    typed.do(pressure(400, "typed", reason="read from the chart"))
