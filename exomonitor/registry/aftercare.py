"""What is left to do after a visit: calls, triage, the next dose; and the work list over all visits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.followup import (
    Answer,
    Attempt,
    CallStatus,
    FollowUpTable,
    WorkItem,
    call_plan,
    follow_up_is_open,
    work_list,
)
from exomonitor.registry.table import RegistryTable
from exomonitor.session import events as ev
from exomonitor.session.entry import Entry
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.parts.emergency_record import EMERGENCY, EmergencyFollowed

GREEN = "green"


@dataclass(frozen=True, slots=True)
class CallMade:
    """One attempt, or a call that the patient made; `seq` is its entry. `settled`: what it told is dealt with."""

    seq: int
    call: str
    at: datetime
    answer: str
    level: str
    at_least: str
    reasons: tuple[str, ...]
    by: str
    settled: bool
    pro_ctcae: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """PRO-CTCAE item -> attribute -> score."""

    @property
    def urgency(self) -> str:
        """`red` or `amber` as far as is known, "" for green and for attempts that told nothing."""
        found = self.level or self.at_least
        return "" if found == GREEN else found


@dataclass(frozen=True, slots=True)
class Aftercare:
    """One visit after its end; times are aware. `ended` is what the calls count from: end of flush, or of product."""

    id: str
    study_id: str
    tz: str
    patient: str = ""
    name: str = ""
    mrn: str = ""
    product_ended: datetime | None = None
    ended: datetime | None = None
    calls: tuple[CallMade, ...] = ()
    left: str = ""
    place: str = ""
    """Where the patient is observed away from the chair, "" = at the chair or gone."""
    next_dose: lv.NextDoseDecided | None = None
    emergencies: tuple[str, ...] = ()
    """Study ids of the emergency records that happened after this visit."""

    def plan(self, now: datetime, table: FollowUpTable) -> tuple[CallStatus, ...]:
        """Every call of the plan as it stands; empty while the infusion has not ended."""
        if self.ended is None:
            return ()
        tried: dict[str, tuple[Attempt, ...]] = {}
        for one in self.calls:
            tried[one.call] = (*tried.get(one.call, ()), Attempt(one.at, Answer(one.answer)))
        return call_plan(self.ended, tried, now, table)

    def unsettled(self) -> tuple[CallMade, ...]:
        """Red and amber answers that nobody has dealt with."""
        return tuple(one for one in self.calls if one.urgency and not one.settled)

    def holds(self, now: datetime, table: FollowUpTable) -> bool:
        """Whether this visit's follow-up holds the next dose."""
        return follow_up_is_open(self.plan(now, table), unresolved_triage=bool(self.unsettled()))


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the prescriber owes: what, for which visit, and the call's entry where one is to be settled."""

    visit: str
    text: str
    level: str = ""
    call_seq: int = 0


def owed_calls(
    records: Mapping[str, Aftercare], now: datetime, table: FollowUpTable, patient: str = ""
) -> tuple[WorkItem, ...]:
    """The work list over all visits (or one patient's): overdue first."""
    chosen = (record for record in records.values() if not patient or record.patient == patient)
    return work_list(WorkItem(record.id, status) for record in chosen for status in record.plan(now, table))


def prescriber_tasks(records: Mapping[str, Aftercare], now: datetime, table: FollowUpTable) -> tuple[Task, ...]:
    """Red answers first, then amber ones, then the patients whom nobody reached."""
    found: list[Task] = []
    for record in records.values():
        for one in record.unsettled():
            why = ", ".join(one.reasons) or "answer not settled"
            found.append(Task(record.id, f"{one.urgency.upper()}: {why}", one.urgency, one.seq))
        for status in record.plan(now, table):
            found += [Task(record.id, f"{status.label}: {text}") for text in status.tasks]
    order = {"red": 0, "amber": 1, "": 2}
    return tuple(sorted(found, key=lambda task: order[task.level]))


def _change(records: dict[str, Any], entry: Entry, **changed: Any) -> None:
    known = records.get(entry.session)
    if known is not None:
        records[entry.session] = replace(known, **changed)


def _opened(records: dict[str, Any], entry: Entry, e: ev.SessionOpened) -> None:
    if e.kind != EMERGENCY:  # no infusion: nothing to follow up but what a person decides
        records[entry.session] = Aftercare(entry.session, e.study_id, entry.tz)


def _identified(records: dict[str, Any], entry: Entry, e: ev.PatientIdentified) -> None:
    _change(records, entry, patient=e.patient, name=e.name, mrn=e.mrn)


def _product_ended(records: dict[str, Any], entry: Entry, e: ev.ProductEnded) -> None:
    _change(records, entry, product_ended=e.when.utc)


def _flushed(records: dict[str, Any], entry: Entry, e: ev.FlushRecorded) -> None:
    known = records.get(entry.session)
    if known is not None:
        unflushed = known.product_ended if not e.done else None
        _change(records, entry, ended=unflushed or e.when.utc)


def _moved(records: dict[str, Any], entry: Entry, e: lv.SessionMoved) -> None:
    _change(records, entry, place=e.to)


def _left(records: dict[str, Any], entry: Entry, e: lv.PatientLeft) -> None:
    _change(records, entry, left=e.kind)


def _called(records: dict[str, Any], entry: Entry, e: lv.FollowUpCalled) -> None:
    known = records.get(entry.session)
    if known is None:
        return
    made = CallMade(
        entry.seq, e.call, e.when.utc, e.answer, e.level, e.at_least, e.reasons, entry.actor, settled=False,
        pro_ctcae=e.pro_ctcae,
    )  # fmt: skip
    _change(records, entry, calls=(*known.calls, made))


def _settled(records: dict[str, Any], entry: Entry, e: lv.TriageSettled) -> None:
    known = records.get(entry.session)
    if known is not None:
        calls = tuple(replace(one, settled=True) if one.seq == e.call_seq else one for one in known.calls)
        _change(records, entry, calls=calls)


def _next_dose(records: dict[str, Any], entry: Entry, e: lv.NextDoseDecided) -> None:
    _change(records, entry, next_dose=e)


def _followed(records: dict[str, Any], entry: Entry, e: EmergencyFollowed) -> None:
    known = records.get(entry.session)
    if known is not None:
        others = tuple(one for one in known.emergencies if one != e.study_id)
        _change(records, entry, emergencies=(*others, e.study_id) if e.stands else others)


TABLE = RegistryTable(
    "aftercare",
    MappingProxyType(
        {
            ev.SessionOpened: _opened,
            ev.PatientIdentified: _identified,
            ev.ProductEnded: _product_ended,
            ev.FlushRecorded: _flushed,
            lv.SessionMoved: _moved,
            lv.PatientLeft: _left,
            lv.FollowUpCalled: _called,
            lv.TriageSettled: _settled,
            lv.NextDoseDecided: _next_dose,
            EmergencyFollowed: _followed,
        }
    ),
)
