"""What a trainer may let happen in a demo, one key each: to a cable, a pump or the patient; and what the nurse sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from devices.scenes import Scene
from devices.simulation.faults import FaultKind
from devices.spec import DeviceSpec, Role
from exomonitor.engine.ports import Trick
from exomonitor.errors import CommandRefused

PUMP_CABLE, MONITOR_CABLE, PUMP, PATIENT = "Pump cable", "Monitor cable", "Pump", "Patient"
OTHER_SERIALS = {
    "bbraun-space": "100999",
    "alaris-asena": "8002-99999",
    "harvard-ultra": "D999999",
    "philips-intellivue": "DE00099999",
    "masimo": "0000099999",
    "hl7-pcd01": "00A0370098009999",
}
"""Numbers of the other device, in the families that tell one."""
MORE_S = 10.0
_BY_BYTE = "Right values or none, nothing twice; many bad frames: DATA DAMAGED (medium)"
_LINE_FAULTS = {
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
"""What else can happen on a line; a nurse sees the same of all of them."""


@dataclass(frozen=True, slots=True)
class _Move:
    """A trick and what it does. families: only these can do it; () = all. alarm: the condition that it raises."""

    trick: Trick
    act: Callable[[Scene], None]
    role: Role | None = None
    families: tuple[str, ...] = ()


def tricks_of(scene: Scene) -> tuple[Trick, ...]:
    """What can happen with these devices."""
    return tuple(move.trick for move in _moves(scene))


def play(scene: Scene, key: str) -> None:
    """Let it happen now; CommandRefused when these devices cannot do it."""
    move = next((one for one in _moves(scene) if one.trick.key == key), None)
    if move is None:
        raise CommandRefused(f"There is no trick {key!r} with these devices")
    move.act(scene)


def _moves(scene: Scene) -> tuple[_Move, ...]:
    cables = tuple(move for role, spec in scene.specs.items() for move in _cable(role, spec))
    return tuple(move for move in (*cables, *_MOVES) if _fits(move, scene))


def _fits(move: _Move, scene: Scene) -> bool:
    spec = scene.specs.get(move.role) if move.role is not None else None
    return move.role is None or (spec is not None and (not move.families or spec.key in move.families))


def _cable(role: Role, spec: DeviceSpec) -> tuple[_Move, ...]:
    """What can happen to the cable of this device: long enough that its data is old, or lost."""
    while_old, while_lost = spec.stale_s + MORE_S, spec.lost_s + 2 * MORE_S
    name, group = role.value, PUMP_CABLE if role is Role.PUMP else MONITOR_CABLE
    shown = name.upper()

    def move(key: str, words: str, sees: str, alarm: str, act: Callable[[Scene], None], *families: str) -> _Move:
        trick = Trick(f"{name}.{key}", group, words, sees, f"{name}.{alarm}" if alarm else "")
        return _Move(trick, act, role, families)

    def strike(kind: FaultKind, for_s: float, amount: float | None = None) -> Callable[[Scene], None]:
        return lambda scene: scene.strike(role, kind, for_s, amount)

    def swap(scene: Scene) -> None:
        scene.swap(role, serial=OTHER_SERIALS[spec.key])

    old, lost = f"{shown} DATA OLD (low), values grey", f"{shown} DATA OLD, then LOST (medium); a gap in the record"
    damaged = f"{shown} DATA DAMAGED (medium); no wrong value"
    by_byte = tuple(
        _Move(Trick(f"{name}.{kind.value}", group, words, _BY_BYTE, "", more=True), strike(kind, while_lost), role)
        for kind, words in _LINE_FAULTS.items()
    )
    return (
        *by_byte,
        move("out", f"Cable out, {while_old:g} s", old, "stale", strike(FaultKind.OUT, while_old)),
        move("out_long", f"Cable out, {while_lost:g} s", lost, "lost", strike(FaultKind.OUT, while_lost)),
        move("gone", f"Adapter pulled, {while_lost:g} s", lost, "lost", strike(FaultKind.GONE, while_lost)),
        move("stall", f"Line stalls, {while_old:g} s", f"{old}; nothing comes twice", "stale",
             strike(FaultKind.FREEZE, while_old)),
        move("reboot", f"{name.capitalize()} restarts, {while_old:g} s", f"{old}; the dialogue begins anew", "stale",
             strike(FaultKind.REBOOT, while_old)),
        move("flip", f"Bits turn over, {while_lost:g} s", damaged, "errors", strike(FaultKind.FLIP, while_lost, 0.05)),
        move("baud", f"Wrong baud rate, {while_lost:g} s", lost, "lost", strike(FaultKind.WRONG_BAUD, while_lost)),
        move("swap", f"Another {name} on the cable",
             f"{shown} CHANGED: high while infusing, until patient and {name} are confirmed here", "wrong", swap,
             *OTHER_SERIALS),
        move("heal", "Cable in order again", "All of it is over", "", lambda scene: scene.heal(role)),
    )  # fmt: skip


def _pump(key: str, words: str, sees: str, alarm: str, act: Callable[[Scene], None], *, more: bool = False) -> _Move:
    return _Move(Trick(f"key.{key}", PUMP, words, sees, alarm, more), act, Role.PUMP)


def _pressed(action: str) -> Callable[[Scene], None]:
    return lambda scene: scene.press(Role.PUMP, action)


def _patient(key: str, words: str, sees: str, alarm: str, over_s: float, **targets: float) -> _Move:
    return _Move(
        Trick(f"patient.{key}", PATIENT, words, sees, alarm), lambda s: s.happen(over_s, targets), Role.MONITOR
    )


def _sensor(key: str, words: str, sees: str, alarm: str, sensor: str, *, off: bool) -> _Move:
    trick = Trick(f"patient.{key}", PATIENT, words, sees, alarm)
    return _Move(trick, lambda scene: scene.happen(0.0, {}, sensor, off), Role.MONITOR)


def _unblocked(scene: Scene) -> None:
    for action in ("clear_occlusion", "clear_alarms"):
        scene.press(Role.PUMP, action)


def _pressure_falls(scene: Scene) -> None:
    """The cuff is started by hand a little later, so that the fall is measured."""
    scene.happen(5.0, {"nibp_sys": 72.0, "nibp_dia": 40.0, "hr": 118.0})
    scene.press(Role.MONITOR, "nibp", at_s=scene.now_s + 6.0)


_MOVES: tuple[_Move, ...] = (
    _pump("occlude", "Line occluded", "The pump's own alarm, in its words", "relayed", _pressed("occlude")),
    _pump("unblock", "Line free again", "The pump's alarm ends", "", _unblocked, more=True),
    _pump("stop", "Somebody presses STOP", "Pump stopped, and the question why", "", _pressed("stop")),
    _pump("start", "Somebody presses START", "The pump runs; the question is answered or stays", "", _pressed("start")),
    _pump("clear", "Volume counter cleared", "Delivered goes on", "", _pressed("clear_volume"), more=True),
    _patient("desat", "SpO₂ falls to 82 %", "SpO₂ LOW, medium and then high", "spo2", 20.0, spo2=82.0),
    _patient("fast", "Heart rate rises to 150", "HR HIGH", "hr", 15.0, hr=150.0),
    _Move(
        Trick("patient.pressure", PATIENT, "Pressure falls to 72/40", "SBP LOW after the cuff reading", "nibp_sys"),
        _pressure_falls, Role.MONITOR, ("ge-dri", "philips-intellivue"),
    ),
    _sensor("sensor", "SpO₂ sensor comes off", "SpO₂ SENSOR OFF after 10 s", "sensor_off_spo2", "spo2", off=True),
    _sensor("sensor_on", "SpO₂ sensor back on", "The value is there again", "", "spo2", off=False),
    _patient("well", "Patient is well again", "The alarms end by themselves", "", 20.0,
             spo2=97.0, hr=78.0, nibp_sys=124.0, nibp_dia=76.0, rr=15.0, temp=36.6),
)  # fmt: skip
