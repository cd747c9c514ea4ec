"""The anaphylaxis criteria while it happens: on partial data, at once, latched, and with what they rest on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import RecordEarlierDose
from exomonitor.session.parts.emergency_events import AnaphylaxisAssessed, SetOwnSbpLimit
from exomonitor.signals.pump import PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

WHY = "always low, said by the prescriber"


@pytest.fixture
def reacting(bench: Bench) -> Bench:
    """Ten minutes into the infusion (baseline SpO2 98, BP 120/70) F8 was pressed."""
    bench.infusing(600, 100.0)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    return bench


def tap(bench: Bench, *symptoms: str) -> None:
    bench.do(cmd.DetailReaction(CHAIR, "", "R1", symptoms))


def saturate(bench: Bench, value: float, seconds: int, validity: Validity = Validity.VALID) -> None:
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.vital(Sign.SPO2, value, validity=validity)
        bench.pump(PumpStatus.INFUSING, 100.0)
        bench.tick()


def alarm_text(bench: Bench) -> str:
    view = bench.alarm("anaphylaxis")
    return view.text if view is not None else ""


def test_skin_with_a_saturation_that_stays_low_meets_the_first_criterion_of_wao(reacting):
    tap(reacting, "flushing")
    saturate(reacting, 89, 15)
    assert reacting.alarm("anaphylaxis") is None
    saturate(reacting, 89, 1)
    view = reacting.alarm("anaphylaxis")
    assert view is not None
    assert (view.text, view.priority) == ("Anaphylaxis criteria may be met: skin + SpO₂ 89 %", Priority.HIGH)
    reacting.wait(2)
    (assessed,) = reacting.events(AnaphylaxisAssessed)
    assert assessed.criteria == ("WAO 1", "NIAID 1", "NIAID 2")
    assert (assessed.because, assessed.brown, assessed.ring_messmer) == (("skin", "SpO₂ 89 %"), 3, 1)


@pytest.mark.parametrize(
    ("symptoms", "value", "validity", "met"),
    [
        (("flushing",), 92, Validity.VALID, True),
        (("flushing",), 93, Validity.VALID, True),  # 98 at the start: 5 points down, below 94
        (("flushing",), 94, Validity.VALID, False),
        (("headache",), 85, Validity.VALID, False),
        (("flushing",), 85, Validity.QUESTIONABLE, False),
    ],
)
def test_low_saturation_counts_with_an_open_skin_symptom_and_a_good_signal(reacting, symptoms, value, validity, met):
    tap(reacting, *symptoms)
    saturate(reacting, value, 20, validity)
    assert bool(alarm_text(reacting)) is met


def test_a_fall_from_a_low_baseline_counts_only_where_it_is_large_enough(bench):
    bench.infusing(600, 100.0)
    bench.do(bench.set_of("baseline", values={"spo2": cmd.ValueEntry(Decimal(96), "typed")}, reason="read again"))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    tap(bench, "hives")
    saturate(bench, 93, 20)
    assert alarm_text(bench) == ""
    saturate(bench, 92, 20)
    assert alarm_text(bench) == "Anaphylaxis criteria may be met: skin + SpO₂ 92 %"


def test_one_tap_is_enough_where_a_criterion_asks_for_nothing_measured(reacting):
    tap(reacting, "hives", "wheeze")
    assert alarm_text(reacting) == "Anaphylaxis criteria may be met: skin + wheeze"
    reacting.wait(2)
    assert reacting.events(AnaphylaxisAssessed)[0].criteria == ("WAO 1", "WAO 2", "NIAID 1", "NIAID 2")


@pytest.mark.parametrize(
    ("baseline", "sbp", "met"),
    [
        ("120", 90, False),
        ("120", 89, True),
        ("140", 98, False),
        ("140", 97, True),
        ("200", 140, False),
        ("200", 139, True),
    ],
)
def test_pressure_alone_meets_wao_2_below_90_or_more_than_30_percent_down(bench, baseline, sbp, met):
    bench.infusing(600, 100.0)
    lower = {"nibp_sys": cmd.ValueEntry(Decimal(baseline), "typed"), "nibp_dia": cmd.ValueEntry(Decimal(70), "typed")}
    bench.do(bench.set_of("baseline", values=lower, reason="read again"))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.vital(Sign.NIBP_SYS, sbp)
    bench.tick()
    assert alarm_text(bench) == (f"Anaphylaxis criteria may be met: SBP {sbp} mmHg" if met else "")


def test_the_criteria_do_not_wait_for_a_reaction_to_be_opened(bench):
    bench.infusing(600, 100.0)
    bench.do(bench.set_of("+10", symptoms=("Flushing", "Short of breath")))
    bench.tick()
    assert alarm_text(bench) == "Anaphylaxis criteria may be met: skin + short of breath"
    bench.wait(2)
    assert bench.events(AnaphylaxisAssessed)[0].reaction == ""


def test_a_saturation_typed_by_a_person_counts_at_once(reacting):
    tap(reacting, "itching")
    typed = {"spo2": cmd.ValueEntry(Decimal(91), "typed")}
    reacting.do(reacting.set_of("extra1", values=typed))
    reacting.tick()
    assert alarm_text(reacting) == "Anaphylaxis criteria may be met: skin + SpO₂ 91 %"


def test_it_stays_until_somebody_has_seen_it_though_the_patient_is_better(reacting):
    tap(reacting, "flushing")
    saturate(reacting, 88, 17)
    saturate(reacting, 97, 5)
    view = reacting.alarm("anaphylaxis")
    assert view is not None
    assert view.state is AlarmState.LATCHED
    reacting.do(cmd.Acknowledge(CHAIR, "", "anaphylaxis"))
    assert reacting.alarm("anaphylaxis") is None
    reacting.wait(2)
    assert [e.criteria for e in reacting.events(AnaphylaxisAssessed)] == [("WAO 1", "NIAID 1", "NIAID 2"), ()]


def test_more_criteria_are_a_new_entry_and_the_same_ones_are_none(reacting):
    tap(reacting, "flushing")
    saturate(reacting, 88, 40)
    tap(reacting, "flushing", "voice")
    reacting.wait(2)
    assert [e.criteria for e in reacting.events(AnaphylaxisAssessed)] == [
        ("WAO 1", "NIAID 1", "NIAID 2"),
        ("WAO 1", "WAO 2", "NIAID 1", "NIAID 2"),
    ]


def test_before_any_product_ran_nothing_is_laid_at_its_door(bench):
    bench.bind("pump", "monitor")
    bench.prepare()
    bench.do(cmd.OpenReaction(CHAIR, ""))
    tap(bench, "hives", "wheeze")
    bench.tick()
    assert alarm_text(bench) == ""


def test_four_hours_after_the_product_the_criteria_no_longer_fit(bench):
    bench.prepare(pump="", monitor="", line_ml=Decimal(18))
    bench.start("100")
    bench.wait(3600, step_s=60)
    bench.ended()
    bench.wait(241 * 60, step_s=60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    tap(bench, "hives", "wheeze")
    bench.tick()
    assert alarm_text(bench) == ""


def test_a_restart_of_the_program_keeps_the_alarm_and_writes_nothing_twice(reacting):
    tap(reacting, "hives", "wheeze")
    reacting.wait(2)
    after = reacting.after_restart(20)
    assert alarm_text(after) == "Anaphylaxis criteria may be met: skin + wheeze"
    after.wait(3)
    assert len(after.events(AnaphylaxisAssessed)) == 1


# --- the pulse


@pytest.mark.parametrize("validity", [Validity.UNAVAILABLE, Validity.INVALID, Validity.LOW_PERFUSION])
def test_a_cuff_that_fails_in_a_reaction_sends_the_hand_to_the_pulse_at_once(reacting, validity):
    reacting.vital(Sign.NIBP_SYS, None, validity=Validity.MEASURING)
    reacting.vital(Sign.NIBP_SYS, None, validity=validity)
    reacting.wait(1)
    view = reacting.alarm("bp.missing")
    assert view is not None
    assert (view.text, view.priority) == ("BP NOT MEASURED - feel the pulse", Priority.MEDIUM)
    reacting.vital(Sign.NIBP_SYS, 110)
    reacting.wait(1)
    assert reacting.alarm("bp.missing") is None


def test_a_finger_without_pulse_says_the_same_and_without_a_reaction_nothing(bench):
    bench.infusing(60, 100.0)
    bench.vital(Sign.SPO2, None, validity=Validity.LOW_PERFUSION)
    bench.wait(1)
    assert bench.alarm("bp.missing") is None
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.vital(Sign.SPO2, None, validity=Validity.LOW_PERFUSION)
    bench.wait(1)
    assert bench.alarm("bp.missing") is not None


def test_a_cuff_that_has_not_measured_yet_has_not_failed(reacting):
    reacting.vital(Sign.NIBP_SYS, None, validity=Validity.UNAVAILABLE)
    reacting.wait(1)
    assert reacting.alarm("bp.missing") is None


def test_the_worst_values_since_moment_zero_are_kept(reacting):
    reacting.vital(Sign.SPO2, 91)
    reacting.vital(Sign.SPO2, 87)
    reacting.vital(Sign.TEMP, 38.46)
    reacting.vital(Sign.SPO2, 60, validity=Validity.QUESTIONABLE)
    worst = reacting.snapshot.worst
    assert (worst["spo2_min"], worst["spo2_max"], worst["temp_max"]) == (87, 91, Decimal("38.5"))
    tap(reacting, "chills")
    assert reacting.state.reactions[0].details.worst["spo2_min"] == 87


# --- a low baseline


def test_a_patient_with_a_low_baseline_has_a_limit_of_their_own(bench):
    bench.infusing(600, 100.0)
    low = {"nibp_sys": cmd.ValueEntry(Decimal(86), "typed"), "nibp_dia": cmd.ValueEntry(Decimal(50), "typed")}
    bench.do(bench.set_of("baseline", values=low, reason="read again"))
    assert "from 60 to below" in bench.refused(SetOwnSbpLimit(CHAIR, bench.by, 90, WHY))
    assert "reason" in bench.refused(SetOwnSbpLimit(CHAIR, bench.by, 75))
    bench.do(SetOwnSbpLimit(CHAIR, bench.by, 75, WHY))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.vital(Sign.NIBP_SYS, 84)
    bench.tick()
    assert alarm_text(bench) == ""
    bench.vital(Sign.NIBP_SYS, 74)
    bench.tick()
    assert alarm_text(bench) == "Anaphylaxis criteria may be met: SBP 74 mmHg"


def test_an_ordinary_baseline_takes_no_limit_of_its_own(bench):
    bench.infusing(60, 100.0)
    assert "the limit of 90 applies" in bench.refused(SetOwnSbpLimit(CHAIR, bench.by, 70, WHY))


# --- known to react


def test_a_low_pressure_of_a_patient_with_an_earlier_reaction_meets_the_third_criterion(bench):
    bench.prepare(pump="", monitor="")
    bench.do(RecordEarlierDose(CHAIR, bench.by, "at DEMO-CLINIC", bench.state.patient.id, days_ago=60, worst_grade=2))
    bench.start("100")
    bench.wait(600, 60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    low = {"nibp_sys": cmd.ValueEntry(Decimal(84), "typed"), "nibp_dia": cmd.ValueEntry(Decimal(50), "typed")}
    bench.do(bench.set_of("+10", values=low))
    bench.wait(2)
    assessed = bench.events(AnaphylaxisAssessed)[-1]
    assert assessed.criteria == ("WAO 2", "NIAID 3")
    assert assessed.because == ("SBP 84 mmHg", "reacted to this product before")


def test_without_a_reaction_on_file_the_third_criterion_stays_open(bench):
    bench.infusing(600, 100.0)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.vital(Sign.NIBP_SYS, 80)
    bench.wait(2)
    assert bench.events(AnaphylaxisAssessed)[-1].criteria == ("WAO 2",)
