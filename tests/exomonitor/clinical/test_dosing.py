"""Dose, rate and volume arithmetic against the reference vectors, its limits and its laws."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exomonitor.clinical import ranges
from exomonitor.clinical.dosing import (
    RampStep,
    RateSegment,
    check_dose,
    check_minutes,
    check_prepared,
    check_rate_volume,
    check_volume,
    constant_plan,
    dose_delivered,
    full_rate_ml_h,
    integrate,
    particles_per_minute,
    ramp_plan,
    rate_differs,
    remaining_minutes,
    residual_percent,
    volume_to_draw_ml,
    volumes_disagree,
)
from exomonitor.errors import CommandRefused
from exomonitor.units import parse_typed, rounded

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text(encoding="utf-8"), parse_float=Decimal)
D = Decimal


def ramp_of(vector) -> tuple[RampStep, ...]:
    pairs = list(zip(vector["fractions"], vector["durations_min"], strict=True))[:-1]
    return tuple(RampStep(D(fraction), D(minutes)) for fraction, minutes in pairs)


@pytest.mark.parametrize("vector", VECTORS["dose_checks"], ids=lambda v: str(v["billion"]))
def test_a_dose_is_ok_or_needs_an_override_or_is_rejected(vector):
    assert check_dose(D(vector["billion"])).verdict == vector["verdict"]


def test_a_whole_particle_count_in_the_billions_field_is_explained():
    message = check_dose(D(5_000_000_000)).message.replace("\u202f", " ")
    assert message == (
        "Dose 5 000 000 000 billion is not accepted (0.1-100): type billions; 5 000 000 000 particles are 5 billion"
    )


def test_a_dose_that_needs_an_override_says_the_full_number():
    assert "12.0 billion (12.0 × 10⁹" in check_dose(D(12)).message


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [
        ("4.9", "reject"),
        ("5", "override"),
        ("29.4", "override"),
        ("29.5", "ok"),
        ("60.5", "ok"),
        ("60.6", "override"),
        ("240", "override"),
        ("240.1", "reject"),
    ],
)
def test_the_planned_time_keeps_to_the_window_with_half_a_minute_for_the_pump(minutes, verdict):
    assert check_minutes(D(minutes)).verdict == verdict


def test_the_message_names_the_window_of_the_protocol_not_its_tolerance():
    assert check_minutes(D(25)).message.startswith("25 min is outside the 30-60 min window")


@pytest.mark.parametrize(
    ("volume", "verdict"),
    [
        ("4.9", "reject"),
        ("5", "override"),
        ("19.9", "override"),
        ("20", "ok"),
        ("500", "ok"),
        ("500.1", "override"),
        ("1000", "override"),
        ("1000.1", "reject"),
    ],
)
def test_the_volume_keeps_to_its_ranges(volume, verdict):
    assert check_volume(D(volume)).verdict == verdict


@pytest.mark.parametrize(
    ("rate", "volume", "verdict", "word"),
    [
        ("100", "100", "ok", ""),
        ("99", "100", "ok", ""),
        ("203", "100", "ok", ""),
        ("98.9", "100", "override", "takes about 61 min"),
        ("203.1", "100", "override", "outside the window"),
        ("1.7", "100", "reject", "mL/min typed as mL/h"),
        ("3.5", "100", "reject", "mL/min typed as mL/h"),
        ("3.6", "100", "override", ""),
        ("1.5", "100", "override", ""),
        ("6000", "100", "reject", "multiplied by 60"),
        ("12000", "100", "reject", "multiplied by 60"),
        ("0", "100", "reject", "above 0"),
        ("100", "0", "reject", "above 0"),
    ],
)
def test_a_rate_is_judged_against_the_volume_and_slips_of_unit_are_named(rate, volume, verdict, word):
    check = check_rate_volume(D(rate), D(volume))
    assert check.verdict == verdict
    assert word in check.message
    assert bool(check.message) is not check.ok


@pytest.mark.parametrize(
    ("prepared", "verdict"),
    [("5", "ok"), ("5.5", "ok"), ("4.5", "ok"), ("5.51", "override"), ("4.0", "override"), ("3.99", "reject")],
)
def test_the_prepared_dose_is_compared_with_the_order(prepared, verdict):
    assert check_prepared(D(5), D(prepared)).verdict == verdict


@pytest.mark.parametrize("typed", ["1,000", "5000000000", "0.05", "1e3", "5.001", ""])
def test_the_billions_field_refuses_what_is_ambiguous_or_out_of_range(typed):
    with pytest.raises(CommandRefused):
        parse_typed(typed, ranges.DOSE_SPAN)


def test_a_decimal_comma_is_understood():
    assert parse_typed("5,5", ranges.DOSE_SPAN) == D("5.5")


@pytest.mark.parametrize("vector", VECTORS["rate"])
def test_rate_is_volume_over_time(vector):
    rate = full_rate_ml_h(D(vector["volume_ml"]), D(vector["minutes"]))
    assert rounded(rate, 4) == D(str(vector["rate_ml_h"])).quantize(D("0.0001"))
    assert constant_plan(D(vector["volume_ml"]), D(vector["minutes"])).full_rate_ml_h == rounded(rate, 1)


@pytest.mark.parametrize("vector", VECTORS["particles_per_min"])
def test_particles_per_minute(vector):
    billions = D(str(vector["dose"])) / 1_000_000_000
    assert particles_per_minute(billions, D(vector["volume_ml"]), D(vector["rate_ml_h"])) == vector["ppm"]


@pytest.mark.parametrize("vector", VECTORS["stepup"])
def test_a_ramp_gives_the_rates_of_the_table(vector):
    volume, minutes, ramp = D(vector["volume_ml"]), D(vector["total_min"]), ramp_of(vector)
    full = full_rate_ml_h(volume, minutes, ramp)
    exact = [rounded(full * D(fraction), 2) for fraction in vector["fractions"]]
    assert exact == vector["rates_ml_h"]
    plan = ramp_plan(volume, minutes, ramp)
    assert [step.rate_ml_h for step in plan.steps] == vector["pump_rates_rounded"]
    by_clock = sum(s.rate_ml_h * D(m) / 60 for s, m in zip(plan.steps, vector["durations_min"], strict=True))
    assert rounded(by_clock, 2) == vector["delivered_ml"]


volumes = st.decimals(20, 500, places=1)
times = st.integers(30, 240).map(D)
ramps = st.lists(
    st.tuples(st.sampled_from([D("0.1"), D("0.25"), D("0.5"), D("0.75")]), st.integers(1, 15)), max_size=3
).map(lambda steps: tuple(RampStep(fraction, D(minutes)) for fraction, minutes in steps))


@given(volumes, times, ramps)
def test_every_plan_delivers_its_volume_near_its_planned_time(volume, minutes, ramp):
    assume(sum(step.minutes for step in ramp) + 5 <= minutes)
    plan = ramp_plan(volume, minutes, ramp)
    assert abs(sum(step.volume_ml for step in plan.steps) - volume) < D("1e-9")
    assert plan.planned_volume_at(plan.end_min) == volume
    # Each rate is off by at most half a pump step.
    assert abs(plan.end_min - minutes) <= D("0.05") * minutes / plan.full_rate_ml_h + D("1e-9")


@given(volumes, times, ramps, st.lists(st.tuples(st.integers(0, 100), st.integers(1, 40)), max_size=3))
def test_what_a_ramp_delivers_is_what_was_planned_wherever_the_pump_pauses(volume, minutes, ramp, pauses):
    """`pauses`: (after what percent of the infusing time, for how many minutes)."""
    assume(sum(step.minutes for step in ramp) + 5 <= minutes)
    plan = ramp_plan(volume, minutes, ramp)
    stops = sorted((plan.end_min * percent / 100, D(length)) for percent, length in pauses)
    marks = sorted({step.start_min for step in plan.steps} | {at for at, _ in stops if at < plan.end_min})
    segments, stood = [], D(0)
    for mark in marks:
        length = sum(pause for at, pause in stops if at == mark)
        if length:
            segments.append(RateSegment(mark + stood, D(0)))
            stood += length
        segments.append(RateSegment(mark + stood, plan.planned_rate_at(mark)))
    got = integrate(segments, plan.end_min + stood, volume)
    assert abs(got.delivered_ml - volume) < D("1e-6")
    assert abs(got.running_min - plan.end_min) < D("1e-6")
    assert abs(got.paused_min - stood) < D("1e-6")


@given(volumes, times, ramps, st.floats(0, 300), st.floats(0, 300))
def test_planned_volume_never_falls_and_never_exceeds_the_bag(volume, minutes, ramp, one, other):
    assume(sum(step.minutes for step in ramp) + 5 <= minutes)
    plan = ramp_plan(volume, minutes, ramp)
    earlier, later = sorted((one, other))
    assert 0 <= plan.planned_volume_at(earlier) <= plan.planned_volume_at(later) <= volume


def test_the_plan_knows_rate_and_step_at_a_minute():
    plan = ramp_plan(D(100), D(45), (RampStep(D("0.25"), D(5)), RampStep(D("0.5"), D(10))))
    assert [plan.planned_rate_at(m) for m in (-1, 0, 4.99, 5, 14.9, 15, 44, 46)] == [
        D(x) for x in ("0", "41.4", "41.4", "82.8", "82.8", "165.5", "165.5", "0")
    ]
    assert [plan.step_number_at(m) for m in (-1, 0, 5, 15, 60)] == [1, 1, 2, 3, 3]
    assert plan.planned_volume_at(5) == D("3.45")


@pytest.mark.parametrize(
    ("volume", "minutes", "ramp"),
    [
        ("100", "15", [("0.25", "5"), ("0.5", "10")]),
        ("100", "45", [("0", "5")]),
        ("100", "45", [("1.1", "5")]),
        ("100", "45", [("0.5", "0")]),
        ("0", "45", []),
        ("100", "0", []),
        ("5", "240", [("0.01", "5")]),
        ("5.1", "240", [("0.5", "239.999")]),
    ],
)
def test_a_ramp_that_cannot_be_run_is_refused(volume, minutes, ramp):
    with pytest.raises(CommandRefused):
        ramp_plan(D(volume), D(minutes), tuple(RampStep(D(f), D(m)) for f, m in ramp))


@pytest.mark.parametrize("vector", VECTORS["timeline"], ids=lambda v: f"{len(v['segments'])}-{v['now_min']}")
def test_the_volume_by_rate_and_time(vector):
    segments = [RateSegment(D(s["t_min"]), D(s["rate_ml_h"])) for s in vector["segments"]]
    got = integrate(segments, D(vector["now_min"]), D(vector["volume_ml"]))
    assert rounded(got.delivered_ml, 4) == D(str(vector["delivered_ml"])).quantize(D("0.0001"))
    assert rounded(got.remaining_ml, 4) == D(str(vector["remaining_ml"])).quantize(D("0.0001"))
    assert [got.running_min, got.paused_min, got.unknown_min] == [vector["running_min"], vector["paused_min"], 0]
    eta = vector["eta_min_from_start"]
    assert got.eta_min == (None if eta is None else D(eta))


def test_an_unknown_rate_is_neither_running_nor_paused():
    got = integrate([RateSegment(D(0), D(60)), RateSegment(D(10), None)], D(15), D(100))
    assert [got.running_min, got.paused_min, got.unknown_min] == [10, 0, 5]
    assert got.eta_min is None
    assert got.delivered_ml == 10


def test_nothing_has_run_before_the_first_segment():
    assert integrate([], D(5), D(100)).delivered_ml == 0
    assert integrate([RateSegment(D(10), D(60))], D(5), D(100)).running_min == 0


def test_remaining_time_is_unknown_while_paused():
    assert remaining_minutes(D(50), D(0)) is None
    assert remaining_minutes(D(50), None) is None
    assert remaining_minutes(D(50), D(100)) == 30
    assert remaining_minutes(D(-1), D(100)) == 0


def test_the_dead_space_is_not_given():
    assert dose_delivered(D(5), D(100), D(100), D(18)) == D("4.1")
    assert dose_delivered(D(5), D(50), D(50), D(18)) == D("3.2")
    assert dose_delivered(D(5), D(100), D(10), D(18)) == 0
    assert dose_delivered(D(5), D(100), D(118)) == 5
    assert residual_percent(D(100), D(18)) == 18
    assert residual_percent(D(250), D(18)) == D("7.2")
    assert residual_percent(D(10), D(18)) == 100


@pytest.mark.parametrize(
    "call",
    [
        lambda: dose_delivered(D(5), D(0), D(1)),
        lambda: residual_percent(D(0), D(1)),
        lambda: particles_per_minute(D(5), D(0), D(1)),
        lambda: volume_to_draw_ml(D(5), D(0)),
    ],
)
def test_nothing_is_divided_by_zero(call):
    with pytest.raises(CommandRefused):
        call()


def test_the_product_to_draw():
    assert volume_to_draw_ml(D(5), D(2)) == D("2.5")


def test_counter_and_integral_may_differ_a_little():
    assert not volumes_disagree(D(50), D(55), D(100))
    assert volumes_disagree(D(50), D("55.1"), D(100))
    assert not volumes_disagree(D(10), D(12), D(20))
    assert volumes_disagree(D(10), D("12.1"), D(20))


def test_the_rate_may_differ_a_little_from_the_plan():
    assert not rate_differs(D(105), D(100))
    assert rate_differs(D("105.1"), D(100))
    assert not rate_differs(D(11), D(10))
    assert rate_differs(D("11.1"), D(10))


def test_ranges_that_are_not_nested_are_a_mistake_of_ours():
    with pytest.raises(ValueError, match="not nested"):
        ranges.Band(D(1), D(10), D(2), D(100))


def test_an_unusual_entry_is_accepted_but_asked_about():
    limit = ranges.ENTRY_LIMITS["hr"]
    assert parse_typed("25", limit.span) == 25
    assert limit.is_unusual(D(25))
    assert not limit.is_unusual(D(72))
    with pytest.raises(CommandRefused):
        parse_typed("301", limit.span)
