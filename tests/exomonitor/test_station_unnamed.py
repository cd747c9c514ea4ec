"""A station shows a research sign-in its pictures without names, and whoever comes next the names again."""

from __future__ import annotations

from pathlib import Path

from exomonitor.clock import ManualClock
from exomonitor.engine.snapshot import Snapshot
from exomonitor.registry.users import RESEARCH
from exomonitor.session import commands as cmd
from exomonitor.session.parts.course import RegisterPatient
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from tests.exomonitor.station_bench import CHAIR, do, sign_in, station_on


def test_names_are_in_no_picture_while_a_research_sign_in_is_at_work(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock, watched=True) as station:
        nurse = sign_in(station)
        seen: list[Snapshot] = []
        do(
            station,
            RegisterPatient(CHAIR, nurse, "DEMO-MARKED, Zebedee", "1911-11-11", "M-1", allergy_state="none_known"),
        )
        do(station, cmd.OpenSession(CHAIR, nurse))
        station.on_snapshot(seen.append)
        admin = station.prove("A. DEMO-ADMIN", "4444").result(5).token
        sealed = station.seal_pin("5831").result(5)
        do(station, AddUser(CHAIR, nurse, "Q. DEMO-RESEARCH", (RESEARCH,), sealed, proof=admin))
        assert "DEMO-MARKED" in repr(station.latest())
        token = station.prove("Q. DEMO-RESEARCH", "5831").result(5).token
        do(station, SignIn(CHAIR, "", token))
        assert station.latest().unnamed
        assert seen[-1].unnamed
        assert "DEMO-MARKED" not in repr(station.latest())
        sign_in(station)
        assert "DEMO-MARKED" in repr(station.latest())
