"""The program's own log file: small, private to the user, a few generations of it."""

from __future__ import annotations

from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any


class PrivateLog(RotatingFileHandler):
    """Readable by the user alone."""

    def _open(self) -> Any:
        stream = super()._open()
        Path(self.baseFilename).chmod(0o600)
        return stream
