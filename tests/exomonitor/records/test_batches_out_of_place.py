"""Readings that stand in another place, twice, or in a batch that the journal does not know: named, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.batches import out_of_order
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from tests.exomonitor.records.record_samples import SESSION, make_database, opened, reading, recording
from tests.exomonitor.records.tampering import COLUMNS, tampering

MANY = 12


@pytest.fixture
def path(tmp_path: Path, clock: ManualClock) -> Path:
    """A session of twelve batches of one reading each."""
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result()
        for number in range(MANY):
            clock.advance(1)
            recorder.submit([], [reading(clock.now(), "hr", 70.0 + number)]).result()
    return path


def put(path: Path, *moves: tuple[int, int]) -> None:
    """Give the rows of these numbers other ones."""
    with tampering(path) as connection:
        connection.execute("UPDATE readings SET id = -id")
        for old, new in moves:
            connection.execute("UPDATE readings SET id = ? WHERE id = ?", (new, -old))
        connection.execute("UPDATE readings SET id = -id WHERE id < 0")


def values(archive: SqlArchive) -> list[float | None]:
    return [row.value for _, row in archive.readable(SESSION).readings()]


def test_untouched_they_are_whole(path):
    archive = open_archive(path)
    assert (verify_database(path), archive.damaged(), len(values(archive))) == ([], [], MANY)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (1, MANY), (4, 9), (MANY - 1, MANY)])
def test_two_that_changed_places_are_named_and_no_others(path, one, other):
    put(path, (one, other), (other, one))
    found = verify_database(path)
    assert {finding.what.partition(" (")[0] for finding in found} == {"stands in another place"}
    assert {finding.where for finding in found} <= {f"row {one}", f"row {other}"}
    archive = open_archive(path)
    assert archive.damaged() == [SESSION]
    assert set(archive.readable(SESSION).damage.changed) <= {one, other}


def test_one_that_was_put_at_the_end_is_named_alone(path):
    put(path, (1, MANY), *((number, number - 1) for number in range(2, MANY + 1)))
    (found,) = verify_database(path)
    assert found.where == f"row {MANY}"
    assert open_archive(path).readable(SESSION).damage.changed == (1,)


@pytest.mark.parametrize("batch", [99, 1])
def test_an_added_one_is_told_and_no_reading_of_a_strange_batch_is_given_out(path, batch):
    far = COLUMNS.replace("value", "200.0").replace("mono_ns", "mono_ns + 3600000000000")
    with tampering(path) as connection:
        insert = f"INSERT INTO readings (id, batch, {COLUMNS}) SELECT {MANY + 1}, {batch}, {far}"
        connection.execute(f"{insert} FROM readings WHERE id = {MANY}")
    assert [finding.where for finding in verify_database(path)] == [f"row {MANY + 1}"]
    archive = open_archive(path)
    assert archive.damaged() == [SESSION]
    assert (200.0 in values(archive)) == (batch == 1)


@pytest.mark.expects_log("What came before it tells where the gap begins")
def test_an_added_one_does_not_tell_where_the_record_leaves_off(path, clock):
    far = COLUMNS.replace("mono_ns", "mono_ns + 3600000000000")
    with tampering(path) as connection:
        for number in range(MANY + 1, MANY + 40):
            insert = f"INSERT INTO readings (id, batch, {COLUMNS}) SELECT {number}, 99, {far}"
            connection.execute(f"{insert} FROM readings WHERE id = {MANY}")
    (left,) = open_archive(path).left_off(SESSION).values()
    assert left.mono_ns == clock.now().mono_ns


def test_readings_of_a_batch_whose_entry_is_lost_are_given_out(path):
    with tampering(path) as connection:
        connection.execute(
            "UPDATE journal SET actor = 'x' WHERE type = 'ReadingsStored' AND body LIKE '{\"batch\":5,%'"
        )
    archive = open_archive(path)
    damage = archive.readable(SESSION).damage
    assert (damage.entries, damage.changed, len(values(archive))) == (1, (), MANY)


@pytest.mark.parametrize("lost", [1, 4, MANY])
def test_also_after_a_recovery_that_left_the_entries_out(path, clock, lost):
    with tampering(path) as connection:
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > (SELECT max(seq) FROM journal) - {lost}")
    recover(path, path.with_name("again.sqlite3"), "test", clock)
    archive = open_archive(path.with_name("again.sqlite3"))
    assert (archive.readable(SESSION).damage.changed, len(values(archive))) == ((), MANY)


def test_out_of_order_are_the_fewest_without_which_the_rest_rises():
    assert out_of_order([1, 2, 3]) == set()
    assert out_of_order([9, 2, 3, 4, 1]) == {0, 4}
    assert out_of_order([2, 3, 4, 1]) == {3}
    assert out_of_order([]) == set()
