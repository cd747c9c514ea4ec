"""What is about to be signed: what was given, how the sets stand, what is open, and what has been signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.balance import balance
from exomonitor.session.leaving_missing import leaving_missing
from exomonitor.session.narrative import slot_words
from exomonitor.session.not_certain import MISSED_OR_LOST, absent, at_least, counted, unsure
from exomonitor.session.phases import Phase
from exomonitor.session.places import ELSEWHERE
from exomonitor.session.review import review_missing
from exomonitor.session.state import SessionState
from exomonitor.units import clock_text, rounded
from ui.presenters.emergency_record import emergency_remarks, emergency_rows, lost_remark, unnamed_remark
from ui.presenters.words import UNKNOWN, hms, join, number, plain


@dataclass(frozen=True, slots=True)
class SignOffView:
    """rows: (label, words). obstacles: to be done before a signature. remarks: will stand in the record as they are.

    review: why a prescriber must look at the session, while nobody has; reviewed: who did."""

    title: str
    rows: tuple[tuple[str, str], ...]
    obstacles: tuple[str, ...]
    remarks: tuple[str, ...]
    signed: str
    review: tuple[str, ...] = ()
    reviewed: str = ""


def sign_off(snapshot: Snapshot) -> SignOffView:
    """The sign-off page of a session."""
    session = snapshot.session
    if session is None:
        return SignOffView("Sign off", (), ("No session is open",), (), "")
    signed = ""
    if session.signature is not None:
        signature = session.signature
        role = f" ({signature.role})" if signature.role else ""
        signed = f"Signed by {signature.name}{role} at {hms(signature.when)}: {signature.verdict}"
    elif session.phase is Phase.ABANDONED:
        void = session.emergency_record.void
        signed = f"Void: {void}" if session.is_emergency else "Closed without a start"
    return SignOffView(
        title=f"Sign off · {'EMERGENCY RECORD' if session.is_emergency else 'session'} {session.study_id}",
        rows=_rows(snapshot),
        obstacles=_obstacles(snapshot) if not signed else (),
        remarks=_remarks(snapshot) if not signed else (),
        signed=signed,
        review=review_missing(session) if session.started is not None or session.is_emergency else (),
        reviewed="; ".join(f"Reviewed by {one.name} at {hms(one.when)}" for one in session.handover.reviews),
    )


def _rows(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    session, progress = snapshot.session, snapshot.progress
    if session is not None and session.is_emergency:
        return (
            *emergency_rows(session),
            ("Alarms", _alarm_words(snapshot)),
            ("Notes · corrections", _notes_words(session)),
        )
    if session is None or progress is None:
        return ()
    order, lost = session.order, session.lost
    volume = f" of {plain(float(order.volume_ml))}" if order is not None else ""
    dose = progress.dose_given_billion
    ordered = f" of {rounded(float(order.dose_billion), 1)}" if order is not None else ""
    statuses = [view.status for view in snapshot.slots]
    done, late = statuses.count(SlotStatus.DONE), statuses.count(SlotStatus.DONE_LATE)
    counts = join(
        at_least(f"{done} done, {late} late", lost) if lost else join(f"{done} done", f"{late} late"),
        f"{statuses.count(SlotStatus.MISSED)} {MISSED_OR_LOST if lost else 'missed'}",
        f"{sum(s.is_open for s in statuses)} open" + " or lost" * bool(lost),
    )
    return (
        (
            "Product given",
            unsure(f"{number(progress.delivered_ml, 1)}{volume} mL ({progress.delivered_by or 'not known'})", lost),
        ),
        (
            "Dose, estimated",
            unsure(f"{UNKNOWN if dose is None else rounded(dose, 2)}{ordered} billion", lost),
        ),
        ("Line · bag · unexplained", _balance_words(snapshot)),
        ("Started", _or_lost(hms(session.started), lost)),
        ("Product ended", _or_lost(_end_words(snapshot), lost)),
        ("Flush", _or_lost(_flush_words(snapshot), lost)),
        ("Infusing · paused · elapsed", unsure(_times(snapshot), lost)),
        ("Observation sets", counts),
        ("Reactions", counted(len(session.reactions), lost)),
        ("Alarms", _alarm_words(snapshot)),
        ("Gaps in the data", counted(len(session.gaps), lost)),
        ("Notes · corrections", _notes_words(session)),
    )


def _or_lost(words: str, lost: int) -> str:
    """What an entry says stands as it is; one that is not there may be among those that are lost."""
    return absent("not recorded", lost) if lost and words == UNKNOWN else words


def _notes_words(session: SessionState) -> str:
    return " · ".join(counted(number, session.lost, "0") for number in (session.notes, session.amendments))


def _balance_words(snapshot: Snapshot) -> str:
    assert snapshot.session is not None
    found = balance(snapshot.session, snapshot.progress)
    parts = (found.residual_ml, found.left_in_bag_ml, found.unexplained_ml)
    return unsure(" · ".join(UNKNOWN if part is None else f"{part} mL" for part in parts), snapshot.session.lost)


def _times(snapshot: Snapshot) -> str:
    progress = snapshot.progress
    assert progress is not None
    return " · ".join(clock_text(s) for s in (progress.infusing_s, progress.paused_s, progress.elapsed_s))


def _end_words(snapshot: Snapshot) -> str:
    end = snapshot.session.product_end if snapshot.session is not None else None
    return join(hms(end.when), end.outcome, end.why.replace("_", " ")) if end is not None else UNKNOWN


def _flush_words(snapshot: Snapshot) -> str:
    flush = snapshot.session.flush if snapshot.session is not None else None
    if flush is None:
        return UNKNOWN
    return f"{number(flush.volume_ml, 1)} mL at {hms(flush.when)}" if flush.done else "none was done"


def _alarm_words(snapshot: Snapshot) -> str:
    """As they began; one that nobody answers can stand higher now, and what stands is not over by a signature."""
    raised = snapshot.session.alarms_raised if snapshot.session is not None else {}
    lost = snapshot.session.lost if snapshot.session is not None else 0
    said = join(*_by_priority(raised))
    began = at_least(said, lost) if said else ""
    is_open = snapshot.session is not None and snapshot.session.phase.is_open
    here = [alarm for alarm in snapshot.alarms if is_open and not alarm.key.startswith(ELSEWHERE)]
    standing = Counter(alarm.priority.word for alarm in here)
    still = ", ".join(_by_priority(standing))
    return join(
        f"{began} when they began" if began and still else began or counted(0, lost), f"still on: {still}" * bool(still)
    )


def _by_priority(counts: Mapping[str, int]) -> list[str]:
    return [f"{counts[name]} {name}" for name in ("high", "medium", "low") if counts.get(name)]


def _obstacles(snapshot: Snapshot) -> tuple[str, ...]:
    session = snapshot.session
    assert session is not None
    if session.is_emergency:
        return ("The reaction is still open (F8): say what it was",) if session.open_reaction is not None else ()
    found = []
    if session.started is None:
        found.append("The infusion has not started" + ", or its entry is lost" * bool(session.lost))
    elif session.product_end is None:
        found.append(absent("The end of the product is not recorded", session.lost) + " (F9)")
    elif session.flush is None:
        said = "The flush is not recorded, or that none is done"
        found.append(("The flush, or that none is done, is not recorded or lost" if session.lost else said) + " (F9)")
    if session.open_reaction is not None:
        found.append("A reaction is still open (F8)")
    return tuple(found)


def _remarks(snapshot: Snapshot) -> tuple[str, ...]:
    session = snapshot.session
    assert session is not None
    lost = lost_remark(session)
    if session.is_emergency:
        return (*lost, *emergency_remarks(session))
    found = [*lost]
    still = [slot_words(v.slot.key) for v in snapshot.slots if v.status.is_open]
    if still:
        told = (
            f"Sets without an entry, signed as {MISSED_OR_LOST}" if session.lost else "Sets not done, signed as missed"
        )
        found.append(f"{told}: {', '.join(still)}")
    if session.flush is not None and not session.flush.done:
        found.append("The line was not flushed: a part of the dose may remain in it")
    return (*found, *unnamed_remark(session), *leaving_missing(session))
