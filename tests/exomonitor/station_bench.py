"""A station on a real database, driven by hand on simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.bedside import Receipt
from exomonitor.engine.engine import EngineConfig
from exomonitor.engine.ports import Readable
from exomonitor.records.database import open_database
from exomonitor.records.queries import open_archive
from exomonitor.records.writer import RecorderThread
from exomonitor.rehearsal import welcome
from exomonitor.session.commands import Command
from exomonitor.session.parts.handover import SignIn
from exomonitor.settings import ChairSetting, seats_of
from exomonitor.station import Station

PROGRAM = "ExoMonitor test"
CHAIR = "4"


def written(readable: Readable, out: Path, formats: tuple[str, ...], reason: str, now: Instant) -> Path:
    """An exporter that leaves one line."""
    target = out / readable.session
    target.mkdir(parents=True)
    (target / "said.txt").write_text(f"{formats} {reason} {now.iso()}")
    return target


@contextmanager
def station_on(
    folder: Path, clock: ManualClock, *, watched: bool = False, chairs: tuple[str, ...] = ()
) -> Iterator[Station]:
    """A station that is closed at the end; the same folder again is the same record. `chairs`: several, CHAIR first."""
    seats = seats_of(tuple(ChairSetting(name=name) for name in chairs))
    database = folder / "clinic.sqlite3"
    opened = open_database(database, PROGRAM, True, clock)
    station = Station(
        clock=clock,
        config=EngineConfig(load_protocol(), PROGRAM, True, seats=seats),
        recorder=RecorderThread(opened),
        archive=open_archive(database),
        exporter=written,
        chair=CHAIR,
        watched=watched,
    )
    try:
        yield station
    finally:
        station.close()


def do(station: Station, command: Command) -> Receipt:
    """Ask, let it be recorded, and expect it to be done."""
    answer = station.submit(command)
    station.runtime.settle()
    return answer.result(5)


def sign_in(station: Station, chair: str = CHAIR) -> str:
    """One of the made-up people is at work at the chair; answers the user id."""
    welcome(station)
    return do(station, SignIn(chair, "", station.prove("R. DEMO-OKAFOR", "1111").result(5).token)).answer


def run(station: Station, clock: ManualClock, seconds: float) -> None:
    """Let simulated time pass, a quarter of a second at a time."""
    for _ in range(int(seconds * 4)):
        clock.advance(0.25)
        station.runtime.settle()
