"""Words of the page of backups."""

from __future__ import annotations

from exomonitor.clock import parse_utc
from exomonitor.engine.backup_port import BackupFile, BackupLook
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import ADMINISTRATOR

COLUMNS = ("Made", "MB", "Name")
CHOOSE = "Choose a backup: it is opened and verified before anything else."
LOOKING = "Opening and verifying ..."
NONE = "There is no backup yet: one is made after each session."
MAKING = "Making a backup ..."
NEXT_START = "It is put in place at the next start, before anything is opened. Close the program and start it again."
ELSEWHERE = "Another program records here: restore there."


def cells(file: BackupFile) -> tuple[str, ...]:
    """One line of the table, the time as the clinic's clock showed it."""
    made = f"{parse_utc(file.made.replace(' ', 'T') + 'Z').astimezone():%Y-%m-%d %H:%M:%S}" if file.made else "--"
    return made, f"{file.mb:.1f}", file.path.name


def held(look: BackupLook) -> str:
    """What it holds, beside the present record."""
    newest = parse_utc(look.newest).astimezone()
    sessions = f"{look.sessions} {'session' if look.sessions == 1 else 'sessions'}"
    here = f"The present record holds {look.here:,}." if look.here else "The present record cannot be read."
    return f"Intact. {look.entries:,} entries, {sessions}, the last entry of {newest:%Y-%m-%d %H:%M}. {here}"


def why_not(look: BackupLook | None, snapshot: Snapshot) -> str:
    """Why it is not put in place now, "" = it may be."""
    if look is None:
        return CHOOSE
    if snapshot.session is not None and snapshot.session.phase.is_open:
        return "A session is open: never while one runs."
    user = snapshot.registry.users.get(snapshot.staff_id)
    if user is None or not user.holds(ADMINISTRATOR):
        return "An administrator signs in to restore a backup (F12)."
    return look.why_not
