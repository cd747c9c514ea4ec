"""One plain sentence for each journal entry: the same words in the session log, the report and the exported table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from exomonitor.clinical.extra_sets import extra_words
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session import trust_events as tr
from exomonitor.session.entry import Event
from exomonitor.session.ordering import by_whom
from exomonitor.session.parts.emergency_events import step_words
from exomonitor.session.parts.every import TELLERS as PART_TELLERS
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.units import clock_text, rounded, shown_unit, spell_dose

WITHHELD = "[text withheld]"
"""What stands for a private text in a de-identified export."""

_IDENTIFIERS = {"name": "name", "born": "date of birth", "mrn": "MRN"}
_HOW = {"spoken": "said by the patient", "wristband": "from the wristband", "photo": "from a photo id"}
_VIEWED = {
    "record": "Record opened with names",
    "names": "Sessions listed with names",
    "patient": "Patient looked at",
    "access": "Who saw what: looked at",
}
_ENDED = {
    "person": "confirmed at the window",
    "asked": "it was told to end",
    "computer": "this computer ends or restarts",
}
_EXTRA = "Extra set"
_SLOT_WORDS = {"baseline": "Baseline", "end": "End", "post30": "End +30", "post60": "End +60"}


def slot_words(slot: str) -> str:
    """`+5`, `Baseline`, `End +30`: how the ward calls a set."""
    if slot.startswith("post"):
        return f"End +{slot.removeprefix('post')}"
    return _SLOT_WORDS.get(slot) or extra_words(slot) or slot


def set_words(slot: str, *, inside: bool = False) -> str:
    """`Set +5`, `Set before ramp 2`, `Baseline set`, `Extra set 2`: what a sentence begins with; inside: within one."""
    words = slot_words(slot)
    if words.startswith(("Before", "After")):
        words = f"Set {words[:1].lower()}{words[1:]}"
    elif words == _SLOT_WORDS["baseline"]:
        words = f"{words} set"
    elif not words.startswith(_EXTRA):
        words = f"Set {words}"
    return f"{words[:1].lower()}{words[1:]}" if inside else words


def sentence(event: Event) -> str:
    """What happened, in one line without the time; "" for entries that are no news to a person (stored batches)."""
    teller = _TELLERS.get(type(event)) or PART_TELLERS.get(type(event))
    return " ".join(teller(event).splitlines()) if teller is not None else ""


def _tell_override(e: ev.GateOverridden) -> str:
    who = ", SINGLE NURSE, nobody else was there" if e.alone else ", with a second person" if e.second else ""
    return f"Start accepted without {e.gate.replace('_', ' ')}{who}{_why(e.reason)}"


def _why(text: str, code: str = "") -> str:
    said = ", ".join(part for part in (code.replace("_", " "), text) if part)
    return f": {said}" if said else ""


def _ml(volume: Any) -> str:
    return "unknown" if volume is None else f"{rounded(volume, 1)} mL"


def _rate(rate: Any) -> str:
    return f"{rounded(rate, 1)} mL/h"


def _amended(event: Any, text: str) -> str:
    return f"Corrected: {text}" if event.supersedes is not None else text


def _patient(e: ev.PatientIdentified) -> str:
    words = [_IDENTIFIERS.get(kind, kind) for kind in e.identifiers]
    how = _HOW.get(e.how, "")
    again = f"; second session today: {e.same_day_reason}" if e.same_day_reason else ""
    return _amended(e, f"Patient identified by {' and '.join(words)}{f', {how}' if how else ''}{again}")


def _product(e: ev.ProductEntered) -> str:
    how = ", scanned" if e.scanned else ", checked by a second person" if e.second else ""
    bag = f", bag {e.bag}" if e.bag else ""
    stopped = f"; NOT TO BE USED: {e.stopped}" if e.stopped else ""
    return _amended(e, f"Product {e.source_cell.value} exosomes, lot {e.lot}, expires {e.expiry}{bag}{how}{stopped}")


def _order(e: ev.OrderEntered) -> str:
    ramp = " with ramp" if e.ramp else ""
    text = f"Order: {spell_dose(e.dose_billion)} in {e.volume_ml} mL over {e.minutes} min{ramp}"
    if e.way:
        text += f", by {by_whom(e.prescriber, e.way)}"
    unusual = " and ".join(order_overrides(e))
    return _amended(e, f"{text}; {unusual}: {e.override_reason}" if unusual else text)


def order_overrides(e: ev.OrderEntered) -> tuple[str, ...]:
    """What in the order a reason stands for."""
    above = e.endotoxin_eu_kg_h is not None
    found = ["outside the usual range"] if e.override_reason and (e.confirmed_by or not above) else []
    if e.endotoxin_eu_kg_h is not None:
        load = rounded(e.endotoxin_eu_kg_h, 2)
        found.append(f"with an endotoxin load of {load} EU/kg/h, above the limit of {e.endotoxin_limit}")
    return tuple(found)


def _line(e: ev.LineEntered) -> str:
    told = [f"Line: {e.side} {e.site}, {e.gauge}"]
    if e.patent is not None:
        told.append("flushes, blood returns" if e.patent else "DOES NOT FLUSH")
    if e.filter:
        told.append("no filter" if e.filter == "none" else f"filter {e.filter}")
    if e.placed_outside:
        told.append("put in by somebody else (outside)")
    told += [f"{n} {grade}" for n, grade in (("phlebitis", e.phlebitis), ("infiltration", e.infiltration)) if grade]
    return _amended(e, ", ".join(told))


def _device(e: ev.DeviceBound) -> str:
    if not e.key:
        return f"No {e.role} is read: values are typed"
    told = " ".join(part for part in (e.model, f"serial {e.serial}" if e.serial else "") if part)
    return f"{e.role.capitalize()} {e.key}{f' ({told})' if told else ''} is read" + (
        f", channel {e.channel}" if e.channel else ""
    )


def _started(e: ev.SessionStarted) -> str:
    by = "record started by itself: the pump is infusing" if e.by.value == "pump" else "infusion started"
    return f"{by[0].upper()}{by[1:]}" + (f"; CHECKS INCOMPLETE: {', '.join(e.gates_open)}" if e.gates_open else "")


def _delivery(e: ev.DeliveryChanged) -> str:
    reckoned = e.source is DeliverySource.ESTIMATED
    if reckoned and e.status == "unknown" and e.volume_infused_ml is not None:
        return f"{_ml(e.delivered_ml)} given by rate and time (estimated)"
    if reckoned and e.status == "unknown":
        return f"Another pump is read from here on, {_ml(e.delivered_ml)} given"
    whose = "Typed: pump" if e.source is DeliverySource.TYPED else "Pump"
    fluid = (
        ""
        if e.fluid is Fluid.PRODUCT or e.rate_ml_h <= 0
        else f" ({e.fluid.value.upper() if e.fluid is Fluid.KVO else e.fluid.value})"
    )
    state = f"{e.status.replace('_', ' ')}{fluid}" + (f" at {_rate(e.rate_ml_h)}" if e.rate_ml_h > 0 else "")
    return f"{whose} {state}" + (
        f", {_ml(e.delivered_ml)} given{' (estimated)' if reckoned else ''}" if e.delivered_ml is not None else ""
    )


def _ended(e: ev.ProductEnded) -> str:
    how = "complete" if e.outcome == "complete" else "stopped early"
    return f"Product {how}: {_ml(e.delivered_ml)} given{_why(e.text, e.why)}"


def _flush(e: ev.FlushRecorded) -> str:
    if not e.done:
        return f"No flush{_why(e.text)}"
    text = f"Line flushed with {_ml(e.volume_ml)}" + (f" at {_rate(e.rate_ml_h)}" if e.rate_ml_h else "")
    fast = f", FASTER THAN PRODUCT ({_rate(e.product_rate_ml_h or 0.0)})" if e.too_fast else ""
    return text + fast + (f"; line {_ml(e.line_ml)}" if e.line_ml is not None else "")


def _observed(e: ev.ObservationRecorded) -> str:
    parts = []
    systolic, diastolic = e.values.get("nibp_sys"), e.values.get("nibp_dia")
    for name, label in (("hr", "HR"), ("spo2", "SpO₂"), ("rr", "RR")):
        if (value := e.values.get(name)) is not None:
            parts.append(f"{label} {value.value}{' %' if name == 'spo2' else ''}")
    if e.on_oxygen:
        parts.append("on oxygen" + (f" {e.oxygen_l_min} L/min" if e.oxygen_l_min is not None else ""))
    if systolic is not None and diastolic is not None:
        parts.append(f"BP {systolic.value}/{diastolic.value}")
    if (temp := e.values.get("temp")) is not None:
        parts.append(f"{temp.value} {shown_unit(temp.unit)}")
    if e.consciousness:
        parts.append(e.consciousness)
    if e.symptoms:
        parts.append("symptoms " + ", ".join(e.symptoms))
    if e.site_score is not None:
        parts.append(f"site {e.site_score}")
    if e.news2 is not None:
        parts.append(f"NEWS2 {e.news2}")
    return _amended(e, f"{set_words(e.slot)}: {', '.join(parts) or 'no values'}" + (f" - {e.text}" if e.text else ""))


def _reaction(e: ev.ReactionOpened) -> str:
    minute = f" at minute {clock_text(e.minute * 60)}" if e.minute is not None else ""
    rate = f", {_rate(e.rate_ml_h)}" if e.rate_ml_h is not None else ""
    if e.minute is None and e.delivered_ml is None:  # before the start, or without any infusion
        return f"REACTION stamped{rate}"
    return f"REACTION stamped{minute}{rate}, {_ml(e.delivered_ml)} given"


def _details(e: ev.ReactionDetailed) -> str:
    terms = ", ".join(f"{one.term} grade {one.grade}" for one in e.gradings)
    graded = f"{terms} (CTCAE {e.ctcae_version})" if terms else "not graded yet"
    symptoms = f"; {', '.join(e.symptoms)}" if e.symptoms else ""
    return _amended(
        e,
        f"Reaction: {graded}{symptoms}"
        + (f"; at present grade {e.present_grade}" if e.present_grade is not None else "")
        + (f"; {e.causality}" if e.causality else "")
        + (f"; serious: {', '.join(e.serious).replace('_', ' ')}" if e.serious else "")
        + (f"; outcome {e.outcome.replace('_', ' ')}" if e.outcome else "")
        + (" - over" if e.resolved else " - handed over, NOT over" if e.handed_over else ""),
    )


def _alarm(e: mv.AlarmChanged) -> str:
    what = {"active": "Alarm", "acked": "Acknowledged", "normal": "Alarm over", "latched": "Alarm held", "pending": ""}
    word = "Nobody answered" if e.escalated else what.get(e.to_state, e.to_state)
    return f"{word}: {e.text} ({e.priority})" if word else ""


_TELLERS: dict[type[Event], Callable[[Any], str]] = {
    ev.SessionOpened: lambda e: (
        f"Session {e.study_id} opened in chair {e.chair}, protocol {e.protocol} {e.protocol_version}"
    ),
    ev.PatientIdentified: _patient,
    ev.PatientFactsTaken: lambda e: "The patient's record was changed: the new facts hold from here on",
    ev.PatientConfirmed: lambda e: f"Same patient in chair {e.chair}, confirmed after the restart",
    ev.ProductEntered: _product,
    ev.OrderEntered: _order,
    ev.LineEntered: _line,
    ev.DeviceBound: _device,
    ev.GateOverridden: _tell_override,
    ev.SessionStarted: _started,
    ev.DeliveryChanged: _delivery,
    ev.VolumeTyped: lambda e: f"Typed: pump total {_ml(e.volume_infused_ml)}",
    ev.MeaningGiven: lambda e: f"Recorded: {e.meaning}{_why(e.text, e.why)}",
    ev.ProductEnded: _ended,
    ev.FlushRecorded: _flush,
    ev.ObservationRecorded: _observed,
    ev.ObservationMissed: lambda e: f"{set_words(e.slot)} missed{_why(e.text, e.why)}",
    ev.ReactionOpened: _reaction,
    ev.ReactionAction: lambda e: f"Reaction: {step_words(e.action).upper()}{_why(e.text)}",
    ev.ReactionDetailed: _details,
    ev.NoteAdded: lambda e: _amended(e, f"Note: {e.text}"),
    ev.SessionSigned: lambda e: f"Signed ({e.meaning}) by {e.name}{f', {e.role}' if e.role else ''}: {e.verdict}",
    ev.SessionAbandoned: lambda e: f"Session closed without a start{_why(e.text, e.why)}",
    mv.AlarmChanged: _alarm,
    mv.AudioPaused: lambda e: f"Audio paused until {e.until.utc:%H:%M:%S} UTC",
    mv.LinkChanged: lambda e: f"{e.source.capitalize()}: {e.why}",
    mv.GapClosed: lambda e: (
        f"No {e.source} data for {'at least ' * e.at_least}{rounded(e.seconds, 1)} s{f': {e.cause}' if e.cause else ''}"
    ),
    mv.RowsLost: lambda e: (
        f"Not kept while the record could not be saved: {e.readings} values and {e.wave_seconds} s of waves"
    ),
    mv.RefusedKept: lambda e: (
        f"Entries {e.first_seq} to {e.last_seq} were refused when the disk failed, and are in the record all the same"
    ),
    mv.RecordRecovered: lambda e: (
        f"Recovered from a damaged database: {e.entries_lost} entries, {e.readings_lost} values and "
        f"{e.wave_seconds_lost} s of waves are lost"
        + (f"; {e.unknown_batches} batches of values or waves are known to no entry" if e.unknown_batches else "")
        + ("" if e.end_known else "; whether more followed is not known")
    ),
    mv.MonitoringResumed: lambda e: (
        f"Monitoring resumed: nothing was watched for {'at least ' * (not e.known)}{rounded(e.gap_s, 0)} s"
        + ("" if e.known else ", how long is not known")
    ),
    mv.MonitoringEnded: lambda e: f"ExoMonitor closed: {_ENDED.get(e.why, e.why)}; nothing is watched from here on",
    mv.ClockJumped: lambda e: (
        f"The computer's clock is {'at least ' * e.at_least}{rounded(abs(e.seconds), 1)} s "
        f"{'behind' if e.seconds < 0 else 'ahead of'} the record after a restart; "
        f"durations go on from the record's last moment{' that is left' * e.at_least}"
        if e.at_start
        else f"The computer's clock jumped by {rounded(e.seconds, 1)} s; durations are not affected"
    ),
    mv.ExportMade: lambda e: (
        f"Exported ({', '.join(e.formats)})"
        + (f", identified{_why(e.reason)}" if e.identified else ", de-identified")
        + (f"; {e.damaged}" if e.damaged else "")
    ),
    mv.StaffNamed: lambda e: f"{e.name} ({e.role}) is at work",
    tr.HeadSigned: lambda e: f"Signed by this workstation, key {e.public_key[:8]}",
    tr.KeyTaken: lambda e: f"This workstation signs the record from now on, key {e.public_key[:8]}",
    tr.RecordTaken: lambda e: (
        "The record was put in the clear" if e.what == "decrypted" else f"The whole record was copied to {e.where}"
    ),
    tr.PeopleTakenOver: lambda e: (
        f"{e.people} people taken over from {e.source}, which cannot be opened, as it stood at its entry {e.up_to}"
    ),
    tr.RecordDoubted: lambda e: f"The record is in doubt: {e.why}",
    tr.RecordRestored: lambda e: f"A backup of {e.entries} entries was put in place; the old file: {e.kept}",
    tr.RecordViewed: lambda e: _VIEWED.get(e.what, "Record looked at"),
    tr.SignInFailed: lambda e: f"Wrong PIN or badge, {e.in_a_row} in a row",
    tr.DoubtfulProof: lambda e: (
        f"By a list of people that is or may be damaged (up to entry {e.up_to}): "
        "the PIN may be an old one, the account ended"
    ),
    tr.ScreenLocked: lambda e: f"Screen locked: nobody had touched it for {rounded(e.idle_s / 60, 0)} min",
}
