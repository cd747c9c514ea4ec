"""A device that does not hold CTS: nothing is sent and nothing blocks, the link says so, and hears it all the same."""

from __future__ import annotations

from devices.link import Link
from devices.transport.memory import MemoryEnd
from devices.transport.serial_port import NOT_CLEAR, WITHOUT, Handshaking
from exomonitor.clock import ManualClock
from exomonitor.signals.links import LinkState
from tests.devices.test_link import Bench
from tests.devices.toy_device import ASK, toy_spec


class Handshaken:
    """A cable whose device may hold back what we send."""

    def __init__(self, inner: MemoryEnd) -> None:
        self.inner, self.why = inner, "the device does not allow sending (CTS)"
        self.without = ""
        self.name = inner.name
        self.open, self.read, self.write, self.close = inner.open, inner.read, inner.write, inner.close

    def held_back(self) -> str:
        return self.why

    def opened_without(self) -> str:
        return self.without


class TwoWires(Handshaken):
    """A cable without RTS and CTS to a port that is set to use them, as a serial port tries it."""

    def __init__(self, inner: MemoryEnd) -> None:
        super().__init__(inner)
        self.handshaking = Handshaking(wanted=True)
        self.open = self.opening

    def opening(self) -> None:
        self.handshaking.opening()
        self.inner.open()

    def held_back(self) -> str:
        if self.handshaking.on:
            self.handshaking.looked(clear=False)
        return NOT_CLEAR if self.handshaking.on else ""

    def opened_without(self) -> str:
        return "" if self.handshaking.on else WITHOUT


def test_a_device_that_does_not_allow_sending_is_said_and_asked_when_it_does(clock: ManualClock) -> None:
    bench = Bench(clock)
    cable = Handshaken(bench.client)
    bench.link = Link(toy_spec(ASK), cable, "monitor", clock, bench.seen.append)
    bench.step()
    assert bench.link.is_open
    assert bench.device.read(0) == b""
    held = "cable is open, nothing heard yet; the device does not allow sending (CTS)"
    assert bench.changes()[-1].reason == held
    cable.why = ""
    bench.step(0.25)
    assert bench.changes()[-1].reason == "cable is open, nothing heard yet"
    assert bench.device.read(0) == ASK
    bench.step(reply=b"HR 72\n")
    cable.why = "the device does not allow sending (CTS)"
    bench.step(1.5, reply=b"HR 73\n")
    assert bench.state() is LinkState.TALKING  # what it says by itself is heard all the same
    assert bench.values() == [72.0, 73.0]
    for _ in range(12):
        bench.step(1.0)
    assert bench.state() is LinkState.STALE
    assert bench.changes()[-1].reason.endswith("s; the device does not allow sending (CTS)")
    assert bench.device.read(0) == b""
    assert bench.link.next_due().since(clock.now()) > 0  # its thread does not spin
    bench.link.close()


def test_a_port_that_was_opened_without_its_handshake_is_said_while_it_talks_too(clock: ManualClock) -> None:
    bench = Bench(clock)
    cable = Handshaken(bench.client)
    cable.why, cable.without = "", "tried without RTS/CTS"
    bench.link = Link(toy_spec(ASK), cable, "monitor", clock, bench.seen.append)
    bench.step()
    assert bench.changes()[-1].reason == "cable is open, nothing heard yet; tried without RTS/CTS"
    bench.step(reply=b"HR 72\n")
    assert (bench.state(), bench.changes()[-1].reason) == (LinkState.TALKING, "receiving; tried without RTS/CTS")
    bench.link.close()


def test_while_it_is_lost_each_trial_is_told_as_the_port_is_open_then(clock: ManualClock) -> None:
    bench = Bench(clock)
    cable = TwoWires(bench.client)
    bench.link = Link(toy_spec(ASK), cable, "monitor", clock, bench.seen.append)
    trials: set[bool] = set()
    for _ in range(400):
        bench.step(0.25)
        told = bench.changes()[-1].reason
        if bench.state() is LinkState.LOST and bench.link._open:
            trials.add(cable.handshaking.on)
            assert (WITHOUT in told) is not cable.handshaking.on
            assert NOT_CLEAR not in told or cable.handshaking.on
    assert trials == {True, False}
    assert {change.reason.partition(";")[0] for change in bench.changes() if change.state is LinkState.LOST} == {
        "nothing heard for 30 s"
    }
    bench.link.close()
