"""The link's states, back-off, captures and refusals, on simulated time over a cable in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.link import Link
from devices.link_thread import LinkThread
from devices.spec import ForbiddenFrame
from devices.transport.capture import Kind, read_capture
from devices.transport.memory import MemoryEnd, pair
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.quality import Origin
from exomonitor.signals.vitals import VitalReading
from tests.devices.toy_device import ASK, ToyDriver, toy_spec


class Bench:
    """A link at one end of a memory cable, the test at the other."""

    def __init__(self, clock: ManualClock, *, ask: bytes = ASK, **options: Any) -> None:
        self.clock = clock
        self.client, self.device = pair("cable")
        self.device.open()
        self.seen: list[DeviceFact] = []
        self.link = Link(toy_spec(ask), self.client, "monitor", clock, self.seen.append, **options)

    def step(self, seconds: float = 0.0, reply: bytes = b"") -> None:
        if seconds:
            self.clock.advance(seconds)
        if reply:
            self.device.write(reply)
        self.link.step()

    def state(self) -> LinkState:
        return self.link.state

    def changes(self) -> list[LinkChange]:
        return [fact for fact in self.seen if isinstance(fact, LinkChange)]

    def states(self) -> list[LinkState]:
        states: list[LinkState] = []
        for change in self.changes():
            if not states or states[-1] is not change.state:
                states.append(change.state)
        return states

    def values(self) -> list[float | None]:
        return [fact.value for fact in self.seen if isinstance(fact, VitalReading)]


@pytest.fixture
def bench(clock: ManualClock) -> Iterator[Bench]:
    bench = Bench(clock)
    yield bench
    bench.link.close()


def test_opening_is_not_talking_and_the_first_frame_is(bench: Bench) -> None:
    bench.step()
    assert bench.states() == [LinkState.OPENING, LinkState.SILENT]
    assert bench.device.read(0) == ASK
    bench.step(reply=b"HR 72\n")
    assert bench.states() == [LinkState.OPENING, LinkState.SILENT, LinkState.TALKING]
    assert bench.values() == [72.0]


def test_silence_makes_it_stale_then_lost_and_a_frame_brings_it_back(bench: Bench) -> None:
    bench.step()
    bench.step(reply=b"HR 72\n")
    bench.step(9.9)
    assert bench.state() is LinkState.TALKING
    bench.step(0.1)
    assert bench.state() is LinkState.STALE
    bench.step(20.0)
    assert bench.state() is LinkState.LOST
    assert bench.changes()[-1].reason == "nothing heard for 30 s"
    bench.step(0.5, b"HR 70\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [72.0, 70.0]


def test_a_silent_port_is_opened_anew_so_that_a_dead_connection_revives(bench: Bench) -> None:
    bench.step()
    bench.step(30.0)
    assert bench.state() is LinkState.LOST
    assert bench.link.counters().reconnects == 1
    bench.step(10.0)
    assert bench.link.counters().reconnects == 1
    bench.step(20.0)
    assert bench.link.counters().reconnects == 2
    assert bench.states().count(LinkState.LOST) == 1


def test_bytes_without_frames_are_called_what_they_are(bench: Bench) -> None:
    bench.step()
    for _ in range(31):
        bench.step(1.0, b"\xff\xfe")
    assert bench.state() is LinkState.LOST
    assert "no valid frame: check device, baud rate and parity" in bench.changes()[-1].reason


def test_a_vanished_port_is_tried_again_after_half_a_second_then_slower_for_ever(bench: Bench) -> None:
    bench.step()
    bench.device.unplug()
    bench.step()
    assert bench.state() is LinkState.LOST
    waits = []
    for _ in range(7):
        due = bench.link.next_due()
        waits.append(due.since(bench.clock.now()))
        bench.step(waits[-1])
    assert waits == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0, 5.0]
    assert {change.reason for change in bench.changes() if change.state is LinkState.LOST} == {
        "cable has gone",
        "cable does not exist",
    }


def test_a_port_that_comes_back_is_found_within_the_back_off(bench: Bench) -> None:
    bench.step()
    bench.device.unplug()
    bench.step()
    bench.device.replug()
    bench.step(0.5)
    assert bench.state() is LinkState.SILENT
    bench.step(reply=b"HR 72\n")
    assert bench.state() is LinkState.TALKING
    assert bench.link.counters().reconnects == 1
    bench.device.unplug()
    bench.step()
    assert bench.link.next_due().since(bench.clock.now()) == 0.5  # a frame resets the back-off


def test_a_port_in_use_is_said_once_and_tried_for_ever(clock: ManualClock) -> None:
    bench = Bench(clock)
    bench.client.open()
    for _ in range(5):
        bench.step(5.0)
    assert [(c.state, c.reason) for c in bench.changes()] == [
        (LinkState.OPENING, "opening cable"),
        (LinkState.LOST, "another program uses cable"),
    ]
    bench.client.close()
    bench.step(5.0)
    assert bench.state() is LinkState.SILENT


def test_the_driver_is_asked_at_its_own_deadline(bench: Bench) -> None:
    bench.step()
    assert bench.device.read(0) == ASK
    bench.step(0.5)
    assert bench.device.read(0) == b""
    assert bench.link.next_due().since(bench.clock.now()) == 0.5
    bench.step(0.5)
    assert bench.device.read(0) == ASK


def test_counters_and_age_are_told_every_two_seconds_while_open(bench: Bench) -> None:
    bench.step()
    bench.step(reply=b"HR 72\n")
    told = len(bench.changes())
    for _ in range(8):
        bench.step(0.5, b"HR 72\n")
    assert len(bench.changes()) == told + 2
    last = bench.changes()[-1]
    assert last.counters.frames_ok == 9
    assert last.counters.bytes_in == 54
    assert last.counters.bytes_out == 5 * len(ASK)
    assert last.last_frame_at == bench.clock.now()


def test_a_frame_that_the_spec_does_not_allow_never_reaches_the_wire(clock: ManualClock) -> None:
    bench = Bench(clock, ask=b"RUN\n")
    with pytest.raises(ForbiddenFrame):
        bench.step()
    assert bench.device.read(0) == b""


def test_another_device_than_expected_gives_no_reading(clock: ManualClock) -> None:
    bench = Bench(clock, expected_serial="123")
    bench.step()
    bench.step(reply=b"SN 999\nHR 72\n")
    bench.step(1.0, b"SN 999\nHR 72\n")  # the toy has no checksum: once may be damage
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.changes()[-1].reason == "cable has device 999, not 123"
    bench.step(1.0, b"HR 72\n")
    assert bench.values() == []
    bench.step(1.0, b"SN 123\nHR 71\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [71.0]


def test_facts_of_a_simulated_device_say_so(clock: ManualClock) -> None:
    bench = Bench(clock, origin=Origin.SIMULATOR)
    bench.step()
    bench.step(reply=b"HR 72\n")
    (reading,) = [fact for fact in bench.seen if isinstance(fact, VitalReading)]
    assert reading.origin is Origin.SIMULATOR


def test_damaged_bytes_come_out_as_a_fault_with_the_bytes(bench: Bench) -> None:
    bench.step()
    bench.step(reply=b"H? 72\n")
    (fault,) = [fact for fact in bench.seen if isinstance(fact, LinkFault)]
    assert (fault.reason, fault.raw) == ("syntax", b"H? 72")
    assert bench.state() is LinkState.SILENT


def test_a_capture_keeps_every_byte_both_ways_with_its_time(bench: Bench, tmp_path: Path) -> None:
    bench.link.start_capture(tmp_path / "a.capture")
    bench.step()
    bench.step(1.0, b"HR 72\n")
    bench.device.unplug()
    bench.step()
    bench.link.stop_capture()
    records = list(read_capture(tmp_path / "a.capture"))
    assert [(record.kind, record.data) for record in records] == [
        (Kind.OPEN, b""),
        (Kind.TX, ASK),
        (Kind.TX, ASK),
        (Kind.RX, b"HR 72\n"),
        (Kind.CLOSE, b""),
    ]
    assert records[3].at.since(records[0].at) == 1.0


def test_what_was_captured_is_in_the_file_after_each_step(bench: Bench, tmp_path: Path) -> None:
    bench.link.start_capture(tmp_path / "a.capture")
    bench.step()
    bench.step(reply=b"HR 72\n")
    assert [record.data for record in read_capture(tmp_path / "a.capture") if record.kind is Kind.RX] == [b"HR 72\n"]


def test_a_capture_that_cannot_be_made_is_refused_in_one_sentence(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be made"):
        bench.link.start_capture(tmp_path / "no" / "such" / "folder")


@pytest.mark.expects_log("raw recording stopped")
def test_a_full_disk_ends_the_capture_and_not_the_link(bench: Bench, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    bench.step()
    bench.link.start_capture(tmp_path / "a.capture")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))  # stands in for a full disk
    try:
        bench.step(1.0, b"HR 72\n" * 20)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(bench.values()) == 20
    assert "the raw recording stopped" in next(f.reason for f in bench.seen if isinstance(f, LinkFault))
    bench.step(1.0, b"HR 72\n")
    assert bench.state() is LinkState.TALKING
    bench.step(2.0, b"HR 72\n")
    assert "too large" in bench.changes()[-1].unrecorded
    bench.link.start_capture(tmp_path / "b.capture")
    bench.step(2.0, b"HR 72\n")
    assert bench.changes()[-1].unrecorded == ""


class ParticularToy(ToyDriver):
    """A toy that wants to be told of the end."""

    goodbye: bytes | None = b"BYE\n"

    def closing(self) -> bytes | None:
        return self.goodbye


def particular(bench: Bench, *, allowed: bytes = b"BYE\n", goodbye: bytes | None = b"BYE\n") -> Link:
    """A link to a device that is told when nobody listens any more, where its SPEC allows it."""

    def driver(source: str) -> ParticularToy:
        toy = ParticularToy(source)
        toy.goodbye = goodbye
        return toy

    spec = replace(toy_spec(), make_driver=driver, may_send=lambda frame: frame in (ASK, allowed))
    return Link(spec, bench.client, "monitor", bench.clock, bench.seen.append)


def test_a_device_that_wants_it_is_told_of_the_end_once(bench: Bench, tmp_path: Path) -> None:
    link = particular(bench)
    link.step()
    link.start_capture(tmp_path / "raw.cap")
    assert bench.device.read(0) == ASK
    link.close()
    link.close()
    assert bench.device.read(0) == b"BYE\n"
    assert link.counters().bytes_out == len(ASK) + 4
    assert [row.data for row in read_capture(tmp_path / "raw.cap") if row.kind is Kind.TX] == [b"BYE\n"]


def test_a_port_that_is_not_open_cannot_be_told_and_is_closed_all_the_same(bench: Bench) -> None:
    link = particular(bench)
    link.close()
    assert bench.device.read(0) == b""
    vanished = particular(bench)
    vanished.step()
    bench.device.unplug()
    vanished.close()
    assert vanished.state is LinkState.CLOSED


def test_a_driver_with_nothing_to_say_at_the_end_says_nothing(bench: Bench) -> None:
    link = particular(bench, goodbye=None)
    link.step()
    assert bench.device.read(0) == ASK
    link.close()
    assert bench.device.read(0) == b""


def test_a_forbidden_last_word_never_reaches_the_wire_and_the_port_is_closed(bench: Bench) -> None:
    link = particular(bench, allowed=b"FC\n")
    link.step()
    assert bench.device.read(0) == ASK
    with pytest.raises(ForbiddenFrame):
        link.close()
    assert bench.device.read(0) == b""
    assert link.state is LinkState.CLOSED
    bench.client.open()  # the port is free


def wait_until(thread: LinkThread, client: MemoryEnd, device: MemoryEnd, seen: list[DeviceFact], kind: type) -> None:
    """Answer the link's questions until a fact of `kind` has come out of its thread."""
    for _ in range(200):
        if any(isinstance(fact, kind) for fact in seen):
            return
        if device.read(0.05):
            device.write(b"HR 72\n")
    raise AssertionError(f"no {kind.__name__} came")


def test_a_thread_reads_and_stops_cleanly(bench: Bench) -> None:
    thread = LinkThread(bench.link, max_wait_s=0.01)
    thread.start()
    wait_until(thread, bench.client, bench.device, bench.seen, VitalReading)
    thread.stop()
    assert not thread.is_alive()
    assert bench.states()[-1] is LinkState.CLOSED


@pytest.mark.expects_log("monitor: the link failed")
def test_a_bug_in_a_driver_is_logged_and_the_thread_goes_on(bench: Bench) -> None:
    thread = LinkThread(bench.link, max_wait_s=0.01)
    thread.start()
    assert bench.device.read(5.0) == ASK
    bench.device.write(b"BUG\n")
    for _ in range(500):
        if bench.state() is LinkState.LOST:
            break
        bench.device.read(0.01)
    assert "made an error" in bench.changes()[-1].reason
    bench.clock.advance(0.5)
    wait_until(thread, bench.client, bench.device, bench.seen, VitalReading)
    thread.stop()


def test_the_instant_of_a_reading_is_when_its_bytes_arrived(bench: Bench) -> None:
    bench.step()
    bench.step(3.0, b"HR 72\n")
    (reading,) = [fact for fact in bench.seen if isinstance(fact, VitalReading)]
    now: Instant = bench.clock.now()
    assert reading.at == now


def test_a_recording_begun_in_the_middle_begins_the_dialogue_anew_and_goes_on_counting(
    bench: Bench, tmp_path: Path
) -> None:
    bench.step()
    bench.step(reply=b"HR 72\nH? 1\nSN 5\n")
    bench.link.capture_anew(tmp_path / "a.capture")
    bench.step(0.1, b"HR 73\n")
    kinds = [(record.kind, record.data) for record in read_capture(tmp_path / "a.capture")]
    assert kinds == [(Kind.OPEN, b""), (Kind.TX, ASK), (Kind.RX, b"HR 73\n")]
    assert bench.values() == [72.0, 73.0]
    counters = bench.link.counters()
    assert (counters.frames_ok, dict(counters.frames_bad), counters.requests) == (3, {"syntax": 1}, 2)


@pytest.mark.expects_log("cannot be made")
def test_a_recording_that_cannot_be_begun_leaves_the_dialogue_as_it_is(bench: Bench, tmp_path: Path) -> None:
    bench.step()
    bench.link.capture_anew(tmp_path / "no" / "folder")
    bench.step(0.1, b"HR 73\n")
    assert bench.values() == [73.0]
    assert bench.link.counters().requests == 1
