"""The monitor's own alarms (PCD-04, ORU^R40): each event with its facets as a message says it, standing or ended."""

from __future__ import annotations

from dataclasses import dataclass, replace

from devices.monitors.hl7_pcd01.wire.messages import Message, Segment
from exomonitor.clock import Instant
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind

_ALARM_CODE = "196616"
_EVENTS = ("MDC_EVT_", "MDCX_EVT_")
_PRIORITIES = {"PH": "high", "PM": "medium", "PL": "low", "PI": "low"}
_TYPES = {"SP": True, "ST": False, "SA": False}
_OVER_STATES = frozenset({"inactive", "off"})
_NOT_REAL = frozenset({"DEMO", "TEST"})


@dataclass(frozen=True, slots=True)
class Event:
    """One alarm as the message describes it; texts verbatim."""

    code: str
    text: str
    source: str = ""
    phase: str = ""
    state: str = ""
    priority: str = "unknown"
    physiological: bool = False
    real: bool = True


def events_of(message: Message) -> list[Event]:
    """The events in a message; facets follow their event."""
    events: list[Event] = []
    for segment in message.segments:
        if segment.name != "OBX":
            continue
        number, name = segment.component(3, 1), segment.component(3, 2)
        if number == _ALARM_CODE or name.startswith(_EVENTS):
            events.append(_event(segment, name))
        elif events:
            events[-1] = _with_facet(events[-1], name, segment)
    return events


def _event(segment: Segment, name: str) -> Event:
    parts = segment.components(5)
    coded = len(parts) > 1 and bool(parts[1])
    flags = {flag for part in segment.field(8).upper().split("~") for flag in part.split("^")}
    return Event(
        code=(parts[1] if coded else name or _ALARM_CODE)[:80],
        text=(parts[1] if coded else parts[0] or name)[:200],
        priority=next((rank for flag, rank in _PRIORITIES.items() if flag in flags), "unknown"),
        physiological=any(_TYPES.get(flag, False) for flag in flags),
        real=not flags & _NOT_REAL,
    )


def _with_facet(event: Event, name: str, segment: Segment) -> Event:
    word = segment.component(5, 1)
    if "EVENT_PHASE" in name:
        return replace(event, phase=word.lower())
    if "INACTIVATION_STATE" in name:
        return event  # whether the sound is paused: the condition goes on
    if "ALARM_STATE" in name or "ALERT_STATE" in name:
        return replace(event, state=word.lower())
    if "PRIORITY" in name:
        return replace(event, priority=_PRIORITIES.get(word.upper(), event.priority))
    if "ALERT_TYPE" in name or "ALARM_TYPE" in name:
        return replace(event, physiological=_TYPES.get(word.upper(), event.physiological))
    if "ALERT_SOURCE" in name:
        return replace(event, source=(segment.component(5, 2) or word)[:80])
    # A numeric facet names its parameter in OBX-3 and carries the value that alarms.
    return replace(event, source=name[:80]) if not event.source and name.startswith("MDC") else event


def relayed(message: Message, source: str, at: Instant) -> list[RelayedAlarm]:
    """What stands and what has ended by this message. A monitor says it again and again (start, continue, end), and an
    end may be heard without its beginning; the link tells each once."""
    if message.header.component(11, 1) in ("T", "D"):
        return []
    facts: list[RelayedAlarm] = []
    for event in events_of(message):
        if event.real:
            facts += _one(event, source, at)
    return facts


def _one(event: Event, source: str, at: Instant) -> list[RelayedAlarm]:
    over = event.phase == "end" or event.state in _OVER_STATES
    alarm = RelayedAlarm(
        source,
        event.source,
        event.code,
        AlarmKind.OTHER,
        event.text,
        event.priority,
        not over,
        at,
        physiological=event.physiological,
    )
    if event.phase == "tpoint" and not over:  # a moment without duration
        return [alarm, replace(alarm, active=False)]
    return [alarm]
