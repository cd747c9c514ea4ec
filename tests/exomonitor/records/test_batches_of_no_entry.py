"""Readings and waves that no entry tells of are given out only where theirs can be gone, and then it is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.engine.stored import Damage
from exomonitor.exports.bundle import export_session
from exomonitor.exports.verify import verify_export
from exomonitor.records import gone
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.records.verify_batches import OF_NONE_LEFT, TOO_MANY
from exomonitor.session import events as ev
from tests.exomonitor.records.record_samples import SESSION, draft, fill, make_database, opened, reading, recording
from tests.exomonitor.records.tampering import (
    FORGED,
    forge,
    forge_wave,
    junk,
    recovered,
    spoil_page,
    tampering,
    two_sessions,
)

NOTE_OF_TWO = "SELECT max(seq) - 3 FROM journal WHERE session = 's-2'"
END = "(SELECT max(seq) FROM journal) - 9"


@pytest.fixture
def path(tmp_path: Path, clock: ManualClock) -> Path:
    """Two sessions of twelve batches each."""
    return two_sessions(tmp_path / "clinic.sqlite3", clock)


def told(path: Path, session: str = "s-1") -> tuple[Damage, int, int]:
    """What is lost of it, how many readings are given out and how many of those are forged."""
    found = open_archive(path).readable(session)
    values = [row.value for _, row in found.readings()]
    return found.damage, len(values), values.count(FORGED)


@pytest.mark.parametrize("of_two", ["ReadingsStored", "NoteAdded"])
@pytest.mark.parametrize("recovers", [False, True])
def test_an_entry_that_another_session_lacks_vouches_for_nothing(path, clock, of_two, recovers):
    with tampering(path) as connection:
        here = f"(SELECT max(seq) - 4 FROM journal WHERE session = 's-2' AND type = '{of_two}')"
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq = {here} + 1")
        forge(connection, 999, 5)
    path = recovered(path, clock) if recovers else path
    damage, given, forged = told(path)
    assert (damage.added, given, forged) == ((999,), 12, 0)
    assert damage.sentence.endswith(
        "1 batch of the readings or waves of this session that no entry proves is left out."
    )
    assert open_archive(path).damaged() == ["s-1", "s-2"]


def test_a_row_far_behind_the_end_makes_no_room(path):
    with tampering(path) as connection:
        connection.execute(
            "INSERT INTO journal SELECT 1000000, 'zz', 1, utc, tz, mono_ns, boot_id, actor, station, type, body,"
            " prev_in_database, prev_in_session, hash FROM journal WHERE seq = 3"
        )
        for batch in (25, 26, 999):
            forge(connection, batch)
    assert told(path)[1:] == (12, 0)


@pytest.mark.parametrize("batch", [2, 25, 0, -1])
def test_nor_does_a_number_that_another_session_knows_or_that_was_never_given(path, batch):
    with tampering(path) as connection:
        connection.execute(f"DELETE FROM journal WHERE seq = ({NOTE_OF_TWO})")
        forge(connection, batch)
        forge_wave(connection, 997)
    damage, given, forged = told(path)
    assert (given, forged, damage.added, damage.added_waves) == (12, 0, (batch,), (997,))


def test_true_readings_stay_beside_forged_ones(path, clock):
    with tampering(path) as connection:
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > {END}")
        for batch in range(900, 910):
            forge(connection, batch)
    damage, given, forged = told(recovered(path, clock))
    assert (given, forged, damage.unproved, len(damage.added)) == (12, 0, (19, 21, 23), 10)


def test_of_an_end_that_a_recovery_left_out_it_is_said_what_nothing_proves(path, clock):
    with tampering(path) as connection:
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > {END}")
    path = recovered(path, clock)
    damage, given, _ = told(path)
    assert (given, damage.entries, damage.perhaps, damage.unproved) == (12, 9, 6, (19, 21, 23))
    assert damage.sentence == (
        "DAMAGED: 3 entries of this session are lost; 6 more entries may be;"
        " nothing proves 3 of the readings that are left."
    )
    assert open_archive(path).damaged() == ["s-1", "s-2"]
    said = [f.what for f in verify_database(path) if f.table == "readings"]
    assert len(said) == 6
    assert all(what.startswith("of no entry that is left") for what in said)


def test_the_recovery_itself_counts_what_no_entry_tells_of(path, clock):
    with tampering(path) as connection:
        forge(connection, 999)
        forge_wave(connection, 998)
    done = recover(path, path.with_name("again.sqlite3"), "test", clock)
    assert done.sentence.endswith("2 batches of readings or waves are known to no entry.")
    assert not done.complete


def test_both_verifiers_say_of_such_an_export_what_it_says_itself(path, clock, tmp_path):
    with tampering(path) as connection:
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > {END}")
    archive = open_archive(recovered(path, clock))
    folder = export_session(
        archive, "s-1", tmp_path / "out", ("csv", "json"), protocol=load_protocol(), program="t", now=clock.now()
    )
    manifest = json.loads((folder / "manifest.json").read_bytes())
    assert manifest["lost"]["unproved"] == [19, 21, 23]
    found = [str(finding) for finding in verify_export(folder)]
    assert sum("is known to no entry that is left" in one for one in found) == 3
    assert not any("were added" in one for one in found)


def test_a_reaction_at_an_end_that_a_recovery_left_out_is_not_denied(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        now = clock.now()
        recorder.submit([opened(now), draft(ev.NoteAdded("x"), now), opened(now, "s-0", "EX-0")]).result()
        recorder.submit([draft(ev.SessionAbandoned("x"), now, "s-0")]).result()
        recorder.submit([draft(ev.ReactionOpened("r1", now, now, None, None, None, "", {}), now)]).result()
    with tampering(path) as connection:
        connection.execute("UPDATE journal SET actor = 'x' WHERE type = 'ReactionOpened'")
    again = recovered(path, clock)
    assert told(again, SESSION)[0] == Damage(entries=1, perhaps=1)
    assert told(again, SESSION)[0].sentence == "DAMAGED: 1 entry of this session may be lost."
    assert open_archive(again).proved(SESSION)[1] == Damage(entries=1, perhaps=1)
    assert open_archive(again).damaged() == [SESSION], "one that had ended lacks nothing"
    with recording(make_database(again, clock)) as recorder:
        recorder.submit([draft(ev.NoteAdded("on"), clock.now()), opened(clock.now(), "s-9", "EX-9")]).result()
        recorder.submit([], [reading(clock.now())]).result()
    assert told(again, SESSION)[0] == Damage(entries=1, perhaps=1), "it took the number of the lost one"
    assert open_archive(again).damaged() == [SESSION]


def test_of_a_batch_that_is_not_all_there_nothing_proves_the_rest(tmp_path, clock):
    path = two_sessions(tmp_path / "clinic.sqlite3", clock, rounds=3, rows=5)
    with tampering(path) as connection:
        connection.execute("DELETE FROM readings WHERE id = 11")
        connection.execute(f"UPDATE readings SET value = {FORGED} WHERE id BETWEEN 12 AND 15")
    damage, given, forged = told(path)
    assert (given, forged) == (14, 4)
    assert damage == Damage(readings=1, unproved=(3,), unproved_readings=4)
    assert damage.sentence == (
        "DAMAGED: 1 reading of this session is lost; nothing proves 4 of the readings that are left."
    )


def test_a_wave_second_that_stands_twice_is_told(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
    with tampering(path) as connection:
        forge_wave(connection, 2, SESSION)
    assert told(path, SESSION)[0] == Damage(changed=(2,))


def test_an_entry_that_stands_in_a_session_that_never_was_costs_no_reading(path):
    with tampering(path) as connection:
        newest = "(SELECT max(seq) FROM journal WHERE type = 'ReadingsStored' AND session = 's-1')"
        connection.execute(f"UPDATE journal SET session = 's-9' WHERE seq = {newest}")
    damage, given, _ = told(path)
    assert (given, damage.entries, damage.unproved) == (12, 1, (23,))
    assert {finding.table for finding in verify_database(path)} == {"journal"}


def test_more_than_can_have_been_is_left_out_where_nobody_knows_which(path):
    with tampering(path) as connection:
        connection.execute("DELETE FROM journal WHERE body LIKE '{\"batch\":5,%'")
        forge_wave(connection, 5)
    damage, given, _ = told(path)
    assert (given, damage.entries, damage.added) == (11, 1, (5,))


def test_a_wave_under_the_number_of_readings_costs_no_reading_that_its_entry_proves(path, clock, tmp_path):
    with tampering(path) as connection:
        for batch in range(1, 24, 2):
            forge_wave(connection, batch)
    damage, given, _ = told(path)
    assert (given, damage) == (12, Damage(added_waves=tuple(range(1, 24, 2))))
    assert damage.sentence.startswith("DAMAGED: 12 batches of the readings or waves of this session")
    folder = export_session(
        open_archive(path), "s-1", tmp_path / "o", ("csv",), protocol=load_protocol(), program="t", now=clock.now()
    )
    assert [finding.what for finding in verify_export(folder) if "holds" in finding.what] == []


MIDDLE = "seq BETWEEN 16 AND 24"
"""Nine entries, three of s-1 among them, of the batches 9, 11 and 13."""


def without_the_middle(path: Path) -> None:
    with tampering(path) as connection:
        connection.execute(f"DELETE FROM sealed WHERE {MIDDLE}")
        connection.execute(f"DELETE FROM journal WHERE {MIDDLE}")


def test_one_row_under_a_number_of_another_session_costs_no_other_batch(path):
    without_the_middle(path)
    with tampering(path) as connection:
        forge(connection, 12)
    damage, given, forged = told(path)
    assert (given, forged, damage.unproved, damage.added) == (12, 0, (9, 11, 13), (12,))
    damage, given, forged = told(path, "s-2")
    assert (given, forged, damage.unproved, damage.added) == (11, 0, (10, 14), (12,)), "nothing tells which is true"
    said = [finding.what for finding in verify_database(path) if "(batch 12)" in finding.what]
    assert said == 2 * [f"{TOO_MANY} (batch 12)"]


def test_of_more_than_can_have_been_it_is_said_that_nothing_tells_which_is_true(path):
    without_the_middle(path)
    with tampering(path) as connection:
        connection.execute("DELETE FROM readings WHERE batch = 12")
        forge(connection, 12)
    damage, given, forged = told(path)
    assert (given, forged, damage.added) == (9, 0, (9, 11, 12, 13))
    assert damage.sentence == (
        "DAMAGED: 3 entries of this session are lost;"
        " 4 batches of its readings or waves that no entry proves are left out."
    )
    said = [finding.what for finding in verify_database(path) if finding.table == "readings"]
    for batch in (9, 11, 12, 13):
        assert f"{TOO_MANY} (batch {batch})" in said
    assert f"{OF_NONE_LEFT} (batch 14)" in said


def test_verification_asks_once_for_all_such_batches_of_a_session(path, clock, monkeypatch):
    with tampering(path) as connection:
        connection.execute(f"UPDATE journal SET actor = 'x' WHERE seq > {END}")
    again = recovered(path, clock)
    asked: list[str] = []
    claims = gone.Gone.claims

    def counted(known: gone.Gone, session: str, batches: Any) -> gone.Claims:
        asked.append(session)
        return claims(known, session, batches)

    monkeypatch.setattr(gone.Gone, "claims", counted)
    verify_database(again)
    assert sorted(asked) == ["s-1", "s-2"]


def test_behind_a_page_of_the_journal_that_cannot_be_read_verification_looks_at_all_the_rest(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 40)
    with tampering(path) as connection:
        connection.execute("UPDATE wave_chunks SET crc32 = crc32 + 1 WHERE id = 1")
        connection.execute("UPDATE readings SET value = 200 WHERE id = 3")
    spoil_page(path, "journal", 0.5)
    said = [str(finding) for finding in verify_database(path)]
    assert "wave_chunks: row 1 was changed (its checksum does not fit)" in said
    assert any(one.startswith("readings: rows 3-4 (batch 3) were changed") for one in said)
    assert sum(OF_NONE_LEFT in one for one in said) > 10
    assert not any("added" in one for one in said)


def test_a_page_of_a_sessions_own_entries_costs_the_clinics_lists_nothing(path):
    spoil_page(path, "journal", 1.0)
    found = open_archive(path).readable("s-1")
    assert found.damage.entries
    assert (found.damage.perhaps, found.lists_lost) == (0, "")


@pytest.mark.parametrize("seq", [0, -1])
@pytest.mark.parametrize("session", ["zz", "", "s-2"])
def test_a_row_before_the_beginning_hides_no_loss(path, seq, session):
    with tampering(path) as connection:
        newest = connection.execute("SELECT max(seq) FROM journal").fetchone()[0]
        connection.execute("DELETE FROM sealed WHERE seq = ?", (newest,))
        connection.execute("DELETE FROM journal WHERE seq = ?", (newest,))
    lost = told(path)[0], told(path, "s-2")[0], open_archive(path).registry_kept().doubts
    with tampering(path) as connection:
        junk(connection, seq, session)
    assert lost[0].sentence == lost[1].sentence == "DAMAGED: 1 entry of this session may be lost."
    assert told(path)[0] == lost[0]
    assert told(path, "s-2")[0].perhaps == 1
    assert open_archive(path).registry_kept().doubts == lost[2]
    assert {*open_archive(path).damaged()} >= {"s-1", "s-2"}


def test_the_whole_journal_is_proved_once_for_all_sessions(path, monkeypatch):
    with tampering(path) as connection:
        for session in ("s-1", "s-2"):
            forge(connection, 900 + int(session[-1]), session=session)
    calls: list[int] = []
    proves = gone.gone_of

    def counted(*given: Any) -> gone.Gone:
        calls.append(1)
        return proves(*given)

    monkeypatch.setattr(gone, "gone_of", counted)
    assert open_archive(path).damaged() == ["s-1", "s-2"]
    assert len(calls) == 1
