"""The catalogue's names, and scenarios played on their wires."""

from __future__ import annotations

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.link import Link
from devices.scenes import Scene
from devices.simulation.scenarios import Scenario, load_scenario
from devices.spec import Role
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkFault
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk

STEP_S = 0.05


def play(scene: Scene, clock: ManualClock, seconds: float) -> list[DeviceFact]:
    """Play on simulated time as a conductor does: nothing goes on before every byte has been dealt with."""
    seen: list[DeviceFact] = []
    links = [Link(scene.specs[role], scene.transports[role], role.value, clock, seen.append) for role in scene.specs]
    began = clock.now()
    t = scene.now_s
    while t < seconds:
        for _ in range(100):
            scene.step(t)
            for link in links:
                link.step(0.001 if "/" in scene.ports[Role.PUMP] else 0.0)
            if scene.settled():
                break
        else:
            raise AssertionError(f"never settled at {t}")
        due = min([scene.next_due(t), *(link.next_due().since(began) for link in links)])
        clock.advance(max(due - t, STEP_S))
        t = clock.now().since(began)
    for link in links:
        link.close()
    return seen


def first(seen: list[DeviceFact], status: PumpStatus) -> PumpReading:
    return next(fact for fact in seen if isinstance(fact, PumpReading) and fact.status is status)


def test_an_unknown_device_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandRefused, match=r"no device 'gedri'; there are: bbraun-space, new-era, .*ge-dri"):
        spec_of("gedri")


def test_every_key_is_its_specs_own() -> None:
    assert {key: spec.key for key, spec in CATALOGUE.items()} == {key: key for key in CATALOGUE}


@pytest.mark.parametrize("wire", ["memory", "pty"])
def test_the_short_scenario_gives_a_whole_infusion_and_vitals(wire: str, clock: ManualClock) -> None:
    scene = Scene(load_scenario("short"), wire)
    began = clock.now()
    try:
        seen = play(scene, clock, 72.0)
    finally:
        scene.close()
    assert not [fact for fact in seen if isinstance(fact, LinkFault)]
    assert first(seen, PumpStatus.INFUSING).at.since(began) == pytest.approx(6.5, abs=1.5)
    last = [fact for fact in seen if isinstance(fact, PumpReading)][-1]
    assert last.volume_infused_ml == pytest.approx(20.0, abs=0.05)
    signs = {fact.sign.value for fact in seen if isinstance(fact, VitalReading) and fact.value is not None}
    assert {"hr", "spo2", "rr", "temp", "nibp_sys"} <= signs
    assert {fact.wave.value for fact in seen if isinstance(fact, WaveChunk)} >= {"ecg_ii", "pleth", "resp"}


@pytest.mark.parametrize("pump", ["bbraun-space", "new-era"])
def test_both_pumps_obey_the_same_world_rows(pump: str, clock: ManualClock) -> None:
    scene = Scene(load_scenario("pump-stops"), keys={Role.PUMP: pump})
    try:
        seen = play(scene, clock, 620.0)
    finally:
        scene.close()
    assert first(seen, PumpStatus.INFUSING).rate_ml_h == pytest.approx(41.4)


@pytest.mark.parametrize("name", ["smooth", "reaction", "occlusion", "unplug", "pump-stops", "short"])
def test_every_row_of_every_scenario_can_be_played(name: str) -> None:
    scenario = load_scenario(name)
    scene = Scene(scenario)
    t = 0.0
    while t < scenario.seconds:
        scene.step(t)
        t = max(scene.next_due(t), t + 1.0)
    scene.close()


def test_a_scene_knows_when_bytes_are_still_under_way() -> None:
    scene = Scene(load_scenario("short"))
    client = scene.transports[Role.PUMP]
    client.open()
    assert scene.settled()
    spec = scene.specs[Role.PUMP]
    clock = ManualClock()
    driver = spec.make_driver("pump")
    driver.opened(clock.now())
    ask = driver.due(clock.now())
    assert ask is not None
    client.write(ask)
    assert not scene.settled()  # asked, not heard
    scene.step(0.0)
    assert not scene.settled()  # answered, not read
    assert client.read(0)
    assert not scene.settled()  # read, not dealt with
    assert client.read(0) == b""
    assert scene.settled()
    scene.close()


def test_a_device_in_the_wrong_role_is_refused() -> None:
    with pytest.raises(CommandRefused, match="ge-dri is no pump"):
        Scene(load_scenario("short"), keys={Role.PUMP: "ge-dri"})


def test_an_unknown_wire_is_refused() -> None:
    with pytest.raises(CommandRefused, match="no wire 'string'"):
        Scene(load_scenario("short"), "string")


def test_a_setup_that_the_device_does_not_know_is_refused() -> None:
    short = load_scenario("short")
    fields = {name: getattr(short, name) for name in Scenario.__slots__}
    wrong = Scenario(**(fields | {"monitor_setup": {"colour": "blue"}}))
    with pytest.raises(CommandRefused, match="does not fit ge-dri"):
        Scene(wrong)


def test_a_key_that_the_device_has_not_is_refused() -> None:
    scene = Scene(load_scenario("short"))
    with pytest.raises(CommandRefused):
        scene.press(Role.PUMP, "self_destruct")
    with pytest.raises(CommandRefused, match="does not take"):
        scene.press(Role.PUMP, "start", loudly=True)
    scene.close()
