"""Makes a backup in the background after every session that ended, and says when it could not."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import exomonitor
from exomonitor.clock import Clock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.records.backups import FOLDER, ends_session, is_behind, make_backup
from exomonitor.session.entry import Entry

SETTLE_S = 2.0
"""Real seconds between the end of a session and its backup: its last readings are on their way."""
RETRY_S = 600.0
LIMIT_S = 1800.0
CLOSE_S = 60.0
"""The program waits so long for its last backup; the process that makes it goes on by itself, and the next start
looks whether it came to its end."""

Make = Callable[[Path, Path, Clock], None]
Told = Callable[[str], None]

log = logging.getLogger(__name__)


def make_apart(path: Path, folder: Path, clock: Clock) -> None:
    """A backup by a process of its own, which gives way to everybody. Raises EnvironmentFault."""
    root = str(Path(exomonitor.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    words = [sys.executable, "-m", "exomonitor.records.backups", str(path), str(folder), clock.now().iso()]
    try:
        ran = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8",
            timeout=LIMIT_S, check=False, env={**os.environ, "PYTHONPATH": paths},
            start_new_session=True,  # who closes the terminal does not end it
        )  # fmt: skip
    except subprocess.TimeoutExpired as cause:
        raise EnvironmentFault(f"it was not done after {LIMIT_S / 60:.0f} min.") from cause
    except OSError as cause:
        raise EnvironmentFault(f"it could not be started: {cause.strerror or cause}.") from cause
    if ran.returncode:
        raise EnvironmentFault((ran.stderr.strip().splitlines() or ["it ended without a word."])[-1])


def make_here(path: Path, folder: Path, clock: Clock) -> None:
    """A backup on the calling thread, for a program that nobody waits for."""
    make_backup(path, folder, clock.now().utc)


class BackupKeeper:
    """One thread that waits for sessions to end."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        make: Make = make_apart,
        settle_s: float = SETTLE_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._path, self._folder = path, path.parent / FOLDER
        self._clock, self._make = clock, make
        self._told: Told = _nobody
        self._settle_s, self._retry_s = settle_s, retry_s
        self._changed = threading.Condition()
        self._due = self._closing = False
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def start(self, told: Told) -> None:
        """Begin; `told` hears why the last backup failed, or "" when it was made. A session whose backup was never
        made, because the program ended too soon, gets it now."""
        self._told = told
        try:
            self._due = is_behind(self._path, self._folder)
        except EnvironmentFault as why:
            log.warning("whether a backup is due is not known: %s", why)
        self._thread.start()

    def heed(self, entries: Sequence[Entry]) -> None:
        """Entries were committed; called by the recorder, so it only makes a note."""
        if any(map(ends_session, entries)):
            with self._changed:
                self._due = True
                self._changed.notify()

    def close(self) -> None:
        """Make the backup that is due, then end. Call it when the recorder is closed."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_S)

    def _run(self) -> None:
        failed = False
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._closing, self._retry_s if failed else None)
                if self._closing and not self._due:
                    return
                self._changed.wait_for(lambda: self._closing, self._settle_s)
                self._due = False
            failed = not self._made()

    def _made(self) -> bool:
        try:
            self._make(self._path, self._folder, self._clock)
        except (CommandRefused, EnvironmentFault) as told:
            why = str(told)
        except Exception as bug:  # a thread's edge: a backup that cannot be made never stops anything else
            log.exception("a backup failed")
            why = str(bug)
        else:
            why = ""
        if why:
            log.error("BACKUP FAILED - %s", why)
        self._told(why)
        return not why


def _nobody(why: str) -> None:
    """Nobody listens yet."""
