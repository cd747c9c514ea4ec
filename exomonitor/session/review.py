"""Whether a prescriber must review the session, and why: a reaction of grade 2 or more, or an override."""

from __future__ import annotations

from exomonitor.session.state import SessionState

REVIEW_FROM_GRADE = 2


def review_reasons(state: SessionState) -> tuple[str, ...]:
    """One short phrase each; empty where no review is asked for."""
    found = []
    for reaction in state.reactions:
        grade = reaction.worst_grade
        if grade is None:
            found.append("a reaction without a grade")
        elif grade >= REVIEW_FROM_GRADE:
            found.append(f"reaction grade {grade}")
    if state.overrides:
        found.append(f"started without {', '.join(state.overrides)}")
    if state.order_override:
        found.append("order outside its usual range")
    return tuple(dict.fromkeys(found))


def review_missing(state: SessionState) -> tuple[str, ...]:
    """The reasons that no prescriber has reviewed yet; a review of the closed session covers all of them."""
    reviews = state.handover.reviews
    if any(review.whole for review in reviews):
        return ()
    seen = {reason for review in reviews for reason in review.reasons}
    return tuple(reason for reason in review_reasons(state) if reason not in seen)
