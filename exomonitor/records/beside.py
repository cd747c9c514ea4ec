"""A record beside the clinic's own, for the day on which that one cannot be opened: monitoring goes on in it."""

from __future__ import annotations

from pathlib import Path

from exomonitor.errors import EnvironmentFault
from exomonitor.folders import DATABASE, make_private, write_private
from exomonitor.records import keys
from exomonitor.settings import FILE as SETTINGS

FOLDER = "beside"


def record_beside(data: Path) -> Path:
    """The database to record into meanwhile: the same one until the clinic's own opens again, so that a session in it
    outlives a restart. Its folder has the settings of `data`, and its key, so that it is encrypted where that is. What
    cannot be opened is not touched. Raises EnvironmentFault when the folder cannot be made."""
    folder = data / FOLDER
    try:
        make_private(folder)
        for name in (SETTINGS, keys.FILE):
            if (data / name).exists() and not (folder / name).exists():
                write_private(folder / name, (data / name).read_bytes())
    except OSError as cause:
        raise EnvironmentFault(f"The folder {folder} cannot be made: {cause.strerror or cause}.") from cause
    return folder / DATABASE
