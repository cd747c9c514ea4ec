"""A thousand simulated sessions of the field with its faults and worse: pulled cables, restarted devices and computers,
kills, full disks, stepped clocks, sleep, wrong devices, two at once. What came is on record, and what did not is said.

The published bedside recorder captured 98.5 % of 4,335 cases, and 95.2 % without any loss. EXOMONITOR_FIELD_SESSIONS,
_MINUTES and _WORKERS say how many, how long each, and on how many processors (as many as there are).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.bench.field_plan import KINDS, MINUTES
from tests.commands.program import ROOT

LENGTH_MIN = float(os.environ.get("EXOMONITOR_FIELD_MINUTES", str(MINUTES)))
SESSIONS = int(os.environ.get("EXOMONITOR_FIELD_SESSIONS", "1000"))
WORKERS = int(os.environ.get("EXOMONITOR_FIELD_WORKERS", str(os.cpu_count() or 1)))
CAPTURED_PUBLISHED = 98.5
NOTHING = (
    ("acknowledged lost", "of these lost"),
    ("not intact", "findings of the verification, all databases"),
    ("values lost", "values lost outside a stated gap"),
    ("values invented", "values stored that never came"),
    ("values of a stranger", "values stored of a wrong device"),
    ("wave samples lost", "waves cut short outside a stated gap"),
    ("wave samples invented", "waves longer than what came"),
    ("gaps not stated", "gaps not stated, or not to the sample"),
    ("gaps stated that were none", "gaps stated that were none"),
    ("gaps of restarts wrong", "gaps of restarts that begin or last otherwise than they did"),
    ("alarms lost", "of these missed"),
    ("alarms invented", "invented (sessions without a restart)"),
)


def played(seeds: Iterable[object], minutes: float, workers: int) -> list[dict[str, Any]]:
    """The sessions of these seeds, dealt out to so many processes; a worker that fails fails them all."""
    seeds = list(seeds)
    dealt = [seeds[number::workers] for number in range(workers)]
    surroundings = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.field_session", str(minutes), *map(str, share)],
            cwd=ROOT, env=surroundings, stdout=subprocess.PIPE, text=True,
        )
        for share in dealt
    ]  # fmt: skip
    found = [json.loads(line) for line in _lines(running)]
    assert len(found) == sum(map(len, dealt)), "a worker ended early"
    return sorted(found, key=lambda one: int(one["seed"]))


def played_with(faults: Iterable[tuple[str, ...]], minutes: float) -> list[dict[str, Any]]:
    """One session for each of these groups of faults, one after the other in one process."""
    return played([f"{seed}:{','.join(kinds)}" for seed, kinds in enumerate(faults, 1)], minutes, 1)


def _lines(running: list[subprocess.Popen[str]]) -> list[str]:
    return [line for one in running for line in one.communicate()[0].splitlines()]


def run() -> list[dict[str, Any]]:
    """Play, and add up."""
    return rows(played(range(1, SESSIONS + 1), LENGTH_MIN, WORKERS), SESSIONS, LENGTH_MIN)


def rows(sessions: list[dict[str, Any]], wanted: int, minutes: float = MINUTES) -> list[dict[str, Any]]:
    """The table of these sessions."""
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for one in sessions:
        counts.update(one["counts"])
        kinds.update(one["faults"])
    captured = sum(bool(one["captured"]) for one in sessions)
    clean = sum(not one["first"] for one in sessions)
    first = next((f"seed {one['seed']}: {one['first']}" for one in sessions if one["first"]), "")
    table: list[dict[str, Any]] = [
        {"name": f"sessions of {minutes:g} min", "value": len(sessions), "unit": "", "target": wanted,
         "ok": len(sessions) == wanted},
        {"name": "captured from first entry to signature", "value": 100 * captured / len(sessions), "unit": "%",
         "against": f"{CAPTURED_PUBLISHED} % published", "target": "100", "ok": captured == len(sessions)},
        {"name": "sessions with nothing wrong below", "value": clean, "unit": "", "against": first,
         "target": len(sessions), "ok": clean == len(sessions)},
        {"name": "faults (two at once in some)", "value": kinds.total(), "unit": "",
         "against": f"two at once: {sum(bool(one['together']) for one in sessions)}"},
        *({"name": f"  {kind}", "value": kinds[kind], "unit": ""} for kind in KINDS),
        {"name": "starts of the program", "value": counts["lives"], "unit": ""},
        {"name": "records acknowledged", "value": counts["acknowledged"], "unit": ""},
        {"name": "values that came", "value": counts["values"], "unit": ""},
        {"name": "wave samples that came", "value": counts["wave samples"], "unit": ""},
        {"name": "gaps of a source", "value": counts["gaps"], "unit": ""},
        {"name": "gaps of a source over a restart", "value": counts["gaps of restarts"], "unit": ""},
        {"name": "limit alarms that the slow reference finds", "value": counts["alarms"], "unit": ""},
        {"name": "values not on disk when it died, in the gap that is stated", "value":
         counts["values in a stated gap"], "unit": ""},
        {"name": "wave samples likewise", "value": counts["wave samples in a stated gap"], "unit": ""},
    ]  # fmt: skip
    for key, name in NOTHING:
        table.append({"name": name, "value": counts[key], "unit": "", "target": 0, "ok": not counts[key]})
    return table
