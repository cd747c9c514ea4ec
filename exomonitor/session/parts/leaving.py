"""From the end of product to the door and the days after: IV removal, discharge, follow-up calls, next dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from exomonitor.session.entry import Entry
from exomonitor.session.parts import leaving_events as ev
from exomonitor.session.parts.leaving_tellers import TELLERS
from exomonitor.session.parts.part import Part

_NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IvOut:
    """How the IV left the patient: the entry's seq, and what was seen."""

    seq: int
    by: str
    event: ev.IvRemoved


@dataclass(frozen=True, slots=True)
class Left:
    """How the patient left."""

    by: str
    event: ev.PatientLeft


@dataclass(frozen=True, slots=True)
class Called:
    """One call of the follow-up with its entry's seq; `settled` = what was done about a red or amber answer."""

    seq: int
    by: str
    event: ev.FollowUpCalled
    settled: ev.TriageSettled | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """This part's share of the session's state."""

    iv: IvOut | None = None
    tasks: Mapping[str, str] = field(default_factory=lambda: _NO_ANSWERS)
    left: Left | None = None
    next_dose: ev.NextDoseDecided | None = None
    calls: tuple[Called, ...] = ()


def _iv(s: Leaving, entry: Entry, e: ev.IvRemoved) -> Leaving:
    return replace(s, iv=IvOut(entry.seq, entry.actor, e))


def _tasks(s: Leaving, _: Entry, e: ev.DischargeTasksAnswered) -> Leaving:
    answers = {key: answer for key, answer in {**s.tasks, **e.answers}.items() if answer}
    return replace(s, tasks=MappingProxyType(answers))


def _left(s: Leaving, entry: Entry, e: ev.PatientLeft) -> Leaving:
    return replace(s, left=Left(entry.actor, e))


def _next_dose(s: Leaving, _: Entry, e: ev.NextDoseDecided) -> Leaving:
    return replace(s, next_dose=e)


def _called(s: Leaving, entry: Entry, e: ev.FollowUpCalled) -> Leaving:
    return replace(s, calls=(*s.calls, Called(entry.seq, entry.actor, e)))


def _settled(s: Leaving, _: Entry, e: ev.TriageSettled) -> Leaving:
    return replace(s, calls=tuple(replace(c, settled=e) if c.seq == e.call_seq else c for c in s.calls))


PART = Part(
    "leaving",
    steps=MappingProxyType(
        {
            ev.IvRemoved: _iv,
            ev.DischargeTasksAnswered: _tasks,
            ev.PatientLeft: _left,
            ev.NextDoseDecided: _next_dose,
            ev.FollowUpCalled: _called,
            ev.TriageSettled: _settled,
        }
    ),
    tellers=TELLERS,
    records=MappingProxyType(
        {
            ev.MoveToLounge: ev.SessionMoved,
            ev.RecordIvRemoval: ev.IvRemoved,
            ev.AnswerDischargeTasks: ev.DischargeTasksAnswered,
            ev.Discharge: ev.PatientLeft,
            ev.Transfer: ev.PatientLeft,
            ev.LeaveAgainstAdvice: ev.PatientLeft,
            ev.DecideNextDose: ev.NextDoseDecided,
            ev.RecordCallAttempt: ev.FollowUpCalled,
            ev.SettleTriage: ev.TriageSettled,
        }
    ),
)
