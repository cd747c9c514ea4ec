"""Where the program's own log goes: a small private file beside the database, never the terminal; no patient data."""

from __future__ import annotations

import logging
from pathlib import Path

FILE = "exomonitor.log"
SIZE_BYTES, KEPT_FILES = 1_000_000, 3


def hush() -> None:
    """Say nothing on the terminal: what a person must know is told by the command itself."""
    logging.raiseExceptions = False  # a log that cannot be written must not disturb what it tells of
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())


def keep_log(folder: Path) -> None:
    """Keep warnings and errors in the folder's log file from now on; asking again for the same folder adds nothing."""
    from exomonitor.logfile import PrivateLog  # not needed before the first paint

    path = folder / FILE
    root = logging.getLogger()
    if any(isinstance(known, PrivateLog) and Path(known.baseFilename) == path.absolute() for known in root.handlers):
        return
    handler = PrivateLog(path, maxBytes=SIZE_BYTES, backupCount=KEPT_FILES, encoding="utf-8", delay=True)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
