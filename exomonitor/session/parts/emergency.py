"""Beyond the reaction's first record: emergency steps, drugs, calls, and who is said to have done them."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Emergency:
    """This part's share of the session's state."""


PART = Part("emergency")
