"""What an open session tells the alarms of its patient: baseline, own limits, the saturation scale, cuff and probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exomonitor.alarms.limits import Limit
from exomonitor.alarms.tailored import NOBODY, Basis, offered, usual
from exomonitor.clinical.alarm_rows import AlarmSettings
from exomonitor.clinical.observations import BASELINE
from exomonitor.clock import Instant
from exomonitor.session.parts.alarm_limits import SHOWN
from exomonitor.session.recent import Recent
from exomonitor.session.state import SessionState
from exomonitor.signals.vitals import Sign

SBP_LOW = "nibp_sys_low"
_SIDES = ("left", "right")
_RECENT: Recent[Basis] = Recent()


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A limit of the patient's own beside the clinic's, since when, signed by whom (user id) and why."""

    key: str
    name: str
    limit: float
    usual: float | None
    since: Instant | None
    by: str
    reason: str


def basis_of(state: SessionState | None) -> Basis:
    """The basis that the alarms judge by; none while no session is open."""
    if state is None or not state.phase.is_open:
        return NOBODY
    return _RECENT.answer(state, None, lambda: _basis(state))  # asked for every second


def _basis(state: SessionState) -> Basis:
    newest = max(state.observations.values(), key=lambda done: done.event.observed.utc, default=None)
    return Basis(
        baseline=_baseline(state),
        own=_own(state),
        scale2=state.patient is not None and state.patient.scale2,
        on_oxygen=newest is not None and bool(newest.event.on_oxygen),
        same_arm=_same_arm(state),
    )


def own_limits(state: SessionState | None, clinic: tuple[Limit, ...]) -> tuple[OwnLimit, ...]:
    """The patient's own limits, for the banner, the take-over card and the report."""
    if state is None or not state.phase.is_open:
        return ()
    last, early = state.alarm_limits.last, state.emergency.own_limit
    found = []
    for key, limit in _own(state).items():
        signed = last is not None and key in last.event.limits
        found.append(
            OwnLimit(
                key,
                SHOWN.get(key, key),
                limit,
                usual([one for one in clinic if one.patients != "scale2"], key),
                last.when if signed and last is not None else None,
                last.event.signed_by if signed and last is not None else "",
                last.event.reason if signed and last is not None else early.reason if early is not None else "",
            )
        )
    return tuple(found)


def offered_limits(state: SessionState | None, clinic: tuple[Limit, ...], settings: AlarmSettings) -> Mapping[str, int]:
    """Limits that this baseline asks for and that nobody has set: to be offered, never set by itself."""
    if state is None or not state.phase.is_open:
        return {}
    found = offered(_baseline(state), settings.offer_hr_low_below, settings.offer_hr_low_percent, clinic)
    return {key: limit for key, limit in found.items() if key not in state.alarm_limits.own}


def _own(state: SessionState) -> dict[str, float]:
    """Set by hand, and for a low baseline the one that was documented before the start."""
    early = state.emergency.own_sbp_limit
    found: dict[str, float] = {} if early is None else {SBP_LOW: float(early)}
    return found | {key: float(limit) for key, limit in state.alarm_limits.own.items()}


def _baseline(state: SessionState) -> dict[Sign, float]:
    done = state.observations.get(BASELINE)
    if done is None:
        return {}
    known = {sign.value: sign for sign in Sign}
    return {known[name]: float(one.value) for name, one in done.event.values.items() if name in known}


def _same_arm(state: SessionState) -> bool:
    line = state.line
    if line is None:
        return False
    return any(side in line.cuff_arm.lower() and side in line.spo2_site.lower() for side in _SIDES)
