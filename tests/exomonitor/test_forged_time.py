"""A moment that nothing proves, in an open session, moves no clock and no timer of a start, and stops no recording."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import ClockJumped, MonitoringResumed
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.station import Station
from tests.exomonitor.records.record_samples import ask, reading
from tests.exomonitor.station_bench import do, run
from tests.exomonitor.test_damaged_start import PIN, seal, station_at
from tests.exomonitor.test_forged_open_session import FIRST, forge, forge_with_hash, open_in

COLUMNS = ("session", "utc", "mono_ns", "boot_id", "source", "channel", "name", "value", "unit", "validity", "origin")
AWAY_S = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An open session of an earlier boot, with two notes and a reading."""
    clock = ManualClock(boot_id="one")
    with station_at(tmp_path, clock) as station:
        who = do(station, AddUser("1", "", "A. DEMO-ADMIN", ("administrator", "nurse"), seal(station))).answer
        do(station, SignIn("1", "", station.prove(who, PIN).result(60).token))
        do(station, OpenSession("1", who))
        for text in ("made-up note", "the last one"):
            do(station, AddNote("1", who, text))
        session = open_in(station).id
        station._recorder.submit([], [reading(clock.advance(1), "hr", 70.0, session)]).result(60)
    return tmp_path


def put(folder: Path, batch: str, source: str, mono_ns: int) -> None:
    """A reading three hours ahead by the wall clock that nobody recorded."""
    changed = {"utc": "'2026-03-02T12:00:01.000Z'", "mono_ns": str(mono_ns), "source": repr(source)}
    columns = ", ".join(changed.get(name, name) for name in COLUMNS)
    insert = f"INSERT INTO readings (id, batch, {', '.join(COLUMNS)}) SELECT 100, {batch}, {columns}"
    forge(folder, f"{insert} FROM readings WHERE id = 1")


@contextmanager
def started_anew(folder: Path, boot_id: str, away_s: float = AWAY_S) -> Iterator[tuple[Station, ManualClock]]:
    clock = ManualClock(ManualClock().now().utc + timedelta(seconds=1 + away_s), boot_id, 5 * 10**9)
    with station_at(folder, clock) as station:
        run(station, clock, 2)
        yield station, clock


def note(station: Station, text: str) -> None:
    do(station, AddNote("1", next(iter(station.runtime.engine.registry.users)), text))


@pytest.mark.expects_log("What came before it tells where the gap begins")
@pytest.mark.parametrize("batch", ["999", "batch"], ids=["strange", "known"])
@pytest.mark.parametrize("source", ["zzz", "monitor"])
@pytest.mark.parametrize("mono_ns", [3 * 3600 * 10**9, 2**62 - 1, 2**63 - 1])
def test_one_reading_far_ahead_moves_no_clock_and_no_timer_and_stops_no_recording(folder, batch, source, mono_ns):
    put(folder, batch, source, mono_ns)
    with started_anew(folder, "two") as (station, clock):
        assert clock.now().boot_id == "two", "the computer's clock is believed"
        assert clock.now().since(open_in(station).opened) == 1 + AWAY_S + 2
        station.runtime.engine.tick(clock.now())
        assert not [view.text for view in station.latest().alarms if "CLOCK" in view.text or "RECORD" in view.text]
        note(station, "after the start")
        events = [entry.event for entry in station.archive.proved(open_in(station).id)[0]]
    assert [event.gap_s for event in events if isinstance(event, MonitoringResumed)] == [AWAY_S]
    assert not [event for event in events if isinstance(event, ClockJumped)]
    assert NoteAdded("after the start") in events


@pytest.mark.parametrize(
    "mono_ns",
    [
        2**62 - 1,
        *(
            pytest.param(mono_ns, marks=pytest.mark.expects_log("an open session is taken up without"))
            for mono_ns in (2**62 + 1, 2**63 - 1, -(2**63))
        ),
    ],
)
def test_nor_does_an_entry_whose_own_hash_was_made_to_fit(folder, mono_ns):
    forge(folder, f"UPDATE journal SET mono_ns = {mono_ns} WHERE {FIRST}")
    (kind, body) = ask(folder / "clinic.sqlite3", f"SELECT type, body FROM journal WHERE {FIRST}")[0]
    forge_with_hash(folder, str(kind), str(body))
    for n, boot_id in enumerate(("one", "two", "three")):
        with started_anew(folder, boot_id, AWAY_S * (n + 1)) as (station, clock):
            assert clock.now().mono_ns < 2**61
            note(station, boot_id)
            entries, damage = station.archive.proved(open_in(station).id)
        assert damage.entries == (abs(mono_ns) > 2**62)
        assert [entry.event.text for entry in entries if isinstance(entry.event, NoteAdded)][-1] == boot_id
