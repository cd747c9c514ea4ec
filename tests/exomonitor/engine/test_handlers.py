"""What people ask: done, or refused in one clear sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exomonitor.clinical.rates import RampStep
from exomonitor.exports.summary import summarise
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.phases import DeliverySource, Phase
from exomonitor.session.plan import SourceCell
from exomonitor.session.schedule import slot_states
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, NAME, PROTOCOL, Bench


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


# --- before the start


def test_nothing_can_be_done_without_a_session(bench: Bench):
    for command in (
        cmd.IdentifyPatient(CHAIR, "", NAME, "1972-03-14", "", ("name", "born")),
        order(bench),
        cmd.StartSession(CHAIR, ""),
        cmd.OpenReaction(CHAIR, ""),
        cmd.AddNote(CHAIR, "", "a note"),
        cmd.SignOff(CHAIR, "", "Nurse"),
    ):
        assert bench.refused(command) == "No session is open in this chair"


def test_the_same_name_and_role_keep_their_id(bench: Bench):
    first = bench.do(cmd.NameStaff(CHAIR, "", "Nurse Example")).answer
    assert bench.do(cmd.NameStaff(CHAIR, "", " Nurse Example ")).answer == first
    assert bench.do(cmd.NameStaff(CHAIR, "", "Nurse Example", "physician")).answer != first
    assert bench.refused(cmd.NameStaff(CHAIR, "", "  ")) == "The name is missing"
    assert bench.snapshot.staff == "Nurse Example"


def test_a_chair_holds_one_open_session(bench: Bench):
    study = bench.do(cmd.OpenSession(CHAIR, "")).answer
    assert study.startswith("EXO-")
    assert "already open in chair 4" in bench.refused(cmd.OpenSession(CHAIR, ""))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (("", "1972-03-14", "", ("name", "born")), "The patient's name is missing"),
        ((NAME, "1972-03-14", "", ("name",)), "Check two identifiers"),
        ((NAME, "1972-03-14", "", ("name", "name")), "Check two identifiers"),
        ((NAME, "1972-03-14", "", ("name", "chair")), "'chair' is not an identifier"),
        ((NAME, "14.3.1972", "", ("name", "born")), "'14.3.1972' is not a date"),
        ((NAME, "2999-01-01", "", ("name", "born")), "is in the future"),
        ((NAME, "", " ", ("name", "mrn")), "The MRN is missing"),
    ],
)
def test_a_patient_needs_two_real_identifiers(bench: Bench, fields: tuple[Any, ...], sentence: str):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert sentence in bench.refused(cmd.IdentifyPatient(CHAIR, "", *fields))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"dose_billion": Decimal(5_000_000_000)}, "is not accepted"),
        ({"dose_billion": Decimal("0.05")}, "is not accepted"),
        ({"dose_billion": Decimal(20)}, "reason"),
        ({"minutes": Decimal(20)}, "outside the 30-60 min window"),
        ({"minutes": Decimal(3)}, "is not accepted"),
        ({"volume_ml": Decimal(0)}, "is not accepted"),
        ({"volume_ml": Decimal(-5)}, "is not accepted"),
        ({"line_ml": Decimal(120)}, "does not fit a bag of 100 mL"),
        ({"line_ml": Decimal(-1)}, "does not fit"),
        ({"ramp": (RampStep(Decimal("0.5"), Decimal(50)),)}, "the planned time is only 45 min"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(bench: Bench, fields: dict[str, Any], sentence: str):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert sentence in bench.refused(order(bench, **fields))
    assert bench.state.order is None


def test_an_unusual_order_needs_a_reason_of_five_letters(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.refused(order(bench, minutes=Decimal(90), override_reason=" ok "))
    bench.do(order(bench, minutes=Decimal(90), override_reason="frail patient"))
    assert bench.state.order_override == "frail patient"


def test_an_expired_bag_is_recorded_and_keeps_its_gate_open(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-2", "2020-01-01"))
    sentence = bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))
    assert sentence == "Before the start: Bag and lot (lot LOT-2 expired on 2020-01-01)"
    assert "not a date" in bench.refused(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "L", "soon"))
    assert "not open" in bench.refused(cmd.OverrideGate(CHAIR, bench.by, "order", "no reason at all"))
    assert "at least 5" in bench.refused(cmd.OverrideGate(CHAIR, bench.by, "product", "ok"))
    bench.do(cmd.OverrideGate(CHAIR, bench.by, "product", "released by the pharmacist"))
    bench.start("100")


def test_the_start_lists_all_that_is_missing(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    sentence = bench.refused(cmd.StartSession(CHAIR, ""))
    for label in ("Patient", "Bag and lot", "Order and rate", "Line and site", "Pump and monitor", "Baseline set"):
        assert label in sentence


def test_an_old_baseline_opens_its_gate_again(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.wait(31 * 60, step_s=60)
    assert "baseline is 31 min old, limit 30 min" in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(100)))


def test_a_device_has_one_of_two_roles(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert "pump or monitor" in bench.refused(cmd.PinDevice(CHAIR, "", "kettle", "x", "y"))


def test_a_prepared_session_can_be_closed_with_a_reason_and_a_started_one_cannot(typed: Bench):
    assert "already started" in typed.refused(cmd.AbandonSession(CHAIR, typed.by, "left"))
    assert "already started" in typed.refused(cmd.StartSession(CHAIR, typed.by, Decimal(100)))
    other = Bench()
    other.do(cmd.OpenSession(CHAIR, ""))
    assert other.refused(cmd.AbandonSession(CHAIR, "", " ")) == "The reason is missing"
    other.do(cmd.AbandonSession(CHAIR, "", "patient left"))
    assert other.state.phase is Phase.ABANDONED
    other.do(cmd.OpenSession(CHAIR, ""))


def test_corrections_after_the_start_need_a_reason_and_name_what_they_correct(typed: Bench):
    first = next(e for e in typed.journal() if isinstance(e.event, ev.OrderEntered))
    assert "reason for the correction" in typed.refused(order(typed, minutes=Decimal(50)))
    typed.do(order(typed, minutes=Decimal(50), reason="typed wrongly"))
    assert typed.events(ev.OrderEntered)[-1].supersedes == first.seq
    typed.do(cmd.EnterLine(CHAIR, typed.by, "hand", "right", "20G", reason="site moved"))
    assert typed.state.amendments == 2


# --- typed sessions


def test_a_session_without_devices_is_typed_and_says_so(typed: Bench):
    typed.wait(360, step_s=60)
    told = typed.progress
    assert told.delivered_ml == pytest.approx(10.0)
    assert told.delivered_by == "estimated"
    assert typed.state.started_by is DeliverySource.TYPED
    typed.do(cmd.TypeDelivery(CHAIR, typed.by, Decimal(0), Decimal("10.4")))
    assert (typed.progress.delivered_ml, typed.progress.delivered_by) == (10.4, "typed")
    assert typed.asked() == "stopped"
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "pause", "patient_request"))
    assert typed.asked() == ""
    typed.wait(60, step_s=60)
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "resume", ""))
    typed.wait(360, step_s=60)
    assert typed.progress.delivered_ml == pytest.approx(20.4)
    assert (typed.progress.infusing_s, typed.progress.paused_s) == pytest.approx((720, 60))


def test_a_typed_pause_and_stop_end_the_typed_running(typed: Bench):
    typed.do(cmd.GiveMeaning(CHAIR, typed.by, "stop", "reaction"))
    assert [s.status for s in typed.state.stretches] == ["infusing", "stopped"]
    assert not typed.progress.running


def test_an_end_without_a_total_is_an_estimate_and_not_typed(typed: Bench):
    typed.wait(360, step_s=60)
    typed.do(cmd.EndProduct(CHAIR, typed.by, "stopped", "reaction"))
    end = typed.state.product_end
    assert end is not None
    assert end.source is DeliverySource.ESTIMATED
    assert end.delivered_ml == pytest.approx(10.0)
    assert typed.progress.delivered_by == "estimated"
    typed.wait(360, step_s=60)
    assert typed.progress.infusing_s == 360
    assert typed.progress.delivered_ml == pytest.approx(10.0)


def test_an_end_with_the_total_from_the_display_is_typed(typed: Bench):
    typed.wait(3600, step_s=300)
    typed.ended()
    assert typed.state.product_end is not None
    assert typed.state.product_end.source is DeliverySource.TYPED
    assert (typed.progress.delivered_ml, typed.progress.delivered_by) == (100.0, "typed")
    assert typed.state.flush is not None
    assert typed.state.flush.source is DeliverySource.TYPED


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (cmd.TypeDelivery(CHAIR, "", Decimal(-1)), "Rate: -1 mL/h is outside"),
        (cmd.TypeDelivery(CHAIR, "", Decimal(100_000)), "is outside"),
        (cmd.TypeDelivery(CHAIR, "", Decimal("NaN")), "not a number"),
        (cmd.TypeDelivery(CHAIR, "", Decimal(100), Decimal(-3)), "Volume infused"),
        (cmd.GiveMeaning(CHAIR, "", "explode", ""), "none of: pause, stop, resume, rate"),
        (cmd.GiveMeaning(CHAIR, "", "pause", " "), "The reason is missing"),
        (cmd.EndProduct(CHAIR, "", "perhaps"), "either complete or stopped"),
        (cmd.EndProduct(CHAIR, "", "stopped"), "The reason is missing"),
        (cmd.EndProduct(CHAIR, "", "complete", volume_infused_ml=Decimal(90_000)), "is outside"),
        (cmd.RecordFlush(CHAIR, "", True), "Type the volume of the flush"),
        (cmd.RecordFlush(CHAIR, "", True, Decimal(-2)), "Flush"),
        (cmd.RecordFlush(CHAIR, "", False), "The reason is missing"),
        (cmd.SignOff(CHAIR, "", "Nurse"), "The end of the product is not recorded"),
        (cmd.AddNote(CHAIR, "", "  "), "The note is missing"),
        (cmd.AddNote(CHAIR, "", "new text", 1, "a slip"), "Entry 1 is not a note of this session"),
        (cmd.DoReactionAction(CHAIR, "", "R7", "stop"), "There is no reaction R7"),
        (cmd.DetailReaction(CHAIR, "", "R7"), "There is no reaction R7"),
    ],
)
def test_nonsense_is_refused_in_a_sentence_and_leaves_no_trace(typed: Bench, command: cmd.Command, sentence: str):
    before = len(typed.recorder.entries)
    assert sentence in typed.refused(command)
    assert len(typed.recorder.entries) == before


def test_a_start_needs_a_possible_rate(bench: Bench):
    bench.prepare(pump="", monitor="")
    assert "Type the rate" in bench.refused(cmd.StartSession(CHAIR, bench.by))
    assert "outside" in bench.refused(cmd.StartSession(CHAIR, bench.by, Decimal(-100)))


# --- a pump that is read


def test_what_the_pump_says_is_not_typed(bench: Bench):
    bench.infusing(60)
    assert "its own rate counts" in bench.refused(cmd.TypeDelivery(CHAIR, bench.by, Decimal(50)))


@pytest.mark.parametrize(
    "command",
    [
        cmd.EndProduct(CHAIR, "", "complete"),
        cmd.RecordFlush(CHAIR, "", True, Decimal(20)),
        cmd.RecordFlush(CHAIR, "", False, text="none"),
    ],
)
def test_an_end_is_refused_while_the_pump_infuses(bench: Bench, command: cmd.Command):
    bench.infusing(60, 165.5, minutes=45)
    assert bench.refused(command) == "PUMP STILL INFUSING 165.5 mL/h: stop it at the pump first"


def test_a_silent_pump_leaves_the_end_to_the_nurse(bench: Bench):
    bench.infusing(360)
    bench.wait(40)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "reaction", Decimal("11.5")))
    end = bench.state.product_end
    assert end is not None
    assert (end.delivered_ml, end.source) == (11.5, DeliverySource.TYPED)
    seconds = bench.progress.infusing_s
    bench.wait(60)
    assert bench.progress.infusing_s == seconds


def test_a_stop_recorded_while_the_pump_runs_on_is_an_alarm(bench: Bench):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.infuse(9, 100.0)
    assert bench.alarm("pump.still_runs") is None
    bench.infuse(3, 100.0)
    alarm = bench.alarm("pump.still_runs")
    assert alarm is not None
    assert alarm.text == "PUMP STILL INFUSING 100.0 mL/h - recorded as stopped"
    bench.stand(2)
    assert bench.alarm("pump.still_runs") is None


def test_a_pump_started_again_after_a_recorded_stop_is_asked_about_and_then_an_alarm(bench: Bench):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.stand(30)
    bench.infuse(50, 100.0)
    assert bench.asked() == "resumed"
    assert bench.alarm("pump.still_runs") is None
    bench.infuse(15, 100.0)
    assert bench.alarm("pump.resumed") is not None
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "resume", ""))
    bench.infuse(2, 100.0)
    assert bench.alarm("pump.resumed") is None
    assert bench.asked() == ""


def test_a_flush_without_an_end_records_both(bench: Bench):
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="no saline at the chair"))
    assert bench.state.product_end is not None
    assert bench.state.product_end.outcome == "stopped"
    assert bench.state.flush is not None
    assert "already recorded" in bench.refused(cmd.RecordFlush(CHAIR, bench.by, True, Decimal(20)))
    assert "already recorded" in bench.refused(cmd.EndProduct(CHAIR, bench.by, "complete"))


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
    assert "not on the schedule" in typed.refused(cmd.MissObservation(CHAIR, typed.by, "+6", "asleep"))
    typed.do(cmd.MissObservation(CHAIR, typed.by, "+5", "asleep"))
    assert typed.refused(cmd.MissObservation(CHAIR, typed.by, "baseline", "asleep")) == "That set is recorded"


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


def test_a_reaction_before_the_start_has_no_minute(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, ""))
    assert "No patient" in bench.refused(cmd.OpenReaction(CHAIR, ""))
    bench.do(cmd.IdentifyPatient(CHAIR, "", NAME, "1972-03-14", "", ("name", "born")))
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
    sign = cmd.SignOff(CHAIR, typed.by, "Nurse Example")
    typed.ended(flush=False)
    assert "The flush is not recorded" in typed.refused(sign)
    typed.do(cmd.RecordFlush(CHAIR, typed.by, True, Decimal(20)))
    reaction = typed.do(cmd.OpenReaction(CHAIR, "")).answer
    assert typed.refused(sign) == "A reaction is still open"
    typed.do(cmd.DetailReaction(CHAIR, typed.by, reaction, outcome="nothing found", resolved=True))
    assert typed.refused(cmd.SignOff(CHAIR, typed.by, " ")) == "The name is missing"
    head = typed.journal()[-1].hash
    typed.do(sign)
    assert typed.state.phase is Phase.SIGNED
    assert typed.state.signature is not None
    assert typed.state.signature.signed_hash == head
    assert typed.refused(cmd.AddNote(CHAIR, typed.by, "too late")) == "No session is open in this chair"


def test_the_verdict_that_is_signed_is_the_verdict_that_is_exported(typed: Bench):
    typed.wait(3600, step_s=300)
    typed.ended()
    typed.do(cmd.MissObservation(CHAIR, typed.by, "+5", "asleep"))
    typed.do(cmd.SignOff(CHAIR, typed.by, "Nurse Example"))
    signature = typed.state.signature
    assert signature is not None
    assert signature.verdict.startswith("Incomplete: 8 sets missed (+5, +10, ")
    assert signature.verdict == summarise(typed.state, typed.now, PROTOCOL).verdict


def test_a_running_pump_is_not_signed_away(bench: Bench):
    bench.infusing(60, 100.0)
    bench.stand(5)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, False, text="none at hand"))
    bench.infuse(5, 100.0)
    assert "PUMP STILL INFUSING" in bench.refused(cmd.SignOff(CHAIR, bench.by, "Nurse Example"))
    bench.stand(2, PumpStatus.STOPPED)
    bench.do(cmd.SignOff(CHAIR, bench.by, "Nurse Example"))
