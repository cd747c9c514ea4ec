"""Kills a headless session in the middle, looks at what survived, and lets it be resumed to its end."""

from __future__ import annotations

import json
import random
import signal
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from exomonitor.records import keys
from exomonitor.records.findings import Finding
from exomonitor.records.verify import verify_database
from tests.commands.program import DONE, LIMIT_S, Said, first_line, of, run, running
from tests.scenario.played import Played

MOST_COMMITS = 90
"""An undisturbed run prints some more; one that waited for them all might end before it is killed."""
LATEST_S = 0.03
"""The kill comes up to this long after the last commit that was waited for: in the middle of whatever follows."""
BY_MACHINES = {
    "AlarmChanged",
    "LinkChanged",
    "DeliveryChanged",
    "GapClosed",
    "ProductEnded",
    "MonitoringResumed",
    "PatientConfirmed",
}


@dataclass(frozen=True, slots=True)
class Killed:
    """What a killed run had printed, and what its database held then."""

    out: Path
    died: bool
    printed: tuple[tuple[int, str], ...]
    kept: dict[int, str]
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> list[int]:
        """Commits that were acknowledged and are not there, or not as they were."""
        return [seq for seq, row_hash in self.printed if self.kept.get(seq) != row_hash]


def kill(
    out: Path,
    chance: random.Random,
    *more: object,
    after: int | None = None,
    scenario: str = "short",
    speed: float = 60.0,
    encrypted: bool = False,
) -> Killed:
    """Begin (or, with --resume, go on with) a session at so many times real time (0: as fast as it goes) and SIGKILL it
    at a random moment, or soon after as many commits as `after` says. `encrypted`: its record is."""
    if encrypted:
        (out / "data").mkdir(mode=0o700, parents=True)
        keys.keep_in_file(out / "data", keys.new_key())
    pace = ("--speed", speed) if speed else ()
    wanted, late_s = after or chance.randint(1, MOST_COMMITS), chance.uniform(0.0, LATEST_S)
    with running(
        "demo", "--headless", "--scenario", scenario, *pace, "--print-commits", "--out", out, *more
    ) as process:
        lines = [first_line(process) + "\n"]
        while len(lines) < wanted and (line := of(process.stdout).readline()):
            lines.append(line)
        threading.Event().wait(late_s)
        process.kill()
        lines += of(process.stdout).readlines()
        died = process.wait() == -signal.SIGKILL
    return _looked_at(out, died, lines)


def _looked_at(out: Path, died: bool, lines: list[str]) -> Killed:
    whole = [json.loads(line) for line in lines if line.endswith("}\n")]
    printed = tuple((line["seq"], line["hash"]) for line in whole if line.get("kind") == "recorded")
    run_so_far = Played(out, {})
    kept = dict(run_so_far.ask("SELECT seq, hash FROM journal"))
    return Killed(out, died, printed, kept, tuple(verify_database(run_so_far.database)))


def resume(out: Path, scenario: str = "short", limit_s: float = LIMIT_S) -> Said:
    """Let it go on to its end, as fast as it can."""
    return run("demo", "--headless", "--scenario", scenario, "--resume", "--out", out, limit_s=limit_s)


def ended_well(said: Said, out: Path) -> Played | None:
    """The finished run, or None when the resumed one failed."""
    if (said.code, said.err) != (DONE, ""):
        return None
    return Played(out, json.loads(said.out.splitlines()[-1]))


def done_by_people(played: Played) -> Counter[str]:
    """How often the nurse did what, whoever was killed in between."""
    left_out = {*BY_MACHINES, "SignedIn"}  # after a kill the nurse signs in again
    return Counter(row["type"] for row in played.events if row["type"] not in left_out)
