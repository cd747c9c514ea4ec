"""Where a workstation keeps its data, for its user alone; light, for it is imported before anything is painted."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from exomonitor.errors import CommandRefused

DATABASE, DEMO_DATABASE = "clinic.sqlite3", "demo.sqlite3"
MOST_CHAIRS = 8
"""As many as there are colours of chairs (settings.COLOURS)."""


def data_folder(chosen: Path | None) -> Path:
    """The folder that was chosen, or the platform's user data folder."""
    if chosen is not None:
        return chosen
    import platformdirs

    return platformdirs.user_data_path("exomonitor", appauthor=False)


def recorded_in(chosen: Path | None, *, demo: bool = False) -> Path:
    """The database that is meant: the demo's on request, or where a folder holds only that one; CommandRefused when
    there is none."""
    folder = data_folder(chosen)
    real, simulated = folder / DATABASE, folder / DEMO_DATABASE
    database = simulated if demo or (simulated.exists() and not real.exists()) else real
    if not database.exists():
        raise CommandRefused(f"There is no record at {database}.")
    return database


def typed_by() -> str:
    """Who does something at the command line, as the record names them: nobody signs in there."""
    try:
        return f"command line, account {getpass.getuser()}"
    except (OSError, KeyError, ImportError):  # an account without a name
        return "command line, an account without a name"


def make_private(folder: Path) -> None:
    """Make a folder and its missing parents for this user alone, whatever the umask. Raises OSError."""
    if not folder.is_dir():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that from its first byte on only this user can read, whatever the umask. Raises OSError."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        if os.name == "posix":
            path.chmod(0o600)  # it may have been there
        file.write(data)
