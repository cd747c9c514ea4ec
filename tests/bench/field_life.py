"""One life of the program in one session of the field: a child process that plays on until the end, or until it dies.

It tells its parent through two pipes what it acknowledged and what its devices said, so that a file that is full, or a
power cut, takes nothing of that away.
"""

from __future__ import annotations

import logging
import os
import random
import resource
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from devices.demo import SimulatedDevices
from devices.simulation.faults import FaultKind
from devices.spec import Role
from exomonitor.assembly import assemble
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.conductor import Conductor
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.headless import ScriptedNurse, ScriptRow
from exomonitor.records.queries import open_archive
from exomonitor.rehearsal import attach_all, nurse_of, rows_to_do, welcome
from exomonitor.session.phases import Phase
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from exomonitor.signals.waves import WaveChunk
from exomonitor.station import Station
from tests.bench.field_plan import TELLS_WHO, Day, Death, Happening
from tests.exomonitor.records.disk import Call, Disk
from tests.exomonitor.records.power_cut import Platter

CHAIR = "4"
BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LOOK_S = 6.0
AGAIN_S, PATIENCE_S = 5.0, 420.0
"""A nurse whose entry was not recorded tries again, for so long."""
DISK_LIMIT = 65_536
"""With a full disk no file may grow beyond this (bytes)."""
GONE_S = 3.0
BEFORE_THE_START = frozenset({"single_nurse", "start_session"})
LATEST_KILL_S = 0.03
MOST_CALLS = 25
FAILED = 4


class Teller:
    """Tells the parent, a line each. Every line is out before anything that it led to can be recorded."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines: list[str] = []
        self._lock = threading.Lock()

    def say(self, *words: object) -> None:
        """One more line."""
        with self._lock:
            self._lines.append(" ".join(map(str, words)))

    def flush(self) -> None:
        """Everything that was said is out."""
        with self._lock:
            told = "".join(line + "\n" for line in self._lines).encode()
            self._lines.clear()
            while told:
                told = told[os.write(self._file, told) :]

    def hear(self, fact: DeviceFact) -> None:
        """What a device said, as a line for the judge."""
        match fact:
            case VitalReading():
                taken = fact.measured_at.iso() if fact.measured_at is not None else "-"
                self.say("V", fact.source, fact.at.mono_ns, fact.sign.value, taken, fact.value)
            case PumpReading():
                numbers = ",".join(f"{k}={v}" for k, (v, _) in fact.numbers().items() if v is not None)
                self.say("P", fact.source, fact.at.mono_ns, fact.channel, numbers or "-")
            case WaveChunk():
                self.say("W", fact.source, fact.at.mono_ns, fact.wave.value, len(fact.samples))


class Life:
    """The program from one start to its end."""

    def __init__(
        self, day: Day, number: int, second: float, clock: ManualClock, database: Path, teller: Teller
    ) -> None:
        self._day, self._number, self._clock, self._database = day, number, clock, database
        self._teller = teller
        self._dice = random.Random(day.seed * 1000 + number)
        self._second = second
        self._death: Death | None = day.deaths[number] if number < len(day.deaths) else None
        self._kept: dict[Role, Any] = {}
        self._disk: Disk | None = None
        self._calls_left = -1

    def play(self) -> str:
        """Go on from here; the phase in which the session stands at the end."""
        with ExitStack() as ending:
            if self._death is not None and self._death.how == "power cut":
                self._disk = ending.enter_context(Disk(self._database.parent, self._before_call))
            rows, again = self._rows()
            station = assemble(
                self._clock, self._database, "ExoMonitor (bench)",
                simulated=True, chair=CHAIR, batch_s=1.0, watched=False, print_commits=True,
            )  # fmt: skip
            ending.callback(station.close)
            self._listen(station)

            def heard(chair: str, /, *facts: DeviceFact) -> None:
                for fact in facts:
                    self._teller.hear(fact)
                station.hear(chair, *facts)

            world = SimulatedDevices(self._day.scenario, "memory", self._clock, CHAIR, heard)
            ending.callback(world.close)
            station.set_audio(True, "")
            if again:
                station.resume()
                now = self._clock.now()
                self._teller.say("B", now.boot_id, now.mono_ns)
            attach_all(station, world)
            world.step(self._second)
            conductor = Conductor(self._clock, station.runtime, world, lambda: world.links, 0.0, self._second)
            self._course(station, world, conductor, rows, again)
            state = station.latest().session
            return state.phase.value if state is not None else "nothing"

    def _rows(self) -> tuple[tuple[ScriptRow, ...], bool]:
        """What is left to do, and whether a session goes on."""
        if not self._number:
            return self._day.rows, False
        archive = open_archive(self._database)
        waiting = archive.open_sessions()
        if not waiting:
            return (() if archive.sessions() else self._day.rows), False
        sign_in = next(row for row in self._day.rows if row.do == "sign_in")
        died_s = min(self._second, self._day.deaths[self._number - 1].at_s)
        left = rows_to_do(self._day.rows, archive.entries(waiting[-1]), died_s)
        return (sign_in, *left), True

    def _listen(self, station: Station) -> None:
        """Ticks are told, and whatever was told is out before the recorder gets anything."""
        engine, teller = station.runtime.engine, self._teller
        tick, submit = engine.tick, station._recorder.submit

        def told_tick(now: Instant) -> None:
            teller.say("T", now.mono_ns)
            tick(now)

        def told_submit(*what: Any) -> Any:
            teller.flush()
            return submit(*what)

        engine.tick = told_tick  # type: ignore[method-assign]
        station._recorder.submit = told_submit  # type: ignore[method-assign, assignment]

    def _course(
        self, station: Station, world: SimulatedDevices, conductor: Conductor, rows: tuple[ScriptRow, ...], again: bool
    ) -> None:
        waiting = [one for one in self._day.happenings if one.at_s >= self._second]
        waiting += [Happening(one.at_s + one.amount, f"end of {one.what}", 0.0, one.role) for one in waiting]
        waiting.sort(key=lambda one: one.at_s)
        if self._death is not None:
            waiting = [one for one in waiting if one.at_s < self._death.at_s]
            waiting.append(Happening(max(self._death.at_s, self._second + 1.0), self._death.how))

        def go_to(second: float) -> None:
            while waiting and waiting[0].at_s <= second:
                one = waiting.pop(0)
                conductor.run_until(one.at_s)
                self._befall(one, world)
            conductor.run_until(second)

        if again:
            go_to(conductor.t + LOOK_S)
        else:
            welcome(station)
        nurse = nurse_of(station)
        for row in rows:
            go_to(max(row.at_s, conductor.t))
            self._insist(lambda row=row: _unless_moot(station, nurse, row), conductor, go_to)  # type: ignore[misc]
            if again and station.latest().resume_offer:
                self._insist(lambda: nurse.perform(ScriptRow(0.0, "confirm_patient", {})), conductor, go_to)
        go_to(max(conductor.t, self._day.scenario.seconds))
        if self._death is not None:
            go_to(conductor.t + 600.0)  # it dies somewhere here

    def _insist(self, do: Callable[[], object], conductor: Conductor, go_to: Callable[[float], None]) -> None:
        """A nurse enters it until it is recorded; what stands in the way passes."""
        until_s = conductor.t + PATIENCE_S
        while True:
            try:
                do()
            except (CommandRefused, EnvironmentFault):
                if conductor.t > until_s:
                    raise
                go_to(conductor.t + AGAIN_S)
            else:
                return

    def _befall(self, one: Happening, world: SimulatedDevices) -> None:
        match one.what:
            case "disk full" | "end of disk full":
                _limit(DISK_LIMIT if one.what == "disk full" else None)
            case "clock step":
                self._clock.step_wall(one.amount)
            case "suspend":
                for tenth in range(int(one.amount * 10)):
                    world.step(one.at_s + tenth / 10)  # the devices speak to nobody
                self._clock.advance(one.amount)
            case "wrong device":
                self._exchange(world, Role(one.role))
            case "end of wrong device":
                self._exchange(world, Role(one.role))
            case "kill":
                later_s = self._dice.uniform(0.0, LATEST_KILL_S)
                threading.Timer(later_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
            case "power cut":
                self._calls_left = self._dice.randint(1, MOST_CALLS)

    def _exchange(self, world: SimulatedDevices, role: Role) -> None:
        """Pull the cable, and plug it into another device of the kind; the next time into the right one again."""
        scene, now = world.scene, self._clock.now()
        server = scene._server(role)
        scene.strike(role, FaultKind.GONE, GONE_S)
        server.step(scene.now_s)
        if role in self._kept:
            server.simulator = self._kept.pop(role)
            server.simulator.due(scene.now_s)
            self._teller.say("X", role.value, "right", now.mono_ns)
            return
        self._kept[role] = server.simulator
        spec = scene.specs[role]
        scene.swap(role, serial=TELLS_WHO[spec.key])
        self._teller.say("X", role.value, "wrong", now.mono_ns)

    def _before_call(self, number: int, call: Call) -> int:
        """Asked before each call to the disk: once the power is about to fail, it fails in the middle of one."""
        if self._calls_left > 0 and call.path.startswith(str(self._database)):
            self._calls_left -= 1
            if not self._calls_left:
                self._cut()
        return 0

    def _cut(self) -> None:
        assert self._disk is not None
        platter, name = Platter(), str(self._database)
        for call in self._disk.calls:
            if call.path.startswith(name):
                platter.take(call)
        left = platter.after_cut(self._dice)
        _limit(None)
        for end in ("", "-wal", "-shm", "-journal"):
            self._database.with_name(self._database.name + end).unlink(missing_ok=True)
        for path_name, content in left.items():
            Path(path_name).write_bytes(content)
        os.kill(os.getpid(), signal.SIGKILL)


def _unless_moot(station: Station, nurse: ScriptedNurse, row: ScriptRow) -> None:
    """Do a row; while the disk was full the pump may have run, and the record began by itself before it was done."""
    if not (row.do in BEFORE_THE_START and _has_started(station)):
        nurse.perform(row)


def _has_started(station: Station) -> bool:
    session = station.latest().session
    return session is not None and session.phase is not Phase.PREPARE


class Failures(logging.Handler):
    """Whether anything was logged."""

    any = False

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.any = True


def live(
    day: Day, number: int, second: float, boot: tuple[str, int, float], database: Path, files: tuple[int, int]
) -> int:
    """In the child: play one life; `boot`: id, nanoseconds since it, and how far its wall clock is off (s). Answers
    FAILED where the engine could not take something and went on."""
    clock = ManualClock(BEGAN + timedelta(seconds=second + boot[2]), boot[0], boot[1])
    teller = Teller(files[0])
    sys.stdout = os.fdopen(files[1], "w")
    failed = Failures(logging.ERROR)
    logging.getLogger("exomonitor.engine.runtime").addHandler(failed)
    try:
        phase = Life(day, number, second, clock, database, teller).play()
        teller.say("END", phase)
        return FAILED if failed.any else 0
    finally:
        teller.flush()


def _limit(most: int | None) -> None:
    """No file may grow beyond so many bytes; None = as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if most is None else most, hard))
