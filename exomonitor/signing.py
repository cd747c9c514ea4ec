"""The workstation's Ed25519 key: made at its first run, private to the user, and what its signatures are over."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from exomonitor.bounded import read_bounded
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.integrity import canonical_json, sha256_hex

PRIVATE_FILE, PUBLIC_FILE = "station.key", "station.pub"
"""In the data folder: 64 hex digits each. The public one may be read and given to anybody."""
ALGORITHM = "Ed25519"
HEAD = "exomonitor-head-1"
_HEX = 64
_MOST_BYTES = 1000
_HEAD_COLUMNS = ("seq", "session", "session_seq", "utc", "station", "prev_in_database", "prev_in_session")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StationKey:
    """The key of one workstation; `public`: 64 hex digits, the same in every signature."""

    public: str
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> str:
        """The signature of these bytes, 128 hex digits."""
        return self._private.sign(data).hex()


def open_key(folder: Path) -> StationKey:
    """The key of a data folder, made when there is none. Raises EnvironmentFault where it cannot be made or read."""
    path = folder / PRIVATE_FILE
    try:
        if not path.exists():
            _make(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)
            log.warning("%s could be read by others; that is mended, but whoever read it can sign", path.name)
        text = _text(path)
        key = _key(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text)))
        _publish(folder, key.public)
    except OSError as cause:
        raise EnvironmentFault(f"The workstation's key cannot be used: {cause.strerror or cause}") from cause
    except ValueError as cause:
        raise EnvironmentFault(f"{path.name} holds no key: it is damaged") from cause
    return key


def new_key() -> StationKey:
    """A key that is kept nowhere."""
    return _key(Ed25519PrivateKey.generate())


def public_beside(path: Path) -> str:
    """The public key of the data folder that a database, or a backup in its own folder below, lies in; "" = none."""
    for folder in (path.absolute().parent, path.absolute().parent.parent):
        with suppress(OSError, UnicodeDecodeError):
            text = _text(folder / PUBLIC_FILE)
            if _is_key(text):
                return text
    return ""


def fingerprint(public: str) -> str:
    """What people compare: `1A2B 3C4D ...`, eight groups of the key's SHA-256."""
    digits = sha256_hex(bytes.fromhex(public))[:32].upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def trusted_key(said: str) -> str:
    """A key or fingerprint that somebody typed, without spaces and in lower case. Raises CommandRefused."""
    digits = "".join(said.split()).lower()
    if len(digits) not in {32, _HEX} or set(digits) - set("0123456789abcdef"):
        raise CommandRefused("A key has 64 hex digits, its fingerprint eight groups of four")
    return digits


def is_that_key(public: str, said: str) -> bool:
    """Whether a public key is the one that `trusted_key` read."""
    return said in {public, fingerprint(public).replace(" ", "").lower()} if _is_key(public) else False


def fits(public: str, signature: str, data: bytes) -> bool:
    """Whether this key signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), data)
    except (ValueError, InvalidSignature):
        return False
    return True


def head_statement(row: Mapping[str, Any]) -> bytes:
    """What a signature in the journal is over: its own place, and the ends of both chains right before it."""
    return canonical_json({"what": HEAD, **{name: row[name] for name in _HEAD_COLUMNS}})


def _key(private: Ed25519PrivateKey) -> StationKey:
    return StationKey(private.public_key().public_bytes_raw().hex(), private)


def _is_key(text: str) -> bool:
    return len(text) == _HEX and not set(text) - set("0123456789abcdef")


def _make(path: Path) -> None:
    """Whole or not at all, and never in the place of another that was quicker."""
    private = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _write(fresh, private)
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _publish(folder: Path, public: str) -> None:
    path = folder / PUBLIC_FILE
    with suppress(OSError, UnicodeDecodeError):
        if _text(path) == public:
            return
    fresh = folder / f".{PUBLIC_FILE}.{secrets.token_hex(4)}"
    _write(fresh, public)
    fresh.replace(path)


def _text(path: Path) -> str:
    """What a key's file says. Raises OSError, UnicodeDecodeError."""
    return read_bounded(path, _MOST_BYTES).decode("ascii").strip()


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
