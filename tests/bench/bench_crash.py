"""100 SIGKILLs of a headless session at random moments: nothing acknowledged is lost, and each session is resumed."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from exomonitor.records.verify import verify_database
from tests.scenario.killed import done_by_people, ended_well, kill, resume
from tests.scenario.played import Played, play

KILLS = 100
AT_ONCE = 2
SEED = 20_260


def run() -> list[dict[str, Any]]:
    """Kill, look, resume; the rows are counts over all kills."""
    with tempfile.TemporaryDirectory(prefix="bench-crash-") as name:
        folder = Path(name)
        undisturbed = done_by_people(play("short", folder / "whole"))
        with ProcessPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(_once, repeat(folder, KILLS), range(KILLS), repeat(undisturbed, KILLS)))
    died, printed, lost, corrupt, resumed, shown = (sum(column) for column in zip(*found, strict=True))
    return [
        _row("kills of a running session", died, KILLS),
        _row("acknowledged records at the kills", printed, None),
        _row("acknowledged records lost", lost, 0),
        _row("databases not intact", corrupt, 0),
        _row("sessions resumed to their end", resumed, KILLS),
        _row("gaps shown, or nothing was open yet", shown, KILLS),
    ]


def _once(folder: Path, number: int, undisturbed: Counter[str]) -> tuple[int, int, int, int, int, int]:
    """Killed in time, acknowledged, lost, not intact, resumed to the end with every row done once, and the gap told."""
    out = folder / f"kill-{number}"
    killed = kill(out, random.Random(SEED + number))
    was_open = Played(out, {}).ask("SELECT count(*) FROM journal WHERE type = 'SessionOpened'") == [(1,)]
    was_signed = Played(out, {}).ask("SELECT count(*) FROM journal WHERE type = 'SessionSigned'") == [(1,)]
    again = ended_well(resume(out), out)
    corrupt = bool(killed.findings) or bool(verify_database(Played(out, {}).database))
    good = again is not None and again.line["phase"] == "signed" and done_by_people(again) == undisturbed
    told = again is not None and len(again.bodies("MonitoringResumed")) == 1
    return killed.died, len(killed.printed), len(killed.lost), corrupt, good, told or not was_open or was_signed


def _row(name: str, value: int, target: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "value": value, "unit": "1"}
    return row if target is None else {**row, "target": target, "ok": value == target}
