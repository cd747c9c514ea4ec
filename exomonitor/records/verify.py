"""Proving a database: everything that the journal vouches for is computed again, and each difference is named.

The result is a list of findings: none = intact (exit 0), some = not intact (exit 1). A file that cannot be judged
at all (no database, another program's, a newer version's) raises instead (exit 2).
"""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.cipher import operational_errors, sql_errors
from exomonitor.records.connections import by_name, connect_immutable, connect_reader, memory_engine, open_raw
from exomonitor.records.database import check_header
from exomonitor.records.faults import fault
from exomonitor.records.findings import Finding
from exomonitor.records.fresh_form import make_schema
from exomonitor.records.keys import key_of
from exomonitor.records.mapping import SPOILT
from exomonitor.records.queries import open_archive
from exomonitor.records.schema import HEAD_REVISION, SCHEMA_VERSION
from exomonitor.records.verify_batches import check_readings, check_waves
from exomonitor.records.verify_chain import Ledger, check_head, check_journal, check_sealed
from exomonitor.records.verify_end import check_end, seen_beside
from exomonitor.records.verify_signatures import check_signatures
from exomonitor.signing import public_beside

INTACT, NOT_INTACT, UNUSABLE = 0, 1, 2
"""Exit codes of a verification."""
OF_SESSION = "\t"
"""No finding begins like this."""

_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_OF_SQLITE = {("table", "sqlite_stat1"), ("table", "sqlite_stat4")}
"""What SQLite keeps to itself about how to search (ANALYZE); it changes no row. Whatever else bears its name is not."""


def verify_database(path: Path, trusted: str | None = None) -> list[Finding]:
    """All that does not fit, in the order of the checks; the database is only read, and may be in use.

    `trusted`: the key or fingerprint that must have signed last; None = the key of the data folder that it lies in,
    where there is one; "" = whichever it is.

    Raises EnvironmentFault or CommandRefused for a file that is not a database of this or an older program.
    """
    check_header(path)
    ledger, key, seen = Ledger(), public_beside(path) if trusted is None else trusted, seen_beside(path)
    checks: tuple[Callable[[sqlite3.Connection], Iterator[Finding]], ...] = (
        _check_pages,
        _check_schema,
        _check_versions,
        lambda connection: check_journal(connection, ledger),
        lambda connection: check_head(connection, ledger),
        lambda connection: check_sealed(connection, ledger),
        lambda connection: check_readings(connection, ledger),
        lambda connection: check_waves(connection, ledger),
        lambda connection: check_signatures(connection, key),
        lambda connection: check_end(connection, ledger, seen, key),
    )
    findings: list[Finding] = []
    with _evidence(path) as connection:
        for check in checks:
            try:
                findings.extend(check(connection))
            except sql_errors() as cause:
                findings.append(Finding("database", "the file", f"cannot be read through ({cause})"))
            except SPOILT as cause:  # whatever somebody put there, it ends with a verdict
                findings.append(Finding("database", "the file", f"holds what no record of ours can ({cause})"))
    return list(dict.fromkeys(findings))


def quick_check(path: Path) -> list[Finding]:
    """SQLite's own short look at every page, in seconds; the database may be in use. Raises EnvironmentFault."""
    try:
        with closing(connect_reader(path)) as connection:
            lines = [str(line) for (line,) in connection.execute("PRAGMA quick_check")]
    except sql_errors() as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause
    return [Finding("database", "the file", f"fails SQLite's own check ({line})") for line in lines if line != "ok"]


def main(words: list[str]) -> int:
    """Look at a database as a process that gives way to everybody: quickly, then, if nothing was found, at all of it.
    Prints the findings, and OF_SESSION and its id for each session of which something is lost; 0, 1, or 2 and one
    sentence."""
    (path,) = map(Path, words)
    if hasattr(os, "nice"):
        os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(UNUSABLE))  # so that the copy it looks at is removed
    try:
        findings = quick_check(path) or verify_database(path)
    except (CommandRefused, EnvironmentFault) as told:
        sys.stderr.write(f"{told}\n")
        return UNUSABLE
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    if findings:
        with suppress(CommandRefused, EnvironmentFault):
            sys.stdout.writelines(f"{OF_SESSION}{session}\n" for session in open_archive(path).damaged())
    return NOT_INTACT if findings else INTACT


@contextmanager
def _evidence(path: Path) -> Iterator[sqlite3.Connection]:
    """The database as it stands now, write-ahead log included, without leaving a trace beside it."""
    wal, shared = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    try:
        if not wal.exists():  # nobody has it open, and nothing waits in a log
            with closing(connect_immutable(path)) as connection:
                yield by_name(connection)
            return
        with tempfile.TemporaryDirectory(prefix="verify-") as folder:
            copy = Path(folder) / "copy.sqlite3"
            _copy(path, wal, copy, in_use=shared.exists())
            with closing(open_raw(copy, "rw")) as connection:
                yield by_name(connection)
    except sql_errors(OSError) as cause:
        raise fault(cause, f"{path.name} cannot be read") from cause


def _copy(path: Path, wal: Path, copy: Path, *, in_use: bool) -> None:
    if in_use:
        try:
            copy.touch(0o600)
            with closing(connect_reader(path)) as source, closing(open_raw(copy, "rw", key_of(path))) as target:
                source.backup(target)
            return
        except operational_errors():
            copy.unlink(missing_ok=True)  # a read-only folder: nobody can be writing there
    shutil.copyfile(path, copy)
    shutil.copyfile(wal, copy.with_name(copy.name + "-wal"))


def _check_pages(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield Finding("database", "the file", f"fails SQLite's own check ({line})")


def _check_schema(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Tables, indexes and triggers against those of a database made afresh."""
    expected = _expected_schema()
    found = {(row["type"], row["name"]): (row["tbl_name"], row["sql"]) for row in connection.execute(_SCHEMA)}
    for (kind, name), (table, sql) in expected.items():
        if (kind, name) not in found:
            yield Finding(table, f"{kind} {name}", "is missing")
        elif found[kind, name] != (table, sql):
            yield Finding(table, f"{kind} {name}", "was changed")
    for kind, name in sorted(found.keys() - expected.keys() - _OF_SQLITE):
        yield Finding(found[kind, name][0], f"{kind} {name}", "does not belong to the record")


@cache
def _expected_schema() -> Mapping[tuple[str, str], tuple[str, str]]:
    with memory_engine().begin() as fresh:
        make_schema(fresh)
        return {(row.type, row.name): (row.tbl_name, row.sql) for row in fresh.exec_driver_sql(_SCHEMA)}


def _check_versions(connection: sqlite3.Connection) -> Iterator[Finding]:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        yield Finding("database", "user_version", f"is {version} instead of {SCHEMA_VERSION}")
    rows = [row["version_num"] for row in connection.execute("SELECT version_num FROM alembic_version")]
    if HEAD_REVISION not in rows:
        yield Finding("alembic_version", f"row {HEAD_REVISION}", "is missing or was changed")
    for extra in sorted(set(rows) - {HEAD_REVISION}):
        yield Finding("alembic_version", f"row {extra}", "was added or changed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
