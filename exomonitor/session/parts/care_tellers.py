"""The sentences of what happens beside the infusion."""

from __future__ import annotations

from types import MappingProxyType

from exomonitor.session.parts import care_events as ev
from exomonitor.units import rounded

_AWAY = {"toilet": "toilet", "walk": "walking", "imaging": "imaging", "other": "other"}


def _grades(phlebitis: int | None, infiltration: int | None) -> str:
    parts = [
        "" if phlebitis is None else f"phlebitis {phlebitis}",
        "" if infiltration is None else f"infiltration {infiltration}",
    ]
    return ", ".join(part for part in parts if part)


def _tail(*parts: str) -> str:
    said = "; ".join(part for part in parts if part)
    return f": {said}" if said else ""


def _codes(codes: tuple[str, ...]) -> str:
    return ", ".join(code.replace("_", " ") for code in codes)


def _back(e: ev.PatientBack) -> str:
    line = {ev.LINE_OK: "line and site looked at", ev.LINE_PROBLEM: "PROBLEM WITH THE LINE"}.get(e.line, "")
    sensors = (
        {True: "sensors on", False: "sensors not on yet"}.get(e.sensors_on, "") if e.sensors_on is not None else ""
    )
    return "Patient back" + _tail(line, sensors, e.text)


def _problem(e: ev.SiteProblem) -> str:
    stopped = "stopped at the pump" if e.stopped else "pump not stopped"
    return "Site problem" + _tail(
        stopped, _grades(e.phlebitis, e.infiltration), _codes(e.signs), _codes(e.actions), e.text
    )


def _replaced(e: ev.LineReplaced) -> str:
    old = f"old set discarded with {rounded(e.discarded_ml, 1)} mL" if e.old_set_discarded else "old set kept"
    where = " ".join(part for part in (e.side, e.site) if part)
    tried = "" if e.attempts is None else f"{e.attempts} {'attempt' if e.attempts == 1 else 'attempts'}"
    flow = (
        {True: "flushes freely", False: "DOES NOT FLUSH FREELY"}.get(e.patency_ok, "")
        if e.patency_ok is not None
        else ""
    )
    primed = f"primed with {e.primed_with}" if e.primed_with else ""
    return f"New line: {where}, {e.gauge}" + _tail(old, primed, tried, flow, e.text)


TELLERS = MappingProxyType(
    {
        ev.PatientAway: lambda e: f"Patient away ({_AWAY.get(e.why, e.why)})" + _tail(e.text),
        ev.PatientBack: _back,
        ev.SiteChecked: lambda e: "Site looked at" + _tail(_grades(e.phlebitis, e.infiltration), e.text),
        ev.SiteProblem: _problem,
        ev.LineReplaced: _replaced,
        ev.PatientSaid: lambda e: f"Patient said: {e.text}",
    }
)
