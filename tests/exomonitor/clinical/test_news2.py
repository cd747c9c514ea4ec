"""NEWS2 against the reference vectors and against a second implementation written from the chart."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.news2 import RED_LINE, Observations, news2
from exomonitor.errors import CommandRefused

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)["news2"]
WELL = {"rr": 16, "spo2": 98, "on_oxygen": False, "sbp": 120, "hr": 70, "acvpu": "A", "temp": Decimal("36.8")}


def seen(**changes):
    return Observations(**{**WELL, **changes})


@pytest.mark.parametrize("v", VECTORS, ids=lambda v: v["id"])
def test_the_worked_examples(v):
    score = news2(Observations(v["rr"], v["spo2"], v["on_o2"], v["sbp"], v["hr"], v["acvpu"], v["temp_c"]), v["scale"])
    assert (score.total, score.band) == (v["total"], v["band"])
    assert score.red is v["red_score"]
    assert score.parts == v["parts"]


def chart(rr, spo2, on_oxygen, sbp, hr, acvpu, tenths, scale):
    """The chart of 2017 as boxes: a second reading, for comparison."""
    total = 2 if on_oxygen else 0
    total += 3 if acvpu != "A" else 0
    boxes = {
        "rr": [(range(9), 3), (range(9, 12), 1), (range(12, 21), 0), (range(21, 25), 2), (range(25, 999), 3)],
        "sbp": [(range(91), 3), (range(91, 101), 2), (range(101, 111), 1), (range(111, 220), 0), (range(220, 999), 3)],
        "hr": [
            (range(41), 3),
            (range(41, 51), 1),
            (range(51, 91), 0),
            (range(91, 111), 1),
            (range(111, 131), 2),
            (range(131, 999), 3),
        ],
        "temp": [
            (range(351), 3),
            (range(351, 361), 1),
            (range(361, 381), 0),
            (range(381, 391), 1),
            (range(391, 999), 2),
        ],
        "one": [(range(92), 3), (range(92, 94), 2), (range(94, 96), 1), (range(96, 101), 0)],
        "two": [(range(84), 3), (range(84, 86), 2), (range(86, 88), 1), (range(88, 93), 0)],
        "two on oxygen": [(range(93, 95), 1), (range(95, 97), 2), (range(97, 101), 3)],
    }
    which = [("rr", rr), ("sbp", sbp), ("hr", hr), ("temp", tenths)]
    if scale == 1:
        which.append(("one", spo2))
    elif spo2 < 93:
        which.append(("two", spo2))
    elif on_oxygen:
        which.append(("two on oxygen", spo2))
    for name, value in which:
        total += next(points for box, points in boxes[name] if value in box)
    return total


@given(
    st.integers(1, 80),
    st.integers(40, 100),
    st.booleans(),
    st.integers(40, 300),
    st.integers(20, 300),
    st.sampled_from("ACVPU"),
    st.integers(300, 430),
    st.sampled_from([1, 2]),
)
def test_a_second_reading_of_the_chart_agrees(rr, spo2, on_oxygen, sbp, hr, acvpu, tenths, scale):
    score = news2(Observations(rr, spo2, on_oxygen, sbp, hr, acvpu, Decimal(tenths) / 10), scale)
    assert score.total == chart(rr, spo2, on_oxygen, sbp, hr, acvpu, tenths, scale)
    assert score.total in range(21)


@pytest.mark.parametrize("missing", WELL)
def test_there_is_no_total_without_all_seven(missing):
    score = news2(seen(**{missing: None}))
    assert (score.total, score.band, score.given) == (None, None, 6)
    assert score.text == "NEWS2 incomplete (6 of 7), at least 0"


def test_what_is_known_of_an_incomplete_set_is_said_with_the_single_three_first():
    score = news2(Observations(rr=25, hr=95))
    assert score.text == f"{RED_LINE} · NEWS2 incomplete (2 of 7), at least 4"


def test_the_second_scale_cannot_judge_a_high_saturation_without_knowing_the_oxygen():
    assert news2(seen(spo2=96, on_oxygen=None), 2).parts["spo2"] is None
    assert news2(seen(spo2=90, on_oxygen=None), 2).parts["spo2"] == 0


@pytest.mark.parametrize("name", ["rr", "spo2", "sbp", "hr"])
def test_a_decimal_where_a_whole_number_is_due_is_refused(name):
    with pytest.raises(CommandRefused, match="whole number"):
        news2(seen(**{name: Decimal("90.5")}))
    assert news2(seen(**{name: Decimal("95.0")})).total is not None
    assert news2(seen(**{name: 95.0})).total is not None


def test_temperature_is_rounded_to_a_tenth_first():
    assert news2(seen(temp=Decimal("38.04"))).parts["temp"] == 0
    assert news2(seen(temp=Decimal("38.05"))).parts["temp"] == 1
    assert news2(seen(temp=35.0)).parts["temp"] == 3


@pytest.mark.parametrize(("more", "why"), [({"age_years": 15}, "under 16 years"), ({"pregnant": True}, "pregnancy")])
def test_it_is_not_applicable_to_children_and_in_pregnancy(more, why):
    score = news2(seen(rr=30), **more)
    assert score.text == f"NEWS2 not applicable: {why}"
    assert (score.total, score.red) == (None, False)


def test_it_is_applicable_from_sixteen_on():
    assert news2(seen(), age_years=16).text == "NEWS2 0, low"


@pytest.mark.parametrize("call", [lambda: news2(seen(), 3), lambda: news2(seen(acvpu="X"))])
def test_what_the_chart_does_not_know_is_refused(call):
    with pytest.raises(CommandRefused):
        call()
