"""Canonical JSON, salted hashes of private fields, and the hash chain: one definition for records and exports alike."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
SALT_BYTES = 16


def canonical_json(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8 and no NaN: the bytes that are hashed. Raises ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def new_salt() -> str:
    """A random salt, hex; kept in the database only."""
    return secrets.token_hex(SALT_BYTES)


def sealed_digest(salt: str, value: str) -> str:
    """SHA-256(salt || value): what enters the chain in place of an identifying or free-text field."""
    return sha256_hex(bytes.fromhex(salt) + value.encode())


def row_hash(row: Mapping[str, Any]) -> str:
    """The hash of one journal row: every column but `hash` itself, the two previous hashes included."""
    return sha256_hex(canonical_json({key: value for key, value in row.items() if key != "hash"}))
