"""A scenario with an unquiet patient and bad cables laid over it: many alarms, the same ones for the same seed."""

from __future__ import annotations

import random
from dataclasses import replace

from devices.simulation.faults import Fault, FaultKind
from devices.simulation.patient import Episode
from devices.simulation.scenarios import Scenario

FROM_S, UNTIL = 780.0, 0.72
"""From here on, until this share of the scenario: the set before the start and the discharge are left in peace."""
SWINGS = {
    "spo2": ((78, 84), (86, 91)),
    "hr": ((36, 42), (43, 48), (121, 130), (131, 160)),
    "rr": ((5, 8), (25, 34)),
    "temp": ((38.1, 39.5), (34.0, 34.9)),
    "nibp_sys": ((72, 98),),
}
"""Sign -> ranges beyond a limit."""
USUAL = {"spo2": 97.0, "hr": 78.0, "rr": 15.0, "temp": 36.7, "nibp_sys": 122.0, "nibp_dia": 74.0}
BAD_CABLE = (FaultKind.OUT, FaultKind.GARBLE, FaultKind.NOISE, FaultKind.HALF, FaultKind.FALSE_LENGTH)


def stormy(calm: Scenario, seed: int) -> Scenario:
    """The same with swings of every sign, sensors that come off, and faults of both cables."""
    dice, until_s = random.Random(seed), calm.seconds * UNTIL
    usual = {**USUAL, **calm.patient}
    episodes: list[Episode] = []
    at_s = FROM_S
    while at_s < until_s:
        lasts_s = dice.uniform(3, 110)
        if dice.random() < 0.15:
            sensor = dice.choice(("ecg", "spo2", "temp"))
            episodes += [Episode(at_s, 0, {}, sensor, True), Episode(at_s + lasts_s, 0, {}, sensor, False)]
        else:
            sign = dice.choice(tuple(SWINGS))
            low, high = dice.choice(SWINGS[sign])
            there, back = {sign: dice.uniform(low, high)}, {sign: usual[sign]}
            if sign == "nibp_sys":
                there["nibp_dia"], back["nibp_dia"] = 0.6 * there[sign], usual["nibp_dia"]
            episodes += [
                Episode(at_s, dice.uniform(1, 15), there),
                Episode(at_s + 15 + lasts_s, dice.uniform(1, 20), back),
            ]
        at_s += 40 + lasts_s + dice.uniform(0, 60)
    faults = {name: (*calm.faults.get(name, ()), *_faults(dice, until_s)) for name in ("pump", "monitor")}
    return replace(calm, episodes=tuple(sorted((*calm.episodes, *episodes), key=lambda one: one.at_s)), faults=faults)


def _faults(dice: random.Random, until_s: float) -> list[Fault]:
    found, at_s = [], FROM_S + dice.uniform(0, 300)
    while at_s < until_s:
        found.append(Fault(dice.choice(BAD_CABLE), round(at_s, 1), round(dice.uniform(4, 45), 1)))
        at_s += dice.uniform(240, 900)
    return found
