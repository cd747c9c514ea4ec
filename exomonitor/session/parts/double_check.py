"""The independent double check: what the second person entered, and how it compares."""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.session.parts.part import Part


@dataclass(frozen=True, slots=True)
class DoubleCheck:
    """This part's share of the session's state."""


PART = Part("double_check")
