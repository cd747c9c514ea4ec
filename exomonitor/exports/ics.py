"""A booked next dose as a calendar file (RFC 5545) that names nobody and nothing of the treatment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from exomonitor.clock import Instant, zone_or_fail
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import make_private, write_private
from exomonitor.session.parts.leaving_events import BOOKED, NextDoseDecided

SUMMARY = "Clinic visit"
"""What stands in anybody's calendar unless the clinic says otherwise: no name, no product."""
_LONGEST = 75
_STAMP = "%Y%m%dT%H%M%SZ"


def calendar_bytes(booked: NextDoseDecided, now: Instant, summary: str = SUMMARY, place: str = "") -> bytes:
    """The file's content: lines of at most 75 octets, each ended by CR LF; times in UTC. CommandRefused where nothing
    is booked."""
    begins = begins_at(booked)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//ExoMonitor//Next visit//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{booked.uid}@exomonitor.invalid",
        f"DTSTAMP:{now.utc.astimezone(UTC).strftime(_STAMP)}",
        f"DTSTART:{begins.strftime(_STAMP)}",
        f"DTEND:{(begins + timedelta(minutes=booked.minutes)).strftime(_STAMP)}",
        f"SUMMARY:{_escaped(summary)}",
        *([f"LOCATION:{_escaped(place)}"] if place else []),
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def begins_at(booked: NextDoseDecided) -> datetime:
    """The moment of the appointment in UTC, from the clinic's local date and time."""
    if booked.decision != BOOKED:
        raise CommandRefused("No next dose is booked")
    local = datetime.fromisoformat(f"{booked.planned}T{booked.time}").replace(tzinfo=zone_or_fail(booked.tz))
    return local.astimezone(UTC)


def file_name(booked: NextDoseDecided) -> str:
    """`visit-2026-03-16-0900-K3XQ.ics`: day and time, and of the booking's own id enough for two on one day."""
    return f"visit-{booked.planned}-{booked.time.replace(':', '')}-{booked.uid[-4:]}.ics"


def write_calendar(booked: NextDoseDecided, folder: Path, now: Instant) -> Path:
    """Write the file into `folder`; that of the same booking gives way. EnvironmentFault where that cannot be."""
    path = folder / file_name(booked)
    content = calendar_bytes(booked, now)
    try:
        make_private(folder)
        write_private(path, content)
    except OSError as cause:
        raise EnvironmentFault(f"The calendar file cannot be written to {folder}: {cause.strerror or cause}") from cause
    return path


def _escaped(text: str) -> str:
    """Text as a value: backslash, comma, semicolon and line end are marked."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(plain.splitlines())


def _folded(line: str) -> bytes:
    """One content line; a long one goes on after CR LF and a space, never inside a character."""
    parts: list[bytes] = [b""]
    room = _LONGEST
    for letter in line:
        octets = letter.encode()
        if len(parts[-1]) + len(octets) > room:
            parts.append(b"")
            room = _LONGEST - 1  # the space that marks the rest of a line counts
        parts[-1] += octets
    return b"\r\n ".join(parts) + b"\r\n"
