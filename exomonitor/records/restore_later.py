"""A restore from the screen: looked at and planned while the program runs, done at the next start before anything is
opened, since a database in use cannot be exchanged."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from exomonitor.bounded import read_bounded
from exomonitor.clock import Clock
from exomonitor.engine.backup_port import BackupFile, BackupLook
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import write_private
from exomonitor.records.backup_keeper import make_apart
from exomonitor.records.backups import FOLDER
from exomonitor.records.cipher import sql_errors
from exomonitor.records.connections import connect_immutable, connect_reader
from exomonitor.records.restore import held_in, refuse_more, restore
from exomonitor.registry.registry import Registry
from exomonitor.registry.users import ADMINISTRATOR

log = logging.getLogger(__name__)
_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-z]+\.sqlite3")
_MOST_BYTES = 10_000
_SESSIONS = "SELECT count(*) FROM journal WHERE type = 'SessionOpened'"
_NEWEST = "SELECT utc FROM journal ORDER BY seq DESC LIMIT 1"
_END = "SELECT seq, hash FROM chain_head WHERE id = 1"
ADDED = "entries were added after it was planned, so it was left: look at it again"


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """A restore that was done at a start: how many entries, where the old database is kept, who had planned it."""

    entries: int
    kept: str
    by: str


def request_of(database: Path) -> Path:
    """The file that says which backup waits for the next start."""
    return database.with_name(database.name + ".restore")


def carry_out(database: Path, utc: datetime) -> tuple[CarriedOut | None, str]:
    """Do what was planned, before the database is opened: what was done (None = nothing), and a sentence about it."""
    request = request_of(database)
    try:
        wanted = json.loads(read_bounded(request, _MOST_BYTES))
        backup, end, by = Path(wanted["backup"]), wanted["present"], str(wanted["by"])
    except FileNotFoundError:
        return None, ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        request.unlink(missing_ok=True)
        return None, "Not restored: what was planned cannot be read any more"
    try:
        if _end(database) != end:
            raise CommandRefused(ADDED)
        held = held_in(backup)
        done = restore(backup, held, database, utc)
    except (CommandRefused, EnvironmentFault) as why:
        log.warning("a planned restore was not done: %s", why)
        request.unlink(missing_ok=True)
        return None, f"Not restored: {why}"
    request.unlink(missing_ok=True)
    kept = done.aside.name if done.aside is not None else ""
    return CarriedOut(done.entries, kept, by), f"Restored at this start: {done.entries} entries; the old file is {kept}"


class BackupDesk:
    """Implements the BackupService port for one database."""

    def __init__(self, database: Path, clock: Clock, registry: Callable[[], Registry], told: str = "") -> None:
        """registry: as the program has it in memory, for the database may be damaged."""
        self._database, self._clock, self._registry, self._told = database, clock, registry, told
        self._folder = database.parent / FOLDER

    @property
    def told(self) -> str:
        """What came of a restore that was planned before this start."""
        return self._told

    def kept(self) -> tuple[BackupFile, ...]:
        """The backups beside the database, newest first."""
        found = []
        with suppress(OSError):
            for path in sorted(self._folder.glob("*.sqlite3"), reverse=True):
                parts = _NAME.fullmatch(path.name)
                made = "{}-{}-{} {}:{}:{}".format(*parts.groups()) if parts else ""
                found.append(BackupFile(path, made, path.stat().st_size / 1e6))
        return tuple(found)

    def look(self, path: Path) -> BackupLook:
        """Open and verify one."""
        held = held_in(path)
        with closing(connect_immutable(path)) as connection:
            (sessions,) = connection.execute(_SESSIONS).fetchone()
            (newest,) = connection.execute(_NEWEST).fetchone()
        end, why = _end(self._database), ""
        try:
            if refuse_more(self._database, path, held) and end == [held.seq, held.hash]:
                why = "It holds just what the present record holds, which is intact."
        except CommandRefused as told:
            why = str(told)
        return BackupLook(path, held.seq, int(sessions), str(newest), int(end[0]) if end else 0, why)

    def make(self, folder: Path | None) -> str:
        """Make one now."""
        make_apart(self._database, folder or self._folder, self._clock)
        return f"A backup was made in {folder or self._folder}, and verified"

    def plan(self, look: BackupLook, by: str) -> None:
        """Put it in place at the next start."""
        registry = self._registry()
        user = registry.users.get(by)
        if user is None or not user.holds(ADMINISTRATOR):
            raise CommandRefused("An administrator signs in to restore a backup")
        if any(visit.is_open for visit in registry.visits.values()):
            raise CommandRefused("A session is open: never while one runs")
        if look.why_not:
            raise CommandRefused(look.why_not)
        plain = {"backup": str(look.path.absolute()), "present": _end(self._database), "by": by}
        try:
            write_private(request_of(self._database), (json.dumps(plain) + "\n").encode())
        except OSError as cause:
            raise EnvironmentFault(f"The restore cannot be planned: {cause.strerror or cause}") from cause

    def planned(self) -> str:
        """The name of the one that waits for the next start."""
        try:
            return Path(json.loads(read_bounded(request_of(self._database), _MOST_BYTES))["backup"]).name
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return ""

    def forget(self) -> None:
        """Put none in place."""
        request_of(self._database).unlink(missing_ok=True)


def _end(database: Path) -> list[Any]:
    """Where a database's journal ends as it says itself; [] where it cannot be read."""
    try:
        with closing(connect_reader(database)) as connection:
            row = connection.execute(_END).fetchone()
    except sql_errors(OSError, EnvironmentFault):
        return []
    return list(row) if row is not None else []
