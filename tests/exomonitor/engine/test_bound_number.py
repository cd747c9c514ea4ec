"""A device that is pinned before it has told its number is pinned with it as soon as it is known."""

from __future__ import annotations

import pytest

from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpStatus
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


@pytest.fixture
def bound() -> Bench:
    bench = Bench()
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(cmd.PinDevice(CHAIR, bench.by, role="pump", key="bbraun-space", source="pump"))
    return bench


def says(bench: Bench, serial: str, model: str = "Perfusor Space", state: LinkState = LinkState.TALKING) -> None:
    bench.hear(LinkChange("pump", state, "receiving", bench.now, "P1", serial, model))
    bench.wait(2.0)


def numbers(bench: Bench) -> list[str]:
    return [event.serial for event in bench.events(ev.DeviceBound)]


def test_the_number_that_was_told_twice_is_pinned_once(bound: Bench) -> None:
    says(bound, "")
    says(bound, "100113")
    assert numbers(bound) == [""]
    for _ in range(4):
        says(bound, "100113")
    assert numbers(bound) == ["", "100113"]
    pinned = bound.state.devices["pump"]
    assert (pinned.key, pinned.model, pinned.serial) == ("bbraun-space", "Perfusor Space", "100113")


def test_a_number_that_is_pinned_stays_until_somebody_confirms_another_device(bound: Bench) -> None:
    for serial in ("100113", "100113", "999", "999", "999"):
        says(bound, serial)
    assert numbers(bound) == ["", "100113"]


def test_a_number_that_changes_from_word_to_word_is_none(bound: Bench) -> None:
    for serial in ("1", "2", "3", "4"):
        says(bound, serial)
    assert numbers(bound) == [""]


def test_of_the_wrong_device_no_number_is_pinned(bound: Bench) -> None:
    for _ in range(3):
        says(bound, "999", state=LinkState.WRONG_DEVICE)
    assert numbers(bound) == [""]


def started(*, channels: tuple[str, ...]) -> Bench:
    """A pump that was silent when it was pinned, and runs now behind one link with others."""
    bench = Bench()
    bench.bind("pump", "monitor")
    bench.prepare(pump="")
    bench.do(cmd.PinDevice(CHAIR, bench.by, role="pump", key="bbraun-space", source="pump"))
    for channel in channels:
        bench.pump(PumpStatus.STOPPED, 0.0, channel=channel)
    bench.start()
    bench.infuse(5, 100.0, channel=channels[0])
    return bench


def test_the_only_channel_of_a_running_session_is_pinned_once_and_another_one_is_not_taken_for_it() -> None:
    bench = started(channels=("1/3",))
    for _ in range(3):
        says(bench, "100113")
    assert [event.channel for event in bench.events(ev.DeviceBound) if event.role == "pump"][-2:] == ["", "1/3"]
    pinned = bench.state.devices["pump"]
    assert (pinned.channel, pinned.serial) == ("1/3", "100113")
    bench.pump(PumpStatus.INFUSING, 900.0, channel="1/2")
    assert bench.snapshot.pump is not None
    assert bench.snapshot.pump.reading.channel == "1/3"
    given = bench.progress.delivered_ml or 0.0
    bench.infuse(36, 100.0, channel="1/3")
    assert bench.progress.delivered_ml == pytest.approx(given + 1.0, abs=0.2)


def test_of_two_channels_none_is_pinned_by_itself() -> None:
    bench = started(channels=("1/3", "1/2"))
    for _ in range(3):
        says(bench, "")
    assert bench.state.devices["pump"].channel == ""


def test_a_pump_that_was_taken_out_is_not_pinned_by_itself() -> None:
    bench = Bench()
    bench.bind("pump", "monitor")
    bench.prepare(pump="")
    bench.do(cmd.PinDevice(CHAIR, bench.by, role="pump", key="bbraun-space", source="pump"))
    bench.pump(PumpStatus.REMOVED, None, channel="1/3")
    bench.start()
    for _ in range(3):
        says(bench, "100113")
    assert bench.state.devices["pump"].channel == ""
    bench.infuse(5, 100.0, channel="1/2")
    says(bench, "100113")
    assert bench.state.devices["pump"].channel == "1/2"
    assert bench.snapshot.pump is not None
    assert bench.snapshot.pump.reading.channel == "1/2"


def test_nor_is_it_pinned_with_the_device() -> None:
    bench = Bench()
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.pump(PumpStatus.REMOVED, None, channel="1/3")
    bench.do(cmd.PinDevice(CHAIR, bench.by, role="pump", key="bbraun-space", source="pump"))
    assert bench.state.devices["pump"].channel == ""


def test_where_values_are_typed_no_device_is_pinned() -> None:
    bench = Bench()
    bench.bind("pump")
    bench.do(cmd.OpenSession(CHAIR, bench.by))
    bench.do(cmd.PinDevice(CHAIR, bench.by, role="pump", key="", source=""))
    for _ in range(3):
        says(bench, "100113")
    assert numbers(bench) == [""]
