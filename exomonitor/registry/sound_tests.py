"""The sound tests of this station: the full one once a shift, a short burst in each session, and what was heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exomonitor.clock import Instant
from exomonitor.registry.table import RegistryTable
from exomonitor.session.entry import Entry, RegistryEvent, recorded

FULL = "full"
_NEWEST = "newest"
_HOUR_S = 3600.0


@recorded
@dataclass(frozen=True, slots=True)
class SoundTested(RegistryEvent):
    """The three sounds (`full`) or one short burst were played, and a person said whether they were heard.

    `during`: the session that was open in this chair, "" = none.
    """

    chair: str
    full: bool
    heard: bool
    during: str = ""


@dataclass(frozen=True, slots=True)
class SoundTest:
    """One answer as it stands in the record."""

    at: Instant
    by: str
    full: bool
    heard: bool


def last_full(tests: Mapping[str, SoundTest]) -> SoundTest | None:
    """The newest full test, whatever was heard; None where there was none."""
    return tests.get(FULL)


def refuted(tests: Mapping[str, SoundTest]) -> bool:
    """Whether the newest test of all was not heard: until the next one nothing can be relied on."""
    newest = tests.get(_NEWEST)
    return newest is not None and not newest.heard


NOT_HEARD = "not heard in the sound test"


def silent_why(told: str, tests: Mapping[str, SoundTest], *, simulated: bool = False) -> str:
    """Why alarms cannot be heard: what the computer tells, or that the newest test was not heard; "" = not known.
    Where all is simulated only the test counts: a demo is shown on computers without sound too."""
    return ("" if simulated else told) or (NOT_HEARD if refuted(tests) else "")


def full_due(tests: Mapping[str, SoundTest], now: Instant, every_h: float) -> bool:
    """Whether the full test of this shift is still to be done, or was not heard."""
    last = last_full(tests)
    return last is None or not last.heard or now.since(last.at) >= every_h * _HOUR_S


def burst_due(tests: Mapping[str, SoundTest], session: str) -> bool:
    """Whether nothing was heard in this session yet."""
    last = tests.get(f"session {session}")
    return last is None or not last.heard


def _tested(records: dict[str, Any], entry: Entry, e: SoundTested) -> None:
    test = SoundTest(entry.at, entry.actor, e.full, e.heard)
    records[_NEWEST] = test
    if e.full:
        records[FULL] = test
    if e.during:
        records[f"session {e.during}"] = test


TABLE = RegistryTable("sound_tests", {SoundTested: _tested})
