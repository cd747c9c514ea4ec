"""The independent double check: what counts as the same, who may be the second person, what is flagged."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.double_check import (
    FILE,
    CheckValues,
    DoubleCheckTable,
    Mismatch,
    check_single_nurse,
    compare,
    differing_fields,
    freeze,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.double_check.content
FIRST = CheckValues(
    "MRN-0001", "00614141000418", "EXO-A12", date(2027, 6, 30), Decimal("5.0"), Decimal(100), Decimal("165.5")
)
OTHER: dict[str, Any] = {
    "patient_id": "MRN-0002",
    "product_code": "00614141000425",
    "lot": "EXO-a12",
    "expiry": date(2027, 6, 29),
    "dose_billions": Decimal("5.01"),
    "volume_ml": Decimal("100.1"),
    "rate_ml_h": Decimal("165.7"),
}


def compared(second: CheckValues, elapsed_s: float = 35):
    return compare(FIRST, freeze(FIRST), second, elapsed_s, TABLE)


def test_the_same_values_agree_however_they_are_written():
    second = replace(FIRST, dose_billions=Decimal("5.00"), volume_ml=Decimal("1E+2"))
    assert compared(second).agrees
    assert freeze(second) == freeze(FIRST)


@pytest.mark.parametrize("field", OTHER)
def test_every_field_is_compared(field):
    outcome = compared(replace(FIRST, **{field: OTHER[field]}))
    assert not outcome.agrees
    assert differing_fields(outcome) == (field,)
    assert freeze(replace(FIRST, **{field: OTHER[field]})) != freeze(FIRST)


@pytest.mark.parametrize("field", OTHER)
def test_what_the_second_person_did_not_enter_is_a_mismatch(field):
    (mismatch,) = compared(replace(FIRST, **{field: None})).mismatches
    assert (mismatch.field, mismatch.second) == (field, "not entered")


def test_every_field_is_tried_here():
    assert list(OTHER) == [field.name for field in fields(CheckValues)]


def test_both_values_stand_side_by_side():
    (mismatch,) = compared(replace(FIRST, dose_billions=Decimal("0.5"))).mismatches
    assert mismatch == Mismatch("dose_billions", "Dose", "5 billion", "0.5 billion")


@pytest.mark.parametrize(("rate", "agrees"), [("165.4", True), ("165.6", True), ("165.39", False), ("165.61", False)])
def test_a_rate_may_be_a_tenth_off(rate, agrees):
    assert compared(replace(FIRST, rate_ml_h=Decimal(rate))).agrees is agrees


@given(st.decimals("0.1", "100", places=2), st.decimals("0.1", "100", places=2))
def test_doses_agree_only_when_they_are_equal(one, two):
    first = replace(FIRST, dose_billions=one)
    outcome = compare(first, freeze(first), replace(FIRST, dose_billions=two), 30, TABLE)
    assert outcome.agrees is (one == two)


@pytest.mark.parametrize(("elapsed_s", "flag"), [(19.9, "check completed implausibly fast"), (20, "")])
def test_a_check_that_was_too_fast_is_flagged_and_not_blocked(elapsed_s, flag):
    outcome = compared(FIRST, elapsed_s)
    assert (outcome.flag, outcome.agrees) == (flag, True)


def test_values_that_changed_after_they_were_frozen_are_refused():
    with pytest.raises(CommandRefused, match="changed during the double check"):
        compare(replace(FIRST, lot="EXO-A13"), freeze(FIRST), FIRST, 30, TABLE)


def test_a_form_with_gaps_cannot_be_frozen():
    with pytest.raises(CommandRefused, match="fill in: Product code, Lot"):
        freeze(replace(FIRST, lot="", product_code=None))


def test_a_single_nurse_gives_a_reason():
    assert check_single_nurse("  night  shift alone ", TABLE) == "night shift alone"
    with pytest.raises(CommandRefused, match="at least 5 characters"):
        check_single_nurse(" a    b ", TABLE)


@pytest.mark.parametrize(
    ("old", "new"), [("dose_billions = 0", "dose_billions = 0.1"), ("rate_ml_h = 0.1", "rate_ml_h = 5")]
)
def test_a_tolerance_that_hides_an_error_is_refused(old, new):
    shipped = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")
    assert old in shipped
    with pytest.raises(EnvironmentFault, match=r"tolerance\."):
        parse_table(DoubleCheckTable, shipped.replace(old, new).encode(), "ours.toml")
