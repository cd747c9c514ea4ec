"""First paint of the program against an empty PySide6 window, and with many sessions on record against none: a cold
process each, in turns, in one run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from exomonitor.assembly import assemble
from exomonitor.clock import SystemClock, stopwatch
from exomonitor.engine.ports import Draft
from exomonitor.folders import DATABASE
from exomonitor.records.queries import open_archive
from tests.scenario.played import play

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
SESSIONS = 2_000
PAINT_LIMIT, MANY_LIMIT = 1.5, 2.0
BATCH = 50
"""Sessions that are committed at once while the record is filled."""
_WAIT_S = 600.0


def run() -> list[dict[str, Any]]:
    """Seconds from the start of the process; the ratios of the medians count."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        none, many = Path(name) / "none", Path(name) / "many"
        _fill(none, [])
        _fill(many, _a_visit(Path(name) / "played"))
        starts = {"empty": ["empty"], "none": ["program", str(none)], "many": ["program", str(many)]}
        found: dict[tuple[str, str], list[float]] = {}
        for turn in range(ROUNDS + 1):
            for which, words in starts.items():
                for what, seconds in _start(words).items():
                    if turn:  # the first round brings the files into memory
                        found.setdefault((which, what), []).append(seconds)
    took = {key: statistics.median(values) for key, values in found.items()}
    empty, window = took["empty", "first"], took["none", "window"]
    return [
        _row("first paint", took["none", "first"], "an empty PySide6 window", empty, PAINT_LIMIT),
        _row("bedside window painted, no device bound", window, "an empty PySide6 window", empty, None),
        _row(f"the same with {SESSIONS} sessions on record", took["many", "window"], "none", window, MANY_LIMIT),
    ]


def _start(words: list[str]) -> dict[str, float]:
    """When the process told of each thing for the first time."""
    told: dict[str, float] = {}
    begun = stopwatch()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.started", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told.setdefault(line.strip(), stopwatch() - begun)
    assert process.returncode == 0, f"{words} ended with {process.returncode}"
    return told


def _a_visit(folder: Path) -> list[Draft]:
    """What a short visit leaves in the journal of its session, its batches of readings and its signatures aside."""
    played = play("short", folder)
    archive = open_archive(played.database)
    entries = archive.entries(archive.sessions()[0].session)
    kept = [entry for entry in entries if not type(entry.event).__name__.endswith(("Stored", "HeadSigned"))]
    return [Draft(entry.session, entry.at, entry.actor, entry.event) for entry in kept]


def _fill(folder: Path, visit: list[Draft]) -> None:
    """A data folder whose record holds that visit many times, each as a session of its own."""
    folder.mkdir()
    station = assemble(SystemClock(), folder / DATABASE, "ExoMonitor (bench)", simulated=False, chair="1")
    try:
        for _ in range(SESSIONS // BATCH if visit else 0):
            drafts = [replace(draft, session=name) for name in _names(BATCH) for draft in visit]
            station._recorder.submit(drafts).result(_WAIT_S)
    finally:
        station.close()


def _names(count: int) -> list[str]:
    return [uuid.uuid4().hex for _ in range(count)]


def _row(name: str, value: float, against: str, other: float, target: float | None) -> dict[str, Any]:
    ratio = value / other
    return {
        "name": name,
        "value": value,
        "unit": "s",
        "against": f"{against} {other:.3g} s",
        "ratio": ratio,
        "target": f"<= {target:.3g}" if target is not None else None,
        "ok": ratio <= target if target is not None else None,
    }
