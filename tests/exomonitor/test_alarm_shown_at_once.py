"""An alarm that a device raises is in the picture at once: neither screen nor sound waits for the next tick."""

from __future__ import annotations

from pathlib import Path

from exomonitor.alarms.limits import Priority
from exomonitor.clock import ManualClock
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.commands import OpenSession
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.pump import AlarmKind
from tests.exomonitor.station_bench import CHAIR, do, sign_in, station_on


def test_a_relayed_alarm_does_not_wait_for_the_tick(tmp_path: Path, clock: ManualClock):
    seen: list[Snapshot] = []
    with station_on(tmp_path, clock, watched=True) as station:
        do(station, OpenSession(CHAIR, sign_in(station)))
        clock.advance(0.3)
        station.set_audio(True, "")
        station.runtime.settle()
        station.on_snapshot(seen.append)
        before = station.runtime.next_tick
        alarm = RelayedAlarm("monitor", "", "SL", AlarmKind.OTHER, "SpO2 low", "medium", True, clock.now())
        station.hear(CHAIR, alarm)
        station.runtime.settle()
        assert station.runtime.next_tick == before, "no tick came in between"
        assert any(view.text.endswith("SpO2 low") for view in seen[-1].alarms)
        assert seen[-1].audio.sounding is Priority.MEDIUM
