"""When the patient is to be observed and how each set stands: pure functions of seconds since the first start."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import count, islice

from exomonitor.clinical.extra_sets import MIN, MOST_SETS, NOTHING, Happened, Slot, extra_slots

__all__ = (
    "BASELINE", "DEFAULT_SCHEDULE", "END", "MIN", "CheckCounts", "ObservationSchedule", "Slot", "SlotState",
    "SlotStatus", "count_checks", "evaluate", "missing_fields", "next_set", "slots", "status",
)  # fmt: skip

BASELINE, END = "baseline", "end"


class SlotStatus(StrEnum):
    """Where one set of observations stands."""

    PLANNED = "planned"
    DUE = "due"
    OVERDUE = "overdue"
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"
    MISSED = "missed"

    @property
    def is_open(self) -> bool:
        """Whether the set can still be taken."""
        return self in {SlotStatus.PLANNED, SlotStatus.DUE, SlotStatus.OVERDUE, SlotStatus.LATE}

    @property
    def is_waiting(self) -> bool:
        """Whether the set is wanted now."""
        return self in {SlotStatus.DUE, SlotStatus.OVERDUE, SlotStatus.LATE}


@dataclass(frozen=True, slots=True)
class ObservationSchedule:
    """The clinic's schedule in minutes since the first start, pauses included; windows are (early, late)."""

    dense_min: tuple[int, ...] = (5, 10, 15)
    dense_window_min: tuple[float, float] = (2, 2)
    every_min: int = 15
    every_window_min: tuple[float, float] = (5, 5)
    end_window_min: tuple[float, float] = (2, 5)
    post_min: tuple[int, ...] = (30, 60)
    post_extended_min: tuple[int, ...] = (90, 120)
    post_window_min: tuple[float, float] = (5, 10)
    baseline_max_age_min: float = 30
    end_covers_min: float = 5
    flush_allowance_min: float = 15
    temp_every_min: int = 30
    restart_after_pause_min: float = 15
    longest_away_h: float = 12
    restart_min: tuple[int, ...] = (5, 10, 15)
    step_within_min: float = 5
    step_ask_min: float = 1
    reaction_every_min: int = 5
    reaction_window_min: tuple[float, float] = (2, 2)
    reaction_calm_grade: int = 1
    reaction_calm_sets: int = 2
    return_within_min: float = 5
    nibp_counts_s: float = 180
    """An older pressure of the monitor is not part of a set: it is measured again."""
    set_counts_s: float = 600
    """What was counted or typed is judged like a reading where the set was entered no later than this."""
    value_counts_s: float = 600
    """A value that was older than this when the patient was observed does not count for the score."""
    late_entry_s: float = 300
    """An entry about something further back than this is labelled a late entry."""
    score_rise: int = 2
    """A score this much above the patient's own baseline is pointed out."""
    step_set: tuple[str, ...] = ("hr", "nibp_sys", "nibp_dia", "spo2", "symptoms")
    dense_set: tuple[str, ...] = ("hr", "nibp_sys", "nibp_dia", "rr", "spo2", "o2", "acvpu", "symptoms", "site")
    full_set: tuple[str, ...] = ("hr", "nibp_sys", "nibp_dia", "rr", "spo2", "o2", "temp", "acvpu", "symptoms", "site")


DEFAULT_SCHEDULE = ObservationSchedule()


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot with how it stands and, when done, the second at which the patient was observed.

    by_end: it was not taken by itself and stands as another set does, most often the end set; `by` names that set.
    """

    slot: Slot
    status: SlotStatus
    done_at_s: float | None = None
    by_end: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """How many sets were done in time, done late, missed, and are still open; each set is counted once."""

    done: int
    late: int
    missed: int
    open: int


def slots(
    schedule: ObservationSchedule,
    *,
    now_s: float | None,
    product_end_s: float | None = None,
    end_s: float | None = None,
    planned_end_s: float | None = None,
    extended: bool = False,
    happened: Happened = NOTHING,
) -> tuple[Slot, ...]:
    """The sets that this infusion asks for as far as they are known, in order of their due time.

    now_s: None before the start (then only the baseline). product_end_s: end of product. end_s: end of flush, or of
    product where no flush is done; None until that is known. planned_end_s: shows the sets up to there in advance.
    extended: the longer watch after a first dose or a reaction of grade 2 or more. happened: restarts, steps of the
    rate, reactions and returns, which ask for sets of their own.
    """
    if now_s is None:
        return (_baseline(schedule),)
    horizon_s = _horizon(schedule, now_s, product_end_s, end_s, planned_end_s)
    # Only an open reaction asks for one set after the other as time passes.
    known_s = now_s if any(span.until_s is None for span in happened.reactions) else 0.0
    return _laid_out(schedule, horizon_s, product_end_s, end_s, extended, happened, known_s)


@lru_cache(maxsize=64)  # asked for every second, and the same for minutes; as many as several chairs ask for in turn
def _laid_out(
    schedule: ObservationSchedule,
    horizon_s: float,
    product_end_s: float | None,
    end_s: float | None,
    extended: bool,
    happened: Happened,
    known_s: float,
) -> tuple[Slot, ...]:
    """The sets after the start. known_s: up to which second an open reaction is known to be open."""
    found = [_baseline(schedule), *_running(schedule, horizon_s, end_s)]
    # A flush that nobody reports must not hide the end set: after the allowance the end of product counts.
    after = end_s
    if after is None and product_end_s is not None:
        after = product_end_s + schedule.flush_allowance_min * MIN
    if after is not None:
        found.append(_slot(END, "End", after, schedule.end_window_min, schedule.full_set))
        for minutes in schedule.post_min + (schedule.post_extended_min if extended else ()):
            key, due_s = f"post{minutes}", after + minutes * MIN
            found.append(_slot(key, f"End +{minutes}", due_s, schedule.post_window_min, schedule.full_set))
    more = [_before_end(slot, schedule, end_s) for slot in extra_slots(schedule, happened, known_s, end_s)]
    # The sort is stable: of two that are due together the schedule's own stands first.
    return (found[0], *sorted((*found[1:], *more), key=lambda slot: slot.due_s))


def status(
    slot: Slot, now_s: float, done_at_s: float | None = None, *, missed: bool = False, closed: bool = False
) -> SlotStatus:
    """How a slot stands at `now_s`; what was done stays done. missed: coded as missed. closed: no more sets come."""
    if done_at_s is not None:
        return SlotStatus.DONE if done_at_s <= slot.closes_s else SlotStatus.DONE_LATE
    if missed or closed or (slot.strict and now_s > slot.closes_s):
        return SlotStatus.MISSED
    if now_s < (slot.opens_s if slot.asks_s is None else slot.asks_s):
        return SlotStatus.PLANNED
    if now_s <= slot.closes_s:
        return SlotStatus.DUE
    return SlotStatus.OVERDUE if now_s < slot.due_s + 2 * slot.late_s else SlotStatus.LATE


def evaluate(
    wanted: Iterable[Slot],
    now_s: float | None,
    done: Mapping[str, float],
    missed: Collection[str] = (),
    *,
    closed: bool = False,
) -> tuple[SlotState, ...]:
    """Every slot with its status. `done` maps slot keys to the second of observation, before the start negative.

    A set that the end set covers stands as the end set does, unless it was done (or coded as missed) by itself. An
    extra set is done by any set that was observed within its window.
    """
    wanted = tuple(wanted)
    at = 0.0 if now_s is None else now_s
    end = next((slot for slot in wanted if slot.key == END), None)
    states = []
    for slot in wanted:
        own = done.get(slot.key)
        if slot.covered_by_end and end is not None and own is None and slot.key not in missed:
            end_at = done.get(END)
            how = status(end, at, end_at, missed=END in missed, closed=closed)
            states.append(SlotState(slot, how, end_at, by_end=True, by=END))
        elif slot.extra and own is None and (other := _stands_for(slot, done)) is not None:
            states.append(SlotState(slot, SlotStatus.DONE, done[other], by_end=True, by=other))
        else:
            how = status(slot, at, own, missed=slot.key in missed, closed=closed)
            states.append(SlotState(slot, how, own))
    return tuple(states)


def next_set(states: Iterable[SlotState]) -> SlotState | None:
    """The set to take next: one whose window is open, else the latest overdue one, else the next planned one."""
    states = tuple(states)
    # One of the schedule's own goes first: it asks for more, and stands for the extra one too.
    for state in sorted(states, key=lambda one: one.slot.extra):
        # A set taken now counts for the open window; an older overdue one stays to be filled in or coded as missed.
        if state.status is SlotStatus.DUE and not state.slot.covered_by_end:
            return state
    waiting = [s for s in states if s.status.is_waiting and not s.slot.covered_by_end]
    if waiting:
        return waiting[-1]
    return next((s for s in states if s.status is SlotStatus.PLANNED), None)


def count_checks(states: Iterable[SlotState]) -> CheckCounts:
    """Count the sets: a late one not as done, one that stands as the end set does not beside the end set."""
    all_of = [state.status for state in states if not state.by_end]
    done, late, missed = (
        all_of.count(SlotStatus.DONE),
        all_of.count(SlotStatus.DONE_LATE),
        all_of.count(SlotStatus.MISSED),
    )
    return CheckCounts(done, late, missed, len(all_of) - done - late - missed)


def missing_fields(slot: Slot, given: Collection[str]) -> tuple[str, ...]:
    """The required fields that have neither a value nor a coded reason in `given`."""
    return tuple(name for name in slot.required if name not in given)


def _stands_for(slot: Slot, done: Mapping[str, float]) -> str | None:
    """The first set that was observed within this one's window."""
    within = [(at, key) for key, at in done.items() if slot.holds(at)]
    return min(within)[1] if within else None


def _before_end(slot: Slot, schedule: ObservationSchedule, end_s: float | None) -> Slot:
    """An extra set shortly before the end: the end set covers it, as it covers the schedule's own."""
    close = end_s is not None and 0 < end_s - slot.due_s <= schedule.end_covers_min * MIN
    return replace(slot, covered_by_end=True) if close else slot


def _slot(key: str, label: str, due_s: float, window_min: tuple[float, float], required: tuple[str, ...]) -> Slot:
    return Slot(key, label, due_s, window_min[0] * MIN, window_min[1] * MIN, required)


def _baseline(schedule: ObservationSchedule) -> Slot:
    # Due by the start and never later: what is measured afterwards is no baseline.
    return _slot(BASELINE, "Baseline", 0.0, (schedule.baseline_max_age_min, 0.0), schedule.full_set)


def _horizon(
    schedule: ObservationSchedule,
    now_s: float,
    product_end_s: float | None,
    end_s: float | None,
    planned_end_s: float | None,
) -> float:
    """Up to which second running sets are listed."""
    if end_s is not None:
        return end_s
    if product_end_s is not None:
        return max(now_s, product_end_s)  # flushing: what is reached counts, what lies ahead is the end set
    step_s = schedule.every_min * MIN
    following = (now_s // step_s + 1) * step_s
    return max(following, planned_end_s or 0.0)


def _running(schedule: ObservationSchedule, horizon_s: float, end_s: float | None) -> list[Slot]:
    found = []
    for minutes in islice(_running_minutes(schedule), MOST_SETS):
        due_s = minutes * MIN
        if due_s > horizon_s or (end_s is not None and due_s >= end_s):
            break
        if minutes in schedule.dense_min:
            found.append(_slot(f"+{minutes}", f"+{minutes}", due_s, schedule.dense_window_min, schedule.dense_set))
            continue
        early_s, late_s = (part * MIN for part in schedule.every_window_min)
        covered = end_s is not None and end_s - due_s <= schedule.end_covers_min * MIN
        required = schedule.full_set
        if minutes % schedule.temp_every_min:
            required = tuple(name for name in required if name != "temp")
        found.append(Slot(f"+{minutes}", f"+{minutes}", due_s, early_s, late_s, required, covered))
    return found


def _running_minutes(schedule: ObservationSchedule) -> Iterable[int]:
    yield from schedule.dense_min
    last = max(schedule.dense_min, default=0)
    yield from (m for m in count(schedule.every_min, schedule.every_min) if m > last)
