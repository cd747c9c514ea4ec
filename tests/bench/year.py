"""A record as a clinic has it after a year: many sessions with their entries, numbers by the minute and some waves.

Everything is written by the product's own writer, so that all of it proves itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np

from exomonitor.assembly import assemble
from exomonitor.clock import Instant, SystemClock
from exomonitor.engine.ports import Draft, ReadingRow, Recorder, WaveSecond
from exomonitor.folders import DATABASE
from exomonitor.records.queries import open_archive
from exomonitor.session.entry import Entry
from exomonitor.session.events import SessionSigned
from tests.scenario.played import play

MINUTES = 100
"""Of numbers in each session: infusion and the hour after it."""
WAVE_S, RATE_HZ = 20, 300
"""Of the ECG that is kept of each session."""
NUMBERS = (
    ("hr", "/min", 72.0), ("spo2", "%", 97.0), ("rr", "/min", 15.0), ("pr", "/min", 72.0), ("temp", "Cel", 36.6),
    ("nibp_sys", "mm[Hg]", 124.0), ("nibp_dia", "mm[Hg]", 76.0), ("nibp_map", "mm[Hg]", 92.0),
)  # fmt: skip
IN_FLIGHT = 20
_WAIT_S = 600.0


def a_visit(folder: Path) -> list[Draft]:
    """What a short visit leaves in the journal of its session, its batches and the workstation's signatures aside."""
    played = play("short", folder)
    archive = open_archive(played.database)
    entries = archive.entries(archive.sessions()[0].session)
    kept = [entry for entry in entries if not type(entry.event).__name__.endswith(("Stored", "HeadSigned"))]
    return [Draft(entry.session, entry.at, entry.actor, entry.event) for entry in kept]


def fill(folder: Path, visit: Sequence[Draft], sessions: int) -> int:
    """A data folder whose record holds that visit so many times, each as a session of its own; the numbers kept."""
    folder.mkdir()
    program = "ExoMonitor (bench)"
    station = assemble(SystemClock(), folder / DATABASE, program, simulated=False, chair="1", watched=False)
    readings = 0
    try:
        signed = next((at for at, draft in enumerate(visit) if isinstance(draft.event, SessionSigned)), len(visit))
        open_ones: list[tuple[str, Future[tuple[Entry, ...]]]] = []
        for _ in range(sessions if visit else 0):
            session = uuid.uuid4().hex
            numbers = list(_numbers(session, visit[0].at))
            readings += len(numbers)
            written = station._recorder.submit(_of(visit[:signed], session), numbers, _waves(session, visit[0].at))
            open_ones.append((session, written))
            if len(open_ones) == IN_FLIGHT:
                _sign(station._recorder, open_ones, visit[signed:])
        _sign(station._recorder, open_ones, visit[signed:])
    finally:
        station.close()
    return readings


def _sign(recorder: Recorder, open_ones: list[tuple[str, Future[tuple[Entry, ...]]]], rest: Sequence[Draft]) -> None:
    """End them, each signed as it stands now."""
    told = []
    for session, written in open_ones:
        head = written.result(_WAIT_S)[-1].hash
        drafts = _of(rest, session)
        if drafts and isinstance(drafts[0].event, SessionSigned):
            drafts[0] = replace(drafts[0], event=replace(drafts[0].event, signed_hash=head))
        told.append(recorder.submit(drafts))
    open_ones.clear()
    for one in told:
        one.result(_WAIT_S)


def _of(visit: Sequence[Draft], session: str) -> list[Draft]:
    return [replace(draft, session=session) for draft in visit]


def _numbers(session: str, began: Instant) -> Iterator[ReadingRow]:
    for minute in range(MINUTES):
        at = began.plus(60.0 * minute)
        for name, unit, value in NUMBERS:
            yield ReadingRow(session, at, "monitor", "", name, value + minute % 5, unit, "valid", "made up")


def _waves(session: str, began: Instant) -> list[WaveSecond]:
    beat = np.arange(RATE_HZ) / RATE_HZ
    samples = (800 * np.exp(-((beat - 0.3) ** 2) / 0.001)).astype(np.int16)
    return [
        WaveSecond(session, "monitor", "ecg_ii", began.plus(second), float(RATE_HZ), 0.001, "mV", "made up", samples)
        for second in range(WAVE_S)
    ]
