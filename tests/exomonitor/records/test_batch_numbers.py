"""No batch number is given twice, also in a recovered record that kept rows whose entries it had to leave out."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import ReadingsStored, WavesStored
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    draft,
    fill,
    make_database,
    reading,
    recording,
    wave_second,
)

SECONDS = 14
COLUMNS = "session, utc, mono_ns, boot_id, source, channel, name, value, unit, validity, origin, measured_utc"


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}").close()
        yield connection


def recovered(path: Path, clock: ManualClock, *, staged: bool) -> Path:
    """A record whose last four entries were damaged, recovered: its waves still staged as a crash leaves them, or in
    chunks. Their readings and waves are kept."""
    crashed, again = path.with_name("crashed.sqlite3"), path.with_name("again.sqlite3")
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, SECONDS)
        for end in ("", "-wal"):
            shutil.copy(f"{path}{end}", f"{crashed}{end}")
    damaged = crashed if staged else path
    with tampering(damaged) as connection:
        connection.execute("UPDATE journal SET actor = 'x' WHERE seq > (SELECT max(seq) FROM journal) - 4").close()
    recover(damaged, again, "test", clock)
    clock.advance(60)
    return again


def go_on(path: Path, clock: ManualClock, seconds: int = 6) -> list[int]:
    """Record on, a note with each second; the numbers of the new batches."""
    before = len(open_archive(path).entries(SESSION))
    with recording(make_database(path, clock)) as recorder:
        for _ in range(seconds):
            now = clock.advance(1)
            waves = [wave_second(now, "ecg_ii", 100), wave_second(now, "pleth", 50)]
            recorder.submit([draft(NoteAdded("made-up"), now)], [reading(now, "hr", 90.0)], waves).result(20)
    new = [entry.event for entry in open_archive(path).entries(SESSION)[before:]]
    return [event.batch for event in new if isinstance(event, ReadingsStored | WavesStored)]


def findings(path: Path) -> list[tuple[str, str]]:
    """What verification names of entries and readings; a wave's seconds are merged meanwhile."""
    found = verify_database(path)
    return [(one.table, one.where) for one in found if one.table in {"journal", "readings"}]


@pytest.mark.parametrize("staged", [True, False], ids=["staged", "merged"])
def test_a_recovered_record_goes_on_at_once_and_gives_no_number_twice(tmp_path, clock, staged):
    path = recovered(tmp_path / "clinic.sqlite3", clock, staged=staged)
    assert bool(ask(path, "SELECT 1 FROM wave_staging")) == staged
    before = findings(path)
    assert go_on(path, clock) == list(range(2 * SECONDS + 1, 2 * SECONDS + 13))
    assert not [n for n in open_archive(path).readable(SESSION).damage.changed if n > 2 * SECONDS]
    assert go_on(path, clock, 1) == [2 * SECONDS + 13, 2 * SECONDS + 14], "nor at the next start"
    assert findings(path) == before, "what is recorded after the recovery is intact"


@pytest.mark.parametrize("huge", [2**63 - 1, 2**62, 2**61, 0, -(2**63)])
def test_a_number_that_somebody_put_there_neither_stops_the_recording_nor_lets_one_be_given_twice(
    tmp_path, clock, huge
):
    path = recovered(tmp_path / "clinic.sqlite3", clock, staged=True)
    with tampering(path) as connection:
        connection.execute(
            f"INSERT INTO readings (id, batch, {COLUMNS}) SELECT 10000, {huge}, {COLUMNS} FROM readings WHERE id = 1"
        ).close()
        connection.execute(f"UPDATE wave_staging SET batch = {huge} WHERE id = 1").close()
    numbers = [*go_on(path, clock), *go_on(path, clock)]
    assert len(set(numbers)) == len(numbers) == 24
    assert min(numbers) > 2 * SECONDS
    assert open_archive(path).left_off(SESSION) == {"monitor": clock.now()}, "each proves itself, however high"


@pytest.mark.expects_log("its batch is none")
@pytest.mark.parametrize("huge", ["9223372036854775807", "1" + 30 * "0", "-1", "true", '"5"'])
def test_nor_one_in_an_entry(tmp_path, clock, huge):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, SECONDS)
    with tampering(path) as connection:
        last = "(SELECT max(seq) FROM journal WHERE type = 'WavesStored')"
        body = f"""'{{"batch":{huge},"count":2,"sha256":"x"}}'"""
        connection.execute(f"UPDATE journal SET body = {body} WHERE seq = {last}").close()
    with recording(make_database(path, clock)) as recorder:
        now = clock.advance(1)
        told = recorder.submit([], [reading(now)]).result(20)
    assert [entry.event.batch for entry in told if isinstance(entry.event, ReadingsStored)] == [2 * SECONDS + 1]


@pytest.mark.parametrize("lower", ["17", "8"])
def test_a_damaged_digit_of_the_newest_number_hides_no_number(tmp_path, clock, lower):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, SECONDS)
    with tampering(path) as connection:
        last = "(SELECT max(seq) FROM journal WHERE type = 'WavesStored')"
        number = f"replace(body, '\"batch\":{2 * SECONDS},', '\"batch\":{lower},')"
        connection.execute(f"UPDATE journal SET body = {number} WHERE seq = {last}").close()
        connection.execute("DELETE FROM readings").close()
        connection.execute("DELETE FROM wave_chunks").close()
    with recording(make_database(path, clock)) as recorder:
        told = recorder.submit([], [reading(clock.advance(1))]).result(20)
    assert [entry.event.batch for entry in told if isinstance(entry.event, ReadingsStored)] == [2 * SECONDS + 1]
