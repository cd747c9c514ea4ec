"""Several pumps on one line: each is named, spoken to, recorded and decoded by its own address."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.commands.decode import run_decode
from devices.identify import identify
from devices.link import Link
from devices.simulation.patient import PatientWorld
from devices.telling import choices
from devices.transport.memory import pair
from exomonitor.clock import NS, ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading

with_addresses = pytest.mark.parametrize("key", [key for key, spec in CATALOGUE.items() if spec.addresses])


def read(key: str, clock: ManualClock, present: tuple[int, ...], capture: Path | None = None) -> list[PumpReading]:
    """What a link to `key` reads in ten seconds on a line with pumps at the addresses `present`."""
    spec = spec_of(key)
    client, line = pair("line")
    line.open()
    facts: list[DeviceFact] = []
    link = Link(spec, client, "pump", clock, facts.append)
    family = spec_of(spec.key)
    pumps = [
        family.at_address(n).make_simulator(PatientWorld(), running=True, rate_ml_h=10.0 + n, vtbi_ml=50.0)
        for n in present
    ]
    if capture is not None:
        link.start_capture(capture)
    for _ in range(200):
        link.step()
        asked = line.read(0)
        said = b"".join(pump.received(asked, clock.now().mono_ns / NS) for pump in pumps)
        if said:
            line.write(said)
        clock.advance(0.05)
    link.close()
    return [fact for fact in facts if isinstance(fact, PumpReading)]


@with_addresses
def test_a_pump_is_read_by_its_address_among_others_on_the_line(key: str, clock: ManualClock) -> None:
    readings = read(f"{key}@3", clock, (0, 3, 12))
    assert {reading.channel for reading in readings} == {"3"}
    assert readings[-1].rate_ml_h == 13.0


@with_addresses
def test_no_pump_at_the_address_is_no_reading(key: str, clock: ManualClock) -> None:
    assert read(f"{key}@4", clock, (0, 3)) == []


@with_addresses
def test_a_capture_knows_the_address_and_decodes_by_itself(key: str, clock: ManualClock, tmp_path: Path) -> None:
    readings = read(f"{key}@3", clock, (0, 3), tmp_path / "c")
    out = io.StringIO()
    run_decode(key, str(tmp_path / "c"), out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    volumes = [line["value"] for line in lines if line.get("name") == "volume_infused"]
    assert volumes == [reading.volume_infused_ml for reading in readings if reading.volume_infused_ml is not None]
    with pytest.raises(CommandRefused, match=f"recorded from {key}@3, not from {key}@5"):
        run_decode(f"{key}@5", str(tmp_path / "c"), io.StringIO())


def test_the_name_carries_the_address_and_nonsense_is_refused() -> None:
    assert spec_of("new-era@7").choice == "new-era@7"
    assert spec_of("new-era@0").choice == "new-era"
    for key, complaint in (
        ("new-era@100", "no address '100', but 0 to 99"),
        ("new-era@-1", "no address '-1'"),
        ("new-era@", "no address ''"),
        ("masimo@1", "masimo has no addresses"),
    ):
        with pytest.raises(CommandRefused, match=complaint):
            spec_of(key)
    with pytest.raises(ValueError, match="no address 100"):
        spec_of("new-era").at_address(100)


def test_the_page_is_told_which_devices_have_addresses_and_how_often_they_are_asked() -> None:
    told = {choice.key: choice for choice in choices()}
    assert told["new-era"].addresses == (0, 99)
    assert told["masimo"].addresses is None
    assert told["masimo"].request_budget_per_s == 0
    assert all(choice.connect_note and choice.averaging for choice in told.values())


class Shared:
    """A line with pumps of one family at some addresses, as a transport; reading lets time pass."""

    name = "line"

    def __init__(self, key: str, clock: ManualClock, present: tuple[int, ...]) -> None:
        self.clock, self.said, self.written = clock, b"", b""
        self.pumps = [spec_of(key).at_address(n).make_simulator(PatientWorld()) for n in present]

    def open(self) -> None:
        self.said = b""

    def read(self, timeout_s: float) -> bytes:
        self.clock.advance(timeout_s)
        said, self.said = self.said, b""
        return said

    def write(self, data: bytes) -> None:
        self.written += data
        self.said += b"".join(pump.received(data, self.clock.now().mono_ns / NS) for pump in self.pumps)

    def close(self) -> None:
        """Nobody waits at the other end."""


@with_addresses
def test_a_pump_is_looked_for_at_its_address_and_no_other_is_asked(key: str, clock: ManualClock) -> None:
    line = Shared(key, clock, (0, 3))
    (best,) = identify((spec_of(f"{key}@3"),), lambda _: line, clock)
    assert (best.key, best.usual) == (f"{key}@3", True)
    assert line.written.lstrip(b"0").startswith(b"3")
    assert identify((spec_of(f"{key}@4"),), lambda _: line, clock) == ()


@with_addresses
def test_all_pumps_of_a_line_are_found_though_nobody_said_at_which_addresses(key: str, clock: ManualClock) -> None:
    line = Shared(key, clock, (3, 12, 40))
    told: list[str] = []
    found = identify((spec_of(key),), lambda _: line, clock, tell=told.append)
    assert {one.key for one in found} == {f"{key}@3", f"{key}@12", f"{key}@40"}
    assert all(f"address {one.key.partition('@')[2]} at " in one.words() for one in found)
    assert "at addresses 1 to 99 (at most" in told[-1]


@with_addresses
def test_where_nobody_said_which_family_only_the_first_addresses_are_asked(key: str, clock: ManualClock) -> None:
    told: list[str] = []
    specs = tuple(spec for spec in CATALOGUE.values() if spec.addresses)
    assert identify(specs, lambda _: Shared(key, clock, (40,)), clock, tell=told.append) == ()
    assert "at addresses 1 to 15 (at most" in told[-1]


@with_addresses
def test_the_catalogue_says_that_the_pumps_of_a_line_are_read_in_turn(key: str) -> None:
    assert "read in turn" in spec_of(key).flow_note
