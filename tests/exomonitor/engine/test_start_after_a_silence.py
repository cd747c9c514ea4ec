"""What a pump infused before it was silent for long began no record, but this one's where its counter ran on: never the
next patient's."""

from __future__ import annotations

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session.phases import Phase
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

BESIDE, ALONE = ("1/2",), ()


def neighbours(
    bench: Bench, seconds: int, channels: tuple[str, ...], *, infuses: bool = False, counts: float = 1.0
) -> None:
    """The neighbours speak once a second and stand; the product's pump infuses, and says so or is silent; `counts`: so
    much of its rate its counter shows."""
    for _ in range(seconds):
        bench.clock.advance(1)
        bench.counter += counts * 100 / 3600
        for channel in channels:
            bench.pump(PumpStatus.STOPPED, 0.0, channel=channel, volume_infused_ml=0.0)
        if infuses:
            bench.pump(PumpStatus.INFUSING, 100.0)
        bench.tick()


def prepared(bench: Bench, channels: tuple[str, ...], silent_s: int, counts: float = 1.0) -> Bench:
    """The pump infuses for ten seconds while the session is prepared, and is silent from then on."""
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.prepare()
    neighbours(bench, 10, channels, infuses=True)
    neighbours(bench, silent_s, channels, counts=counts)
    return bench


def next_patient(bench: Bench, channels: tuple[str, ...]) -> Bench:
    """That session is given up while the pump is silent, and the next patient's is prepared."""
    prepared(bench, channels, 1200)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "made-up reason"))
    neighbours(bench, 600, channels)
    bench.prepare()
    neighbours(bench, 60, channels)
    return bench


@pytest.mark.parametrize("channels", [BESIDE, ALONE], ids=["beside a neighbour", "with its link"])
@pytest.mark.parametrize(("silent_s", "counts"), [(45, 0.0), (1200, 0.0), (1200, 0.97), (1200, 1.03), (1200, -0.001)])
def test_one_word_after_a_long_silence_starts_no_record(
    bench: Bench, channels: tuple[str, ...], silent_s: int, counts: float
):
    prepared(bench, channels, silent_s, counts)
    neighbours(bench, 1, channels, infuses=True)
    assert bench.state.phase is Phase.PREPARE
    spoke = bench.now
    neighbours(bench, 32, channels, infuses=True)
    assert bench.state.started == spoke
    assert bench.given < 1.0


@pytest.mark.parametrize("channels", [BESIDE, ALONE], ids=["beside a neighbour", "with its link"])
@pytest.mark.parametrize(("silent_s", "counts"), [(45, 1.0), (1200, 1.0), (1200, 0.994), (1200, 1.006)])
def test_what_the_counter_shows_of_a_silence_of_this_session_was_given(
    bench: Bench, channels: tuple[str, ...], silent_s: int, counts: float
):
    prepared(bench, channels, 0)
    began = bench.engine.chair(CHAIR).live.infusing_since["1/1"]
    neighbours(bench, silent_s, channels, counts=counts)
    neighbours(bench, 33, channels, infuses=True)
    assert bench.state.started == began.at
    assert began.volume_infused_ml is not None
    assert bench.given == pytest.approx(bench.counter - began.volume_infused_ml, abs=0.01)


@pytest.mark.parametrize("still_s", [20, 80])
def test_a_bag_that_was_changed_in_a_long_silence_did_not_run_all_through_it(bench: Bench, still_s: int):
    prepared(bench, BESIDE, 1700)
    neighbours(bench, still_s, BESIDE, counts=0.0)
    neighbours(bench, 20, BESIDE)
    neighbours(bench, 1, BESIDE, infuses=True)
    spoke = bench.now
    neighbours(bench, 32, BESIDE, infuses=True)
    assert bench.state.started == spoke
    assert bench.given < 1.0


@pytest.mark.parametrize(("rate", "silent_s"), [(5.0, 300), (5.0, 80), (10.0, 160), (20.0, 80)])
def test_a_slow_pump_that_stood_nearly_all_the_silence_did_not_run_through_it(bench: Bench, rate: float, silent_s: int):
    prepared(bench, ALONE, 0)
    bench.infuse(10, rate)
    bench.wait(silent_s)
    bench.infuse(1, rate)
    spoke = bench.now
    bench.infuse(32, rate)
    assert bench.state.started == spoke


@pytest.mark.parametrize("rate", [5.0, 20.0])
def test_a_slow_pump_whose_counter_tells_tenths_ran_on_through_a_long_silence(bench: Bench, rate: float):
    prepared(bench, ALONE, 0)
    bench.stand(2)
    bench.counter = 0.07
    tenths = lambda: int(bench.counter * 10) / 10  # noqa: E731
    bench.clock.advance(1)
    bench.pump(PumpStatus.INFUSING, rate, volume_infused_ml=tenths())
    began = bench.now
    bench.counter += 1200 * rate / 3600
    bench.wait(1200)
    for _ in range(33):
        bench.clock.advance(1)
        bench.pump(PumpStatus.INFUSING, rate, volume_infused_ml=tenths())
        bench.tick()
    assert bench.state.started == began


@pytest.mark.parametrize("pinned", ["before the silence", "in the silence", "after the silence"])
def test_what_ran_before_the_pump_was_pinned_and_through_a_silence_dates_no_record(bench: Bench, pinned: str):
    bench.bind("pump", "monitor")
    bench.pump(PumpStatus.STOPPED, 0.0)
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    pin = cmd.PinDevice(CHAIR, bench.by, "pump", "bbraun-space", "pump", "1/1")
    neighbours(bench, 20, BESIDE, infuses=True)  # what ran before the product
    if pinned == "before the silence":
        bench.do(pin)
    neighbours(bench, 1, BESIDE, infuses=True)
    spoke = bench.now
    neighbours(bench, 300, BESIDE)
    if pinned == "in the silence":
        bench.do(pin)
    neighbours(bench, 300, BESIDE)
    neighbours(bench, 1, BESIDE, infuses=True)
    spoke = spoke if pinned == "before the silence" else bench.now
    if pinned == "after the silence":
        bench.do(pin)
    neighbours(bench, 32, BESIDE, infuses=True)
    assert bench.state.started == spoke


@pytest.mark.parametrize("last_words", ["before the end", "after it"])
def test_a_silence_in_which_the_session_was_opened_dates_no_record_before_it(bench: Bench, last_words: str):
    prepared(bench, BESIDE, 0)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "made-up reason"))
    neighbours(bench, 20 if last_words == "after it" else 0, BESIDE, infuses=True)
    neighbours(bench, 600, BESIDE)
    bench.prepare()
    neighbours(bench, 60, BESIDE)
    neighbours(bench, 33, BESIDE, infuses=True)
    assert bench.state.started is not None
    assert bench.state.started.since(bench.state.opened) > 0
    assert bench.given < 1.0


@pytest.mark.parametrize("channels", [BESIDE, ALONE], ids=["beside a neighbour", "with its link"])
def test_the_next_patients_record_begins_with_what_is_heard_in_it(bench: Bench, channels: tuple[str, ...]):
    next_patient(bench, channels)
    neighbours(bench, 1, channels, infuses=True)
    assert bench.state.phase is Phase.PREPARE
    spoke = bench.now
    neighbours(bench, 32, channels, infuses=True)
    assert bench.state.started == spoke
    assert spoke.since(bench.state.opened) > 0
    assert bench.given < 1.0


@pytest.mark.parametrize("channels", [BESIDE, ALONE], ids=["beside a neighbour", "with its link"])
def test_a_start_by_hand_takes_nothing_from_before_the_silence_either(bench: Bench, channels: tuple[str, ...]):
    next_patient(bench, channels)
    neighbours(bench, 1, channels, infuses=True)
    bench.start()
    assert bench.events(ev.SessionStarted)[-1].when == bench.now
    assert bench.given == 0.0


def test_a_pump_that_is_silent_when_a_session_ends_ran_for_nobody_who_comes_next(bench: Bench):
    prepared(bench, BESIDE, 14)
    assert "1/1" in bench.engine.chair(CHAIR).live.infusing_since
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "made-up reason"))
    assert "1/1" not in bench.engine.chair(CHAIR).live.infusing_since


def test_a_link_that_is_silent_when_a_session_ends_tells_of_nobody_who_comes_next(bench: Bench):
    prepared(bench, ALONE, 14)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "made-up reason"))
    assert bench.engine.chair(CHAIR).live.infusing_since == {}


def test_a_pump_that_speaks_when_a_session_ends_counts_for_the_next_one_from_there(bench: Bench):
    prepared(bench, BESIDE, 0)
    bench.do(cmd.AbandonSession(CHAIR, bench.by, "made-up reason"))
    since = bench.engine.chair(CHAIR).live.infusing_since
    assert since["1/1"].at == bench.now
