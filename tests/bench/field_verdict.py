"""What a judge of the field finds in one session: counts, and what was wrong first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Verdict:
    """Counts; `first`: what was wrong first."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    first: str = ""

    def wrong(self, name: str, found: object) -> None:
        """One more of these."""
        self.counts[name] += 1
        self.first = self.first or f"{name}: {found}"
