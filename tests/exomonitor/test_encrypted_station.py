"""A whole station on an encrypted record: it records, exports, proves, backs up; a second one reads along."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import ManualClock
from exomonitor.drafts import FOLDER as DRAFTS
from exomonitor.drafts import REGISTRATION, DraftField, DraftStore, FormDraft, open_drafts
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.verify import verify_export
from exomonitor.records import keys
from exomonitor.records.backups import FOLDER, make_backup
from exomonitor.records.cipher import SealedBox
from exomonitor.records.verify import verify_database
from exomonitor.registry.users import ADMINISTRATOR, NURSE
from exomonitor.session import commands as cmd
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from tests.exomonitor.station_bench import do


def test_a_station_and_a_second_one_that_only_reads_work_on_an_encrypted_record(tmp_path: Path, clock: ManualClock):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keys.keep_in_file(data, keys.new_key())
    database = data / "clinic.sqlite3"
    first = assemble(clock, database, "test", simulated=False, chair="4", watched=False)
    try:
        sealed = first.seal_pin("719350").result(5)
        nurse = do(first, AddUser("4", "", "N. DEMO-FIRST", (ADMINISTRATOR, NURSE), sealed)).answer
        do(first, SignIn("4", "", first.prove(nurse, "719350").result(5).token))
        session = do(first, cmd.OpenSession("4", nurse)).entries[0].session
        second = assemble(clock, database, "test", simulated=False, chair="4", watched=False)
        try:
            assert "records here since" in second.read_only
            assert [row.session for row in second.archive.sessions()] == [session]
            with pytest.raises(CommandRefused, match="records here since"):
                second.submit(cmd.OpenSession("4", nurse)).result(5)
        finally:
            second.close()
        out = first.export_now(session, tmp_path / "out", ("json", "csv"), "", nurse)
        assert verify_export(out, "") == []
        backup = make_backup(database, data / FOLDER, clock.now().utc)
    finally:
        first.close()
    keys.forget_keys()
    for file in (database, backup):
        assert file.read_bytes().startswith(keys.MARK)
        assert b"DEMO-FIRST" not in file.read_bytes()
        assert verify_database(file) == []
    again = assemble(clock, database, "test", simulated=False, chair="4", watched=False)
    try:
        assert again.prove("N. DEMO-FIRST", "719350").result(5).user == nurse
    finally:
        again.close()
    keys.forget_keys()


def test_half_filled_forms_beside_an_encrypted_record_are_encrypted_too(tmp_path: Path):
    clock = ManualClock(datetime(2027, 3, 2, 9, tzinfo=UTC))
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    keys.keep_in_file(data, keys.new_key())
    database, now = data / "clinic.sqlite3", clock.now().utc
    draft = FormDraft(REGISTRATION, "register", {"name": DraftField("DEMO-HALF, Way", now)})
    for turn in range(2):
        station = assemble(clock, database, "test", simulated=False, chair="4")
        try:
            assert isinstance(station.drafts, DraftStore)
            if not turn:
                station.drafts.keep(draft)
            assert station.drafts.find(REGISTRATION, "register", now) == draft
        finally:
            station.close()
        (file,) = (data / DRAFTS).iterdir()
        assert b"DEMO-HALF" not in file.read_bytes()
        keys.forget_keys()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert open_drafts(data, (), now, SealedBox(keys.new_key())).find(REGISTRATION, "register", now) is None
    assert list((data / DRAFTS).iterdir()) == []


@pytest.mark.parametrize(
    "text", ["key", "key x y z", "at", "\0\0", "key 0123456789abcdef zz", "store", "# only\n\n \n", "at a "]
)
def test_a_key_file_that_somebody_spoilt_is_refused_or_holds_nothing(tmp_path: Path, text: str):
    (tmp_path / keys.FILE).write_text(text + "\n")
    file = tmp_path / "x.sqlite3"
    file.write_bytes(keys.MARK + bytes.fromhex("0123456789abcdef") + b"rest")
    with pytest.raises(EnvironmentFault):
        keys.key_of(file)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"key " * 40_000])
def test_a_key_file_that_is_no_text_or_too_long_is_told(tmp_path: Path, data: bytes):
    (tmp_path / keys.FILE).write_bytes(data)
    with pytest.raises(EnvironmentFault, match="key file"):
        keys.key_for_new(tmp_path)
