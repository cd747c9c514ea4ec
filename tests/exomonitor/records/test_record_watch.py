"""While the program runs its record is verified by a process of its own, and its lease is looked at."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Sequence

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import EnvironmentFault
from exomonitor.records import verify
from exomonitor.records.record_watch import RecordWatch, prove_apart
from tests.exomonitor.records.record_samples import SESSION, make_database, opened, recording

ROW = "journal: row 2 was changed (its hash does not fit)"


@pytest.fixture
def path(tmp_path):
    """A record of two entries."""
    clock, path = ManualClock(), tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(clock.now())]).result(10)
    return path


def spoil(path):
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"study_id":"EX-0001"', b'"study_id":"EX-0009"'))


def test_a_process_of_its_own_says_what_does_not_fit(path):
    spoil(path)
    assert prove_apart(path, threading.Event()) == ROW


def test_it_also_says_of_which_sessions_something_is_lost(path):
    told: list[Sequence[str]] = []
    prove_apart(path, threading.Event(), found=told.append)
    spoil(path)
    prove_apart(path, threading.Event(), found=told.append)
    assert told == [[], [SESSION]]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("", ""),
        ("import sys; print('a'); print('b'); print('c'); sys.exit(1)", "a and 2 more"),
        ("import sys; print('no room', file=sys.stderr); sys.exit(2)", EnvironmentFault("no room")),
        ("import sys; sys.exit(3)", EnvironmentFault("it ended without a word")),
    ],
)
def test_what_that_process_says_is_one_sentence(path, script, told):
    if isinstance(told, str):
        assert prove_apart(path, threading.Event(), ("-c", script)) == told
        return
    with pytest.raises(EnvironmentFault, match=str(told)):
        prove_apart(path, threading.Event(), ("-c", script))


def test_a_program_that_closes_ends_it(path):
    closing = threading.Event()
    closing.set()
    assert prove_apart(path, closing, ("-c", "import signal; signal.pause()")) == ""


def test_its_exit_code_tells_intact_changed_and_no_record(path, monkeypatch, capsys):
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert verify.main([str(path)]) == 0
    spoil(path)
    assert verify.main([str(path)]) == 1
    assert capsys.readouterr().out == f"{ROW}\n\t{SESSION}\n"
    path.write_bytes(b"no database at all")
    assert verify.main([str(path)]) == 2


def test_pages_that_sqlite_itself_cannot_follow_are_found_by_the_short_look(path, capsys):
    assert verify.quick_check(path) == []
    data = bytearray(path.read_bytes())
    data[5 * 4096 : 5 * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    found = verify.quick_check(path)
    assert found
    assert found[0].what.startswith("fails SQLite's own check")


def watched(path, answers, looks=()):
    """What a watch tells whose verifications and looks at the lease come out like this."""
    told: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    found, leases = iter(answers), iter(looks)

    def prove(_path, _closing):
        answer = next(found)
        if isinstance(answer, Exception):
            raise answer
        return answer

    watch = RecordWatch(path, lambda: next(leases, ""), lambda *it: told.put(it), prove, look_s=0.001, first=1)
    watch.start()
    return watch, told


@pytest.mark.expects_log("the record, verify: journal")
def test_a_finding_is_told_once_the_program_runs(path):
    watch, told = watched(path, [ROW])
    assert told.get(timeout=10) == ("verify", ROW)
    watch.close()
    assert told.empty()


@pytest.mark.expects_log("the record could not be verified: no room", "the record, lease: bay-2 records here")
def test_what_cannot_be_verified_is_logged_and_a_lost_lease_is_told_until_it_is_back(path):
    watch, told = watched(path, [EnvironmentFault("no room")], ["", "bay-2 records here", "bay-2 records here"])
    assert told.get(timeout=10) == ("lease", "bay-2 records here")
    assert told.get(timeout=10) == ("lease", "")
    watch.close()


def test_closing_does_not_wait_for_the_next_look(path):
    watch = RecordWatch(path, lambda: "", lambda *_: None, look_s=3600.0)
    watch.start()
    watch.close()
