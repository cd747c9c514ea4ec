"""The recorder signs the ends of the chains where a record is closed, added to or exported, and after a new key."""

from __future__ import annotations

import shutil

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.records.database import open_database
from exomonitor.records.signed_mark import mark_beside
from exomonitor.records.verify import verify_database
from exomonitor.records.verify_signatures import signed_so_far
from exomonitor.records.writer import RecorderThread
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionSigned
from exomonitor.session.trust_events import HeadSigned, KeyTaken
from exomonitor.signing import open_key
from tests.exomonitor.records.record_samples import draft, opened, order, patient


@pytest.fixture
def clock():
    return ManualClock()


def record(folder, clock, *drafts, key=None):
    """These entries in the folder's database, by a workstation with a key; the entries of the last submit."""
    key = key or open_key(folder)
    path = folder / "clinic.sqlite3"
    recorder = RecorderThread(open_database(path, "test", False, clock, public_key=key.public), key=key)
    entries: tuple[Entry, ...] = ()
    for one in drafts:
        entries = recorder.submit([one]).result(10)
    recorder.close()
    return entries


def test_a_sign_off_is_signed_in_the_same_transaction_and_what_follows_is_counted(tmp_path, clock):
    at = clock.now()
    first = record(tmp_path, clock, opened(at), patient(at), order(at))
    signed, head = record(tmp_path, clock, draft(SessionSigned("performed", first[-1].hash, "Complete"), at))
    assert isinstance(head.event, HeadSigned)
    assert (head.seq, head.session, head.event.why) == (signed.seq + 1, signed.session, "SessionSigned")
    told = signed_so_far(tmp_path / "clinic.sqlite3")
    assert (told.seq, told.later) == (head.seq, 0)
    record(tmp_path, clock, draft(mv.ExportMade(signed.session, ("csv",), False), at))
    record(tmp_path, clock, opened(at, "s-2", "EX-0002"))
    told = signed_so_far(tmp_path / "clinic.sqlite3")
    assert told.later == 0  # an orderly end is signed beside it
    mark_beside(tmp_path / "clinic.sqlite3").unlink()
    told = signed_so_far(tmp_path / "clinic.sqlite3")
    assert told.later == 1
    assert "1 later entries wait for the next signature" in told.sentence
    assert verify_database(tmp_path / "clinic.sqlite3") == []


def test_a_person_s_signature_over_something_that_is_not_there_is_named(tmp_path, clock):
    at = clock.now()
    record(tmp_path, clock, opened(at), draft(SessionSigned("performed", "ab" * 32, "Complete"), at))
    [found] = verify_database(tmp_path / "clinic.sqlite3")
    assert str(found) == "journal: row 3 is a person's signature over something that is not there"


def test_nothing_to_sign_is_no_finding_and_said(tmp_path, clock):
    record(tmp_path, clock, opened(clock.now()))
    assert verify_database(tmp_path / "clinic.sqlite3") == []
    assert signed_so_far(tmp_path / "clinic.sqlite3").sentence.startswith("Signed up to entry 2 ")
    mark_beside(tmp_path / "clinic.sqlite3").unlink()
    assert signed_so_far(tmp_path / "clinic.sqlite3").sentence.startswith("Not signed by any workstation yet")


def test_a_record_that_was_brought_to_another_computer_is_signed_there_anew(tmp_path, clock):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    at = clock.now()
    first = record(old, clock, opened(at))
    record(old, clock, draft(SessionSigned("performed", first[-1].hash, "Complete"), at))
    shutil.copy(old / "clinic.sqlite3", new)
    path, public = new / "clinic.sqlite3", open_key(new).public
    assert [f.what for f in verify_database(path)] == ["was signed with another key than this workstation's"]
    for _ in range(2):
        assemble(clock, path, "test", simulated=False, chair="1", watched=False).close()
    assert verify_database(path) == []
    told = signed_so_far(path)
    assert (told.key, told.later) == (public, 0)
    assert (
        told.seq == first[-1].seq + 4
    )  # signed, its signature, the new key taken, its signature; the second start: none


@pytest.mark.expects_log("the record is not signed: station.key holds no key")
def test_without_a_usable_key_the_station_works_and_says_so(tmp_path, clock):
    (tmp_path / "station.key").write_text("damaged")
    (tmp_path / "station.key").chmod(0o600)
    assemble(clock, tmp_path / "clinic.sqlite3", "test", simulated=False, chair="1", watched=False).close()
    assert verify_database(tmp_path / "clinic.sqlite3") == []


def test_the_taking_of_a_key_is_signed_itself(tmp_path, clock):
    taken, head = record(tmp_path, clock, draft(KeyTaken(open_key(tmp_path).public), clock.now(), ""))
    assert (taken.session, head.session, head.event.why) == ("", "", "KeyTaken")
