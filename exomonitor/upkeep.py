"""The commands that look after the record: verify, backup, restore, recover."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from exomonitor import __version__
from exomonitor.clock import SystemClock
from exomonitor.errors import CommandRefused
from exomonitor.folders import DATABASE, DEMO_DATABASE, data_folder, recorded_in

NOT_INTACT = 1


def run_verify(arguments: argparse.Namespace) -> int:
    """Prove an export or a database: 0 intact, 1 not."""
    from exomonitor.exports.verify import verify_export
    from exomonitor.exports.verify_signature import told_of
    from exomonitor.records.verify import verify_database
    from exomonitor.records.verify_signatures import signed_so_far
    from exomonitor.signing import trusted_key

    path: Path = arguments.path
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

    database = recorded_in(arguments.data, demo=arguments.demo)
    _say(str(make_backup(database, arguments.out or database.parent / FOLDER, SystemClock().now().utc)))
    return 0


def run_restore(arguments: argparse.Namespace) -> int:
    """Put a backup in the place of the database that it is of; says where the old one is kept."""
    from exomonitor.records.restore import held_in, restore

    held = held_in(arguments.backup)
    database = data_folder(arguments.data) / (DEMO_DATABASE if held.simulated else DATABASE)
    done = restore(arguments.backup, held, database, SystemClock().now().utc)
    kept = f" The old one is kept: {done.aside}" if done.aside is not None else ""
    _say(f"Restored {done.entries} entries to {done.database}.{kept}")
    return 0


def run_recover(arguments: argparse.Namespace) -> int:
    """A new database from the undamaged pages of a damaged one: 0 nothing is lost, 1 something is."""
    from exomonitor.records.recover import recover

    done = recover(arguments.database, arguments.out, f"ExoMonitor {__version__}", SystemClock())
    _say(done.sentence)
    return 0 if done.complete else NOT_INTACT


def run_sbom(arguments: argparse.Namespace) -> int:
    """What the program is made of, as CycloneDX JSON."""
    from exomonitor.sbom import sbom

    _say(sbom())
    return 0


def run_access(arguments: argparse.Namespace) -> int:
    """Who came in, looked, exported or went another way, oldest first."""
    from exomonitor.access_log import ACCESS, access_lines
    from exomonitor.records.queries import open_archive

    archive = open_archive(recorded_in(arguments.data, demo=arguments.demo))
    for line in access_lines(archive.registry_entries(ACCESS), archive.staff()):
        _say(line)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
