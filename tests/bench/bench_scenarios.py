"""Every scenario whole: its summary line's figures, how long it takes, and that database and export are intact."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from devices.simulation.scenarios import scenario_names
from exomonitor.clock import stopwatch
from exomonitor.exports.verify import verify_export
from exomonitor.records.verify import verify_database
from tests.scenario.played import LINE_KEYS, Played, play

SQUEEZED = ("short", "early-dose-override", "expired-lot", "double-check-mismatch")
"""Sessions without the sets after the end."""
DOSE_ML = {**dict.fromkeys((*SQUEEZED, "no-devices"), 20.0), "grade2-restart": 40.0, "grade3-transfer": 16.2}
USUAL_ML = 100.0
REACTIONS = ("reaction", "grade2-restart", "grade3-transfer")


def run() -> list[dict[str, Any]]:
    """Play all, one after the other."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-scenarios-") as folder:
        for name in scenario_names():
            began = stopwatch()
            played = play(name, Path(folder) / name)
            rows += _rows(name, played, stopwatch() - began)
    return rows


def _rows(name: str, played: Played, took_s: float) -> list[dict[str, Any]]:
    line = played.line
    hours = float(line["infusing_min"] + line["paused_min"]) / 60
    findings = len(verify_database(played.database)) + len(verify_export(played.export))
    good = list(line) == LINE_KEYS and line["phase"] == "signed"
    gaps = [gap["seconds"] for gap in line["gaps"]]
    return [
        {"name": f"{name}: played", "value": took_s, "unit": "s", "against": f"{hours:.2f} h infused"},
        {"name": f"{name}: signed, keys as promised", "value": int(good), "unit": "1", "target": 1, "ok": good},
        _target(f"{name}: delivered", line["delivered_ml"], "mL", DOSE_ML.get(name, USUAL_ML)),
        _target(f"{name}: findings of verify", findings, "1", 0),
        _target(f"{name}: gaps", len(gaps), "1", 1 if name == "unplug" else 0),
        _target(f"{name}: reactions", line["reactions"], "1", int(name in REACTIONS)),
        _target(f"{name}: sets missed", line["checks"]["missed"], "1", 2 if name in SQUEEZED else 0),
    ]


def _target(name: str, value: float, unit: str, target: float) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "target": target, "ok": value == target}
