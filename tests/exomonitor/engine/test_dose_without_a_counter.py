"""A report without a counter takes nothing from what was counted before it: taken out, turned off, or told without a
volume."""

from __future__ import annotations

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.views import hms
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

OUT = PumpStatus.REMOVED
STANDS = (PumpStatus.REMOVED, PumpStatus.OFF, PumpStatus.STOPPED, PumpStatus.PAUSED, PumpStatus.STANDBY)


def untold(bench: Bench, seconds: int, status: PumpStatus, rate: float | None = None, **more: str) -> None:
    """The pump speaks without a word of its volume."""
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.pump(status, rate, volume_infused_ml=None, **more)
        bench.tick()


def counted(bench: Bench, seconds: float, rate: float = 100.0) -> None:
    """Time passes in which the pump infuses and nobody hears it."""
    bench.counter += rate * seconds / 3600
    bench.wait(seconds)


@pytest.fixture
def running(bench: Bench) -> Bench:
    """Half an hour of product, all at one rate: the last change that the record holds is as old."""
    bench.infusing(1800, 100.0)
    return bench


@pytest.mark.parametrize("status", STANDS)
def test_a_pump_that_stands_and_tells_no_volume_gave_what_it_had_counted(running: Bench, status: PumpStatus):
    given = running.given
    untold(running, 5, status, 0.0)
    assert running.given == pytest.approx(given, abs=0.001)
    assert running.progress.delivered_by == "pump"
    assert given == pytest.approx(50, abs=0.2)
    dose = running.progress.dose_given_billion
    assert dose is not None
    assert dose > 2


@pytest.mark.parametrize("status", STANDS)
def test_what_it_counted_while_it_told_no_volume_is_there_when_it_tells_it_again(running: Bench, status: PumpStatus):
    untold(running, 2, status, 0.0)
    counted(running, 120)
    running.infuse(120, 100.0)
    assert running.given == pytest.approx(running.counter, abs=0.2)
    assert running.progress.delivered_by == "pump"


def test_the_end_of_a_product_whose_pump_is_out_holds_the_dose(running: Bench):
    given = running.given
    untold(running, 2, OUT)
    running.wait(60)
    running.do(cmd.EndProduct(CHAIR, running.by, "stopped", "other", text="made up"))
    end = running.state.product_end
    assert end is not None
    assert end.delivered_ml == pytest.approx(given, abs=0.001)
    assert end.source == DeliverySource.PUMP


@pytest.mark.parametrize("status", STANDS)
def test_a_restart_while_the_pump_tells_no_volume_loses_nothing(running: Bench, status: PumpStatus):
    given = running.given
    untold(running, 2, status, 0.0)
    again = running.after_restart(60)
    again.bind("pump", "monitor")
    assert again.given == pytest.approx(given, abs=0.001)
    again.infuse(36, 100.0)
    assert again.given == pytest.approx(given + 1.0, abs=0.05)
    assert again.progress.delivered_by == "pump"


def test_a_pump_that_is_out_when_the_program_is_back_gave_an_estimate_until_it_counts_again(running: Bench):
    given = running.given
    again = running.after_restart(60)
    again.bind("pump", "monitor")
    untold(again, 2, OUT)
    assert again.progress.delivered_by == "estimated"
    assert again.given == pytest.approx(given + 61 * 100 / 3600, abs=0.3)
    again.infuse(36, 100.0)
    assert again.given == pytest.approx(again.counter, abs=0.2)
    assert again.progress.delivered_by == "pump"


def test_a_pump_that_is_out_after_a_long_silence_gave_an_estimate_until_it_counts_again(running: Bench):
    counted(running, 600)
    untold(running, 1, OUT)
    assert running.progress.delivered_by == "estimated"
    assert running.given == pytest.approx(running.counter, abs=0.3)
    running.infuse(36, 100.0)
    assert running.given == pytest.approx(running.counter, abs=0.2)
    assert running.progress.delivered_by == "pump"


def test_a_rate_that_is_changed_without_a_volume_loses_nothing(running: Bench):
    running.counter += 150 * 60 / 3600
    untold(running, 60, PumpStatus.INFUSING, 150.0)
    assert running.progress.delivered_by == "estimated"
    assert running.given == pytest.approx(running.counter, abs=0.2)
    untold(running, 2, OUT)
    assert running.given == pytest.approx(running.counter, abs=0.3)
    running.infuse(60, 150.0)
    assert running.given == pytest.approx(running.counter, abs=0.3)
    assert running.progress.delivered_by == "pump"


def test_a_pump_that_tells_its_volume_now_and_then_makes_no_events_of_it(running: Bench):
    before = len(running.events(ev.DeliveryChanged))
    for _ in range(20):
        running.counter += 3 * 100 / 3600
        untold(running, 3, PumpStatus.INFUSING, 100.0)
        assert running.given == pytest.approx(running.counter, abs=0.3)
        assert running.progress.delivered_by == "pump"
        running.infuse(1, 100.0)
        assert running.given == pytest.approx(running.counter, abs=0.2)
        assert running.progress.delivered_by == "pump"
    assert len(running.events(ev.DeliveryChanged)) == before


def test_a_pump_that_tells_its_volume_no_more_gave_an_estimate_that_grows(running: Bench):
    untold(running, 360, PumpStatus.INFUSING, 100.0)
    assert running.progress.delivered_by == "estimated"
    assert running.given == pytest.approx(running.counter + 10, abs=0.3)


def test_a_counter_that_lags_behind_its_rate_is_an_alarm_also_where_it_is_told_now_and_then(running: Bench):
    for _ in range(120):
        untold(running, 3, PumpStatus.INFUSING, 100.0)
        running.clock.advance(1)
        running.pump(PumpStatus.INFUSING, 100.0)
        running.tick()
    alarm = running.alarm("pump.volume")
    assert alarm is not None
    assert alarm.state is AlarmState.ACTIVE


@pytest.mark.parametrize(("told_s", "untold_s"), [(20, 12), (5, 25)])
def test_a_counter_that_stands_is_an_alarm_also_where_it_is_left_out_for_longer_than_a_value_looks_live(
    running: Bench, told_s: int, untold_s: int
):
    for _ in range(30):
        for _ in range(told_s):
            running.clock.advance(1)
            running.pump(PumpStatus.INFUSING, 100.0)
            running.tick()
        untold(running, untold_s, PumpStatus.INFUSING, 100.0)
    alarm = running.alarm("pump.volume")
    assert alarm is not None
    assert alarm.state is AlarmState.ACTIVE
    assert alarm.text == f"Pump volume and timer disagree · last counted {hms(running.now.plus(-untold_s))}"


def test_a_counter_that_is_left_out_for_longer_than_a_link_is_lost_is_compared_no_more(running: Bench):
    for _ in range(300):
        running.clock.advance(1)
        running.pump(PumpStatus.INFUSING, 100.0)
        running.tick()
    assert running.alarm("pump.volume") is not None
    untold(running, 31, PumpStatus.INFUSING, 100.0)
    assert running.alarm("pump.volume") is None


def test_a_counter_that_goes_on_and_is_left_out_again_and_again_is_no_alarm(running: Bench):
    for _ in range(20):
        running.infuse(20, 100.0)
        running.counter += 100.0 * 25 / 3600
        untold(running, 25, PumpStatus.INFUSING, 100.0)
        assert running.alarm("pump.volume") is None


def test_a_counter_that_was_set_back_while_the_pump_was_out_loses_nothing(running: Bench):
    given = running.given
    untold(running, 2, OUT)
    running.wait(60)
    running.counter = 0.0
    running.stand(2)
    running.infuse(36, 100.0)
    assert running.given == pytest.approx(given + 1.0, abs=0.05)


def test_a_counter_that_was_set_back_between_two_reports_without_one_loses_nothing(running: Bench):
    given = running.given
    untold(running, 3, PumpStatus.INFUSING, 100.0)
    running.counter = 0.0
    running.infuse(36, 100.0)
    assert running.given == pytest.approx(given + 1.0, abs=0.1)


def test_complete_without_a_volume_ends_the_product_that_was_counted_whole(bench: Bench):
    bench.infusing(3601, 100.0)
    untold(bench, 1, PumpStatus.COMPLETE, 0.0)
    end = bench.state.product_end
    assert end is not None
    assert end.delivered_ml == pytest.approx(100, abs=0.2)
    assert end.source == DeliverySource.PUMP


def test_a_flush_whose_pump_was_out_for_a_moment_keeps_its_volume(bench: Bench):
    bench.infusing(3601, 100.0)
    bench.stand(1, PumpStatus.COMPLETE)
    bench.infuse(360, 100.0)
    untold(bench, 2, OUT)
    bench.infuse(36, 100.0)
    untold(bench, 1, OUT)
    assert bench.given == pytest.approx(100, abs=0.2)
    bench.do(cmd.RecordFlush(CHAIR, bench.by, True))
    assert bench.state.flush is not None
    assert bench.state.flush.volume_ml == pytest.approx(11.0, abs=0.1)


@pytest.mark.parametrize("foreign", [80.0, 3.0])
def test_another_pump_in_the_same_slot_does_not_bring_another_patients_volume(bench: Bench, foreign: float):
    bench.infusing(30, 100.0)
    bench.infuse(1800, 100.0, serial="DEMO-1")
    given = bench.given
    untold(bench, 2, OUT, serial="DEMO-1")
    bench.wait(60)
    bench.counter = foreign
    bench.clock.advance(1)
    bench.pump(PumpStatus.STOPPED, 0.0, serial="DEMO-2")
    assert bench.given == pytest.approx(given, abs=0.001)
    bench.infuse(36, 100.0, serial="DEMO-2")
    assert bench.given == pytest.approx(given + 1.0, abs=0.05)
    assert bench.progress.delivered_by == "pump"


def test_another_pump_that_tells_no_volume_at_first_counts_from_where_it_does(bench: Bench):
    bench.infusing(30, 100.0)
    bench.infuse(1800, 100.0, serial="DEMO-1")
    given, before = bench.given, len(bench.events(ev.DeliveryChanged))
    untold(bench, 60, PumpStatus.INFUSING, 100.0, serial="DEMO-2")
    bench.counter = 80.0
    bench.infuse(36, 100.0, serial="DEMO-2")
    assert bench.given == pytest.approx(given + 97 * 100 / 3600, abs=0.2)
    assert len(bench.events(ev.DeliveryChanged)) == before + 1


def test_a_removal_that_an_earlier_version_recorded_without_a_counter_loses_nothing(running: Bench):
    chair = running.engine.chair(CHAIR)
    stale = ev.DeliveryChanged(running.now, Fluid.PRODUCT, 0.0, DeliverySource.PUMP, OUT.value, None, 0.028)
    chair.record(stale, running.now)
    running.tick()
    running.settle()
    running.infuse(36, 100.0)
    assert running.given == pytest.approx(running.counter, abs=0.2)
    assert running.progress.delivered_by == "pump"


def test_a_counter_that_was_set_back_after_a_long_silence_and_a_removal_loses_nothing(running: Bench):
    counted(running, 600)
    given = running.counter
    untold(running, 1, OUT)
    running.wait(60)
    running.counter = 3.0
    running.stand(2)
    assert running.given == pytest.approx(given, abs=0.3)
    running.infuse(36, 100.0)
    assert running.given == pytest.approx(given + 1.0, abs=0.3)


@pytest.mark.parametrize(("serial", "more"), [("DEMO-1", 10.0), ("", 0.0)], ids=["the same", "nobody knows which"])
def test_what_a_pump_counts_anew_while_it_is_out_was_given_where_its_number_says_that_it_is_the_same(
    running: Bench, serial: str, more: float
):
    running.infuse(5, 100.0, serial=serial)
    given = running.given
    untold(running, 2, OUT, serial=serial)
    running.counter = 0.0
    counted(running, 360)
    running.infuse(1, 100.0, serial=serial)
    assert running.given == pytest.approx(given + more, abs=0.1)
    running.infuse(36, 100.0, serial=serial)
    assert running.given == pytest.approx(given + more + 1.0, abs=0.1)
