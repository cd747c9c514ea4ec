"""A whole visit in the real window, from registration to the first call, by touches, keys and scans alone."""

from __future__ import annotations

import sys

import pytest

from tests.visit.leaks import half_filled, leaks, private_texts
from tests.visit.room import open_room
from tests.visit.visits import ANSWERS, AT_THE_CHAIR, without_trouble


@pytest.mark.timeout(300)  # hours of simulated time, painted
def test_a_visit_goes_from_registration_to_sign_off_and_the_first_call(qapp, tmp_path):
    with open_room(tmp_path) as room:
        try:
            without_trouble(room)
        finally:
            sys.stdout.write(f"\n{room.hands.table()}\n")
        assert room.hands.count("chair:") <= AT_THE_CHAIR
        sets = room.hands.count("a set: open")
        assert room.hands.count("a set: answers") == ANSWERS * sets
        assert room.hands.count("a set: all as shown") == sets
    assert half_filled(tmp_path) == [], "what was saved is no draft any more"
    assert leaks(tmp_path, private_texts(tmp_path / "demo.sqlite3")) == [], "with the call after 24 h"
