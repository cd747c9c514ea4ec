"""Each scenario is played once for all tests that look at it, whichever worker asks first."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scenario.played import Played, play

Play = Callable[[str], Played]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One worker at a time; the others wait here until it is done."""
    if sys.platform == "win32":  # workers do not share runs there, see `played`
        yield
        return
    import fcntl

    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Play:
    """Plays a scenario over memory as fast as it goes, or hands out the run that is there already."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" or sys.platform == "win32" else base.parent
    known: dict[str, Played] = {}

    def get(scenario: str) -> Played:
        if scenario not in known:
            out, name = shared / f"played-{Path(scenario).stem}", Path(scenario).stem
            with _alone(shared / f"played-{name}.lock"):
                told = out / "summary-line.json"
                if not told.exists():
                    told.write_text(json.dumps(play(scenario, out).line), encoding="utf-8")
                known[scenario] = Played(out, json.loads(told.read_text(encoding="utf-8")))
        return known[scenario]

    return get
