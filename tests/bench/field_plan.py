"""What happens to one simulated session of the field: its scenario, the faults of that day, and when the program dies.

The same seed gives the same day. A session is 45 minutes from the first entry to the signature; everything is a share
of that, so that a short one has the same course.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from devices.simulation.faults import Fault, FaultKind
from devices.simulation.patient import Episode
from devices.simulation.scenarios import Scenario, WorldRow, load_scenario, scenario_text
from exomonitor.headless import ScriptRow, read_script

MINUTES = 45.0
FREE_FROM, FREE_UNTIL = 0.03, 0.9
"""Faults begin in this share of a session: before it nothing is recorded, after it is the signing."""
KINDS = {
    "cable pull": 30, "cable silent": 8, "bad cable": 8, "device reboot": 14, "kill": 14, "power cut": 12,
    "disk full": 8, "clock step": 8, "suspend": 8, "wrong device": 6,
}  # fmt: skip
"""How often each stands in the plans, by weight: restarts and pulled cables are what the published recorder lost by."""
MONITORS = ("ge-dri", "philips-intellivue", "nonin", "masimo", "nellcor")
TELLS_WHO = {"bbraun-space": "100999", "philips-intellivue": "DE00000999", "masimo": "0000070999"}
"""The number of the stranger, of families that tell theirs."""
PUMP = "bbraun-space"
AWAKE_S = 5.0
"""A computer that is sent to sleep while it sleeps does so this long after it woke."""
SWINGS = (("spo2", 80.0, 88.0), ("hr", 36.0, 47.0), ("hr", 122.0, 150.0))
BAD = (FaultKind.GARBLE, FaultKind.NOISE, FaultKind.HALF, FaultKind.FALSE_LENGTH, FaultKind.REPEAT)


@dataclass(frozen=True, slots=True)
class Happening:
    """At a second of the scenario something befalls the computer or a device: for how long, or how much, and where."""

    at_s: float
    what: str
    amount: float = 0.0
    role: str = ""


@dataclass(frozen=True, slots=True)
class Death:
    """The program ends at this second (kill, power cut) and is there again so many seconds later."""

    at_s: float
    how: str
    away_s: float


@dataclass(frozen=True, slots=True)
class Day:
    """One session of the field."""

    seed: int
    scenario: Scenario
    rows: tuple[ScriptRow, ...]
    happenings: tuple[Happening, ...]
    deaths: tuple[Death, ...]
    faults: tuple[str, ...]
    """The kinds of all its faults, in order of time."""
    together: bool
    """Whether two of them came at once."""


def day(seed: int, minutes: float = MINUTES, faults: tuple[str, ...] = ()) -> Day:
    """Draw a session. `faults`: these kinds and no others, by chance when none are given."""
    dice = random.Random(seed)
    scenario, rows = _session(seed, minutes, dice.choice(MONITORS))
    kinds = list(faults) or dice.choices(list(KINDS), list(KINDS.values()), k=dice.choice((1, 1, 2, 2, 3)))
    together = len(kinds) > 1 and dice.random() < 0.5
    moments = sorted(dice.uniform(FREE_FROM, FREE_UNTIL) * scenario.seconds for _ in kinds)
    if together:
        moments[1] = moments[0] + dice.uniform(0.0, 2.0)
    cables: dict[str, list[Fault]] = {"pump": [], "monitor": []}
    happenings: list[Happening] = []
    deaths: list[Death] = []
    for kind, at_s in zip(kinds, moments, strict=True):
        _draw(kind, at_s, scenario, dice, cables, happenings, deaths)
    scenario = replace(scenario, faults={role: tuple(found) for role, found in cables.items()})
    happenings.sort(key=lambda one: one.at_s)
    deaths.sort(key=lambda one: one.at_s)
    return Day(seed, scenario, rows, tuple(happenings), tuple(deaths), tuple(kinds), together)


def _draw(
    kind: str,
    at_s: float,
    scenario: Scenario,
    dice: random.Random,
    cables: dict[str, list[Fault]],
    happenings: list[Happening],
    deaths: list[Death],
) -> None:
    role = dice.choice(("pump", "monitor"))
    share = scenario.seconds / (60 * MINUTES)
    for_s = dice.uniform(4.0, 240.0) * share
    match kind:
        case "cable pull":
            both = dice.random() < 0.2
            for one in ("pump", "monitor") if both else (role,):
                cables[one].append(Fault(FaultKind.GONE, at_s, for_s))
        case "cable silent":
            cables[role].append(Fault(FaultKind.OUT, at_s, for_s))
        case "bad cable":
            cables[role].append(Fault(dice.choice(BAD), at_s, for_s))
        case "device reboot":
            cables["monitor"].append(Fault(FaultKind.REBOOT, at_s, dice.uniform(10.0, 60.0)))
        case "kill":
            deaths.append(Death(at_s, kind, dice.uniform(4.0, 40.0)))
        case "power cut":
            deaths.append(Death(at_s, kind, dice.uniform(30.0, 180.0) * share))
        case "disk full":
            happenings.append(Happening(at_s, kind, for_s))
        case "clock step":
            happenings.append(Happening(at_s, kind, dice.choice((-3600.0, -90.0, -4.0, 4.0, 75.0, 3600.0))))
        case "suspend":
            sleeps = [one for one in happenings if one.what == kind]  # who sleeps falls asleep again when he has woken
            at_s = max([at_s, *(one.at_s + one.amount + AWAKE_S for one in sleeps if at_s < one.at_s + one.amount)])
            happenings.append(Happening(at_s, kind, for_s))
            for found in cables.values():  # the sockets of a sleeping computer have no power
                found.append(Fault(FaultKind.OUT, at_s, for_s))
        case _:
            who = [one for one, key in (("pump", PUMP), ("monitor", scenario.monitor)) if key in TELLS_WHO]
            happenings.append(Happening(at_s, kind, max(30.0, for_s), dice.choice(who)))


def _session(seed: int, minutes: float, monitor: str) -> tuple[Scenario, tuple[ScriptRow, ...]]:
    """The session of the demonstration, spread over so many minutes, with a patient who alarms now and then."""
    short, dice = load_scenario("short"), random.Random(-seed)
    seconds = minutes * 60
    rows = [row for row in read_script(scenario_text("short")) if row.at_s < short.seconds]
    begun_s, over_s = 5.5, 70.0  # seconds of `short`: the pump's start and its stop

    def later(at_s: float) -> float:
        if at_s <= begun_s:
            return 5.0 + at_s / begun_s * (0.08 * seconds - 5.0)
        if at_s < over_s:
            return (0.08 + (at_s - begun_s) / (over_s - begun_s) * 0.8) * seconds
        return (0.88 + (at_s - over_s) / (short.seconds - over_s) * 0.11) * seconds

    infusing_h = (later(70.0) - later(6.0)) / 3600
    presses = tuple(
        WorldRow(later(row.at_s), row.target, row.action, {}) for row in short.presses if row.target == "pump"
    ) + tuple(WorldRow(at_s, "monitor", "nibp", {}) for at_s in (0.03 * seconds, 0.5 * seconds))
    episodes = []
    for begin in (0.2, 0.45, 0.7):
        sign, low, high = dice.choice(SWINGS)
        at_s = (begin + dice.uniform(0.0, 0.15)) * seconds
        back = short.patient.get(sign, 97.0)
        episodes += [
            Episode(at_s, 3.0, {sign: dice.uniform(low, high)}),
            Episode(at_s + dice.uniform(15.0, 90.0) * max(0.4, minutes / MINUTES), 5.0, {sign: back}),
        ]
    scenario = replace(
        short,
        name="field",
        minutes=minutes,
        seed=seed,
        pump=PUMP,
        monitor=monitor,
        pump_setup={"rate_ml_h": round(20.0 / infusing_h, 1), "vtbi_ml": 21.0},
        monitor_setup={"nibp_interval_s": 300},
        presses=tuple(sorted(presses, key=lambda row: row.at_s)),
        episodes=tuple(sorted(episodes, key=lambda one: one.at_s)),
    )
    return scenario, tuple(sorted((replace(row, at_s=round(later(row.at_s), 3) + 0.0137) for row in rows), key=_at))


def _at(row: ScriptRow) -> float:
    return row.at_s
