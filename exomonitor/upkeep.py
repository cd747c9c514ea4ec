"""The commands that look after the record: verify, backup, restore, recover, encrypt, decrypt."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from exomonitor import __version__
from exomonitor.clock import SystemClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.folders import DATABASE, DEMO_DATABASE, data_folder, recorded_in, typed_by

if TYPE_CHECKING:
    from exomonitor.session.entry import Event

NOT_INTACT = 1
RECORD_WAIT_S = 30.0


def run_verify(arguments: argparse.Namespace) -> int:
    """Prove an export or a database: 0 intact, 1 not."""
    from exomonitor.exports.verify import verify_export
    from exomonitor.exports.verify_signature import told_of
    from exomonitor.records.verify import verify_database
    from exomonitor.records.verify_signatures import signed_so_far
    from exomonitor.signing import trusted_key

    path: Path = arguments.path
    _look_for_keys(arguments)
    if not path.exists():
        raise CommandRefused(f"There is nothing at {path}")
    is_export = path.is_dir() or path.name.startswith("manifest")
    key = trusted_key(arguments.key) if arguments.key else ""
    findings: Sequence[object]
    findings = verify_export(path, key) if is_export else verify_database(path, key or None)
    for finding in findings:
        _say(str(finding))
    if findings:
        _say(f"Not intact: {len(findings)} found.")
        return NOT_INTACT
    folder = path if path.is_dir() else path.parent
    _say(f"Intact. {told_of(folder) if is_export else signed_so_far(path).sentence}")
    return 0


def run_key(arguments: argparse.Namespace) -> int:
    """The public key of this workstation and its fingerprint, made when there is none."""
    from exomonitor.records.database import make_private_folder
    from exomonitor.signing import fingerprint, open_key

    folder = data_folder(arguments.data)
    make_private_folder(folder)
    public = open_key(folder).public
    _say(f"Fingerprint: {fingerprint(public)}")
    _say(f"Public key:  {public}")
    return 0


def run_backup(arguments: argparse.Namespace) -> int:
    """Make a proved backup; prints its path."""
    from exomonitor.records.backups import FOLDER, make_backup
    from exomonitor.session.trust_events import RecordTaken

    database = recorded_in(arguments.data, demo=arguments.demo)
    folder = arguments.out or database.parent / FOLDER
    try:
        _note(database, RecordTaken("backup", str(folder.absolute())))
    except EnvironmentFault as why:  # a disk that is full: all the more somebody wants a copy
        sys.stderr.write(f"Who made this backup is not in the record: {why}\n")
    _say(str(make_backup(database, folder, SystemClock().now().utc)))
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the database that it is of; says where the old one is kept."""
    from exomonitor.records.restore import held_in, restore
    from exomonitor.session.trust_events import RecordRestored

    _look_for_keys(arguments)
    held = held_in(arguments.backup)
    database = data_folder(arguments.data) / (DEMO_DATABASE if held.simulated else DATABASE)
    with _alone(database):
        done = restore(arguments.backup, held, database, SystemClock().now().utc)
        _note(database, RecordRestored("", done.entries, done.aside.name if done.aside is not None else ""))
    kept = f" The old one is kept: {done.aside}" if done.aside is not None else ""
    _say(f"Restored {done.entries} entries to {done.database}.{kept}")
    return 0


def run_recover(arguments: argparse.Namespace) -> int:
    """A new database from the undamaged pages of a damaged one: 0 nothing is lost, 1 something is."""
    from exomonitor.records.recover import recover

    _look_for_keys(arguments)
    done = recover(arguments.database, arguments.out, f"ExoMonitor {__version__}", SystemClock())
    _say(done.sentence)
    return 0 if done.complete else NOT_INTACT


def run_encrypt(arguments: argparse.Namespace) -> int:
    """Encrypt the record, or give it a new key; where there is none yet, the one that is made will be encrypted."""
    from exomonitor.records import keys
    from exomonitor.records.backups import FOLDER
    from exomonitor.records.cipher import sqlcipher
    from exomonitor.records.database import make_private_folder
    from exomonitor.records.encrypt import rewrite

    sqlcipher()
    folder = data_folder(arguments.data)
    database = folder / (DEMO_DATABASE if arguments.demo else DATABASE)
    make_private_folder(folder)
    named = keys.named_by(database)
    if named and not arguments.new_key:
        raise CommandRefused(f"{database.name} is encrypted already, with the key {named}: --new-key gives it another")
    key = None if arguments.new_key or arguments.key_file else keys.key_for_new(folder)
    if key is None:
        key = keys.new_key()
        if arguments.key_file is not None:
            keys.keep_in_file(folder, key, arguments.key_file)
        else:
            keys.keep_in_store(folder, key)
    where = f"in {keys.place_of(folder, key.id)}"
    if not database.exists():
        _say(f"The record that is made here will be encrypted. Its key {key.id} is {where}: keep a copy of it, apart.")
        return 0
    with _alone(database):
        done = rewrite(database, key, folder / FOLDER)
    _say(f"Encrypted {done.entries} entries. The key {key.id} is {where}: keep a copy of it, apart;")
    _say("without it nobody can read this record or its backups.")
    if not named:
        _say("The file in the clear is removed; what a disk keeps of it is not in our hands.")
    _say(f"Older backups that are still in the clear: {done.plain_backups}.")
    return 0


def run_decrypt(arguments: argparse.Namespace) -> int:
    """Put the record in the clear again."""
    from exomonitor.records import keys
    from exomonitor.records.backups import FOLDER
    from exomonitor.records.encrypt import rewrite
    from exomonitor.session.trust_events import RecordTaken

    _look_for_keys(arguments)
    database = recorded_in(arguments.data, demo=arguments.demo)
    if not keys.named_by(database):
        raise CommandRefused(f"{database.name} is not encrypted.")
    with _alone(database):
        done = rewrite(database, None, database.parent / FOLDER)
        _note(database, RecordTaken("decrypted"))
    keys.use_none(database.parent)
    _say(f"{done.entries} entries are in the clear again. Older backups stay encrypted: keep their key.")
    return 0


def run_sbom(arguments: argparse.Namespace) -> int:
    """What the program is made of, as CycloneDX JSON."""
    from exomonitor.sbom import sbom

    _say(sbom())
    return 0


def run_sessions(arguments: argparse.Namespace) -> int:
    """List the sessions; `--prove`: after every entry, text, reading and wave second of them was proved."""
    from exomonitor.exports.listing import sessions_json, sessions_table
    from exomonitor.records.queries import open_archive

    archive = open_archive(recorded_in(arguments.data, demo=arguments.demo))
    if arguments.prove:
        archive.know_damaged(archive.damaged())
    table = sessions_json if arguments.json else sessions_table
    sys.stdout.write(table(archive.sessions(), proved=arguments.prove))
    return 0


def run_access(arguments: argparse.Namespace) -> int:
    """Who came in, looked, exported or went another way, oldest first."""
    from exomonitor.access_log import ACCESS, access_lines
    from exomonitor.records.queries import open_archive

    archive = open_archive(recorded_in(arguments.data, demo=arguments.demo))
    for line in access_lines(archive.registry_entries(ACCESS), archive.staff()):
        _say(line)
    return 0


def _note(database: Path, event: Event) -> None:
    """Record what is done here, by the computer's account, for nobody signs in. Raises EnvironmentFault."""
    from exomonitor.engine.ports import Draft
    from exomonitor.records.database import open_database
    from exomonitor.records.verify_signatures import wants_signature
    from exomonitor.records.writer import RecorderThread
    from exomonitor.session.trust_events import KeyTaken
    from exomonitor.settings import load_settings
    from exomonitor.signing import open_key

    clock, key = SystemClock(), open_key(database.parent)
    station = load_settings(database.parent).station
    simulated = database.name == DEMO_DATABASE
    opened = open_database(database, f"ExoMonitor {__version__}", simulated, clock, station, key.public)
    events = [KeyTaken(key.public), event] if wants_signature(database, key.public) else [event]
    recorder = RecorderThread(opened, key=key)
    try:
        drafts = [Draft("", clock.now(), typed_by(), one) for one in events]
        recorder.submit(drafts).result(RECORD_WAIT_S)
    finally:
        recorder.close()


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """While no other program records into this database, and none may begin to. Raises CommandRefused."""
    from exomonitor.lease import LeaseTaken, take_lease
    from exomonitor.records.database import make_private_folder

    make_private_folder(database.parent)
    try:
        lease = take_lease(database, "upkeep", SystemClock().now().iso())
    except LeaseTaken as told:
        raise CommandRefused(f"{told}: close the program first.") from told
    try:
        yield
    finally:
        lease.close()


def _look_for_keys(arguments: argparse.Namespace) -> None:
    """Where the keys of an encrypted file may be that lies elsewhere: the data folder, the key file that was said."""
    from exomonitor.records.keys import look_also

    look_also(data_folder(arguments.data))
    if arguments.key_file is not None:
        if not arguments.key_file.is_file():
            raise CommandRefused(f"There is no key file at {arguments.key_file}")
        look_also(arguments.key_file)


def _say(lines: str) -> None:
    """What a file from elsewhere may have put into it moves no cursor."""
    from exomonitor.bounded import shown

    sys.stdout.write("".join(f"{shown(line)}\n" for line in lines.split("\n")))
