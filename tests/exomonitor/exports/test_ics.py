"""The calendar file of a booked dose, judged by an independent reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.clock import Instant
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.ics import calendar_bytes, file_name, write_calendar
from exomonitor.session.parts.leaving_events import AS_NEEDED, BOOKED, NextDoseDecided

NOW = Instant(datetime(2026, 3, 2, 15, 4, 5, tzinfo=UTC), 0, "boot")
VISIT = NextDoseDecided(BOOKED, "2026-03-30", "09:00", 240, "Europe/Vienna", uid="nd-0123456789ABCDEFGHJK")


def event_of(content: bytes) -> icalendar.Event:
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, icalendar.Event)
    assert not event.errors
    return event


def test_another_reader_finds_the_appointment_at_the_clinics_local_time():
    event = event_of(calendar_bytes(VISIT, NOW))
    assert event.decoded("dtstart") == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)  # summer time began the day before
    assert event.decoded("dtend") == datetime(2026, 3, 30, 11, 0, tzinfo=UTC)
    assert event.decoded("dtstamp") == NOW.utc
    assert event["uid"] == "nd-0123456789ABCDEFGHJK@exomonitor.invalid"
    assert event["summary"] == "Clinic visit"


def test_nothing_in_file_or_name_says_who_or_what_for():
    content = calendar_bytes(VISIT, NOW).decode()
    assert file_name(VISIT) == "visit-2026-03-30-0900-GHJK.ics"
    assert file_name(replace(VISIT, uid="nd-XXXXXXXXXXXXXXXXXXXX")) != file_name(VISIT), "two patients on one morning"
    assert "exosome" not in content.casefold()
    assert "dose" not in content.casefold()
    assert "EXO-" not in content


@given(
    summary=st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300),
    place=st.text("ä,;\\ x", max_size=90),
)
def test_any_text_survives_escaping_and_folding(summary, place):
    content = calendar_bytes(VISIT, NOW, summary or "x", place)
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in content.replace(b"\r\n", b"")
    event = event_of(content)
    assert event["summary"] == (summary or "x")
    assert event.get("location", "") == place


def test_without_a_booking_there_is_no_file(tmp_path: Path):
    with pytest.raises(CommandRefused, match="No next dose is booked"):
        write_calendar(NextDoseDecided(AS_NEEDED), tmp_path, NOW)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path):
    (tmp_path / "in the way").write_text("")
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        write_calendar(VISIT, tmp_path / "in the way", NOW)


def test_the_file_is_written_where_it_is_wanted(tmp_path: Path):
    path = write_calendar(VISIT, tmp_path / "new", NOW)
    assert path.read_bytes() == calendar_bytes(VISIT, NOW)
