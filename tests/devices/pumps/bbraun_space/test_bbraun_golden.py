"""B. Braun frames with provenance, checked both ways: bytes to meaning, and meaning to bytes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from devices.pumps.bbraun_space import SPEC, wire
from devices.spec import Driver
from devices.wire.framing import Broken, Found
from exomonitor.clock import ManualClock
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import PumpReading

FRAMES: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("golden.toml").read_text(encoding="utf-8"))[
    "frame"
]
BY_NAME = {frame["name"]: frame for frame in FRAMES}


def raw(frame: dict[str, Any]) -> bytes:
    return str(frame["wire"]).encode()


def greeted_driver(clock: ManualClock) -> Driver:
    """A driver that has learned the bed id ComSystem at the station's second 180 and waits for data."""
    driver = SPEC.make_driver("pump")
    driver.opened(clock.now())
    assert driver.due(clock.now()) == raw(BY_NAME["alive, stuffed"])
    assert driver.received(wire.encode("ComSystem", "180,50100,GNACK,0"), clock.now()) == []
    driver.due(clock.advance(0.1))
    assert driver.received(wire.encode("ComSystem", "180,50100,V3.30"), clock.now()) == []
    assert driver.due(clock.advance(0.1)) == raw(BY_NAME["mem get, stuffed"])
    return driver


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["name"]))
def test_the_bytes_read_as_their_meaning(frame: dict[str, Any]) -> None:
    block = wire.decode(raw(frame))
    assert not isinstance(block, Broken)
    assert (block.bed_id, block.information, block.last) == (frame["bed_id"], frame["information"], frame["last"])
    assert block.stuffed in (None, frame["stuffed"])
    assert wire.parse_at(raw(frame), 0) == Found(raw(frame), len(raw(frame)))


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["name"]))
def test_the_meaning_encodes_to_the_bytes(frame: dict[str, Any]) -> None:
    assert wire.encode(frame["bed_id"], frame["information"], last=frame["last"], stuffed=frame["stuffed"]) == raw(
        frame
    )


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: str(frame["name"]))
def test_the_quadruples_write_as_they_read(frame: dict[str, Any]) -> None:
    if frame["direction"] == "reply":
        assert wire.information_of(wire.entries(frame["information"])) == frame["information"]


@pytest.mark.parametrize("frame", [f for f in FRAMES if "simulator" in f], ids=lambda frame: str(frame["name"]))
def test_the_simulator_in_that_state_sends_the_bytes(frame: dict[str, Any]) -> None:
    setup = frame["simulator"]
    simulator = SPEC.make_simulator(None, **setup["options"])
    assert simulator.received(raw(BY_NAME[setup["request"]]), setup["t"]) == raw(frame)


@pytest.mark.parametrize("frame", [f for f in FRAMES if "reading" in f], ids=lambda frame: str(frame["name"]))
def test_the_driver_reads_the_bytes_as_that_pump(frame: dict[str, Any], clock: ManualClock) -> None:
    driver = greeted_driver(clock)
    facts = driver.received(raw(frame), clock.advance(0.1))
    reading = next(fact for fact in facts if isinstance(fact, PumpReading))
    expected = dict(frame["reading"])
    assert reading.inferred == frozenset(expected.pop("inferred", []))
    assert {name: getattr(reading, name) for name in expected} == expected
    alarms = [(fact.code, fact.kind.value) for fact in facts if isinstance(fact, RelayedAlarm) and fact.active]
    wanted = frame.get("alarm")
    assert alarms == ([(wanted["code"], wanted["kind"])] if wanted else [])


@pytest.mark.parametrize("name", ["alive, stuffed", "alive, stuffing off", "mem get, stuffed", "mem get, stuffing off"])
def test_the_golden_requests_are_allowed(name: str) -> None:
    assert SPEC.may_send(raw(BY_NAME[name]))


@pytest.mark.parametrize("frame", [f for f in FRAMES if f["direction"] == "reply"], ids=lambda f: str(f["name"]))
def test_the_golden_replies_are_nothing_that_we_may_send(frame: dict[str, Any]) -> None:
    assert not SPEC.may_send(raw(frame))
