"""A restore that was planned on the screen: done at the next start, before anything is opened, or not at all."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.records.backups import FOLDER, make_backup
from exomonitor.records.connections import connect_reader
from exomonitor.records.restore_later import ADDED, BackupDesk, carry_out, request_of
from exomonitor.records.verify import verify_database
from exomonitor.registry.users import ADMINISTRATOR, NURSE
from exomonitor.session import commands as cmd
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.session.trust_events import RecordRestored
from exomonitor.station import Station
from tests.exomonitor.station_bench import do


def start(path: Path, clock: ManualClock) -> Station:
    return assemble(clock, path, "test", simulated=True, chair="4", watched=False)


@pytest.fixture
def kept(tmp_path: Path, clock: ManualClock) -> tuple[Path, Path, str]:
    """A database, a backup of it, and its administrator."""
    path = tmp_path / "data" / "demo.sqlite3"
    station = start(path, clock)
    sealed = station.seal_pin("5930").result(5)
    admin = do(station, AddUser("4", "", "A. DEMO-FIRST", (ADMINISTRATOR, NURSE), sealed)).answer
    station.close()
    return path, make_backup(path, path.parent / FOLDER, clock.now().utc), admin


def damage(path: Path) -> None:
    """Something in the middle, which a start does not look at."""
    data = bytearray(path.read_bytes())
    at = data.rindex(b"UserAdded")
    data[at : at + 9] = b"UserAddeX"
    path.write_bytes(data)


def test_a_backup_is_told_and_takes_the_place_of_a_damaged_record_at_the_next_start(kept, clock: ManualClock):
    path, backup, admin = kept
    station = start(path, clock)
    desk = station.backup_desk
    assert isinstance(desk, BackupDesk)
    assert [(one.path, one.made) for one in desk.kept()] == [(backup, "2026-03-02 09:00:00")]
    same = desk.look(backup)
    assert same.why_not == "It holds just what the present record holds, which is intact."
    assert (same.sessions, same.entries) == (0, same.here)
    damage(path)
    look = desk.look(backup)
    assert look.why_not == ""
    desk.plan(look, admin)
    assert desk.planned() == backup.name
    station.close()
    station = start(path, clock)
    try:
        assert station.backup_desk is not None
        assert station.backup_desk.told.startswith(f"Restored at this start: {look.entries} entries; the old file is ")
        assert station.backup_desk.planned() == ""
        entries = station.archive.registry_entries((RecordRestored,))
        (done,) = [e.event for e in entries if isinstance(e.event, RecordRestored)]
        assert (done.user, done.entries) == (admin, look.entries)
        assert (path.parent / done.kept).exists()
    finally:
        station.close()
    assert verify_database(path) == []


def test_never_while_a_session_is_open_nor_by_anybody_else_nor_over_more(kept, clock: ManualClock):
    path, backup, admin = kept
    station = start(path, clock)
    desk = station.backup_desk
    assert isinstance(desk, BackupDesk)
    try:
        look = desk.look(backup)
        with pytest.raises(CommandRefused, match="An administrator signs in"):
            desk.plan(look, "u-nobody")
        do(station, SignIn("4", "", station.prove(admin, "5930").result(5).token))
        do(station, cmd.OpenSession("4", admin))
        with pytest.raises(CommandRefused, match="A session is open"):
            desk.plan(look, admin)
        do(station, cmd.AbandonSession("4", admin, "a made-up reason"))
        later = desk.look(backup)
        assert "intact and newer" in later.why_not
        with pytest.raises(CommandRefused, match="intact and newer"):
            desk.plan(later, admin)
        assert not request_of(path).exists()
    finally:
        station.close()


@pytest.mark.expects_log("a planned restore was not done")
def test_what_was_added_meanwhile_is_never_lost(kept, clock: ManualClock):
    path, backup, admin = kept
    request_of(path).write_text(f'{{"backup": "{backup}", "present": [1, "x"], "by": "{admin}"}}')
    before = path.read_bytes()
    assert carry_out(path, clock.now().utc) == (None, f"Not restored: {ADDED}")
    assert path.read_bytes() == before
    assert not request_of(path).exists()


def test_a_plan_that_cannot_be_read_is_dropped_and_told(kept, clock: ManualClock):
    path, _, _ = kept
    request_of(path).write_text("nonsense")
    assert carry_out(path, clock.now().utc) == (None, "Not restored: what was planned cannot be read any more")
    assert carry_out(path, clock.now().utc) == (None, "")


@pytest.mark.parametrize("name", ["x" * 5000, "\ud800"])
@pytest.mark.expects_log("a planned restore was not done")
def test_a_plan_whose_backup_cannot_even_be_looked_for_is_dropped_and_told(kept, clock: ManualClock, name: str):
    path, _, _ = kept
    with closing(connect_reader(path)) as connection:
        end = list(connection.execute("SELECT seq, hash FROM chain_head").fetchone())
    request_of(path).write_text(json.dumps({"backup": name, "present": end, "by": "u"}))
    done, told = carry_out(path, clock.now().utc)
    assert (done, told[:14], told.isprintable()) == (None, "Not restored: ", True)
    assert carry_out(path, clock.now().utc) == (None, "")
