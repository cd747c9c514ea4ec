"""A patient in the lounge on a real record: watched on after a restart, beside whoever is in the chair."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session import commands as cmd
from exomonitor.session.parts import leaving_events as lv
from exomonitor.session.phases import Phase
from tests.exomonitor.station_bench import CHAIR, do, run, sign_in, station_on
from tests.exomonitor.test_station import attach, infuse, prepared

PLACE = "Lounge 1"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_both_sessions_are_taken_up_where_they_were(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        attach(station)
        by = prepared(station)
        do(station, cmd.StartSession(CHAIR, by))
        infuse(station, clock, 90)
        station.detach(CHAIR, "pump")
        clock.advance(60)
        do(station, cmd.RecordFlush(CHAIR, by, False, text="no saline at the chair"))
        first = station.latest().session
        assert first is not None
        do(station, lv.MoveToLounge(CHAIR, by))
        do(station, cmd.OpenSession(CHAIR, by))
        second = station.latest().session
        assert second is not None
    clock.advance(30)
    with station_on(tmp_path, clock) as station:
        assert station.resume() == second.id
        station.runtime.settle()
        sign_in(station)
        run(station, clock, 1)
        here, there = station.latest().session, station.at(PLACE).latest().session
        assert here is not None
        assert there is not None
        assert (here.id, here.phase) == (second.id, Phase.PREPARE)
        assert (there.id, there.phase, there.chair) == (first.id, Phase.OBSERVE, PLACE)
        assert there.resumed_gaps_s


def test_a_place_has_its_own_pictures(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock, watched=True) as station:
        seen: list[Snapshot] = []
        station.at(PLACE).on_snapshot(seen.append)
        assert station.at(CHAIR) is station
        assert station.at(PLACE).chair == PLACE
        assert station.at(PLACE).devices is None
        station.at(PLACE).latest()
        run(station, clock, 1)
        assert {snapshot.chair for snapshot in seen} == {PLACE}
        assert station.latest().chair == CHAIR
