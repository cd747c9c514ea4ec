"""Puts a station together on a database: settings, the protocol in force, recorder, archive and exporter."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from exomonitor.clinical.protocol import load_protocol
from exomonitor.clock import Clock, Instant
from exomonitor.computer import ComputerWatch, look
from exomonitor.drafts import open_drafts
from exomonitor.engine.clock_at_start import clock_doubt
from exomonitor.engine.engine import EngineConfig
from exomonitor.engine.pinning import pinned_by
from exomonitor.engine.ports import STATION_ACTOR, Archive, Draft, Readable, Recorder
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.bundle import export_session
from exomonitor.lease import Lease, LeaseTaken, take_lease
from exomonitor.library import ProtocolLibrary
from exomonitor.logbook import keep_log
from exomonitor.on_call import OnCallProgram
from exomonitor.pins import PinPolicy
from exomonitor.records.backup_keeper import BackupKeeper
from exomonitor.records.cipher import box_beside
from exomonitor.records.database import Database, make_private_folder, open_database
from exomonitor.records.people_kept import people_beside
from exomonitor.records.queries import SqlArchive, open_archive
from exomonitor.records.record_watch import RecordWatch
from exomonitor.records.restore_later import BackupDesk, CarriedOut, carry_out
from exomonitor.records.signed_mark import catch_up
from exomonitor.records.verify_signatures import wants_signature
from exomonitor.records.writer import NoRecorder, RecorderThread, commit_lines
from exomonitor.registry.registry import Registry, load_registry
from exomonitor.registry.users import UserAdded
from exomonitor.session.entry import Event
from exomonitor.session.fold import SENSELESS
from exomonitor.session.trust_events import KeyTaken, RecordDoubted, RecordRestored
from exomonitor.settings import Seat, load_settings
from exomonitor.signing import StationKey, open_key
from exomonitor.station import RECORD_WAIT_S, Station

log = logging.getLogger(__name__)


def assemble(
    clock: Clock,
    database: Path,
    program: str,
    *,
    simulated: bool,
    chair: str | tuple[Seat, ...],
    batch_s: float = 1.0,
    watched: bool = True,
    print_commits: bool = False,
) -> Station:
    """A station that is ready to be resumed and started. Raises EnvironmentFault for what cannot be read or opened.

    New sessions are opened with the protocol that was adopted last, else the file that the settings name, else the
    shipped one; an export is made with the protocol that its session pinned. `chair`: its name, or all of several.

    With a chair it is the one program that records into the database; where another one is that already, it only reads
    and says so in `read_only` (a simulated one is refused).
    """
    settings = load_settings(database.parent)
    seats = (Seat(chair),) if isinstance(chair, str) else chair
    chosen = load_protocol(Path(settings.protocol) if settings.protocol else None)
    library = ProtocolLibrary(database.parent)
    make_private_folder(database.parent)
    keep_log(database.parent)
    lease, taken_by = None, ""
    if chair:
        try:
            lease = take_lease(database, settings.station, clock.now().iso())
        except LeaseTaken as told:
            if simulated:
                raise CommandRefused(f"The demo runs already: {told}") from told
            taken_by = str(told)
    with _closed_if_refused(lease):
        carried, restored = carry_out(database, clock.now().utc) if lease is not None else (None, "")
        key = _key_of(database.parent)
        names = (settings.station, key.public if key is not None else "")
        opened = None if taken_by else open_database(database, program, simulated, clock, *names)
        if lease is not None:
            lease.hold_database()  # a new one, or one that was put in place
        archive = open_archive(database)
        registry = _known(archive)
        protocol = library.adopted(registry.library) or chosen

    def exporter(readable: Readable, out: Path, formats: tuple[str, ...], reason: str, now: Instant) -> Path:
        pinned = pinned_by(readable.entries, protocol, library) or protocol
        return export_session(
            archive, readable.session, out, formats, readable=readable,
            protocol=pinned, program=program, now=now, identified=bool(reason), reason=reason, key=key,
        )  # fmt: skip

    watched = watched and not taken_by
    keeper = BackupKeeper(database, clock) if watched else None
    heard = (commit_lines(sys.stdout) if print_commits else None, keeper.heed if keeper is not None else None)
    recorder = RecorderThread(opened, *heard, key=key) if opened is not None else NoRecorder(taken_by)
    on_call = OnCallProgram(settings.on_call) if settings.on_call and watched and not simulated else None
    with _closed_if_refused(recorder, lease):
        if opened is not None:
            people = _people(database, archive)
            come = (*_come_to_pass(opened, key, carried), *_doubted(registry, archive))
            _record(recorder, clock, [come, people])
            registry = _known(archive) if people else registry
        station = Station(
            clock=clock,
            config=EngineConfig(
                protocol, program, simulated, batch_s, library, seats, settings.elsewhere, on_call, registry
            ),
            recorder=recorder,
            archive=archive,
            exporter=exporter,
            chair=seats[0].name,
            watched=watched or bool(taken_by),
        )
    if lease is not None:
        station.backup_desk = BackupDesk(database, clock, lambda: station.runtime.engine.registry, restored)
    station.use_pins(PinPolicy(settings.pin_least, settings.pin_days))
    station.lease, station.read_only = lease, taken_by
    if watched:
        station.drafts = open_drafts(database.parent, archive.open_sessions(), clock.now().utc, box_beside(database))
        known = None if simulated else protocol.fda.checked_on
        _keep_watch(station, database, lease, _clock_doubt(clock, opened, archive, known), archive.know_damaged)
    if keeper is not None:
        station.backups = keeper
        keeper.start(station.set_backup)
    return station


def _keep_watch(
    station: Station,
    database: Path,
    lease: Lease | None,
    doubt: Callable[[], str],
    found: Callable[[Sequence[str]], None],
) -> None:
    """Over the computer, where something real is recorded, and over the record."""
    if not station.simulated:
        computer = ComputerWatch(lambda: look(database.parent), station.set_computer)
        station.computer = computer
        computer.start()
    if lease is not None:
        watch = RecordWatch(database, lease.look, station.set_upkeep, clock=doubt, found=found)
        station.record_watch = watch
        watch.start()


def _clock_doubt(clock: Clock, opened: Database | None, archive: Archive, known: date | None) -> Callable[[], str]:
    """Why the clock cannot be right; a session that goes on judges it itself. `known`: of clock_doubt, None = never."""
    ends = opened.ends if opened is not None and not archive.open_sessions() else ""
    return lambda: "" if known is None else clock_doubt(clock.now().utc, ends, known)


def _come_to_pass(opened: Database, key: StationKey | None, carried: CarriedOut | None) -> Iterator[Event]:
    """What happened to the record since it was last in use, and is its first new entry."""
    new_key = key is not None and wants_signature(opened.path, key.public)
    why = catch_up(opened.path, opened.database_id, key) if key is not None and carried is None else ""
    if why:
        log.error("%s", why)
        yield RecordDoubted(why)
    if key is not None and new_key:
        yield KeyTaken(key.public)
    if carried is not None:
        yield RecordRestored(carried.by, carried.entries, carried.kept)


def _record(recorder: Recorder, clock: Clock, first: Sequence[Sequence[Event]]) -> None:
    """The first entries of this start; those that stand together in one commit, so that no crash leaves a new key in
    the place of a lost entry without the word that one is lost."""
    for together in filter(None, first):
        recorder.submit([Draft("", clock.now(), STATION_ACTOR, one) for one in together]).result(RECORD_WAIT_S)


def _known(archive: SqlArchive) -> Registry:
    """What the clinic knows, as far as it can be read: a damaged entry keeps nobody from watching a patient."""
    kept = archive.registry_kept()
    return load_registry(kept.entries, SENSELESS if kept.doubts else (), kept.doubts)


def _doubted(registry: Registry, archive: Archive) -> Iterator[Event]:
    """That entries of the clinic's lists are lost, when it is first seen."""
    why = registry.doubts.sentence
    if registry.doubts.lost:
        log.error("%s", why)
        told = (entry.event for entry in archive.registry_entries((RecordDoubted,)))
        if not any(isinstance(event, RecordDoubted) and event.why == why for event in told):
            yield RecordDoubted(why)


def _people(database: Path, archive: Archive) -> Sequence[Event]:
    """Who may sign in to a new record that stands beside one which cannot be opened: all of them in one commit, for a
    record that knows somebody takes nobody over."""
    return [] if archive.registry_entries((UserAdded,)) else people_beside(database)


@contextmanager
def _closed_if_refused(*opened: Recorder | Lease | None) -> Iterator[None]:
    """Else it would keep a record open that cannot be read, and whoever mends it would be told that it is in use."""
    try:
        yield
    except BaseException:
        for one in opened:
            if one is not None:
                one.close()
        raise


def _key_of(folder: Path) -> StationKey | None:
    """The workstation's key. Without one everything goes on and is not signed: nobody at a bedside can mend that."""
    try:
        return open_key(folder)
    except EnvironmentFault as why:
        log.warning("the record is not signed: %s", why)
        return None
