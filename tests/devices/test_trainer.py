"""The trainer's keys with every family of device: each can be pressed, and says truly what it depends on."""

from __future__ import annotations

import pytest

from devices.catalogue import CATALOGUE
from devices.scenes import MOMENT_S, Scene, trouble_s
from devices.simulation.scenarios import Scenario, load_scenario
from devices.spec import Role, TransportLost
from devices.trainer import play, tricks_of
from devices.trainer.cables import lengths_s

PUMPS = [key for key, spec in CATALOGUE.items() if spec.role is Role.PUMP]
MONITORS = [key for key, spec in CATALOGUE.items() if spec.role is Role.MONITOR]
PAIRS = [*((pump, "ge-dri") for pump in PUMPS), *(("bbraun-space", monitor) for monitor in MONITORS[1:])]


def scene_of(pump: str, monitor: str) -> Scene:
    fields = {name: getattr(load_scenario("smooth"), name) for name in Scenario.__slots__}
    setup = {"running": True}
    return Scene(Scenario(**(fields | {"pump": pump, "monitor": monitor, "pump_setup": setup})))


@pytest.mark.parametrize(("pump", "monitor"), PAIRS)
def test_every_key_can_be_pressed_with_every_device(pump, monitor):
    scene = scene_of(pump, monitor)
    try:
        for number, trick in enumerate(tricks_of(scene)):
            scene.step(0.5 * number)
            play(scene, trick.key)
            assert trick.words, trick.sees
        scene.step(scene.now_s + 10.0)
    finally:
        scene.close()


@pytest.mark.parametrize(("pump", "monitor"), PAIRS)
def test_no_two_keys_of_one_chair_are_the_same(pump, monitor):
    scene = scene_of(pump, monitor)
    tricks = tricks_of(scene)
    scene.close()
    assert len({trick.key for trick in tricks}) == len(tricks)
    assert len({(trick.group, trick.words) for trick in tricks}) == len(tricks)


def test_one_of_the_lengths_makes_the_data_of_every_device_lost():
    for spec in CATALOGUE.values():
        assert lengths_s(spec)[:4] == (1.0, 5.0, 20.0, 60.0)
        assert max(lengths_s(spec)) > spec.lost_s + spec.interval_s


def test_what_is_seen_depends_on_the_length():
    scene = scene_of("bbraun-space", "ge-dri")
    told = {trick.key: (trick.sees, trick.alarm) for trick in tricks_of(scene)}
    scene.close()
    assert told["pump.out.5"] == ("Nothing yet: values count as old after 10 s", "")
    assert told["pump.out.20"] == ("PUMP DATA OLD (low), values grey", "pump.stale")
    assert told["pump.out.60"][1] == "pump.lost"


def test_a_port_that_another_program_has_cannot_be_opened_until_it_lets_go():
    scene = scene_of("bbraun-space", "ge-dri")
    end = scene.transports[Role.PUMP]
    scene.step(1.0)
    end.open()
    play(scene, "pump.taken.5")
    scene.step(1.1)
    end.close()
    with pytest.raises(TransportLost, match="another program uses memory-pump"):
        end.open()
    scene.step(6.1)
    end.open()
    scene.close()


def test_a_pulled_adapter_comes_back_under_another_name_each_time():
    scene = scene_of("bbraun-space", "ge-dri")
    end = scene.transports[Role.MONITOR]
    assert end.name == "memory-monitor"
    play(scene, "monitor.renamed.1")
    assert end.name == scene.ports[Role.MONITOR] == "memory-monitor-again1"
    play(scene, "monitor.renamed.1")
    assert end.name == "memory-monitor-again2"
    scene.close()


def test_another_scenario_begins_with_its_trouble_and_the_present_one_ends():
    scene = scene_of("bbraun-space", "ge-dri")
    scene.step(700.0)
    before = scene.scenario.presses[: scene._row]
    play(scene, "course.pump-stops")
    coming = scene.scenario.presses[len(before) :]
    assert coming[0].action == "stop"
    assert coming[0].at_s == pytest.approx(700.0 + MOMENT_S)
    play(scene, "course.none")
    assert scene.scenario.presses == before
    assert scene.next_due(1e6) >= 1e6
    scene.close()


def test_a_scenario_in_which_nothing_goes_wrong_has_no_trouble():
    quiet = {name: getattr(load_scenario("smooth"), name) for name in Scenario.__slots__} | {"presses": ()}
    assert trouble_s(Scenario(**quiet)) == 127 * 60
    assert trouble_s(load_scenario("reaction")) == 22 * 60
