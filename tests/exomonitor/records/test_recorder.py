"""The recorder: what its futures promise is in the file, in order, chained, and reads back equal."""

from __future__ import annotations

import io
import json
import logging
import threading
import traceback
from concurrent.futures import Future
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.ports import Draft, WaveSecond
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import GENESIS, row_hash, sealed_digest
from exomonitor.records.connections import writer_engine
from exomonitor.records.queries import SqlArchive
from exomonitor.records.verify import verify_database
from exomonitor.records.writer import commit_lines
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.codec import private_fields
from exomonitor.session.entry import Entry
from exomonitor.session.phases import DeliverySource, Fluid
from tests.exomonitor.records.record_samples import (
    SESSION,
    ask,
    draft,
    fill,
    make_database,
    opened,
    patient,
    reading,
    recording,
    staff_named,
    wave_second,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "clinic.sqlite3"


def test_entries_come_back_in_order_with_their_batches_last(path, clock):
    now = clock.now()
    with recording(make_database(path, clock)) as recorder:
        entries = recorder.submit([opened(now), patient(now)], [reading(now)], [wave_second(now)]).result()
    assert [type(entry.event).__name__ for entry in entries] == [
        "SessionOpened", "PatientIdentified", "ReadingsStored", "WavesStored",
    ]  # fmt: skip
    assert [entry.seq for entry in entries] == [2, 3, 4, 5]
    assert [entry.session_seq for entry in entries] == [1, 2, 3, 4]
    assert SqlArchive(path).entries(SESSION) == list(entries)
    assert entries[2].event == replace(entries[2].event, batch=1, count=1)  # type: ignore[call-arg]
    assert entries[3].event == replace(entries[3].event, batch=2, count=1)  # type: ignore[call-arg]


def test_both_chains_hold_across_sessions_and_restarts(path, clock):
    database = make_database(path, clock)
    for _ in range(2):
        with recording(database) as recorder:
            for session in ("a", "b", "", "a"):
                recorder.submit([draft(ev.NoteAdded("note"), clock.advance(1), session)]).result()
    last = {"": GENESIS, "a": GENESIS, "b": GENESIS}
    before = GENESIS
    archive = SqlArchive(path)
    rows = sorted((row for s in last for row in archive.journal_rows(s)), key=lambda row: int(str(row["seq"])))
    assert [row["seq"] for row in rows] == list(range(1, 10))
    for row in rows:
        assert row["hash"] == row_hash(row)
        assert (row["prev_in_database"], row["prev_in_session"]) == (before, last[str(row["session"])])
        before = last[str(row["session"])] = str(row["hash"])
    assert verify_database(path) == []


def test_private_texts_stand_nowhere_but_among_the_sealed(path, clock):
    now = clock.now()
    secrets = ("Testperson", "1970-01-01", "MRN-000", "none known", "Nurse Example")
    with recording(make_database(path, clock)) as recorder:
        recorder.submit([opened(now), patient(now), staff_named(now)]).result()
    stored = json.dumps(ask(path, "SELECT * FROM journal"))
    assert [word for word in secrets if word in stored] == []
    archive = SqlArchive(path)
    sealed = archive.sealed(SESSION)
    assert [row["field"] for row in sealed] == ["allergies", "born", "mrn", "name"]
    assert all(row["digest"] == sealed_digest(str(row["salt"]), str(row["value"])) for row in sealed)
    assert len({row["salt"] for row in sealed}) == 4
    (body,) = [row["body"] for row in archive.journal_rows(SESSION) if row["type"] == "PatientIdentified"]
    assert isinstance(body, dict)
    assert body["name"] == {"sha256": sealed[3]["digest"]}
    assert body["reason"] == ""
    assert archive.staff() == {"staff-1": ("Nurse Example", "nurse")}


INSTANTS = st.builds(
    lambda us, mono, boot: Instant(ManualClock().now().utc + timedelta(microseconds=us), mono, boot),
    st.integers(0, 10**12), st.integers(0, 2**62), st.sampled_from(["boot-a", "boot-b"]),
)  # fmt: skip
TEXTS = st.text(max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
EVENTS = st.one_of(
    st.builds(ev.NoteAdded, TEXTS, st.none() | st.integers(1, 99), TEXTS),
    st.builds(
        ev.PatientIdentified, st.lists(TEXTS, max_size=3).map(tuple), TEXTS, TEXTS, TEXTS, TEXTS, st.none(), TEXTS
    ),
    st.builds(
        ev.DeliveryChanged, INSTANTS, st.sampled_from(Fluid), NUMBERS, st.sampled_from(DeliverySource), TEXTS,
        st.none() | NUMBERS,
    ),
    st.builds(
        ev.ObservationRecorded, TEXTS, INSTANTS,
        st.dictionaries(TEXTS, st.builds(ev.ObservedValue, st.decimals(-99, 999, places=2), TEXTS, TEXTS, NUMBERS)),
    ),
    st.builds(mv.GapClosed, TEXTS, INSTANTS, INSTANTS, NUMBERS),
)  # fmt: skip
DRAFTS = st.builds(Draft, st.sampled_from(["", "s-1", "s-2"]), INSTANTS, TEXTS, EVENTS)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One recorder for all examples of a property: every example adds to the same database."""
    path = tmp_path_factory.mktemp("shared") / "clinic.sqlite3"
    with recording(make_database(path, ManualClock())) as recorder:
        yield path, recorder


@given(st.lists(DRAFTS, min_size=1, max_size=5))
def test_whatever_is_recorded_reads_back_equal_and_sealed(shared, drafts):
    path, recorder = shared
    entries = recorder.submit(drafts).result()
    archive = SqlArchive(path)
    for session in {one.session for one in drafts}:
        mine = [entry for entry in entries if entry.session == session]
        assert archive.entries(session)[-len(mine) :] == mine
    for entry in entries:
        ((body,),) = ask(path, "SELECT body FROM journal WHERE seq = ?", entry.seq)
        stored = json.loads(str(body))
        kind: type = type(entry.event)
        for name in private_fields(kind):
            text = getattr(entry.event, name)
            assert stored[name] == "" if not text else set(stored[name]) == {"sha256"}
    for given_draft, entry in zip(drafts, entries, strict=True):
        assert entry.at.utc == given_draft.at.utc.replace(microsecond=given_draft.at.utc.microsecond // 1000 * 1000)
        assert {f.name for f in fields(entry.event)} == {f.name for f in fields(given_draft.event)}


def test_the_database_of_all_those_examples_is_intact(shared):
    path, _ = shared
    assert verify_database(path) == []


def test_readings_come_back_as_they_were_given(path, clock):
    early = clock.now()
    now = clock.advance(5.25)
    rows = [
        reading(now, "hr", 72),
        reading(now, "spo2", None),
        replace(reading(now, "nibp_sys", 118.5), measured_at=early),
        reading(now, "hr", 80.0, "s-2"),
    ]
    with recording(make_database(path, clock)) as recorder:
        entries = recorder.submit([], rows).result()
    archive = SqlArchive(path)
    assert [(entry.session, entry.event.count) for entry in entries] == [("s-1", 3), ("s-2", 1)]  # type: ignore[attr-defined]
    assert list(archive.readings("s-1")) == [(1, rows[0]), (1, rows[1]), (1, rows[2])]
    assert list(archive.readings("s-2")) == [(2, rows[3])]


def test_wave_seconds_come_back_in_order_from_chunks_and_staging_alike(path, clock):
    given_waves = []
    database = make_database(path, clock)
    with recording(database) as recorder:
        for _ in range(23):
            now = clock.advance(1)
            seconds = [wave_second(now, "ecg_ii", 100), wave_second(now, "pleth", 50)]
            given_waves += seconds
            recorder.submit([], [], seconds).result()
        recorder.submit([]).result()  # what follows a commit is done before the next one is served
        assert ask(path, "SELECT count(*) FROM wave_chunks") == [(2,)]
        assert ask(path, "SELECT count(*) FROM wave_staging") == [(6,)]
        _same_waves(SqlArchive(path), given_waves)
        assert verify_database(path) == []
    assert ask(path, "SELECT count(*) FROM wave_staging") == [(0,)]
    _same_waves(SqlArchive(path), given_waves)
    assert verify_database(path) == []


def _same_waves(archive: SqlArchive, given_waves: list[WaveSecond]) -> None:
    found = [second for _, second in archive.waves(SESSION)]
    assert [(s.wave, s.began, s.rate_hz, s.gain, s.unit, s.origin) for s in found] == [
        (s.wave, s.began, s.rate_hz, s.gain, s.unit, s.origin) for s in given_waves
    ]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(found, given_waves, strict=True))


def test_signing_a_session_merges_its_waves_and_nobody_elses(path, clock):
    signed = ev.SessionSigned("performed", "ab" * 32, "complete", "Nurse Example")
    with recording(make_database(path, clock)) as recorder:
        now = clock.now()
        recorder.submit([], [], [wave_second(now), wave_second(now, session="s-2")]).result()
        recorder.submit([draft(signed, now)]).result()
        recorder.submit([]).result()
        assert ask(path, "SELECT session FROM wave_staging") == [("s-2",)]
        assert ask(path, "SELECT session FROM wave_chunks") == [(SESSION,)]


def test_staged_seconds_of_an_earlier_run_are_merged_with_the_new_ones(path, clock):
    database = make_database(path, clock)
    with recording(database) as first:
        for _ in range(17):
            first.submit([], [], [wave_second(clock.advance(1))]).result()
        path.with_name("crashed.sqlite3").write_bytes(path.read_bytes())
        path.with_name("crashed.sqlite3-wal").write_bytes(path.with_name(path.name + "-wal").read_bytes())
    crashed = make_database(path.with_name("crashed.sqlite3"), clock)
    with recording(crashed) as second:
        for _ in range(3):
            second.submit([], [], [wave_second(clock.advance(1))]).result()
        second.submit([]).result()
        assert ask(crashed.path, "SELECT count(*) FROM wave_chunks") == [(1,)]
    assert verify_database(crashed.path) == []


def _wait(gate: threading.Event) -> None:
    gate.wait()


@pytest.mark.expects_log("could not be recorded")
def test_a_submit_that_cannot_be_written_down_leaves_the_others_alone(path, clock):
    gate = threading.Event()
    with recording(make_database(path, clock), lambda _: _wait(gate)) as recorder:
        now = clock.now()
        first = recorder.submit([opened(now)])
        good = recorder.submit([patient(now)])
        bad = recorder.submit([draft(mv.ClockJumped(float("nan")), now)])
        later = recorder.submit([draft(ev.NoteAdded("after"), now)])
        gate.set()
        assert [len(future.result()) for future in (first, good, later)] == [1, 1, 1]
        assert isinstance(bad.exception(), ValueError)
    assert [entry.seq for entry in SqlArchive(path).entries(SESSION)] == [2, 3, 4]
    assert verify_database(path) == []


def test_submits_that_wait_share_a_transaction_and_keep_their_order(path, clock):
    groups: list[int] = []
    gate = threading.Event()

    def seen(entries: object) -> None:
        gate.wait()
        groups.append(len(entries))  # type: ignore[arg-type]

    with recording(make_database(path, clock), seen) as recorder:
        futures = [recorder.submit([draft(ev.NoteAdded(str(n)), clock.now())]) for n in range(40)]
        gate.set()
        seqs = [future.result()[0].seq for future in futures]
    assert seqs == list(range(2, 42))
    assert len(groups) < 40


def test_many_threads_may_submit_at_once(path, clock):
    futures: list[Future[tuple[Entry, ...]]] = []
    with recording(make_database(path, clock)) as recorder:

        def write(session: str) -> None:
            futures.extend(recorder.submit([draft(ev.NoteAdded("x"), clock.now(), session)]) for _ in range(25))

        threads = [threading.Thread(target=write, args=(f"s-{n}",)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(future.result()[0].seq for future in futures) == list(range(2, 102))
    assert verify_database(path) == []


def test_closing_writes_what_waits_and_refuses_what_comes_later(path, clock):
    with recording(make_database(path, clock)) as recorder:
        waiting = [recorder.submit([draft(ev.NoteAdded("x"), clock.now())]) for _ in range(100)]
        recorder.close()
        assert all(len(future.result(0)) == 1 for future in waiting)
        late = recorder.submit([draft(ev.NoteAdded("late"), clock.now())])
        with pytest.raises(EnvironmentFault):
            late.result(0)
        recorder.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_empty_submit_is_nothing(path, clock):
    with recording(make_database(path, clock)) as recorder:
        assert recorder.submit([]).result() == ()
    assert ask(path, "SELECT count(*) FROM journal") == [(1,)]


def test_each_commit_can_be_printed_as_lines(path, clock):
    out = io.StringIO()
    now = clock.now()
    with recording(make_database(path, clock), commit_lines(out)) as recorder:
        entries = recorder.submit([opened(now)], [reading(now)]).result()
        printed = [json.loads(line) for line in out.getvalue().splitlines()]
    assert printed == [{"kind": "recorded", "seq": entry.seq, "hash": entry.hash} for entry in entries]


def test_a_reader_of_the_lines_who_leaves_does_not_stop_the_recording(path, clock, caplog):
    def broken(_: object) -> None:
        raise BrokenPipeError("nobody there")

    with recording(make_database(path, clock), broken) as recorder:
        for _ in range(3):
            assert recorder.submit([draft(ev.NoteAdded("x"), clock.now())]).result()
    assert [record.levelno for record in caplog.records].count(logging.WARNING) == 1


def test_a_long_session_is_read_while_it_is_written(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 12)
        archive = SqlArchive(path)
        half = archive.waves(SESSION)
        first = [next(half) for _ in range(5)]
        fill(recorder, clock, 12, "s-2")
        assert len(first) + len(list(half)) == 24
        assert archive.open_sessions() == [SESSION, "s-2"]


@pytest.mark.parametrize(
    "statement", ["INSERT INTO sealed VALUES (:seq, :name, 'aa', :value)", "SELECT :value FROM no"]
)
def test_no_error_of_the_record_repeats_what_went_into_the_statement(path, clock, statement):
    database = make_database(path, clock)
    words = {"seq": 1, "name": "DEMO-EXAMPLE, Jane", "value": "DEMO-EXAMPLE, Jane"}
    engine = writer_engine(database.path, wal=False)
    with pytest.raises(SQLAlchemyError) as told, engine.begin() as connection:
        connection.execute(text(statement), [words, words])
    assert "DEMO-EXAMPLE" not in "".join(traceback.format_exception(told.value))
