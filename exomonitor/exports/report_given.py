"""R2 of the report: what was ordered, prepared, given and left, in mL, billions, minutes, mL/h; devices, sites."""

from __future__ import annotations

from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, clock, minutes, ml
from exomonitor.exports.report_lost import NOTHING, or_lost
from exomonitor.session.balance import balance, balance_words
from exomonitor.session.not_certain import unsure
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.timing import integral_ml, progress, spans
from exomonitor.units import rounded, spell_dose

_SAID_IN_FULL = {"Ordered", "Flush", "Delivered by the pump"}
"""Lines of the balance that the report tells with more beside them."""
_KNOWN = {
    "Ordered",
    "Rate planned",
    "Flush",
    "Start, end of product",
    "End (of flush)",
    "Started by",
    "Pump",
    "Monitor",
    "Site",
    "Sites",
}
"""Lines that tell what an entry says, and reckon nothing."""
_NONE_READ = "none read, values typed"
"""What an entry says: somebody chose it."""
_NOT_STARTED = "not started"


def given(material: Material) -> list[Fact]:
    """R2, label by label: what was ordered and what was given."""
    state, summary, order = material.state, material.summary, material.state.order
    lost = summary.entries_lost
    ended = state.product_end.when if state.product_end is not None else None
    ordered: list[Fact] = [("Ordered", NOT_RECORDED)] if lost and not state.is_emergency else []
    if order is not None:
        dose = f"{spell_dose(order.dose_billion)} in {order.volume_ml} mL over {order.minutes} min"
        ordered = [("Ordered", dose), ("Rate planned", _planned_rate(material))]
    told = balance_words(balance(state, progress(state, summary.as_of, None)))
    facts: list[Fact] = [
        *ordered,
        (
            f"Delivered ({summary.delivered_by or 'nobody told'})",
            " of ".join(or_lost(ml(volume), lost) for volume in (summary.delivered_ml, summary.planned_ml)),
        ),
        ("Rate actual", _actual_rate(material)),
        *(fact for fact in told if fact[0] not in _SAID_IN_FULL),
        ("Rate × time (cross-check)", ml(integral_ml(state, summary.as_of))),
        ("Flush", _flush(material)),
        ("Start, end of product", ", ".join(or_lost(clock(material, at), lost) for at in (state.started, ended))),
        ("End (of flush)", clock(material, state.end)),
        ("Infusing", minutes(summary.infusing_min)),
        ("Paused", minutes(summary.paused_min)),
        ("Elapsed", minutes(summary.elapsed_min)),
        ("Started by", _started_by(material)),
        ("Pump", _device(material, "pump")),
        ("Monitor", _device(material, "monitor")),
        *_sites(material),
    ]
    return [_as_known(fact, lost) for fact in facts]


def _as_known(fact: Fact, lost: int) -> Fact:
    """What is reckoned from entries is not certain without all of them, and what is not there may be lost."""
    label, words = fact
    if words in NOTHING:
        return label, or_lost(words, lost)
    return fact if label in _KNOWN else (label, unsure(words, lost))


def _sites(material: Material) -> list[Fact]:
    """Every access of the session in order, with its newest score."""
    state = material.state
    if state.line is None:
        return [("Site", NOT_RECORDED)]
    line, look = state.line, state.care.site
    where = [f"{access.side} {access.site} {access.gauge}" for access in state.care.accesses]
    places = where or [f"{line.side} {line.site} {line.gauge}"]
    score = ""
    if look is not None and look.score.worst is not None:
        score = f", last score {look.score.worst} at {clock(material, look.when)}"
    extra = [f"cuff {line.cuff_arm}" if line.cuff_arm else "", f"SpO₂ {line.spo2_site}" if line.spo2_site else ""]
    marks = ", ".join(part for part in extra if part)
    return [("Site" if len(places) == 1 else "Sites", " then ".join(places) + score + (f", {marks}" if marks else ""))]


def _started_by(material: Material) -> str:
    by = material.state.started_by
    if by is None:
        return _NOT_STARTED
    return "the pump, the record began by itself" if by is DeliverySource.PUMP else "the nurse's entry"


def _planned_rate(material: Material) -> str:
    order = material.state.order
    assert order is not None
    steps = order.rate_plan().steps
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
    if device is None:
        return NOT_RECORDED
    if not device.key:
        return _NONE_READ
    serial = f"serial {device.serial}" if device.serial else "serial not told"
    parts = [device.key, device.model, serial, f"channel {device.channel}" if device.channel else "", device.grade]
    return ", ".join(part for part in parts if part)
