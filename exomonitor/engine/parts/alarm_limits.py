"""Handler of the patient's own alarm limits: within bounds, with a reason and a signature, never switched off."""

from __future__ import annotations

from exomonitor.clinical.alarm_rows import PATIENT_BOUNDS
from exomonitor.engine.handlers_prepare import MIN_REASON
from exomonitor.engine.situation import Decision, Handler, Situation, need_text
from exomonitor.errors import CommandRefused
from exomonitor.registry.users import NURSE, PRESCRIBER
from exomonitor.session.commands import Command
from exomonitor.session.parts.alarm_limits import SHOWN, UNITS, AlarmLimitsSet, SetAlarmLimits, sign_of

HR_APART = 20
"""Low and high limit of the heart rate keep this distance: closer together they would alarm at rest."""


def set_alarm_limits(at: Situation, c: SetAlarmLimits) -> Decision:
    """Takes effect with the entry; ends with the session, because it is part of it."""
    state = at.session()
    own = state.alarm_limits.own
    for key, limit in c.limits.items():
        _check(key, limit)
    low, high = c.limits.get("hr_low", _usual(at, "hr_low")), c.limits.get("hr_high", _usual(at, "hr_high"))
    if high - low < HR_APART:
        raise CommandRefused(f"HR low {low:g} and HR high {high:g} /min are closer than {HR_APART}")
    systolic = (c.limits.get("nibp_sys_low", 0), c.limits.get("nibp_sys_high", 999))
    if systolic[0] >= systolic[1]:
        raise CommandRefused(f"SBP low {systolic[0]} mmHg is not below SBP high {systolic[1]} mmHg")
    if dict(c.limits) == dict(own):
        raise CommandRefused("These limits hold already" if own else "The limits are those of the protocol")
    reason = need_text(c.reason, "The reason for other alarm limits", MIN_REASON)
    user = at.proven(c.proof, NURSE, PRESCRIBER)
    role = PRESCRIBER if at.signed_by(c.proof, PRESCRIBER) else NURSE
    return Decision((AlarmLimitsSet(dict(c.limits), dict(own), user, role, reason),))


def _check(key: str, limit: int) -> None:
    if key not in SHOWN:
        raise CommandRefused(f"{key!r} is no alarm limit that a patient may have of their own")
    sign = sign_of(key)
    lo, hi = PATIENT_BOUNDS[sign]
    if not lo <= limit <= hi:
        raise CommandRefused(f"{SHOWN[key]} {limit} {UNITS[sign]} is outside {lo}-{hi}: no alarm can be switched off")


def _usual(at: Situation, key: str) -> float:
    """The clinic's limit nearest to normal."""
    found = [row.threshold for row in at.protocol.alarm_rows if row.key == key and not row.is_relative]
    return (max if key.endswith("_low") else min)(found)


HANDLERS: dict[type[Command], Handler] = {SetAlarmLimits: set_alarm_limits}
