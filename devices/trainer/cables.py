"""What a trainer lets happen to the cable of a device: each fault for as long as is chosen, and what is seen then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from devices.scenes import Scene
from devices.simulation.faults import FaultKind
from devices.spec import DeviceSpec, Role
from devices.trainer.move import Act, Move
from exomonitor.engine.ports import Trick

LENGTHS_S = (1.0, 5.0, 20.0, 60.0)
MARGIN_S = 40.0
OTHER_SERIALS = {
    "bbraun-space": "100999",
    "alaris-asena": "8002-99999",
    "harvard-ultra": "D999999",
    "philips-intellivue": "DE00099999",
    "masimo": "0000099999",
    "hl7-pcd01": "00A0370098009999",
}
"""Numbers of the other device, in the families that tell one."""
_LONG_AGO = datetime(1999, 12, 31, 23, 59, 0, tzinfo=UTC)
OTHER_CLOCKS: Mapping[str, Mapping[str, Any]] = {
    "ge-dri": {"unix_start": int(_LONG_AGO.timestamp())},
    "philips-intellivue": {"unix_start": int(_LONG_AGO.timestamp())},
    "masimo": {"clock": _LONG_AGO},
    "nellcor": {"clock": _LONG_AGO},
    "hl7-pcd01": {"clock_wrong_s": -26 * 365.25 * 86400},
}
"""The families whose wire carries a date, and how their simulators are told another."""
_BY_BYTE = "Right values or none, nothing twice; where many messages are bad: DATA DAMAGED (medium)"
_LINE_FAULTS = {
    FaultKind.FLIP: "Bits turn over",
    FaultKind.CUT: "Messages lose their tail",
    FaultKind.HALF: "Messages lose their head",
    FaultKind.GARBLE: "Bytes change",
    FaultKind.DROP: "Bytes are lost",
    FaultKind.DOUBLE: "Bytes come twice",
    FaultKind.INSERT: "Bytes in between",
    FaultKind.REPEAT: "Messages come twice",
    FaultKind.NOISE: "Noise before messages",
    FaultKind.FALSE_START: "False start bytes",
    FaultKind.FALSE_LENGTH: "False lengths",
    FaultKind.DRIBBLE: "Bytes dribble in",
    FaultKind.SHARED: "Two programs on the port",
}
"""What happens to single bytes of a line; a nurse sees the same of all of them."""


def lengths_s(spec: DeviceSpec) -> tuple[float, ...]:
    """How long a fault may last: one length of them makes this device's data lost."""
    longest = spec.lost_s + MARGIN_S
    return LENGTHS_S if spec.lost_s + spec.interval_s < LENGTHS_S[-1] else (*LENGTHS_S, longest)


def cable_moves(role: Role, spec: DeviceSpec) -> Iterator[Move]:
    """What can happen to the cable of this device."""
    name = role.value
    cable, damage = f"{name.capitalize()} cable", f"{name.capitalize()} bytes"
    for length in lengths_s(spec):
        for key, words, act, sees in _faults(role, spec, length):
            seen, alarm = sees
            told = f"{name}.{alarm}" if alarm else ""
            yield Move(
                Trick(f"{name}.{key}.{length:g}", cable, f"{words}, {length:g} s", seen, told, length), act, role
            )
        for kind, words in _LINE_FAULTS.items():
            trick = Trick(f"{name}.{kind.value}.{length:g}", damage, f"{words}, {length:g} s", _BY_BYTE, "", length)
            yield Move(trick, _strike(role, kind, length), role)
    yield from _once(role, spec, cable)


def _faults(role: Role, spec: DeviceSpec, for_s: float) -> Iterator[tuple[str, str, Act, tuple[str, str]]]:
    name, shown = role.value, role.value.upper()
    silent = _silence(spec, shown, for_s)
    gone = _gone(spec, shown, for_s, "read on by itself when it is back")
    taken = _gone(spec, shown, for_s, 'Devices: "another program uses ..."')
    named = _gone(spec, shown, for_s, "read on; Devices shows the new name")
    yield "out", "Cable out", _strike(role, FaultKind.OUT, for_s), silent
    yield "gone", "Adapter pulled", _strike(role, FaultKind.GONE, for_s), gone
    yield "renamed", "Adapter gets another port name", lambda scene: scene.rename(role, for_s), named
    yield "taken", "Another program has the port", lambda scene: scene.take(role, for_s), taken
    yield "stall", "Line stalls", _strike(role, FaultKind.FREEZE, for_s), silent
    yield "reboot", f"{name.capitalize()} restarts", _strike(role, FaultKind.REBOOT, for_s), silent
    yield "baud", "Wrong baud rate", _strike(role, FaultKind.WRONG_BAUD, for_s), silent


def _silence(spec: DeviceSpec, shown: str, for_s: float) -> tuple[str, str]:
    if for_s > spec.lost_s:
        return f"{shown} DATA OLD, then LOST (medium); a gap in the record", "lost"
    if for_s > spec.stale_s:
        return f"{shown} DATA OLD (low), values grey", "stale"
    return f"Nothing yet: values count as old after {spec.stale_s:g} s", ""


def _gone(spec: DeviceSpec, shown: str, for_s: float, then: str) -> tuple[str, str]:
    if for_s > spec.stale_s:
        return f"{shown} DATA LOST (medium) after {spec.stale_s:g} s; {then}", "lost"
    return f"Nothing yet: lost after {spec.stale_s:g} s; {then}", ""


def _strike(role: Role, kind: FaultKind, for_s: float, amount: float | None = None) -> Act:
    return lambda scene: scene.strike(role, kind, for_s, amount)


def _once(role: Role, spec: DeviceSpec, group: str) -> Iterator[Move]:
    """What has no length."""
    name, shown = role.value, role.value.upper()

    def move(key: str, words: str, sees: str, alarm: str, act: Callable[[Scene], None], *families: str) -> Move:
        trick = Trick(f"{name}.{key}", group, words, sees, f"{name}.{alarm}" if alarm else "")
        return Move(trick, act, role, families)

    def swap(scene: Scene) -> None:
        scene.swap(role, serial=OTHER_SERIALS[spec.key])

    def put_clock_wrong(scene: Scene) -> None:
        scene.set_up(role, **OTHER_CLOCKS[spec.key])

    for_s = max(lengths_s(spec))
    yield move(
        "damaged",
        f"Every twentieth byte wrong, {for_s:g} s",
        f"{shown} DATA DAMAGED (medium); no wrong value",
        "errors",
        _strike(role, FaultKind.FLIP, for_s, 0.05),
    )
    yield move(
        "swap",
        f"Another {name} on the cable",
        f"{shown} CHANGED: high while infusing, until confirmed here",
        "wrong",
        swap,
        *OTHER_SERIALS,
    )
    yield move(
        "clock",
        "Its clock is years wrong",
        "Values keep our time; Devices says how far its clock is off",
        "",
        put_clock_wrong,
        *OTHER_CLOCKS,
    )
    yield move(
        "clock_right",
        "Its clock as it was",
        "Devices: as far off as before",
        "",
        partial(Scene.set_up, role=role),
        *OTHER_CLOCKS,
    )
    yield move("heal", "Cable in order again", "All of it is over", "", lambda scene: scene.heal(role))
