"""During the infusion: patient away, site problems, container changes, what the patient says."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Care:
    """This part's share of the session's state."""


PART = Part("care")
