"""Plays a scenario against a station: whole by its script, or prepared and then left to the person at the window."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from exomonitor.clock import ManualClock, SystemClock
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.conductor import Conductor
from exomonitor.engine.live import SourceInfo
from exomonitor.engine.ports import Archive
from exomonitor.engine.snapshot import Snapshot
from exomonitor.headless import ScriptedNurse, ScriptRow
from exomonitor.session.phases import Phase
from exomonitor.station import Station

RESTART_S = 5.0
"""How long a restart takes in simulated time."""
WARM_UP_S = 60.0
"""By then the simulated monitor has measured everything once, the cuff included."""
COMMAND_WAIT_S = 30.0


class DemoWorld(Protocol):
    """What a demo's devices offer beyond being stepped."""

    @property
    def pump_starts_s(self) -> float:
        """The second at which the scenario starts the pump."""
        ...

    def infos(self) -> tuple[SourceInfo, ...]:
        """What the engine must know of each device."""
        ...

    def hold(self) -> None:
        """Let the scenario wait."""
        ...

    def go_on(self) -> None:
        """Let it take its course."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where a simulated run begins: its clock, the scenario's second then, and after which second rows are
    still to do."""

    clock: ManualClock
    second: float
    rows_after_s: float
    resumed: bool


def begin_anew() -> Beginning:
    """At the real UTC, at the scenario's beginning."""
    utc = SystemClock().now().utc
    start = utc - timedelta(microseconds=utc.microsecond % 1000)
    return Beginning(_clock(start), 0.0, -1.0, resumed=False)


def begin_again(archive: Archive, opened_at_s: float) -> Beginning:
    """After the last recorded instant of the newest open session (plus the time that a restart takes), or anew."""
    waiting = archive.open_sessions()
    if not waiting:
        return begin_anew()
    entries = archive.entries(waiting[-1])
    last = max(entry.at.utc for entry in entries)
    recorded_s = (last - entries[0].at.utc).total_seconds() + opened_at_s
    return Beginning(_clock(last + timedelta(seconds=RESTART_S)), recorded_s + RESTART_S, recorded_s, resumed=True)


def _clock(start: datetime) -> ManualClock:
    return ManualClock(start, f"simulated-{uuid.uuid4().hex[:12]}")


def nurse_of(station: Station) -> ScriptedNurse:
    """A scripted nurse whose commands are waited for on simulated time."""

    def settled(future: Future[Receipt]) -> Receipt:
        station.runtime.settle()
        return future.result(COMMAND_WAIT_S)

    return ScriptedNurse(station, settled)


def attach_all(station: Station, world: DemoWorld) -> None:
    """Tell the engine of every device."""
    for info in world.infos():
        station.attach(station.chair, info)


def play_whole(
    station: Station, conductor: Conductor, rows: Sequence[ScriptRow], after_s: float, until_s: float
) -> str:
    """Do every row after second `after_s`, let time run to `until_s`; the id of the session that stands then, or ""."""
    nurse = nurse_of(station)
    for row in rows:
        if row.at_s > after_s:
            conductor.run_until(row.at_s)
            nurse.perform(row)
    conductor.run_until(until_s)
    state = station.latest().session
    return state.id if state is not None else ""


def play_demo(
    station: Station, world: DemoWorld, conductor: Conductor, rows: Sequence[ScriptRow], speed: float
) -> None:
    """Prepare the session as fast as it goes, then let time run at its pace; the scenario waits for the start key."""

    def begins(snapshot: Snapshot) -> None:
        if snapshot.session is not None and snapshot.session.phase is Phase.INFUSE:
            world.go_on()

    prepare = [row for row in rows if row.at_s < world.pump_starts_s and row.do != "start_session"]
    world.hold()
    attach_all(station, world)
    station.on_snapshot(begins)
    nurse = nurse_of(station)
    conductor.run_until(WARM_UP_S)
    for row in prepare:
        conductor.run_until(conductor.t + 1)
        nurse.perform(row)
    conductor.set_speed(speed)
    conductor.run_until(float("inf"))


def begun_before(rows: Sequence[ScriptRow], do: str) -> float:
    """The second of the first row that does `do`, 0 when none does."""
    return next((row.at_s for row in rows if row.do == do), 0.0)
