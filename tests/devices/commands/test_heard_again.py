"""A recording in which another device was on the cable, heard again as the link heard it: nothing of the wrong one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devices.catalogue import spec_of
from devices.commands.compare import Reading
from devices.commands.decode import facts_in
from devices.commands.heard_again import Expected, expected_in, heard_again
from devices.simulation.faults import FaultKind
from devices.simulation.patient import PatientWorld
from devices.transport.capture import BOOT_ID, CaptureWriter, Kind, read_capture
from exomonitor.clock import Instant, ManualClock
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import DeviceBound
from exomonitor.session.parts.device_check import DeviceConfirmed
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.waves import WaveChunk
from tests.conformance.dialogue import meaning
from tests.devices.test_another_device_on_the_cable import SERIALS, Bedside


class Recorded(Bedside):
    """The same with its raw bytes kept, and what somebody confirmed."""

    def __init__(self, key: str, clock: ManualClock, capture: Path) -> None:
        super().__init__(key, clock)
        self.capture = capture
        self.confirmed: list[tuple[Instant, str]] = []
        self.link.start_capture(capture)
        self.long_s = 70.0 if key == "hl7-pcd01" else 20.0

    def confirm(self, number: str) -> None:
        self.confirmed.append((self.clock.now(), number))
        self.run(0.3)
        self.link.accept(number)

    def told(self) -> list[Reading]:
        return [fact for fact in self.seen if isinstance(fact, Reading)]

    def again(self) -> list[Reading]:
        confirmed = tuple((replace(at, boot_id=BOOT_ID), number) for at, number in self.confirmed)
        stored = frozenset(fact.at.mono_ns for fact in self.told())
        expected = Expected(self.mine, confirmed, stored)
        facts = heard_again(self.link.spec, read_capture(self.capture), expected)
        return [fact for fact in facts if isinstance(fact, Reading)]


def meant(facts: list[Reading]) -> list[tuple[int, object]]:
    return [
        (fact.at.mono_ns, fact.samples.tobytes() if isinstance(fact, WaveChunk) else meaning(fact)) for fact in facts
    ]


@pytest.mark.parametrize("key", sorted(SERIALS))
def test_what_a_wrong_device_said_is_not_heard_until_somebody_confirmed_it(
    key: str, clock: ManualClock, tmp_path: Path
) -> None:
    bedside = Recorded(key, clock, tmp_path / "raw")
    bedside.run(bedside.long_s)
    bedside.scene.strike(bedside.role, FaultKind.GONE, 3.0)
    bedside.run(1.0)
    bedside.scene.swap(bedside.role, serial=bedside.other)
    bedside.run(bedside.long_s)
    before = len(bedside.told())
    bedside.confirm(bedside.other)
    bedside.run(bedside.long_s)
    assert len(bedside.told()) > before
    bedside.scene.strike(bedside.role, FaultKind.GONE, 3.0)
    bedside.run(1.0)
    bedside.scene.swap(bedside.role, serial=bedside.mine)
    bedside.run(bedside.long_s)
    bedside.link.close()
    bedside.scene.close()
    assert meant(bedside.again()) == meant(bedside.told())
    unguarded = facts_in(bedside.link.spec.make_driver(bedside.role), bedside.capture)
    assert sum(isinstance(fact, Reading) for fact in unguarded) > len(bedside.told())


# --- which number is expected, by the session's entries

CLOCK = ManualClock()
SESSION = CLOCK.now()
RECORDING = CLOCK.advance(60.0)
LATER = CLOCK.advance(60.0)


def entry(at: Instant, event: Event) -> Entry:
    return Entry(1, "s", 1, at, "UTC", "u", "", event, "")


def bound(at: Instant, serial: str, role: str = "pump") -> Entry:
    return entry(at, DeviceBound(role, "bbraun-space", role, "1", "", serial))


def confirmed(at: Instant, serial: str, expected: str) -> Entry:
    return entry(at, DeviceConfirmed("pump", serial, expected, "Space", "scan"))


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ([], ""),
        ([bound(SESSION, "1")], "1"),
        ([bound(SESSION, ""), bound(LATER, "1")], "1"),
        ([bound(SESSION, "1"), bound(LATER, "2")], "2"),
        ([bound(SESSION, "1"), bound(LATER, "")], ""),
        ([bound(SESSION, "1", role="monitor")], ""),
        ([bound(SESSION, "1"), confirmed(LATER, "2", "1"), bound(LATER, "2")], "1"),
        ([bound(SESSION, "1"), confirmed(LATER, "2", ""), bound(LATER, "2")], "1"),
        ([bound(SESSION, "1"), confirmed(SESSION, "2", "1"), bound(SESSION, "2")], "2"),
    ],
)
def test_the_number_expected_is_the_one_that_was_pinned_when_the_recording_began(
    entries: list[Entry], number: str
) -> None:
    assert expected_in(entries, "pump", RECORDING, ()).number == number


def test_who_was_confirmed_while_it_was_recorded_is_known_with_the_time() -> None:
    entries = [confirmed(SESSION, "2", "1"), confirmed(LATER, "3", "2")]
    found = expected_in(entries, "pump", RECORDING, [LATER])
    assert found.confirmed == ((LATER, "3"),)
    assert found.stored == {LATER.mono_ns}


def test_a_recording_in_which_no_silence_ended_an_answer_is_read_as_it_was(tmp_path: Path) -> None:
    """The link once took a colon at the end of its bytes for the prompt, and asked on at once."""
    spec, at, path = spec_of("harvard-ultra"), ManualClock().now(), tmp_path / "old.exoraw"
    pump, writer = spec.make_simulator(PatientWorld(3), running=False), CaptureWriter(path, spec.choice)
    writer.add(Kind.OPEN, b"", at)
    for word in ("status", "irate", "ivolume", "tvolume", "version") * 3:
        question = f"00{word}\r\n".encode()
        writer.add(Kind.TX, question, at)
        writer.add(Kind.RX, pump.received(question, at.since(ManualClock().now())), at.plus(0.002))
        at = at.plus(0.003)
    writer.close()
    for facts in (list(facts_in(spec.make_driver("x"), path)), list(heard_again(spec, read_capture(path), Expected()))):
        assert len([fact for fact in facts if isinstance(fact, PumpReading)]) == 1, "the words of one cycle"
        assert not [fact for fact in facts if isinstance(fact, LinkFault)]
