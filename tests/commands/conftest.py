"""The short session is played once for all commands that look at one, and copied for each file of tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.scenario.conftest import Player
from tests.scenario.played import Played

Copy = Callable[[str], Played]


@pytest.fixture(scope="session")
def short_copy(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Copy:
    """Copies everything that a short session left into a new folder of that name; its export is in there too."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" or sys.platform == "win32" else base.parent

    def copy(name: str) -> Played:
        played = Player(shared, meanwhile=()).get("short")
        out = tmp_path_factory.mktemp(name)
        shutil.copytree(played.out, out, dirs_exist_ok=True)
        export = out / Path(played.line["export"]).relative_to(played.out)
        return replace(played, out=out, line={**played.line, "export": str(export)})

    return copy
