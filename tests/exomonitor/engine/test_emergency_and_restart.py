"""The emergency page's taps, drugs, the names said afterwards, and going on after a reaction."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.clinical.reaction_report import Grading
from exomonitor.clinical.reactions import IRR
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.emergency_events import (
    ActionsAttributed,
    AttributeActions,
    ConfirmRestart,
    DoEmergencyStep,
    DrugGiven,
    EmergencyStepDone,
    GiveDrug,
    RestartConfirmed,
    VoidEmergencyEntry,
)
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench


@pytest.fixture
def reacting(bench: Bench) -> Bench:
    """Two minutes into the infusion at 100 mL/h F8 was pressed by somebody who has not signed in."""
    bench.infusing(120, 100.0)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    return bench


def grade(bench: Bench, worst: int, **more: object) -> None:
    given = {"term": IRR, "grade": worst, **more}
    bench.do(cmd.DetailReaction(CHAIR, bench.by, "R1", **given))  # type: ignore[arg-type]


def restart(bench: Bench, rate: str = "50", second: str = VERIFIER, **more: object) -> ConfirmRestart:
    given = {"prescriber_id": PRESCRIBER, "way": "telephone", "ordered_min_ago": Decimal(0), "present_grade": 1, **more}
    proof = bench.proof(second) if second else ""
    return ConfirmRestart(CHAIR, bench.by, Decimal(rate), proof=proof, **given)  # type: ignore[arg-type]


# --- the emergency page


def test_every_step_is_a_timed_tap_of_the_open_reaction_without_a_sign_in(reacting):
    for step in ("called_ems", "oxygen", "ems_arrived"):
        reacting.wait(10)
        reacting.do(DoEmergencyStep(CHAIR, "", step))
    taps = reacting.events(ev.ReactionAction)
    assert [(e.reaction, e.action) for e in taps] == [("R1", "called_ems"), ("R1", "oxygen"), ("R1", "ems_arrived")]
    assert taps[2].when.since(taps[0].when) == 20
    assert "not a step" in reacting.refused(DoEmergencyStep(CHAIR, "", "panic"))


def test_before_a_patient_is_known_the_steps_are_kept_all_the_same(bench):
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(DoEmergencyStep(CHAIR, "", "call", "Dr Example"))
    (done,) = bench.events(EmergencyStepDone)
    assert sentence(done) == "Emergency: help called: Dr Example"
    assert [tap.step for tap in bench.state.emergency.done("call", "")] == ["call"]


def test_doses_of_epinephrine_are_counted_and_a_described_tap_is_one_dose(reacting):
    reacting.do(cmd.DoReactionAction(CHAIR, "", "R1", "epinephrine"))
    first = reacting.state.emergency.steps[-1]
    reacting.wait(300)
    reacting.do(GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM", completes=first.seq))
    reacting.do(GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM"))
    doses = reacting.state.emergency.epinephrine("R1")
    assert [round(at.since(first.when)) for at in doses] == [0, 300]
    assert reacting.events(DrugGiven)[0].when == first.when
    assert reacting.state.emergency.undescribed("R1") == ()
    again = GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM", completes=first.seq)
    assert "still needs its dose" in reacting.refused(again)


@pytest.mark.parametrize(
    ("fields", "sentence_of_it"),
    [
        ({"dose": Decimal(5)}, "Epinephrine: 5 mg is outside"),
        ({"unit": "mL"}, "recorded in mg"),
        ({"route": "oral"}, "route 'oral'"),
        ({"drug": "gin"}, "'gin' is not a drug"),
        ({"ago_min": Decimal(-1)}, "in the future"),
        ({"ago_min": Decimal(900)}, "240 min back"),
        ({"reaction": "R9"}, "There is no reaction R9"),
    ],
)
def test_an_impossible_drug_is_refused(reacting, fields, sentence_of_it):
    given = {"drug": "epinephrine", "dose": Decimal("0.3"), "unit": "mg", "route": "IM", **fields}
    assert sentence_of_it in reacting.refused(GiveDrug(CHAIR, "", **given))


def test_a_wrong_tap_stays_in_the_record_and_does_not_count(reacting):
    reacting.do(cmd.DoReactionAction(CHAIR, "", "R1", "epinephrine"))
    seq = reacting.state.emergency.steps[-1].seq
    reacting.do(VoidEmergencyEntry(CHAIR, "", seq))
    reacting.do(VoidEmergencyEntry(CHAIR, "", seq))
    assert reacting.state.emergency.epinephrine("R1") == ()
    assert reacting.state.reactions[0].actions == ()
    assert [e.action for e in reacting.events(ev.ReactionAction)] == ["epinephrine"]
    assert reacting.replayed().emergency == reacting.state.emergency
    assert "Only a step or a drug" in reacting.refused(VoidEmergencyEntry(CHAIR, "", 1))


def test_when_it_is_over_nobody_takes_back_an_entry_without_a_name(reacting):
    reacting.do(GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM"))
    seq = reacting.state.emergency.drugs[-1].seq
    grade(reacting, 2, resolved=True)
    assert "sign in to take back" in reacting.refused(VoidEmergencyEntry(CHAIR, "", seq))
    reacting.do(VoidEmergencyEntry(CHAIR, reacting.by, seq))
    assert reacting.state.emergency.epinephrine("R1") == ()


def test_who_did_it_is_said_afterwards_and_the_entries_keep_their_actor(reacting):
    reacting.do(cmd.DoReactionAction(CHAIR, "", "R1", "stop"))
    reacting.do(cmd.DoReactionAction(CHAIR, "", "R1", "call"))
    waiting = reacting.state.emergency.unattributed
    assert len(waiting) == 3  # F8 and two taps
    reacting.do(AttributeActions(CHAIR, "", waiting[:1], reacting.proof(VERIFIER)))
    assert reacting.state.emergency.unattributed == waiting[1:]
    assert "bears a name" in reacting.refused(AttributeActions(CHAIR, reacting.by, waiting[:1]))
    reacting.do(AttributeActions(CHAIR, reacting.by))
    assert reacting.state.emergency.unattributed == ()
    assert [e.user for e in reacting.events(ActionsAttributed)] == [VERIFIER, NURSE]
    actors = {entry.actor for entry in reacting.journal() if entry.seq in waiting}
    assert actors == {"unnamed"}
    assert "has a name" in reacting.refused(AttributeActions(CHAIR, reacting.by))


def test_what_a_signed_in_nurse_taps_needs_no_name_afterwards(reacting):
    waiting = reacting.state.emergency.unattributed
    reacting.do(cmd.DoReactionAction(CHAIR, reacting.by, "R1", "stop"))
    assert reacting.state.emergency.unattributed == waiting


# --- what it was


def test_several_terms_are_graded_and_the_worst_counts(reacting):
    grade(reacting, 1, more=(Grading("Hypotension", 3), Grading("Flushing", 1)), present_grade=1)
    reaction = reacting.state.reactions[0]
    assert reaction.worst_grade == 3
    assert reaction.details is not None
    assert (reaction.details.term, reaction.details.grade) == ("Hypotension", 3)  # the gravest one leads
    told = sentence(reacting.events(ev.ReactionDetailed)[-1])
    assert told.startswith("Reaction: Hypotension grade 3, Infusion related reaction grade 1, Flushing grade 1 (CTCAE")
    assert "at present grade 1" in told


@pytest.mark.parametrize(
    ("fields", "sentence_of_it"),
    [
        ({"term": IRR, "grade": 1, "more": (Grading("Allergic reaction", 1),)}, "not both"),
        ({"term": IRR, "grade": 1, "more": (Grading(IRR, 2),)}, "graded twice"),
        ({"term": IRR, "grade": 1, "more": (Grading("Fatigue", 4),)}, "no grade 4 for Fatigue"),
        ({"more": (Grading("Fatigue", 1),)}, "main term first"),
        ({"term": IRR, "grade": 1, "present_grade": 2}, "does not fit"),
        ({"causality": "perhaps"}, "Causality: 'perhaps' is none of"),
        ({"serious": ("bad",)}, "Seriousness"),
        ({"response": "well"}, "Response"),
        ({"rechallenge": "maybe"}, "Rechallenge"),
        ({"photo_consent": "later"}, "Photo consent"),
    ],
)
def test_what_cannot_be_is_refused(reacting, fields, sentence_of_it):
    assert sentence_of_it in reacting.refused(cmd.DetailReaction(CHAIR, reacting.by, "R1", **fields))


def test_an_infusion_reaction_and_an_allergic_one_are_never_both_in_one_session(reacting):
    grade(reacting, 1, resolved=True)
    reacting.do(cmd.OpenReaction(CHAIR, ""))
    refusal = reacting.refused(cmd.DetailReaction(CHAIR, reacting.by, "R2", term="Allergic reaction", grade=1))
    assert "not both" in refusal


def test_a_lower_grade_is_a_correction_with_a_reason_not_an_improvement(reacting):
    grade(reacting, 3)
    lower = cmd.DetailReaction(CHAIR, reacting.by, "R1", term=IRR, grade=1)
    assert "grade at present" in reacting.refused(lower)
    seq = reacting.state.reactions[0].details_seq
    reacting.do(replace(lower, reason="wrong line tapped"))
    assert reacting.events(ev.ReactionDetailed)[-1].supersedes == seq
    assert reacting.state.reactions[0].worst_grade == 1


# --- going on


def stopped(bench: Bench, worst: int = 2) -> None:
    bench.stand(60)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    grade(bench, worst, present_grade=1 if worst < 3 else None)


def test_a_restart_is_confirmed_with_order_half_rate_and_a_second_person(reacting):
    stopped(reacting)
    reacting.do(restart(reacting))
    (confirmed,) = reacting.events(RestartConfirmed)
    assert (confirmed.worst_grade, confirmed.rate_at_onset_ml_h, confirmed.second) == (2, Decimal("100.0"), VERIFIER)
    reacting.infuse(30, 50.0)
    assert reacting.alarm("restart.unordered") is None
    assert reacting.asked() in {"", "rate"}
    assert "No restart" in reacting.refused(restart(reacting))


@pytest.mark.parametrize(
    ("worst", "fields", "sentence_of_it"),
    [
        (3, {}, "Worst grade of this session 3"),
        (2, {"present_grade": 2}, "Grade 2 at present"),
        (2, {"prescriber_id": ""}, "prescriber who ordered"),
        (2, {"ordered_min_ago": Decimal(30)}, "time of the prescriber's order"),
        (2, {"rate": "60"}, "above 50 %"),
        (2, {"second": ""}, "second person has not checked"),
        (2, {"second": NURSE}, "somebody else"),
    ],
)
def test_a_restart_without_what_it_takes_is_not_confirmed(reacting, worst, fields, sentence_of_it):
    stopped(reacting, worst)
    assert sentence_of_it in reacting.refused(restart(reacting, **fields))


def test_a_higher_rate_is_confirmed_with_a_reason(reacting):
    stopped(reacting)
    reacting.do(restart(reacting, "80", override_reason="ordered by phone"))
    assert reacting.events(RestartConfirmed)[0].override_reason == "ordered by phone"


def test_after_met_criteria_the_prescriber_says_why_it_was_no_anaphylaxis(reacting):
    reacting.do(cmd.DetailReaction(CHAIR, "", "R1", ("flushing", "breathless")))
    reacting.wait(2)
    reacting.stand(60)
    grade(reacting, 2, symptoms=("flushing", "breathless"))
    assert "Anaphylaxis criteria were met" in reacting.refused(restart(reacting))
    reacting.do(restart(reacting, ruled_out="known anxiety, saturation 98"))


def test_after_epinephrine_nothing_goes_on(reacting):
    stopped(reacting)
    reacting.do(cmd.DoReactionAction(CHAIR, "", "R1", "epinephrine"))
    assert "Anaphylaxis in this session: no restart" in reacting.refused(restart(reacting))


def test_before_the_pump_has_stood_there_is_nothing_to_restart(reacting):
    grade(reacting, 1)
    assert "has not been stopped" in reacting.refused(restart(reacting))


@pytest.mark.parametrize(("worst", "priority"), [(None, Priority.MEDIUM), (2, Priority.MEDIUM), (3, Priority.HIGH)])
def test_a_pump_that_runs_again_without_an_order_is_recorded_and_alarms(reacting, worst, priority):
    reacting.stand(60)
    if worst is not None:
        grade(reacting, worst)
    reacting.infuse(5, 50.0)
    view = reacting.alarm("restart.unordered")
    assert view is not None
    assert view.text.startswith("RESTARTED WITHOUT ORDER")
    assert view.priority is priority
    assert reacting.state.stretches[-1].rate_ml_h == 50.0
    reacting.stand(5)
    assert reacting.alarm("restart.unordered") is None


def test_a_restart_after_a_reaction_is_not_confirmed_by_the_ordinary_key(reacting):
    stopped(reacting)
    reacting.infuse(5, 50.0)
    refusal = reacting.refused(cmd.GiveMeaning(CHAIR, reacting.by, "resume", "solved"))
    assert "prescriber's order" in refusal
    reacting.do(restart(reacting))
    assert reacting.asked() in {"", "rate"}


def test_without_pump_data_the_order_is_what_the_pump_does_from_then_on(bench):
    bench.prepare(pump="", monitor="", line_ml=Decimal(18))
    bench.start("100")
    bench.wait(60)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "pause", "reaction"))
    bench.wait(60)
    grade(bench, 1)
    bench.do(restart(bench, "40"))
    assert bench.state.stretches[-1].rate_ml_h == 40.0
    bench.wait(5)
    assert bench.alarm("restart.unordered") is None


def test_a_pump_that_never_stopped_is_no_restart(reacting):
    reacting.infuse(30, 100.0)
    assert reacting.alarm("restart.unordered") is None


def test_after_a_restart_the_ordered_rate_is_the_planned_one(reacting):
    stopped(reacting)
    reacting.do(restart(reacting))
    reacting.infuse(120, 50.0)
    assert reacting.progress.planned_rate_ml_h == 50.0
    assert reacting.alarm("pump.rate") is None
    assert reacting.asked() == ""
    reacting.infuse(120, 90.0)
    assert reacting.alarm("pump.rate") is not None, "not the ordered rate either"


def test_who_stops_the_pump_before_the_moment_is_stamped_restarts_at_half_of_what_ran(bench: Bench):
    bench.infusing(120, 100.0)
    bench.stand(10)
    bench.do(cmd.OpenReaction(CHAIR, ""))
    grade(bench, 2)
    bench.stand(300)
    assert bench.state.reactions[0].rate_ml_h == 0
    assert "50 % of the rate at onset (50.0 mL/h)" in bench.refused(restart(bench, "51"))
    bench.do(restart(bench, "50"))
    assert bench.events(RestartConfirmed)[0].rate_at_onset_ml_h == 100


def test_a_reaction_before_a_patient_is_known_is_stamped_and_nothing_starts_while_it_is_open(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(cmd.OpenReaction(CHAIR, ""))
    assert bench.state.open_reaction is not None
    for refused in (cmd.StartSession(CHAIR, bench.by), cmd.AbandonSession(CHAIR, bench.by, "other", "nobody came")):
        assert "A reaction is open" in bench.refused(refused)
