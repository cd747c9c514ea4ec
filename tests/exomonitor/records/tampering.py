"""Harm done to a record behind the program's back, for tests of what is then said of it."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exomonitor.clock import ManualClock
from exomonitor.records.recover import recover
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.record_samples import draft, make_database, opened, reading, recording

FORGED = 200.0
COLUMNS = "session, utc, mono_ns, boot_id, source, channel, name, value, unit, validity, origin, measured_utc"


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection without the triggers that keep rows from being changed; they are there again afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}").close()
        yield connection
        for _, made in kept:
            connection.execute(made).close()


def two_sessions(path: Path, clock: ManualClock, rounds: int = 12, rows: int = 1) -> Path:
    """In turn a batch of readings of `s-1`, one of `s-2`, and a note of `s-2`: batches 1, 3 ... are of `s-1`."""
    path.parent.mkdir(exist_ok=True)
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now(), "s-1", "EX-1"), opened(clock.now(), "s-2", "EX-2")]).result()
        for number in range(rounds):
            clock.advance(1)
            for session, base in (("s-1", 70.0), ("s-2", 60.0)):
                readings = [reading(clock.now(), "hr", base + number + n / 10, session) for n in range(rows)]
                recorder.submit([], readings).result()
            recorder.submit([draft(NoteAdded(f"n{number}"), clock.now(), "s-2")]).result()
    return path


def forge(connection: sqlite3.Connection, batch: int, rows: int = 1, session: str = "s-1") -> None:
    """Readings of 200.0 behind all others."""
    last = connection.execute("SELECT max(id) FROM readings").fetchone()[0]
    like = connection.execute("SELECT max(id) FROM readings WHERE session = ?", (session,)).fetchone()[0]
    for n in range(rows):
        told = COLUMNS.replace("value", str(FORGED)).replace("mono_ns", f"mono_ns + {n + 1}")
        connection.execute(
            f"INSERT INTO readings (id, batch, {COLUMNS}) SELECT {last + 1 + n}, {batch}, {told} FROM readings"
            f" WHERE id = {like}"
        ).close()


def forge_wave(connection: sqlite3.Connection, batch: int, session: str = "s-1") -> None:
    """One staged wave second."""
    samples = b"\0\1" * 50
    like = connection.execute("SELECT utc, mono_ns, boot_id FROM readings LIMIT 1").fetchone()
    connection.execute(
        "INSERT INTO wave_staging (batch, place, session, source, wave, rate_hz, gain, unit, origin, utc, mono_ns,"
        " boot_id, samples, crc32) VALUES (?, 0, ?, 'monitor', 'pleth', 50.0, 0.001, 'mV', 'simulator', ?, ?, ?, ?, ?)",
        (batch, session, *like, samples, zlib.crc32(samples)),
    ).close()


def junk(connection: sqlite3.Connection, seq: int, session: str) -> None:
    """An entry that nobody wrote, with a number that none has."""
    connection.execute(
        f"INSERT INTO journal SELECT {seq}, '{session}', -7, utc, tz, mono_ns, boot_id, actor, station, 'HeadSigned',"
        " body, prev_in_database, prev_in_session, hash FROM journal WHERE seq = 3"
    ).close()


def spoil_page(path: Path, table: str, where: float) -> None:
    """One of the pages that hold the rows of a table, so far from the first (0) to the last (1), cannot be read."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        leaves = "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
        pages = [row[0] for row in connection.execute(leaves, (table,))]
    with path.open("r+b") as file:
        file.seek((pages[round(where * (len(pages) - 1))] - 1) * size)
        file.write(b"\xff" * size)


def recovered(path: Path, clock: ManualClock) -> Path:
    """What a recovery makes of it."""
    again = path.with_name("again.sqlite3")
    recover(path, again, "test", clock)
    return again
