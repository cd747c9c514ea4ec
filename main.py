"""Composition root and command line: the only file that knows everyone."""

from __future__ import annotations

import argparse
import json
import sys
import uuid
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exomonitor.clock import Clock, ManualClock, SystemClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.settings import DATABASE, DEMO_DATABASE, data_folder, load_settings

if TYPE_CHECKING:
    from exomonitor.engine.bedside import Receipt
    from exomonitor.engine.conductor import Conductor
    from exomonitor.station import Station

SECONDARY = "ExoMonitor is a secondary display, not for sole reliance. It never controls a pump."
NOT_INTACT, NOT_POSSIBLE, INTERRUPTED = 1, 2, 130
RESTART_S = 5.0
"""How long a restart takes in simulated time."""
COMMAND_WAIT_S = 30.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = not intact, 2 = refused or not possible, with one sentence on stderr."""
    arguments = _parser().parse_args(argv)
    try:
        result: int = arguments.run(arguments)
    except (CommandRefused, EnvironmentFault) as told:
        print(f"exomonitor: {told}", file=sys.stderr)
        return NOT_POSSIBLE
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return result


def program() -> str:
    """Name and version as the record writes them."""
    try:
        return f"ExoMonitor {version('exomonitor')}"
    except PackageNotFoundError:
        return "ExoMonitor 0.1.0"


# --- composing --------------------------------------------------------------------------------------------------------


def _station(  # noqa: PLR0913 - everything that differs between window, demo and script
    clock: Clock,
    database: Path,
    *,
    simulated: bool,
    chair: str,
    batch_s: float = 1.0,
    watched: bool = True,
    print_commits: bool = False,
    protocol_file: str = "",
) -> Station:
    """A station on its database."""
    from exomonitor.clinical.protocol import load_protocol
    from exomonitor.engine.engine import EngineConfig
    from exomonitor.exports.bundle import export_session
    from exomonitor.records.database import open_database
    from exomonitor.records.queries import open_archive
    from exomonitor.records.writer import RecorderThread, commit_lines
    from exomonitor.station import Station

    protocol = load_protocol(Path(protocol_file) if protocol_file else None)
    opened = open_database(database, program(), simulated, clock)
    archive = open_archive(database)

    def exporter(session: str, out: Path, formats: tuple[str, ...], reason: str, now: Any) -> Path:
        return export_session(
            archive, session, out, formats, protocol=protocol, program=program(), now=now,
            identified=bool(reason), reason=reason,
        )  # fmt: skip

    return Station(
        clock=clock,
        config=EngineConfig(protocol, program(), simulated, batch_s),
        recorder=RecorderThread(opened, commit_lines(sys.stdout) if print_commits else None),
        archive=archive,
        exporter=exporter,
        chair=chair,
        watched=watched,
    )


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where a simulated run begins: its clock, and the scenario's second at that instant."""

    clock: ManualClock
    second: float
    resumed: bool


def _fresh() -> _Begin:
    utc = SystemClock().now().utc
    start = utc - timedelta(microseconds=utc.microsecond % 1000)
    return _Begin(ManualClock(start, f"simulated-{uuid.uuid4().hex[:12]}"), 0.0, False)


def _resumed(database: Path, opened_at_s: float) -> _Begin:
    """Continue after the last recorded instant; a session that was not even opened begins anew."""
    from exomonitor.records.queries import open_archive

    if not database.exists():
        raise CommandRefused(f"There is nothing to resume: {database} does not exist")
    archive = open_archive(database)
    waiting = archive.open_sessions()
    if not waiting:
        return _fresh()
    entries = archive.entries(waiting[-1])
    now = entries[-1].at.plus(RESTART_S)
    second = (now.utc - entries[0].at.utc).total_seconds() + opened_at_s
    return _Begin(ManualClock(now.utc, f"simulated-{uuid.uuid4().hex[:12]}"), second, True)


def _headless(arguments: argparse.Namespace) -> int:
    from devices.demo import SimulatedDevices
    from devices.simulation.scenarios import load_scenario, scenario_text
    from exomonitor.engine.conductor import Conductor
    from exomonitor.exports.summary import summarise
    from exomonitor.headless import ScriptedNurse, read_script
    from exomonitor.session.fold import fold

    if arguments.out is None:
        raise CommandRefused("Say where the export goes: --out DIR")
    scenario, rows = load_scenario(arguments.scenario), read_script(scenario_text(arguments.scenario))
    data = arguments.data or arguments.out / "data"
    database = data / DEMO_DATABASE
    opened_at_s = next((row.at_s for row in rows if row.do == "open_session"), 0.0)
    begin = _resumed(database, opened_at_s) if arguments.resume else _fresh()
    speed = arguments.speed or 0.0
    batch_s = 1.0 if speed else 10.0  # either way about a second of real time at the most
    station = _station(
        begin.clock, database, simulated=True, chair="4", batch_s=batch_s, watched=False,
        print_commits=arguments.print_commits,
    )  # fmt: skip
    world = SimulatedDevices(scenario, arguments.wire, begin.clock, station.chair, station.hear)
    try:
        station.set_audio(True, "")
        session = station.resume() if begin.resumed else ""
        for info in world.infos():
            station.attach(station.chair, info)
        if begin.resumed:
            world.step(begin.second)
        world.start_captures(data / "captures", begin.clock.now().utc.strftime("%Y%m%dT%H%M%S"))
        conductor = Conductor(begin.clock, station.runtime, world, lambda: world.links, speed, begin.second)
        nurse = ScriptedNurse(station, lambda future: _settled(station, future))
        done_before = begin.second - RESTART_S if begin.resumed else -1.0
        for row in rows:
            if row.at_s > done_before + 1e-6:
                conductor.run_until(row.at_s)
                nurse.perform(row)
        conductor.run_until(scenario.seconds)
        session = station.latest().session.id if station.latest().session is not None else session
    finally:
        world.close()
        station.close()
    return _summary_line(arguments, session, database, begin.clock)


def _settled(station: Station, future: Future[Receipt]) -> Receipt:
    station.runtime.settle()
    return future.result(COMMAND_WAIT_S)


def _summary_line(arguments: argparse.Namespace, session: str, database: Path, clock: Clock) -> int:
    from exomonitor.exports.summary import summarise
    from exomonitor.session.fold import fold

    station = _station(clock, database, simulated=True, chair="4", watched=False)
    try:
        folder = station.export_now(session, arguments.out, ("csv", "json", "pdf"), "", "")
        state = fold(station.archive.entries(session))
        assert state is not None
        plain = summarise(state, clock.now(), station.protocol).plain()
    finally:
        station.close()
    print(json.dumps({"scenario": arguments.scenario, **plain, "export": str(folder)}), flush=True)
    return 0


# --- commands ---------------------------------------------------------------------------------------------------------


def _demo(arguments: argparse.Namespace) -> int:
    if arguments.headless:
        return _headless(arguments)
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    from devices.commands import run_simulate

    return run_simulate(
        arguments.device, sys.stdout, tcp=arguments.tcp, scenario=arguments.scenario, speed=arguments.speed
    )


def _watch(arguments: argparse.Namespace) -> int:
    from devices.commands import run_watch

    return run_watch(
        arguments.device, arguments.port, sys.stdout,
        baud=arguments.baud, seconds=arguments.seconds, count=arguments.count,
    )  # fmt: skip


def _decode(arguments: argparse.Namespace) -> int:
    from devices.commands import run_decode

    return run_decode(arguments.device, arguments.file, sys.stdout)


def _devices(arguments: argparse.Namespace) -> int:
    from devices.commands import run_devices

    return run_devices(sys.stdout)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="main.py", description=SECONDARY)
    words = parser.add_subparsers(title="commands", metavar="COMMAND")
    demo = _word(words, "demo", "the bedside window, or with --headless a whole session, on simulated devices", _demo)
    demo.add_argument("--scenario", default="smooth", help="what happens (see resources/scenarios; default smooth)")
    demo.add_argument("--speed", type=float, help="at most so many simulated seconds per second")
    demo.add_argument("--headless", action="store_true", help="no window: the scenario's nurse does the work")
    demo.add_argument("--out", type=Path, help="folder for the export (headless)")
    demo.add_argument("--wire", choices=("memory", "pty"), default="memory", help="how the devices are connected")
    demo.add_argument("--resume", action="store_true", help="continue a headless session that was cut off")
    demo.add_argument("--print-commits", action="store_true", help="one JSON line for every committed journal row")
    return parser


def _word(words: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    word: argparse.ArgumentParser = words.add_parser(name, help=text, description=f"{text}. {SECONDARY}")
    word.set_defaults(run=run)
    word.add_argument("--data", type=Path, help="database folder (default: your user data folder)")
    return word


if __name__ == "__main__":
    sys.exit(main())
