"""The matrix: every family of the catalogue under every fault of a line or a device, each cell judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil
from typing import Any

from devices.simulation.faults import Fault, FaultKind
from devices.spec import DeviceSpec, Role
from tests.conformance import alone, cycles, judge, told
from tests.conformance.bed import NEW_NAME, Press, Run, Setting, run
from tests.conformance.codecs import Cut
from tests.conformance.dialogue import SPECS
from tests.conformance.judge import Truth, Verdict

BEGIN_S = 20.0
"""Until then the line is good, so that every dialogue has begun."""
USUAL_S = 20.0
SPARE = 3
"""So many readings more than usual: a dialogue that begins anew need not wait for the next round second."""
HOLD_S: Mapping[str, float] = {"new-era": 1.0, "nonin/df2": 1 / 3, "nonin/df7": 1 / 3}
"""Where a reading is put together from several frames: so long may a damaged one of them wait for the others. Four
answers are one reading of the pump, 25 frames one packet of the oximeter with its piece of wave."""
LOST_ANSWER_S: Mapping[str, float] = {"harvard-ultra": 0.6}
"""Where three answers to three questions are one reading, and one of them may be lost: so long is it waited for while
the others, damaged or not, are kept."""
LONG_AGO = datetime(1999, 12, 31, 23, 59, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row of the matrix. `damages`: bytes may change, so that a format without checksum may be deceived.

    `mute`: no byte comes meanwhile; `gone`: the port must be told lost; `late_s`: values may be as old as this.
    """

    name: str
    seconds: float
    setting: Callable[[DeviceSpec, float, float], Setting]
    damages: bool = False
    gone: bool = False
    late_s: float = 0.0
    differs: bool = False
    """What the device says is another than usual: the truth is told by the same device on a good line."""
    sharing: bool = False
    """Whether other devices sit at addresses of the same line; the truth is a good line with them."""


def _line(kind: FaultKind, amount: float | None = None) -> Callable[[DeviceSpec, float, float], Setting]:
    return lambda spec, begin, length: Setting((Fault(kind, begin, length, amount),))


def _bytes(kind: FaultKind) -> Callable[[DeviceSpec, float, float], Setting]:
    """So often that about every second message is hurt, however long the family's messages are."""
    return lambda spec, begin, length: Setting((Fault(kind, begin, length, 0.7 / message_bytes(spec.choice)),))


def _seldom(spec: DeviceSpec, begin: float, length: float) -> Setting:
    """So seldom that most readings come whole, and some of them right beside damage."""
    count = alone.PACKET if spec.choice in alone.PACKETS else message_bytes(spec.choice)
    return Setting((Fault(FaultKind.GARBLE, begin, length, 0.15 / count),))


@lru_cache(maxsize=32)
def message_bytes(key: str) -> float:
    """How many bytes a message of this family has, on average."""
    said = _good_run(key, 30.0 + 4 * SPECS[key].interval_s, 1).said
    cut = Cut(key)
    return sum(len(data) for _, data in said) / max(1, sum(len(cut.feed(data)) for _, data in said))


def _dribble(spec: DeviceSpec, begin: float, length: float) -> Setting:
    return Setting(one_by_one=(begin, begin + length))


def _taken(spec: DeviceSpec, begin: float, length: float) -> Setting:
    return Setting((Fault(FaultKind.GONE, begin, 0.2),), taken=(begin, begin + length))


def _renamed(spec: DeviceSpec, begin: float, length: float) -> Setting:
    return Setting((Fault(FaultKind.GONE, begin, length),), renamed_at_s=begin)


_CLOCKS: Mapping[str, Mapping[str, Any]] = {
    "ge-dri": {"unix_start": int(LONG_AGO.timestamp())},
    "philips-intellivue": {"unix_start": int(LONG_AGO.timestamp())},
    "masimo": {"clock": LONG_AGO},
    "nellcor": {"clock": LONG_AGO},
    "hl7-pcd01": {"clock_wrong_s": -26 * 365.25 * 86400},
    "nonin/df13": {"clock": LONG_AGO},
}
"""The formats whose wire carries a date, and how their simulators are told another; the others have no clock."""


_UNNUMBERED = frozenset({"nonin/ascii", "nonin/df8"})


def _wrong_clock(spec: DeviceSpec, begin: float, length: float) -> Setting:
    return Setting(options={"nibp_interval_s": 40.0, **_CLOCKS.get(spec.choice, {})})  # a cuff tells when it measured


_IMPOSSIBLE = {"hr": 320.0, "spo2": 0.4, "rr": 140.0, "temp": 60.0, "nibp_sys": 320.0, "nibp_dia": 300.0}


def _impossible(spec: DeviceSpec, begin: float, length: float) -> Setting:
    if spec.role is Role.MONITOR:
        return Setting(baseline=_IMPOSSIBLE)
    return Setting(presses=(Press(begin, "set_rate", {"rate_ml_h": 9999.0}),))


def _counter_reset(spec: DeviceSpec, begin: float, length: float) -> Setting:
    return Setting(presses=(Press(begin, "clear_volume"),))


def _shared(*faults: FaultKind, off: tuple[int, ...] = ()) -> Callable[[DeviceSpec, float, float], Setting]:
    return lambda spec, begin, length: Setting(
        tuple(Fault(kind, begin, length, 0.7 / message_bytes(spec.choice)) for kind in faults), on=(3, 12), off=off
    )


TROUBLES: tuple[Trouble, ...] = (
    Trouble("bits flipped", USUAL_S, _bytes(FaultKind.FLIP), damages=True),
    Trouble("bytes changed", USUAL_S, _bytes(FaultKind.GARBLE), damages=True),
    Trouble("bytes changed now and then", USUAL_S, _seldom, damages=True),
    Trouble("bytes dropped", USUAL_S, _bytes(FaultKind.DROP), damages=True),
    Trouble("bytes doubled", USUAL_S, _bytes(FaultKind.DOUBLE), damages=True),
    Trouble("bytes inserted", USUAL_S, _bytes(FaultKind.INSERT), damages=True),
    Trouble("messages cut", USUAL_S, _line(FaultKind.CUT), damages=True),
    Trouble("half messages", USUAL_S, _line(FaultKind.HALF), damages=True),
    Trouble("messages twice", USUAL_S, _line(FaultKind.REPEAT, 0.5), late_s=5.0),
    Trouble("bursts of noise", USUAL_S, _line(FaultKind.NOISE, 300.0), damages=True),
    Trouble("false starts", USUAL_S, _line(FaultKind.FALSE_START), damages=True),
    Trouble("false lengths", USUAL_S, _line(FaultKind.FALSE_LENGTH), damages=True),
    Trouble("wrong baud rate", USUAL_S, _line(FaultKind.WRONG_BAUD), damages=True),
    Trouble("byte by byte", USUAL_S, _dribble, late_s=5.0),
    Trouble("stall 1 s", 1.0, _line(FaultKind.FREEZE), late_s=1.0),
    Trouble("stall 10 s", 10.0, _line(FaultKind.FREEZE), late_s=10.0),
    Trouble("stall 60 s", 60.0, _line(FaultKind.FREEZE), late_s=60.0),
    Trouble("cable out 0.1 s", 0.1, _line(FaultKind.OUT)),
    Trouble("cable out 1 s", 1.0, _line(FaultKind.OUT)),
    Trouble("cable out 10 s", 10.0, _line(FaultKind.OUT)),
    Trouble("cable out 60 s", 60.0, _line(FaultKind.OUT)),
    Trouble("port gone 0.1 s", 0.1, _line(FaultKind.GONE), gone=True),
    Trouble("port gone 1 s", 1.0, _line(FaultKind.GONE), gone=True),
    Trouble("port gone 10 s", 10.0, _line(FaultKind.GONE), gone=True),
    Trouble("port gone 60 s", 60.0, _line(FaultKind.GONE), gone=True),
    Trouble("port renamed", 3.0, _renamed, gone=True),
    Trouble("port taken", 10.0, _taken, gone=True),
    Trouble("two programs", USUAL_S, _line(FaultKind.SHARED), damages=True),
    Trouble("three pumps on the line, bits flipped", USUAL_S, _shared(FaultKind.FLIP), damages=True, sharing=True),
    Trouble("five on the line, two of them off", USUAL_S, _shared(off=(20, 21)), late_s=5.0, sharing=True),
    Trouble("device starts anew", 8.0, _line(FaultKind.REBOOT), differs=True),
    Trouble("clock years wrong", USUAL_S, _wrong_clock, differs=True),
    Trouble("impossible values", USUAL_S, _impossible, differs=True),
    Trouble("counter reset", 1.0, _counter_reset, differs=True),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One family under one fault."""

    key: str
    trouble: str
    verdict: Verdict
    deceived: int
    """Values out of frames that damage changed and that were still valid in sum, syntax and range."""


def does_not_apply(spec: DeviceSpec, trouble: Trouble) -> str:
    """Why a cell is empty, "" for one that is not."""
    if trouble.name == "counter reset" and spec.role is Role.MONITOR:
        return "no counter"
    if trouble.name == "messages twice" and spec.choice in _UNNUMBERED:
        return "neither number nor time: a second copy cannot be told from a second message"
    if trouble.name == "clock years wrong" and spec.choice not in _CLOCKS:
        return "no clock on its wire"
    if trouble.sharing and spec.addresses is None:
        return "no addresses: it has its line alone"
    return ""


def cell(key: str, trouble: Trouble, seed: int = 1) -> Cell:
    """Run one cell and judge it."""
    spec = SPECS[key]
    length = _length(spec, trouble)
    begin = max(BEGIN_S, 2 * spec.interval_s)
    end = begin + length
    setting = replace(trouble.setting(spec, begin, length), seed=seed)
    seconds = end + judge.BACK_OFF_S + 3 * spec.interval_s + 15.0
    result = run(spec, seconds, setting)
    verdict = Verdict()
    verdict.wrong += [f"escaped: {text}" for text in sorted(set(result.escaped))]
    window_s = spec.interval_s + trouble.late_s + 5.0
    judge.judge_frames(key, result, verdict, window_s)
    verdict.wrong += told.unframed(result, verdict.accepted)[:1] + judge.told_late(key, result)[:1]
    if key not in told.WHOLE and not trouble.differs and not trouble.sharing:
        usually = _cycles(key, 60.0 * ceil(seconds / 60.0), setting.seed)
        verdict.wrong += cycles.swallowed_while_damaged(usually, result, verdict.accepted)[:1]
    if _tells_as_usual(key, trouble):
        telling = _telling(key, 60.0 * ceil(seconds / 60.0), setting.seed)
        verdict.wrong += told.swallowed(key, spec, result, verdict.accepted, telling)[:1]
    if not trouble.differs:
        verdict.wrong += _alone(key, result, verdict, 60.0 * ceil(seconds / 60.0), setting.seed)[:1]
    verdict.wrong += judge.stale_in_time(spec, result)
    if trouble.setting is not _impossible:
        _judge_recovery(spec, trouble, result, end, verdict)
        verdict.wrong += judge.gap_told(spec, result, begin)
    if trouble.setting is _renamed and result.port != NEW_NAME:
        verdict.wrong.append(f"the port is still {result.port}")
    if trouble.gone and not judge.loss_told(result, begin, end + judge.GRAIN_S):
        verdict.wrong.append("the lost port was not told")
    verdict.wrong += judge.out_of_range(result)[:1] + judge.misdated(result)[:1]
    truth = _truth_for(key, trouble, setting, seconds)
    false = judge.invented(result, truth, float("inf") if trouble.differs else window_s)
    # Damage of several bytes may pass a checksum, and any damage a format without one: how often is told, not judged,
    # but only what the very frames say that were damaged.
    hold_s = HOLD_S.get(key, LOST_ANSWER_S.get(key, 0.0))
    left = judge.unexcused(false, verdict.damaged_at if trouble.damages else (), hold_s)
    verdict.invented = len(left)
    verdict.wrong += [f"invented: {one.text} at {one.t:.1f} s" for one in left[:2]]
    usual = _told_how_often(key, trouble, setting, seconds)
    spare = SPARE if spec.has_checksum else SPARE + verdict.damaged_taken
    verdict.wrong += [f"repeated: {text}" for text in judge.repeated(result, usual, spare)[:2]]
    single = verdict.accepted if key in told.WHOLE else ()
    bunched = judge.bunched(result, usual, 3 * spec.interval_s, trouble.late_s, verdict.damaged_at, single)
    verdict.wrong += [f"repeated: {text}" for text in bunched[:2]]
    return Cell(key, trouble.name, verdict, len(false) - len(left))


def _tells_as_usual(key: str, trouble: Trouble) -> bool:
    """Whether a frame that comes whole has its reading here as on a good line: not where a reading that is put together
    of several may lack one of them, or has one of them twice."""
    if trouble.differs or trouble.sharing:
        return False
    mixed = trouble.damages or (key in HOLD_S and trouble.name == "messages twice")
    return key in told.WHOLE or not mixed


def _length(spec: DeviceSpec, trouble: Trouble) -> float:
    """A fault of the usual length lasts at least four messages of a slow device."""
    return max(trouble.seconds, 4 * spec.interval_s) if trouble.seconds == USUAL_S else trouble.seconds


def _judge_recovery(spec: DeviceSpec, trouble: Trouble, result: Run, end: float, verdict: Verdict) -> None:
    verdict.worst_silence_s = max((silent or 0.0 for _, _, silent in result.states), default=0.0)
    first = judge.first_reading_after(result, end)
    verdict.recovery_s = None if first is None else first - end
    limit = judge.BACK_OFF_S + spec.interval_s + judge.GRAIN_S
    if verdict.recovery_s is None:
        verdict.wrong.append("no reading afterwards")
    elif verdict.recovery_s > limit:
        verdict.wrong.append(f"recovered after {verdict.recovery_s:.1f} s, not {limit:.1f} s")


def _told_how_often(key: str, trouble: Trouble, setting: Setting, seconds: float) -> list[Truth]:
    """How often a number is told on a good line: usually, and by the device as it is after its power came back."""
    if trouble.sharing:
        return [_truth_for(key, trouble, setting, seconds)]
    if not trouble.differs:
        return [_usual_truth(key, 60.0 * ceil(seconds / 60.0), setting.seed)]
    cuff = {name: value for name, value in setting.options.items() if name == "nibp_interval_s"}
    usual = Setting(seed=setting.seed, options=cuff)  # its clock right, its values those of a person
    return [judge.truth_of([run(SPECS[key], seconds, usual, anew=anew)]) for anew in (False, True)]


@lru_cache(maxsize=32)
def _telling(key: str, seconds: float, seed: int) -> frozenset[bytes]:
    return told.tellers(*_good_line(key, seconds, seed))


def _alone(key: str, result: Run, verdict: Verdict, seconds: float, seed: int) -> list[str]:
    """Where some messages are readings by themselves, also beside damage: those that told nothing."""
    if key in alone.PACKETS:
        return alone.packets_swallowed(key, result)
    return alone.swallowed(key, result, verdict.accepted, _kinds(key, seconds, seed)) if key in alone.KINDS else []


@lru_cache(maxsize=32)
def _kinds(key: str, seconds: float, seed: int) -> alone.Telling:
    return alone.telling(key, *_good_line(key, seconds, seed))


@lru_cache(maxsize=32)
def _cycles(key: str, seconds: float, seed: int) -> cycles.Usual:
    return cycles.usual_of(key, *_good_line(key, seconds, seed))


@lru_cache(maxsize=32)
def _good_line(key: str, seconds: float, seed: int) -> tuple[Run, told.Accepted]:
    good, verdict = _good_run(key, seconds, seed), Verdict()
    judge.judge_frames(key, good, verdict)
    return good, tuple(verdict.accepted)


@lru_cache(maxsize=64)
def _good_run(key: str, seconds: float, seed: int) -> Run:
    return run(SPECS[key], seconds, Setting(seed=seed))


def _truth_for(key: str, trouble: Trouble, setting: Setting, seconds: float) -> Truth:
    if trouble.sharing:
        return judge.truth_of([run(SPECS[key], seconds + USUAL_S, replace(setting, faults=(), off=()))])
    if not trouble.differs:
        return _usual_truth(key, 60.0 * ceil(seconds / 60.0), setting.seed)
    # Each state in which the device stands during the run, on a line that is good throughout.
    quiet = replace(setting, faults=())
    states = [run(SPECS[key], seconds, quiet)]
    if trouble.setting is not _wrong_clock and SPECS[key].role is Role.PUMP:
        states.append(run(SPECS[key], seconds, replace(quiet, options={**quiet.options}), anew=True))
    return judge.truth_of(states)


@lru_cache(maxsize=32)
def _usual_truth(key: str, seconds: float, seed: int) -> Truth:
    return judge.truth_of([_good_run(key, seconds, seed)])
