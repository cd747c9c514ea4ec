"""Canonical JSON, salted hashes of private fields, and the hash chain: one definition for records and exports alike."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
GENESIS = "0" * 64
SALT_BYTES = 16
_HEX = frozenset("0123456789abcdef")
JOURNAL_COLUMNS = (
    "seq",
    "session",
    "session_seq",
    "utc",
    "tz",
    "mono_ns",
    "boot_id",
    "actor",
    "station",
    "type",
    "body",
    "prev_in_database",
    "prev_in_session",
    "hash",
)
"""Every column of the journal, in the order of an export; all but `hash` enter the hash."""
READING_KEYS = (
    "utc",
    "mono_ns",
    "boot_id",
    "source",
    "channel",
    "name",
    "value",
    "unit",
    "validity",
    "origin",
    "measured_utc",
)


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8 and no NaN: the bytes that are hashed. Raises ValueError for NaN."""
    return _CANONICAL.encode(value).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def new_salt() -> str:
    """A random salt, hex; kept in the database only."""
    return secrets.token_hex(SALT_BYTES)


def sealed_digest(salt: str, value: str) -> str:
    """SHA-256(salt || value): what enters the chain in place of an identifying or free-text field.

    Raises ValueError for what no salt of ours is: in a longer one the beginning of the text could be hidden.
    """
    if len(salt) != 2 * SALT_BYTES or set(salt) - _HEX:
        raise ValueError("this is no salt")
    return sha256_hex(bytes.fromhex(salt) + value.encode())


def row_hash(row: Mapping[str, Any]) -> str:
    """The hash of one journal row: every column but `hash` itself, the two previous hashes included."""
    return sha256_hex(canonical_json({key: value for key, value in row.items() if key != "hash"}))


def stored_row_fits(row: Mapping[str, Any]) -> bool:
    """The same of a row as it is stored, its body as text: whether it has its hash. Whatever is no column of ours has
    none. The body's bytes are taken as they are: whoever reads it compares them with its `canonical_text`, since a hash
    can be made for other words than ours too. Raises TypeError or ValueError for what is no text or number."""
    text = encode_basestring
    plain = (
        f'{{"actor":{text(row["actor"])},"body":{row["body"]},"boot_id":{text(row["boot_id"])},'
        f'"mono_ns":{row["mono_ns"]:d},"prev_in_database":{text(row["prev_in_database"])},'
        f'"prev_in_session":{text(row["prev_in_session"])},"seq":{row["seq"]:d},"session":{text(row["session"])},'
        f'"session_seq":{row["session_seq"]:d},"station":{text(row["station"])},"type":{text(row["type"])},'
        f'"tz":{text(row["tz"])},"utc":{text(row["utc"])}}}'
    )
    return bool(sha256_hex(plain.encode()) == row["hash"])


def reading_line(row: Mapping[str, Any]) -> bytes:
    """The bytes of one stored reading that enter its batch's hash.

    Keys: utc (ISO, ms), mono_ns, boot_id, source, channel, name, value (float or None), unit, validity, origin,
    measured_utc (ISO or None). Numbers are taken as float, so that 72 and 72.0 are one value.
    """
    value = row["value"]
    plain = {key: row[key] for key in READING_KEYS}
    plain["value"] = None if value is None else float(value)
    plain["mono_ns"] = int(row["mono_ns"])
    plain["measured_utc"] = row["measured_utc"] or None
    return canonical_json(plain) + b"\n"


def canonical_text(value: Any) -> str:
    """The same as text; "" for what has no such form: half a character, a number that is none, no end of brackets."""
    try:
        return canonical_json(value).decode()
    except (ValueError, RecursionError):
        return ""


def batch_fits(rows: Iterable[Mapping[str, Any]], digest: str) -> bool:
    """Whether stored rows are the batch of this hash: none of ours holds an infinite number, or "" for nothing."""
    try:
        there = list(rows)
        return batch_sha256(there) == digest and all(row["measured_utc"] != "" for row in there)
    except (ValueError, TypeError):
        return False


def batch_sha256(rows: Iterable[Mapping[str, Any]]) -> str:
    """The hash of one batch of readings, in the order stored: what ReadingsStored carries."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(reading_line(row))
    return digest.hexdigest()
