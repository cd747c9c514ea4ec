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
LONG = ("reaction", "unplug", "pump-stops@72")
"""Scenarios of hours, which several tests ask for."""


class Player:
    """Plays scenarios into a folder that all workers share, over memory and as fast as it goes."""

    def __init__(self, folder: Path, meanwhile: tuple[str, ...] = LONG) -> None:
        """`meanwhile`: what is played rather than waiting for another worker."""
        self._folder, self._meanwhile = folder, meanwhile
        self._known: dict[str, Played] = {}

    def get(self, scenario: str) -> Played:
        """The run of a scenario. While another worker plays it, this one plays what will be asked for next."""
        while not self._is_there(scenario, wait=False):
            if not any(self._is_there(other, wait=False) for other in self._meanwhile if other not in self._known):
                self._is_there(scenario, wait=True)
        return self._known[scenario]

    def _is_there(self, scenario: str, *, wait: bool) -> bool:
        """Whether the run is known after this call; False only when another worker is at it and we do not wait."""
        out = self._folder / f"played-{scenario}"
        told = out / "summary-line.json"
        with _locked(self._folder / f"played-{scenario}.lock", wait=wait) as ours:
            if ours and scenario not in self._known:
                if not told.exists():
                    told.write_text(json.dumps(play(scenario, out).line), encoding="utf-8")
                self._known[scenario] = Played(out, json.loads(told.read_text(encoding="utf-8")))
        return scenario in self._known


@contextmanager
def _locked(path: Path, *, wait: bool) -> Iterator[bool]:
    """Hold this file's lock; False = another worker holds it, and we did not wait."""
    if sys.platform == "win32":  # workers share nothing there, see `played`
        yield True
        return
    import fcntl

    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The session in real time comes first of all: it takes long, and all others are played meanwhile."""
    items.sort(key=lambda item: "real_time" not in item.nodeid)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Play:
    """Plays a scenario, or hands out the run that is there already."""
    base = tmp_path_factory.getbasetemp()
    return Player(base if worker_id == "master" or sys.platform == "win32" else base.parent).get
