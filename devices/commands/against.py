"""What a recording is compared with: apart from the comparison itself, which needs the whole record's machinery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Against:
    """A session (id, study id or `last`) in a database."""

    database: Path
    session: str
