"""A visit that ends in a transfer: a reaction of grade 3, from its first key to the signature, by hands alone; and what
it leaves in the files tells nobody who it was."""

from __future__ import annotations

import logging
import sys

import pytest

from exomonitor.logbook import FILE as LOG
from exomonitor.records.queries import open_archive
from tests.visit import beforehand, reacting
from tests.visit.leaks import half_filled, leaks, private_texts
from tests.visit.room import NURSE, open_room
from tests.visit.visits import FIRST_RECORD, with_a_grade_3_reaction

SECOND, THIRD = "DEMO-SECOND, Martha", "DEMO-THIRD, Nobody"


@pytest.mark.timeout(300)  # everything is painted
@pytest.mark.expects_log("so that there is a log")
def test_a_grade_3_reaction_ends_in_a_transfer(qapp, tmp_path):
    with open_room(tmp_path) as room:
        try:
            with_a_grade_3_reaction(room)
        finally:
            sys.stdout.write(f"\n{room.hands.table()}\n")
        assert room.hands.count("reaction: first record") == FIRST_RECORD
        (told,) = room.now.registry.visits.values()
        assert told.worst_grade == 3, "the next dose will be held by it"
        beforehand.register(room, SECOND, "DEMO-0055555", "555 0177")
        session = open_archive(tmp_path / "demo.sqlite3").sessions()[0].session
        room.station.export_now(session, tmp_path / "out", ("csv", "json", "pdf"), "", NURSE)
        beforehand.begin_to_register(room, THIRD)
        logging.getLogger("exomonitor").warning("made-up words, so that there is a log")
        files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
        assert {"demo.sqlite3.lease", LOG, "report.pdf", "session.json"} <= files
        private = private_texts(tmp_path / "demo.sqlite3", THIRD)
        assert {reacting.WORDS, SECOND, beforehand.NAME, "DEMO-0055555", "Dr DEMO-AMBULANCE"} <= private
        assert leaks(tmp_path, private) == []
    assert [THIRD in path.read_text() for path in half_filled(tmp_path)] == [True]
    assert leaks(tmp_path, private) == [], "at the end"
