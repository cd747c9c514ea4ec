"""What came whole behind a false beginning is told when silence has ended the wait, as of its own last byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devices.catalogue import spec_of
from devices.commands.decode import facts_in
from devices.link import Link
from devices.monitors.nonin.wire.short import PARTIAL_TIMEOUT_S, Spot, encode_spot
from devices.transport.memory import pair
from exomonitor.clock import Instant, ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault, LinkState
from exomonitor.signals.vitals import VitalReading

SPEC = spec_of("nonin/df13")
FALSE_LENGTH = bytes((0x00, 0x02, 0x00, 0x0D, 0x00, 0x40))
"""A head that promises the longest packet and never goes on."""


def spot(hr: int, second: int = 0) -> bytes:
    """A spot check of 97 % at its own second."""
    taken = bytes((0x20, 0x26, 0x11, 0x23, 0x08, 0x00, second, 0x00))
    return encode_spot(Spot(hr, 97, taken, smartpoint=True))


@dataclass
class Line:
    """A link that is stepped whenever it says, and whoever speaks at the other end."""

    clock: ManualClock
    told: list[tuple[float, DeviceFact]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.clock.now()
        client, self.device = pair("cable")
        self.device.open()
        self.link = Link(SPEC, client, "monitor", self.clock, self._hear)

    def _hear(self, fact: DeviceFact) -> None:
        self.told.append((self.t(self.clock.now()), fact))

    def t(self, at: Instant) -> float:
        """Seconds since the beginning."""
        return round(at.since(self.began), 6)

    def say(self, data: bytes) -> None:
        """Bytes of the device."""
        self.device.write(data)
        self.link.step()

    def wait(self, seconds: float) -> None:
        """Nothing is said; the link is stepped when it asks to be."""
        end = self.clock.now().plus(seconds)
        while (ahead := self.link.next_due().since(self.clock.now())) < end.since(self.clock.now()):
            self.clock.advance(max(ahead, 0.001))
            self.link.step()
        self.clock.advance(end.since(self.clock.now()))
        self.link.step()

    def readings(self) -> list[tuple[float, float, float | None]]:
        """(told at, as of, value) of every rate, in seconds since the beginning."""
        return [
            (told, self.t(fact.at), fact.value)
            for told, fact in self.told
            if isinstance(fact, VitalReading) and fact.sign == "pulse"
        ]

    def faults(self) -> list[str]:
        return [fact.reason for _, fact in self.told if isinstance(fact, LinkFault)]


@pytest.fixture
def line(clock: ManualClock, tmp_path: Path) -> Iterator[Line]:
    line = Line(clock)
    line.link.start_capture(tmp_path / "capture")
    line.wait(1.0)
    yield line
    line.link.close()


def test_a_spot_check_behind_a_false_length_is_told_at_once_and_as_of_its_last_byte(line: Line) -> None:
    line.say(FALSE_LENGTH + spot(72)[:9])
    line.wait(0.1)
    line.say(spot(72)[9:])
    line.wait(60.0)
    assert line.readings() == [(1.0 + PARTIAL_TIMEOUT_S, 1.1, 72.0)]
    assert line.faults() == ["incomplete"]
    assert line.link.last_frame_at is not None
    assert line.t(line.link.last_frame_at) == 1.1


def test_the_silence_of_the_device_counts_from_its_bytes_and_not_from_the_look(line: Line) -> None:
    line.say(FALSE_LENGTH + spot(72))
    line.wait(SPEC.stale_s - 0.001)
    before = line.link.state
    line.wait(0.001)
    assert [before, line.link.state] == [LinkState.TALKING, LinkState.STALE]


def test_what_is_held_when_the_port_goes_is_told_before_it_is_lost(line: Line) -> None:
    line.say(FALSE_LENGTH + spot(72))
    line.wait(0.1)
    line.device.unplug()
    line.link.step()
    assert line.readings() == [(1.1, 1.0, 72.0)]
    assert line.link.state is LinkState.LOST


def test_a_link_that_looks_late_tells_the_same_time(line: Line) -> None:
    line.say(FALSE_LENGTH + spot(72))
    line.clock.advance(7.3)  # its thread did not come to it
    line.say(spot(80, 7))
    assert [(at, value) for _, at, value in line.readings()] == [(1.0, 72.0), (8.3, 80.0)]


@pytest.mark.parametrize("pauses", [(0.0, 0.2, 0.4), (0.6, 0.0, 3.0), (0.5, 0.5, 0.5), (0.1, 0.499, 0.501)])
def test_the_recording_read_again_gives_the_same_readings_with_the_same_times(
    line: Line, tmp_path: Path, pauses: tuple[float, ...]
) -> None:
    for number, pause in enumerate(pauses):
        line.say(FALSE_LENGTH + spot(70 + number, number))
        line.wait(pause)
    line.say(spot(90, 20)[:11])
    line.wait(0.2)
    line.link.close()
    again = facts_in(SPEC.make_driver("monitor"), tmp_path / "capture")
    live = [fact for _, fact in line.told if isinstance(fact, VitalReading)]
    assert len(live) == 2 * len(pauses)
    assert [(one.at.mono_ns, one.sign, one.value) for one in again if isinstance(one, VitalReading)] == [
        (one.at.mono_ns, one.sign, one.value) for one in live
    ]


@pytest.mark.expects_log("cannot be made")
def test_a_recording_that_cannot_be_begun_anew_costs_no_reading_that_has_come_half(line: Line, tmp_path: Path) -> None:
    whole = spot(72)
    line.say(whole[:9])
    line.link.capture_anew(tmp_path / "no" / "folder")
    line.say(whole[9:])
    line.wait(5.0)
    assert [fact.value for _, fact in line.told if isinstance(fact, VitalReading)] == [97.0, 72.0]
