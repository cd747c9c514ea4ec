"""Of a session with damaged rows or pages all the rest is read, and what is lost is counted; the others stay."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.stored import Damage
from exomonitor.records.queries import SqlArchive, open_archive
from tests.exomonitor.records.record_samples import SESSION, ask, fill, make_database, opened, recording

SECONDS = 61
Spoil = Callable[[str], Path]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sessions; the first has readings and waves, merged ones as well."""
    path, clock = tmp_path_factory.mktemp("whole") / "clinic.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, SECONDS)
        recorder.submit([opened(clock.now(), "s-2", "EX-0002")]).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    return path


@pytest.fixture
def spoil(whole: Path, tmp_path: Path) -> Spoil:
    """A copy of it with one statement done to it behind the program's back."""

    def run(statement: str) -> Path:
        path = tmp_path / "clinic.sqlite3"
        shutil.copyfile(whole, path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement).close()
        return path

    return run


def damage_of(path: Path) -> Damage:
    return open_archive(path).readable(SESSION).damage


def test_of_an_intact_session_it_is_what_the_archive_says(whole):
    archive = open_archive(whole)
    found = archive.readable(SESSION)
    assert found.damage == Damage()
    assert found.damage.sentence == ""
    assert list(found.entries) == archive.entries(SESSION)
    assert list(found.rows) == archive.journal_rows(SESSION)
    assert list(found.sealed) == archive.sealed(SESSION)
    assert list(found.readings()) == list(archive.readings(SESSION))
    assert list(found.registry) == archive.registry_entries()
    assert found.simulated is False


def test_a_reading_that_cannot_be_read_is_left_out_and_counted(spoil):
    path = spoil("UPDATE readings SET utc = 'x' WHERE id = 5")
    found = open_archive(path).readable(SESSION)
    (batch,) = found.damage.unproved
    assert found.damage == Damage(readings=1, unproved=(batch,), unproved_readings=1)
    assert found.damage.sentence == (
        "DAMAGED: 1 reading of this session is lost; nothing proves 1 of the readings that are left."
    )
    assert len(list(found.readings())) == 2 * SECONDS - 1


def test_a_reading_with_another_value_is_told_by_its_batch(spoil):
    found = damage_of(spoil("UPDATE readings SET value = 12 WHERE id = 5"))
    assert len(found.changed) == 1
    assert found.sentence == "DAMAGED: 1 batch of the readings or waves of this session holds a changed value."


def test_a_deleted_reading_is_missed(spoil):
    found = damage_of(spoil("DELETE FROM readings WHERE id = 5"))
    assert (found.readings, found.unproved_readings, found.changed) == (1, 1, ())


def test_a_damaged_wave_chunk_costs_its_seconds(spoil):
    found = damage_of(spoil("UPDATE wave_chunks SET samples = x'00' WHERE id = 1"))
    assert (found.wave_seconds, found.changed, found.unproved_seconds) == (20, (), 20)


def test_an_entry_whose_text_is_damaged_is_left_out_by_its_number(spoil):
    path = spoil("UPDATE journal SET body = ')' || substr(body, 2) WHERE type = 'ProductEntered'")
    seq = ask(path, "SELECT seq FROM journal WHERE type = 'ProductEntered'")[0][0]
    found = open_archive(path).readable(SESSION)
    assert (found.damage.unreadable, found.damage.entries) == ((seq,), 1)
    assert seq not in {entry.seq for entry in found.entries}
    assert seq not in {row["seq"] for row in found.rows}
    assert found.damage.sentence == f"DAMAGED: 1 entry ({seq}) of this session is lost."


def test_an_entry_that_says_something_else_now_is_left_out_too(spoil):
    path = spoil("""UPDATE journal SET body = replace(body, '"5.0"', '"9.0"') WHERE type = 'OrderEntered'""")
    assert damage_of(path).entries == 1


def test_a_deleted_entry_is_missed(spoil):
    path = spoil("DELETE FROM journal WHERE type = 'ProductEntered'")
    assert damage_of(path) == Damage(entries=1)


def test_a_private_text_that_is_gone_or_another_reads_as_lost(spoil):
    for statement in (
        "UPDATE sealed SET value = 'Else' WHERE field = 'name'",
        "DELETE FROM sealed WHERE field = 'name'",
    ):
        found = open_archive(spoil(statement)).readable(SESSION)
        assert found.damage == Damage(texts=1)
        assert {text["field"] for text in found.sealed} == {"born", "mrn", "allergies"}
        assert any(getattr(entry.event, "name", "") == "[text lost]" for entry in found.entries)


def test_one_damaged_session_hides_no_other(spoil):
    for kind in ("SessionOpened", "OrderEntered"):
        path = spoil(
            f"UPDATE journal SET body = ')' || substr(body, 2) WHERE type = '{kind}' AND session = '{SESSION}'"
        )
        rows = SqlArchive(path).sessions()
        assert [(row.session, row.damaged) for row in rows] == [("s-2", False), (SESSION, True)]
        assert rows[0].study_id == "EX-0002"
        assert rows[1].study_id == (SESSION if kind == "SessionOpened" else "EX-0001")
        assert SqlArchive(path).resolve("EX-0002") == "s-2"
        assert SqlArchive(path).resolve(SESSION) == SESSION


def test_a_page_of_readings_that_is_noise_costs_only_what_stood_on_it(whole, tmp_path):
    path = tmp_path / "clinic.sqlite3"
    shutil.copyfile(whole, path)
    page = ask(path, "SELECT max(pageno) FROM dbstat WHERE name = 'readings' AND pagetype = 'leaf'")[0][0]
    size = ask(path, "PRAGMA page_size")[0][0]
    with path.open("r+b") as file:
        file.seek((int(str(page)) - 1) * int(str(size)))
        file.write(b"\xff" * int(str(size)))
    found = open_archive(path).readable(SESSION)
    rest = list(found.readings())
    assert rest
    assert found.damage.readings == 2 * SECONDS - len(rest) > 0


def test_entries_on_a_page_that_is_noise_are_lost_also_at_the_end(whole, tmp_path):
    path = tmp_path / "clinic.sqlite3"
    shutil.copyfile(whole, path)
    page = ask(path, "SELECT max(pageno) FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf'")[0][0]
    size = ask(path, "PRAGMA page_size")[0][0]
    with path.open("r+b") as file:
        file.seek((int(str(page)) - 1) * int(str(size)))
        file.write(b"\xff" * int(str(size)))
    found = open_archive(path).readable(SESSION)
    stored = ask(path, "SELECT count(*) FROM journal INDEXED BY uq_journal_session WHERE session = ?", SESSION)[0][0]
    assert found.damage.entries == int(str(stored)) - len(found.entries) > 0


def test_the_list_marks_a_session_that_has_lost_an_entry_in_its_middle(spoil):
    path = spoil("DELETE FROM journal WHERE type = 'ProductEntered'")
    rows = SqlArchive(path).sessions()
    assert [(row.session, row.damaged, row.lost) for row in rows] == [("s-2", False, 0), (SESSION, True, 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE readings SET value = 12 WHERE id = 5",
        "DELETE FROM readings WHERE id = 5",
        "UPDATE wave_chunks SET samples = x'00' WHERE id = 1",
        "DELETE FROM sealed WHERE field = 'name'",
        "UPDATE journal SET tz = 'Mars' WHERE type = 'ProductEntered'",
    ],
)
def test_what_the_verification_found_is_marked_in_the_list_too(spoil, statement):
    archive = open_archive(spoil(statement))
    assert archive.damaged() == [SESSION]
    archive.know_damaged(archive.damaged())
    assert [(row.session, row.damaged) for row in archive.sessions()] == [("s-2", False), (SESSION, True)]
    archive.know_damaged([])
    assert not any(row.damaged for row in archive.sessions() if "sealed" not in statement)
