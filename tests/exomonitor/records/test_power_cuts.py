"""The power fails at any moment: what was acknowledged is there, and what is there is intact."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from exomonitor.records import connections
from exomonitor.records.writer import commit_lines
from tests.exomonitor.records.disk import ENCRYPTED, Disk
from tests.exomonitor.records.power_cut import Heard, Tally, cut_at_random
from tests.exomonitor.records.record_samples import fill, make_database, recording

ROOT = Path(__file__).resolve().parents[3]
CUTS = 50


def test_no_power_cut_in_a_session_loses_or_spoils_a_record(tmp_path):
    how = ["encrypted"] if ENCRYPTED["too"] else []
    words = ["-m", "tests.exomonitor.records.power_cut_child", str(tmp_path / "cut"), str(CUTS), "1", *how]
    ran = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert (ran.returncode, ran.stderr) == (0, "")
    tally = Tally(**json.loads(ran.stdout))
    assert (tally.cuts, tally.lost, tally.corrupt) == (CUTS, 0, 0), tally.first
    assert tally.acknowledged > 10 * CUTS
    assert tally.marked > CUTS // 3


def cut_a_fill(folder: Path, clock) -> Tally:
    """The power fails while the recorder itself is at work, in this process."""
    path = folder.resolve() / "data" / "demo.sqlite3"
    path.parent.mkdir()
    with (
        Disk(path.parent) as disk,
        recording(make_database(path, clock, simulated=True), commit_lines(Heard(disk))) as recorder,
    ):
        fill(recorder, clock, 25)
    return cut_at_random(disk.calls, path, folder / "left", CUTS, 2)


def test_nothing_is_lost_of_staged_and_merged_waves(tmp_path, clock):
    tally = cut_a_fill(tmp_path, clock)
    assert (tally.cuts, tally.lost, tally.corrupt) == (CUTS, 0, 0), tally.first


@pytest.mark.parametrize("careless", ["NORMAL", "OFF"])
def test_a_writer_that_syncs_less_is_found_out(tmp_path, clock, monkeypatch, careless):
    pragmas = (*connections._WRITER_PRAGMAS, f"PRAGMA synchronous = {careless}")
    monkeypatch.setattr(connections, "_WRITER_PRAGMAS", pragmas)
    assert cut_a_fill(tmp_path, clock).lost > 0
