"""The work list of calls and the words of a call: who, when, how often tried, and what the answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from exomonitor.clinical.followup import CallState, CallStatus, FollowUpTable
from exomonitor.clinical.triage import Level, Triage
from exomonitor.clock import zone
from exomonitor.registry.aftercare import Aftercare, CallMade, Task, owed_calls, prescriber_tasks
from exomonitor.registry.registry import Registry
from exomonitor.session.parts import leaving_events as lv
from ui.presenters.words import join

ANSWERS = (
    ("reached", "Reached"),
    ("no answer", "No answer"),
    ("message left", "Message left"),
    ("wrong number", "Wrong number"),
    ("patient called in", "Patient called"),
)
NO_PHONE = "no phone number on record"


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One line of the work list. `head` stands in bold: OVERDUE, due, unable; `urgent` lines come first."""

    visit: str
    call: str
    head: str
    who: str
    detail: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class WorkView:
    """`counted`: how many are overdue and due, in words; `tasks` is what the prescriber owes."""

    counted: str
    lines: tuple[WorkLine, ...]
    tasks: tuple[tuple[Task, str], ...]
    overdue: int


def work_view(registry: Registry, now: datetime, table: FollowUpTable, *, names: bool) -> WorkView:
    """The work list of the clinic; `names` False (nobody is signed in): study ids and initials only."""
    records = registry.aftercare
    items = owed_calls(records, now, table)
    overdue = sum(item.status.state is CallState.OVERDUE for item in items)
    due = sum(item.status.state is CallState.OPEN for item in items)
    lost = sum(item.status.state is CallState.UNABLE for item in items)
    tasks = tuple((task, who_of(records[task.visit], names=names)) for task in prescriber_tasks(records, now, table))
    counted = join(
        f"{overdue} OVERDUE" if overdue else "",
        f"{due} due" if due else "",
        f"{lost} not reached" if lost else "",
        f"{len(tasks)} for the prescriber" if tasks else "",
    )
    return WorkView(
        counted or "no call is due",
        tuple(_line(records[item.session], item.status, now, names=names) for item in items),
        tasks,
        overdue,
    )


def emergencies_words(record: Aftercare) -> str:
    """The emergency records after the visit, "" where there is none."""
    return f"EMERGENCY after this visit: record {', '.join(record.emergencies)}" if record.emergencies else ""


def who_of(record: Aftercare, *, names: bool) -> str:
    """The name, or initials and study id where names may not be shown."""
    if names and record.name:
        return record.name
    return join("".join(part[0] for part in record.name.replace(",", " ").split()), record.study_id)


def phone_of(registry: Registry, record: Aftercare) -> str:
    """The number from the patient's record."""
    patient = registry.patients.get(record.patient)
    return (patient.phone if patient is not None else "") or NO_PHONE


def _line(record: Aftercare, status: CallStatus, now: datetime, *, names: bool) -> WorkLine:
    late = f"OVERDUE {span(now - status.closes)}" if status.state is CallState.OVERDUE else ""
    head = late or {CallState.UNABLE: "NOT REACHED", CallState.OPEN: "due"}.get(status.state, "")
    local = status.due.astimezone(zone(record.tz))
    tried = f"tried {status.failed}×" if status.failed else ""
    return WorkLine(
        record.id, status.key, join(head, status.label, tried), short(who_of(record, names=names)),
        f"due {local:%a %H:%M}", status.state is CallState.OVERDUE,
    )  # fmt: skip


def short(words: str, most: int = 30) -> str:
    """So many letters at most."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def recent_visits(registry: Registry, now: datetime, *, names: bool, most: int) -> tuple[tuple[str, str, str], ...]:
    """(visit, who, when it ended and what was decided) of the newest visits: whoever calls in is found here."""
    ended = [(one.ended, one) for one in registry.aftercare.values() if one.ended is not None and one.ended <= now]
    newest = sorted(ended, key=lambda pair: pair[0], reverse=True)[:most]
    return tuple((one.id, who_of(one, names=names), _ended_words(one, at)) for at, one in newest)


def _ended_words(record: Aftercare, ended: datetime) -> str:
    told = record.calls[-1].answer if record.calls else ""
    left = record.left.replace("_", " ")
    return join(f"ended {ended.astimezone(zone(record.tz)):%a %d %b %H:%M}", left, f"last call: {told}" if told else "")


def span(length: timedelta) -> str:
    """`40 min`, `3 h`, `2 days`."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def plan_words(record: Aftercare, now: datetime, table: FollowUpTable) -> tuple[str, ...]:
    """Each call of the plan in a line with its local time."""
    there = zone(record.tz)
    return tuple(f"{one.text} · {one.due.astimezone(there):%a %d %b %H:%M}" for one in record.plan(now, table))


def attempt_words(record: Aftercare) -> tuple[str, ...]:
    """What was tried and told so far, newest first."""
    there = zone(record.tz)
    return tuple(_attempt(one, one.at.astimezone(there)) for one in reversed(record.calls))


def _attempt(one: CallMade, local: datetime) -> str:
    level = (one.level or one.at_least).upper()
    settled = "settled" if one.settled else ""
    count = len(one.pro_ctcae)
    pro = f"PRO-CTCAE {count} {'item' if count == 1 else 'items'}" if count else ""
    return join(f"{local:%a %d %b %H:%M}", one.answer, level, ", ".join(one.reasons), pro, settled)


LEVEL_WORDS = {Level.RED: "RED", Level.AMBER: "AMBER", Level.GREEN: "GREEN"}


@dataclass(frozen=True, slots=True)
class TriageView:
    """`head`: the level, in a word; `why` its reasons; `advice` what is to be done; `ask` what is still open."""

    head: str
    why: str
    advice: str
    ask: str


def triage_view(found: Triage) -> TriageView:
    """The triage as it stands while the call goes on: what is true counts at once."""
    level = found.level
    word = LEVEL_WORDS[level] if level is not None else f"at least {LEVEL_WORDS[found.at_least]}"
    ask = f"Still to ask ({len(found.still_to_ask)}): {'; '.join(found.still_to_ask)}" if found.still_to_ask else ""
    # Advice that could still turn out too mild is not given yet.
    calm = level is None and found.at_least is Level.GREEN
    return TriageView(word, ", ".join(found.reasons), "" if calm else found.advice, ask)


def told(symptoms: Mapping[str, lv.SymptomTold], key: str) -> str:
    """`yes`, `no` or "" for one question."""
    one = symptoms.get(key)
    return "" if one is None else ("yes" if one.present else "no")
