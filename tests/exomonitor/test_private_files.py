"""Whatever the umask: each file and folder that the program makes is its user's alone, from the moment it is made."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.transport.capture import CaptureWriter
from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.drafts import DraftField, DraftStore, FormDraft
from exomonitor.exports.ics import write_calendar
from exomonitor.folders import make_private, write_private
from exomonitor.logbook import FILE as LOG
from exomonitor.logfile import PrivateLog
from exomonitor.records import keys
from exomonitor.records.backups import FOLDER, make_backup
from exomonitor.records.recover import recover
from exomonitor.records.restore import held_in, restore
from exomonitor.session import commands as cmd
from exomonitor.session.parts.leaving_events import NextDoseDecided
from exomonitor.settings import Settings, save_settings
from tests.exomonitor.station_bench import do, sign_in

MADE = {
    "demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-shm", "demo.sqlite3.lease", "station.key", "station.pub",
    "record.key", "settings.toml", "exomonitor.log", "session.json", "manifest.json",
    "saved.sqlite3", "saved.sqlite3.recovery.json",
}  # fmt: skip


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Each file and folder that others may touch in any way."""
    found = [folder, *folder.rglob("*")]
    return {str(p.relative_to(folder.parent)): oct(m) for p in found if (m := stat.S_IMODE(p.lstat().st_mode)) & 0o077}


@pytest.mark.expects_log("made up for the log file")
def test_nothing_that_is_made_can_be_touched_by_others(tmp_path: Path, clock: ManualClock, umask: int):
    data = tmp_path / "new" / "data"
    station = assemble(clock, data / "demo.sqlite3", "test", simulated=True, chair="4", watched=False)
    try:
        nurse = sign_in(station)
        session = do(station, cmd.OpenSession("4", nurse)).entries[0].session
        assert modes(tmp_path / "new") == {}, "while it runs, the log and its index too"
        made = {p.name for p in data.iterdir()}
        station.export_now(session, data / "out" / "here", ("json", "csv"), "a made-up reason", nurse)
        assert station.protocols is not None
        station.protocols.keep(station.protocol)
        draft = FormDraft("s", "order", {"dose": DraftField("20", clock.now().utc)})
    finally:
        station.close()
    DraftStore(data).keep(draft)
    save_settings(data, Settings())
    keys.keep_in_file(data, keys.new_key())
    keys.forget_keys()
    make_private(data / "captures")
    CaptureWriter(data / "captures" / "one.cap", "nonin").close()
    backup = make_backup(data / "demo.sqlite3", data / FOLDER, clock.now().utc)
    recover(data / "demo.sqlite3", data / "saved" / "saved.sqlite3", "test", clock)
    restore(backup, held_in(backup), data / "demo.sqlite3", clock.now().utc)
    booked = NextDoseDecided("booked", planned="2026-03-16", time="09:00", uid="DEMO-K3XQ")
    write_calendar(booked, data / "calendar", clock.now())
    logging.getLogger("exomonitor.test").warning("made up for the log file")
    assert modes(tmp_path / "new") == {}
    made |= {p.name for p in data.rglob("*")}
    assert made >= MADE, MADE - made
    assert any(p.suffix == ".ics" for p in data.rglob("*"))
    _forget_log(data / LOG)


def _forget_log(path: Path) -> None:
    root = logging.getLogger()
    for known in [one for one in root.handlers if isinstance(one, PrivateLog) and Path(one.baseFilename) == path]:
        root.removeHandler(known)
        known.close()


def test_a_file_that_was_open_to_others_is_closed_before_anything_is_written(tmp_path: Path):
    path = tmp_path / "old"
    path.write_text("before")
    path.chmod(0o666)
    write_private(path, b"now")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"now", 0o600)
