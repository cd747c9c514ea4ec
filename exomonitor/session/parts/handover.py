"""Who is at work in the session: take-overs, break cover, second signatures."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Handover:
    """This part's share of the session's state."""


PART = Part("handover")
