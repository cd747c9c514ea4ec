"""First paint of the program against an empty PySide6 window, and with many sessions on record against none: a cold
process each, in turns, in one run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from exomonitor.clock import stopwatch
from exomonitor.folders import DATABASE
from exomonitor.records.verify import verify_database
from tests.bench import year
from tests.bench.again import killed_and_started_again

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
SESSIONS = int(os.environ.get("EXOMONITOR_START_SESSIONS", "2000"))
AGAIN_S = 10.0
PAINT_LIMIT, MANY_LIMIT = 1.5, 2.0


def run() -> list[dict[str, Any]]:
    """Seconds from the start of the process; the ratios of the medians count."""
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        none, many = Path(name) / "none", Path(name) / "many"
        visit = year.a_visit(Path(name) / "played")
        again = killed_and_started_again(Path(name) / "again", visit)
        year.fill(none, [], 0)
        readings = year.fill(many, visit, SESSIONS)
        size, findings = (many / DATABASE).stat().st_size, len(verify_database(many / DATABASE))
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
        {"name": f"a year: {SESSIONS} sessions, {readings} numbers", "value": size / 1e6, "unit": "MB"},
        {"name": "verify finds there", "value": findings, "unit": "1", "target": 0, "ok": findings == 0},
        _row("the window with this year on record", took["many", "window"], "none", window, MANY_LIMIT),
        {
            **_row(
                "after kill -9: vital signs, alarms and timer on screen",
                again["watching"],
                "an empty window",
                empty,
                None,
            ),
            "target": f"<= {AGAIN_S:g} s, no dialog",
            "ok": again["watching"] <= AGAIN_S and "dialog" not in again,
        },
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
