"""NEWS2 on every combination of the chart's edges, against boxes read from the printed chart, and the known bugs."""

from decimal import Decimal
from itertools import product

import pytest

from exomonitor.clinical.news2 import Observations, news2

# (last value of the box below, first value of the box): both sides of every edge of the chart, and the far ends.
RR = (0, 8, 9, 11, 12, 20, 21, 24, 25, 80)
SPO2 = (40, 83, 84, 85, 86, 87, 88, 91, 92, 93, 94, 95, 96, 97, 100)
SBP = (40, 90, 91, 100, 101, 110, 111, 219, 220, 300)
HR = (20, 40, 41, 50, 51, 90, 91, 110, 111, 130, 131, 300)
TENTHS = (300, 350, 351, 360, 361, 380, 381, 390, 391, 430)
# Points as a row of the printed chart: (upper end of the box, points), the last box open.
CHART = {
    "rr": ((8, 3), (11, 1), (20, 0), (24, 2), (None, 3)),
    "sbp": ((90, 3), (100, 2), (110, 1), (219, 0), (None, 3)),
    "hr": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (None, 3)),
    "temp": ((350, 3), (360, 1), (380, 0), (390, 1), (None, 2)),
    (1, False): ((91, 3), (93, 2), (95, 1), (None, 0)),
    (1, True): ((91, 3), (93, 2), (95, 1), (None, 0)),
    (2, False): ((83, 3), (85, 2), (87, 1), (None, 0)),
    (2, True): ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (None, 3)),
}


def box(row, value):
    return next(points for upper, points in CHART[row] if upper is None or value <= upper)


def test_the_score_is_the_charts_on_all_edges():
    vital = list(product(RR, SBP, HR, TENTHS))
    side = list(product(SPO2, (False, True), "ACVPU", (1, 2)))
    # Parts are independent of each other but for SpO2 and oxygen: every pair of halves once covers all their edges.
    for place in range(max(len(vital), len(side))):
        rr, sbp, hr, tenths = vital[place % len(vital)]
        spo2, oxygen, acvpu, scale = side[place % len(side)]
        found = news2(Observations(rr, spo2, oxygen, sbp, hr, acvpu, Decimal(tenths) / 10), scale)
        parts = {
            "rr": box("rr", rr), "spo2": box((scale, oxygen), spo2), "o2": 2 if oxygen else 0, "sbp": box("sbp", sbp),
            "hr": box("hr", hr), "c": 0 if acvpu == "A" else 3, "temp": box("temp", tenths),
        }  # fmt: skip
        assert found.parts == parts
        total = sum(parts.values())
        red = 3 in parts.values()
        band = "high" if total >= 7 else "medium" if total >= 5 else "low-medium" if red else "low"
        assert (found.total, found.band, found.red) == (total, band, red)


def seen(**changes):
    well = {"rr": 16, "spo2": 98, "on_oxygen": False, "sbp": 120, "hr": 70, "acvpu": "A", "temp": Decimal("36.8")}
    return Observations(**{**well, **changes})


@pytest.mark.parametrize(("rr", "points"), [(8, 3), (25, 3), (16, 0), (9, 1), (24, 2)])
def test_bug_a_a_rate_is_compared_with_both_ends_by_itself(rr, points):
    assert news2(seen(rr=rr)).parts["rr"] == points


@pytest.mark.parametrize(("temp", "points"), [("35.0", 3), ("36.0", 1), ("35.1", 1), ("36.1", 0)])
def test_bug_b_the_lower_edges_of_temperature_belong_to_the_box_below(temp, points):
    assert news2(seen(temp=Decimal(temp))).parts["temp"] == points


@pytest.mark.parametrize("spo2", [93, 94, 95, 96, 97, 100])
def test_bug_c_scale_two_does_not_punish_a_high_saturation_on_air(spo2):
    assert news2(seen(spo2=spo2), 2).parts["spo2"] == 0
    assert news2(seen(spo2=spo2, on_oxygen=True), 2).parts["spo2"] not in {0, None}


@pytest.mark.parametrize(("change", "points"), [({"acvpu": "C"}, 3), ({"acvpu": "U"}, 3), ({"on_oxygen": True}, 2)])
def test_bug_d_consciousness_and_oxygen_count(change, points):
    assert news2(seen(**change)).total == points


@pytest.mark.parametrize("name", ["rr", "spo2", "on_oxygen", "sbp", "hr", "acvpu", "temp"])
def test_bug_e_what_is_missing_is_not_normal(name):
    found = news2(seen(**{name: None}))
    assert found.total is None
    assert None in found.parts.values()
