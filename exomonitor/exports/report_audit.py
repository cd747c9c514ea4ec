"""What an auditor asks of a session: alarms, overrides, late entries, amendments, gaps, and what it all stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from exomonitor.clock import Instant
from exomonitor.exports.material import Material
from exomonitor.exports.report_facts import NOT_RECORDED, Fact, clock, duration, said
from exomonitor.exports.report_lost import as_known, or_lost
from exomonitor.registry.sound_tests import SoundTested
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry, Event
from exomonitor.session.late import LATE_ENTRY, is_late, late_by_s, wall_clock
from exomonitor.session.narrative import order_overrides, sentence, set_words, slot_words
from exomonitor.session.not_certain import counted
from exomonitor.session.parts import (
    care_events,
    changes,
    corrections,
    course,
    double_check,
    emergency_events,
    handover,
    leaving_events,
    protocol,
    supply,
)
from exomonitor.session.parts.alarm_limits import limit_words
from exomonitor.session.review import review_missing
from exomonitor.units import rounded

_PRIORITIES = ("high", "medium", "low")
_ENDED = frozenset({"acked", "normal"})
_STANDING = frozenset({"active", "acked"})
RATE_KEY = "pump.rate"
"""The alarm of the pump's rate against the plan."""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One thing an auditor looks for: its kind, what, who and when, and how many times it happened."""

    kind: str
    what: str
    who: str
    when: str
    times: int = 1


def audit_lines(material: Material) -> list[AuditLine]:
    """Everything out of the ordinary: of the whole session first, then in the order of the journal."""
    lines = [AuditLine("Record", material.damage.sentence, "", "")] if material.damage.sentence else []
    lines += [AuditLine("Lists", material.lists_lost, "", "")] if material.lists_lost else []
    lines += [AuditLine("Chain", f"RECORD CHAIN BROKEN: {broken}", "", "") for broken in material.breaks]
    lines += [*_outside_window(material), *_off_plan(material)]
    for entry in material.entries:
        lines += [
            AuditLine(kind, what, material.who(entry.actor), clock(material, entry.at))
            for kind, what in _of_entry(material, entry)
        ]
    return lines


def audit_counts(lines: list[AuditLine]) -> str:
    """How many of each kind, in one line."""
    kinds: dict[str, int] = {}
    for line in lines:
        kinds[line.kind] = kinds.get(line.kind, 0) + line.times
    return ", ".join(f"{kind} {number}" for kind, number in kinds.items()) or "nothing out of the ordinary"


def alarm_facts(material: Material) -> list[Fact]:
    """R4: alarms by priority, the longest unacknowledged high one, and audio pauses."""
    summary, lost = material.summary, material.summary.entries_lost
    # Of a priority of which none is left nobody can say that there was none.
    kinds = [(priority, summary.alarms_by_priority.get(priority, 0)) for priority in _PRIORITIES]
    by = ", ".join(f"{priority} {counted(number, lost)}" if lost else f"{priority} {number}"
                   for priority, number in kinds if number or not lost)  # fmt: skip
    longest = longest_unacknowledged(material, "high")
    pauses = [entry for entry in material.entries if isinstance(entry.event, mv.AudioPaused)]
    facts = [
        ("Alarms", f"{counted(summary.alarms, lost, '0')} became active" + (f": {by}" if by else "")),
        ("Longest unacknowledged high", "none" if longest is None else duration(longest)),
        ("Limits changed", _limits_changed(material)),
        ("Audio paused", f"{len(pauses)} times, {duration(_paused_s(pauses))} in all" if pauses else "never"),
        ("Sound test", "; ".join(_sound_tested(material, entry) for entry in material.sound_tests) or NOT_RECORDED),
    ]
    return as_known(material, facts)


def _sound_tested(material: Material, entry: Entry) -> str:
    """`14:03 short, heard (u1)`."""
    e = entry.event
    assert isinstance(e, SoundTested)
    what, how = "full" if e.full else "short", "heard" if e.heard else "NOT HEARD"
    return f"{clock(material, entry.at)} {what}, {how} ({material.who(entry.actor)})"


def _limits_changed(material: Material) -> str:
    """Each change of the patient's own alarm limits: when, what, by whom, why."""
    told = []
    for change in material.state.alarm_limits.changes:
        e = change.event
        words = ", ".join(limit_words(key, limit) for key, limit in e.limits.items()) or "as in the protocol again"
        told.append(f"{clock(material, change.when)} {words} ({material.who(e.signed_by)}: {said(e.reason)})")
    early = material.state.emergency.own_limit
    if early is not None:
        told.insert(0, f"SBP low {early.limit_mmhg} mmHg, documented before the start")
    return "; ".join(told) or "no"


def longest_unacknowledged(material: Material, priority: str) -> float | None:
    """Longest time (s) from the rise of an alarm of that priority to its acknowledgement or end; None: no alarm."""
    since: dict[str, Instant] = {}
    longest: float | None = None
    for entry in material.entries:
        event = entry.event
        if not isinstance(event, mv.AlarmChanged) or event.priority != priority:
            continue
        if event.to_state == "active":
            since.setdefault(event.key, entry.at)
        elif event.to_state in _ENDED and event.key in since:
            longest = max(longest or 0.0, entry.at.since(since.pop(event.key)))
    # What nobody acknowledged lasts until the record ends.
    lasting = [material.summary.as_of.since(at) for at in since.values()]
    return max([*lasting, *([longest] if longest is not None else [])], default=None)


def provenance(material: Material) -> list[Fact]:
    """R5: what the record stands on and how to prove it."""
    state, summary = material.state, material.summary
    boots = len({entry.at.boot_id for entry in material.entries})
    restarts = "" if boots == 1 else f"; {boots} boots: across a restart durations are differences of UTC"
    if any(isinstance(entry.event, mv.MonitoringResumed) and not entry.event.known for entry in material.entries):
        restarts += "; after a restart the clock was wrong: of the time away durations count the least that it can be"
    readings = _stored(summary.readings, summary.damage.readings)
    waves = _stored(summary.wave_seconds, summary.damage.wave_seconds)
    facts = [
        ("Protocol", f"{state.protocol} {state.protocol_version}, {material.protocol.approval}"),
        ("Protocol SHA-256", f"{state.protocol_sha256}, tables {state.rules_sha256 or NOT_RECORDED}"),
        ("Program", f"recorded by {state.program}, exported by {material.program}"),
        ("Clock", f"computer clock, zone {material.tz}; durations from the monotonic clock{restarts}"),
        ("Database", material.archive.database_id()),
        ("Entries", f"{len(material.entries)}; readings {readings}; wave seconds {waves}"),
        ("Record hash", material.head),
    ]
    return as_known(material, facts)


def _stored(number: int, lost: int) -> str:
    return f"{number}, {lost} of them lost" if lost else str(number)


def signature_facts(material: Material) -> list[Fact]:
    """Who signed and who reviewed, with printed name, role, meaning, time, and the hash that was signed."""
    signature = material.state.signature
    reviews = _reviews(material)
    if signature is None:
        return as_known(material, [("Signed", "NOT SIGNED"), *reviews])
    signer = next((e.actor for e in reversed(material.entries) if isinstance(e.event, ev.SessionSigned)), "")
    words = (signature.name, material.role(signer), signer, signature.meaning)
    after = " (superseded: addenda follow)" if material.state.corrections.addenda else ""
    return [
        ("Signed", f"{', '.join(part for part in words if part)}, {clock(material, signature.when)}{after}"),
        ("Signed hash", signature.signed_hash),
        ("Verdict as signed", signature.verdict),
        *reviews,
    ]


def _reviews(material: Material) -> list[Fact]:
    done = material.state.handover.reviews
    if not done:
        missing, lost = review_missing(material.state), material.summary.entries_lost
        if not missing:
            return [("Review by a prescriber", or_lost("not asked for", lost))] if lost else []
        return [("Review by a prescriber", f"{or_lost('NOT YET', lost)} ({', '.join(missing)})")]
    return [
        (
            "Reviewed",
            f"{said(one.name)}, {material.role(one.user) or 'prescriber'}, {one.user}, {clock(material, one.when)}"
            + (f": {said(one.text)}" if one.text else ""),
        )
        for one in done
    ]


def _outside_window(material: Material) -> Iterator[AuditLine]:
    """The infusing time, where it is not within the protocol's window; while product runs only a time too long."""
    infused, window, end = material.summary.infusing_min, material.protocol.window, material.state.product_end
    if infused > window.longest_min or (end is not None and infused < window.shortest_min):
        told = f"infused {infused:.2f} min, window {window.shortest_min}-{window.longest_min} min"
        yield AuditLine("Infusing time", told, "", clock(material, end.when) if end is not None else "")


def _off_plan(material: Material) -> Iterator[AuditLine]:
    """How often the pump's rate against the plan became an alarm, and for how long at most."""
    times, longest = 0, 0.0
    began: Instant | None = None
    for entry in material.entries:
        event = entry.event
        if not isinstance(event, mv.AlarmChanged) or event.key != RATE_KEY:
            continue
        on = event.to_state in _STANDING
        if on and began is None:
            times, began = times + 1, entry.at
        elif not on and began is not None:
            longest, began = max(longest, entry.at.since(began)), None
    if began is not None:
        longest = max(longest, material.summary.as_of.since(began))
    if times:
        alarms = "1 alarm" if times == 1 else f"{times} alarms"
        yield AuditLine("Rate against plan", f"{alarms}, the longest {duration(longest)}", "", "", times)


def _paused_s(pauses: list[Entry]) -> float:
    """Seconds of audio pause, overlapping ones counted once."""
    total, until = 0.0, None
    for entry in pauses:
        assert isinstance(entry.event, mv.AudioPaused)
        began = entry.at if until is None or entry.at.since(until) > 0 else until
        total += max(0.0, entry.event.until.since(began))
        until = entry.event.until
    return total


def _of_entry(material: Material, entry: Entry) -> Iterator[Fact]:
    event = entry.event
    known = _KINDS.get(type(event))
    if known is not None and known[1](event):
        yield known[0], sentence(event)
    if isinstance(event, ev.GateOverridden):
        yield (
            "Single nurse" if event.alone else "Override",
            f"start without {event.gate}: {event.reason}{_signer(material, event)}",
        )
    if isinstance(event, ev.OrderEntered):
        signers = " and ".join(
            material.who(one) for one in dict.fromkeys((event.confirmed_by, event.endotoxin_by)) if one
        )
        signed = f", signed by {signers}" if signers else ""
        for unusual in order_overrides(event):
            yield "Override", f"order {unusual}: {said(event.override_reason)}{signed}"
    if isinstance(event, ev.SessionStarted) and event.gates_open:
        yield "Override", f"infusion began with checks incomplete: {', '.join(event.gates_open)}"
    if isinstance(event, ev.ObservationMissed):
        yield "Missed set", f"{slot_words(event.slot)}: {event.why.replace('_', ' ')}"
    if isinstance(event, mv.GapClosed):
        cause = f": {event.cause}" if event.cause else ""
        least = "at least " if event.at_least else ""
        yield "Gap", f"{event.source} {least}{rounded(event.seconds, 1)} s from {clock(material, event.began)}{cause}"
    if isinstance(event, mv.MonitoringEnded | mv.MonitoringResumed | mv.ClockJumped):
        yield "Clock and restart", sentence(event)
    if (superseded := getattr(event, "supersedes", None)) is not None:
        reason = getattr(event, "reason", "") or "no reason given"
        yield "Amendment", f"entry {superseded} by entry {entry.seq}: {reason}"
    if is_late(entry, material.state.late_entry_s):
        yield LATE_ENTRY, f"{wall_clock(_short(event), entry)}, {duration(late_by_s(entry))} after it happened"


def _signer(material: Material, event: ev.GateOverridden) -> str:
    return f"; second person {material.who(event.second)}" if event.second else ""


def _always(_: Any) -> bool:
    return True


_KINDS: Mapping[type[Event], tuple[str, Callable[[Any], bool]]] = MappingProxyType(
    {
        course.DoseTimingAccepted: ("Override", _always),
        supply.PreparedDoseAccepted: ("Override", _always),
        supply.ContainerChanged: ("Container", _always),
        double_check.SingleNurseAccepted: ("Single nurse", _always),
        changes.ChangedAfterStart: ("Changed after the start", _always),
        double_check.DoubleCheckDone: ("Double check", lambda e: not e.agrees or e.too_fast),
        leaving_events.PatientLeft: ("Override", lambda e: e.overridden),
        leaving_events.NextDoseDecided: ("Override", lambda e: bool(e.prescriber)),
        emergency_events.RestartConfirmed: ("Restart after a reaction", _always),
        emergency_events.OwnSbpLimitSet: ("Own limit", _always),
        emergency_events.ActionsAttributed: ("Said afterwards", _always),
        emergency_events.EmergencyEntryVoided: ("Void", _always),
        corrections.EntryVoided: ("Void", _always),
        corrections.AddendumAdded: ("Addendum", _always),
        handover.TakenOver: ("Take-over", _always),
        care_events.LineReplaced: ("New line", _always),
        protocol.PinnedProtocolGone: ("Protocol", _always),
    }
)
"""What an auditor looks for beside gates, gaps and amendments: its kind, and when it counts."""


def _short(event: Event) -> str:
    if isinstance(event, ev.ObservationRecorded):
        words = set_words(event.slot)
        return words[0].lower() + words[1:]
    return sentence(event) or type(event).__name__
