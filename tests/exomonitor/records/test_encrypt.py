"""Encryption at rest: nothing of the record stands in the clear, its key is where it was said, and all else goes on."""

from __future__ import annotations

import shutil
import sqlite3
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoStore

from exomonitor import upkeep
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import typed_by
from exomonitor.lease import take_lease
from exomonitor.records import keys
from exomonitor.records.backups import make_backup
from exomonitor.records.connections import open_raw
from exomonitor.records.encrypt import rewrite
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.restore import held_in, restore
from exomonitor.records.verify import verify_database
from exomonitor.session.trust_events import RecordTaken
from tests.exomonitor.records.record_samples import SESSION, fill, make_database, recording

NAME = b"Testperson, Ada"
_MANY_ROWS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
    "INSERT INTO filler SELECT hex(randomblob(400)) FROM n"
)


class Store(KeyringBackend):
    """A key store in memory."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def store() -> Iterator[Store]:
    """No test touches this computer's own key store, nor keeps a key."""
    before, made = keyring.get_keyring(), Store()
    keyring.set_keyring(made)
    keys.forget_keys()
    yield made
    keyring.set_keyring(before)
    keys.forget_keys()


@pytest.fixture
def path(tmp_path: Path, clock: ManualClock) -> Path:
    """A record in the clear."""
    path = tmp_path / "data" / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 12)
    return path


def asked(path: Path, **more: object) -> Namespace:
    """What the command line says."""
    plain = {"data": path.parent, "key_file": None, "new_key": False, "demo": False}
    return Namespace(**{**plain, **more})


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_an_encrypted_record_holds_nothing_in_the_clear_and_is_the_same_record(path, clock, capsys):
    before = open_archive(path).entries(SESSION)
    assert NAME in bytes_of(path.parent)
    upkeep.run_encrypt(asked(path))
    assert "Encrypted 29 entries" in capsys.readouterr().out
    assert [file.name for file in sorted(path.parent.iterdir())] == [
        "clinic.sqlite3",
        "clinic.sqlite3.lease",
        "record.key",
    ]
    assert NAME not in bytes_of(path.parent)
    assert b"journal" not in path.read_bytes()
    assert open_archive(path).entries(SESSION) == before
    assert verify_database(path) == []
    with recording(make_database(path, clock)) as recorder:  # and it goes on, its log encrypted too
        fill(recorder, clock, 2, "s-2")
        assert NAME not in bytes_of(path.parent)
    assert verify_database(path) == []


def test_the_key_is_in_the_system_s_key_store_and_nowhere_else(path, store):
    upkeep.run_encrypt(asked(path))
    (secret,) = store.kept.values()
    assert secret.encode() not in bytes_of(path.parent)
    keys.forget_keys()
    assert verify_database(path) == []
    store.kept.clear()
    keys.forget_keys()
    with pytest.raises(EnvironmentFault, match=r"its key .{16} is not on this computer"):
        open_archive(path)


def test_a_key_file_is_private_and_may_lie_elsewhere(path, tmp_path, clock):
    file = tmp_path / "stick" / "exomonitor.key"
    file.parent.mkdir()
    upkeep.run_encrypt(asked(path, key_file=file))
    assert file.stat().st_mode & 0o777 == (path.parent / keys.FILE).stat().st_mode & 0o777 == 0o600
    keys.forget_keys()
    assert verify_database(path) == []
    shutil.move(file, tmp_path / "lost.key")
    keys.forget_keys()
    with pytest.raises(EnvironmentFault, match=r"not in .*exomonitor\.key"):
        make_database(path, clock)
    keys.look_also(tmp_path / "lost.key")
    copy = tmp_path / "elsewhere.sqlite3"
    shutil.copy(path, copy)
    assert verify_database(copy) == []


def test_where_the_computer_has_no_key_store_the_way_out_is_said(path):
    keyring.set_keyring(NoStore())
    before = path.read_bytes()
    with pytest.raises(CommandRefused, match="use --key-file FILE"):
        upkeep.run_encrypt(asked(path))
    assert path.read_bytes() == before


def test_another_key_leaves_older_backups_readable(path, clock, store):
    upkeep.run_encrypt(asked(path))
    backup = make_backup(path, path.parent / "backups", clock.now().utc)
    first = keys.named_by(path)
    with pytest.raises(CommandRefused, match="--new-key"):
        upkeep.run_encrypt(asked(path))
    upkeep.run_encrypt(asked(path, new_key=True))
    assert keys.named_by(path) != first == keys.named_by(backup)
    keys.forget_keys()
    assert verify_database(path) == verify_database(backup) == []
    assert restore(backup, held_in(backup), path, clock.advance(1).utc).entries > 0
    assert keys.named_by(path) == first
    assert len(store.kept) == 2


def test_in_the_clear_again(path, clock):
    upkeep.run_encrypt(asked(path))
    upkeep.run_decrypt(asked(path))
    last = open_archive(path).entries("")[-1]
    assert last.event == RecordTaken("decrypted")
    assert last.actor == typed_by()
    assert NAME in path.read_bytes()
    assert verify_database(path) == []
    assert keys.key_for_new(path.parent) is None
    with pytest.raises(CommandRefused, match="not encrypted"):
        upkeep.run_decrypt(asked(path))


def test_a_record_that_is_not_there_yet_is_made_encrypted(tmp_path, clock, capsys):
    path = tmp_path / "data" / "clinic.sqlite3"
    upkeep.run_encrypt(asked(path))
    assert "will be encrypted" in capsys.readouterr().out
    make_database(path, clock)
    assert path.read_bytes().startswith(keys.MARK)


def test_a_record_in_use_or_damaged_is_left_as_it_is(path, clock):
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 1, "s-2")
        with pytest.raises(CommandRefused, match="in use"):
            rewrite(path, keys.new_key(), path.parent / "backups")
    lease = take_lease(path, "chairside", "2026-03-02")
    with pytest.raises(CommandRefused, match="chairside records here since 2026-03-02"):
        upkeep.run_encrypt(asked(path))
    lease.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER journal_no_update")
        connection.execute("UPDATE journal SET actor = 'x' WHERE seq = 2")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(CommandRefused, match="not intact"):
        rewrite(path, keys.new_key(), path.parent / "backups")
    assert path.read_bytes() == before


def test_backups_left_in_the_clear_are_counted(path, clock, capsys):
    make_backup(path, path.parent / "backups", clock.now().utc)
    upkeep.run_encrypt(asked(path))
    assert "still in the clear: 1" in capsys.readouterr().out


def test_a_damaged_key_and_a_damaged_beginning_are_told_apart(path, tmp_path, clock):
    file = tmp_path / "k"
    upkeep.run_encrypt(asked(path, key_file=file))
    whole = file.read_text()
    file.write_text(whole[:-9] + ("0" if whole[-9] != "0" else "1") + whole[-8:])
    keys.forget_keys()
    with pytest.raises(EnvironmentFault, match=r"The key .* in k is damaged"):
        open_archive(path)
    file.write_text(whole)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(EnvironmentFault, match="its beginning is damaged"):
        open_archive(path)
    done = recover(path, tmp_path / "saved.sqlite3", "ExoMonitor test", clock)
    assert done.intact > 10
    assert (tmp_path / "saved.sqlite3").read_bytes().startswith(keys.MARK), "what was encrypted stays so"


def test_a_first_page_that_was_being_written_when_the_power_failed_is_taken_from_the_log(path, tmp_path, clock):
    upkeep.run_encrypt(asked(path))
    (left := path.parent / "left").mkdir()
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 2, "s-2")
        for end in ("", "-wal"):
            shutil.copy(path.with_name(path.name + end), left)
    torn = left / path.name
    data = bytearray(torn.read_bytes())
    data[1024:1536] = bytes(512)
    torn.write_bytes(data)
    assert len(open_archive(torn).entries("s-2")) > 2
    with recording(make_database(torn, clock)) as recorder:
        fill(recorder, clock, 1, "s-3")
    assert verify_database(torn) == []


def test_a_first_page_that_was_torn_when_a_record_was_first_opened_is_taken_back(path, clock):
    """Turning the log on writes the first page; what it was lies in a journal until that is done."""
    upkeep.run_encrypt(asked(path))
    with closing(open_raw(path, "rw")) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("PRAGMA user_version = 99")
        raw.execute("PRAGMA cache_spill = ON")
        (left := path.parent / "left").mkdir()
        raw.execute("CREATE TABLE filler (x)")
        raw.execute("PRAGMA cache_size = 1")
        raw.execute(_MANY_ROWS)
        for end in ("", "-journal"):
            shutil.copy(path.with_name(path.name + end), left)
        raw.execute("ROLLBACK")
    torn = left / path.name
    data = bytearray(torn.read_bytes())
    data[1024:1536] = bytes(512)
    torn.write_bytes(data)
    with recording(make_database(torn, clock)) as recorder:
        fill(recorder, clock, 1, "s-2")
    assert verify_database(torn) == []


def test_without_the_packages_for_encryption_one_sentence_says_so(path, monkeypatch):
    upkeep.run_encrypt(asked(path))
    monkeypatch.setitem(__import__("sys").modules, "sqlcipher3", None)
    with pytest.raises(EnvironmentFault, match="packages for encryption are missing"):
        open_archive(path).entries(SESSION)


def test_a_key_never_stands_in_a_text_that_is_shown(path):
    key = keys.new_key()
    assert key.secret.hex() not in repr(key)
    assert str(key.secret) not in repr(key)
