"""Whether a prescriber must review the session, and why: a bad reaction, or what went another way without him."""

from __future__ import annotations

from collections.abc import Iterator

from exomonitor.clinical.emergency import EPINEPHRINE
from exomonitor.session.parts.corrections import WRONG_PATIENT
from exomonitor.session.parts.emergency_record import LaterEmergency
from exomonitor.session.parts.leaving_events import AGAINST_ADVICE
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState

REVIEW_FROM_GRADE = 2


def review_reasons(state: SessionState) -> tuple[str, ...]:
    """One short phrase each; empty where no review is asked for."""
    if state.is_emergency and state.phase is Phase.ABANDONED:
        return ()
    found = []
    for reaction in state.reactions:
        grade = reaction.worst_grade
        if grade is None:
            found.append("a reaction without a grade")
        elif grade >= REVIEW_FROM_GRADE:
            found.append(f"reaction grade {grade}")
        if reaction.handed_over is not None:
            found.append("a reaction not over at the end")
    if state.is_emergency:
        found.append("an emergency")
    if unsigned := [gate for gate in dict.fromkeys(state.overrides) if gate not in state.overrides_signed]:
        found.append(f"started without {', '.join(unsigned)}")
    if state.overrides_alone:
        found.append(f"single nurse, no second person for {', '.join(state.overrides_alone)}")
    if state.order_override and not state.order_override_signed:
        found.append("order outside its usual range")
    found += [_later_words(one) for one in state.emergency_record.later]
    return tuple(dict.fromkeys((*found, *_unsigned(state))))


def _later_words(one: LaterEmergency) -> str:
    return f"emergency record {one.study_id} after it"


def _unsigned(state: SessionState) -> Iterator[str]:
    """What was done another way than usual, and no prescriber has signed that very thing."""
    given = state.started is not None
    if given and state.double_check.alone is not None:
        yield "single nurse, no double check"
    if given and state.double_check.changed:
        yield "patient, bag or order changed after the double check"
    if given:
        yield from _changed(state)
    if any(one.event.drug == EPINEPHRINE and one.why_void for one in state.emergency.drugs) or any(
        one.step == EPINEPHRINE and one.why_void for one in state.emergency.steps
    ):
        yield "epinephrine taken back from the record"
    accepted = state.supply.accepted
    if given and accepted is not None and not accepted.prescriber_signed:
        yield f"prepared dose {accepted.prepared_billion} for {accepted.ordered_billion} billion"
    left = state.leaving.left
    if left is not None and left.event.overridden and not left.event.prescriber:
        yield "left against advice" if left.event.kind == AGAINST_ADVICE else "left before every criterion was met"
    if any(one.why == WRONG_PATIENT and not one.prescriber_signed for one in state.corrections.voided.values()):
        yield "an entry void: wrong patient"


def _changed(state: SessionState) -> Iterator[str]:
    alone = [one.what for one in state.changes.made if not one.second]
    for what in dict.fromkeys(alone):
        yield f"{what} changed by a single nurse"
    for what in state.changes.unchecked:
        yield f"{what} changed and not checked again"
    if any(one.differs and not one.product.second for one in state.supply.containers):
        yield "single nurse, a container that does not match"


def review_missing(state: SessionState) -> tuple[str, ...]:
    """The reasons that no prescriber has reviewed yet; a review of the closed session covers all of them."""
    reviews = state.handover.reviews
    seen = {reason for review in reviews for reason in review.reasons}
    whole = max((review.when for review in reviews if review.whole), key=lambda at: at.utc, default=None)
    if whole is not None:
        # What was linked with the session after that review has been seen by nobody.
        later = (one for one in state.emergency_record.later if one.linked.since(whole) > 0)
        return tuple(words for words in map(_later_words, later) if words not in seen)
    return tuple(reason for reason in review_reasons(state) if reason not in seen)
