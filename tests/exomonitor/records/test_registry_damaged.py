"""Of the clinic's lists all that can be read is read, and what is lost is named: above all where it is about people."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.ports import Draft
from exomonitor.records.queries import SqlArchive
from exomonitor.records.recover import recover
from exomonitor.registry.doubts import PEOPLE, PEOPLE_PERHAPS, Doubts, lists_lost
from exomonitor.registry.registry import Registry, load_registry
from exomonitor.registry.users import UserAdded, UserChanged
from exomonitor.session.fold import SENSELESS
from exomonitor.session.trust_events import KeyTaken, RecordDoubted, RecordTaken, RecordViewed, SignInFailed
from tests.exomonitor.records.record_samples import ask, make_database, opened, reading, recording

Spoil = Callable[[str], SqlArchive]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people, of whom one was ended and one got a new PIN, and a session."""
    path, clock = tmp_path_factory.mktemp("people") / "clinic.sqlite3", ManualClock()
    events = [
        UserAdded("u-1", ("administrator",), "A. DEMO-ONE", "hash of 1"),
        UserAdded("u-2", ("nurse",), "N. DEMO-TWO", "hash of 2", "a badge", "made-up number"),
        SignInFailed("u-2", 1),
        UserChanged("u-2", retired=True),
        RecordViewed("", "names"),
        UserAdded("u-3", ("nurse",), "N. DEMO-THREE", "hash of 3"),
        RecordViewed("", "names"),
    ]
    with recording(make_database(path, clock)) as recorder:
        for event in events:
            recorder.submit([Draft("", clock.now(), "u-1", event)]).result()
        recorder.submit([opened(clock.now())]).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    return path


@pytest.fixture
def spoil(whole: Path, tmp_path: Path) -> Spoil:
    """The archive of a copy with one statement done to it behind the program's back."""

    def run(statement: str) -> SqlArchive:
        path = tmp_path / "clinic.sqlite3"
        shutil.copyfile(whole, path)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(statement).close()
        return SqlArchive(path)

    return run


def known(archive: SqlArchive) -> Registry:
    kept = archive.registry_kept()
    return load_registry(kept.entries, SENSELESS, kept.doubts)


def number_of(whole: Path, kind: str) -> int:
    return int(str(ask(whole, f"SELECT max(seq) FROM journal WHERE type = '{kind}'")[0][0]))


def test_of_a_whole_record_nothing_is_doubted(whole):
    archive = SqlArchive(whole)
    kept = archive.registry_kept()
    assert list(kept.entries) == archive.registry_entries()
    assert kept.doubts == Doubts()
    assert not kept.doubts.sentence
    assert known(archive).users["u-2"].retired


ENDED = "WHERE type = 'UserChanged'"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE journal SET body = ')' || substr(body, 2) {ENDED}",
        f"UPDATE journal SET body = replace(body, 'true', 'false') {ENDED}",
        f"UPDATE journal SET type = 'UserChangee' {ENDED}",
        f"UPDATE journal SET utc = '2020-01-01T00:00:00.000Z' {ENDED}",
    ],
)
def test_where_the_end_of_an_account_cannot_be_read_everybody_known_before_is_in_doubt(spoil, whole, statement):
    registry, lost = known(spoil(statement)), number_of(whole, "UserChanged")
    assert registry.doubts.unreadable == (lost,)
    assert registry.doubts.people == lost
    assert [registry.doubts.doubt(registry.users[user]) for user in ("u-1", "u-2", "u-3")] == [True, True, False]
    assert registry.users["u-2"].pin_hash == "hash of 2"
    assert f"entry {lost} of the clinic's lists is lost" in registry.doubts.sentence
    assert "old PIN may still be taken" in registry.doubts.sentence


def test_a_deleted_end_of_an_account_is_missed(spoil, whole):
    registry = known(spoil(f"DELETE FROM journal {ENDED}"))
    assert (registry.doubts.unreadable, registry.doubts.missing) == ((), 1)
    assert registry.doubts.doubt(registry.users["u-2"])
    assert not registry.doubts.doubt(registry.users["u-3"])


def test_also_where_it_was_the_clinics_last_entry(spoil, whole):
    last = f"(SELECT seq FROM journal {ENDED})"
    registry = known(spoil(f"DELETE FROM journal WHERE session = '' AND seq >= {last}"))
    assert (registry.doubts.missing, registry.doubts.perhaps) == (0, 4), "they may have been the session's"
    assert registry.doubts.lost == 4
    assert registry.doubts.doubt(registry.users["u-2"])


def test_a_sessions_last_entries_that_are_gone_are_none_of_the_clinics_where_its_own_chain_goes_on(spoil):
    assert known(spoil("DELETE FROM journal WHERE session = 's-1' AND session_seq > 2")).doubts == Doubts()


NEW_KEY, TAKEN = KeyTaken("a key"), RecordTaken("backup")


@pytest.mark.parametrize("first", [(), (TAKEN,), (NEW_KEY,), (NEW_KEY, TAKEN)])
def test_a_lost_last_entry_stays_lost_when_a_start_has_told_it_and_written_on_in_its_place(spoil, tmp_path, first):
    lost = spoil(f"DELETE FROM journal WHERE session = '' AND seq >= (SELECT seq FROM journal {ENDED})").registry_kept()
    clock, path = ManualClock(), tmp_path / "clinic.sqlite3"
    clock.advance(60)
    with recording(make_database(path, clock)) as recorder:
        for event in (*first, RecordDoubted("made up"), SignInFailed("u-2", 1)):
            recorder.submit([Draft("", clock.now(), "u-1", event)]).result()
            assert SqlArchive(path).registry_kept().doubts == lost.doubts  # wherever the computer went down


def test_it_stays_lost_in_the_record_that_is_recovered_without_it(spoil, tmp_path):
    spoil(f"UPDATE journal SET body = '[' WHERE session = '' AND seq >= (SELECT seq FROM journal {ENDED})")
    clock, path = ManualClock(), tmp_path / "again.sqlite3"
    recover(tmp_path / "clinic.sqlite3", path, "test", clock)
    lost = known(SqlArchive(path))
    assert (lost.doubts.missing, lost.doubts.perhaps, lost.doubts.doubt(lost.users["u-2"])) == (0, 4, True)
    clock.advance(60)
    with recording(make_database(path, clock)) as recorder:
        for event in (NEW_KEY, RecordDoubted("made up"), SignInFailed("u-2", 1)):
            recorder.submit([Draft("", clock.now(), "u-1", event)]).result()
            assert SqlArchive(path).registry_kept().doubts == lost.doubts


@pytest.mark.parametrize(("gone", "people", "doubted"), [(10, 11, False), (124, 124, True)])
def test_a_page_that_cannot_be_read_besides_puts_nobody_else_in_doubt(tmp_path, gone, people, doubted):
    path, clock = tmp_path / "clinic.sqlite3", ManualClock()
    one = UserAdded("u-1", ("administrator",), "A. DEMO-ONE", "hash of 1")
    many = [one, *(SignInFailed("u-1", n) for n in range(120)), UserChanged("u-1", pin_hash="new"), NEW_KEY]
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([Draft("", clock.now(), "u-1", event) for event in many]).result()
        recorder.submit([opened(clock.now())]).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").close()
        connection.execute("DROP TRIGGER journal_no_delete").close()
        connection.execute(f"DELETE FROM journal WHERE seq = {gone}").close()
    raw, size = bytearray(path.read_bytes()), 4096
    leaves = [at for at in range(0, len(raw), size) if raw[at] == 13 and b"SignInFailed" in raw[at : at + size]]
    at = leaves[len(leaves) // 2]
    raw[at : at + size] = b"\xff" * size
    path.write_bytes(raw)
    registry = known(SqlArchive(path))
    assert (registry.doubts.lost, registry.doubts.people) == (1, people)
    assert registry.doubts.doubt(registry.users["u-1"]) is doubted


def test_a_recovered_record_that_has_lost_nothing_is_not_doubted(whole, tmp_path):
    recover(whole, tmp_path / "again.sqlite3", "test", ManualClock())
    assert known(SqlArchive(tmp_path / "again.sqlite3")).doubts == Doubts()


def test_a_session_without_an_entry_is_no_doubt_about_people(spoil):
    registry = known(spoil("UPDATE journal SET session_seq = 5 WHERE type = 'SessionOpened'"))
    assert not registry.doubts


def test_another_lost_entry_accuses_no_pin(spoil, whole):
    registry = known(spoil("UPDATE journal SET body = '[' WHERE type = 'SignInFailed'"))
    lost = number_of(whole, "SignInFailed")
    assert registry.doubts == Doubts((lost,))
    assert registry.users["u-2"].retired
    assert "compare with paper" in registry.doubts.sentence


def test_a_lost_pin_is_no_pin_and_its_person_stays_by_name(spoil, whole):
    added = "SELECT min(seq) FROM journal WHERE type = 'UserAdded'"
    registry = known(spoil(f"UPDATE sealed SET value = 'other' WHERE field = 'pin_hash' AND seq = ({added})"))
    assert (registry.users["u-1"].name, registry.users["u-1"].pin_hash) == ("A. DEMO-ONE", "")
    assert registry.doubts.sentence
    assert not registry.doubts.doubt(registry.users["u-2"])


def test_an_administrators_new_pin_settles_the_doubt(spoil, whole, tmp_path):
    spoil(f"UPDATE journal SET body = '[' {ENDED}")
    clock = ManualClock()
    clock.advance(60)
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([Draft("", clock.now(), "u-2", UserChanged("u-2", pin_hash="own"))]).result()
        recorder.submit([Draft("", clock.now(), "u-1", UserChanged("u-1", pin_hash="new"))]).result()
    registry = known(SqlArchive(path))
    assert registry.doubts.doubt(registry.users["u-2"])
    assert not registry.doubts.doubt(registry.users["u-1"])


def test_who_is_who_is_told_as_far_as_it_can_be_read(spoil):
    first = "(SELECT min(seq) FROM journal WHERE type = 'UserAdded')"
    staff = spoil(f"UPDATE journal SET body = '[' WHERE seq = {first}").staff()
    assert set(staff) == {"u-2", "u-3"}


def test_whoever_reads_a_session_is_told_that_the_lists_are_not_whole(spoil, whole):
    found = spoil("UPDATE journal SET body = '[' WHERE type = 'UserChanged'").readable("s-1")
    lost = number_of(whole, "UserChanged")
    assert not found.damage.sentence
    assert (
        found.lists_lost == f"entry {lost} of the clinic's lists is lost: names, patients or bags may be missing here"
    )
    assert SqlArchive(whole).readable("s-1").lists_lost == ""


def test_also_of_those_that_are_gone_altogether(spoil, whole):
    assert spoil(f"DELETE FROM journal {ENDED}").readable("s-1").lists_lost == lists_lost((), 1)
    found = spoil(f"DELETE FROM journal WHERE session = '' AND seq >= (SELECT seq FROM journal {ENDED})").readable(
        "s-1"
    )
    assert (
        found.lists_lost == "4 entries of the clinic's lists may be lost: names, patients or bags may be missing here"
    )
    assert not found.damage.sentence
    assert spoil("DELETE FROM journal WHERE session = 's-1' AND session_seq > 2").readable("s-1").lists_lost == ""


def test_also_of_an_entry_whose_kind_nobody_knows_any_more(spoil, whole):
    found = spoil(f"UPDATE journal SET type = 'UserChangee' {ENDED}").readable("s-1")
    assert found.lists_lost == lists_lost((number_of(whole, "UserChanged"),))


def test_also_in_a_record_that_was_recovered_without_them(spoil, tmp_path):
    spoil(f"UPDATE journal SET body = '[' {ENDED}")
    path = tmp_path / "again.sqlite3"
    recover(tmp_path / "clinic.sqlite3", path, "test", ManualClock())
    found = SqlArchive(path).readable("s-1")
    assert found.lists_lost == lists_lost((), 1)
    assert not found.damage.sentence


def test_where_they_may_have_been_a_sessions_that_is_all_that_is_said(spoil, tmp_path):
    spoil("UPDATE journal SET body = '[' WHERE seq = (SELECT max(seq) FROM journal WHERE session <> '')")
    path = tmp_path / "again.sqlite3"
    recover(tmp_path / "clinic.sqlite3", path, "test", ManualClock())
    assert SqlArchive(path).readable("s-1").lists_lost == lists_lost((), perhaps=1)
    doubts = SqlArchive(path).registry_kept().doubts
    assert (doubts.missing, doubts.perhaps, doubts.lost) == (0, 1, 1)
    assert doubts.sentence.startswith("1 entry of the clinic's lists may be lost: an ended account or an old PIN may")


def test_at_the_sign_in_too(spoil):
    last = known(spoil(f"DELETE FROM journal WHERE session = '' AND seq >= (SELECT seq FROM journal {ENDED})"))
    assert last.doubts.told_to(last.users["u-2"]) == PEOPLE_PERHAPS
    gone = known(spoil(f"DELETE FROM journal {ENDED}"))
    assert [gone.doubts.told_to(gone.users[user]) for user in ("u-2", "u-3")] == [PEOPLE, ""]


@pytest.mark.parametrize(
    ("doubts", "words"),
    [
        (Doubts((5,)), "entry 5 of the clinic's lists is lost"),
        (Doubts((5, 7)), "entries 5, 7 of the clinic's lists are lost"),
        (Doubts((5,), 2), "entries 5 and 2 more of the clinic's lists are lost"),
        (Doubts((), 1), "1 entry of the clinic's lists is lost"),
        (Doubts((), 0, 1), "1 entry of the clinic's lists may be lost"),
        (Doubts((), 0, 4), "4 entries of the clinic's lists may be lost"),
        (Doubts((), 1, 4), "1 entry of the clinic's lists is lost, 4 more may be"),
        (Doubts((5,), 0, 4), "entry 5 of the clinic's lists is lost, 4 more may be"),
        (Doubts((5,), 2, 1), "entries 5 and 2 more of the clinic's lists are lost, 1 more may be"),
    ],
)
def test_what_is_lost_and_what_may_be_is_counted_apart(doubts, words):
    assert doubts.sentence.partition(":")[0] == words
    assert lists_lost(doubts.unreadable, doubts.missing, doubts.perhaps).partition(":")[0] == words


def test_no_loss_is_counted_as_none():
    assert Doubts(people=7).sentence.startswith("entries of the clinic's lists may be lost: an ended account")


def test_an_entry_of_the_lists_that_is_gone_for_certain_does_not_make_those_of_a_session_the_lists(tmp_path):
    path, again, clock = tmp_path / "clinic.sqlite3", tmp_path / "again.sqlite3", ManualClock()
    with recording(make_database(path, clock)) as recorder:
        for _ in range(4):
            recorder.submit([Draft("", clock.now(), "u-1", RecordViewed("", "names"))]).result()
        recorder.submit([opened(clock.now())]).result()
        for _ in range(8):
            clock.advance(1)
            recorder.submit([], [reading(clock.now())]).result()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}").close()
        connection.execute("UPDATE journal SET actor = 'x' WHERE seq = 3").close()
        connection.execute("UPDATE journal SET actor = 'x' WHERE seq > (SELECT max(seq) FROM journal) - 4").close()
    recover(path, again, "test", clock)
    archive = SqlArchive(again)
    said = "1 entry of the clinic's lists is lost, 4 more may be: "
    assert archive.registry_kept().doubts.sentence.startswith(said)
    assert archive.readable("s-1").lists_lost.startswith(said)
