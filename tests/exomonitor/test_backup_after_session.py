"""A station that somebody watches makes a backup after each session by itself; one that nobody watches does not."""

from __future__ import annotations

import pytest

from exomonitor.assembly import assemble
from exomonitor.records.queries import open_archive
from exomonitor.records.verify import verify_database
from exomonitor.session.commands import AbandonSession, OpenSession
from tests.exomonitor.station_bench import CHAIR, do, sign_in


@pytest.mark.parametrize("watched", [True, False])
def test_a_session_that_ended_is_in_a_backup_when_the_program_has_closed(tmp_path, clock, watched):
    data = tmp_path / "data"
    data.mkdir()
    station = assemble(clock, data / "demo.sqlite3", "ExoMonitor test", simulated=True, chair=CHAIR, watched=watched)
    try:
        nurse = sign_in(station)
        do(station, OpenSession(CHAIR, nurse))
        do(station, AbandonSession(CHAIR, nurse, "made up"))
    finally:
        station.close()
    made = list((data / "backups").glob("*"))
    assert len(made) == watched
    for one in made:
        assert verify_database(one) == []
        assert len(open_archive(one).sessions()) == 1
        assert open_archive(one).open_sessions() == []
