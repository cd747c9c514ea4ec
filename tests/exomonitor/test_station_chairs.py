"""A station of two chairs on a real record: pictures, waves, sessions and restarts of each are its own."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session import machine_events as mv
from exomonitor.signals.waves import WaveChunk, WaveName
from exomonitor.station import Station
from tests.exomonitor.station_bench import CHAIR, do, run, sign_in, station_on

OTHER = "5"
BOTH = (CHAIR, OTHER)
PATIENTS = {CHAIR: ("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1"), OTHER: ("DEMO-OTHER, John", "1960-01-02", "M-2")}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def opened(station: Station, chair: str) -> str:
    """A session with its patient; answers its id."""
    by = sign_in(station, chair)
    do(station, cmd.OpenSession(chair, by))
    do(station, cmd.IdentifyPatient(chair, by, *PATIENTS[chair], ("name", "born"), "none known"))
    state = station.at(chair).latest().session
    assert state is not None
    return state.id


def wave(clock: ManualClock) -> WaveChunk:
    return WaveChunk("monitor", WaveName.PLETH, 100.0, np.zeros(100, dtype=np.int16), 0.01, "%", clock.now())


def test_every_chair_has_its_pictures_and_its_waves(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock, watched=True, chairs=BOTH) as station:
        assert station.chairs == BOTH
        seen: dict[str, list[Snapshot]] = {chair: [] for chair in BOTH}
        waves: dict[str, list[WaveChunk]] = {chair: [] for chair in BOTH}
        for chair in BOTH:
            station.at(chair).on_snapshot(seen[chair].append)
            station.at(chair).on_wave(waves[chair].append)
        sent = wave(clock)
        station.hear(OTHER, sent)
        run(station, clock, 1)
        assert (waves[CHAIR], waves[OTHER]) == ([], [sent])
        for chair in BOTH:
            assert {snapshot.chair for snapshot in seen[chair]} == {chair}
            assert station.at(chair).latest().chair == chair
        assert station.at(CHAIR) is station
        assert station.at(OTHER).devices is station.devices


def test_both_sessions_are_taken_up_in_their_own_chairs_after_the_program_died(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock, chairs=BOTH) as station:
        ids = {chair: opened(station, chair) for chair in BOTH}
        run(station, clock, 1)
        later = ManualClock(clock.now().plus(90).utc, "another boot")
        with station_on(tmp_path, later, chairs=BOTH) as again:  # the first one was never closed
            assert again.resume() == ids[CHAIR]
            run(again, later, 1)
            for chair in BOTH:
                snapshot = again.at(chair).latest()
                assert snapshot.session is not None
                assert (snapshot.session.id, snapshot.session.chair) == (ids[chair], chair)
                assert snapshot.resume_offer == f"Still {PATIENTS[chair][0]} in chair {chair}?"
                assert [round(gap) for gap in snapshot.session.resumed_gaps_s] == [91]
                kinds = [type(entry.event) for entry in again.archive.entries(ids[chair])]
                assert kinds.count(mv.MonitoringResumed) == 1


def test_a_session_whose_chair_is_not_watched_any_more_is_not_lost(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock, chairs=BOTH) as station:
        session = opened(station, OTHER)
    clock.advance(30)
    with station_on(tmp_path, clock, chairs=(CHAIR, "6")) as station:
        assert station.resume() == ""
        run(station, clock, 1)
        there = station.at(OTHER).latest().session
        assert there is not None
        assert there.id == session
        assert station.at(OTHER).devices is None
        assert OTHER in {other.name for other in station.latest().others}


def test_of_two_sessions_in_one_chair_the_newer_one_is_taken_up(
    tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture
):
    with station_on(tmp_path, clock, chairs=BOTH) as station:
        opened(station, OTHER)
        station.runtime.engine.chair(OTHER).begin()  # as a fault would
        by = sign_in(station, OTHER)
        do(station, cmd.OpenSession(OTHER, by))
        newer = station.at(OTHER).latest().session
        assert newer is not None
    clock.advance(30)
    with station_on(tmp_path, clock, chairs=BOTH) as station, caplog.at_level(logging.WARNING):
        station.resume()
        run(station, clock, 1)
        there = station.at(OTHER).latest().session
        assert there is not None
        assert there.id == newer.id
    assert [record.message for record in caplog.records if "two sessions" in record.message] == [
        "two sessions are open in chair 5: the newer one is taken up"
    ]
    caplog.clear()


def test_a_station_with_one_chair_takes_up_the_newest_session_whatever_its_chair_was_called(
    tmp_path: Path, clock: ManualClock
):
    with station_on(tmp_path, clock, chairs=BOTH) as station:
        session = opened(station, OTHER)
    clock.advance(30)
    with station_on(tmp_path, clock) as station:
        assert station.chairs == (CHAIR,)
        assert station.resume() == session
