"""A whole visit in the real window, from registration to the first call, by touches, keys and scans alone."""

from __future__ import annotations

import sys

from tests.visit import beforehand, steps
from tests.visit.room import Room, open_room

AT_THE_CHAIR = 20
"""Actions from the wristband to the start, once the bag is released: patient, bag, line, pump, baseline, time-out."""


def visit(room: Room) -> None:
    """Everything that belongs to one dose without trouble."""
    beforehand.sign_in(room)
    beforehand.register(room)
    beforehand.release_lot(room)
    bag = beforehand.release_bag(room)
    steps.prepare(room, bag)
    steps.infuse(room)
    steps.flush(room)
    steps.observe(room)
    steps.leave(room)
    steps.sign_off(room)
    steps.first_call(room)


def test_a_visit_goes_from_registration_to_sign_off_and_the_first_call(qtbot, tmp_path):
    with open_room(qtbot, tmp_path) as room:
        try:
            visit(room)
        finally:
            sys.stdout.write(f"\n{room.hands.table()}\n")
        assert room.hands.count("chair:") <= AT_THE_CHAIR
        sets = room.hands.count("a set: open")
        assert room.hands.count("a set: answers") == 3 * sets, "consciousness, symptoms, site"
        assert room.hands.count("a set: all as shown") == sets
