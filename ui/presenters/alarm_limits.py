"""Alarm limits to words: the protocol's, this patient's, the bounds, and how late an alarm may be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exomonitor.alarms.catalogue import FIXED, level_words
from exomonitor.alarms.delays import total_delay
from exomonitor.alarms.limits import Limit
from exomonitor.alarms.tailored import tailored, usual
from exomonitor.clinical.alarm_rows import PATIENT_BOUNDS
from exomonitor.engine.alarm_basis import basis_of
from exomonitor.engine.snapshot import LinkView, Snapshot
from exomonitor.session.parts.alarm_limits import SHOWN, UNITS, sign_of
from exomonitor.units import Span
from ui.presenters.alarm_cases import limit_name
from ui.presenters.device_limits import differ_words, told_limits
from ui.presenters.words import hms, plain

NOBODY = "No open session: limits of a patient's own are set while a session is open, and end with it."


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit that a patient may have of their own. own None = as in the protocol."""

    key: str
    name: str
    unit: str
    protocol: str
    own: int | None
    bounds: str
    delay: str
    offered: int | None
    device: str = "--"
    """The device's own limit, where it tells it."""

    @property
    def present(self) -> str:
        """What holds now."""
        return f"{self.own} {self.unit}" if self.own is not None else "as protocol"


def limit_rows(snapshot: Snapshot, clinic: tuple[Limit, ...]) -> tuple[LimitRow, ...]:
    """The limits that may be changed here, in the ward's order."""
    changed = {one.key: int(one.limit) for one in snapshot.limits_changed}
    told = {
        one.key: f"{plain(one.device)} {UNITS[sign_of(one.key)]}" for one in told_limits(snapshot) if one.key in SHOWN
    }
    return tuple(
        LimitRow(
            key,
            name,
            UNITS[sign_of(key)],
            f"{plain(usual(_of_patient(snapshot, clinic), key))} {UNITS[sign_of(key)]}",
            changed.get(key),
            bounds_words(key),
            _delay(snapshot, clinic, key),
            snapshot.limits_offered.get(key),
            told.get(key, "--"),
        )
        for key, name in SHOWN.items()
    )


def _of_patient(snapshot: Snapshot, clinic: tuple[Limit, ...]) -> list[Limit]:
    """The protocol's levels for this patient's saturation scale, before anything was changed."""
    patient = snapshot.session.patient if snapshot.session is not None else None
    other = "scale1" if patient is not None and patient.scale2 else "scale2"
    return [one for one in clinic if one.patients != other]


def bounds_words(key: str) -> str:
    """`30-180`: no limit may be moved out of these."""
    lo, hi = PATIENT_BOUNDS[sign_of(key)]
    return f"{lo}-{hi}"


def span_of(key: str) -> Span:
    """What may be typed."""
    lo, hi = PATIENT_BOUNDS[sign_of(key)]
    return Span(SHOWN[key], UNITS[sign_of(key)], Decimal(lo), Decimal(hi), 0)


def monitor_of(snapshot: Snapshot) -> LinkView | None:
    """The monitor's link, whose reports the limits judge."""
    return next((link for link in snapshot.links if link.role == "monitor" and link.interval_s > 0), None)


def _delay(snapshot: Snapshot, clinic: tuple[Limit, ...], key: str) -> str:
    """Until the first signal at the limit that may be changed, with this device; dashes without one."""
    link, levels = monitor_of(snapshot), _of_patient(snapshot, clinic)
    at = [one for one in levels if one.key == key and one.threshold == usual(levels, key) and not _conditional(one)]
    if link is None or not at:
        return "--"
    return f"{min(_total_s(one, link) for one in at):.0f} s"


def _total_s(limit: Limit, link: LinkView) -> float:
    return total_delay(limit, link.interval_s, link.averaging_s).total_s


def _conditional(limit: Limit) -> bool:
    """Levels that need more than the value itself: their delay is no delay of the plain limit."""
    return limit.and_from is not None or limit.is_companion or limit.reaction_only or limit.by_hand


def device_words(snapshot: Snapshot) -> str:
    """`GE B650 reports every 2 s; what it averages itself is not known and comes on top`, or over how long it does."""
    link = monitor_of(snapshot)
    if link is None:
        return "No monitor reports: how late an alarm may be cannot be said."
    every = f"{link.name} reports every {plain(link.interval_s)} s"
    if link.averaging_s is not None:
        return (
            f"{every} and itself averages over up to {plain(link.averaging_s)} s: an alarm comes at the latest after "
            "the time shown, both are in it."
        )
    return (
        f"{every}: an alarm comes at the latest after the time shown; "
        "what the device averages itself is not told by it and comes on top."
    )


def all_limits(snapshot: Snapshot, clinic: tuple[Limit, ...]) -> tuple[tuple[str, ...], ...]:
    """(condition, when, priority, at the latest after): every level as it holds now, then everything else."""
    link = monitor_of(snapshot)
    found = [
        (
            limit_name(one.key, clinic),
            level_words(one).rpartition(": ")[0],
            one.priority.word,
            f"{total_delay(one, link.interval_s, link.averaging_s).total_s:.0f} s"
            if link is not None and not one.by_hand
            else "--",
        )
        for one in tailored(clinic, basis_of(snapshot.session))
    ]
    rest = [
        (one.text, one.detector, " to ".join(dict.fromkeys(p.word for p in (min(one.priorities), max(one.priorities)))),
         f"{plain(one.delay_s)} s")
        for one in FIXED
    ]  # fmt: skip
    return (*found, *rest)


def changed_words(snapshot: Snapshot) -> str:
    """Who changed the limits, when and why, and where the device's own differ; "" while there is nothing to say."""
    first = next(iter(snapshot.limits_changed), None)
    if first is None:
        return differ_words(snapshot)
    user = snapshot.registry.users.get(first.by)
    by = f" by {user.name if user is not None else first.by}" if first.by else ""
    at = f" {hms(first.since)}" if first.since is not None else ""
    return f"Changed{at}{by}: {first.reason}. Ends with this session. {differ_words(snapshot)}".rstrip()
