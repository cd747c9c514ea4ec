"""A backup that could not be made, a record that does not prove, a second recorder: low alarms that end with their
cause."""

from __future__ import annotations

from exomonitor.alarms.limits import Priority
from exomonitor.session.commands import AddNote
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
