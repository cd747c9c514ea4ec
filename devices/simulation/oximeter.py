"""What any pulse oximeter shows of the made-up patient: whole numbers, none without a finger, the last ones held."""

from __future__ import annotations

from dataclasses import dataclass

from devices.simulation.patient import PatientWorld

SEARCHES_S = 4.0
"""From the finger's return to the first number."""

HOLDS_S = 10.0
"""How long an oximeter with a display keeps the last numbers after the finger has gone."""

SLOWEST_PULSE, FASTEST_PULSE = 18, 321
_STEP_S = 0.25


@dataclass(frozen=True, slots=True)
class Shown:
    """spo2 in %, pulse in /min, pi in %; None = no number. `held`: (spo2, pulse) of before the finger went."""

    spo2: int | None
    pulse: int | None
    pi: float | None
    off: bool = False
    searching: bool = False
    held: tuple[int, int] | None = None


def shown(world: PatientWorld, t: float) -> Shown:
    """The numbers at second `t`."""
    if world.sensor_off("spo2", t):
        return Shown(None, None, None, off=True, held=_last(world, t))
    if t > SEARCHES_S and world.sensor_off("spo2", t - SEARCHES_S):
        return Shown(None, None, None, searching=True)
    numbers = _numbers(world, t)
    if numbers is None:
        return Shown(None, None, None)
    return Shown(*numbers, round(world.vitals(t).pi, 2))


def _numbers(world: PatientWorld, t: float) -> tuple[int, int] | None:
    now = world.vitals(t)
    pulse = round(now.hr)
    return (round(now.spo2), pulse) if SLOWEST_PULSE <= pulse <= FASTEST_PULSE else None


def _last(world: PatientWorld, t: float) -> tuple[int, int] | None:
    for step in range(1, round(HOLDS_S / _STEP_S) + 1):
        before = t - step * _STEP_S
        if before < 0:
            return None
        if not world.sensor_off("spo2", before):
            return _numbers(world, before)
    return None
