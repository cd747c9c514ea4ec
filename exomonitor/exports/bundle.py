"""One session into one new folder: written aside, private to the user, and there at once or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from itertools import count
from pathlib import Path

from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.ports import Archive, Readable
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.columns import (
    DICTIONARY,
    EVENTS,
    HOW_TO,
    MANIFEST,
    MANIFEST_HASH,
    MEDWATCH,
    READINGS,
    REPORT,
    SESSION,
    SIGNATURE,
    VERIFIER,
    VITALS,
)
from exomonitor.exports.manifest import damage_told, manifest_hash, manifest_json, manifest_signature
from exomonitor.exports.material import Material, gather
from exomonitor.exports.medwatch import worksheet
from exomonitor.exports.report import report_pdf
from exomonitor.exports.session_json import session_json
from exomonitor.exports.tables import dictionary_table, events_table, value_tables
from exomonitor.folders import make_private
from exomonitor.signing import StationKey

FORMATS = ("csv", "json", "pdf")
MIN_REASON = 5


def export_session(  # noqa: PLR0913 - the request as the command line makes it
    archive: Archive,
    session: str,
    out: Path,
    formats: Sequence[str] = FORMATS,
    *,
    protocol: ClinicProtocol,
    program: str,
    now: Instant,
    identified: bool = False,
    reason: str = "",
    key: StationKey | None = None,
    readable: Readable | None = None,
) -> Path:
    """Write a session into a new folder under `out` and return it; the caller journals ExportMade.

    CommandRefused for an unknown session or format, and for identity without a reason; EnvironmentFault when the disk
    fails. `key`: of the workstation, signs the manifest; `readable`: the session, where it has been read already.
    """
    check_request(formats, identified=identified, reason=reason)
    found = readable or archive.readable(archive.resolve(session))
    material = gather(archive, found, protocol, program=program, now=now, identified=identified)
    return _write(out, material.state.study_id, contents(material, formats, key))


def export_told(folder: Path) -> str:
    """Where an export is, and in a second line what was damaged in the record that it was made of."""
    damaged = damage_told(folder)
    return f"{folder}\n{damaged}" if damaged else str(folder)


def contents(material: Material, formats: Sequence[str], key: StationKey | None = None) -> dict[str, bytes]:
    """Every file of the export by name; manifest, its hash and its signature last."""
    files: dict[str, bytes] = {}
    (readings, rows), (vitals, frames) = value_tables(material)
    counts = {
        "journal_entries": len(material.rows),
        "readings": rows,
        "vitals_rows": frames,
        "wave_seconds": material.summary.wave_seconds,
    }
    if "csv" in formats:
        files |= {EVENTS: events_table(material), READINGS: readings, VITALS: vitals}
    if "json" in formats:
        files[SESSION] = session_json(material)
    if "pdf" in formats:
        files[REPORT] = report_pdf(material)
    if sheet := worksheet(material):
        files[MEDWATCH] = sheet
    files |= {VERIFIER: _shipped(VERIFIER), HOW_TO: _shipped(HOW_TO)}
    seals = [MANIFEST, MANIFEST_HASH] if key is None else [MANIFEST, MANIFEST_HASH, SIGNATURE]
    files[DICTIONARY] = dictionary_table([*files, DICTIONARY, *seals])
    manifest = manifest_json(material, files, counts, key.public if key is not None else "")
    files |= {MANIFEST: manifest, MANIFEST_HASH: manifest_hash(manifest)}
    return files if key is None else {**files, SIGNATURE: manifest_signature(manifest, key)}


def _shipped(name: str) -> bytes:
    """A file that goes into every export as it is."""
    return resources.files("resources").joinpath("verifier", name).read_bytes()


def check_request(formats: Sequence[str], *, identified: bool, reason: str) -> None:
    """Refuse with CommandRefused what no export can be made of, before it goes into any journal."""
    if unknown := [name for name in formats if name not in FORMATS]:
        raise CommandRefused(f"Format {unknown[0]!r} is not known: choose from {', '.join(FORMATS)}")
    if not formats:
        raise CommandRefused(f"Choose at least one format of {', '.join(FORMATS)}")
    if identified and len(reason.strip()) < MIN_REASON:
        raise CommandRefused(f"An export with names needs a reason, of {MIN_REASON} characters at least")


def _write(out: Path, study_id: str, files: Mapping[str, bytes]) -> Path:
    try:
        make_private(out)
        aside = Path(tempfile.mkdtemp(prefix=".export-", dir=out))  # mkdtemp gives 0700
    except OSError as cause:
        raise EnvironmentFault(f"Nothing exported: {out} cannot be written ({cause.strerror or cause})") from cause
    try:
        for name, data in files.items():
            _write_private(aside / name, data)
        _sync_folder(aside)
        folder = _settle(aside, out, safe_name(study_id))
        _sync_folder(out)
    except OSError as cause:
        raise EnvironmentFault(f"Nothing exported into {out}: {cause.strerror or cause}") from cause
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def safe_name(study_id: str) -> str:
    """A folder name of plain characters for a study id."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", study_id).strip(".") or "session"


def _settle(aside: Path, out: Path, name: str) -> Path:
    """Give the finished folder its name, or the next free one: an earlier export is never touched."""
    for number in count(1):
        folder = out / (name if number == 1 else f"{name}-{number}")
        if folder.exists():
            continue
        try:
            return aside.rename(folder)
        except FileExistsError:  # another export was quicker
            continue
    raise AssertionError("the numbers ran out")


def _write_private(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder; its rename is durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
