"""Observation sets beside the clock's own: after a restart, around a step-up, during a reaction, after a return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Protocol

MIN = 60.0
MOST_SETS = 7 * 24 * 4
"""So many sets one after the other are asked for: a week of quarter hours. A session that nobody ended for longer, or
one whose record says so, asks for no more and alarms about those: its picture is made as fast as any other's."""


class ExtraRules(Protocol):
    """The numbers of the schedule that these sets need; minutes."""

    @property
    def dense_window_min(self) -> tuple[float, float]: ...
    @property
    def dense_set(self) -> tuple[str, ...]: ...
    @property
    def full_set(self) -> tuple[str, ...]: ...
    @property
    def restart_min(self) -> tuple[int, ...]: ...
    @property
    def step_within_min(self) -> float: ...
    @property
    def step_ask_min(self) -> float: ...
    @property
    def step_set(self) -> tuple[str, ...]: ...
    @property
    def reaction_every_min(self) -> int: ...
    @property
    def reaction_window_min(self) -> tuple[float, float]: ...
    @property
    def return_within_min(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One set that the schedule asks for: when it is due and the window around that, in seconds.

    extra: any other set that is observed within its window stands for it. strict: what its window has not seen cannot
    be made up for. asks_s: from when on it is asked for, where that is later than its window opens.
    """

    key: str
    label: str
    due_s: float
    early_s: float
    late_s: float
    required: tuple[str, ...]
    covered_by_end: bool = False
    extra: bool = False
    strict: bool = False
    asks_s: float | None = None

    @property
    def opens_s(self) -> float:
        """When the window opens."""
        return self.due_s - self.early_s

    @property
    def closes_s(self) -> float:
        """When the window closes; a set observed after this is late."""
        return self.due_s + self.late_s

    def holds(self, at_s: float) -> bool:
        """Whether a set observed at that second lies within the window."""
        return self.opens_s <= at_s <= self.closes_s


@dataclass(frozen=True, slots=True)
class StepUp:
    """The rate is raised at `at_s`. number: the step of the plan (from 2), 0 = a raise that no plan has.
    is_done: it was seen at the pump."""

    key: str
    at_s: float
    number: int = 0
    is_done: bool = True


@dataclass(frozen=True, slots=True)
class ReactionSpan:
    """From when until when a reaction asks for sets, in seconds; until None = it still does."""

    key: str
    began_s: float
    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """What has happened in a session that asks for more sets; seconds since the first start."""

    restarts_s: tuple[float, ...] = ()
    steps: tuple[StepUp, ...] = ()
    reactions: tuple[ReactionSpan, ...] = ()
    returns_s: tuple[float, ...] = ()


NOTHING = Happened()


def extra_slots(rules: ExtraRules, happened: Happened, now_s: float, end_s: float | None) -> Iterator[Slot]:
    """The sets that these happenings ask for, as far as they are known at `now_s`; only a reaction asks beyond the
    end."""
    for slot in (*_restarts(rules, happened), *_steps(rules, happened), *_returns(rules, happened)):
        if end_s is None or slot.due_s < end_s:
            yield slot
    for span in happened.reactions:
        yield from _reaction(rules, span, now_s)


def extra_words(key: str) -> str:
    """How the ward calls such a set, "" for any other key: `Restart +5`, `Before ramp 2`, `Reaction +10`."""
    name, _, rest = key.partition("+")
    if name.startswith("restart") and rest:
        return f"Restart{_ordinal(name.removeprefix('restart'))} +{rest}"
    if name[:1] == "R" and name[1:].isdigit() and rest:
        return f"Reaction{_ordinal(name[1:])} +{rest}"
    name, _, rest = key.partition("-")
    if name.startswith("step") and rest:
        return f"{rest.capitalize()} ramp {name.removeprefix('step')}"
    if name.startswith("raise") and rest:
        return f"{rest.capitalize()} rate raise{_ordinal(name.removeprefix('raise'))}"
    if name.startswith("return") and not rest:
        return f"After return{_ordinal(name.removeprefix('return'))}"
    if name.startswith("extra") and not rest:
        return f"Extra set{_ordinal(name.removeprefix('extra'))}"
    return ""


def _ordinal(number: str) -> str:
    return "" if number == "1" else f" {number}"


def _restarts(rules: ExtraRules, happened: Happened) -> Iterator[Slot]:
    early_s, late_s = (part * MIN for part in rules.dense_window_min)
    for number, began_s in enumerate(happened.restarts_s, 1):
        for minutes in rules.restart_min:
            key = f"restart{number}+{minutes}"
            due_s = began_s + minutes * MIN
            yield Slot(key, extra_words(key), due_s, early_s, late_s, rules.dense_set, extra=True)


def _steps(rules: ExtraRules, happened: Happened) -> Iterator[Slot]:
    within_s, ask_s = rules.step_within_min * MIN, rules.step_ask_min * MIN
    for step in happened.steps:
        if step.number:
            key, due_s = f"{step.key}-before", step.at_s - ask_s
            yield Slot(
                key, extra_words(key), due_s, within_s - ask_s, ask_s, rules.step_set,
                extra=True, strict=step.is_done, asks_s=due_s,
            )  # fmt: skip
        if step.is_done:
            key, half_s = f"{step.key}-after", within_s / 2
            due_s = step.at_s + half_s
            yield Slot(key, extra_words(key), due_s, half_s, half_s, rules.step_set, extra=True, asks_s=due_s)


def _returns(rules: ExtraRules, happened: Happened) -> Iterator[Slot]:
    half_s = rules.return_within_min * MIN / 2
    for number, back_s in enumerate(happened.returns_s, 1):
        key = f"return{number}"
        yield Slot(key, extra_words(key), back_s + half_s, half_s, half_s, rules.dense_set, extra=True)


def _reaction(rules: ExtraRules, span: ReactionSpan, now_s: float) -> Iterator[Slot]:
    early_s, late_s = (part * MIN for part in rules.reaction_window_min)
    # While it is open the next one is always listed.
    last_s = span.until_s if span.until_s is not None else now_s + rules.reaction_every_min * MIN
    for minutes in islice(count(rules.reaction_every_min, rules.reaction_every_min), MOST_SETS):
        due_s = span.began_s + minutes * MIN
        if due_s > last_s:
            return
        key = f"{span.key}+{minutes}"
        yield Slot(key, extra_words(key), due_s, early_s, late_s, rules.full_set, extra=True)
