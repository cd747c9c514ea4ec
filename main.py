"""Composition root and command line: the only file that knows everyone."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from exomonitor import __version__
from exomonitor.clock import Clock, SystemClock
from exomonitor.command_line import UPKEEP, Command, build_parser, refusal
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import DEMO_DATABASE, data_folder, recorded_in, typed_by
from exomonitor.light_start import light_start
from exomonitor.logbook import hush

if TYPE_CHECKING:
    from exomonitor.settings import Seat
    from exomonitor.station import Station

PROGRAM = f"ExoMonitor {__version__}"
NOT_POSSIBLE, INTERRUPTED = 2, 130
COMMAND_WAIT_S, DEMO_CHAIR = 30.0, "4"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 = done, 1 = not intact, 2 = refused or not possible, with one sentence on stderr."""
    arguments = build_parser(COMMANDS).parse_args(argv)
    hush()
    try:
        code: int = arguments.run(arguments)
    except (CommandRefused, EnvironmentFault) as told:
        sys.stderr.write(refusal(told))
        return NOT_POSSIBLE
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


# --- composing: imports are inside, so that each command loads only what it needs -------------------------------------


def _station(
    clock: Clock,
    database: Path,
    *,
    simulated: bool,
    chair: str | tuple[Seat, ...],
    batch_s: float = 1.0,
    watched: bool = True,
    print_commits: bool = False,
) -> Station:
    from exomonitor.assembly import assemble

    return assemble(
        clock,
        database,
        PROGRAM,
        simulated=simulated,
        chair=chair,
        batch_s=batch_s,
        watched=watched,
        print_commits=print_commits,
    )


def _headless(arguments: argparse.Namespace) -> int:
    from devices.demo import SimulatedDevices
    from devices.simulation.scenarios import load_scenario, scenario_text
    from exomonitor.engine.conductor import Conductor
    from exomonitor.headless import read_script
    from exomonitor.records.backups import FOLDER, make_backup
    from exomonitor.records.queries import open_archive
    from exomonitor.rehearsal import attach_all, begin_again, begin_anew, play_whole

    if arguments.out is None:
        raise CommandRefused("Say where the export goes: --out DIR")
    scenario, rows = load_scenario(arguments.scenario), read_script(scenario_text(arguments.scenario))
    data = arguments.data or arguments.out / "data"
    database, speed = data / DEMO_DATABASE, arguments.speed or 0.0
    begin = begin_again(open_archive(database), rows) if arguments.resume else begin_anew(rows)
    if begin.finished:  # it was cut off after its last row: only the export is missing
        return _print_summary(arguments, begin.resumed, database, begin.clock)
    station = _station(
        begin.clock,
        database,
        simulated=True,
        chair=DEMO_CHAIR,
        batch_s=1.0 if speed else 10.0,  # either way about a second of real time at the most
        watched=False,
        print_commits=arguments.print_commits,
    )
    with ExitStack() as ending:
        ending.callback(station.close)
        world = SimulatedDevices(scenario, arguments.wire, begin.clock, DEMO_CHAIR, station.hear)
        ending.callback(world.close)
        station.set_audio(True, "")
        if begin.resumed:
            station.resume()
        attach_all(station, world)
        world.step(begin.second)
        world.start_captures(data / "captures", begin.clock.now().utc.strftime("%Y%m%dT%H%M%S%f"))
        conductor = Conductor(begin.clock, station.runtime, world, lambda: world.links, speed, begin.second)
        session = play_whole(station, conductor, begin, scenario.seconds)
    try:
        make_backup(database, data / FOLDER, begin.clock.now().utc)
    except EnvironmentFault as why:
        print(f"exomonitor: BACKUP FAILED - {why}", file=sys.stderr)
    return _print_summary(arguments, session, database, begin.clock)


def _print_summary(arguments: argparse.Namespace, session: str, database: Path, clock: Clock) -> int:
    import json

    from exomonitor.engine.pinning import pinned_by
    from exomonitor.exports.summary import LINE, summarise
    from exomonitor.session.fold import fold

    station = _station(clock, database, simulated=True, chair=DEMO_CHAIR, watched=False)
    try:
        folder = station.export_now(session, arguments.out, ("csv", "json", "pdf"), "", "")
        entries = station.archive.entries(session)
        state = fold(entries)
        if state is None:
            raise EnvironmentFault(f"The session {session} cannot be read back")
        protocol = pinned_by(entries, station.protocol, station.protocols) or station.protocol
        plain = summarise(state, clock.now(), protocol).plain()
    finally:
        station.close()
    figures = {name: plain[name] for name in LINE}
    print(json.dumps({"scenario": arguments.scenario, **figures, "export": str(folder)}), flush=True)
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    if arguments.headless:
        return _headless(arguments)
    from ui.app import have_display, run_window

    if not have_display():
        print("exomonitor: There is no display here, so the demo runs without a window.", file=sys.stderr)
        arguments.data = data_folder(arguments.data)
        arguments.out = arguments.out or arguments.data / "demo-exports"
        return _headless(arguments)
    from devices.demo import SimulatedChairs
    from devices.simulation.scenarios import load_scenario, scenario_text
    from exomonitor.engine.conductor import Conductor
    from exomonitor.headless import read_script
    from exomonitor.rehearsal import begin_anew, demo_seats, play_demo
    from exomonitor.settings import Keeper, load_settings

    scenario, rows = load_scenario(arguments.scenario), read_script(scenario_text(arguments.scenario))
    data, begin = data_folder(arguments.data), begin_anew()
    seats = demo_seats(DEMO_CHAIR, arguments.chairs)
    station = _station(begin.clock, data / DEMO_DATABASE, simulated=True, chair=seats)
    world = SimulatedChairs(scenario, "pty", begin.clock, station.chairs, station.hear, station)
    station.devices = station.simulation = world
    world.start_captures(data / "captures", begin.clock.now().utc.strftime("%Y%m%dT%H%M%S%f"))
    conductor = Conductor(begin.clock, station.runtime, world, lambda: world.links)
    play = threading.Thread(
        target=play_demo,
        args=(station, world.worlds, conductor, rows, arguments.speed or 1.0),
        name="demo",
        daemon=True,
    )
    try:
        play.start()
        return run_window(station, load_settings(data), keeper=Keeper(data))
    finally:
        conductor.stop()
        play.join(COMMAND_WAIT_S)
        world.close()
        station.close()


def _window(arguments: argparse.Namespace) -> int:
    from ui.display import NO_DISPLAY, have_display

    if not have_display():
        raise EnvironmentFault(NO_DISPLAY)
    from ui.opening import show_opening

    opening = show_opening()  # before anything heavy is imported
    from devices.remembered import CaptureKeeper, RememberedDevices
    from devices.service import LiveDevices
    from exomonitor.settings import Keeper
    from ui.app import run_window
    from ui.start_refused import begin

    data, clock = data_folder(arguments.data), SystemClock()
    begun = begin(opening, data, lambda chosen, at: _station(clock, at, simulated=False, chair=chosen.seats))
    settings, station = begun.settings, begun.station
    devices = LiveDevices(clock, station.hear, station.attach, station.detach)
    remembered = RememberedDevices(devices, data, settings)
    captures = CaptureKeeper(devices, data / "captures", read_only=bool(station.read_only))
    station.devices = remembered
    try:
        for name in station.chairs:
            station.at(name).on_snapshot(captures)
        station.runtime.start()
        if not station.read_only:  # else the devices are the other program's
            remembered.bind_all()
        return run_window(station, settings, keeper=Keeper(data), opening=opening, notice=begun.notice)
    finally:
        remembered.close()
        captures.close()
        station.close()


def _simulate(arguments: argparse.Namespace) -> int:
    from devices.commands import run_simulate

    world = {"tcp": arguments.tcp, "scenario": arguments.scenario, "speed": arguments.speed}
    return run_simulate(arguments.device, sys.stdout, data_format=arguments.format or "", **world)


def _watch(arguments: argparse.Namespace) -> int:
    from devices.commands import run_watch

    limits = {"line": (arguments.baud, arguments.line), "seconds": arguments.seconds, "count": arguments.count}
    return run_watch(arguments.device, arguments.port, sys.stdout, data_format=arguments.format or "", **limits)


def _decode(arguments: argparse.Namespace) -> int:
    from devices.commands import Against, run_decode

    known = Against(recorded_in(arguments.data, demo=arguments.demo), arguments.session) if arguments.session else None
    return run_decode(arguments.device, arguments.file, sys.stdout, data_format=arguments.format or "", against=known)


def _devices(arguments: argparse.Namespace) -> int:
    from devices.commands import run_devices, run_identify

    return run_identify(arguments.identify, sys.stdout) if arguments.identify else run_devices(sys.stdout)


def _export(arguments: argparse.Namespace) -> int:
    from exomonitor.exports.bundle import check_request, export_told

    if arguments.reason.strip() and not arguments.identified:
        raise CommandRefused("A reason is only for an identified export: add --identified")
    formats = tuple(part.strip() for part in arguments.format.split(",") if part.strip())
    check_request(formats, identified=arguments.identified, reason=arguments.reason)
    database = recorded_in(arguments.data, demo=arguments.demo)
    station = _station(SystemClock(), database, simulated=database.name == DEMO_DATABASE, chair="", watched=False)
    try:
        made = station.export_now(arguments.session, arguments.out, formats, arguments.reason.strip(), typed_by())
        print(export_told(made))
    finally:
        station.close()
    return 0


def _upkeep(name: str) -> Command:
    def run(arguments: argparse.Namespace) -> int:
        from exomonitor import upkeep

        done: int = getattr(upkeep, f"run_{name}")(arguments)
        return done

    return run


def _sounder(arguments: argparse.Namespace) -> int:
    from ui.sounder import main as sound

    return sound(arguments.rest)


COMMANDS = {
    "": _window,
    "demo": _demo,
    "simulate": _simulate,
    "watch": _watch,
    "decode": _decode,
    "devices": _devices,
    "export": _export,
    **{word: _upkeep(word) for word in UPKEEP},
    "sounder": _sounder,
}

if __name__ == "__main__":
    light_start()
    sys.exit(main())
