"""From the end of product to the door: IV removal, discharge, instructions."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Leaving:
    """This part's share of the session's state."""


PART = Part("leaving")
