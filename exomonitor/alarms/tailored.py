"""What one patient makes of the clinic's limits: the baseline, limits of their own, the saturation prescribed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.alarms.limits import Limit, Priority, Side, plain
from exomonitor.clinical.alarm_rows import BOUNDS
from exomonitor.signals.vitals import Sign

_NO_BASELINE: Mapping[Sign, float] = MappingProxyType({})
_NO_LIMITS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known of the patient in the chair. own: the patient's own limits by key, in the sign's unit.

    same_arm: the cuff sits on the arm of the saturation probe. All of it is of the open session.
    """

    baseline: Mapping[Sign, float] = field(default_factory=lambda: _NO_BASELINE)
    own: Mapping[str, float] = field(default_factory=lambda: _NO_LIMITS)
    scale2: bool = False
    on_oxygen: bool = False
    same_arm: bool = False


NOBODY = Basis()


def tailored(limits: Iterable[Limit], basis: Basis) -> tuple[Limit, ...]:
    """The limits that hold for this patient: those of other patients left out, thresholds moved."""
    scale = "scale2" if basis.scale2 else "scale1"
    every = [one for one in limits if one.patients in {"all", scale} and (basis.on_oxygen or not one.on_oxygen)]
    found = (_of_baseline(_own(one, every, basis.own), basis.baseline) for one in every)
    return tuple(one for one in found if one is not None)


def usual(limits: Iterable[Limit], key: str) -> float | None:
    """The threshold nearest to normal among the plain levels of a condition: the one that a patient may have moved."""
    plain_ones = [one for one in limits if one.key == key and one.and_from is None]
    if not plain_ones:
        return None
    pick = max if plain_ones[0].side is Side.LOW else min
    return pick(one.threshold for one in plain_ones)


def _own(limit: Limit, every: list[Limit], own: Mapping[str, float]) -> Limit:
    """A level follows the patient's own limit: the one nearest to normal takes it; a graver one keeps its threshold
    where it still lies beyond the new one, else its distance. No level is ever moved out of its bounds."""
    wanted = own.get(limit.key)
    if wanted is None or limit.and_from is not None:
        return limit
    outer = usual(every, limit.key)
    if outer is None or limit.threshold == outer:
        return replace(limit, threshold=wanted)
    beyond = limit.threshold < wanted if limit.side is Side.LOW else limit.threshold > wanted
    if beyond:
        return limit
    lo, hi = BOUNDS[limit.sign.value]
    return replace(limit, threshold=min(max(wanted + limit.threshold - outer, lo), hi))


def _of_baseline(limit: Limit, baseline: Mapping[Sign, float]) -> Limit | None:
    known = baseline.get(limit.sign)
    if limit.and_from is not None:
        if known is None:
            return None  # there is nothing that the value could have fallen from
        there = limit.and_from.beyond(known, limit.side)
        stricter = there < limit.threshold if limit.side is Side.LOW else there > limit.threshold
        note = f", baseline {plain(known)}"
        return replace(limit, threshold=there, inclusive=True, note=note) if stricter else replace(limit, note=note)
    if limit.or_from is not None and known is not None:
        there = limit.or_from.beyond(known, limit.side)
        wider = there > limit.threshold if limit.side is Side.LOW else there < limit.threshold
        return replace(limit, threshold=there, note=f", baseline {plain(known)}") if wider else limit
    return limit


def offered(baseline: Mapping[Sign, float], below: float, percent: float, limits: Iterable[Limit]) -> Mapping[str, int]:
    """Limits that a slow heart at rest asks for: offered, never set by itself. Empty where the usual ones do."""
    rate = baseline.get(Sign.HR)
    present = usual([one for one in limits if one.priority is not Priority.HIGH], "hr_low")
    if rate is None or present is None or rate >= below:
        return {}
    lo, _ = BOUNDS[Sign.HR.value]
    wanted = max(lo, int(rate * percent / 100))
    return {"hr_low": wanted} if wanted < present else {}
