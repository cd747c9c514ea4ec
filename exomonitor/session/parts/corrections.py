"""Voids, late entries and addenda: nothing is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Corrections:
    """This part's share of the session's state."""


PART = Part("corrections")
