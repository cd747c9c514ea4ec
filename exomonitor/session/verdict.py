"""The one verdict of a session: complete, what is missing from the dose or from its record, or not known."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.clinical.dosing import residual_percent
from exomonitor.clinical.observations import ObservationSchedule, SlotState, SlotStatus
from exomonitor.clock import Instant
from exomonitor.session.narrative import slot_words
from exomonitor.session.phases import DeliverySource, Phase
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress, line_split, progress
from exomonitor.signals.pump import PumpStatus
from exomonitor.units import rounded

COMPLETE = "Complete"
ESTIMATED = "what was given is estimated"
SHORT_OF_PLAN = 0.95
"""Less than this part of the ordered volume is not the ordered dose, whatever the pump calls the end."""


def verdict_when_signed(state: SessionState, at: Instant, schedule: ObservationSchedule) -> str:
    """The verdict that this session gets by being signed at `at`: signing closes the schedule."""
    if state.lost:
        return verdict_not_known(state.lost)
    closed = slot_states(replace(state, phase=Phase.SIGNED), at, schedule)
    return verdict(shortcomings(state, progress(state, at, None), closed, signing=True))


def verdict(reasons: tuple[str, ...]) -> str:
    """`Complete`, or `Incomplete: why; why`."""
    return f"Incomplete: {'; '.join(reasons)}" if reasons else COMPLETE


def verdict_not_known(lost: int, perhaps: int = 0) -> str:
    """Of a record of which so many entries are lost: what they said may be what seems to be missing, or what was.
    `perhaps`: of them those that may have been another record's."""
    certain = lost - perhaps
    if not certain:
        return f"Not known: {_entries(perhaps)} of the record may be lost"
    more = f", {perhaps} more may be" if perhaps else ""
    return f"Not known: {_entries(certain)} of the record {'is' if certain == 1 else 'are'} lost{more}"


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"


def shortcomings(
    state: SessionState, told: Progress, checks: tuple[SlotState, ...], *, signing: bool = False
) -> tuple[str, ...]:
    """What is missing from the dose or from its record, in plain words. signing: the signature is about to be given."""
    if state.is_emergency:
        return _emergency(state, unsigned=state.signature is None and not signing)
    if state.phase is Phase.ABANDONED:
        return ("closed without a start",)
    if state.started is None:
        return ("not started",)
    unsigned = state.signature is None and not signing
    left = _leaving(state) if signing or state.phase in {Phase.OBSERVE, Phase.SIGNED} else []
    sets = _sets(checks, unsigned=unsigned)
    return (*_dose(state, told), *sets, *_reactions(state), *left, *_signature(unsigned))


def _dose(state: SessionState, told: Progress) -> list[str]:
    found: list[str] = []
    planned = float(state.order.volume_ml) if state.order is not None else None
    given = _given_ml(state, told)
    amounts = f"{_shown_ml(given)} of {_shown_ml(planned)} given"
    if given is not None and told.delivered_ml is not None and given < told.delivered_ml:
        amounts += f", {_shown_ml(told.delivered_ml - given)} discarded with a set"
    if state.product_end is None:
        found.append(f"end of product not recorded, {amounts}")
    elif state.product_end.outcome != "complete":
        why = f" ({state.product_end.why.replace('_', ' ')})" if state.product_end.why else ""
        found.append(f"stopped early{why}, {amounts}")
    elif planned and given is not None and given < SHORT_OF_PLAN * planned:
        found.append(f"less than ordered, {amounts}")
    if _is_estimated(state):
        found.append(ESTIMATED)
    if state.flush is None or not state.flush.done:
        found.append(f"no flush: dose not completed: {_in_line(state)} may remain in the line")
    return found


def _is_estimated(state: SessionState) -> bool:
    """Whether rate and time say what was given although a pump was read until then. What was signed stays signed: a
    verdict that did not say so goes on without it."""
    end, signed = state.product_end, state.signature
    if end is None or end.source is not DeliverySource.ESTIMATED:
        return False
    if signed is not None and ESTIMATED not in signed.verdict:
        return False
    told = (s for s in state.stretches if end.when.since(s.began) > 0)
    return any(s.source is DeliverySource.PUMP or s.status == PumpStatus.UNKNOWN.value for s in told)


def _given_ml(state: SessionState, told: Progress) -> float | None:
    """What the pump moved (mL), less what was thrown away with a set."""
    split = line_split(state, told.delivered_ml)
    if split is None or told.delivered_ml is None:
        return told.delivered_ml
    return min(told.delivered_ml, float(sum(split)))


def _in_line(state: SessionState) -> str:
    if state.order is None or state.order.line_ml <= 0:
        return "an unknown part"
    return f"about {rounded(residual_percent(state.order.volume_ml, state.order.line_ml), 0)} %"


def _sets(checks: tuple[SlotState, ...], *, unsigned: bool) -> list[str]:
    missed = [slot_words(c.slot.key) for c in checks if c.status is SlotStatus.MISSED and not c.by_end]
    still_open = [slot_words(c.slot.key) for c in checks if c.status.is_open and not c.by_end]
    found = [_counted(missed, "missed")] if missed else []
    # A set that is still to come is no fault of a signed record: signing closes the schedule.
    return found + ([_counted(still_open, "not done yet")] if still_open and unsigned else [])


def _counted(names: list[str], what: str) -> str:
    return f"{len(names)} {'set' if len(names) == 1 else 'sets'} {what} ({', '.join(names)})"


def _reactions(state: SessionState) -> list[str]:
    found = []
    if any(r.is_open for r in state.reactions):
        found.append("a reaction is still open")
    if any(r.details is None or r.details.grade is None for r in state.reactions):
        found.append("a reaction is not graded")
    return found


def _emergency(state: SessionState, *, unsigned: bool) -> tuple[str, ...]:
    """An emergency record owes what happened and whose it was, and no dose."""
    if state.phase is Phase.ABANDONED:
        return (f"void: {state.emergency_record.void}",)
    whose = [] if state.emergency_record.whose is not None else ["whose emergency it was is not recorded"]
    return (*_reactions(state), *whose, *_signature(unsigned))


def _leaving(state: SessionState) -> list[str]:
    """What is not recorded of the end of the visit, once the infusion is over."""
    found = [] if state.leaving.iv is not None else ["IV removal not recorded"]
    return found + ([] if state.leaving.left is not None else ["how the patient left is not recorded"])


def _signature(unsigned: bool) -> list[str]:
    return ["not signed"] if unsigned else []


def _shown_ml(volume: float | None) -> str:
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"
