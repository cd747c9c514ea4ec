"""PINs and badges as they are kept: an argon2id hash of the one, a keyed digest of the other."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exomonitor.errors import CommandRefused

_PIN = re.compile(r"[0-9]{4,8}")
PIN_RULE = "A PIN has 4 to 8 digits"


class Hasher(Protocol):
    """How PINs are hashed. Both calls are slow by design: never on the engine's or the screen's thread."""

    def hash(self, pin: str) -> str:
        """The hash to keep, with its salt and parameters."""
        ...

    def matches(self, kept: str, pin: str) -> bool:
        """Whether this PIN made that hash."""
        ...


class Argon2Hasher:
    """argon2id with the library's default profile (the low-memory one of RFC 9106)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, pin: str) -> str:
        """The hash to keep."""
        return self._hasher.hash(pin)

    def matches(self, kept: str, pin: str) -> bool:
        """Whether this PIN made that hash; a damaged hash matches none."""
        try:
            return self._hasher.verify(kept, pin)
        except (VerificationError, InvalidHashError):
            return False


def cheap_hasher() -> Argon2Hasher:
    """The same with the least work: for simulated runs and tests, whose PINs are no secret."""
    return Argon2Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def checked_pin(pin: str) -> str:
    """The PIN, or CommandRefused where it is none."""
    if _PIN.fullmatch(pin) is None:
        raise CommandRefused(PIN_RULE)
    return pin


def badge_digest(database_id: str, scanned: str) -> str:
    """What is kept of a badge: HMAC-SHA256 of the scanned text, keyed by this database; "" for an empty scan."""
    text = scanned.strip()
    return hmac.new(database_id.encode(), text.encode(), hashlib.sha256).hexdigest() if text else ""
