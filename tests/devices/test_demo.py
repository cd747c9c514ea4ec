"""The demo's devices wait for the person, and then take their course."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devices.demo import SimulatedChairs, SimulatedDevices
from devices.simulation.scenarios import load_scenario
from exomonitor.engine.ports import Binding
from exomonitor.errors import CommandRefused
from exomonitor.signals.pump import PumpReading, PumpStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exomonitor.clock import ManualClock
    from exomonitor.signals.facts import DeviceFact


class Watched:
    """A demo's devices stepped by hand, with everything they said."""

    def __init__(self, clock: ManualClock, scenario: str) -> None:
        self.facts: list[DeviceFact] = []
        self.clock = clock
        self.world = SimulatedDevices(
            load_scenario(scenario), "memory", clock, "4", lambda _, *facts: self.facts.extend(facts)
        )
        self.t = 0.0

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.t += 0.25
            self.clock.advance(0.25)
            for _ in range(3):
                self.world.step(self.t)
                for link in self.world.links:
                    link.step()

    def pump(self) -> PumpReading:
        return [fact for fact in self.facts if isinstance(fact, PumpReading)][-1]


@pytest.fixture
def watched(clock: ManualClock) -> Iterator[Watched]:
    made = Watched(clock, "short")
    yield made
    made.world.close()


def test_a_held_scenario_leaves_the_pump_standing_however_long_the_nurse_takes(watched):
    watched.world.hold()
    watched.run(30)
    assert watched.pump().status is PumpStatus.STOPPED


def test_the_pump_starts_a_moment_after_the_release(watched):
    watched.world.hold()
    watched.run(20)
    watched.world.go_on()
    watched.run(5)
    assert watched.pump().status is PumpStatus.INFUSING


def test_a_released_infusion_lasts_as_long_as_the_scenario_says(watched):
    watched.world.hold()
    watched.run(20)
    watched.world.go_on()
    watched.run(70)
    assert watched.pump().status is not PumpStatus.INFUSING
    assert watched.pump().volume_infused_ml == pytest.approx(20.0, abs=0.2)


def test_the_demos_devices_cannot_be_exchanged_for_real_ones(watched):
    with pytest.raises(CommandRefused, match="fixed"):
        watched.world.bind(Binding("4", "pump", "new-era", "/dev/ttyUSB0"))


def test_a_demos_device_is_known_again_by_its_adapter_and_its_number_as_a_real_one(watched):
    assert [one.serial for one in watched.world.bindings()] == ["", ""]
    watched.run(10)
    pump, monitor = watched.world.bindings()
    assert (pump.adapter, pump.serial, pump.model) == ("SIM-pump", "100113", "Infusomat Space")
    assert (monitor.adapter, monitor.serial) == ("SIM-monitor", "")
    assert [(port.name, port.serial) for port in watched.world.ports()] == [
        (pump.port, "SIM-pump"), (monitor.port, "SIM-monitor"),
    ]  # fmt: skip


def test_a_pulled_adapter_of_a_demo_is_no_port_and_a_renamed_one_has_its_new_name(watched):
    watched.run(5)
    watched.world.play("4", "pump.renamed.5")
    watched.run(1)
    assert [port.serial for port in watched.world.ports()] == ["SIM-monitor"]
    watched.run(15)
    assert [port.name for port in watched.world.ports()] == [one.port for one in watched.world.bindings()]
    assert watched.world.bindings()[0].port == "memory-pump-again1"


def test_a_demos_device_is_named_with_its_format(clock: ManualClock):
    world = SimulatedDevices(
        replace(load_scenario("short"), monitor="nonin/df7", monitor_setup={}), "memory", clock, "4", lambda *_: None
    )
    try:
        assert [one.key for one in world.bindings()] == ["bbraun-space", "nonin/df7"]
        assert [one.key for one in world.infos()] == ["bbraun-space", "nonin/df7"]
        assert {one.key for one in world.bindings()} <= {one.key for one in world.catalogue()}
    finally:
        world.close()


def test_chairs_side_by_side_have_their_own_patients_devices_and_keys(clock: ManualClock):
    heard: list[tuple[str, DeviceFact]] = []

    def told(chair: str, /, *facts: DeviceFact) -> None:
        heard.extend((chair, fact) for fact in facts)

    world = SimulatedChairs(load_scenario("short"), "memory", clock, ("4", "5"), told)
    try:
        for second in range(4 * 12):
            clock.advance(0.25)
            for _ in range(3):
                world.step(second / 4)
                for link in world.links:
                    link.step()
        assert {chair for chair, _ in heard} == {"4", "5"}
        assert len(world.links) == 2 * len(world.worlds["4"].links)
        assert {port.description for port in world.ports()} == {port.description for port in world.worlds["4"].ports()}
        assert [b.chair for b in world.bindings()] == ["4", "4", "5", "5"]
        assert world.settled()
        assert world.next_due(13.0) > 0
        with pytest.raises(CommandRefused, match="fixed"):
            world.bind(Binding("5", "pump", "new-era", "x"))
        with pytest.raises(CommandRefused, match="fixed"):
            world.release("5", "pump")
        with pytest.raises(CommandRefused, match=r"^x is no port of the demo"):
            world.test_reading("new-era", "x", 0, 1)
        port = world.bindings()[0].port
        with pytest.raises(CommandRefused, match=f"^{port} is already read as the pump of chair 4$"):
            world.identify(port, "", lambda _: None, lambda: False)
        assert world.catalogue() == world.worlds["4"].catalogue()
    finally:
        world.close()


def test_no_device_of_one_chair_has_the_serial_number_of_another(clock: ManualClock):
    scenario = load_scenario("smooth")
    world = SimulatedChairs(scenario, "memory", clock, ("4", "5", "6"), lambda chair, *facts: None)
    try:
        setups = [one.scene.scenario for one in world.worlds.values()]
        assert setups[0] == scenario
        assert [one.pump_setup.get("serial") for one in setups] == [None, "100114", "100115"]
        assert len({one.seed for one in setups}) == 3
    finally:
        world.close()
