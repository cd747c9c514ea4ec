"""Follow-up calls after an infusion: when each is due, what was tried, what is owed, and the work list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable

FILE = "followup.toml"


class CallRow(Row):
    """One call: hours after the end of the infusion at which it may be made, is due, and is overdue."""

    key: str = Field(pattern=r"^[a-z0-9_]+$")
    label: str = Field(min_length=1)
    opens_h: float = Field(ge=0, le=2400)
    due_h: float = Field(ge=0, le=2400)
    closes_h: float = Field(ge=0, le=2400)
    offers_pro_ctcae: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> CallRow:
        if not self.opens_h <= self.due_h <= self.closes_h or self.opens_h == self.closes_h:
            raise ValueError("opens_h, due_h and closes_h must rise")
        return self


class FollowUpTable(SignedTable):
    """The clinic's calls and what follows when nobody answers."""

    prescriber_after_failed: int = Field(ge=1, le=5)
    most_attempts: int = Field(ge=1, le=10)
    prescriber_task: str = Field(min_length=1)
    unable_task: str = Field(min_length=1)
    call: tuple[CallRow, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _calls(self) -> FollowUpTable:
        keys = [row.key for row in self.call]
        if len(set(keys)) < len(keys):
            raise ValueError("call: a key is used twice")
        if [row.due_h for row in self.call] != sorted(row.due_h for row in self.call):
            raise ValueError("call: due_h must rise from call to call")
        if self.prescriber_after_failed > self.most_attempts:
            raise ValueError("prescriber_after_failed must not be above most_attempts")
        return self


class Answer(StrEnum):
    """How an attempt ended."""

    REACHED = "reached"
    CALLED_IN = "patient called in"
    NO_ANSWER = "no answer"
    MESSAGE_LEFT = "message left"
    WRONG_NUMBER = "wrong number"


_SPOKEN = frozenset({Answer.REACHED, Answer.CALLED_IN})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a time (aware), and how it ended."""

    at: datetime
    answer: Answer


class CallState(IntEnum):
    """Where a call stands, the most urgent first."""

    OVERDUE = 0
    UNABLE = 1
    OPEN = 2
    SCHEDULED = 3
    CALLED_IN = 4
    REACHED = 5

    @property
    def done(self) -> bool:
        """Whether somebody has spoken with the patient."""
        return self in {CallState.CALLED_IN, CallState.REACHED}


@dataclass(frozen=True, slots=True)
class CallStatus:
    """A call at this moment; `tasks` are what else is owed. Times aware."""

    key: str
    label: str
    state: CallState
    opens: datetime
    due: datetime
    closes: datetime
    attempts: tuple[Attempt, ...]
    tasks: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Attempts in which nobody was reached."""
        return sum(attempt.answer not in _SPOKEN for attempt in self.attempts)

    @property
    def text(self) -> str:
        """One line for the work list."""
        tried = f", {self.failed} failed" if self.failed else ""
        named = {
            CallState.SCHEDULED: "scheduled",
            CallState.OPEN: "due",
            CallState.OVERDUE: "OVERDUE",
            CallState.UNABLE: "unable to reach",
            CallState.CALLED_IN: "patient called in",
            CallState.REACHED: "reached",
        }[self.state]
        return f"{self.label}: {named}{tried}"


def call_status(
    row: CallRow, ended: datetime, attempts: Iterable[Attempt], now: datetime, table: FollowUpTable
) -> CallStatus:
    """Where one call stands, from the end of the infusion and what was tried so far. All times aware."""
    if ended.tzinfo is None or now.tzinfo is None:
        raise ValueError("a time without a zone cannot be judged")
    tried = tuple(sorted((each for each in attempts if each.at <= now), key=lambda each: each.at))
    opens, due, closes = (ended + timedelta(hours=hours) for hours in (row.opens_h, row.due_h, row.closes_h))
    spoken = next((each.answer for each in tried if each.answer in _SPOKEN), None)
    failed = sum(each.answer not in _SPOKEN for each in tried)
    state = _state(spoken, failed >= table.most_attempts, now, opens, closes)
    tasks = []
    if spoken is None and failed >= table.prescriber_after_failed:
        tasks.append(table.prescriber_task)
    if state is CallState.UNABLE:
        tasks.append(table.unable_task)
    return CallStatus(row.key, row.label, state, opens, due, closes, tried, tuple(tasks))


def call_plan(
    ended: datetime, attempts: Mapping[str, tuple[Attempt, ...]], now: datetime, table: FollowUpTable
) -> tuple[CallStatus, ...]:
    """Every call of one session in the order of the table; `attempts` by the key of the call."""
    return tuple(call_status(row, ended, attempts.get(row.key, ()), now, table) for row in table.call)


def _state(spoken: Answer | None, given_up: bool, now: datetime, opens: datetime, closes: datetime) -> CallState:
    if spoken is not None:
        return CallState.REACHED if spoken is Answer.REACHED else CallState.CALLED_IN
    if given_up:
        return CallState.UNABLE
    if now < opens:
        return CallState.SCHEDULED
    return CallState.OPEN if now <= closes else CallState.OVERDUE


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One call on the start page's work list; `session` is the session's id."""

    session: str
    status: CallStatus


def work_list(items: Iterable[WorkItem]) -> tuple[WorkItem, ...]:
    """What is owed now: overdue first, then who cannot be reached, then what is due, each by its time."""
    owed = (item for item in items if item.status.state in {CallState.OVERDUE, CallState.UNABLE, CallState.OPEN})
    return tuple(sorted(owed, key=lambda item: (item.status.state, item.status.due, item.session)))


def follow_up_is_open(statuses: Iterable[CallStatus], *, unresolved_triage: bool) -> bool:
    """Whether follow-up holds the next dose: a call that is overdue or failed, or an answer that is not settled."""
    return unresolved_triage or any(each.state in {CallState.OVERDUE, CallState.UNABLE} for each in statuses)
