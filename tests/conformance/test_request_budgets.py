"""No device is asked more often than its catalogue entry says, whatever happens on the cable."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from devices.link import Link
from devices.simulation.patient import PatientWorld
from devices.spec import Role, Simulator
from devices.transport.memory import MemoryEnd, pair
from exomonitor.clock import NS, ManualClock
from tests.conformance.dialogue import SPECS

STEP_S = 0.05
each_device = pytest.mark.parametrize("key", sorted(SPECS))


@dataclass
class Cable:
    """A link and a simulator; `mode` is what happens to what the device says."""

    key: str
    clock: ManualClock = field(default_factory=ManualClock)
    mode: str = "well"
    sent_ns: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        spec = SPECS[self.key]
        client, self.device = pair("cable")
        self.device.open()
        write = client.write

        def noted(data: bytes) -> None:
            assert spec.may_send(data)
            self.sent_ns.append(self.clock.now().mono_ns)
            write(data)

        client.write = noted  # type: ignore[method-assign]
        self.link = Link(spec, client, self.key, self.clock, lambda fact: None)
        self.simulator: Simulator = self._new()

    def _new(self) -> Simulator:
        return SPECS[self.key].make_simulator(PatientWorld(), **self._options())

    def _options(self) -> dict[str, bool]:
        return {"running": True} if SPECS[self.key].role is Role.PUMP else {}

    def run(self, seconds: float, mode: str) -> None:
        """Live on for `seconds` of simulated time."""
        began = self.clock.now()
        if mode == "reboot":
            self.simulator = self._new()
        if mode == "pulled out":
            self.device.unplug()
        while self.clock.now().since(began) < seconds:
            self.link.step()
            if mode != "pulled out":
                _device(self.device, self.simulator, self.clock.now().mono_ns / NS, mode)
            self.clock.advance(STEP_S)
        if mode == "pulled out":
            self.device.replug()


def _device(end: MemoryEnd, simulator: Simulator, t: float, mode: str) -> None:
    said = simulator.due(t)
    heard = end.read(0)
    if heard and mode != "deaf":
        said += simulator.received(heard, t)
    if mode == "echo":
        said = heard + said
    if mode == "twice":
        said += said
    if mode == "damaged":
        said = bytes(byte ^ 0x20 if i % 7 == 3 else byte for i, byte in enumerate(said))
    if mode == "chatter":
        said += b"\x05\x15\x06?\r\n\x02\x03" * 3
    if said and mode != "silent":
        end.write(said)


def worst(sent_ns: list[int], window_s: float) -> int:
    """The most frames in any `window_s` seconds."""
    return max((sum(0 <= b - a < window_s * NS for b in sent_ns[i:]) for i, a in enumerate(sent_ns)), default=0)


@each_device
def test_a_device_is_never_asked_more_often_than_its_entry_says(key: str) -> None:
    cable, budget = Cable(key), SPECS[key].request_budget_per_s
    for mode, seconds in (
        ("well", 12.0),
        ("damaged", 6.0),
        ("silent", 12.0),
        ("twice", 4.0),
        ("pulled out", 3.0),
        ("well", 4.0),
        ("reboot", 6.0),
        ("deaf", 11.0),
        ("chatter", 4.0),
        ("echo", 4.0),
        *([("pulled out", 0.1), ("well", 0.6)] * 6),
    ):
        cable.run(seconds, mode)
    cable.link.close()
    if budget == 0:
        assert cable.sent_ns == []
        return
    assert cable.sent_ns
    most = max(1, int(budget))
    assert worst(cable.sent_ns[:-1], max(1.0, most / budget)) <= most  # the last may be its word of farewell


@each_device
def test_a_device_that_answers_is_read_without_holding_anything_back(key: str) -> None:
    cable = Cable(key)
    cable.run(20.0, "well")
    counters = cable.link.counters()
    cable.link.close()
    assert (counters.requests > 0) == (SPECS[key].request_budget_per_s > 0)
    assert counters.held_back == 0
