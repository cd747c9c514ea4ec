"""Which dose of the course this is, whether its time has come, and what was decided where it has not."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class Course:
    """This part's share of the session's state."""


PART = Part("course")
