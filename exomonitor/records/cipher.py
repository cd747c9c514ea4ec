"""SQLCipher where a database is encrypted: loaded only then, told its key, and kept silent; its pages, read by hand."""

from __future__ import annotations

import hashlib
import hmac
import os
import sqlite3
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exomonitor.errors import EnvironmentFault
from exomonitor.records.keys import NEEDS, RecordKey, key_of

PAGE, RESERVED = 4096, 80
"""SQLCipher 4: each page of 4096 bytes ends with its IV (16 bytes) and its HMAC-SHA512 (64)."""
_MAGIC = b"SQLite format 3\0"
_IV, _SALT, _NONCE = 16, 16, 12
_MODULE = "sqlcipher3.dbapi2"


def sqlcipher() -> ModuleType:
    """The module that reads encrypted databases. Raises EnvironmentFault where it is not installed."""
    try:
        from sqlcipher3 import dbapi2
    except ImportError as cause:
        raise EnvironmentFault(f"This record is encrypted and {NEEDS}.") from cause
    return cast(ModuleType, dbapi2)


def sql_errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What SQLite raises here, in the clear or encrypted, and `more` besides: for `except`."""
    loaded = sys.modules.get(_MODULE)
    return (*more, sqlite3.Error) if loaded is None else (*more, sqlite3.Error, loaded.Error)


def operational_errors() -> tuple[type[Exception], ...]:
    """Of these, those of the surroundings: a locked or unreachable file."""
    loaded = sys.modules.get(_MODULE)
    return (sqlite3.OperationalError,) if loaded is None else (sqlite3.OperationalError, loaded.OperationalError)


class SealedBox:
    """Small files beside an encrypted record, under a key of their own that comes from the record's (AES-256-GCM)."""

    def __init__(self, key: RecordKey, salt: bytes = b"") -> None:
        """`salt`: the box of one file alone, whose salt that is."""
        self.beginning = key.beginning
        """So a file that is closed with it may begin: it says which key it needs."""
        self._key = key
        secret = hmac.digest(key.secret, b"exomonitor files beside the record", "sha256")
        secret = hmac.digest(secret, b"one file" + salt, "sha256") if salt else secret
        self._aead = AESGCM(secret)
        self._marking = hmac.digest(secret, b"marks", "sha256")

    def close(self, content: bytes) -> bytes:
        """Encrypted."""
        once = os.urandom(_NONCE)
        return once + self._aead.encrypt(once, content, None)

    def open(self, content: bytes) -> bytes:
        """In the clear. Raises ValueError for what was changed, or is of another key or none."""
        try:
            return self._aead.decrypt(content[:_NONCE], content[_NONCE:], None)
        except InvalidTag as cause:
            raise ValueError("not of this key") from cause

    def mark(self, content: bytes) -> bytes:
        """By this whoever has the key knows that nobody has changed the content."""
        return hmac.digest(self._marking, content, "sha256")

    def of_file(self, salt: bytes) -> SealedBox:
        """The box of one file alone."""
        return SealedBox(self._key, salt)


def box_beside(path: Path) -> SealedBox | None:
    """The box of a database's key, None where it is in the clear."""
    key = key_of(path)
    return SealedBox(key) if key is not None else None


def key_words(key: RecordKey) -> str:
    """The key as SQLCipher takes it: raw, with the beginning of the file in place of a random salt."""
    return f"\"x'{key.secret.hex()}{key.beginning.hex()}'\""


def unlock(raw: sqlite3.Connection, key: RecordKey) -> None:
    """Tell a fresh connection its key; whether it fits shows at the first read."""
    for statement in (
        f"PRAGMA key = {key_words(key)}",
        "PRAGMA cipher_log_level = NONE",  # else it writes to the terminal by itself
        "PRAGMA cipher_compatibility = 4",
    ):
        raw.execute(statement).close()


def decrypted(key: RecordKey, number: int, page: bytes) -> bytes:
    """A page in the clear, its reserved end left off; what was damaged comes out as noise, the rest as it was."""
    skip = _SALT if number == 1 else 0
    if len(page) < PAGE:
        return b""
    iv = page[PAGE - RESERVED : PAGE - RESERVED + _IV]
    decryptor = Cipher(algorithms.AES(key.secret), modes.CBC(iv)).decryptor()
    clear = decryptor.update(page[skip : PAGE - RESERVED]) + decryptor.finalize()
    return (_MAGIC if skip else b"") + clear


def is_genuine(key: RecordKey, number: int, page: bytes) -> bool:
    """Whether a page is as it was encrypted with this key."""
    skip = _SALT if number == 1 else 0
    salt = bytes(byte ^ 0x3A for byte in key.beginning)
    inner = hashlib.pbkdf2_hmac("sha512", key.secret, salt, 2, 32)
    signed = page[skip : PAGE - RESERVED + _IV] + number.to_bytes(4, "little")
    expected = hmac.new(inner, signed, hashlib.sha512).digest()
    return hmac.compare_digest(expected, page[PAGE - RESERVED + _IV : PAGE])
