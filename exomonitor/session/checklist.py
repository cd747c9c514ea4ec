"""What should be complete before the start. Gates bind the record, never the pump: if it runs, the record
starts anyway."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.clinical.observations import BASELINE
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.session.parts.course import course_why, patient_why
from exomonitor.session.parts.supply import product_why
from exomonitor.session.state import SessionState

PATIENT, PRODUCT, ORDER, LINE, DEVICES, BASELINE_GATE = "patient", "product", "order", "line", "devices", "baseline"

COURSE = "course"

_LABELS = {
    PATIENT: "Patient, two identifiers",
    COURSE: "Dose and course",
    PRODUCT: "Bag and lot",
    ORDER: "Order and rate",
    LINE: "Line and site",
    DEVICES: "Pump and monitor",
    BASELINE_GATE: "Baseline set",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing to complete: open, done, or accepted open with a reason; `why` says what is missing."""

    key: str
    label: str
    done: bool
    overridden: bool = False
    why: str = ""

    @property
    def closed(self) -> bool:
        """Whether it no longer stands in the way of the start."""
        return self.done or self.overridden


def gates(state: SessionState, now: Instant, protocol: ClinicProtocol) -> tuple[Gate, ...]:
    """All gates in the order of the hands: patient, bag, order, line, devices, baseline."""
    found = {
        PATIENT: patient_why(state.patient),
        COURSE: course_why(state.course),
        PRODUCT: product_why(
            state.product, state.patient, state.order, state.supply, now.utc, protocol.rules.certificate.content.supply
        ),
        ORDER: "" if state.order is not None else "dose, volume and minutes",
        LINE: "" if state.line is not None else "site, side and gauge",
        DEVICES: ""
        if {"pump", "monitor"} <= set(state.devices)
        else "choose pump and monitor, or say that values are typed",
        BASELINE_GATE: _baseline(state, now, protocol.schedule.baseline_max_age_min),
    }
    return tuple(Gate(key, _LABELS[key], not why, key in state.overrides, why) for key, why in found.items())


def _baseline(state: SessionState, now: Instant, max_age_min: float) -> str:
    done = state.observations.get(BASELINE)
    if done is None:
        return "baseline vitals"
    age_min = now.since(done.event.observed) / 60
    if age_min > max_age_min:
        return f"baseline is {age_min:.0f} min old, limit {max_age_min:.0f} min"
    return ""
