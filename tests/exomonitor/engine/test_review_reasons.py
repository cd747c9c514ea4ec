"""What went another way than usual asks for a prescriber's review, unless a prescriber has signed that very thing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.events import ObservationRecorded
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.corrections import EntryVoided, VoidEntry
from exomonitor.session.parts.double_check import SingleNurseAccepted
from exomonitor.session.parts.emergency_events import GiveDrug, VoidEmergencyEntry
from exomonitor.session.parts.supply import PreparedDoseAccepted
from exomonitor.session.review import review_missing, review_reasons
from tests.exomonitor.engine.bedside_bench import CHAIR, PRESCRIBER, VERIFIER, Bench

ALONE = "single nurse, no double check"
SIGNERS = pytest.mark.parametrize(("signer", "asked"), [(VERIFIER, True), (PRESCRIBER, False)])


def reasons(bench: Bench) -> set[str]:
    """Why a review is asked for, besides that the bench's nurse works alone."""
    return set(review_reasons(bench.state)) - {ALONE}


def test_a_single_nurse_asks_for_a_review_once_something_was_given(bench: Bench):
    bench.prepare(pump="", monitor="")
    assert bench.events(SingleNurseAccepted)
    assert review_reasons(bench.state) == ()
    bench.start("100")
    assert review_missing(bench.state) == (ALONE,)


@SIGNERS
def test_an_order_outside_its_range_is_reviewed_unless_a_prescriber_confirmed_it(bench: Bench, signer, asked):
    bench.prepare(pump="", monitor="", minutes=90, override_reason="frail patient", override_proof=bench.proof(signer))
    assert (reasons(bench) == {"order outside its usual range"}) is asked
    assert bench.state.order_override_signed is not asked
    bench.order()
    assert reasons(bench) == set()


@pytest.mark.parametrize(("signed", "asked"), [(False, True), (True, False)])
def test_a_bag_that_is_off_the_ordered_dose_is_reviewed_unless_a_prescriber_was_the_second(bench: Bench, signed, asked):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    accepted = PreparedDoseAccepted(Decimal("4.2"), Decimal(5), VERIFIER, "last of the lot", signed)
    supply = replace(bench.state.supply, accepted=accepted)
    found = review_reasons(replace(bench.state, supply=supply))
    assert ("prepared dose 4.2 for 5 billion" in found) is asked


@SIGNERS
def test_a_void_for_a_wrong_patient_is_reviewed_unless_a_prescriber_was_the_second(bench: Bench, signer, asked):
    bench.prepare(pump="", monitor="")
    seq = max(entry.seq for entry in bench.journal() if isinstance(entry.event, ObservationRecorded))
    bench.do(VoidEntry(CHAIR, bench.by, seq, "wrong_patient", "meant for chair 5", bench.proof(signer)))
    assert bench.events(EntryVoided)[0].prescriber_signed is not asked
    assert (reasons(bench) == {"an entry void: wrong patient"}) is asked
    assert reasons(bench) == set(review_reasons(bench.replayed())) - {ALONE}


def test_another_void_asks_for_nothing(bench: Bench):
    bench.prepare(pump="", monitor="")
    seq = max(entry.seq for entry in bench.journal() if isinstance(entry.event, ObservationRecorded))
    bench.do(VoidEntry(CHAIR, bench.by, seq, "duplicate", "written twice"))
    assert reasons(bench) == set()


def test_leaving_against_advice_is_reviewed_and_a_discharge_signed_by_the_prescriber_is_not(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.wait(3600, 60)
    bench.ended()
    before = bench.state
    bench.do(lv.Discharge(CHAIR, bench.by, bench.proof(PRESCRIBER), "lives next door, his wife is a nurse"))
    assert bench.state.leaving.left is not None
    assert bench.state.leaving.left.event.overridden
    assert reasons(bench) == set()
    left = lv.PatientLeft(bench.now, lv.AGAINST_ADVICE, (), True)
    gone = replace(before, leaving=replace(before.leaving, left=replace(bench.state.leaving.left, event=left)))
    assert "left against advice" in review_reasons(gone)


def test_a_dose_that_a_bag_was_accepted_for_before_the_start_asks_for_nothing_yet(bench: Bench):
    bench.prepare(pump="", monitor="")
    accepted = PreparedDoseAccepted(Decimal("4.2"), Decimal(5), VERIFIER)
    assert review_reasons(replace(bench.state, supply=replace(bench.state.supply, accepted=accepted))) == ()
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "the patient went home"))
    assert review_missing(bench.state) == ()


@pytest.mark.parametrize("changes", ["order", "patient"])
def test_what_is_changed_after_the_double_check_is_reviewed_and_the_same_entered_again_is_not(bench: Bench, changes):
    after = "patient, bag or order changed after the double check"
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.order(reason="read again from the paper")
    assert after not in reasons(bench)
    if changes == "order":
        bench.order(dose_billion=Decimal(9), reason="changed by phone")
    else:
        other = ("DEMO-OTHER, John", "1950-01-01", "M-2", ("name", "born"), "none known")
        bench.do(cmd.IdentifyPatient(CHAIR, bench.by, *other, reason="it is another person"))
    assert after in reasons(bench)
    assert bench.replayed().double_check.changed


def test_epinephrine_that_was_taken_back_is_reviewed(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.start("100")
    bench.do(cmd.OpenReaction(CHAIR, ""))
    bench.do(GiveDrug(CHAIR, "", "epinephrine", Decimal("0.3"), "mg", "IM"))
    bench.do(VoidEmergencyEntry(CHAIR, "", bench.state.emergency.drugs[-1].seq))
    assert "epinephrine taken back from the record" in reasons(bench)
