"""A backup that could not be made is a low alarm and no more; it ends when one was made."""

from __future__ import annotations

from exomonitor.alarms.limits import Priority
from exomonitor.session.commands import AddNote
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench

WHY = "no room in backups: 300 MB needed, 10 MB free."


def test_a_failed_backup_is_a_low_alarm_until_one_is_made(bench: Bench):
    bench.prepare(pump="", monitor="")
    bench.engine.set_backup(WHY)
    bench.stand(2)
    alarm = bench.alarm("backup")
    assert alarm is not None
    assert (alarm.text, alarm.priority) == (f"BACKUP FAILED - {WHY}", Priority.LOW)
    bench.do(AddNote(CHAIR, bench.by, "work goes on"))
    bench.engine.set_backup("")
    bench.stand(2)
    assert bench.alarm("backup") is None
