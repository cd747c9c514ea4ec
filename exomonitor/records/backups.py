"""Backups: a consistent copy of a database in use, proved before it counts as one.

Run as a program (`python -m exomonitor.records.backups DATABASE FOLDER UTC`) it makes one in a process of its own, so
that the proving takes no time from the alarms of the program that asked for it.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from exomonitor.clock import parse_utc
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import connect_immutable, connect_reader
from exomonitor.records.database import backup, check_header, make_private_folder
from exomonitor.records.faults import fault
from exomonitor.records.verify import verify_database
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionAbandoned, SessionSigned

FOLDER = "backups"
KEEP_FREE_BYTES = 200 * 1024 * 1024
"""A backup never takes the room that the record itself may need."""
FAILED = 2
_ENDED = (SessionSigned.__name__, SessionAbandoned.__name__)
_ID = "SELECT json_extract(body, '$.database_id') FROM journal WHERE seq = 1"
_MB = 1_000_000


def ends_session(entry: Entry) -> bool:
    """Whether a backup is due after this entry."""
    return isinstance(entry.event, SessionSigned | SessionAbandoned)


def backup_name(database_id: str, utc: datetime) -> str:
    """`20260302T090000Z-0123abcd....sqlite3`: sorts by time, says whose it is."""
    return f"{utc.astimezone(UTC):%Y%m%dT%H%M%SZ}-{database_id}.sqlite3"


def make_backup(path: Path, folder: Path, utc: datetime) -> Path:
    """Copy the database into `folder` under the name of this moment and prove the copy; answers the new file.

    Raises EnvironmentFault (no room, cannot be written, not intact: such a copy is kept under a name that says so) or
    CommandRefused (no database of this program; a backup of this second exists).
    """
    check_header(path)
    make_private_folder(folder)
    check_room(path, folder)
    destination = folder / backup_name(_database_id(path), utc)
    backup(path, destination)
    findings = verify_database(destination)
    if not findings:
        return destination
    marked = destination.with_name(f"{destination.stem}-not-intact.sqlite3")
    destination.rename(marked)
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    raise EnvironmentFault(f"the record is not intact ({findings[0]}{more}); its copy is {marked.name}.")


def is_behind(path: Path, folder: Path) -> bool:
    """Whether a session has ended that no backup in `folder` holds yet. Raises EnvironmentFault."""
    try:
        with closing(connect_reader(path)) as connection:
            (ended,) = connection.execute(
                f"SELECT max(seq) FROM journal WHERE type IN ({', '.join('?' * len(_ENDED))})",  # noqa: S608
                _ENDED,
            ).fetchone()
            (database_id,) = connection.execute(_ID).fetchone()
    except sql_errors(OSError, TypeError) as cause:
        raise EnvironmentFault(f"{path.name} cannot be read: {cause}.") from cause
    if ended is None:
        return False
    kept = sorted(folder.glob(f"*Z-{database_id}.sqlite3"))
    return not kept or _end_of(kept[-1]) < ended


def _end_of(kept: Path) -> int:
    """The last journal row that a backup holds; 0 when it cannot be read."""
    try:
        with closing(connect_immutable(kept)) as connection:
            return int(connection.execute("SELECT seq FROM chain_head").fetchone()[0])
    except sql_errors(OSError, TypeError, EnvironmentFault):
        return 0


def _database_id(path: Path) -> str:
    try:
        with closing(connect_reader(path)) as connection:
            row = connection.execute(_ID).fetchone()
    except sql_errors() as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause
    if row is None or not str(row[0]).isalnum():
        raise EnvironmentFault(f"the record in {path.name} has no beginning.")
    return str(row[0])


def check_room(path: Path, folder: Path) -> None:
    """Raise EnvironmentFault where `folder` has no room for a second copy of a database."""
    try:
        log = path.with_name(path.name + "-wal")
        needed = path.stat().st_size + (log.stat().st_size if log.exists() else 0)
        free = shutil.disk_usage(folder).free
    except OSError as cause:
        raise fault(cause, "the backup could not be made") from cause
    if free < needed + KEEP_FREE_BYTES:
        raise EnvironmentFault(
            f"no room in {folder}: {(needed + KEEP_FREE_BYTES) // _MB} MB needed, {free // _MB} MB free."
        )


def main(words: list[str]) -> int:
    """Make one backup as a process that gives way to everybody; 0 and its path, or 2 and one sentence."""
    path, folder, utc = words
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        made = make_backup(Path(path), Path(folder), parse_utc(utc))
    except (CommandRefused, EnvironmentFault) as told:
        sys.stderr.write(f"{told}\n")
        return FAILED
    sys.stdout.write(f"{made}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
