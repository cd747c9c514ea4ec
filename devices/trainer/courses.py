"""Other scenarios that a trainer may begin while one is running: from the moment on which something goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial

from devices.scenes import Scene
from devices.simulation.scenarios import Scenario, load_scenario
from devices.spec import Role
from devices.trainer.move import Move
from exomonitor.engine.ports import Trick

COURSE = "Scenarios"
_SEES = {
    "reaction": ("SpO₂ and pressure fall in the next minutes: SpO₂ LOW", "spo2_low"),
    "grade3-transfer": ("A severe reaction in two minutes: SpO₂ LOW, SBP LOW", "spo2_low"),
    "occlusion": ("The pump's own alarm", "relayed"),
    "pump-stops": ("Pump stopped, and the question why", ""),
    "patient-away": ("SpO₂ SENSOR OFF, until somebody records that the patient is away", "sensor_off_spo2"),
}
_KEYS = {"start", "stop", "set_rate", "clear_volume", "occlude", "clear_occlusion", "nibp"}
"""What every simulated device can do; the other keys of a scenario are left out."""


def courses(scene: Scene) -> Iterator[Move]:
    """The scenarios that can take their course with these devices."""
    if set(scene.specs) != {Role.PUMP, Role.MONITOR}:
        return
    for name, (sees, alarm) in _SEES.items():
        if alarm == "relayed" and scene.specs[Role.PUMP].key in ("new-era", "harvard-ultra"):
            continue  # they sense no occlusion
        other = _scenario(name)
        yield Move(
            Trick(f"course.{name}", COURSE, other.title.partition(" at minute")[0], sees, alarm),
            partial(Scene.turn_to, scenario=other),
        )
    yield Move(
        Trick("course.none", COURSE, "Nothing more happens", "Only what the trainer's keys let happen"),
        partial(Scene.turn_to, scenario=None),
    )


@lru_cache(maxsize=len(_SEES))
def _scenario(name: str) -> Scenario:
    found = load_scenario(name)
    return replace(found, presses=tuple(row for row in found.presses if row.action in _KEYS))
