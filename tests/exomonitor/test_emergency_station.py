"""An emergency record on a real station: recorded, taken up again, exported, verified; told to the session before."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import ManualClock
from exomonitor.engine.live import SourceInfo
from exomonitor.exports.bundle import export_session
from exomonitor.exports.listing import sessions_json, sessions_table
from exomonitor.exports.verify import verify_export
from exomonitor.records.verify import verify_database
from exomonitor.session import commands as cmd
from exomonitor.session.fold import fold
from exomonitor.session.parts.emergency_events import AttributeActions, DoEmergencyStep
from exomonitor.session.parts.emergency_record import SayWhoseEmergency
from exomonitor.session.phases import Phase
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.station import Station
from tests.exomonitor.station_bench import CHAIR, PROGRAM, do, run, sign_in, station_on

TERM = "Infusion related reaction"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def beat(station: Station, clock: ManualClock, hr: float) -> None:
    """The monitor says a heart rate."""
    station.hear(CHAIR, VitalReading("monitor", Sign.HR, hr, Validity.VALID, clock.now()))
    run(station, clock, 1)


def emergency(station: Station, clock: ManualClock) -> str:
    """F8 with nobody signed in and a monitor that spoke before; answers the record's id."""
    station.attach(CHAIR, SourceInfo("monitor", "monitor", "ge-dri", "GE B650"))
    beat(station, clock, 84.0)
    do(station, cmd.OpenReaction(CHAIR, ""))
    do(station, DoEmergencyStep(CHAIR, "", "call"))
    beat(station, clock, 131.0)
    run(station, clock, 2)
    session = station.latest().session
    assert session is not None
    return session.id


def ended(station: Station, by: str) -> None:
    """It is over, has its names, and is signed."""
    do(station, AttributeActions(CHAIR, by))
    do(station, cmd.DetailReaction(CHAIR, by, "R1", ("flushing",), TERM, 2, outcome="resolved", resolved=True))
    token = station.prove("R. DEMO-OKAFOR", "1111").result(5).token
    do(station, cmd.SignOff(CHAIR, by, token))


def exported(station: Station, session: str, out: Path, clock: ManualClock, *, identified: bool = False) -> Path:
    return export_session(
        station.archive, session, out, protocol=load_protocol(), program=PROGRAM, now=clock.now(),
        identified=identified, reason="for the file" if identified else "",
    )  # fmt: skip


def text_of(folder: Path) -> str:
    pages = PdfReader(folder / "report.pdf").pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


def test_it_is_recorded_signed_exported_and_verified(tmp_path: Path, clock: ManualClock) -> None:
    with station_on(tmp_path, clock) as station:
        record = emergency(station, clock)
        by = sign_in(station)
        do(station, SayWhoseEmergency(CHAIR, by, text="DEMO-VISITOR, of the patient in chair 2"))
        pressure = {"nibp_sys": cmd.ValueEntry(Decimal(87), "typed", 0.0)}
        pressure["nibp_dia"] = cmd.ValueEntry(Decimal(49), "typed", 0.0)
        do(station, cmd.RecordObservation(CHAIR, by, "extra1", pressure, "confused"))
        ended(station, by)
        session = station.latest().session
        assert session is not None
        assert session.phase is Phase.SIGNED
        assert session.signature is not None
        assert session.signature.verdict == "Complete"
        for identified in (False, True):
            folder = exported(station, record, tmp_path / "out", clock, identified=identified)
            assert verify_export(folder) == []
            text = text_of(folder)
            assert "EMERGENCY RECORD" in text
            assert "EMERGENCY RECORD, no infusion. Complete" in text
            assert "Before the start" not in text
            assert "Vital signs recorded: 1" in text
            assert "87/49" in text
            assert '"ObservationRecorded"' in (folder / "session.json").read_text(encoding="utf-8")
            assert ("DEMO-VISITOR" in text) == identified
        readings = {row.value for _, row in station.archive.readings(record) if row.name == "hr"}
        assert readings == {84.0, 131.0}
        [row] = [row for row in station.archive.sessions() if row.session == record]
        assert (row.kind, row.phase) == ("emergency", "signed")
        assert "EMERGENCY, signed" in sessions_table([row], proved=True)
        assert '"kind": "emergency"' in sessions_json([row], proved=True)
    assert verify_database(tmp_path / "clinic.sqlite3") == []


def test_it_is_taken_up_again_after_the_program_ended_in_the_middle(tmp_path: Path, clock: ManualClock) -> None:
    with station_on(tmp_path, clock) as station:
        record = emergency(station, clock)
    clock.advance(30)
    with station_on(tmp_path, clock) as station:
        assert station.resume() == record
        station.runtime.settle()
        session = station.latest().session
        assert session is not None
        assert session.is_emergency
        assert session.open_reaction is not None


def test_the_record_and_the_report_of_the_session_before_tell_of_it(tmp_path: Path, clock: ManualClock) -> None:
    with station_on(tmp_path, clock) as station:
        by = sign_in(station)
        do(station, cmd.OpenSession(CHAIR, by))
        patient = ("DEMO-EXAMPLE, Jane", "1972-03-14", "M-1", ("name", "born"), "none known")
        do(station, cmd.IdentifyPatient(CHAIR, by, *patient))
        before = station.latest().session
        assert before is not None
        do(station, cmd.AbandonSession(CHAIR, by, "patient unwell"))
        record = emergency(station, clock)
        do(station, SayWhoseEmergency(CHAIR, by, earlier=before.id))
        ended(station, by)
        state = fold(station.archive.entries(before.id))
        assert state is not None
        assert [one.record for one in state.emergency_record.later] == [record]
        folder = exported(station, before.id, tmp_path / "out", clock)
        assert verify_export(folder) == []
        later = station.latest().session
        assert later is not None
        assert f"record {later.study_id}" in text_of(folder)
        own = text_of(exported(station, record, tmp_path / "out", clock, identified=True))
        assert "DEMO-EXAMPLE, Jane" in own
        assert before.study_id in own
    assert verify_database(tmp_path / "clinic.sqlite3") == []


def test_void_it_stays_in_the_list_and_in_its_report(tmp_path: Path, clock: ManualClock) -> None:
    with station_on(tmp_path, clock) as station:
        record = emergency(station, clock)
        by = sign_in(station)
        do(station, cmd.AbandonSession(CHAIR, by, "pressed_by_mistake"))
        folder = exported(station, record, tmp_path / "out", clock)
        assert verify_export(folder) == []
        assert "Incomplete: void: pressed by mistake" in text_of(folder)
        assert "EMERGENCY, void" in sessions_table(station.archive.sessions(), proved=True)
