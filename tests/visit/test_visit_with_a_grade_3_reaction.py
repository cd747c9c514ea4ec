"""A visit that ends in a transfer: a reaction of grade 3, from its first key to the signature, by hands alone."""

from __future__ import annotations

import sys

from tests.visit.room import open_room
from tests.visit.visits import FIRST_RECORD, with_a_grade_3_reaction


def test_a_grade_3_reaction_ends_in_a_transfer(qapp, tmp_path):
    with open_room(tmp_path) as room:
        try:
            with_a_grade_3_reaction(room)
        finally:
            sys.stdout.write(f"\n{room.hands.table()}\n")
        assert room.hands.count("reaction: first record") == FIRST_RECORD
        (told,) = room.now.registry.visits.values()
        assert told.worst_grade == 3, "the next dose will be held by it"
