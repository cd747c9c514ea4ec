"""One difference between an export as it was written and as it lies there now."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.bounded import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was exported: the file, where in it ("" = the whole), and what."""

    place: str
    where: str
    what: str

    def __str__(self) -> str:
        return shown(f"{self.place}{f', {self.where}' if self.where else ''}: {self.what}")
