"""The program's own log file: small, private to the user, a few generations of it."""

from __future__ import annotations

from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from exomonitor.folders import write_private


class PrivateLog(RotatingFileHandler):
    """Readable by the user alone."""

    def _open(self) -> Any:
        file = Path(self.baseFilename)
        if not file.exists():
            write_private(file, b"")
        file.chmod(0o600)
        return super()._open()
