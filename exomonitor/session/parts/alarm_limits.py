"""Alarm limits of one patient: set with a reason and a signature, for this session alone; and what was suppressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.clock import Instant
from exomonitor.session.codec import private
from exomonitor.session.commands import Command
from exomonitor.session.entry import Entry, Event, recorded
from exomonitor.session.parts.part import Part

SHOWN = {
    "hr_low": "HR low",
    "hr_high": "HR high",
    "spo2_low": "SpO₂ low",
    "nibp_sys_low": "SBP low",
    "nibp_sys_high": "SBP high",
}
"""The limits that a patient may have of their own, as the ward calls them."""
UNITS = {"hr": "/min", "spo2": "%", "nibp_sys": "mmHg"}
_NO_LIMITS: Mapping[str, int] = MappingProxyType({})


def sign_of(key: str) -> str:
    """The vital sign of a limit: `nibp_sys` of `nibp_sys_low`."""
    return key.rsplit("_", 1)[0]


def limit_words(key: str, limit: int) -> str:
    """`HR low 40 /min`."""
    return f"{SHOWN.get(key, key)} {limit} {UNITS.get(sign_of(key), '')}".rstrip()


@recorded
@dataclass(frozen=True, slots=True)
class AlarmLimitsSet(Event):
    """From here on these limits hold for this patient, all others as in the protocol; none = the protocol's again.

    `before`: those that were the patient's own until then; `signed_by`: the user who has shown who they are.
    """

    limits: Mapping[str, int]
    before: Mapping[str, int]
    signed_by: str
    role: str = ""
    reason: str = private()


@recorded
@dataclass(frozen=True, slots=True)
class AlarmsSuppressed(Event):
    """Since `began` so many crossings, by condition, were over before their delay was: none of them was an alarm."""

    began: Instant
    counts: Mapping[str, int]


@recorded
@dataclass(frozen=True, slots=True)
class OnCallTold(Event):
    """Nobody had answered a high alarm: whoever is on call was told, or was not (`why`)."""

    key: str
    text: str
    told: bool
    why: str = ""
    raised: Instant | None = None
    """Since when nobody had answered it: the answer of whoever is on call may come when it has risen again."""


@dataclass(frozen=True, slots=True)
class SetAlarmLimits(Command):
    """The limits of this patient's own, all that there shall be (key -> value in the sign's unit); empty = those of the
    protocol. `proof`: who signs for it, a nurse or a prescriber."""

    limits: Mapping[str, int] = field(default_factory=lambda: _NO_LIMITS)
    reason: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True)
class LimitsChange:
    """One change as recorded."""

    when: Instant
    event: AlarmLimitsSet


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """This part's share of the session's state."""

    changes: tuple[LimitsChange, ...] = ()
    suppressed: Mapping[str, int] = field(default_factory=lambda: _NO_LIMITS)
    on_call: tuple[tuple[Instant, OnCallTold], ...] = ()

    @property
    def own(self) -> Mapping[str, int]:
        """The limits of the patient's own that hold now."""
        return self.changes[-1].event.limits if self.changes else _NO_LIMITS

    @property
    def last(self) -> LimitsChange | None:
        """The newest change."""
        return self.changes[-1] if self.changes else None


def _set(s: AlarmLimits, entry: Entry, e: AlarmLimitsSet) -> AlarmLimits:
    return replace(s, changes=(*s.changes, LimitsChange(entry.at, e)))


def _suppressed(s: AlarmLimits, _: Entry, e: AlarmsSuppressed) -> AlarmLimits:
    counts = dict(s.suppressed)
    for key, number in e.counts.items():
        counts[key] = counts.get(key, 0) + number
    return replace(s, suppressed=MappingProxyType(counts))


def _tell(e: AlarmLimitsSet) -> str:
    words = ", ".join(limit_words(key, limit) for key, limit in e.limits.items())
    return f"Alarm limits changed: {words or 'as in the protocol again'}: {e.reason}"


def _on_call(s: AlarmLimits, entry: Entry, e: OnCallTold) -> AlarmLimits:
    return replace(s, on_call=(*s.on_call, (entry.at, e)))


def _tell_on_call(e: OnCallTold) -> str:
    how = "On call was told" if e.told else f"ON CALL WAS NOT TOLD ({e.why})"
    return f"{how}: nobody had acknowledged {e.text}"


PART = Part(
    "alarm_limits",
    MappingProxyType({AlarmLimitsSet: _set, AlarmsSuppressed: _suppressed, OnCallTold: _on_call}),
    MappingProxyType({AlarmLimitsSet: _tell, OnCallTold: _tell_on_call}),
    MappingProxyType({SetAlarmLimits: AlarmLimitsSet}),
)
