"""One plain sentence for each event of leaving and of the days after."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from exomonitor.session.entry import Event
from exomonitor.session.parts import leaving_events as ev
from exomonitor.session.parts.part import Teller

_CATHETER = {
    ev.WHOLE: "IV out, catheter whole",
    ev.NOT_WHOLE: "IV out, CATHETER NOT WHOLE",
    ev.STAYS: "IV access stays in",
}
_DECISION = {
    ev.AS_NEEDED: "as needed",
    ev.PRESCRIBER_DECIDES: "the prescriber decides",
    ev.NO_FURTHER: "no further dose",
}


def _tail(*parts: str) -> str:
    said = ", ".join(part for part in parts if part)
    return f": {said}" if said else ""


def _iv(e: ev.IvRemoved) -> str:
    bleeding = "bleeding stopped" if e.bleeding_stopped else "STILL BLEEDING"
    site = f"site {e.site} {e.site_score}".replace("  ", " ") if e.site_score is not None else e.site
    text = _CATHETER.get(e.catheter, e.catheter) + ("" if e.catheter == ev.STAYS else f", {bleeding}")
    text += _tail(site, e.text)
    return f"Corrected: {text}" if e.supersedes is not None else text


def _tasks(e: ev.DischargeTasksAnswered) -> str:
    said = [f"{key.replace('_', ' ')} {answer or 'taken back'}" for key, answer in e.answers.items()]
    return f"Before leaving: {', '.join(said)}"


def _left(e: ev.PatientLeft) -> str:
    if e.kind == ev.TRANSFERRED:
        to = f" to {e.to}" if e.to else ""
        by = f", handed over to {e.handed_over_to}" if e.handed_over_to else ""
        return f"Patient TRANSFERRED{to}{by}{_tail(e.reason)}"
    if e.kind == ev.AGAINST_ADVICE:
        return f"Patient LEFT AGAINST ADVICE{_tail(e.reason)}"
    if not e.overridden:
        return "Patient discharged, every criterion met" + (", prescriber signed" if e.prescriber else "")
    failing = "; ".join(f"{one.text} ({one.why})" for one in e.criteria if one.open)
    return f"Patient discharged BY THE PRESCRIBER although not met: {failing}{_tail(e.reason)}"


def _next_dose(e: ev.NextDoseDecided) -> str:
    window = f" (window {e.earliest} to {e.latest})" if e.earliest else ""
    holds = f"; {'; '.join(e.holds)}" if e.holds else ""
    if e.decision != ev.BOOKED:
        return f"Next dose: {_DECISION.get(e.decision, e.decision)}{window}{holds}{_tail(e.reason)}"
    when = f"{e.planned} {e.time}".strip()
    where = f", {e.timing.upper()}" if e.timing in {"early", "late"} else ""
    return f"Next dose booked for {when}{where}{window}{holds}{_tail(e.reason)}"


def _called(e: ev.FollowUpCalled) -> str:
    which = f"Follow-up call {e.call}" if e.call else "Call beside the plan"
    level = (e.level or (f"at least {e.at_least}" if e.at_least else "")).upper()
    reasons = f" ({', '.join(e.reasons)})" if e.reasons else ""
    found = f", {level}{reasons}: {e.advice}" if level else ""
    pro = f"; PRO-CTCAE, last 7 days: {pro_words(e.pro_ctcae)}" if e.pro_ctcae else ""
    return f"{which}: {e.answer}{found}{pro}" + (f" - {e.text}" if e.text else "")


def pro_words(answers: Mapping[str, Mapping[str, int]]) -> str:
    """`fatigue severity 2, interference 1; hives presence 0`."""
    return "; ".join(
        f"{item.replace('_', ' ')} {', '.join(f'{name} {score}' for name, score in given.items())}"
        for item, given in answers.items()
    )


TELLERS: Mapping[type[Event], Teller] = MappingProxyType[Any, Any](
    {
        ev.SessionMoved: lambda e: f"Observed on in {e.to}: chair {e.origin} is free, values are typed",
        ev.IvRemoved: _iv,
        ev.DischargeTasksAnswered: _tasks,
        ev.PatientLeft: _left,
        ev.NextDoseDecided: _next_dose,
        ev.FollowUpCalled: _called,
        ev.TriageSettled: lambda e: f"Answer of the follow-up call settled{_tail(e.text)}",
    }
)
