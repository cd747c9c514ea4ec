"""The emergency table: steps and drugs that can be recorded, and what the epinephrine card says for a weight."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files

import pytest

from exomonitor.clinical.emergency import (
    FILE,
    FIRST_STEPS,
    EmergencyTable,
    epinephrine_amount,
    epinephrine_rule,
    im_dose_mg,
)
from exomonitor.clinical.tables import NOT_APPROVED, parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

TABLE = RULES.emergency.content
CARD = RULES.actions.content.epinephrine
TEXT = (files("resources") / "protocols" / FILE).read_text(encoding="utf-8")


def test_the_page_has_the_four_first_steps_and_is_approved_by_nobody():
    assert set(FIRST_STEPS) <= {step.key for step in TABLE.step}
    assert TABLE.approval == NOT_APPROVED
    assert [step.key for step in TABLE.step if step.repeats] == ["epinephrine"]


@pytest.mark.parametrize(
    ("weight", "dose"), [("20", "0.2"), ("49", "0.49"), ("50", "0.5"), ("51", "0.5"), ("120", "0.5"), (None, None)]
)
def test_the_amount_goes_by_weight_up_to_half_a_milligram(weight, dose):
    found = im_dose_mg(Decimal(weight) if weight else None, CARD)
    assert found == (Decimal(dose) if dose else None)


def test_the_card_names_the_amount_for_the_weight_or_says_that_it_is_not_recorded():
    assert epinephrine_rule(CARD).endswith("0.01 mg/kg, at most 0.5 mg, again after 5-15 min if ordered")
    assert epinephrine_amount(Decimal("42.5"), CARD) == "For 42.5 kg: 0.43 mg = 0.43 mL of 1 mg/mL"
    assert epinephrine_amount(None, CARD) == "Weight not recorded: at most 0.5 mg"
    assert epinephrine_amount(Decimal(0), CARD) == "Weight not recorded: at most 0.5 mg"


@pytest.mark.parametrize(
    ("drug", "dose", "unit", "route", "sentence"),
    [
        ("epinephrine", "0.5", "mg", "IM", ""),
        ("epinephrine", "5", "mg", "IM", "outside"),
        ("epinephrine", "0.5", "mL", "IM", "recorded in mg"),
        ("epinephrine", "0.5", "mg", "oral", "route 'oral'"),
        ("gin", "1", "mL", "oral", "not a drug"),
        ("saline", "0", "mL", "IV", "outside"),
    ],
)
def test_a_drug_has_its_unit_its_routes_and_a_highest_amount(drug, dose, unit, route, sentence):
    if not sentence:
        TABLE.check_drug(drug, Decimal(dose), unit, route)
        return
    with pytest.raises(CommandRefused, match=sentence):
        TABLE.check_drug(drug, Decimal(dose), unit, route)


@pytest.mark.parametrize(
    ("was", "becomes", "sentence"),
    [
        ('key = "airway"', 'key = "stop"', "the key stop is used twice"),
        ('key = "airway"', 'key = "wait"', "airway is missing"),
        ("doses = [0.3, 0.5]", "doses = [0.3, 5]", "outside 0-1 mg"),
        ('label = "Oxygen on"', 'label = ""', "step.6.label"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_field(was, becomes, sentence):
    with pytest.raises(EnvironmentFault, match=sentence):
        parse_table(EmergencyTable, TEXT.replace(was, becomes, 1).encode(), FILE)
