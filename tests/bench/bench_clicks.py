"""What a nurse's hands do in a visit: the scripted visits in the real window, played again, their actions counted."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.visit.hands import Hands
from tests.visit.room import Room, open_room
from tests.visit.visits import ANSWERS, AT_THE_CHAIR, FIRST_RECORD, with_a_grade_3_reaction, without_trouble


def run() -> list[dict[str, Any]]:
    """Both visits: their tables go to the screen, what has a target is a row."""
    from PySide6.QtWidgets import QApplication

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory(prefix="bench-clicks-") as name:
        whole = _played(Path(name) / "whole", without_trouble)
        reaction = _played(Path(name) / "reaction", with_a_grade_3_reaction)
    del application
    sets = whole.count("a set: open")
    return [
        _row("at the chair, wristband to start", whole.count("chair:"), AT_THE_CHAIR),
        _row("reaction, first record", reaction.count("reaction: first record"), FIRST_RECORD),
        _row("set, answers where live values are right", whole.count("a set: answers") // sets, ANSWERS),
        _row("set, the key that opens it and the one that saves it", 2 * whole.count("a set: all as shown") // sets),
        _row("the whole visit without trouble, everybody's hands", whole.count("")),
        _row("the visit with a reaction of grade 3, everybody's hands", reaction.count("")),
    ]


def _played(folder: Path, visit: Callable[[Room], None]) -> Hands:
    with open_room(folder) as room:
        visit(room)
        sys.stdout.write(f"{room.hands.table()}\n\n")
        return room.hands


def _row(name: str, value: int, target: int | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "value": value, "unit": "actions"}
    return row if target is None else {**row, "target": target, "ok": value <= target}
