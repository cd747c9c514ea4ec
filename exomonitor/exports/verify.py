"""Prove an export from its own files: every hash, the chain, and that the files agree with one another."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from exomonitor.bounded import EXPORT_BYTES, read_bounded
from exomonitor.errors import EnvironmentFault
from exomonitor.exports.chain import body_of, chain_breaks
from exomonitor.exports.columns import EVENTS, MANIFEST, MANIFEST_HASH, READINGS, SESSION, SIGNATURE, VITALS
from exomonitor.exports.finding import Finding
from exomonitor.exports.manifest import FORMAT, manifest_hash
from exomonitor.exports.verify_signature import signature_findings, unfit_signatures
from exomonitor.integrity import JOURNAL_COLUMNS, batch_sha256, canonical_json, sealed_digest, sha256_hex

INTACT, NOT_INTACT, UNUSABLE = 0, 1, 2
"""Exit codes of `verify`; UNUSABLE belongs to EnvironmentFault."""

_PLAIN = frozenset(JOURNAL_COLUMNS) - {"body"}
"""Columns of a journal row that hold a number or a text; whatever else stands there, no row of ours is."""

MOST_PER_FILE = 20
"""After so many findings in one file the rest is only counted."""


def verify_export(path: Path, trusted: str = "") -> list[Finding]:
    """Everything that is wrong with an exported folder; [] = intact. `trusted`: the key or fingerprint that must have
    signed it, "" = whichever it is. EnvironmentFault where there is no export."""
    folder = path.parent if path.name in {MANIFEST, MANIFEST_HASH} else path
    files, others = _read_all(folder)
    if MANIFEST not in files and not {MANIFEST_HASH, SESSION} & files.keys():
        raise EnvironmentFault(f"{folder} holds no {MANIFEST}: it is not an export, or its list is gone")
    no_files = [Finding(name, "", "is a link or no file at all: it was not read") for name in others]
    return [*no_files, *prove(files, trusted)]


def prove(files: Mapping[str, bytes], trusted: str = "") -> list[Finding]:
    """The same for the files of an export, whatever bytes they hold."""
    if MANIFEST not in files:
        return [Finding(MANIFEST, "", "is missing, so nothing else could be checked")]
    try:
        return _prove(files, trusted)
    except RecursionError:
        return [Finding(MANIFEST, "", "or another file is nested too deeply to be one of ours")]


def _prove(files: Mapping[str, bytes], trusted: str) -> list[Finding]:
    findings = list(_seal(files))
    manifest = _object(files[MANIFEST])
    if manifest is None or manifest.get("format") != FORMAT or not isinstance(manifest.get("files"), dict):
        return [*findings, Finding(MANIFEST, "", "cannot be read as the list of an export; nothing else was checked")]
    findings += signature_findings(manifest, files, trusted)
    if damaged := manifest.get("damaged"):
        findings.append(Finding(MANIFEST, "", f"says what was lost before the export was made: {str(damaged)[:500]}"))
    findings += _listed(manifest["files"], files)
    findings += _contents(manifest, files)
    return findings


def _read_all(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The plain files by name, and the names of what an export never holds: links, pipes, devices."""
    left, files, others = EXPORT_BYTES, {}, []
    try:
        for path in sorted(folder.rglob("*")):
            name, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
            if stat.S_ISREG(mode):
                data = files[name] = read_bounded(path, left)
                left -= len(data)
            elif not stat.S_ISDIR(mode):
                others.append(name)
        return files, others
    except OSError as cause:
        raise EnvironmentFault(f"{cause.filename or folder} cannot be read: {cause.strerror or cause}") from cause


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _seal(files: Mapping[str, bytes]) -> Iterator[Finding]:
    if MANIFEST_HASH not in files:
        yield Finding(MANIFEST_HASH, "", f"is missing, so {MANIFEST} cannot be proved")
    elif files[MANIFEST_HASH] != manifest_hash(files[MANIFEST]):
        yield Finding(MANIFEST, "", f"its hash is not the one in {MANIFEST_HASH}: one of the two was changed")
        if _well_formed(files[MANIFEST]):
            yield Finding(MANIFEST_HASH, "", f"does not fit {MANIFEST}, which is well formed")


def _well_formed(manifest: bytes) -> bool:
    """Whether these bytes are a manifest as we write it."""
    plain = _object(manifest)
    try:
        return plain is not None and canonical_json(plain) + b"\n" == manifest
    except (ValueError, RecursionError):
        return False  # half a character, or nested too deeply


def _listed(listed: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Finding]:
    for name, told in listed.items():
        data = files.get(name)
        if data is None:
            yield Finding(name, "", "is missing")
            continue
        size, digest = (told.get("size"), told.get("sha256")) if isinstance(told, dict) else (None, None)
        if size != len(data):
            yield Finding(name, "", f"has {len(data)} bytes, {size} were exported")
        if digest != sha256_hex(data):
            yield Finding(name, "", "its content is not what was exported (SHA-256)")
    for name in files.keys() - listed.keys() - {MANIFEST, MANIFEST_HASH, SIGNATURE}:
        yield Finding(name, "", "was not exported: it was added")


def _contents(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Finding]:
    """What a hash of a whole file cannot say: which row, and whether the record itself was whole."""
    counts = manifest["counts"] if isinstance(manifest.get("counts"), dict) else {}
    readings = _table(files, READINGS)
    rows: list[dict[str, Any]] | None = None
    if SESSION in files:
        rows = _journal(files[SESSION])
        if rows is None:
            yield Finding(SESSION, "", "cannot be read")
    if rows is not None:
        yield from _limited(SESSION, _session(rows, _object(files[SESSION]) or {}, manifest))
        yield from _counted(SESSION, "journal entries", len(rows), counts.get("journal_entries"))
        if EVENTS in files:
            yield from _limited(EVENTS, _events(_table(files, EVENTS), rows))
        if READINGS in files:
            yield from _limited(READINGS, _batches(readings, rows, _unproved(manifest)))
    if READINGS in files:
        yield from _counted(READINGS, "readings", len(readings), counts.get("readings"))
    if VITALS in files:
        yield from _counted(VITALS, "rows", len(_table(files, VITALS)), counts.get("vitals_rows"))
    if EVENTS in files:
        yield from _counted(EVENTS, "entries", len(_table(files, EVENTS)), counts.get("journal_entries"))


def _counted(place: str, what: str, found: int, told: Any) -> Iterator[Finding]:
    if found != told:
        yield Finding(place, "", f"holds {found} {what}, the manifest counts {told}")


def _limited(place: str, pairs: Iterator[tuple[str, str]]) -> Iterator[Finding]:
    more = 0
    for number, (where, what) in enumerate(pairs):
        if number < MOST_PER_FILE:
            yield Finding(place, where, what)
        else:
            more += 1
    if more:
        yield Finding(place, "", f"and {more} more of this kind")


def _table(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """The rows of a table; bytes that are no text show as replaced characters and fail where they are compared."""
    if name not in files:
        return []
    try:
        return list(csv.DictReader(io.StringIO(files[name].decode("utf-8", "replace"), newline="")))
    except csv.Error:
        return []


def _journal(data: bytes) -> list[dict[str, Any]] | None:
    session = _object(data)
    rows = session.get("journal") if session is not None else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    return rows if all(isinstance(row.get(name, 0), int | str) for row in rows for name in _PLAIN) else None


def _session(
    rows: list[dict[str, Any]], session: Mapping[str, Any], manifest: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    yield from chain_breaks(rows)
    yield from unfit_signatures(rows, signed=bool(manifest.get("public_key")))
    head = rows[-1].get("hash") if rows else None
    if head != manifest.get("chain_head"):
        yield "the last entry", "is not the one that the manifest names as the end of the chain"
    for name in ("study_id", "simulated", "identified"):
        if session.get(name) != manifest.get(name):
            yield name, f"is {session.get(name)!r}, the manifest says {manifest.get(name)!r}"
    yield from _seals(rows, session.get("sealed"))


def _seals(rows: list[dict[str, Any]], sealed: Any) -> Iterator[tuple[str, str]]:
    """Private texts, where they are given, against the digests that the chain holds."""
    bodies = {row.get("seq"): row for row in rows}
    for text in sealed if isinstance(sealed, list) else []:
        where = f"sealed text {text.get('field')} of entry {text.get('seq')}" if isinstance(text, dict) else "sealed"
        try:
            fits = sealed_digest(text["salt"], text["value"]) == text["digest"]
            held = body_of(bodies[text["seq"]])[text["field"]]
        except (KeyError, TypeError, ValueError, AttributeError):
            yield where, "cannot be read, or its entry is not there"
            continue
        if not fits or text["digest"] not in (held, held.get("sha256") if isinstance(held, dict) else None):
            yield where, "does not fit the digest in the chain"


def _events(table: list[dict[str, str]], rows: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    same = ("seq", "session_seq", "utc", "actor", "station", "type", "prev_in_session", "hash")
    for line, (told, row) in enumerate(zip(table, rows, strict=False), 2):
        wrong = [name for name in same if told.get(name) != str(row.get(name))]
        if wrong:
            yield f"line {line}", f"{', '.join(wrong)} not as in {SESSION}"


def _unproved(manifest: Mapping[str, Any]) -> frozenset[str]:
    """The batches of which the record itself said that nothing proves them."""
    lost = manifest.get("lost")
    named = lost.get("unproved") if isinstance(lost, dict) else None
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()


def _batches(
    table: list[dict[str, str]], rows: list[dict[str, Any]], unproved: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """Readings against the count and hash of each batch in the chain."""
    found: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, reading in enumerate(table, 2):
        found.setdefault(reading.get("batch") or "?", []).append((line, reading))
    for row in rows:
        if row.get("type") != "ReadingsStored":
            continue
        try:
            body = body_of(row)
        except ValueError:
            continue  # the chain says so already
        lines = found.pop(str(body.get("batch")), [])
        where = f"batch {body.get('batch')}" + (f" (lines {lines[0][0]}-{lines[-1][0]})" if lines else "")
        if len(lines) != body.get("count"):
            yield where, f"holds {len(lines)} readings, entry {row.get('seq')} of the chain counts {body.get('count')}"
        elif _batch_hash([reading for _, reading in lines]) != body.get("sha256"):
            yield where, f"a reading is not as it was stored (hash in entry {row.get('seq')} of the chain)"
    for batch, lines in found.items():
        told = "known to no entry that is left" if batch in unproved else "not in the chain: readings were added"
        yield f"batch {batch} (line {lines[0][0]})", f"is {told}"


def _batch_hash(lines: list[dict[str, str]]) -> str:
    try:
        return batch_sha256({**line, "value": float(line["value"]) if line["value"] else None} for line in lines)
    except (KeyError, TypeError, ValueError):
        return ""
