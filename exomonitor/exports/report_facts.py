"""What the first page of the report says, as plain words and rows: no layout here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.exports.local_time import local, local_clock
from exomonitor.exports.material import Material
from exomonitor.exports.report_series import Picture, worst
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.state import Reaction
from exomonitor.session.timing import integral_ml, spans
from exomonitor.units import clock_text, rounded, shown_unit, spell_dose

Fact = tuple[str, str]
NOT_RECORDED = "not recorded"
HOUR_S = 3600
SIGN_WORDS = {
    "hr": "HR",
    "pulse": "pulse",
    "spo2": "SpO₂",
    "rr": "RR",
    "temp": "T",
    "nibp_sys": "systolic",
    "nibp_dia": "diastolic",
    "nibp_map": "mean",
    "pi": "PI",
}

_IDENTIFIER_WORDS = {"name": "name", "born": "date of birth", "mrn": "MRN"}
_WORST_WORDS = {
    "hr": ("highest HR", "/min"),
    "spo2": ("lowest SpO₂", "%"),
    "nibp_sys": ("lowest systolic", "mmHg"),
    "rr": ("highest RR", "/min"),
    "temp": ("highest T", "°C"),
}


def clock(material: Material, at: Instant | None) -> str:
    """Local time of day, or `-`."""
    return "-" if at is None else local_clock(at.utc, material.tz)


def ml(volume: float | Decimal | None) -> str:
    """A volume to 0.1 mL, `unknown` where nobody told."""
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"


def minutes(value: float) -> str:
    """Minutes as the summary has them, and as a clock."""
    return f"{rounded(value, 2)} min ({clock_text(value * 60 + 0.5)})"


def duration(seconds: float) -> str:
    """A length of time that says what its parts are: `02:00 min:s`, `3:30:20 h:min:s`."""
    return f"{clock_text(seconds)} {'h:min:s' if seconds >= HOUR_S else 'min:s'}"


def identity(material: Material) -> list[Fact]:
    """R1: whose record this is, and of which product."""
    state = material.state
    patient, product, order = state.patient, state.product, state.order
    facts = [("Study id", state.study_id)]
    if patient is None:
        facts.append(("Patient", NOT_RECORDED))
    elif material.identified:
        facts += [
            ("Patient", patient.name),
            ("Born", patient.born or NOT_RECORDED),
            ("MRN", patient.mrn or NOT_RECORDED),
        ]
    else:
        facts.append(("Patient", "withheld (de-identified export)"))
    if patient is not None:
        facts += [
            ("Identified by", " and ".join(_IDENTIFIER_WORDS.get(i, i) for i in patient.identifiers) or NOT_RECORDED),
            ("Allergies", patient.allergies or NOT_RECORDED),
        ]
    facts += [
        ("Product", f"{product.source_cell.value} exosomes" if product else NOT_RECORDED),
        ("Lot, expiry", f"{product.lot}, {product.expiry}" if product else NOT_RECORDED),
        ("Prescriber", (order.prescriber if order else "") or NOT_RECORDED),
        ("Premedication", (order.premedication if order else "") or NOT_RECORDED),
        ("Dose of the course", ("first dose" if order.first_dose else "later dose") if order else NOT_RECORDED),
        ("Chair, phase", f"{state.chair}, {state.phase.value}"),
        ("Opened", local(state.opened.utc, material.tz).strftime("%Y-%m-%d %H:%M:%S") + f" ({material.tz})"),
    ]
    return facts


def given(material: Material) -> list[Fact]:
    """R2: what was ordered and what was given."""
    state, summary = material.state, material.summary
    order = state.order
    ended = state.product_end.when if state.product_end is not None else None
    facts: list[Fact] = []
    if order is not None:
        facts += [
            ("Ordered", f"{spell_dose(order.dose_billion)} in {order.volume_ml} mL over {order.minutes} min"),
            ("Rate planned", _planned_rate(material)),
        ]
    facts += [
        (
            f"Delivered ({summary.delivered_by or 'nobody told'})",
            f"{ml(summary.delivered_ml)} of {ml(summary.planned_ml)}",
        ),
        ("Rate actual", _actual_rate(material)),
        ("Dose given (estimated)", _dose(material)),
        ("Rate × time (cross-check)", ml(integral_ml(state, summary.as_of))),
        ("Not infused", ml(_difference(summary.planned_ml, summary.delivered_ml))),
        ("Left in the line (estimated)", _in_line(material)),
        ("Flush", _flush(material)),
        ("Prepared, discarded", NOT_RECORDED),
        (
            "Start, end of product",
            f"{clock(material, state.started)}, {clock(material, ended)}",
        ),
        ("End (of flush)", clock(material, state.end)),
        ("Infusing", minutes(summary.infusing_min)),
        ("Paused", minutes(summary.paused_min)),
        ("Elapsed", minutes(summary.elapsed_min)),
        ("Started by", _started_by(material)),
        ("Pump", _device(material, "pump")),
        ("Monitor", _device(material, "monitor")),
        ("Site", _site(material)),
    ]
    return facts


def reactions(material: Material, drawn: Picture) -> list[list[Fact]]:
    """R4: each reaction with its moment, worst values, grade, actions and end."""
    return [
        _reaction(material, reaction, worst(drawn, span))
        for reaction, span in zip(material.state.reactions, drawn.reactions, strict=True)
    ]


def _started_by(material: Material) -> str:
    by = material.state.started_by
    if by is None:
        return "not started"
    return "the pump, the record began by itself" if by is DeliverySource.PUMP else "the nurse's entry"


def _planned_rate(material: Material) -> str:
    assert material.state.order is not None
    steps = material.state.order.rate_plan().steps
    if len(steps) == 1:
        return f"{steps[0].rate_ml_h} mL/h"
    parts = [f"{step.rate_ml_h} mL/h for {rounded(step.minutes, 1)} min" for step in steps]
    return f"ramp: {', '.join(parts)}"


def _actual_rate(material: Material) -> str:
    ran = [
        (s.rate_ml_h, t)
        for s, t in spans(material.state, material.summary.as_of)
        if s.fluid is Fluid.PRODUCT and s.runs
    ]
    if not ran:
        return "none"
    rates = [rate for rate, _ in ran]
    seconds = sum(t for _, t in ran)
    mean = sum(rate * t for rate, t in ran) / seconds if seconds > 0 else rates[0]
    if min(rates) == max(rates):
        return f"{rounded(mean, 1)} mL/h"
    return f"{rounded(min(rates), 1)}-{rounded(max(rates), 1)} mL/h, mean {rounded(mean, 1)} mL/h"


def _dose(material: Material) -> str:
    dose = material.summary.dose_given_billion
    return "unknown" if dose is None else f"{rounded(dose, 2)} billion particles, less what an unflushed line holds"


def _difference(planned: float | None, delivered: float | None) -> float | None:
    return None if planned is None or delivered is None else planned - delivered


def _in_line(material: Material) -> str:
    state = material.state
    if state.flush is not None and state.flush.done:
        return "0.0 mL after the flush"
    if state.order is None or state.order.line_ml <= 0:
        return "unknown (line volume not entered)"
    return ml(state.order.line_ml)


def _flush(material: Material) -> str:
    flush = material.state.flush
    if flush is None:
        return NOT_RECORDED
    if not flush.done:
        return "none was done"
    rate = f" at {rounded(flush.rate_ml_h, 1)} mL/h" if flush.rate_ml_h else ""
    return f"{ml(flush.volume_ml)}{rate} ({flush.source.value}), {clock(material, flush.when)}"


def _device(material: Material, role: str) -> str:
    device = material.state.devices.get(role)
    if device is None or not device.key:
        return "none read, values typed"
    serial = f"serial {device.serial}" if device.serial else "serial not told"
    parts = [device.key, device.model, serial, f"channel {device.channel}" if device.channel else "", device.grade]
    return ", ".join(part for part in parts if part)


def _site(material: Material) -> str:
    line = material.state.line
    if line is None:
        return NOT_RECORDED
    extra = [f"cuff {line.cuff_arm}" if line.cuff_arm else "", f"SpO₂ {line.spo2_site}" if line.spo2_site else ""]
    return ", ".join(part for part in (f"{line.side} {line.site} {line.gauge}", *extra) if part)


def _reaction(material: Material, reaction: Reaction, worst_values: dict[str, float]) -> list[Fact]:
    details = reaction.details
    minute = f"minute {clock_text(reaction.minute * 60)}" if reaction.minute is not None else "minute unknown"
    rate = f"{rounded(reaction.rate_ml_h, 1)} mL/h" if reaction.rate_ml_h is not None else "rate unknown"
    volume = f"{ml(reaction.delivered_ml)} given"
    onset = f"{clock(material, reaction.when)}, {minute}, {rate}, {volume}, pump {reaction.pump_status or 'unknown'}"
    facts = [("Onset", onset), ("At onset", _at_onset(reaction)), ("Worst", _worst(worst_values))]
    actions, end = ("Actions", _actions(material, reaction)), ("End", _over(material, reaction))
    if details is None:
        return [*facts, ("Term, grade", "not graded"), actions, end]
    term = details.term or "no term"
    grade = f"grade {details.grade}" if details.grade is not None else "not graded"
    version = f" (CTCAE {details.ctcae_version})" if details.ctcae_version else ""
    facts += [
        ("Term, grade", f"{term}, {grade}{version}"),
        ("Symptoms", ", ".join(details.symptoms).replace("_", " ") or "none entered"),
        actions,
        ("Outcome", (details.outcome or NOT_RECORDED).replace("_", " ")),
        end,
    ]
    return facts + ([("Text", details.text)] if details.text else [])


def _at_onset(reaction: Reaction) -> str:
    told: Sequence[str] = [
        f"{SIGN_WORDS.get(name, name)} {value.value} {shown_unit(value.unit)}"
        for name, value in sorted(reaction.vitals.items())
    ]
    return ", ".join(told) or "no vital sign known"


def _worst(values: dict[str, float]) -> str:
    told = [
        f"{_WORST_WORDS[name][0]} {rounded(value, 1).normalize():f} {_WORST_WORDS[name][1]}"
        for name, value in values.items()
    ]
    return ", ".join(told) or "nothing measured"


def _actions(material: Material, reaction: Reaction) -> str:
    timed = [
        f"{done.action.replace('_', ' ')} {clock(material, done.when)} ({material.who(done.by)})"
        for done in reaction.actions
    ]
    named = [action.replace("_", " ") for action in (reaction.details.actions if reaction.details is not None else ())]
    return ", ".join([*timed, *named]) or "none entered"


def _over(material: Material, reaction: Reaction) -> str:
    return f"over at {clock(material, reaction.resolved)}" if reaction.resolved is not None else "STILL OPEN"
