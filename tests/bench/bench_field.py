"""A thousand simulated sessions of the field with its faults and worse: pulled cables, restarted devices and computers,
kills, full disks, stepped clocks, sleep, wrong devices, two at once. What came is on record, and what did not is said.

The published bedside recorder captured 98.5 % of 4,335 cases, and 95.2 % without any loss. EXOMONITOR_FIELD_SESSIONS,
_MINUTES and _WORKERS say how many, how long each, and on how many processors (as many as there are).
EXOMONITOR_FIELD_KEPT names a file in which each session stands as soon as it is judged: hours of work that was
interrupted goes on there, and the table says which versions of the program the sessions were played with.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.bench.field_plan import KINDS, MINUTES
from tests.commands.program import ROOT

LENGTH_MIN = float(os.environ.get("EXOMONITOR_FIELD_MINUTES", str(MINUTES)))
SESSIONS = int(os.environ.get("EXOMONITOR_FIELD_SESSIONS", "1000"))
WORKERS = int(os.environ.get("EXOMONITOR_FIELD_WORKERS", str(os.cpu_count() or 1)))
KEPT = os.environ.get("EXOMONITOR_FIELD_KEPT", "")
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


def played(
    seeds: Iterable[object], minutes: float, workers: int, kept: Path | None = None, version: str = ""
) -> list[dict[str, Any]]:
    """The sessions of these seeds, dealt out to so many processes; a worker that fails fails them all.

    `kept`: what stands in this file is not played again, and what is played is added to it, with `version`.
    """
    seeds = list(seeds)
    found = [one for one in _kept(kept) if one["minutes"] == minutes and one["seed"] in seeds]
    left = [seed for seed in seeds if seed not in {one["seed"] for one in found}]
    surroundings = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    out, told = os.pipe()
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.field_session", str(minutes), *map(str, share)],
            cwd=ROOT, env=surroundings, stdout=told,
        )
        for share in (left[number::workers] for number in range(min(workers, len(left))))
    ]  # fmt: skip
    os.close(told)
    with os.fdopen(out) as lines:
        for line in lines:  # each is one write, shorter than what a pipe keeps together
            found.append({**json.loads(line), "minutes": minutes, "version": version})
            if kept is not None:
                with kept.open("a") as file:
                    file.write(json.dumps(found[-1]) + "\n")
    ended = [one.wait() for one in running]
    assert not any(ended), "a worker failed"
    assert len(found) == len(seeds), "a worker ended early"
    return sorted(found, key=lambda one: int(one["seed"]))


def _kept(file: Path | None) -> list[dict[str, Any]]:
    """What stands in it; a last line that was cut off is taken away, and played again."""
    if file is None or not file.exists():
        return []
    whole, end, _ = file.read_text().rpartition("\n")
    file.write_text(whole + end)
    return [json.loads(line) for line in whole.splitlines()]


def played_with(faults: Iterable[tuple[str, ...]], minutes: float) -> list[dict[str, Any]]:
    """One session for each of these groups of faults, one after the other in one process."""
    return played([f"{seed}:{','.join(kinds)}" for seed, kinds in enumerate(faults, 1)], minutes, 1)


def run() -> list[dict[str, Any]]:
    """Play, and add up."""
    kept = Path(KEPT) if KEPT else None
    return rows(played(range(1, SESSIONS + 1), LENGTH_MIN, WORKERS, kept, _version()), SESSIONS, LENGTH_MIN)


def _version() -> str:
    """The commit that is played, "" without git."""
    try:
        words = ["git", "describe", "--always", "--dirty"]
        asked = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return asked.stdout.strip()


def _versions(sessions: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(one["version"] for one in sessions)


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
        {"name": "versions of the program that played them", "value": len(_versions(sessions)), "unit": "",
         "against": ", ".join(f"{version or 'unnamed'}: {count}" for version, count in _versions(sessions).items())},
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
