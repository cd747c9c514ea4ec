"""What a screen may ask about backups: which there are, what one holds, make one, put one in place at a start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup as its name tells: when it was made (UTC, `2026-03-02 09:00:00`, "" = the name does not say), MB."""

    path: Path
    made: str
    mb: float


@dataclass(frozen=True, slots=True)
class BackupLook:
    """What a backup holds, opened and verified. `newest`: UTC of its last entry; `here`: entries of the present record;
    `why_not`: why it may not take its place, "" = it may."""

    path: Path
    entries: int
    sessions: int
    newest: str
    here: int
    why_not: str = ""


class BackupService(Protocol):
    """Calls may take long (verification) and raise CommandRefused or EnvironmentFault: never on the screen's thread."""

    @property
    def told(self) -> str:
        """What came of a restore that was planned before this start, in one sentence; "" = none was."""
        ...

    def kept(self) -> tuple[BackupFile, ...]:
        """The backups beside the database, newest first."""
        ...

    def look(self, path: Path) -> BackupLook:
        """Open and verify one."""
        ...

    def make(self, folder: Path | None) -> str:
        """Make one now, beside the database or in a folder; where it is, in one sentence."""
        ...

    def plan(self, look: BackupLook, by: str) -> None:
        """Put it in place at the next start, before anything is opened; an administrator's doing."""
        ...

    def planned(self) -> str:
        """The name of the one that waits for the next start, "" = none does."""
        ...

    def forget(self) -> None:
        """Put none in place."""
        ...
