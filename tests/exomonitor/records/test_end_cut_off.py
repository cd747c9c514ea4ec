"""An end that somebody cut off a record with plain SQL is missed: by the mark of how far it was signed, by backups."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.records import signed_mark
from exomonitor.records.backups import FOLDER, make_backup
from exomonitor.records.database import open_database
from exomonitor.records.doubt import Submit
from exomonitor.records.restore import held_in, restore
from exomonitor.records.signed_mark import catch_up, mark_beside, marks_beside, read_mark
from exomonitor.records.store import Store
from exomonitor.records.verify import verify_database
from exomonitor.records.verify_signatures import signed_so_far
from exomonitor.records.writer import RecorderThread
from exomonitor.session import machine_events as mv
from exomonitor.session.events import NoteAdded, SessionSigned
from exomonitor.session.trust_events import RecordDoubted, RecordRestored
from exomonitor.signing import new_key, open_key
from tests.exomonitor.records.record_samples import draft, opened, patient
from tests.scenario.forger import cut_database

DOUBT = "The end of the record was cut off or exchanged: it was signed up to entry 7"


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def path(tmp_path, clock):
    """Entries 1-7: a session that is signed off (5), exported with names (7 is the signature over that)."""
    at, path = clock.now(), tmp_path / "clinic.sqlite3"
    _, first = record(path, clock, opened(at), patient(at))
    record(path, clock, draft(SessionSigned("performed", first[-1].hash, "Complete"), at))
    record(path, clock, draft(mv.ExportMade(first[-1].session, ("csv",), True, "asked for"), at))
    return path


def record(path, clock, *drafts):
    """These entries, each in a transaction of its own, by the workstation of this folder."""
    key = open_key(path.parent)
    recorder = RecorderThread(open_database(path, "test", False, clock, public_key=key.public), key=key)
    saved = [recorder.submit([one]).result(10) for one in drafts]
    recorder.close()
    return saved


def started(path, clock):
    """The doubts that a start of the program records."""
    station = assemble(clock, path, "test", simulated=False, chair="1", watched=False)
    events = [entry.event for entry in station.archive.registry_entries((RecordDoubted,))]
    doubts = [event.why for event in events if isinstance(event, RecordDoubted)]
    station.close()
    return doubts


def test_the_mark_says_how_far_the_record_is_signed(path, clock):
    mark = read_mark(mark_beside(path))
    assert mark is not None
    assert (mark.seq, mark.fits, mark.public_key) == (7, True, open_key(path.parent).public)
    assert verify_database(path) == []
    assert started(path, clock) == []
    assert verify_database(path) == []


@pytest.mark.parametrize("keep", range(1, 7))
def test_an_end_that_was_cut_off_anywhere_is_named_by_the_mark(path, keep):
    cut_database(path, keep)
    rows = "row 7 is" if keep == 6 else f"rows {keep + 1}-7 are"
    assert f"journal: {rows} missing at the end (clinic.sqlite3.signed knows of row 7)" in map(
        str, verify_database(path)
    )


def test_right_behind_a_signature_or_before_a_session_it_is_all_that_tells(path):
    for keep in (5, 1):
        cut_database(path, keep)
        assert len(verify_database(path)) == 1
    mark_beside(path).unlink()
    assert verify_database(path) == []
    assert "No mark of how far it was signed lies beside it" in signed_so_far(path).sentence


@pytest.mark.expects_log(DOUBT)
def test_what_is_recorded_after_the_cut_does_not_hide_it(path, clock):
    cut_database(path, 5)
    assert started(path, clock) == [DOUBT]
    told = [str(one) for one in verify_database(path)]
    aside = marks_beside(path)[1]
    assert told == [f"journal: row 7 is another than {aside.name} knows"]
    assert started(path, clock) == [DOUBT]  # once


@pytest.mark.expects_log("which says how far the record is signed, is missing")
def test_a_mark_that_is_missing_is_recorded_at_the_next_start_and_made_anew(path, clock):
    mark_beside(path).unlink()
    [why] = started(path, clock)
    assert (
        why == f"{mark_beside(path).name}, which says how far the record is signed, is missing (the last one here: 7)"
    )
    mark = read_mark(mark_beside(path))
    assert mark is not None
    assert mark.seq == 9


def test_a_mark_that_was_changed_or_is_of_another_key_or_record_is_named(path, tmp_path, clock):
    whole = mark_beside(path).read_bytes()
    mark_beside(path).write_bytes(whole.replace(b'"seq":7', b'"seq":5'))
    assert [f.table for f in verify_database(path)] == ["signed end"]
    other = tmp_path / "other" / "clinic.sqlite3"
    other.parent.mkdir()
    record(other, clock, opened(clock.now()))
    mark_beside(other).write_bytes(whole)
    told = [str(one) for one in verify_database(other, trusted="")]
    assert told == ["signed end: clinic.sqlite3.signed is of another record, signed up to row 7, which is gone"]
    told = [str(one) for one in verify_database(other)]
    assert told == ["signed end: clinic.sqlite3.signed is signed with another key than this workstation's"]


def test_a_mark_that_a_crash_left_behind_moves_on_at_the_next_start(path, clock):
    before = mark_beside(path).read_bytes()
    record(path, clock, draft(mv.ExportMade("s-1", ("csv",), False), clock.now()))
    mark_beside(path).write_bytes(before)
    assert verify_database(path) == []
    assert started(path, clock) == []
    mark = read_mark(mark_beside(path))
    assert mark is not None
    assert mark.seq == 9


def test_a_newer_backup_names_what_is_missing_also_without_the_mark(path, clock):
    backup = make_backup(path, path.parent / FOLDER, clock.now().utc)
    assert verify_database(path) == []
    assert verify_database(backup) == []
    cut_database(path, 1)
    mark_beside(path).unlink()
    assert [str(one) for one in verify_database(path)] == [
        f"journal: rows 2-7 are missing at the end (backups/{backup.name} knows of row 7)"
    ]


def test_an_older_backup_copied_over_the_database_is_found_and_a_restored_one_is_recorded(path, clock):
    old = make_backup(path, path.parent / FOLDER, clock.now().utc)
    clock.advance(60.0)
    record(path, clock, draft(mv.ExportMade("s-1", ("csv",), False), clock.now()))
    newer = make_backup(path, path.parent / FOLDER, clock.now().utc)
    shutil.copy(old, path)
    assert [str(one) for one in verify_database(path)] == [
        "journal: rows 8-9 are missing at the end (clinic.sqlite3.signed knows of row 9)"
    ]
    clock.advance(60.0)
    done = restore(old, held_in(old), path, clock.now().utc)
    assert done.aside is not None
    assert mark_beside(done.aside).exists()
    assert [f.what for f in verify_database(path)] == [f"are missing at the end (backups/{newer.name} knows of row 9)"]
    clock.advance(timedelta(seconds=2).total_seconds())
    record(path, clock, draft(RecordRestored("", 7, done.aside.name), clock.now(), ""))
    assert verify_database(path) == []


def test_a_new_key_takes_the_mark_over(path, clock):
    (path.parent / "station.key").unlink()
    (path.parent / "station.pub").unlink()
    assert started(path, clock) == []
    mark = read_mark(mark_beside(path))
    assert mark is not None
    assert (mark.public_key, mark.seq) == (open_key(path.parent).public, 9)
    assert verify_database(path) == []
    assert catch_up(path, "another", new_key()) == "clinic.sqlite3.signed is of another record, signed up to entry 9"


def test_the_mark_moves_on_by_itself_every_half_minute_after_an_alarm_and_at_the_end(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    key = open_key(tmp_path)
    store = Store(open_database(path, "test", False, clock, public_key=key.public), key)
    seen = []

    def say(seconds, event):
        ((entry,),) = store.save([Submit((draft(event, clock.advance(seconds)),))])
        while store.merge_next():
            pass
        mark = read_mark(mark_beside(path))
        assert mark is not None
        assert mark.fits
        seen.append(entry.seq - mark.seq)

    say(0, opened(clock.now()).event)  # the first of a start
    say(29, NoteAdded("a note"))
    say(1, NoteAdded("a note"))
    rise = mv.AlarmChanged("spo2.low", "SpO2 low", "high", "pending", "active", clock.now())
    say(5, rise)
    say(9, rise)
    say(1, NoteAdded("a note"))
    say(20, replace(rise, priority="low"))
    store.finish()
    last = read_mark(mark_beside(path))
    assert seen == [0, 1, 0, 1, 2, 0, 1], "ten seconds after the first rise, not after the last mark"
    assert last is not None
    assert last.seq == 8
    cut_database(path, 7)
    assert [str(one) for one in verify_database(path)] == [
        "journal: row 8 is missing at the end (clinic.sqlite3.signed knows of row 8)"
    ]


@pytest.mark.expects_log("how far the record is signed could not be noted beside it: the disk failed")
def test_a_mark_that_does_not_fit_is_put_aside_also_after_the_disk_failed_once(path, clock, monkeypatch):
    mark_beside(path).write_bytes(mark_beside(path).read_bytes().replace(b'"seq":7', b'"seq":500'))
    key = open_key(path.parent)
    store = Store(open_database(path, "test", False, clock, public_key=key.public), key)

    def say(seconds):
        store.save([Submit((draft(NoteAdded("a note"), clock.advance(seconds)),))])
        while store.merge_next():
            pass
        return [one.name for one in marks_beside(path)]

    def failing(*_):
        raise OSError("the disk failed")

    own = mark_beside(path).name
    with monkeypatch.context() as patch:
        patch.setattr(signed_mark, "_put_aside", failing)
        assert say(1) == [own]
    assert say(9) == [own], "a disk that fails is not asked all the time"
    _, aside = say(1)
    assert aside.startswith(f"{own}-500-")
    store.finish()
    assert [one.what for one in verify_database(path)] == ["was changed (it is no mark that a workstation signed)"]
    assert [one.where for one in verify_database(path)] == [aside]


@pytest.mark.expects_log("which says how far the record is signed, was changed")
def test_a_second_mark_that_cannot_be_read_leaves_the_first_where_it_is(path, clock):
    for text in (b"first", b"second"):
        mark_beside(path).write_bytes(text)
        assert len(started(path, clock)) > 0
    own, *asides = marks_beside(path)
    assert [one.read_bytes() for one in asides] == [b"first", b"second"]
    assert read_mark(own) is not None


def test_a_mark_with_a_number_that_no_row_can_have_is_none(path):
    whole = mark_beside(path).read_bytes()
    for number in (b"%d" % 10**30, b"%d" % 2**63, b"-7", b"0"):
        mark_beside(path).write_bytes(whole.replace(b'"seq":7', b'"seq":' + number))
        assert read_mark(mark_beside(path)) is None
        assert signed_so_far(path).seq == 7
        assert len(verify_database(path)) == 1
