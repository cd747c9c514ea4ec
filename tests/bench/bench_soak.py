"""Eight simulated hours with an unquiet patient and bad cables in one process: memory, handles, threads, references to
None; and every limit alarm of the record, every sensor off, link and alarm of a device against slow references."""

from __future__ import annotations

import gc
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from devices.demo import SimulatedDevices
from devices.simulation.scenarios import load_scenario, scenario_text
from exomonitor.assembly import assemble
from exomonitor.clock import Instant
from exomonitor.engine.conductor import Conductor
from exomonitor.headless import read_script
from exomonitor.rehearsal import attach_all, begin_anew, play_whole
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault
from exomonitor.signals.waves import WaveChunk
from exomonitor.station import Station
from tests.bench.alarm_reference import Compared, compared
from tests.bench.device_reference import devices_compared
from tests.bench.stormy import stormy

HOURS = 8.0
SCENARIOS = ("unplug", "occlusion", "reaction", "pump-stops", "smooth")
"""Played in turns, each with a station of its own on one record, as a workstation is started again and again."""
CHAIR = "4"
NO_SAMPLES = np.zeros(0, np.int16)
WARM_UP = 1
"""Runs that bring modules and caches into memory and are not measured."""
MEMORY_MIB_H, HANDLES_H, THREADS_H, NONE_H = 4.0, 0.25, 0.25, 400.0
"""What still counts as flat, an hour of simulated time: the record that grows is read at each start."""


def run() -> list[dict[str, Any]]:
    """Slopes over simulated time by least squares."""
    with tempfile.TemporaryDirectory(prefix="bench-soak-") as name:
        hours, seen, played = 0.0, [], 0
        judged: list[Compared] = []
        of_devices: list[Compared] = []
        while hours < HOURS:
            took, alarms, technical = _play(SCENARIOS[played % len(SCENARIOS)], Path(name), played)
            played += 1
            judged.append(alarms)
            of_devices.append(technical)
            if played > WARM_UP:
                hours += took
                seen.append((hours, *_looked()))
    columns = np.array(seen, dtype=float).T
    found = [float(np.polyfit(columns[0], values, 1)[0]) for values in columns[1:]]
    names = ("memory", "file handles", "threads", "sys.getrefcount(None)")
    limits = (MEMORY_MIB_H, HANDLES_H, THREADS_H, NONE_H)
    rows = [
        _row(f"{name}, {hours:.1f} simulated hours", slope, values, limit)
        for name, slope, values, limit in zip(names, found, columns[1:], limits, strict=True)
    ]
    rows[0]["unit"] = "MiB/h"
    return rows + _alarm_rows(judged, "limit alarms") + _alarm_rows(of_devices, "technical and relayed alarms")


def _alarm_rows(judged: list[Compared], what: str) -> list[dict[str, Any]]:
    agreed = sum(one.agreed for one in judged)
    rows = [{"name": f"{what} that reference and record agree on", "value": agreed, "unit": "", "ok": agreed > 0}]
    for name, found in (("lost", [w for one in judged for w in one.lost]),
                        ("invented", [w for one in judged for w in one.invented])):  # fmt: skip
        row = {"name": f"{what} {name}", "value": len(found), "unit": "", "target": "0", "ok": not found}
        rows.append(row | ({"against": found[0]} if found else {}))
    return rows


def _play(scenario: str, folder: Path, seed: int) -> tuple[float, Compared, Compared]:
    """One scenario whole, as `demo --headless` plays it, with storms; the hours that passed on its clock, and its
    alarms as the references see them."""
    world_script, rows = stormy(load_scenario(scenario), seed), read_script(scenario_text(scenario))
    begin = begin_anew(rows)
    with ExitStack() as ending:
        database = folder / f"{scenario}.sqlite3"
        database.unlink(missing_ok=True)
        for beside in folder.glob(f"{database.name}-*"):
            beside.unlink()
        station = assemble(
            begin.clock, database, "ExoMonitor (bench)", simulated=True, chair=CHAIR, batch_s=10.0, watched=False
        )
        ending.callback(station.close)
        ticks, facts = _ticks_of(station), _facts_of(station)
        world = SimulatedDevices(world_script, "memory", begin.clock, CHAIR, station.hear)
        ending.callback(world.close)
        station.set_audio(True, "")
        attach_all(station, world)
        world.step(begin.second)
        conductor = Conductor(begin.clock, station.runtime, world, lambda: world.links, 0.0, begin.second)
        session = play_whole(station, conductor, begin, world_script.seconds)
        assert session, f"{scenario} left no session"
        readings = [row for _, row in station.archive.readings(session)]
        infos = [source.info for source in station.runtime.engine.chair(CHAIR).live.sources.values()]
        stale_s = next(info.stale_s for info in infos if info.source == "monitor")
        entries = station.archive.entries(session)
        spoke = [at for at, fact in facts if not isinstance(fact, LinkChange | LinkFault) and fact.source == "monitor"]
        alarms = compared(station.protocol, entries, readings, ticks, stale_s, spoke)
        technical = devices_compared(infos, entries, facts, ticks)
    return world_script.seconds / 3600, alarms, technical


def _ticks_of(station: Station) -> list[int]:
    """The instants of all ticks from here on (ns of the monotonic clock), kept as they come."""
    kept: list[int] = []
    tick = station.runtime.engine.tick

    def kept_tick(now: Instant) -> None:
        kept.append(now.mono_ns)
        tick(now)

    station.runtime.engine.tick = kept_tick  # type: ignore[method-assign]
    return kept


def _facts_of(station: Station) -> list[tuple[int, DeviceFact]]:
    """What the devices tell from here on, with the instants; of waves without their samples."""
    kept: list[tuple[int, DeviceFact]] = []
    on_device = station.runtime.engine.on_device

    def kept_fact(chair_name: str, fact: DeviceFact, now: Instant) -> None:
        kept.append((now.mono_ns, replace(fact, samples=NO_SAMPLES) if isinstance(fact, WaveChunk) else fact))
        on_device(chair_name, fact, now)

    station.runtime.engine.on_device = kept_fact  # type: ignore[method-assign]
    return kept


def _looked() -> tuple[float, int, int, int]:
    """MiB in memory, open files, threads, references to None; after everything that can go has gone."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    handles = len(list(Path("/proc/self/fd").iterdir()))
    return pages * 4096 / 2**20, handles, threading.active_count(), sys.getrefcount(None)


def _row(name: str, slope: float, values: Any, limit: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": slope,
        "unit": "1/h",
        "against": f"from {values[0]:.6g} to {values[-1]:.6g}",
        "target": f"<= {limit:g}",
        "ok": slope <= limit,
    }
