"""Follow-up calls after an infusion: when each is due, what was tried, what is owed, and the work list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from pydantic import Field, model_validator

from exomonitor.clinical.tables import Row, SignedTable
from exomonitor.errors import CommandRefused

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


class ScaleRow(Row):
    """How one attribute is answered: the words of 0, 1, 2 ... in their order."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1)
    words: tuple[str, ...] = Field(min_length=2, max_length=5)


class ProItem(Row):
    """One PRO-CTCAE item with all its attributes: an item is asked with every one of them or not at all."""

    key: str = Field(pattern=r"^[a-z_]+$")
    label: str = Field(min_length=1)
    number: int = Field(ge=1, le=99)
    attributes: tuple[str, ...] = Field(min_length=1)


class ProCtcae(Row):
    """The items that a call offers, as their library numbers them, with its recall."""

    library: str = Field(min_length=1)
    recall: str = Field(min_length=1)
    note: str = Field(min_length=1)
    scale: tuple[ScaleRow, ...] = Field(min_length=1)
    item: tuple[ProItem, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> ProCtcae:
        scales = {row.key for row in self.scale}
        for row in self.item:
            if unknown := set(row.attributes) - scales:
                raise ValueError(f"item {row.key}: {sorted(unknown)[0]} has no scale")
        if len({row.key for row in self.item}) < len(self.item):
            raise ValueError("item: a key is used twice")
        return self

    def words(self, attribute: str) -> tuple[str, ...]:
        """The answers of an attribute, 0 first."""
        return next(row.words for row in self.scale if row.key == attribute)

    def check(self, answers: Mapping[str, Mapping[str, int]]) -> None:
        """Raises CommandRefused where an item is not known, or not answered with all its attributes on their scales."""
        items = {row.key: row for row in self.item}
        for key, given in answers.items():
            item = items.get(key)
            if item is None:
                raise CommandRefused(f"PRO-CTCAE: {key!r} is no item of the table")
            if set(given) != set(item.attributes):
                raise CommandRefused(f"PRO-CTCAE: {item.label} is asked with all of {', '.join(item.attributes)}")
            for attribute, score in given.items():
                if not 0 <= score < len(self.words(attribute)):
                    raise CommandRefused(f"PRO-CTCAE: {item.label}, {attribute}: {score} is no answer")


class FollowUpTable(SignedTable):
    """The clinic's calls and what follows when nobody answers."""

    prescriber_after_failed: int = Field(ge=1, le=5)
    most_attempts: int = Field(ge=1, le=10)
    prescriber_task: str = Field(min_length=1)
    unable_task: str = Field(min_length=1)
    call: tuple[CallRow, ...] = Field(min_length=1)
    pro_ctcae: ProCtcae | None = None

    def pro_ctcae_of(self, call: str) -> ProCtcae | None:
        """The PRO-CTCAE items that this call offers; None where it offers none."""
        offers = any(row.key == call and row.offers_pro_ctcae for row in self.call)
        return self.pro_ctcae if offers else None

    @model_validator(mode="after")
    def _calls(self) -> FollowUpTable:
        keys = [row.key for row in self.call]
        if len(set(keys)) < len(keys):
            raise ValueError("call: a key is used twice")
        if [row.due_h for row in self.call] != sorted(row.due_h for row in self.call):
            raise ValueError("call: due_h must rise from call to call")
        if self.pro_ctcae is None and any(row.offers_pro_ctcae for row in self.call):
            raise ValueError("call: PRO-CTCAE is offered, and there are no items of it")
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
