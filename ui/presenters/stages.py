"""The four stages of a visit, Prepare to Sign off: where it stands, what is done, what is missing, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.leaving_missing import leaving_missing
from exomonitor.session.narrative import set_words
from exomonitor.session.phases import Phase
from exomonitor.session.state import SessionState
from ui.presenters.words import hm, join

PREPARE, INFUSE, OBSERVE, SIGN_OFF = "prepare", "infuse", "observe", "signoff"
STAGES = ((PREPARE, "Prepare"), (INFUSE, "Infuse"), (OBSERVE, "Observe"), (SIGN_OFF, "Sign off"))
_OF_A_VISIT = frozenset({Phase.PREPARE, Phase.INFUSE, Phase.OBSERVE, Phase.SIGNED})
NOT_YET = {
    INFUSE: "Infuse begins when the record is started (F9)",
    OBSERVE: "Observe begins when the end of the product is recorded (F9)",
    SIGN_OFF: "Sign off comes after the infusion; a session that is not going to start is closed in Prepare",
}
"""What a touch on a stage says that has no page yet."""
_SAID = {"stopped": "why it stopped", "rate": "why rate changed", "ended": "is the bag empty", "resumed": "why it runs"}
"""An unexplained change at the pump, in the few words that a stage has room for."""


class Mark(StrEnum):
    """How a stage stands."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage: done: how far it is, with its unit; missing: what holds it up, "" = nothing; next: what comes then."""

    key: str
    number: int
    word: str
    mark: Mark
    done: str = ""
    missing: str = ""
    next: str = ""

    def spoken(self) -> str:
        """The same in one sentence, for a screen reader."""
        state = {Mark.DONE: "done", Mark.NOW: "now"}.get(self.mark, "not yet")
        lacks = f"missing: {self.missing}" if self.missing else ""
        return join(f"Stage {self.number} of 4, {self.word}, {state}", self.done, lacks, self.next)


def stages(snapshot: Snapshot) -> tuple[StageView, ...]:
    """All four, in their order; empty while no session is in the chair."""
    session = snapshot.session
    if session is None or session.phase is Phase.ABANDONED or session.is_emergency:
        return ()
    now = session.phase.number
    signed = session.phase is Phase.SIGNED
    made = []
    for number, (key, word) in enumerate(STAGES, 1):
        if number < now or signed:
            made.append(StageView(key, number, word, Mark.DONE, _done_at(key, session)))
        elif number > now:
            made.append(StageView(key, number, word, Mark.AHEAD))
        else:
            made.append(_present(StageView(key, number, word, Mark.NOW), snapshot, session))
    return tuple(made)


def _done_at(key: str, session: SessionState) -> str:
    ended = session.product_end.when if session.product_end is not None else session.end
    signed = session.signature.when if session.signature is not None else None
    when = {PREPARE: session.started, INFUSE: ended, OBSERVE: signed, SIGN_OFF: signed}[key]
    return hm(when) if when is not None else ""


def _present(stage: StageView, snapshot: Snapshot, session: SessionState) -> StageView:
    if stage.key == PREPARE:
        return _preparing(stage, snapshot)
    done = _sets_done(snapshot)
    missing = _infuse_missing(snapshot, session) if stage.key == INFUSE else _observe_missing(snapshot, session)
    return StageView(stage.key, stage.number, stage.word, stage.mark, done, ", ".join(missing), _next(snapshot))


def _preparing(stage: StageView, snapshot: Snapshot) -> StageView:
    closed = [gate for gate in snapshot.gates if gate.closed]
    missing = [_short(gate.label) for gate in snapshot.gates if not gate.closed]
    done = f"{len(closed)} of {len(snapshot.gates)} checks" if snapshot.gates else ""
    following = "next: Start record (F9)" if not missing else ""
    return StageView(stage.key, stage.number, stage.word, stage.mark, done, ", ".join(missing), following)


def _short(gate: str) -> str:
    """`Patient, two identifiers` -> `patient`; names of the clinic's own lists keep their capitals inside."""
    head = gate.partition(",")[0]
    return head[:1].lower() + head[1:]


def _sets_done(snapshot: Snapshot) -> str:
    past = [view for view in snapshot.slots if view.status is not SlotStatus.PLANNED]
    done = sum(view.status in {SlotStatus.DONE, SlotStatus.DONE_LATE} for view in past)
    if not past:
        return ""
    if snapshot.session is not None and snapshot.session.lost:
        return f"at least {done} {'set' if done == 1 else 'sets'}" if done else "sets not known"
    return sets_of(done, len(past)) + (" done" if done == len(past) else "")


def sets_of(done: int, past: int) -> str:
    """`3 of 4 sets`; where none is owed their number alone, for `4 of 4` would read as the end of the visit."""
    if done < past:
        return f"{done} of {past} sets"
    return f"{done} {'set' if done == 1 else 'sets'}"


def _sets_waiting(snapshot: Snapshot) -> list[str]:
    late = [view for view in snapshot.slots if view.status in {SlotStatus.OVERDUE, SlotStatus.LATE}]
    return [set_words(view.slot.key, inside=True) for view in late]


def _infuse_missing(snapshot: Snapshot, session: SessionState) -> list[str]:
    found = [_SAID[asked] for asked in snapshot.questions if asked in _SAID]
    found += _sets_waiting(snapshot)
    return [*found, *_reaction(session)]


def _observe_missing(snapshot: Snapshot, session: SessionState) -> list[str]:
    found = ["flush"] if session.product_end is not None and session.flush is None else []
    found += _sets_waiting(snapshot)
    if snapshot.next_slot is None and not found:
        found += ["IV out"] if session.leaving.iv is None else []
        found += ["leaving"] if session.leaving.left is None else []
        found += ["next dose"] if session.leaving.next_dose is None else []
    return [*found, *_reaction(session)]


def _reaction(session: SessionState) -> list[str]:
    return ["reaction"] if session.open_reaction is not None else []


def _next(snapshot: Snapshot) -> str:
    coming, session = snapshot.next_slot, snapshot.session
    if coming is not None:
        at = f" at {hm(coming.due_at)}" if coming.due_at is not None else ""
        return f"next: {set_words(coming.slot.key, inside=True)}{at}"
    if session is not None and session.phase is Phase.OBSERVE and not leaving_missing(session):
        return "next: Sign off"
    return ""
