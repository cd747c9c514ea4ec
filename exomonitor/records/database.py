"""Opening a database: made if it is not there, brought up to date if it is old, refused if it is not ours."""

from __future__ import annotations

import json
import os
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from exomonitor.clock import Clock, zone_name
from exomonitor.engine.ports import STATION_ACTOR, Draft
from exomonitor.errors import CommandRefused, EnvironmentFault, RecordDamaged
from exomonitor.records.cipher import PAGE, decrypted, is_genuine, sql_errors
from exomonitor.records.connections import connect_reader, open_raw, writer_engine
from exomonitor.records.faults import fault
from exomonitor.records.fresh_form import make_schema
from exomonitor.records.held import beginning
from exomonitor.records.journal import Chain, Tip
from exomonitor.records.keys import key_for_new, key_of
from exomonitor.records.mapping import naming
from exomonitor.records.schema import APPLICATION_ID, CHAIN_HEAD, JOURNAL, SCHEMA_VERSION
from exomonitor.session.entry import event_from
from exomonitor.session.machine_events import DatabaseCreated

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES, _VERSION_AT, _APPLICATION_AT = 100, 60, 68  # of SQLite's file format
FIRST_TYPE = DatabaseCreated.__name__
_ENDS = "SELECT max(utc) FROM (SELECT utc FROM journal ORDER BY seq DESC LIMIT 500)"


@dataclass(frozen=True, slots=True)
class Database:
    """An open-able database of this program; what its first journal row says, and what stands in every new row."""

    path: Path
    database_id: str
    simulated: bool
    first_hash: str
    tz: str
    station: str
    ends: str = ""
    """UTC of the latest among the newest entries, as it was opened."""

    def writer(self) -> Engine:
        """The engine of the one connection that writes."""
        return writer_engine(self.path, wal=True)


def open_database(
    path: Path, program: str, simulated: bool, clock: Clock, station: str = "chairside", public_key: str = ""
) -> Database:
    """Make or open the database at `path`. `station`: a short name of this workplace for every row; `public_key`: of
    the workstation, for the first row of a new one.

    Raises CommandRefused (wrong kind or newer program) or EnvironmentFault (damaged, lost, cannot be written).
    """
    if restoring(path).exists():
        raise EnvironmentFault(f"Restoring {path.name} from a backup was interrupted: restore it again.")
    if path.exists():
        check_header(path)
    else:
        event = DatabaseCreated(uuid.uuid4().hex, program, simulated, public_key)
        _create(path, event, clock, station)
    try:
        with writer_engine(path, wal=True).connect() as connection:
            database = _examined(connection, path, station)
    except sql_errors(SQLAlchemyError) as cause:
        raise fault(cause, f"{path.name} cannot be opened for writing") from cause
    if database.simulated != simulated:
        kind, wanted = ("simulated", "real") if database.simulated else ("real", "simulated")
        raise CommandRefused(f"{path.name} holds {kind} sessions and cannot be opened for {wanted} ones.")
    return database


def check_header(path: Path) -> None:
    """Refuse what is surely no database of this program, or is newer than it; leaves no trace beside the file."""
    try:
        header, _ = beginning(path, PAGE)
    except OSError as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause
    if not header:
        raise RecordDamaged(f"{path.name} is empty: the record that it held is lost. Restore it from a backup.")
    key = key_of(path)
    if key is not None:
        if not is_genuine(key, 1, header):
            if _log_waits(path):  # torn by a power cut while it was written: whole in there, if anywhere
                return
            raise RecordDamaged(f"{path.name} is encrypted and cannot be read: its beginning is damaged.")
        header = decrypted(key, 1, header)
    if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
        raise RecordDamaged(f"{path.name} is not a database.")
    version, application = (int.from_bytes(header[at : at + 4], "big") for at in (_VERSION_AT, _APPLICATION_AT))
    if application != APPLICATION_ID:
        raise RecordDamaged(f"{path.name} is not a database of this program.")
    _check_version(path, version)


def _log_waits(path: Path) -> bool:
    """Whether SQLite will bring in a log, or take back what was half done."""
    for end in ("-wal", "-journal"):
        with suppress(OSError):
            if path.with_name(path.name + end).stat().st_size > 0:
                return True
    return False


def _check_version(path: Path, version: int) -> None:
    if version > SCHEMA_VERSION:
        raise CommandRefused(f"{path.name} was written by a newer version of this program: open it with that version.")


_MIGRATING = threading.Lock()
"""Alembic keeps what it works on in its modules: two threads would take each other's connection."""


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the schema of an older database up to `revision`, inside the caller's transaction."""
    from alembic import command  # a third of a second to import, and needed for an older database alone
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    with _MIGRATING:
        command.upgrade(config, revision)


def make_private_folder(folder: Path) -> None:
    """Make a folder and its missing parents for this user alone. Raises EnvironmentFault when it cannot."""
    try:
        if not folder.exists():
            make_private_folder(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        elif not folder.is_dir():
            raise EnvironmentFault(f"{folder} is not a folder.")
    except OSError as cause:
        raise fault(cause, f"The folder {folder} cannot be made") from cause


def _create(path: Path, event: DatabaseCreated, clock: Clock, station: str) -> None:
    """Made under another name and moved when it is whole: a file of the right name is never half a database."""
    make_private_folder(path.parent)
    if path.with_name(path.name + "-wal").exists():
        raise RecordDamaged(f"{path.name} is missing although its log {path.name}-wal is there: the record is lost.")
    fresh = path.with_name(f".{path.name}.new")
    try:
        for leftover in (fresh, fresh.with_name(fresh.name + "-journal")):
            leftover.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with writer_engine(fresh, wal=False, key=key_for_new(path.parent)).begin() as connection:
            make_schema(connection)
            _write_first_row(connection, event, clock, station)
        fresh.rename(path)
        sync_folder(path.parent)
    except sql_errors(SQLAlchemyError, OSError) as cause:
        raise fault(cause, f"No database can be made in {path.parent}") from cause


def _write_first_row(connection: Connection, event: DatabaseCreated, clock: Clock, station: str) -> None:
    chain = Chain(zone_name(), station, Tip(), lambda _: Tip())
    written = chain.append(Draft("", clock.now(), STATION_ACTOR, event))
    connection.execute(insert(JOURNAL), [written.row])
    connection.execute(insert(CHAIN_HEAD), [{"id": 1, "seq": 1, "hash": written.row["hash"], "chunks": 0}])


def restoring(path: Path) -> Path:
    """The file that stands beside a database while a backup is being put in its place."""
    return path.with_name(path.name + ".restoring")


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable, where the system has such a thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _examined(connection: Connection, path: Path, station: str) -> Database:
    """The write lock proves that we may write; both ends of the journal prove that it is all there."""
    with connection.begin():
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        _check_version(path, version)  # what the header says may be older than what the log says
        if version < SCHEMA_VERSION:
            migrate(connection)
        first = connection.execute(select(JOURNAL).where(JOURNAL.c.seq == 1)).mappings().first()
        last = connection.execute(select(JOURNAL).order_by(JOURNAL.c.seq.desc()).limit(1)).mappings().first()
        head = connection.execute(select(CHAIN_HEAD)).mappings().first()
        ends = connection.exec_driver_sql(_ENDS).scalar()
    if first is None or last is None or head is None or first["type"] != FIRST_TYPE:
        raise RecordDamaged(f"The record in {path.name} has no beginning: it was damaged. Restore it from a backup.")
    if (head["seq"], head["hash"]) != (last["seq"], last["hash"]):
        raise RecordDamaged(f"The end of the record in {path.name} was changed: verify tells what, a backup helps.")
    with naming("Entry 1"):
        created = event_from(FIRST_TYPE, json.loads(first["body"]))
    assert isinstance(created, DatabaseCreated)
    return Database(path, created.database_id, created.simulated, first["hash"], zone_name(), station, str(ends))


def backup(path: Path, destination: Path) -> None:
    """Copy a database, in use or not, into one consistent file that also opens from read-only media."""
    if destination.exists():
        raise CommandRefused(f"{destination.name} exists already.")
    make_private_folder(destination.parent)
    fresh = destination.with_name(f".{destination.name}.new")
    try:
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        source, target = connect_reader(path), open_raw(fresh, "rw", key_of(path))
        try:
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE").close()
        finally:
            target.close()
            source.close()
        fresh.rename(destination)
        sync_folder(destination.parent)
    except sql_errors(OSError) as cause:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)  # half a copy only takes room
        raise fault(cause, "The backup could not be made") from cause
