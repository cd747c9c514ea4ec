"""The trainer's key for the planned rate goes to the plan's step, also where the scenario's course was broken off."""

from __future__ import annotations

from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.trainer.bedside import PUMPS

FIRST, SECOND, LAST = 41.4, 82.8, 165.5
BACK = next(move for move in PUMPS if move.trick.key == "key.rate_back")


def ramp() -> tuple[Scene, float, float]:
    """A first dose with its ramp, and the seconds at which its two steps are taken."""
    scenario = load_scenario("first-dose-ramp")
    steps = [row.at_s for row in scenario.presses if (row.target, row.action) == ("pump", "set_rate")]
    return Scene(scenario), steps[0], steps[1]


def set_back(scene: Scene, monkeypatch) -> float:
    """The rate that the key sets."""
    pressed: list[float] = []
    with monkeypatch.context() as heard:
        heard.setattr(scene, "press", lambda role, action, rate_ml_h: pressed.append(rate_ml_h))
        BACK.act(scene)
    return pressed[0]


def test_when_nothing_more_happens_the_plan_goes_on_and_the_key_with_it(monkeypatch):
    scene, second, last = ramp()
    scene.step(second - 60)
    scene.turn_to(None)
    for at, rate in ((second - 30, FIRST), (second + 30, SECOND), (last + 30, LAST)):
        scene.step(at)
        assert set_back(scene, monkeypatch) == rate
    scene.close()


def test_where_the_scenario_waited_for_the_start_its_steps_come_later(monkeypatch):
    scene, second, _ = ramp()
    scene.step(10.0)
    scene.postpone(600.0)
    scene.turn_to(None)
    scene.step(second + 30)
    assert set_back(scene, monkeypatch) == FIRST
    scene.step(second + 630)
    assert set_back(scene, monkeypatch) == SECOND
    scene.close()


def test_where_the_scenario_goes_on_it_is_the_rate_that_it_gave_last(monkeypatch):
    scene, second, last = ramp()
    for at, rate in ((second + 30, SECOND), (last + 30, LAST)):
        scene.step(at)
        assert set_back(scene, monkeypatch) == rate
    scene.close()
