"""What a line carried last is kept beside its meaning, has an end, and can be saved as a capture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from devices import tap as taps
from devices.device_clock import offset_s
from devices.link import Link
from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.spec import Role
from devices.tap import Tap
from devices.telling import fact_words, save_wire, wire_rows
from devices.transport.capture import Kind, capture_key, read_capture
from devices.transport.memory import pair
from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records.cipher import SealedBox
from exomonitor.records.keys import new_key
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.devices.toy_device import ASK, toy_spec


def link_on(clock: ManualClock) -> tuple[Link, Tap]:
    client, device = pair("cable")
    device.open()
    link = Link(toy_spec(), client, "monitor", clock, lambda fact: None)
    link.step()
    clock.advance(0.5)
    device.write(b"HR 72\nH? 3\n")
    link.step()
    return link, link.tap


def test_bytes_stand_beside_what_was_understood_of_them(clock):
    link, tap = link_on(clock)
    opened, asked, heard = wire_rows(tap)
    assert (opened.data, opened.said) == (b"", ("the port was opened",))
    assert (asked.sent, asked.data, asked.said) == (True, ASK, ())
    assert (heard.sent, heard.data, heard.said) == (False, b"HR 72\nH? 3\n", ("hr: 72 /min", "BAD FRAME: syntax"))
    link.close()
    assert wire_rows(tap)[-1].said == ("the port was closed",)


def test_numbers_are_told_in_the_wards_words_and_units(clock):
    at = clock.now()
    pump = PumpReading(
        "pump", "1/3", PumpStatus.INFUSING, "x", at, 41.4, vtbi_ml=100.0, pressure_pct=20.0, battery_pct=80
    )
    told = "pump 1/3: infusing, rate 41.4 mL/h, volume to be infused 100 mL, pressure 20 % of its limit, battery 80 %"
    assert fact_words(pump) == told
    cuff = VitalReading("monitor", Sign.NIBP_SYS, 118.0, Validity.VALID, at)
    assert fact_words(cuff) == "nibp sys: 118 mmHg"
    assert fact_words(replace(cuff, sign=Sign.TEMP, value=36.6)) == "temp: 36.6 °C"


def test_what_is_kept_can_be_saved_and_read_again(clock, tmp_path: Path):
    link, _ = link_on(clock)
    saved = save_wire(link, tmp_path / "support", clock.now())
    assert capture_key(saved) == "toy"
    assert [(record.kind, record.data) for record in read_capture(saved)] == [
        (Kind.OPEN, b""),
        (Kind.TX, ASK),
        (Kind.RX, b"HR 72\nH? 3\n"),
    ]
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        save_wire(link, tmp_path / "support", clock.now())
    link.close()


def test_where_the_line_is_recorded_the_whole_recording_is_saved_in_the_clear(clock, tmp_path: Path):
    link, tap = link_on(clock)
    link.recorder.seal = SealedBox(new_key())
    link.capture_anew(tmp_path / "recording")
    link.step()
    tap._raw.clear()
    saved = save_wire(link, tmp_path / "support", clock.now())
    assert [record.kind for record in read_capture(saved)] == [Kind.OPEN, Kind.TX]
    (tmp_path / "recording").unlink()
    clock.advance(0.1)
    assert list(read_capture(save_wire(link, tmp_path / "support", clock.now()))) == []
    link.close()
    assert link.recorder.path is None


def test_the_beginning_of_a_dialogue_is_kept_as_long_as_anything_of_it(clock, tmp_path: Path, monkeypatch):
    each = 10 + taps.RECORD_BYTES
    monkeypatch.setattr(taps, "KEPT_BYTES", 5 * each)
    monkeypatch.setattr(taps, "HEAD_BYTES", 3 * each)
    tap = Tap()

    def talk(name: bytes, count: int) -> list[bytes]:
        tap.add(Kind.OPEN, b"", clock.now())
        for number in range(count):
            tap.add(Kind.RX, b"%s %08d" % (name, number), clock.now())
        saved = tmp_path / f"{name.decode()}{count}"
        tap.save(saved, "toy")
        return [record.data for record in read_capture(saved) if record.data]

    assert [int(data[2:]) for data in talk(b"a", 20)] == [0, 1, 15, 16, 17, 18, 19]
    assert [data[:1] for data in talk(b"b", 3)] == [b"a", b"a", b"a", b"b", b"b", b"b"]
    assert {data[:1] for data in talk(b"c", 20)} == {b"c"}


def test_it_does_not_grow_for_ever(clock, monkeypatch):
    monkeypatch.setattr(taps, "KEPT_BYTES", 10 * (76 + taps.RECORD_BYTES))
    tap = Tap()
    for _ in range(1000):
        tap.add(Kind.RX, b"x" * 76, clock.now())
    assert len(tap.rows()) == taps.ROWS
    assert len(tap._raw) == 10


def test_a_clock_without_a_zone_is_near_ours_in_utc_or_local_time(clock):
    now = clock.now()
    told = now.utc.replace(tzinfo=None) + timedelta(seconds=90)
    assert offset_s(told, now) == 90
    local = now.utc.astimezone().replace(tzinfo=None)
    assert offset_s(local - timedelta(seconds=5), now) == -5
    assert offset_s(now.utc + timedelta(days=400), now) == 400 * 86400
    assert offset_s(datetime(1999, 1, 1), now) < -8e8  # noqa: DTZ001 - a device that lost its time


@pytest.mark.parametrize("key", ["ge-dri", "philips-intellivue", "masimo", "hl7-pcd01"])
def test_what_a_monitors_clock_shows_is_told_with_its_link(key, clock):
    scene = Scene(load_scenario("short"), keys={Role.MONITOR: key})
    seen: list[DeviceFact] = []
    link = Link(scene.specs[Role.MONITOR], scene.transports[Role.MONITOR], "monitor", clock, seen.append)
    for step in range(700 if key == "hl7-pcd01" else 150):
        clock.advance(0.1)
        scene.step(step / 10)
        link.step()
        link.step()
    offset = [fact.clock_offset_s for fact in seen if isinstance(fact, LinkChange)][-1]
    link.close()
    scene.close()
    assert offset is not None
