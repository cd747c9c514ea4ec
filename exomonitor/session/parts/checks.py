"""The checklists of the visit: consent, hydration, premedication, readiness, time-out."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Checks:
    """This part's share of the session's state."""


PART = Part("checks")
