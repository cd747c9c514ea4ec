"""SIGKILLs and power cuts of a headless session at random moments: nothing acknowledged is lost, nothing is corrupt,
and each killed session is resumed. A third of the kills and a quarter of the cuts hit an encrypted record."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

from exomonitor.records.verify import verify_database
from tests.commands.program import ROOT
from tests.exomonitor.records.power_cut import Tally
from tests.scenario.killed import done_by_people, ended_well, kill, resume
from tests.scenario.played import Played, play

KILLS = int(os.environ.get("EXOMONITOR_CRASH_KILLS", "300"))
CUTS = int(os.environ.get("EXOMONITOR_CRASH_CUTS", "10000"))
AT_ONCE = 2
ENCRYPTED_KILL = 3
"""Each so manieth killed session is recorded encrypted."""
SHARES = 4
"""Of the power cuts; the last one is of an encrypted session."""
PATIENCE_S = 900.0
"""A bench that shares its processors with other work is slow, not broken."""
SEED = 20_260


def run() -> list[dict[str, Any]]:
    """Kill, look, resume; the rows are counts over all kills."""
    with tempfile.TemporaryDirectory(prefix="bench-crash-") as name:
        folder = Path(name)
        undisturbed = done_by_people(play("short", folder / "whole"))
        with ProcessPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(_once, repeat(folder, KILLS), range(KILLS), repeat(undisturbed, KILLS)))
            cuts = list(pool.map(_power_cuts, repeat(folder, SHARES), range(SHARES)))
    encrypted = cuts[-1]
    died, printed, lost, corrupt, resumed, shown = (sum(column) for column in zip(*found, strict=True))
    return [
        _row("kills of a running session", died, KILLS),
        _row("of these with an encrypted record", len(found[::ENCRYPTED_KILL]), None),
        _row("acknowledged records at the kills", printed, None),
        _row("acknowledged records lost", lost, 0),
        _row("databases not intact", corrupt, 0),
        _row("sessions resumed to their end", resumed, KILLS),
        _row("gaps shown, or nothing was open yet", shown, KILLS),
        _row("simulated power cuts", sum(one.cuts for one in cuts), CUTS),
        _row("of these of an encrypted record", encrypted.cuts, CUTS // SHARES),
        _row("of these with a mark of the signed end beside it", sum(one.marked for one in cuts), None),
        _row("acknowledged records at the power cuts", sum(one.acknowledged for one in cuts), None),
        _row("of these in an encrypted record", encrypted.acknowledged, None),
        _row("acknowledged records lost by power cuts", sum(one.lost for one in cuts), 0),
        _row("databases corrupt after power cuts", sum(one.corrupt for one in cuts), 0)
        | {"against": "; ".join(f"share {at}: {one.first}" for at, one in enumerate(cuts) if one.first)},
    ]


def _power_cuts(folder: Path, number: int) -> Tally:
    """A share of the power cuts, in a session of its own."""
    out, seed = folder / f"cuts-{number}", SEED + number
    how = ["encrypted"] if number == SHARES - 1 else []
    words = ["-m", "tests.exomonitor.records.power_cut_child", str(out), str(CUTS // SHARES), str(seed), *how]
    ran = subprocess.run([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Tally(**json.loads(ran.stdout))


def _once(folder: Path, number: int, undisturbed: Counter[str]) -> tuple[int, int, int, int, int, int]:
    """Killed in time, acknowledged, lost, not intact, resumed to the end with every row done once, and the gap told."""
    out = folder / f"kill-{number}"
    killed = kill(out, random.Random(SEED + number), encrypted=number % ENCRYPTED_KILL == 0)
    was_open = Played(out, {}).ask("SELECT count(*) FROM journal WHERE type = 'SessionOpened'") == [(1,)]
    was_signed = Played(out, {}).ask("SELECT count(*) FROM journal WHERE type = 'SessionSigned'") == [(1,)]
    again = ended_well(resume(out, limit_s=PATIENCE_S), out)
    corrupt = bool(killed.findings) or bool(verify_database(Played(out, {}).database))
    good = again is not None and again.line["phase"] == "signed" and done_by_people(again) == undisturbed
    told = again is not None and len(again.bodies("MonitoringResumed")) == 1
    return killed.died, len(killed.printed), len(killed.lost), corrupt, good, told or not was_open or was_signed


def _row(name: str, value: int, target: int | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "value": value, "unit": "1"}
    return row if target is None else {**row, "target": target, "ok": value == target}
