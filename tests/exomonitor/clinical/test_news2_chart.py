"""NEWS2 on every combination of the chart's edges, against boxes read from the printed chart, and the known bugs.

The second implementation is the chart itself: rows of boxes, looked up one after the other. Both are compared on the
full cross of the values at both sides of every edge of all seven parameters, on both scales: 0.3 million sets, each
scored by the program. The four states of consciousness that score alike take turns. That no value between the edges is
scored otherwise than its box is shown for every whole value (and tenth of a degree) of each parameter alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import cycle, product
from typing import Any

import pytest

from exomonitor.clinical.news2 import Band, Observations, news2

Row = str | tuple[int, bool]
# Points as a row of the printed chart: (upper end of the box, points), the last box open.
CHART: dict[Row, tuple[tuple[int | None, int], ...]] = {
    "rr": ((8, 3), (11, 1), (20, 0), (24, 2), (None, 3)),
    "sbp": ((90, 3), (100, 2), (110, 1), (219, 0), (None, 3)),
    "hr": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (None, 3)),
    "temp": ((350, 3), (360, 1), (380, 0), (390, 1), (None, 2)),
    (1, False): ((91, 3), (93, 2), (95, 1), (None, 0)),
    (1, True): ((91, 3), (93, 2), (95, 1), (None, 0)),
    (2, False): ((83, 3), (85, 2), (87, 1), (None, 0)),
    (2, True): ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (None, 3)),
}


def box(row: Row, value: int) -> int:
    return next(points for upper, points in CHART[row] if upper is None or value <= upper)


def edges(row: Row) -> tuple[int, ...]:
    """The last value of each box and the first one of the next."""
    return tuple(value for upper, _ in CHART[row] if upper is not None for value in (upper, upper + 1))


def scored(row: Row) -> tuple[tuple[int, int], ...]:
    return tuple((value, box(row, value)) for value in edges(row))


def charted_band(total: int, *, red: bool) -> Band:
    if total >= 7:
        return Band.HIGH
    return Band.MEDIUM if total >= 5 else Band.LOW_MEDIUM if red else Band.LOW


def minds() -> Iterator[tuple[tuple[str, int], ...]]:
    """Alert, and one of the four others in turn."""
    return ((("A", 0), (other, 3)) for other in cycle("CVPU"))


@pytest.mark.parametrize("oxygen", [False, True])
@pytest.mark.parametrize("scale", [1, 2])
def test_the_score_is_the_charts_on_all_combinations_of_edges(scale: int, oxygen: bool):
    saturations = scored((scale, oxygen))
    temps = tuple((Decimal(tenths) / 10, points) for tenths, points in scored("temp"))
    others, o2, sets = minds(), 2 if oxygen else 0, 0
    for (rr, of_rr), (spo2, of_spo2), (sbp, of_sbp) in product(scored("rr"), saturations, scored("sbp")):
        for (hr, of_hr), (temp, of_temp) in product(scored("hr"), temps):
            for mind, of_mind in next(others):
                found = news2(Observations(rr, spo2, oxygen, sbp, hr, mind, temp), scale)
                parts = (of_rr, of_spo2, o2, of_sbp, of_hr, of_mind, of_temp)
                assert tuple(found.parts.values()) == parts, (rr, spo2, sbp, hr, mind, temp)
                total = sum(parts)
                assert (found.total, found.red) == (total, 3 in parts)
                assert found.band is charted_band(total, red=3 in parts)
                sets += 1
    assert sets == 8 * len(saturations) * 8 * 10 * 8 * 2


@pytest.mark.parametrize(
    ("name", "row", "values"),
    [
        ("rr", "rr", range(4, 81)),
        ("sbp", "sbp", range(30, 301)),
        ("hr", "hr", range(10, 301)),
        ("temp", "temp", range(250, 451)),
    ],
)
def test_between_its_edges_every_value_scores_as_its_box(name: str, row: str, values: range):
    for value in values:
        given = Decimal(value) / 10 if name == "temp" else value
        assert news2(seen(**{name: given})).parts[name] == box(row, value), value


@pytest.mark.parametrize("oxygen", [False, True])
@pytest.mark.parametrize("scale", [1, 2])
def test_between_its_edges_every_saturation_scores_as_its_box(scale: int, oxygen: bool):
    for value in range(40, 101):
        found = news2(seen(spo2=value, on_oxygen=oxygen), scale)
        assert (found.parts["spo2"], found.parts["o2"]) == (box((scale, oxygen), value), 2 if oxygen else 0), value


def test_whoever_is_not_alert_scores_three():
    assert {state: news2(seen(acvpu=state)).parts["c"] for state in "ACVPU"} == {"A": 0, "C": 3, "V": 3, "P": 3, "U": 3}


def seen(**changes: Any) -> Observations:
    well: dict[str, Any] = {
        "rr": 16,
        "spo2": 98,
        "on_oxygen": False,
        "sbp": 120,
        "hr": 70,
        "acvpu": "A",
        "temp": Decimal("36.8"),
    }
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
