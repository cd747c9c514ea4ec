"""With several chairs a session whose first entry was changed stays in its own, and puts no other patient's away."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.session.commands import AddNote, OpenSession
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.settings import Seat
from exomonitor.station import Station
from tests.exomonitor.station_bench import do
from tests.exomonitor.test_damaged_start import PIN, seal, station_at, told
from tests.exomonitor.test_forged_open_session import forge

FIRST = "type = 'SessionOpened' AND session = '{}'"


def chairs_at(folder: Path, clock: ManualClock) -> AbstractContextManager[Station]:
    return station_at(folder, clock, (Seat("1"), Seat("2")))


def opened(folder: Path, clock: ManualClock, *chairs: str) -> dict[str, str]:
    """Chair -> the session that was opened in it, each with a note."""
    found = {}
    with chairs_at(folder, clock) as station:
        who = do(station, AddUser("1", "", "A. DEMO-ADMIN", ("administrator", "nurse"), seal(station))).answer
        for chair in chairs:
            do(station, SignIn(chair, "", station.prove(who, PIN).result(60).token))
            do(station, OpenSession(chair, who))
            do(station, AddNote(chair, who, "made-up note"))
            clock.advance(5)
            found[chair] = in_chair(station, chair)
    return found


def in_chair(station: Station, chair: str) -> str:
    state = station.at(chair).latest().session
    return state.id if state is not None else ""


def lost_in(station: Station, chair: str) -> int:
    state = station.at(chair).latest().session
    return state.lost if state is not None else -1


@pytest.mark.parametrize("change", ["actor = 'x'", "body = '['", 'body = \'{"chair":"9"}\'', "body = '{\"chair\":[]}'"])
@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_beside_an_intact_one_each_is_in_its_own_chair(tmp_path, clock, change):
    own = opened(tmp_path, clock, "1", "2")
    forge(tmp_path, f"UPDATE journal SET {change} WHERE {FIRST.format(own['2'])}")
    with chairs_at(tmp_path, clock) as station:
        assert {chair: in_chair(station, chair) for chair in "12"} == own
        assert [lost_in(station, chair) for chair in "12"] == [0, 1]


@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_alone_it_is_in_the_chair_that_its_first_entry_names_though_something_else_of_it_was_changed(tmp_path, clock):
    own = opened(tmp_path, clock, "2")
    forge(tmp_path, f"UPDATE journal SET actor = 'x' WHERE {FIRST.format(own['2'])}")
    with chairs_at(tmp_path, clock) as station:
        assert [in_chair(station, chair) for chair in "12"] == ["", own["2"]]


@pytest.mark.expects_log("an open session|of the clinic's lists")
def test_one_that_was_given_another_patients_chair_goes_to_the_free_one(tmp_path, clock):
    own = opened(tmp_path, clock, "1", "2")
    chair = 'replace(body, \'"chair":"2"\', \'"chair":"1"\')'
    forge(tmp_path, f"UPDATE journal SET body = {chair} WHERE {FIRST.format(own['2'])}")
    with chairs_at(tmp_path, clock) as station:
        assert {chair: in_chair(station, chair) for chair in "12"} == own


@pytest.mark.expects_log("an open session|two sessions")
def test_one_for_which_no_chair_is_left_is_told(tmp_path, clock):
    own = opened(tmp_path, clock, "1", "2")
    forge(tmp_path, f"UPDATE journal SET session = 's-moved' WHERE {FIRST.format(own['2'])}")
    with chairs_at(tmp_path, clock) as station:
        assert {chair: in_chair(station, chair) for chair in "12"} == own
        assert any("open session s-moved cannot be taken up: no chair is free" in text for text in told(station))
