"""The clocks and volumes of a session as pure functions: vectors, ramps, silences, restarts, clock steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clinical.rates import RampStep
from exomonitor.clock import Instant, ManualClock
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.plan import BoundDevice, Order
from exomonitor.session.state import FlushDone, ProductEnd, SessionState, Stretch
from exomonitor.session.stops import running_since, stopped_since
from exomonitor.session.timing import Progress, counted_ml, delivered, infusing_seconds, integral_ml, progress, reckoned
from exomonitor.signals.pump import PumpReading, PumpStatus

T0 = ManualClock().now()
PUMP = {"pump": BoundDevice("pump", "bbraun-space", "pump", "1")}
HUNDRED_IN_AN_HOUR = Order(Decimal(5), Decimal(100), Decimal(60), first_dose=False)
# clinical.md 2.4, second row: 100 mL in 45 min, 25 % for 5 min, 50 % for 10 min, then the full rate.
RAMP = Order(
    Decimal(5),
    Decimal(100),
    Decimal(45),
    (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10))),
)


def at(minutes: float) -> Instant:
    return T0.plus(minutes * 60)


def session(*stretches: Stretch, order: Order = HUNDRED_IN_AN_HOUR, **more: object) -> SessionState:
    """A started session with these stretches."""
    bare = SessionState(
        "s", "EXO", "4", True, "p", "1", "a", "x", T0, "UTC", phase=Phase.INFUSE, order=order, started=T0
    )
    return replace(bare, stretches=stretches, **more)  # type: ignore[arg-type]


def typed(minute: float, rate: float, fluid: Fluid = Fluid.PRODUCT) -> Stretch:
    return Stretch(fluid, rate, at(minute), DeliverySource.TYPED, "infusing" if rate else "stopped")


def read(
    minute: float, rate: float, counter: float | None, given_ml: float | None, fluid: Fluid = Fluid.PRODUCT
) -> Stretch:
    return Stretch(fluid, rate, at(minute), DeliverySource.PUMP, "infusing" if rate else "stopped", counter, given_ml)


def reading(minute: float, counter: float | None, rate: float | None = 100.0, **more: object) -> PumpReading:
    return PumpReading("pump", "1", PumpStatus.INFUSING, "run", at(minute), rate, volume_infused_ml=counter, **more)  # type: ignore[arg-type]


# clinical_vectors.json, "timeline": segments (minute, mL/h), now, delivered, remaining, running, paused, ETA (min)
TIMELINE = [
    ([(0, 100)], 30, 50.0, 50.0, 30, 0, 60.0),
    ([(0, 100), (20, 0)], 32, 33.3333, 66.6667, 20, 12, None),
    ([(0, 100), (20, 0), (32, 50)], 52, 50.0, 50.0, 40, 12, 112.0),
    ([(0, 100), (20, 0), (32, 50), (52, 100)], 52, 50.0, 50.0, 40, 12, 82.0),
    ([(0, 25), (10, 50), (20, 150)], 20, 12.5, 87.5, 20, 0, 55.0),
    ([(0, 200)], 30, 100.0, 0.0, 30, 0, 30.0),
]


@pytest.mark.parametrize(("segments", "now", "given_ml", "left", "running", "paused", "eta"), TIMELINE)
def test_volumes_and_times_follow_the_reference_timelines(segments, now, given_ml, left, running, paused, eta):
    told = progress(session(*(typed(minute, rate) for minute, rate in segments)), at(now), None)
    assert told.delivered_ml == pytest.approx(given_ml, abs=1e-4)
    assert told.remaining_ml == pytest.approx(left, abs=1e-4)
    assert (told.infusing_s, told.paused_s, told.elapsed_s) == pytest.approx((running * 60, paused * 60, now * 60))
    if eta is None:
        assert told.remaining_s is None
        assert told.ends_at is None
    else:
        assert told.ends_at == pytest.approx(at(eta).utc, abs=timedelta(seconds=1))
    assert told.delivered_by == "estimated"


@given(st.lists(st.tuples(st.floats(0.1, 30), st.sampled_from([0.0, 50.0, 100.0])), min_size=1, max_size=8))
def test_the_wait_for_the_product_infusing_and_paused_time_add_up_to_elapsed_time(parts):
    minute, stretches = 0.0, []
    for length, rate in parts:
        stretches.append(typed(minute, rate))
        minute += length
    told = progress(session(*stretches), at(minute), None)
    first = next((n for n, (_, rate) in enumerate(parts) if rate), len(parts))
    waited_s = sum(length for length, _ in parts[:first]) * 60
    assert waited_s + told.infusing_s + told.paused_s == pytest.approx(told.elapsed_s, abs=1e-3)
    assert told.integral_ml == pytest.approx(sum(length * rate / 60 for length, rate in parts), abs=1e-3)


def test_the_wait_for_the_product_to_run_is_no_pause():
    state = session(read(0, 0, 0.0, 0.0), read(2 / 60, 100, 0.0, 0.0), devices=PUMP)
    told = progress(state, at(1), reading(1, 1.6))
    assert (told.infusing_s, told.paused_s, told.elapsed_s) == (58, 0, 60)


def test_before_the_product_has_run_nothing_is_paused():
    told = progress(session(read(0, 0, 0.0, 0.0), devices=PUMP), at(1), reading(1, 0.0, 0.0))
    assert (told.infusing_s, told.paused_s, told.elapsed_s) == (0, 0, 60)


def test_a_pause_after_a_wait_is_counted_alone():
    told = progress(session(typed(0, 0), typed(1, 100), typed(11, 0), typed(14, 100)), at(20), None)
    assert (told.infusing_s, told.paused_s, told.elapsed_s) == (960, 180, 1200)


# --- the pump's counter


def test_the_counter_rules_over_rate_and_time():
    state = session(read(0, 100, 12.0, 0.0), devices=PUMP)
    told = progress(state, at(30), reading(30, 60.5))
    assert (told.delivered_ml, told.delivered_by) == (48.5, "pump")
    assert told.integral_ml == pytest.approx(50.0)


def test_a_new_segment_goes_on_from_what_was_given():
    state = session(read(0, 100, 0.0, 0.0), read(20, 100, 0.2, 33.4), devices=PUMP)
    assert counted_ml(state, 10.2) == pytest.approx(43.4)


def test_flush_and_kvo_are_no_product():
    state = session(
        read(0, 100, 0.0, 0.0), read(60, 3, 100.0, 100.0, Fluid.KVO), read(65, 100, 100.2, 100.0, Fluid.FLUSH)
    )
    assert infusing_seconds(state, at(80)) == 3600
    assert integral_ml(state, at(80)) == pytest.approx(100)
    assert delivered(state, at(80), 115.0) == (100.0, "pump")


def test_a_pump_that_fell_silent_keeps_its_volume_and_says_nothing_of_the_present():
    state = session(read(0, 100, 0.0, 0.0), devices=PUMP)
    live = progress(state, at(30), reading(30, 50.0, time_remaining_s=1800.0))
    silent = progress(state, at(31), reading(30, 50.0, time_remaining_s=1800.0), fresh=False)
    assert (live.remaining_s, live.remaining_by, live.rate_ml_h) == (1800.0, "pump", 100.0)
    assert (silent.delivered_ml, silent.delivered_by) == (50.0, "pump")
    assert (silent.remaining_s, silent.ends_at, silent.rate_ml_h, silent.particles_per_min) == (None, None, None, None)
    assert not silent.rate_differs


def test_a_pump_that_is_read_but_was_not_heard_yet_leaves_an_estimate_and_no_rate():
    told = progress(session(read(0, 100, 0.0, 0.0), devices=PUMP), at(30), None)
    assert told.delivered_ml == pytest.approx(50.0)
    assert told.delivered_by == "estimated"
    assert (told.rate_ml_h, told.remaining_s) == (None, None)


def test_a_pump_that_stands_is_known_exactly_without_its_counter():
    state = session(read(0, 100, 0.0, 0.0), read(30, 0, 50.1, 50.1), devices=PUMP)
    assert delivered(state, at(45), None) == (50.1, "pump")


@given(st.lists(st.floats(0, 5), max_size=20), st.integers(0, 20))
def test_the_volume_given_never_falls_when_the_pump_falls_silent(steps, silent_from):
    state = session(read(0, 100, 0.0, 0.0), devices=PUMP)
    counter, last, pump = 0.0, 0.0, reading(0, 0.0)
    for minute, step in enumerate(steps, 1):
        counter += step
        fresh = minute < silent_from
        pump = reading(minute, counter) if fresh else pump
        told = progress(state, at(minute), pump, fresh=fresh).delivered_ml
        assert told is not None
        assert told >= last
        last = told


# --- the rest


def test_the_rest_of_a_ramp_is_reckoned_by_its_plan():
    told = progress(session(typed(0, 41.4), order=RAMP), at(2), None)
    assert told.remaining_by == "plan"
    assert told.remaining_s == pytest.approx(43 * 60, abs=5)
    assert (told.step, told.steps, told.planned_rate_ml_h) == (1, 3, 41.4)


def test_in_its_last_step_a_ramp_is_told_by_the_pump():
    state = session(read(0, 165.5, 0.0, 17.2), order=RAMP, devices=PUMP, started=at(-15))
    state = replace(state, stretches=(replace(state.stretches[0], began=at(-15)),))
    told = progress(state, at(1), reading(1, 20.0, 165.5, time_remaining_s=1700.0))
    assert (told.remaining_by, told.remaining_s, told.step) == ("pump", 1700.0, 3)


def test_a_rate_off_the_ramp_is_not_reckoned_by_the_plan():
    told = progress(session(typed(0, 100), order=RAMP), at(2), None)
    assert told.remaining_by == "rate"
    assert told.rate_differs


def test_a_volume_that_the_pump_inferred_does_not_overrule_the_order():
    state = session(read(0, 100, 0.0, 0.0), devices=PUMP)
    own = reading(30, 50.0, volume_remaining_ml=44.0)
    inferred = replace(own, inferred=frozenset({"volume_remaining"}))
    assert progress(state, at(30), own).remaining_ml == 44.0
    assert progress(state, at(30), inferred).remaining_ml == pytest.approx(50.0)


def test_nothing_remains_after_the_end_and_its_clocks_stand():
    end = ProductEnd(at(45), "stopped", None, DeliverySource.TYPED, "reaction")
    told = progress(session(typed(0, 100), product_end=end), at(90), None)
    assert (told.remaining_ml, told.remaining_s, told.ends_at) == (None, None, None)
    assert (told.infusing_s, told.elapsed_s, told.paused_s) == (2700, 2700, 0)
    assert told.delivered_ml == pytest.approx(75)
    assert not told.running


def test_before_the_start_nothing_is_known():
    told = progress(session(started=None), at(5), None)
    assert (told.delivered_ml, told.delivered_by, told.planned_rate_ml_h, told.elapsed_s) == (None, "", None, 0.0)


def test_the_line_holds_back_a_part_of_the_dose_until_it_is_flushed():
    order = replace(HUNDRED_IN_AN_HOUR, line_ml=Decimal(18))
    end = ProductEnd(at(60), "complete", 100.0, DeliverySource.PUMP, "")
    ended = session(typed(0, 100), order=order, product_end=end)
    flushed = replace(ended, flush=FlushDone(at(70), True, 20.0, 100.0, DeliverySource.TYPED))
    unflushed = replace(ended, flush=FlushDone(at(70), False, None, None, DeliverySource.TYPED))
    doses = [progress(state, at(80), None).dose_given_billion for state in (ended, flushed, unflushed)]
    assert doses == [Decimal("4.1"), Decimal(5), Decimal("4.1")]
    assert ended.end is None
    assert flushed.end == at(70)
    assert unflushed.end == at(60)


# --- typed volumes


def test_a_typed_total_counts_from_its_moment_on():
    state = session(typed(0, 100), typed_volume_ml=55.0, typed_volume_at=at(30))
    assert reckoned(state, at(30)) == (55.0, "typed")
    volume, said_by = reckoned(state, at(36))
    assert volume == pytest.approx(65.0)
    assert said_by == "estimated"


def test_a_typed_total_does_not_fall_back_when_the_pump_goes_on():
    state = session(typed(0, 100), typed(30, 0), typed(40, 100), typed_volume_ml=55.0, typed_volume_at=at(30))
    assert delivered(state, at(40), None) == (55.0, "typed")
    assert delivered(state, at(46), None)[0] == pytest.approx(65.0)


# --- clocks


def test_durations_run_through_a_restart_by_utc_and_within_a_boot_by_the_monotonic_clock():
    other = Instant(at(40).utc, 5, "other boot")
    state = session(typed(0, 100), typed(20, 0), replace(typed(0, 100), began=other))
    now = other.plus(600)
    told = progress(state, now, None)
    assert (told.infusing_s, told.paused_s, told.elapsed_s) == pytest.approx((1800, 1200, 3000))


@given(st.floats(-86_400, 86_400))
def test_a_step_of_the_wall_clock_moves_no_duration(step_s):
    clock = ManualClock()
    state = session(typed(0, 100))
    clock.advance(600)
    clock.step_wall(step_s)
    now = clock.advance(600)
    told = progress(state, now, None)
    assert told.infusing_s == told.elapsed_s == 1200
    assert told.delivered_ml == pytest.approx(100 / 3)


# --- standing


def test_one_standing_is_one_stop_whatever_the_pump_calls_it():
    state = session(read(0, 100, 0, 0), read(10, 0, 5, 5), replace(read(12, 0, 5, 5), status="standby"))
    assert stopped_since(state) == at(10)
    assert running_since(state) is None


def test_a_change_of_rate_is_no_new_run():
    state = session(read(0, 0, 0, 0), read(1, 100, 0, 0), read(5, 120, 5, 5))
    assert running_since(state) == at(1)
    assert stopped_since(state) is None


def test_a_pump_that_never_ran_has_not_stopped():
    assert stopped_since(session(read(0, 0, 0, 0))) is None


def test_the_figures_are_frozen():
    told = progress(session(typed(0, 100)), at(1), None)
    assert isinstance(told, Progress)
    with pytest.raises(AttributeError):
        told.infusing_s = 5.0  # type: ignore[misc]
