"""Why a gate is open, one rule each: "" = nothing is missing. Pure; session/checklist.py puts them in order."""

from __future__ import annotations

from collections.abc import Mapping

from exomonitor.clinical.anaphylaxis import check_own_limit, needs_own_limit
from exomonitor.clinical.checklists import ChecklistRow, ChecklistTable, missing, premedication_warning
from exomonitor.clinical.observations import BASELINE
from exomonitor.clock import Instant
from exomonitor.errors import CommandRefused
from exomonitor.session.parts.checks import NONE_ORDERED, TIME_OUT, Checks
from exomonitor.session.plan import Line, Order, Patient, Product
from exomonitor.session.state import SessionState
from exomonitor.units import rounded

ACCESS, CONSENT, TODAY, READINESS = "access", "consent", "today", "readiness"
HYDRATION, PREMEDICATION = "hydration", "premedication"
OWN_FORMS = frozenset({ACCESS, HYDRATION, PREMEDICATION})
"""Lists that have a form and an event of their own: their rows say what is asked, not where it is kept."""
_FILLED_BY_PREMEDICATION = "given"
PLACED_OUTSIDE = "somebody else (outside)"
"""Who put in a line that the patient came with."""
_SAID = {True: "yes", False: "no", None: ""}


def list_why(checks: Checks, checklist: ChecklistRow) -> str:
    """What the list still lacks: the first thing in words, and how many more."""
    if checklist.key == TIME_OUT and checks.time_out_lost:
        return checks.time_out_lost
    if checklist.key not in checks.lists:
        return f"{len(checklist.asked({}))} to answer"
    lacks = missing(checks.answers(checklist.key), checklist)
    return f"{lacks[0]}{f' (and {len(lacks) - 1} more)' if len(lacks) > 1 else ''}" if lacks else ""


def today_answers(checks: Checks, patient: Patient | None) -> Mapping[str, str]:
    """The answers of "today's state": what was asked with the patient's identity need not be asked twice."""
    told = {}
    if patient is not None:
        told = {"infection": _SAID[patient.infection_today], "anticoagulant": _SAID[patient.anticoagulant]}
    return {**{key: answer for key, answer in told.items() if answer}, **checks.answers(TODAY)}


def today_why(checks: Checks, patient: Patient | None, checklist: ChecklistRow) -> str:
    """What "today's state" still lacks."""
    answers = today_answers(checks, patient)
    lacks = missing(answers, checklist)
    if lacks and not answers:
        return list_why(checks, checklist)
    return f"{lacks[0]}{f' (and {len(lacks) - 1} more)' if len(lacks) > 1 else ''}" if lacks else ""


def order_why(order: Order | None, product: Product | None) -> str:
    """Dose, volume and minutes, by a prescriber, of the product that hangs there."""
    if order is None:
        return "dose, volume and minutes"
    if not order.prescriber:
        return "who ordered it"
    if order.source_cell is None:
        return "which product is ordered"
    if product is not None and product.source_cell is not order.source_cell:
        return f"ordered is {order.source_cell.value}, the bag is {product.source_cell.value}"
    return ""


def line_why(line: Line | None, checklist: ChecklistRow | None) -> str:
    """Site, side and gauge, and what the clinic's list asks of the access: patency before all."""
    if line is None:
        return "site, side and gauge"
    if checklist is None:
        return ""
    answers = line_answers(line)
    for row in checklist.asked(answers):
        answer = answers.get(row.key, "")
        if row.must and answer and answer != row.must:
            return f"{row.text}: {answer}"
        if row.required and not answer:
            return f"{row.text}: not recorded"
    return ""


def line_answers(line: Line) -> Mapping[str, str]:
    """What is recorded of the line, under the keys of the clinic's list."""
    return {
        "device": line.device,
        "gauge": line.gauge,
        "side": line.side,
        "site": line.site,
        "patency": _SAID[line.patent],
        "dedicated": _SAID[line.dedicated],
        "filter": line.filter,
        "inserted_by": PLACED_OUTSIDE if line.placed_outside else line.inserted_by,
        "attempts": str(line.attempts or ""),
    }


def hydration_why(checks: Checks, order: Order | None) -> str:
    """Whether fluid is recorded, or that none was ordered."""
    if checks.hydration or checks.answers(HYDRATION).get("route") == NONE_ORDERED:
        return ""
    return "given, or none ordered" if order is None or not order.hydration else f"ordered: {order.hydration}"


def premedication_why(checks: Checks, order: Order | None) -> str:
    """Whether drugs are recorded, or that none were ordered, or why they were not given."""
    answers = checks.answers(PREMEDICATION)
    said = answers.get(_FILLED_BY_PREMEDICATION, "")
    if checks.premedication or said == NONE_ORDERED or (said and answers.get("why_not")):
        return ""
    return "given, or none ordered" if order is None or not order.premedication else f"ordered: {order.premedication}"


def baseline_sbp(state: SessionState) -> int | None:
    """The systolic pressure of the baseline set (mmHg), None where there is none."""
    done = state.observations.get(BASELINE)
    value = done.event.values.get("nibp_sys") if done is not None else None
    return int(rounded(value.value, 0)) if value is not None else None


def wants_own_limit(state: SessionState) -> bool:
    """Whether the baseline is so low that "low pressure" must be written down for this patient."""
    baseline = baseline_sbp(state)
    return baseline is not None and needs_own_limit(baseline)


def own_limit_why(state: SessionState) -> str:
    """What is missing of the patient's own limit; "" where the ordinary one holds."""
    baseline = baseline_sbp(state)
    if baseline is None or not needs_own_limit(baseline):
        return ""
    limit = state.emergency.own_sbp_limit
    try:
        check_own_limit(baseline, limit)
    except CommandRefused as refused:
        return f"baseline {baseline} mmHg: from which pressure is it low?" if limit is None else str(refused)
    return ""


def sound_why(silent: str) -> str:
    """What to do where alarms cannot be heard; `silent`: why, as the computer tells it or a person did."""
    return f"{silent}: turn it up or connect a loudspeaker, then play the sound test and say that it is heard"


def premedication_notice(checks: Checks, start: Instant, table: ChecklistTable) -> str:
    """What to say of the time between the latest drug and a start at `start`; "" inside the window."""
    before = checks.minutes_before(start)
    return premedication_warning(before, table.premedication) if before is not None else ""


__all__ = [
    "ACCESS",
    "CONSENT",
    "HYDRATION",
    "OWN_FORMS",
    "PREMEDICATION",
    "READINESS",
    "TIME_OUT",
    "TODAY",
    "baseline_sbp",
    "hydration_why",
    "line_answers",
    "line_why",
    "list_why",
    "order_why",
    "own_limit_why",
    "premedication_notice",
    "premedication_why",
    "sound_why",
    "today_answers",
    "today_why",
    "wants_own_limit",
]
