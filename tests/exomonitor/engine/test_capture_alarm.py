"""A raw recording that stops, or cannot begin, is told at the bedside and stands in the journal."""

from __future__ import annotations

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.signals.links import LinkChange, LinkState
from tests.exomonitor.engine.bedside_bench import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def hear(bench: Bench, role: str, why: str) -> None:
    bench.hear(LinkChange(role, LinkState.TALKING, "receiving", bench.now, unrecorded=why))
    bench.wait(1)


@pytest.mark.parametrize("role", ["pump", "monitor"])
def test_it_is_a_low_alarm_with_its_cause_and_an_entry_until_a_file_is_begun_again(bench: Bench, role: str):
    bench.infusing(60)
    hear(bench, role, "No space left on device")
    alarm = bench.alarm(f"capture.{role}")
    assert alarm is not None
    assert alarm.priority is Priority.LOW
    assert alarm.text == f"RAW RECORDING OF {role.upper()} STOPPED - No space left on device"
    hear(bench, role, "")
    assert bench.alarm(f"capture.{role}") is None
    bench.settle()
    told = [event for event in bench.events(AlarmChanged) if event.key == f"capture.{role}"]
    assert told[0].text == alarm.text
    assert len(told) >= 2


def test_nobody_is_told_where_no_session_is_open(bench: Bench):
    hear(bench, "pump", "No space left on device")
    assert bench.alarm("capture.pump") is None
