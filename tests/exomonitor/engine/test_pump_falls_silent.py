"""A pump falls silent while the link goes on to tell of its neighbours: it is there all the same."""

from __future__ import annotations

import pytest

from exomonitor.engine.health import MISSING_PUMP
from exomonitor.session import commands as cmd
from exomonitor.session.phases import Phase
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

UNPINNED = cmd.PinDevice(CHAIR, "", "pump", "bbraun-space", "pump")


def speak(bench: Bench, seconds: int, *channels: str) -> None:
    """These pumps speak once a second: the product's, which stands, and a neighbour that infuses."""
    for _ in range(seconds):
        bench.clock.advance(1)
        for channel in channels:
            ours = channel == "1/1"
            bench.pump(PumpStatus.STOPPED if ours else PumpStatus.INFUSING, 0.0 if ours else 100.0, channel=channel)
        bench.tick()


def is_asked(bench: Bench) -> bool:
    """Whether the nurse is told, aloud and by the line, to say which pump is the product's."""
    alarm = bench.alarm(MISSING_PUMP)
    aloud = alarm is not None and alarm.text == "SEVERAL PUMPS ON THE LINK - choose the product's pump"
    line = "Several pumps are on the link: choose the product's pump (Alt+6)"
    return aloud and bench.snapshot.next_line.startswith(line)


@pytest.fixture
def unpinned(bench: Bench) -> Bench:
    """A session that is prepared, and its pump had not spoken when it was pinned."""
    bench.bind("pump", "monitor")
    bench.prepare(pump="")
    bench.do(UNPINNED)
    speak(bench, 5, "1/1", "1/2")
    return bench


def test_the_record_never_starts_by_itself_on_the_neighbour_of_a_pump_that_fell_silent(unpinned: Bench):
    speak(unpinned, 60, "1/1", "1/2")
    speak(unpinned, 60, "1/2")
    assert unpinned.state.phase is Phase.PREPARE
    assert unpinned.snapshot.pump is None
    assert [(view.reading.channel, view.stale, view.silent) for view in unpinned.snapshot.other_pumps] == [
        ("1/1", True, True),
        ("1/2", False, False),
    ]
    assert is_asked(unpinned)


def test_a_running_record_never_takes_the_neighbour_for_the_product(unpinned: Bench):
    unpinned.start()
    speak(unpinned, 25, "1/2")
    for _ in range(3):
        unpinned.hear(LinkChange("pump", LinkState.TALKING, "receiving", unpinned.now, "P1", "", ""))
        speak(unpinned, 2, "1/2")
    assert unpinned.state.devices["pump"].channel == ""
    assert not unpinned.progress.running
    assert unpinned.given == 0.0
    assert is_asked(unpinned)


def test_a_neighbour_is_never_pinned_as_the_only_pump_there_is(bench: Bench):
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    speak(bench, 5, "1/1", "1/2")
    speak(bench, 25, "1/2")
    bench.do(UNPINNED)
    assert bench.state.devices["pump"].channel == ""


def after_a_silence(bench: Bench, first: tuple[str, ...]) -> Bench:
    """The product's pump infuses while the session is prepared; the whole link is silent for 12 s, `first` speak half
    a second before it."""
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()

    def second(neighbours: tuple[str, ...]) -> None:
        for channel in neighbours:
            bench.clock.advance(0.5 / len(neighbours))
            bench.pump(PumpStatus.STOPPED, 0.0, channel=channel, volume_infused_ml=0.0)
        bench.clock.advance(0.5 if neighbours else 1.0)
        bench.counter += 100 / 3600
        bench.pump(PumpStatus.INFUSING, 100.0)
        bench.tick()

    for _ in range(25):
        second(first[:1])
    for _ in range(12):
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        bench.tick()
    second(first)
    for _ in range(59):
        second(first[:1])
    return bench


@pytest.mark.parametrize("first", [("1/2",), ("1/2", "1/2"), ("1/2", "1/3")])
def test_start_and_dose_are_the_same_whichever_pump_speaks_first_after_a_silence_of_the_link(
    bench: Bench, first: tuple[str, ...]
):
    alone, beside = after_a_silence(bench, ()), after_a_silence(Bench(), first)
    assert alone.given > 2.5
    assert (beside.state.started, beside.given) == (alone.state.started, alone.given)


def test_a_neighbour_that_speaks_for_seconds_first_takes_nothing_from_the_start(bench: Bench):
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    bench.infuse(25, 100.0)
    began = bench.now.plus(-24)
    for second in range(14):
        bench.clock.advance(1)
        bench.counter += 100 / 3600
        if second > 2:
            bench.pump(PumpStatus.STOPPED, 0.0, channel="1/2", volume_infused_ml=0.0)
        bench.tick()
    bench.infuse(2, 100.0)
    assert bench.state.started == began


def test_a_pump_that_is_silent_beside_a_neighbour_keeps_the_dose_that_it_had_counted(bench: Bench):
    bench.infusing(360, 100.0)
    speak(bench, 60, "1/2")
    assert bench.snapshot.pump is None
    assert (round(bench.given, 2), bench.progress.delivered_by) == (10.0, "pump")
    assert bench.progress.rate_ml_h is None
    bench.infuse(36, 100.0)
    assert (round(bench.given, 2), bench.progress.delivered_by) == (11.0, "pump")
