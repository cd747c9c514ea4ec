"""What should be complete before the start. Gates bind the record, never the pump: if it runs, the record
starts anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from exomonitor.clinical.checklists import NOBODY, SECOND_PERSON, ChecklistRow, Override
from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.session.endotoxin import endotoxin_why
from exomonitor.session.gate_rules import (
    ACCESS,
    CONSENT,
    HYDRATION,
    OWN_FORMS,
    PREMEDICATION,
    READINESS,
    TIME_OUT,
    TODAY,
    hydration_why,
    line_why,
    list_why,
    order_why,
    own_limit_why,
    premedication_why,
    sound_why,
    today_why,
    wants_own_limit,
)
from exomonitor.session.parts.course import course_why, patient_why
from exomonitor.session.parts.double_check import double_check_why, frozen_now
from exomonitor.session.parts.supply import barred_why, product_why
from exomonitor.session.state import SessionState

PATIENT, PRODUCT, ORDER, LINE, DEVICES, BASELINE_GATE = "patient", "product", "order", "line", "devices", "baseline"
COURSE, DOUBLE_CHECK, OWN_LIMIT, ENDOTOXIN = "course", "double_check", "own_limit", "endotoxin"
SOUND = "sound"

_LABELS = {
    PATIENT: "Patient, two identifiers",
    COURSE: "Dose and course",
    PRODUCT: "Bag and lot",
    ORDER: "Order and rate",
    LINE: "Line and site",
    DEVICES: "Pump and monitor",
    HYDRATION: "Hydration",
    PREMEDICATION: "Premedication",
    DOUBLE_CHECK: "Second check",
    BASELINE_GATE: "Baseline set",
    OWN_LIMIT: "Own pressure limit",
    ENDOTOXIN: "Endotoxin load",
    SOUND: "Alarm sound",
}
_PREPARING = "prepare"
NOT_LEFT_OUT = {
    PATIENT: "Who it is is never left out: check two identifiers",
    CONSENT: "Consent is not left out: nobody is given a product that is not approved without it",
    COURSE: "An early or held dose is the prescriber's decision: he signs on the page of the course",
    TIME_OUT: "The time-out is done at the chair, it is not left out",
    OWN_LIMIT: "Below 90 mmHg at the baseline every pressure would count as low: write down this patient's limit",
    ENDOTOXIN: "Above the endotoxin limit: a prescriber signs for it, with a reason, on the page of the order",
    DOUBLE_CHECK: "Without a second person say “single nurse”, with the reason",
}
"""Gates that are not accepted open by a reason, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing to complete: open, done, or accepted open with a reason; `why` says what is missing. One that does not
    `bind` is shown and never stands in the way."""

    key: str
    label: str
    done: bool
    overridden: bool = False
    why: str = ""
    binds: bool = True
    final: bool = False
    """No reason closes it."""
    by: Override = SECOND_PERSON
    """Who may accept that it stays open."""

    @property
    def closed(self) -> bool:
        """Whether it no longer stands in the way of the start."""
        return self.done or self.overridden or not self.binds


def can_be_left_out(gate: Gate) -> bool:
    """Whether a reason may stand in place of what is missing."""
    return gate.key not in NOT_LEFT_OUT and not gate.final and gate.by != NOBODY


def gates(
    state: SessionState, now: Instant, protocol: ClinicProtocol, withdrawn: str = "", silent: str = ""
) -> tuple[Gate, ...]:
    """All gates in the order of the hands, patient to time-out; the clinic's table says which lists bind.

    `withdrawn`: why the bag may not be given any more, which was found out after it had been taken to the chair.
    `silent`: why alarms cannot be heard here; what nobody knows stands in no one's way."""
    table = protocol.rules.checklists.content
    found = _gates(state, now, protocol, withdrawn, silent)
    return tuple(replace(one, by=table.override_of(one.key)) for one in found)


def _gates(state: SessionState, now: Instant, protocol: ClinicProtocol, withdrawn: str, silent: str) -> Iterator[Gate]:
    lists = {row.key: row for row in protocol.rules.checklists.content.list if row.phase == _PREPARING}
    supply = protocol.rules.certificate.content.supply
    product = product_why(state.product, state.patient, state.order, state.supply, now.utc, supply)
    barred = withdrawn or barred_why(state.product, state.patient, state.order, now.utc)
    devices_chosen = {"pump", "monitor"} <= set(state.devices)
    yield _gate(state, PATIENT, patient_why(state.patient))
    yield _gate(state, COURSE, course_why(state.course))
    # No reason makes it good, neither one that was accepted before: another bag is taken.
    yield (Gate(PRODUCT, _LABELS[PRODUCT], False, why=barred, final=True) if barred else _gate(state, PRODUCT, product))
    yield _gate(state, ORDER, order_why(state.order, state.product))
    limit = protocol.rules.certificate.content.endotoxin_limit_eu_kg_h
    if load := endotoxin_why(state.product, state.order, state.patient, limit):
        yield _gate(state, ENDOTOXIN, load)
    yield from (_listed(state, lists[key]) for key in (CONSENT, TODAY) if key in lists)
    yield _gate(state, LINE, line_why(state.line, lists.get(ACCESS)))
    yield _gate(state, DEVICES, "" if devices_chosen else "choose pump and monitor, or say that values are typed")
    yield _gate(state, HYDRATION, hydration_why(state.checks, state.order), binds=False)
    yield _gate(state, PREMEDICATION, premedication_why(state.checks, state.order), binds=False)
    own = {CONSENT, TODAY, READINESS, TIME_OUT, *OWN_FORMS}
    yield from (_listed(state, row) for row in lists.values() if row.key == READINESS or row.key not in own)
    yield _double_check(state)
    yield _gate(state, BASELINE_GATE, _baseline(state, now, protocol.schedule.baseline_max_age_min))
    if wants_own_limit(state):
        yield _gate(state, OWN_LIMIT, own_limit_why(state))
    if silent:
        yield _gate(state, SOUND, sound_why(silent))
    if TIME_OUT in lists:
        yield _listed(state, lists[TIME_OUT])


def _gate(state: SessionState, key: str, why: str, *, binds: bool = True) -> Gate:
    return Gate(key, _LABELS[key], not why, key in state.overrides, why, binds)


def _listed(state: SessionState, row: ChecklistRow) -> Gate:
    why = today_why(state.checks, state.patient, row) if row.key == TODAY else list_why(state.checks, row)
    return Gate(row.key, row.title, not why, row.key in state.overrides, why, row.gate)


def _double_check(state: SessionState) -> Gate:
    """Accepted open for these values only: a later change of patient, bag or order opens it again."""
    frozen = frozen_now(state.patient, state.product, state.order)
    why, alone = double_check_why(state.double_check, frozen)
    return Gate(DOUBLE_CHECK, _LABELS[DOUBLE_CHECK], not why, alone, why)


def _baseline(state: SessionState, now: Instant, max_age_min: float) -> str:
    done = state.observations.get(BASELINE)
    if done is None:
        return "baseline vitals"
    age_min = now.since(done.event.observed) / 60
    if age_min > max_age_min:
        return f"baseline is {age_min:.0f} min old, limit {max_age_min:.0f} min"
    return ""
