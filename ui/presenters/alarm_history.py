"""Log and statistics of the alarms to words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive
from exomonitor.engine.stored import SessionRow
from exomonitor.session.alarm_statistics import AlarmStatistics, KindOfAlarm, alarm_statistics, together
from exomonitor.session.entry import Entry
from exomonitor.session.machine_events import AlarmChanged, AudioPaused
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.alarm_limits import AlarmLimitsSet, AlarmsSuppressed
from exomonitor.units import clock_text
from ui.presenters.words import hms, number

LOG_COLUMNS = ("Time", "What", "Who")
KIND_COLUMNS = ("Alarm", "Alarms", "An hour", "Acknowledged within 30 s", "Suppressed", "Escalated")
NO_LOG = "No alarm was recorded in this session."
NO_SESSION = "No open session."
_ABOUT = (AlarmChanged, AudioPaused, AlarmLimitsSet, AlarmsSuppressed)
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class AlarmPast:
    """What the archive knows of the alarms: the log of one session, and statistics."""

    log: Rows = ()
    statistics: AlarmStatistics = field(default_factory=AlarmStatistics)


def session_past(archive: Archive, session: str, now: Instant) -> AlarmPast:
    """Of the open session. Reads the journal: not on the thread that paints."""
    entries = [entry for entry in archive.entries(session) if entry.at.since(now) <= 0]
    people = archive.staff()
    return AlarmPast(log_rows(entries, people), alarm_statistics(entries, now))


def every_past(archive: Archive) -> AlarmPast:
    """Of all sessions that this computer keeps. Reads all journals: not on the thread that paints."""
    return AlarmPast((), together([alarm_statistics(_entries(archive, row)) for row in archive.sessions()]))


def _entries(archive: Archive, row: SessionRow) -> Sequence[Entry]:
    return archive.readable(row.session).entries if row.damaged else archive.entries(row.session)


def log_rows(entries: Iterable[Entry], people: Mapping[str, tuple[str, str]]) -> Rows:
    """What the alarms did and what was done about them, the newest first."""
    found = [
        (hms(entry.at), words, people.get(entry.actor, ("",))[0])
        for entry in entries
        if isinstance(entry.event, _ABOUT) and (words := _words(entry))
    ]
    return tuple(reversed(found))


def _words(entry: Entry) -> str:
    event = entry.event
    if isinstance(event, AudioPaused):
        return f"Audio paused until {hms(event.until)}"
    if isinstance(event, AlarmsSuppressed):
        told = ", ".join(f"{key.replace('_', ' ')} {count}" for key, count in event.counts.items())
        return f"Suppressed since {hms(event.began)}, over before their delay was: {told}" if told else ""
    return sentence(event)


def kind_rows(statistics: AlarmStatistics) -> Rows:
    """One row for each condition, the most frequent first."""
    return tuple(_kind(kind, statistics.hours) for kind in statistics.kinds)


def _kind(kind: KindOfAlarm, hours: float) -> tuple[str, ...]:
    soon = f"{kind.acked_soon} of {kind.raised}" if kind.raised else "--"
    return (
        kind.text or kind.key.replace("_", " "), str(kind.raised), number(kind.per_hour(hours), 1), soon,
        str(kind.suppressed), str(kind.escalated),
    )  # fmt: skip


def _duration(hours: float) -> str:
    return f"{number(hours, 1)} h" if hours >= 1 else f"{number(hours * 60)} min"


def summary(statistics: AlarmStatistics) -> tuple[tuple[str, str], ...]:
    """(figure, what it is): the large figures above the table."""
    return (
        (str(statistics.raised), f"alarms in {_duration(statistics.hours)}"),
        (number(statistics.per_hour, 1), "alarms an hour"),
        (f"{number(statistics.acked_soon_percent)} %", "acknowledged within 30 s; a pause of the audio does not count"),
        (str(statistics.suppressed), "suppressed: over before their delay was"),
        (str(statistics.pauses), f"times “Audio paused”, {clock_text(statistics.paused_s)} in all"),
        (str(statistics.limit_changes), "changes of the alarm limits"),
    )
