"""The bags of the visit: what was scanned or typed at the chair, and the containers that followed."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Supply:
    """This part's share of the session's state."""


PART = Part("supply")
