"""The second person: somebody else with the role, blind, compared field by field; nobody there is said, not hidden."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session.parts.double_check import (
    BeginDoubleCheck,
    CompleteDoubleCheck,
    DoubleCheckDone,
    SingleNurse,
    SingleNurseAccepted,
    check_values,
    side_by_side,
)
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, PROTOCOL, VERIFIER, Bench

LABEL = "]d201006141410004181729010110LOT-1\x1d21000123"
"""The label of lot LOT-1, good until 2029-01-01."""


@pytest.fixture
def entered(bench: Bench) -> Bench:
    """Patient, bag and order stand in the record."""
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    who = cmd.IdentifyPatient(
        CHAIR, bench.by, "DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known"
    )
    bench.do(who)
    bench.do(cmd.EnterProduct(CHAIR, bench.by, SourceCell.MSC, "LOT-1", "2029-01-01"))
    bench.order(minutes=60)
    return bench


def begun(bench: Bench) -> Bench:
    bench.do(BeginDoubleCheck(CHAIR, bench.by))
    bench.wait(30)
    return bench


def found(bench: Bench, by: str = VERIFIER, **other: Any) -> CompleteDoubleCheck:
    """What the second person sees: all as it is, but for `other`."""
    given: dict[str, Any] = {
        "wristband": "M-1", "dose_billion": Decimal("5.0"), "volume_ml": Decimal(100), "rate_ml_h": Decimal(100),
        "source_cell": "MSC", "lot": "LOT-1", "expiry": "2029-01-01", **other,
    }  # fmt: skip
    return CompleteDoubleCheck(CHAIR, bench.by, bench.proof(by), **given)


def why(bench: Bench) -> str:
    return next(g.why for g in bench.snapshot.gates if g.key == "double_check")


def test_a_second_person_who_finds_the_same_closes_the_gate(entered: Bench):
    assert why(entered) == "a second person scans and types"
    receipt = begun(entered).do(found(entered))
    assert receipt.answer == "agrees"
    (done,) = entered.events(DoubleCheckDone)
    assert (done.verifier, done.agrees, done.mismatches, done.too_fast) == (VERIFIER, True, (), False)
    assert done.elapsed_s == pytest.approx(30)
    assert why(entered) == ""


@pytest.mark.parametrize("wristband", ["M-1", " m-1 "])
def test_the_wristband_alone_says_who_it_is(entered: Bench, wristband: str):
    assert begun(entered).do(found(entered, wristband=wristband)).answer == "agrees"


@pytest.mark.parametrize("first", ["m-1", "DEMO-EXAMPLE, Jane"])
def test_what_is_typed_instead_of_a_scan_is_two_identifiers(entered: Bench, first: str):
    begun(entered)
    assert "two identifiers" in entered.refused(found(entered, wristband=first, typed=True))
    assert entered.do(found(entered, wristband=first, typed=True, born="1972-03-14")).answer == "agrees"


@pytest.mark.parametrize(
    "said",
    [
        {"wristband": "1972-03-14"},
        {"wristband": "1972-03-14", "typed": True, "born": "1972-03-14"},
        {"wristband": "M-1", "typed": True, "born": "1973-03-14"},
        {"wristband": "DEMO-EXAMPLE, Jane"},
    ],
)
def test_one_identifier_is_not_the_patient(entered: Bench, said: dict[str, Any]):
    assert begun(entered).do(found(entered, **said)).answer == "differs"
    (done,) = entered.events(DoubleCheckDone)
    assert done.mismatches == ("patient_id",)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"wristband": "M-2"}, "patient_id"),
        ({"lot": "LOT-2"}, "lot"),
        ({"expiry": "2029-01-02"}, "expiry"),
        ({"source_cell": "dendritic cell"}, "product_code"),
        ({"dose_billion": Decimal("5.01")}, "dose_billions"),
        ({"volume_ml": Decimal(250)}, "volume_ml"),
        ({"rate_ml_h": Decimal("100.2")}, "rate_ml_h"),
    ],
)
def test_every_difference_is_recorded_and_keeps_the_gate_open(entered: Bench, other: dict[str, Any], field: str):
    assert begun(entered).do(found(entered, **other)).answer == "differs"
    (done,) = entered.events(DoubleCheckDone)
    assert (done.agrees, done.mismatches) == (False, (field,))
    assert why(entered) == f"{field.replace('_', ' ')} differ"


def test_both_values_stand_side_by_side(entered: Bench):
    begun(entered).do(found(entered, dose_billion=Decimal("0.5")))
    state = entered.state
    assert state.double_check.done is not None
    now = check_values(state.patient, state.product, state.order)
    (one,) = side_by_side(now, state.double_check.done, PROTOCOL.rules.double_check.content)
    assert (one.name, one.first, one.second) == ("Dose", "5 billion", "0.5 billion")


def test_after_a_difference_the_one_in_error_corrects_and_the_check_is_done_again(entered: Bench):
    begun(entered).do(found(entered, volume_ml=Decimal(250)))
    assert "Hand over first" in entered.refused(found(entered))
    entered.order(minutes=60, volume_ml=Decimal(250))
    assert why(entered) == "patient, bag or order changed since the check"
    begun(entered).do(found(entered, volume_ml=Decimal(250), rate_ml_h=Decimal(250)))
    assert why(entered) == ""
    assert [done.agrees for done in entered.events(DoubleCheckDone)] == [False, True]


def test_a_label_is_scanned_instead_of_typed(entered: Bench):
    scanned = found(entered, label=LABEL, source_cell="", lot="", expiry="")
    assert begun(entered).do(scanned).answer == "agrees"
    another = replace(scanned, label=LABEL.replace("LOT-1", "LOT-9"))
    entered.order(minutes=50)
    begun(entered).do(replace(another, proof=entered.proof(VERIFIER), rate_ml_h=Decimal(120)))
    assert set(entered.events(DoubleCheckDone)[-1].mismatches) == {"product_code", "lot"}


def test_with_a_scanned_bag_the_product_code_counts(entered: Bench):
    entered.do(cmd.EnterProduct(CHAIR, entered.by, SourceCell.MSC, "", "", raw=LABEL))
    assert entered.state.product is not None
    assert entered.state.product.gtin == "00614141000418"
    scanned = found(entered, label=LABEL, source_cell="", lot="", expiry="")
    assert begun(entered).do(scanned).answer == "agrees"


def test_the_second_person_is_another_one_with_the_role_and_a_fresh_signature(entered: Bench):
    begun(entered)
    assert "role of verifier" in entered.refused(found(entered, by=PRESCRIBER))
    assert "second person signs" in entered.refused(replace(found(entered), proof=""))
    old = found(entered)
    entered.wait(121)
    assert "too old" in entered.refused(old)
    entered.work_as(VERIFIER)
    entered.do(BeginDoubleCheck(CHAIR, entered.by))
    assert "you entered what is checked" in entered.refused(found(entered))


def test_who_entered_the_bag_or_the_order_is_no_second_person(entered: Bench):
    entered.work_as(VERIFIER)
    entered.order(minutes=60)
    entered.work_as(NURSE)
    assert "you entered what is checked" in begun(entered).refused(found(entered))


def test_what_changes_during_the_check_makes_it_begin_again(entered: Bench):
    begun(entered)
    entered.order(minutes=50)
    assert "begin it again" in entered.refused(found(entered))


def test_a_check_of_a_few_seconds_is_flagged_and_counts(entered: Bench):
    entered.do(BeginDoubleCheck(CHAIR, entered.by))
    entered.wait(5)
    entered.do(found(entered))
    assert entered.events(DoubleCheckDone)[-1].too_fast
    assert why(entered) == ""


@pytest.mark.parametrize("what", ["order", "bag"])
def test_any_later_change_opens_the_gate_again(entered: Bench, what: str):
    begun(entered).do(found(entered))
    if what == "order":
        entered.order(minutes=45)
    else:
        entered.do(cmd.EnterProduct(CHAIR, entered.by, SourceCell.MSC, "LOT-2", "2029-01-01"))
    assert why(entered) == "patient, bag or order changed since the check"
    assert "has already started" not in why(entered)


def test_single_nurse_needs_a_reason_is_recorded_and_goes_with_the_values(entered: Bench):
    assert "needs a reason" in entered.refused(SingleNurse(CHAIR, entered.by, " no "))
    entered.do(SingleNurse(CHAIR, entered.by, "alone on the ward at night"))
    (event,) = entered.events(SingleNurseAccepted)
    assert event.reason == "alone on the ward at night"
    gate = next(g for g in entered.snapshot.gates if g.key == "double_check")
    assert (gate.done, gate.overridden, gate.closed) == (False, True, True)
    entered.order(minutes=45)
    assert not next(g for g in entered.snapshot.gates if g.key == "double_check").closed


def test_nothing_can_be_checked_before_it_is_entered(bench: Bench):
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    assert "Before the double check fill in: Patient" in bench.refused(BeginDoubleCheck(CHAIR, bench.by))
    assert "fill in" in bench.refused(SingleNurse(CHAIR, bench.by, "nobody is here"))
    assert why(bench) == "after patient, bag and order"


def test_a_check_that_stands_is_not_done_twice(entered: Bench):
    begun(entered).do(found(entered))
    assert "nothing has changed since" in entered.refused(BeginDoubleCheck(CHAIR, entered.by))


def test_what_the_second_person_types_must_be_a_number_of_that_kind(entered: Bench):
    begun(entered)
    assert "type billions" in entered.refused(found(entered, dose_billion=Decimal(5_000_000_000)))
    assert "not a date" in entered.refused(found(entered, expiry="soon"))
    assert "The lot is missing" in entered.refused(found(entered, lot=""))
    assert "Rate" in entered.refused(found(entered, rate_ml_h=Decimal(5000)))
