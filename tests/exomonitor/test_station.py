"""The station on a real record: what was recorded stands after a restart, and nothing waits unanswered."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.snapshot import Snapshot
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.session import commands as cmd
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.fold import fold
from exomonitor.session.parts.checks import RecordChecklist
from exomonitor.session.parts.double_check import SingleNurse
from exomonitor.session.phases import Phase
from exomonitor.session.plan import SourceCell
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.station import Station
from tests.exomonitor.engine.bedside_bench import ANSWERS
from tests.exomonitor.station_bench import CHAIR, do, run, sign_in, station_on

ORDERED: dict[str, Any] = {"first_dose": False, "way": "written", "source_cell": SourceCell.MSC}


def prepared(station: Station) -> str:
    """A session whose pump is read and whose vitals are typed, ready to start; answers who is at work."""
    by = sign_in(station)
    do(station, cmd.OpenSession(CHAIR, by))
    patient = ("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known")
    do(station, cmd.IdentifyPatient(CHAIR, by, *patient))
    second = station.prove("V. DEMO-SANTOS", "2222").result(5).token
    do(station, cmd.EnterProduct(CHAIR, by, SourceCell.MSC, "LOT-1", "2029-01-01", proof=second))
    users = station.latest().registry.users.values()
    prescriber = next(one.id for one in users if one.holds("prescriber"))
    ordered = {**ORDERED, "prescriber_id": prescriber}
    do(station, cmd.EnterOrder(CHAIR, by, Decimal(5), Decimal(100), Decimal(60), **ordered))
    line: dict[str, Any] = {"device": "peripheral cannula", "patent": True, "dedicated": True, "filter": "none"}
    do(station, cmd.EnterLine(CHAIR, by, "forearm", "left", "22G", **line))
    do(station, cmd.PinDevice(CHAIR, by, "pump", "new-era", "pump", "0"))
    do(station, cmd.PinDevice(CHAIR, by, "monitor", "", ""))
    values = {"hr": cmd.ValueEntry(Decimal(72), "typed")}
    do(station, cmd.RecordObservation(CHAIR, by, "baseline", values, "alert"))
    for key, answers in ANSWERS.items():
        names = {"Nurse Example": by, "Dr Example": prescriber}
        here = {item: names.get(said, said) for item, said in answers.items()}
        do(station, RecordChecklist(CHAIR, by, key, here))
    do(station, SingleNurse(CHAIR, by, "nobody else is here"))
    last = {"same": "yes", "pump_rate": "100", "pump_volume": "100", "line_open": "yes"}
    do(station, RecordChecklist(CHAIR, by, "time_out", last))
    return by


def infuse(station: Station, clock: ManualClock, seconds: int, counter: float = 0.0) -> float:
    """The pump runs at 100 mL/h and says so every second."""
    for _ in range(seconds):
        clock.advance(1)
        counter += 100 / 3600
        station.hear(
            CHAIR,
            PumpReading(
                "pump", "0", PumpStatus.INFUSING, "I", clock.now(), rate_ml_h=100.0, volume_infused_ml=round(counter, 3)
            ),
        )
        station.runtime.settle()
    return counter


def attach(station: Station) -> None:
    station.attach(CHAIR, SourceInfo("pump", "pump", "new-era", "a pump"))
    station.runtime.settle()


def test_the_live_state_is_the_fold_of_the_record_to_the_last_digit(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        attach(station)
        by = prepared(station)
        clock.advance(0.1234567)  # what the record rounds, the live state rounds too
        do(station, cmd.StartSession(CHAIR, by))
        infuse(station, clock, 20)
        do(station, cmd.AddNote(CHAIR, by, "a note"))
        run(station, clock, 2)
        live = station.latest().session
        assert live is not None
        assert fold(station.archive.entries(live.id)) == live


def test_a_restart_takes_up_the_session_its_timers_and_its_people(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        attach(station)
        by = prepared(station)
        do(station, cmd.StartSession(CHAIR, by))
        counter = infuse(station, clock, 120)
        run(station, clock, 2)
        before = station.latest().session
        assert before is not None
    later = ManualClock(clock.now().plus(60).utc, "another boot")
    with station_on(tmp_path, later) as station:
        assert station.resume() == before.id
        run(station, later, 1)
        snapshot = station.latest()
        assert snapshot.resume_offer == "Still DEMO-EXAMPLE, Jane in chair 4?"
        assert snapshot.progress is not None
        assert snapshot.progress.elapsed_s == pytest.approx(183, abs=1.5)
        attach(station)
        infuse(station, later, 1, counter + 62 / 36)
        progress = station.latest().progress
        assert progress is not None
        assert progress.delivered_by == "pump"
        assert progress.delivered_ml == pytest.approx(counter + 63 / 36, abs=0.1)
        assert sign_in(station) == by
        run(station, later, 1)
        (resumed,) = [e.event for e in station.archive.entries(before.id) if isinstance(e.event, mv.MonitoringResumed)]
        assert (round(resumed.gap_s), resumed.same_boot) == (62, False)


def test_with_nothing_open_there_is_nothing_to_resume(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        by = sign_in(station)
        do(station, cmd.OpenSession(CHAIR, by))
        do(station, cmd.AbandonSession(CHAIR, by, "a test"))
    with station_on(tmp_path, clock) as station:
        assert station.resume() == ""
        assert station.latest().session is None


def test_what_waits_at_the_close_is_stored(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        station.attach(CHAIR, SourceInfo("monitor", "monitor", "ge-dri", "a monitor"))
        by = sign_in(station)
        do(station, cmd.OpenSession(CHAIR, by))
        for value in range(60, 70):
            clock.advance(0.01)
            station.hear(CHAIR, VitalReading("monitor", Sign.HR, float(value), Validity.VALID, clock.now()))
        session = station.latest().session
        assert session is not None
    with station_on(tmp_path, clock) as station:
        assert [row.value for _, row in station.archive.readings(session.id)] == list(range(60, 70))


def test_an_export_is_in_the_journal_before_its_files_are_there(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        by = sign_in(station)
        do(station, cmd.OpenSession(CHAIR, by))
        session = station.latest().session
        assert session is not None
        folder = station.export("last", tmp_path / "out", ("csv",), "", by).result(5)
        assert "csv" in (folder / "said.txt").read_text()
        with pytest.raises(CommandRefused):
            station.export("EXO-NOBODY", tmp_path / "out", ("csv",), "", by).result(5)


def test_after_the_close_a_command_is_answered_with_a_sentence(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        pass
    with pytest.raises(EnvironmentFault, match="closing"):
        station.submit(cmd.OpenSession(CHAIR, "")).result(0)


def test_whoever_listens_hears_every_picture_of_the_chair_on_screen(tmp_path: Path, clock: ManualClock):
    seen: list[Snapshot] = []
    with station_on(tmp_path, clock, watched=True) as station:
        station.on_snapshot(seen.append)
        station.set_audio(True, "")
        by = sign_in(station)
        do(station, cmd.OpenSession(CHAIR, by))
        do(station, cmd.OpenSession("9", sign_in(station, "9")))
        run(station, clock, 1)
        assert {snapshot.chair for snapshot in seen} == {CHAIR}
        assert seen[-1] is station.latest()
        assert seen[-1].audio.ok
        assert seen[-1].session is not None
        assert seen[-1].session.phase is Phase.PREPARE
        assert seen[-1].beat > seen[0].beat


def test_a_session_of_another_chair_does_not_touch_this_one(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        do(station, cmd.OpenSession("9", sign_in(station, "9")))
        assert station.latest().session is None
        assert any(
            isinstance(e.event, ev.SessionOpened) for e in station.archive.entries(station.archive.open_sessions()[0])
        )
