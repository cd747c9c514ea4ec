"""A backup that could not be made, a record that does not prove, a second recorder: low alarms that end with their
cause."""

from __future__ import annotations

from exomonitor.alarms.limits import Priority
from exomonitor.engine.upkeep_health import OF_SESSION, upkeep_conditions
from exomonitor.session.commands import AbandonSession, AddNote
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


def test_of_several_damaged_sessions_each_is_named_with_its_place_before_the_clinics_lists():
    wrong = {OF_SESSION + "a": "1 entry of session A is lost", OF_SESSION + "b": "1 entry of session B is lost"}
    found = {c.key: c for c in upkeep_conditions({**wrong, "registry": "lists"}, {"b": "Lounge 1", "a": "2"})}
    assert found["registry"].text == (
        "RECORD NOT INTACT - chair 2: 1 entry of session A is lost. Lounge 1: 1 entry of session B is lost. lists"
    )
