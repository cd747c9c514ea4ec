"""Several pumps are on the link, and nobody has said which one the product's is: told until somebody does."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.engine.health import MISSING_PUMP
from exomonitor.session import commands as cmd
from exomonitor.session.events import SessionStarted
from exomonitor.session.phases import Phase
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

UNPINNED = cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump")
STANDS, RUNS = (PumpStatus.STOPPED, 0.0), (PumpStatus.INFUSING, 100.0)
WORDS = "SEVERAL PUMPS ON THE LINK - choose the product's pump"
LINE = "Several pumps are on the link: choose the product's pump (Alt+6)"


def speak(bench: Bench, seconds: int, **told: tuple[PumpStatus, float]) -> None:
    """These pumps speak once a second; `one` is 1/1, `two` is 1/2."""
    for _ in range(seconds):
        bench.clock.advance(1)
        for name, (status, rate) in told.items():
            bench.counter += rate / 3600
            bench.pump(status, rate, channel={"one": "1/1", "two": "1/2"}[name])
        bench.tick()


@pytest.fixture
def unpinned(bench: Bench) -> Bench:
    """A session that is prepared, whose pump is read and was pinned without a channel."""
    bench.bind("pump", "monitor")
    bench.prepare(pump="")
    bench.do(UNPINNED)
    return bench


def is_told(bench: Bench) -> bool:
    """Whether the line asks, and the alarm with it; never one of them alone."""
    alarm, line = bench.alarm(MISSING_PUMP), bench.snapshot.next_line.startswith(LINE)
    assert (alarm is not None) == line
    assert alarm is None or (alarm.priority, alarm.text) == (Priority.MEDIUM, WORDS)
    return line


def test_the_only_pump_runs_and_moves_to_another_slot(unpinned: Bench):
    speak(unpinned, 5, one=STANDS)
    unpinned.start()
    speak(unpinned, 60, one=RUNS)
    assert not is_told(unpinned)
    speak(unpinned, 25, two=RUNS)
    assert unpinned.snapshot.pump is None
    assert is_told(unpinned)
    unpinned.do(cmd.PinDevice(CHAIR, unpinned.by, "pump", "bbraun-space", "pump", "1/2"))
    speak(unpinned, 2, two=RUNS)
    assert not is_told(unpinned)
    assert unpinned.progress.running


def test_the_only_pump_runs_and_falls_silent_beside_one_that_stands(unpinned: Bench):
    speak(unpinned, 5, one=STANDS)
    unpinned.start()
    speak(unpinned, 60, one=RUNS)
    speak(unpinned, 25, two=STANDS)
    assert is_told(unpinned)


def test_of_two_the_one_that_stood_falls_silent(unpinned: Bench):
    speak(unpinned, 5, one=STANDS, two=STANDS)
    unpinned.start()
    speak(unpinned, 15, one=RUNS, two=STANDS)
    assert is_told(unpinned)
    speak(unpinned, 60, one=RUNS)
    assert is_told(unpinned)
    assert unpinned.snapshot.next_line == LINE


def test_a_set_that_is_due_stands_beside_it(unpinned: Bench):
    speak(unpinned, 5, one=STANDS, two=STANDS)
    unpinned.start()
    speak(unpinned, 305, one=RUNS, two=STANDS)
    assert unpinned.snapshot.next_line == f"{LINE} · Set +5 due now"


def test_where_none_infuses_the_line_asks_and_nothing_alarms(unpinned: Bench):
    speak(unpinned, 5, one=STANDS, two=STANDS)
    unpinned.start()
    speak(unpinned, 60, one=STANDS)
    assert unpinned.snapshot.next_line == LINE
    assert unpinned.alarm(MISSING_PUMP) is None


def test_before_the_start_the_only_pump_moves_to_another_slot_and_infuses(unpinned: Bench):
    speak(unpinned, 5, one=STANDS)
    assert not is_told(unpinned)
    speak(unpinned, 60, two=RUNS)
    assert not unpinned.events(SessionStarted)
    assert is_told(unpinned)
    unpinned.do(cmd.PinDevice(CHAIR, unpinned.by, "pump", "bbraun-space", "pump", "1/2"))
    speak(unpinned, 2, two=RUNS)
    assert unpinned.state.phase is Phase.INFUSE  # it has delivered for more than 30 s


def test_before_the_start_the_line_asks_once_one_of_them_is_silent(unpinned: Bench):
    speak(unpinned, 60, one=STANDS, two=STANDS)
    assert not is_told(unpinned)
    speak(unpinned, 25, two=STANDS)
    assert unpinned.snapshot.next_line == LINE
    assert unpinned.alarm(MISSING_PUMP) is None


def test_one_that_was_taken_out_is_none_of_several(unpinned: Bench):
    speak(unpinned, 5, one=STANDS, two=STANDS)
    speak(unpinned, 2, one=(PumpStatus.REMOVED, 0.0), two=STANDS)
    speak(unpinned, 20, two=RUNS)
    assert not is_told(unpinned)
    assert unpinned.snapshot.pump is not None


def test_a_silence_of_the_whole_link_is_said_by_its_own_alarm_alone(unpinned: Bench):
    speak(unpinned, 5, one=STANDS, two=STANDS)
    unpinned.start()
    speak(unpinned, 15, one=RUNS, two=STANDS)
    unpinned.wait(40)
    assert not is_told(unpinned)
    assert unpinned.alarm("pump.lost") is not None


def test_whoever_types_the_rate_is_not_asked_about_the_pumps_on_the_link(unpinned: Bench):
    unpinned.do(cmd.PinDevice(CHAIR, unpinned.by, "pump", "", ""))
    speak(unpinned, 5, one=STANDS, two=RUNS)
    unpinned.start("100")
    speak(unpinned, 25, one=STANDS, two=RUNS)
    assert not is_told(unpinned)


def test_after_the_products_end_nobody_is_asked(unpinned: Bench):
    speak(unpinned, 5, one=STANDS)
    unpinned.start()
    speak(unpinned, 60, one=RUNS)
    speak(unpinned, 1, one=STANDS)
    unpinned.do(cmd.EndProduct(CHAIR, unpinned.by, "stopped", "order"))
    speak(unpinned, 25, two=RUNS)
    assert not is_told(unpinned)
