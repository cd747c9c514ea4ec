"""A backup that could not be made, a record that does not prove, a second recorder: low alarms that end with their
cause."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.engine.engine import EngineConfig
from exomonitor.engine.upkeep_health import OF_SESSION, upkeep_conditions
from exomonitor.session.commands import AbandonSession, AddNote, OpenSession
from exomonitor.session.machine_events import AlarmChanged
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

ROW = "journal: row 2 was changed (its hash does not fit)"
WHY = "no room in backups: 300 MB needed, 10 MB free."


def test_a_failed_backup_is_a_low_alarm_until_one_is_made(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.engine.set_upkeep("backup", WHY)
    bench.stand(2)
    alarm = bench.alarm("backup")
    assert alarm is not None
    assert (alarm.text, alarm.priority) == (f"BACKUP FAILED - {WHY}", Priority.LOW)
    bench.do(AddNote(CHAIR, bench.by, "work goes on"))
    bench.engine.set_upkeep("backup", "")
    bench.stand(2)
    assert bench.alarm("backup") is None


def test_a_record_that_does_not_prove_and_a_second_recorder_are_low_alarms_until_mended(bench: Bench):
    bench.prepare(pump="", monitor="")
    for what, why, text in (
        ("verify", ROW, f"RECORD NOT INTACT - {ROW}"),
        ("lease", "bay-2 records here", "ANOTHER PROGRAM RECORDS HERE TOO - bay-2 records here"),
    ):
        bench.engine.set_upkeep(what, why)
        bench.stand(2)
        alarm = bench.alarm(what)
        assert alarm is not None
        assert (alarm.text, alarm.priority) == (text, Priority.LOW)
        bench.engine.set_upkeep(what, "")
        bench.stand(2)
        assert bench.alarm(what) is None


def test_what_is_lost_of_a_session_is_told_where_it_is_and_as_long_as_it_is_open(bench: Bench):
    bench.prepare(pump="", monitor="")
    session = bench.engine.chair(CHAIR).session
    bench.engine.set_upkeep(OF_SESSION + session, "2 readings of session X are lost")
    bench.engine.set_upkeep(OF_SESSION + "another", "1 entry of session Y is lost")
    bench.stand(2)
    alarm = bench.alarm("registry")
    assert alarm is not None
    assert (alarm.text, alarm.priority) == (
        f"RECORD NOT INTACT - chair {CHAIR}: 2 readings of session X are lost.",
        Priority.LOW,
    )
    bench.do(AbandonSession(CHAIR, bench.by, "made-up reason"))
    bench.stand(2)
    assert bench.alarm("registry") is None


def test_what_is_lost_of_this_session_comes_before_the_clinics_lists_and_another_one_is_not_named():
    wrong = {OF_SESSION + "a": "1 entry of session A is lost", OF_SESSION + "b": "1 entry of session B is lost"}
    found = {c.key: c for c in upkeep_conditions({**wrong, "registry": "lists"}, "a", "2", {"b": "Lounge 1"})}
    assert found["registry"].text == "RECORD NOT INTACT - chair 2: 1 entry of session A is lost. lists"
    other = found["elsewhere:Lounge 1:registry"]
    assert (other.active, other.text) == (True, "Lounge 1: RECORD NOT INTACT - look there")


@pytest.mark.parametrize("several", [False, True])
def test_what_is_lost_of_another_patients_session_is_told_once_and_is_no_part_of_this_ones_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, several: bool
):
    monkeypatch.setattr(EngineConfig, "several", several)
    bench.prepare(pump="", monitor="")
    bench.engine.chair("5").staff_id = bench.by
    bench.do(OpenSession("5", bench.by))
    here, there = bench.engine.chair(CHAIR).session, bench.engine.chair("5").session
    bench.engine.set_upkeep(OF_SESSION + there, "1 entry (3) of session EXO-OTHER is lost")
    bench.wait(3)
    told = {view.key: view.text for view in bench.snapshot.alarms}
    assert told == ({} if several else {"elsewhere:5:registry": "Chair 5: RECORD NOT INTACT - look there"})
    (own,) = bench.engine.snapshot("5", bench.now).alarms
    assert own.text == "RECORD NOT INTACT - chair 5: 1 entry (3) of session EXO-OTHER is lost."
    bench.do(AbandonSession("5", bench.by, "made-up reason"))
    bench.wait(3)
    assert not bench.snapshot.alarms
    recorded = [entry for entry in bench.recorder.entries if isinstance(entry.event, AlarmChanged)]
    assert {entry.session for entry in recorded} == {there}
    assert here not in {entry.session for entry in recorded}
