"""Mean pressure and shock indices: the reference vectors and which heart rate belongs to a pressure."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.hemodynamics import (
    HemodynamicsTable,
    PressureReading,
    RateReading,
    heart_rate_at,
    indices,
    mean_pressure,
)
from exomonitor.clinical.tables import parse_table
from exomonitor.errors import CommandRefused, EnvironmentFault
from tests.exomonitor.clinical.shipped import RULES

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)
TABLE = RULES.hemodynamics.content


@pytest.mark.parametrize("v", VECTORS["hemodynamics"], ids=lambda v: f"{v['sbp']}/{v['dbp']} {v['hr']}")
def test_the_worked_examples(v):
    seen = indices(PressureReading(0, v["sbp"], v["dbp"]), [RateReading(0, v["hr"])])
    assert (seen.map_mmhg, seen.shock_index, seen.modified) == (v["map"], v["si"], v["msi"])


def test_the_line_says_calculated_and_beta_blocker():
    seen = indices(PressureReading(0, 120, 80), [RateReading(0, 72)], beta_blocker=True)
    assert seen.text == "MAP 93.3 mmHg calc · SI 0.60 · MSI 0.77 · BB"


def test_the_monitors_own_mean_is_preferred():
    seen = indices(PressureReading(0, 120, 80, 90), [RateReading(0, 72)])
    assert seen.text == "MAP 90 mmHg · SI 0.60 · MSI 0.80"
    assert seen.map_calculated is False


def test_a_heart_rate_counts_within_sixty_seconds_of_the_pressure():
    assert heart_rate_at(100, [RateReading(40, 70)]) == 70
    assert heart_rate_at(100, [RateReading(160, 71)]) == 71
    assert heart_rate_at(100, [RateReading(39.9, 70), RateReading(160.1, 71)]) is None
    assert heart_rate_at(100, [RateReading(60, 70), RateReading(110, 72), RateReading(130, 73)]) == 72
    assert heart_rate_at(100, [RateReading(110, 72), RateReading(90, 70)]) == 70


def test_without_a_heart_rate_there_is_a_mean_and_no_index():
    seen = indices(PressureReading(0, 120, 80), [RateReading(61, 72)])
    assert seen.text == "MAP 93.3 mmHg calc · SI -- (no heart rate within 60 s)"
    assert indices(PressureReading(0, 120, 80, 0), [RateReading(0, 72)]).why == "mean pressure 0"


@pytest.mark.parametrize(("hr", "concern"), [(89, False), (90, True)])
def test_a_shock_index_of_nine_tenths_is_a_concern(hr, concern):
    seen = indices(PressureReading(0, 100, 60), [RateReading(0, hr)], TABLE)
    assert seen.concern is concern
    assert ("HIGH" in seen.shock_text) is concern


def test_what_is_usual_is_said_where_an_index_is_not():
    usual = indices(PressureReading(0, 120, 80), [RateReading(0, 72)], TABLE)
    assert usual.text == "MAP 93.3 mmHg calc · SI 0.60 · MSI 0.77"
    high = indices(PressureReading(0, 90, 60), [RateReading(0, 110)], TABLE)
    assert high.text == "MAP 70.0 mmHg calc · SI 1.22 HIGH · MSI 1.57 · usual SI 0.5-0.7, MSI 0.7-1.3"
    above = indices(PressureReading(0, 100, 60), [RateReading(0, 80)], TABLE)
    assert (above.concern, bool(above.usual)) == (False, True), "unusual, not yet a concern"


def test_an_index_that_is_not_known_has_no_mark():
    seen = indices(PressureReading(0, 120, 80), [], TABLE)
    assert (seen.concern, seen.usual, seen.shock_text) == (False, "", "")


@pytest.mark.parametrize(("sbp", "dbp"), [(80, 80), (80, 90), (80, 0)])
def test_an_impossible_pressure_is_refused(sbp, dbp):
    with pytest.raises(CommandRefused, match="diastolic must be below"):
        mean_pressure(sbp, dbp)


@given(st.integers(15, 200), st.integers(1, 200))
def test_the_mean_lies_nearer_to_the_diastolic(dbp, above):
    mean = mean_pressure(dbp + above, dbp)
    assert dbp < mean < dbp + above
    assert abs((mean - dbp) * 2 - (dbp + above - mean)) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[0.5, 0.7]", "[0.7, 0.5]", "shock_index_usual must rise"),
        ("[0.7, 1.3]", "[1.3, 1.3]", "modified_usual must rise"),
        ("concern = 0.9", "concern = 0.6", "must not lie inside"),
    ],
)
def test_a_wrong_table_is_refused(old, new, said):
    text = (
        'version = "1"\nauthor = "A"\nshock_index_usual = [0.5, 0.7]\nshock_index_concern = 0.9\n'
        "modified_usual = [0.7, 1.3]\n"
    )
    assert old in text
    with pytest.raises(EnvironmentFault, match=said):
        parse_table(HemodynamicsTable, text.replace(old, new).encode(), "ours.toml")
