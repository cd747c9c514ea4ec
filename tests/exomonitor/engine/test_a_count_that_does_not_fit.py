"""Across an interruption a counter is believed as far as the rate can have moved it: another pump's never becomes dose,
and ends nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.session import commands as cmd
from exomonitor.session.narrative import sentence
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

GIVEN = 1230 * 100 / 3600


def told(bench: Bench, seconds: int, status: PumpStatus, rate: float = 0.0, **more: Any) -> None:
    """The pump speaks once a second, its counter as it stands."""
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.pump(status, rate, **more)
        bench.tick()


def unheard(bench: Bench, seconds: float, rate: float = 100.0) -> None:
    bench.counter += rate * seconds / 3600
    bench.wait(seconds)


def begun(bench: Bench, serial: str, step_s: float = 1.0) -> Bench:
    """Twenty minutes of product; the record knows the pump's number where it has one."""
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0, serial=serial)
    said = LinkChange("pump", LinkState.TALKING, "", bench.now, model="made up", serial=serial)
    bench.hear(said)
    bench.prepare()
    bench.hear(said)
    bench.start()
    bench.infuse(1230, 100.0, step_s=step_s, serial=serial)
    assert bench.given == pytest.approx(GIVEN, abs=0.001)
    return bench


def out(bench: Bench, serial: str) -> Bench:
    told(bench, 2, PumpStatus.REMOVED, serial=serial)
    return bench


def restarted(bench: Bench, serial: str) -> Bench:
    again = out(bench, serial).after_restart(60)
    again.bind("pump", "monitor")
    return again


def restarted_beside_others(bench: Bench, serial: str) -> Bench:
    again = restarted(bench, serial)
    again.hear(LinkChange("pump", LinkState.TALKING, "", again.now, model="SpaceCom"))
    return again


def found_wrong(bench: Bench, serial: str) -> Bench:
    again = restarted(bench, serial)
    again.hear(LinkChange("pump", LinkState.WRONG_DEVICE, "made up", again.now, model="made up", serial="DEMO-2"))
    return again


def bound_anew(bench: Bench, serial: str) -> Bench:
    out(bench, serial).engine.unbind(CHAIR, "pump", bench.now)
    bench.wait(5)
    bench.bind("pump")
    return bench


def unknown_first(bench: Bench, serial: str) -> Bench:
    out(bench, serial)
    bench.counter = 250.0
    told(bench, 1, PumpStatus.UNKNOWN, serial="DEMO-2" if serial else "")
    return bench


def told_late(bench: Bench, serial: str) -> Bench:
    out(bench, serial)
    bench.counter = 250.0
    told(bench, 2, PumpStatus.STOPPED)
    return bench


WAYS = (out, restarted, restarted_beside_others, found_wrong, bound_anew, unknown_first, told_late)


@pytest.mark.parametrize("serial", ["DEMO-1", ""])
@pytest.mark.parametrize("way", WAYS)
def test_another_pump_that_has_finished_elsewhere_ends_nothing_and_brings_nothing(
    bench: Bench, way: Callable[[Bench, str], Bench], serial: str
):
    after = way(begun(bench, serial), serial)
    after.counter = 250.0
    told(after, 3, PumpStatus.COMPLETE, serial="DEMO-2" if serial else "")
    assert after.state.product_end is None
    assert after.given == pytest.approx(GIVEN, abs=0.05)
    assert after.asked() != ""


@pytest.mark.parametrize("way", WAYS)
def test_the_dose_goes_on_as_an_estimate_where_nobody_knows_which_pump_counts(
    bench: Bench, way: Callable[[Bench, str], Bench]
):
    after = way(begun(bench, ""), "")
    after.counter = 250.0
    told(after, 3, PumpStatus.STOPPED)
    after.infuse(72, 100.0)
    assert after.given == pytest.approx(GIVEN + 2.0, abs=0.1)
    assert after.progress.delivered_by == "estimated"
    alarm = after.alarm("pump.volume")
    assert alarm is not None
    assert alarm.state is AlarmState.ACTIVE
    assert "(estimated)" in " ".join(sentence(entry.event) for entry in after.journal())


def test_an_estimate_that_has_reached_the_volume_is_asked_about_and_ends_nothing(bench: Bench):
    after = restarted(begun(bench, ""), "")
    after.counter = 250.0
    after.infuse(2400, 100.0, step_s=5.0)
    told(after, 2, PumpStatus.COMPLETE)
    assert after.given > 99
    assert after.state.product_end is None
    assert after.asked() != ""
    after.do(cmd.EndProduct(CHAIR, after.by, "complete"))
    assert after.state.product_end is not None
    assert after.state.product_end.source == "estimated"


@pytest.mark.parametrize("serial", ["DEMO-1", ""])
@pytest.mark.parametrize("way", [out, restarted, bound_anew])
def test_the_same_pump_that_is_back_counts_on(bench: Bench, way: Callable[[Bench, str], Bench], serial: str):
    after = way(begun(bench, serial), serial)
    after.infuse(36, 100.0, serial=serial)
    assert after.given == pytest.approx(after.counter, abs=0.1)
    assert after.progress.delivered_by == "pump"
    told(after, 90, PumpStatus.STOPPED, serial=serial)
    assert after.alarm("pump.volume") is None


def test_a_line_that_was_primed_while_the_pump_was_out_is_no_dose(bench: Bench):
    out(begun(bench, "DEMO-1"), "DEMO-1")
    bench.wait(120)
    bench.counter = 12.0
    told(bench, 70, PumpStatus.STOPPED, serial="DEMO-1")
    assert bench.given == pytest.approx(GIVEN, abs=0.05)


@pytest.mark.parametrize(("counts", "more"), [(12.0, 0.0), (3.0, 3.0)])
def test_what_is_counted_anew_while_the_pump_is_out_is_what_the_time_can_have_given(
    bench: Bench, counts: float, more: float
):
    out(begun(bench, "DEMO-1"), "DEMO-1")
    bench.wait(120)
    bench.counter = counts
    told(bench, 1, PumpStatus.INFUSING, 100.0, serial="DEMO-1")
    assert bench.given == pytest.approx(GIVEN + more, abs=0.05)


@pytest.mark.parametrize("heard", [True, False])
def test_a_counter_that_is_set_back_after_half_an_hour_without_it_takes_nothing_from_the_dose(
    bench: Bench, heard: bool
):
    bench.infusing(120, 60.0, minutes=100)
    if heard:
        told(bench, 1800, PumpStatus.INFUSING, 60.0, volume_infused_ml=None)
    else:
        unheard(bench, 1800, 60.0)
    bench.counter = 0.0
    bench.infuse(10, 60.0)
    assert bench.given == pytest.approx(1930 / 60, abs=0.1)
    assert bench.progress.delivered_by == "estimated"


def test_what_ran_in_half_a_minute_of_silence_before_the_pump_was_out_is_not_lost(bench: Bench):
    bench.infusing(960, 200.0, minutes=30)
    unheard(bench, 29, 200.0)
    told(bench, 1, PumpStatus.REMOVED)
    assert bench.given == pytest.approx(990 * 200 / 3600, abs=0.1)
    assert bench.progress.delivered_by == "estimated"


def test_kvo_without_a_counter_at_the_end_is_confirmed_by_the_counter_and_ends_the_product(bench: Bench):
    bench.infusing(3565, 100.0)
    bench.counter += 35 * 100 / 3600
    told(bench, 35, PumpStatus.INFUSING, 100.0, volume_infused_ml=None)
    told(bench, 3, PumpStatus.KVO, 1.0, volume_infused_ml=None)
    assert bench.state.product_end is None
    told(bench, 3, PumpStatus.KVO, 1.0)
    end = bench.state.product_end
    assert end is not None
    assert end.source == "pump"
    assert end.delivered_ml == pytest.approx(100, abs=0.1)


def in_steps(bench: Bench, step_ml: float) -> float:
    return bench.counter // step_ml * step_ml


@pytest.mark.parametrize("serial", ["DEMO-1", ""])
@pytest.mark.parametrize(("step_ml", "spoken", "silent"), [(1.0, 1, 12), (0.4, 48, 12), (1.0, 2, 30)])
def test_a_counter_that_moves_in_steps_is_believed_across_short_silences(serial, step_ml, spoken, silent):
    bench = begun(Bench(), serial)
    for _ in range(20):
        for _ in range(spoken):
            bench.infuse(1, 100.0, serial=serial, volume_infused_ml=in_steps(bench, step_ml))
        unheard(bench, silent)
    bench.infuse(1, 100.0, serial=serial, volume_infused_ml=in_steps(bench, step_ml))
    assert bench.progress.delivered_by == "pump"
    assert bench.given == pytest.approx(bench.counter, abs=step_ml + 0.05)


def test_what_a_pump_of_the_same_number_did_in_a_silence_is_its_own_word_and_ends_the_product():
    bench = begun(Bench(), "DEMO-1")
    unheard(bench, 1080, 219.0)
    told(bench, 2, PumpStatus.COMPLETE, serial="DEMO-1")
    assert bench.state.product_end is not None
    assert bench.state.product_end.delivered_ml == pytest.approx(bench.counter, abs=0.001)
    assert bench.state.product_end.source == "pump"


@pytest.mark.parametrize("serial", ["DEMO-1", ""])
def test_a_pump_that_counts_five_in_a_hundred_more_than_its_rate_is_believed_after_a_restart(serial):
    bench = begun(Bench(), serial)
    for _ in range(1200):
        unheard(bench, 1, 105.0)
        bench.pump(PumpStatus.INFUSING, 100.0, serial=serial)
    again = bench.after_restart(40)
    again.bind("pump", "monitor")
    again.counter += 105.0 * 40 / 3600
    again.infuse(2, 100.0, serial=serial)
    assert again.progress.delivered_by == "pump"
    assert again.given == pytest.approx(again.counter, abs=0.05)


def test_an_estimate_goes_no_further_than_the_bag_and_the_nurse_can_say_what_was_given():
    bench = begun(Bench(), "DEMO-1")
    bench.wait(4 * 3600)
    bench.counter = 0.0
    told(bench, 2, PumpStatus.STOPPED, serial="DEMO-1")
    assert bench.given == pytest.approx(100.0)
    assert bench.progress.delivered_by == "estimated"
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "other", Decimal("62.5"), "bag weighed"))
    assert bench.state.product_end is not None
    assert (bench.state.product_end.delivered_ml, bench.state.product_end.source) == (62.5, "typed")
