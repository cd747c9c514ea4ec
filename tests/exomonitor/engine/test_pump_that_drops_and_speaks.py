"""A pump whose contact drops again and again: a silence that is not lost yet ends nothing that is said of the pump, and
begins nothing; one beyond the lost limit ends it."""

from __future__ import annotations

import pytest

from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.health import MISSING_PUMP
from exomonitor.session import commands as cmd
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

RUNS, STANDS = PumpStatus.INFUSING, PumpStatus.STOPPED
BESIDE = pytest.mark.parametrize("neighbour", [None, STANDS], ids=["alone", "beside a neighbour that speaks"])
DROPS = pytest.mark.parametrize(("speaks_s", "still_s"), [(45, 14), (45, 18), (30, 19)])


def second(bench: Bench, status: PumpStatus | None, neighbour: PumpStatus | None, rate: float, counts: float) -> None:
    """The product's pump says this, None = it is silent; a neighbour beside it never is."""
    bench.clock.advance(1)
    bench.counter += counts / 3600
    if status is not None:
        bench.pump(status, rate if status is RUNS else 0.0)
    if neighbour is not None:
        bench.pump(neighbour, 0.0, channel="1/2")
    bench.tick()


def drop(
    bench: Bench, speaks_s: int, still_s: int, neighbour: PumpStatus | None, *, rate: float, counts: float, times: int
) -> set[str]:
    """The pump infuses; it speaks and is silent by turns. All that was an alarm meanwhile."""
    seen: set[str] = set()
    for _ in range(times):
        for n in range(speaks_s + still_s):
            second(bench, RUNS if n < speaks_s else None, neighbour, rate, counts)
            seen |= {view.key for view in bench.snapshot.alarms}
    return seen


@BESIDE
@DROPS
def test_a_volume_that_disagrees_is_told(bench: Bench, neighbour: PumpStatus | None, speaks_s: int, still_s: int):
    bench.infusing(60, 100.0)
    assert "pump.volume" in drop(bench, speaks_s, still_s, neighbour, rate=100.0, counts=0.0, times=8)


@BESIDE
@DROPS
def test_a_rate_off_the_plan_is_told(bench: Bench, neighbour: PumpStatus | None, speaks_s: int, still_s: int):
    bench.infusing(60, 100.0)
    assert "pump.rate" in drop(bench, speaks_s, still_s, neighbour, rate=200.0, counts=200.0, times=2)


@BESIDE
def test_a_pump_that_runs_again_after_a_recorded_stop_is_told(bench: Bench, neighbour: PumpStatus | None):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    bench.stand(30)
    assert "pump.resumed" in drop(bench, 45, 14, neighbour, rate=100.0, counts=100.0, times=2)


@BESIDE
def test_a_flush_that_is_too_fast_is_told(bench: Bench, neighbour: PumpStatus | None):
    bench.infusing(360, 100.0)
    bench.stand(10)
    bench.do(cmd.EndProduct(CHAIR, bench.by, "stopped", "patient_request"))
    for _ in range(3):  # what is in the line is in within less than a minute
        for n in range(15):
            second(bench, RUNS if n < 3 else None, neighbour, 400.0, 400.0)
    assert bench.alarm("flush.fast") is not None


@BESIDE
def test_an_infusion_that_nobody_has_checked_is_told(bench: Bench, neighbour: PumpStatus | None):
    bench.bind("pump")
    bench.pump(STANDS, 0.0)
    bench.do(cmd.OpenSession(CHAIR, ""))
    bench.do(cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump", "1/1"))
    seen = drop(bench, 18, 12, neighbour, rate=100.0, counts=100.0, times=1)
    assert "pump.unstarted" not in seen
    second(bench, RUNS, neighbour, 100.0, 100.0)
    assert bench.alarm("pump.unstarted") is not None


def test_a_product_pump_that_is_missing_is_told_where_the_whole_link_drops(bench: Bench):
    bench.infusing(60, 100.0)
    second(bench, RUNS, STANDS, 100.0, 100.0)
    seen: list[bool] = []
    for n in range(100):
        second(bench, None, STANDS if n % 20 < 9 else None, 100.0, 100.0)
        seen.append(bench.alarm(MISSING_PUMP) is not None)
    assert True in seen
    assert all(seen[seen.index(True) :])  # told once, not anew after each silence
    assert bench.snapshot.next_line.startswith("Pump 1/1 is not on the link")


@BESIDE
@pytest.mark.parametrize("rate", [100.0, 200.0, 999.0])
def test_a_sound_pump_that_speaks_once_in_half_a_minute_is_in_nobodys_doubt(
    bench: Bench, neighbour: PumpStatus | None, rate: float
):
    bench.infusing(60, rate, minutes=round(6000 / rate))
    seen = drop(bench, 1, 29, neighbour, rate=rate, counts=rate, times=int(6000 / rate * 2) - 4)
    told = {key for key in seen if key.startswith("pump.")}
    assert told <= {"pump.stale", MISSING_PUMP}


@BESIDE
def test_a_rate_that_was_mended_in_a_silence_was_never_an_alarm(bench: Bench, neighbour: PumpStatus | None):
    bench.infusing(60, 100.0)
    for n in range(80):
        second(bench, RUNS if n < 45 else None, neighbour, 200.0, 100.0)
        assert bench.alarm("pump.rate") is None
    drop(bench, 20, 0, neighbour, rate=100.0, counts=100.0, times=1)
    assert bench.alarm("pump.rate") is None


@BESIDE
def test_a_stop_recorded_just_before_the_pump_falls_silent_is_not_called_untrue(
    bench: Bench, neighbour: PumpStatus | None
):
    bench.infusing(60, 100.0)
    second(bench, RUNS, neighbour, 100.0, 100.0)
    second(bench, RUNS, neighbour, 100.0, 100.0)
    bench.wait(5)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    for _ in range(40):
        second(bench, None, neighbour, 100.0, 0.0)
        assert bench.alarm("pump.still_runs") is None


@BESIDE
def test_an_alarm_of_the_pump_stands_through_a_silence_says_so_and_ends_with_what_is_lost(
    bench: Bench, neighbour: PumpStatus | None
):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    drop(bench, 12, 0, neighbour, rate=100.0, counts=100.0, times=1)
    heard = bench.now
    words = "PUMP STILL INFUSING 100.0 mL/h - recorded as stopped"
    for n in range(1, 40):
        second(bench, None, neighbour, 100.0, 100.0)
        alarm = bench.alarm("pump.still_runs")
        if n > 30:
            assert alarm is None
            continue
        assert alarm is not None
        assert alarm.state is AlarmState.ACTIVE
        old = f" · last heard {heard.utc.astimezone():%H:%M:%S}"
        assert alarm.text == (words if n <= 10 else words + old)


@BESIDE
def test_what_a_nurse_says_in_a_silence_ends_what_contradicted_it(bench: Bench, neighbour: PumpStatus | None):
    bench.infusing(60, 100.0)
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "stop", "reaction"))
    drop(bench, 12, 12, neighbour, rate=100.0, counts=100.0, times=1)
    assert bench.alarm("pump.still_runs") is not None
    bench.do(cmd.GiveMeaning(CHAIR, bench.by, "resume", ""))
    second(bench, None, neighbour, 100.0, 100.0)
    assert bench.alarm("pump.still_runs") is None
