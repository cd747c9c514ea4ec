"""What the leaving page says: the criteria as they stand, what is recorded of the IV, the tasks and the next dose."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clinical.discharge import SETTLED, Criterion, Discharge, State
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.engine.parts.leaving_facts import discharge_now
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.narrative import sentence
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.phases import Phase
from exomonitor.session.places import is_lounge
from exomonitor.session.state import SessionState
from exomonitor.signals.vitals import Sign
from exomonitor.units import clock_text
from ui.presenters.words import UNKNOWN, age, hm, hms, join, number

MARKS = {State.MET: "✓", State.NOT_MET: "✗", State.NOT_KNOWN: "?", State.NOT_APPLICABLE: "–"}


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One line of the list: its mark, text and why; `open` = it stands in the way."""

    mark: str
    text: str
    why: str
    open: bool


@dataclass(frozen=True, slots=True)
class LeavingView:
    """`gone` says how the patient left, "" = still here; `transfer` why there is no discharge, "" = there may be."""

    title: str
    since: str
    counted: str
    lines: tuple[CriterionLine, ...]
    ready: bool
    overridable: bool
    transfer: str
    gone: str
    iv: str
    next_dose: str
    tasks_open: int
    may_move: bool = False
    """Whether the patient may be observed on in the lounge."""


def leaving_view(snapshot: Snapshot, protocol: ClinicProtocol) -> LeavingView:
    """The page for the session in the chair."""
    session = snapshot.session
    if session is None or session.started is None:
        return LeavingView("Leaving", "", "", (), False, False, "", "", "", "", 0)
    signed = bool(session.handover.reviews)
    found = discharge_now(
        session, snapshot.now, protocol, snapshot.registry, snapshot.alarms, prescriber_signed=signed
    )  # fmt: skip
    return LeavingView(
        title=join("Leaving", session.patient.name if session.patient is not None else ""),
        since=_since(session, snapshot),
        counted=_counted(found),
        lines=tuple(_line(one) for one in found.criteria),
        ready=found.ready,
        overridable=found.overridable,
        transfer=found.transfer,
        gone=_gone(session),
        iv=_iv(session),
        next_dose=next_dose_words(session.leaving.next_dose),
        may_move=session.phase is Phase.OBSERVE and session.leaving.left is None and not is_lounge(snapshot.chair),
        tasks_open=sum(1 for one in found.failing if one.key in _TASK_KEYS),
    )


_TASK_KEYS = frozenset({"symptoms", "drank", "walking", "escort", "instructions", "follow_up"})


def signs_line(snapshot: Snapshot) -> str:
    """`HR 88/min · SpO₂ 97 % · BP 118/74 mmHg, 3 min ago`: what the monitor says now; dashes where it says nothing."""
    if not snapshot.vitals:
        return "No monitor is read: look at the patient"
    shown = dict.fromkeys((Sign.HR, Sign.SPO2, Sign.NIBP_SYS, Sign.NIBP_DIA), UNKNOWN)
    for sign in shown:
        live = snapshot.vitals.get(sign)
        if live is not None and not (live.stale or live.lost):
            shown[sign] = number(live.reading.value)
    pressure = snapshot.vitals.get(Sign.NIBP_SYS)
    told = pressure is not None and shown[Sign.NIBP_SYS] != UNKNOWN
    ago = f", {age(pressure.age_s)} ago" if pressure is not None and told else ""
    return join(
        f"HR {shown[Sign.HR]}/min",
        f"SpO₂ {shown[Sign.SPO2]} %",
        f"BP {shown[Sign.NIBP_SYS]}/{shown[Sign.NIBP_DIA]} mmHg{ago}",
    )


def next_dose_words(decided: lv.NextDoseDecided | None) -> str:
    """The decision in a sentence, "" while there is none."""
    return sentence(decided) if decided is not None else ""


def _since(session: SessionState, snapshot: Snapshot) -> str:
    if session.end is None:
        return "The flush is not recorded yet (F9)"
    return f"{clock_text(snapshot.now.since(session.end))} since the end at {hm(session.end)}"


def _counted(found: Discharge) -> str:
    met = sum(one.state in SETTLED for one in found.criteria)
    unknown = sum(one.state is State.NOT_KNOWN for one in found.criteria)
    return join(f"{met} of {len(found.criteria)} met", f"{unknown} not recorded yet" if unknown else "")


def _line(one: Criterion) -> CriterionLine:
    return CriterionLine(MARKS[one.state], one.text, one.why, one.state not in SETTLED)


def _gone(session: SessionState) -> str:
    left = session.leaving.left
    return f"{hms(left.event.when)} {sentence(left.event)}" if left is not None else ""


def _iv(session: SessionState) -> str:
    iv = session.leaving.iv
    return f"{hms(iv.event.when)} {sentence(iv.event)}" if iv is not None else ""
