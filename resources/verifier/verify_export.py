"""Checks an export of ExoMonitor without ExoMonitor: one file, the standard library and the package cryptography.

Usage: python verify_export.py FOLDER [--key FINGERPRINT]      (see HOW_TO_VERIFY.txt)
Exit codes: 0 intact and signed, 1 not intact, 2 no export or not readable, 3 intact but not signed.
It only reads, and it imports nothing from the folder that it checks.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("The package cryptography is needed: python -m pip install cryptography")

MANIFEST, MANIFEST_HASH, SIGNATURE = "manifest.json", "manifest.sha256", "manifest.sig"
SESSION, EVENTS, READINGS = "session.json", "events.csv", "readings.csv"
INTACT, NOT_INTACT, UNUSABLE, UNSIGNED = 0, 1, 2, 3
MOST_BYTES = 2_000_000_000
"""A folder that holds more is not read at all."""
NOTHING = "0" * 64
COLUMNS = ("seq", "session", "session_seq", "utc", "tz", "mono_ns", "boot_id", "actor", "station", "type", "body",
           "prev_in_database", "prev_in_session", "hash")  # fmt: skip
SALT_DIGITS = 32  # in a longer one the beginning of a text could be hidden
HEAD_COLUMNS = ("seq", "session", "session_seq", "utc", "station", "prev_in_database", "prev_in_session")
READING_KEYS = ("utc", "mono_ns", "boot_id", "source", "channel", "name", "value", "unit", "validity", "origin",
                "measured_utc")  # fmt: skip
SIGNED_BY_PEOPLE = {"SessionSigned": "signed_hash", "AddendumAdded": "signed_hash", "SessionReviewed": "reviewed_hash"}


def main(words: list[str] | None = None) -> int:
    """Check a folder, print what was found, answer the exit code."""
    parser = argparse.ArgumentParser(description="Check an export of ExoMonitor.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--key", default="", help="public key or fingerprint of the workstation, from the clinic")
    asked = parser.parse_args(words)
    trusted = "".join(asked.key.split()).lower()
    if trusted and len(trusted) not in {32, 64}:
        return say("A key has 64 hex digits, its fingerprint eight groups of four.", UNUSABLE)
    try:
        files, others = read_all(asked.folder)
        public, found = check(files, trusted)
    except KeyError as lacking:
        return say(f"This is no export, or a part of it is gone: {lacking} is missing.", UNUSABLE)
    except (OSError, ValueError, TypeError, RecursionError) as cause:
        return say(f"This is no export, or it cannot be read: {cause}", UNUSABLE)
    found = [*(f"{name}: is a link or no file at all: it was not read" for name in others), *found]
    for line in found:
        say(line)
    if found:
        return say(f"NOT INTACT: {len(found)} found.", NOT_INTACT)
    if not public:
        return say("Intact, but NOT SIGNED: damage would have been found, forgery would not.", UNSIGNED)
    compared = "the key you named" if trusted else "compare it with the clinic's own note: --key does that for you"
    return say(f"INTACT and SIGNED. Key: {fingerprint(public)} ({compared}).", INTACT)


def check(files: dict[str, bytes], trusted: str) -> tuple[str, list[str]]:
    """The key that an export names, and all that is wrong with its files. KeyError, ValueError, TypeError or
    RecursionError where they are none of an export."""
    manifest = json.loads(files[MANIFEST])
    listed = manifest["files"]
    if manifest["format"] != "exomonitor-export" or not isinstance(listed, dict):
        raise ValueError("it is no manifest")
    public = str(manifest.get("public_key") or "")
    record = check_record(files, manifest, public)
    return public, [*check_seals(files, public, trusted), *check_files(files, listed), *record]


def say(line: str, code: int = 0) -> int:
    """Print a line, with what would move a terminal's cursor or is no character spelled out; answers the code."""
    plain = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(plain.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    return code


def read_all(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Every plain file by its name in the folder, and the names of what is none: a link, a pipe, a device. OSError or
    ValueError where they cannot be read."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()]
    plain = [path for path in paths if path.is_file() and not path.is_symlink()]
    if sum(path.stat().st_size for path in plain) > MOST_BYTES:
        raise ValueError("it is larger than any export")
    names = {path: path.relative_to(folder).as_posix() for path in paths}
    return {names[path]: path.read_bytes() for path in plain}, [names[path] for path in paths if path not in plain]


def canonical(value: Any) -> bytes:
    """The bytes that are hashed: JSON with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(public: str) -> str:
    """Eight groups of four digits of the key's SHA-256."""
    digits = sha256(bytes.fromhex(public))[:32].upper()
    return " ".join(digits[at : at + 4] for at in range(0, 32, 4))


def fits(public: str, signature: str, data: bytes) -> bool:
    """Whether that key signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (ValueError, InvalidSignature):
        return False
    return True


def check_seals(files: dict[str, bytes], public: str, trusted: str) -> Iterator[str]:
    """The manifest against its hash and its signature, and the key against the one that is trusted."""
    if files.get(MANIFEST_HASH) != f"{sha256(files[MANIFEST])}  {MANIFEST}\n".encode():
        yield f"{MANIFEST_HASH}: is missing, or is not the hash of {MANIFEST}"
    if not public:
        if SIGNATURE in files:
            yield f"{MANIFEST}: names no key, but a signature lies beside it"
        if trusted:
            yield f"{SIGNATURE}: this export is not signed with the key that you named"
        return
    try:
        told = json.loads(files[SIGNATURE])
        good = told["public_key"] == public and fits(public, told["signature"], files[MANIFEST])
        print_of_key = fingerprint(public).replace(" ", "").lower()
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        yield f"{SIGNATURE}: is missing or cannot be read"
        return
    if not good:
        yield f"{SIGNATURE}: does not fit {MANIFEST}: one of the two was changed, or another key signed"
    if trusted and trusted not in {public, print_of_key}:
        yield f"{SIGNATURE}: is of another key ({fingerprint(public)}) than the one that you named"


def check_files(files: dict[str, bytes], listed: dict[str, Any]) -> Iterator[str]:
    """Every file against its size and hash in the manifest."""
    for name, told in listed.items():
        data = files.get(name)
        if data is None:
            yield f"{name}: is missing"
        elif not isinstance(told, dict) or told.get("sha256") != sha256(data) or told.get("size") != len(data):
            yield f"{name}: its content is not what was exported"
    for name in sorted(files.keys() - listed.keys() - {MANIFEST, MANIFEST_HASH, SIGNATURE}):
        yield f"{name}: was not exported: it was added"


def check_record(files: dict[str, bytes], manifest: dict[str, Any], public: str) -> Iterator[str]:
    """The journal, and the tables that repeat it or hang on it; and what was damaged before."""
    if damaged := manifest.get("damaged"):
        yield f"{MANIFEST}: says what was lost before the export was made: {str(damaged)[:500]}"
    counts = manifest.get("counts")
    told = counts.get("journal_entries") if isinstance(counts, dict) else None
    if SESSION not in files:
        return
    try:
        session = json.loads(files[SESSION])
        rows = [dict(row) for row in session["journal"]]
        if not all(isinstance(row.get(name, 0), (int, str)) for row in rows for name in COLUMNS if name != "body"):
            raise ValueError("a column holds neither a number nor a text")
    except (KeyError, ValueError, TypeError, RecursionError):
        yield f"{SESSION}: cannot be read"
        return
    for what in (*check_chain(rows), *check_signatures(rows, public), *check_sealed(rows, session.get("sealed"))):
        yield f"{SESSION}, {what}"
    if (rows[-1].get("hash") if rows else None) != manifest.get("chain_head"):
        yield f"{SESSION}, the last entry: is not the end of the chain that the manifest names"
    if told != len(rows):
        yield f"{SESSION}: holds {len(rows)} entries, the manifest counts {told}"
    if EVENTS in files:
        yield from check_events(table(files[EVENTS]), rows)
    if READINGS in files:
        yield from check_readings(table(files[READINGS]), rows)


def check_chain(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Each entry's own hash, that it follows the one before, and that no number is left out or used twice."""
    before, number = NOTHING, None
    for place, row in enumerate(rows, 1):
        where = f"entry {row.get('seq', f'in place {place}')}"
        if set(row) != set(COLUMNS):
            yield f"{where}: lacks a column, or has one too many"
        if row.get("hash") != row_hash(row):
            yield f"{where}: its hash does not fit its content: it was changed"
        if row.get("prev_in_session") != before:
            yield f"{where}: does not follow the entry before it: one was changed, removed, moved or added"
        if number is not None and row.get("session_seq") != number + 1:
            yield f"{where}: has number {row.get('session_seq')} in the session, {number + 1} was expected"
        before = str(row.get("hash"))
        number = row["session_seq"] if isinstance(row.get("session_seq"), int) else None


def row_hash(row: dict[str, Any]) -> str:
    """The hash over every column but the hash itself; "" where there is no such thing."""
    try:
        return sha256(canonical({name: value for name, value in row.items() if name != "hash"}))
    except (TypeError, ValueError, RecursionError):
        return ""


def body_of(row: dict[str, Any]) -> dict[str, Any]:
    """What the entry says."""
    body = row.get("body")
    try:
        body = json.loads(body) if isinstance(body, str) else body
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def check_signatures(rows: list[dict[str, Any]], public: str) -> Iterator[str]:
    """Those of the workstation in the journal, and that people signed something that stands there."""
    seen: set[Any] = set()
    for row in rows:
        where, body, kind = f"entry {row.get('seq')}", body_of(row), str(row.get("type"))
        if kind == "HeadSigned":
            statement = {"what": "exomonitor-head-1", **{name: row.get(name) for name in HEAD_COLUMNS}}
            if not fits(str(body.get("public_key")), str(body.get("signature")), canonical(statement)):
                yield f"{where}: is a signature of the workstation that does not fit"
            if not public:
                yield f"{where}: is a signature of the workstation, but the export has none: it is gone"
        bound = body.get(SIGNED_BY_PEOPLE.get(kind, ""))
        if bound and (not isinstance(bound, str) or bound not in seen):
            yield f"{where}: is a person's signature over something that is not there"
        seen.add(row.get("hash"))


def check_sealed(rows: list[dict[str, Any]], sealed: Any) -> Iterator[str]:
    """Private texts, where they are given, against the salted hashes in the journal."""
    bodies = {row.get("seq"): body_of(row) for row in rows}
    for text in sealed if isinstance(sealed, list) else []:
        try:
            digest = sha256(bytes.fromhex(text["salt"]) + text["value"].encode())
            own_salt = bytes.fromhex(text["salt"]).hex() == text["salt"] and len(text["salt"]) == SALT_DIGITS
            good = own_salt and digest == text["digest"] and bodies[text["seq"]][text["field"]] == {"sha256": digest}
        except (KeyError, TypeError, ValueError, AttributeError):
            good = False
        if not good:
            yield f"a private text: does not fit the hash in the journal ({str(text)[:40]} ...)"


def table(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    try:
        return list(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
    except csv.Error:
        return []


def check_events(lines: list[dict[str, str]], rows: list[dict[str, Any]]) -> Iterator[str]:
    """events.csv against the journal, line by line."""
    if len(lines) != len(rows):
        yield f"{EVENTS}: holds {len(lines)} entries, {SESSION} {len(rows)}"
    for number, (line, row) in enumerate(zip(lines, rows, strict=False), 2):
        if any(line.get(name) != str(row.get(name)) for name in ("seq", "utc", "actor", "type", "hash")):
            yield f"{EVENTS}, line {number}: is not as in {SESSION}"


def check_readings(lines: list[dict[str, str]], rows: list[dict[str, Any]]) -> Iterator[str]:
    """readings.csv against the count and the hash of each batch in the journal."""
    batches: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        batches.setdefault(line.get("batch") or "?", []).append(line)
    for row in rows:
        if row.get("type") == "ReadingsStored":
            body = body_of(row)
            held = batches.pop(str(body.get("batch")), [])
            if len(held) != body.get("count") or batch_hash(held) != body.get("sha256"):
                yield f"{READINGS}, batch {body.get('batch')}: a reading was changed, removed, moved or added"
    for batch in batches:
        yield f"{READINGS}, batch {batch}: is not in the journal: readings were added"


def batch_hash(lines: list[dict[str, str]]) -> str:
    """The hash over the readings of a batch, in their order."""
    digest = hashlib.sha256()
    try:
        for line in lines:
            plain: dict[str, Any] = {name: line[name] for name in READING_KEYS}
            plain |= {"value": float(line["value"]) if line["value"] else None, "mono_ns": int(line["mono_ns"]),
                      "measured_utc": line["measured_utc"] or None}  # fmt: skip
            digest.update(canonical(plain) + b"\n")
    except (KeyError, TypeError, ValueError):
        return ""
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
