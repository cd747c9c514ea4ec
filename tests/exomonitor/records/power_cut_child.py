"""A process that plays a headless session on a watched disk, then cuts its power: prints one JSON line of counts.

Words: FOLDER CUTS SEED [encrypted].
"""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import main
from tests.exomonitor.records.at_rest import encrypt_everything
from tests.exomonitor.records.disk import Disk
from tests.exomonitor.records.own_files import own_files
from tests.exomonitor.records.power_cut import Heard, Tally, cut_at_random


def cut(out: Path, cuts: int, seed: int) -> Tally:
    """Play the short scenario, then cut."""
    data = out / "data"
    data.mkdir(parents=True)
    with Disk(data) as disk, own_files(disk), contextlib.redirect_stdout(Heard(disk)):
        code = main.main(["demo", "--headless", "--scenario", "short", "--print-commits", "--out", str(out)])
    assert code == 0, disk.calls[-1]
    return cut_at_random(disk.calls, data.resolve() / "demo.sqlite3", out / "left", cuts, seed)


if __name__ == "__main__":
    if sys.argv[4:] == ["encrypted"]:
        encrypt_everything(pytest.MonkeyPatch())  # for as long as this process lives
    sys.stdout.write(json.dumps(asdict(cut(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))) + "\n")
