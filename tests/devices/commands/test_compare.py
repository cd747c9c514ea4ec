"""Every family's recording, read again, gives what was stored of it: readings and waves, in each of its formats."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from devices.commands.compare import Reading, compare, device_of
from devices.commands.decode import facts_in
from devices.link import Link
from devices.simulation.patient import Episode, PatientWorld
from devices.spec import DeviceSpec, Role, Simulator
from devices.transport.memory import MemoryEnd, pair
from exomonitor.clock import NS, Instant, ManualClock
from exomonitor.engine.outbox import Outbox
from exomonitor.engine.ports import Draft, ReadingRow, WaveSecond
from exomonitor.session.entry import Entry
from exomonitor.session.events import DeviceBound
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.signals.waves import WaveChunk, WaveName
from tests.conformance.dialogue import SPECS

STEP_S, LASTS_S = 0.05, 66.0
BEGINS_S, ENDS_S = 12.0, 61.0
PULLED_S, BACK_S = 30.0, 32.0
HURT_S = (45.0, 46.0)
WORLD = [Episode(20.0, 5.0, {"hr": 120.0, "spo2": 88.0}), Episode(40.0, 0.0, {}, sensor="spo2", off=True)]
PRESSES = {Role.PUMP: ((25.0, "occlude"), (36.0, "clear_occlusion"), (37.0, "start")), Role.MONITOR: ()}


class Nowhere:
    """A recorder that is never asked."""

    def submit(
        self, drafts: Sequence[Draft], readings: Sequence[ReadingRow] = (), waves: Sequence[WaveSecond] = ()
    ) -> Future[tuple[Entry, ...]]:
        raise AssertionError("nothing is stored here")

    def close(self) -> None:
        """Nothing waits."""


class Life:
    """A link's life with an alarm, a sensor that falls off, a pulled cable and damaged bytes; a session lies in it."""

    def __init__(self, spec: DeviceSpec, capture: Path) -> None:
        self.spec = spec
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.outbox = Outbox(Nowhere(), 0.0, lambda done: None)
        client, self.device = pair("cable")
        self.device.open()
        self.link = Link(spec, client, spec.role, self.clock, self._store)
        self.link.start_capture(capture)
        options = {"running": True, "rate_ml_h": 60.0, "vtbi_ml": 40.0} if spec.role is Role.PUMP else {}
        self.simulator: Simulator = spec.make_simulator(PatientWorld(episodes=WORLD), **options)

    def live(self) -> None:
        presses = list(PRESSES[self.spec.role])
        for step in range(round(LASTS_S / STEP_S)):
            t = round(step * STEP_S, 3)
            if t == PULLED_S:
                self.device.unplug()
            if t == BACK_S:
                self.device.replug()
            if presses and t >= presses[0][0]:
                self.simulator.press(t, presses.pop(0)[1])
            self.link.step()
            if not PULLED_S <= t < BACK_S:
                self._speak(self.device, t)
            self.clock.advance(STEP_S)
        self.link.close()
        self.outbox.close_session(self.clock.now())

    def _speak(self, end: MemoryEnd, t: float) -> None:
        said = self.simulator.received(end.read(0), t) + self.simulator.due(t)
        if HURT_S[0] <= t < HURT_S[1] and said:
            said = said[1:] + b"\x7e\xff"
        if said:
            end.write(said)

    def _store(self, fact: DeviceFact) -> None:
        if not BEGINS_S <= self.clock.now().since(self.began) <= ENDS_S:
            return
        match fact:
            case VitalReading():
                self.outbox.add_vital("s", fact)
            case PumpReading():
                self.outbox.add_pump("s", fact)
            case WaveChunk():
                self.outbox.add_wave("s", fact)


@pytest.mark.parametrize("key", sorted(SPECS))
def test_a_recording_read_again_gives_what_was_stored_and_nothing_else(key: str, tmp_path: Path) -> None:
    spec = SPECS[key]
    life = Life(spec, tmp_path / "raw")
    life.live()
    again = [fact for fact in facts_in(spec.make_driver(spec.role), tmp_path / "raw") if isinstance(fact, Reading)]
    stored = len(life.outbox.readings) + len(life.outbox.waves)
    assert stored >= 5
    assert compare(life.outbox.readings, life.outbox.waves, again) == (stored, [])


def at(seconds: float) -> Instant:
    return Instant(ManualClock().now().utc, round(seconds * NS), "boot")


def row(seconds: float, value: float | None, validity: str = "valid") -> ReadingRow:
    return ReadingRow("s", at(seconds), "monitor", "", "spo2", value, "%", validity, "device")


def heard(seconds: float, value: float | None) -> VitalReading:
    validity = Validity.VALID if value is not None else Validity.INVALID
    return VitalReading("monitor", Sign.SPO2, value, validity, at(seconds))


def test_what_differs_is_shown_with_both_values_and_what_only_one_has_with_none() -> None:
    rows = [row(1, 97.0), row(2, 96.0), row(3, 95.0), row(5, 93.0)]
    same, lines = compare(rows, [], [heard(1, 97.0), heard(2, 69.0), heard(4, 94.0), heard(5, 93.0), heard(9, 90.0)])
    assert same == 2
    assert [(line["mono_s"], line["stored"], line["decoded"]) for line in lines] == [
        (2.0, [96.0, "%", "valid", None], [69.0, "%", "valid", None]),
        (3.0, [95.0, "%", "valid", None], None),
        (4.0, None, [94.0, "%", "valid", None]),
    ]


def test_where_nothing_is_understood_any_more_all_that_is_stored_is_told() -> None:
    same, lines = compare([row(1, 97.0)], [], [])
    assert (same, [line["decoded"] for line in lines]) == (0, [None])


def test_two_readings_of_one_moment_are_compared_one_by_one() -> None:
    same, lines = compare([row(1, 97.0), row(1, 96.0)], [], [heard(1, 97.0), heard(1, 95.0)])
    assert same == 1
    assert [(line["stored"][0], line["decoded"][0]) for line in lines] == [(96.0, 95.0)]


def chunk(ends: Instant, samples: int) -> WaveChunk:
    return WaveChunk("monitor", WaveName.PLETH, 75.0, np.ones(samples, np.int16), 0.1, "%", ends)


@pytest.mark.parametrize("stepped", [timedelta(microseconds=1), timedelta(hours=-2)])
def test_where_a_wave_begins_and_ends_is_told_by_the_clock_that_nobody_sets(stepped: timedelta) -> None:
    began = at(1)
    stored = [
        WaveSecond("s", "monitor", "pleth", began.plus(second), 75.0, 0.1, "%", "device", np.ones(count, np.int16))
        for second, count in ((0, 75), (1, 50))
    ]
    again = [chunk(replace(began.plus((n + 1) / 3), boot_id="capture", utc=began.utc + stepped), 25) for n in range(9)]
    assert compare([], stored, again) == (2, [])


def bound(at: Instant, key: str, serial: str = "", role: str = "pump") -> Entry:
    return Entry(1, "s", 1, at, "UTC", "u", "", DeviceBound(role, key, role, "1", "", serial), "")


def test_what_another_device_in_the_same_role_said_is_not_this_recordings() -> None:
    clock = ManualClock()
    began = clock.now()
    changed, again = clock.advance(60.0), clock.advance(60.0)
    entries = [
        bound(began, "bbraun-space", "1"), bound(changed, "alaris-asena"), bound(again, "bbraun-space", "2"),
        bound(changed, "ge-dri", role="monitor"),
    ]  # fmt: skip
    moments = (began.plus(-5.0), began.plus(30.0), changed.plus(1.0), again.plus(1.0))

    def held(device: str, *serials: str) -> list[bool]:
        return [device_of(entries, "pump", device, set(serials))(at) for at in moments]

    assert held("bbraun-space") == [True, True, False, True]
    assert held("alaris-asena") == [False, False, True, False]
    assert held("bbraun-space", "2") == [False, False, False, True]
    assert [device_of(entries, "monitor", "ge-dri", set())(at) for at in moments] == [True] * 4


def test_the_format_is_no_other_device_but_the_address_is() -> None:
    at = ManualClock().now()
    assert device_of([bound(at, "nonin/df2", role="monitor")], "monitor", "nonin/df7", set())(at)
    assert not device_of([bound(at, "new-era@3")], "pump", "new-era", set())(at)
    assert device_of([bound(at, "")], "pump", "new-era", set())(at)
    assert device_of([], "pump", "new-era", set())(at)
