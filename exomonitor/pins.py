"""PINs and badges as they are kept: an argon2id hash of the one, a keyed digest of the other."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from exomonitor.errors import CommandRefused

_PIN = re.compile(r"[0-9]{4,8}")
PIN_RULE = "A PIN has 4 to 8 digits"
IN_LOGIN = "That PIN stands in a name, a phone number or on a badge: choose another one"
EASY_PIN = "That PIN is guessed too easily: no 1111, no 1212, no 1234, no 4321"


@dataclass(frozen=True, slots=True)
class PinPolicy:
    """What this clinic asks of PINs: at least so many digits, another one after so many days (0 = never)."""

    least: int = 4
    days: int = 0


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


def checked_pin(pin: str, *, strict: bool = False, least: int = 4) -> str:
    """The PIN, or CommandRefused where it is none; strict: one that is too short or guessed first is none either."""
    if _PIN.fullmatch(pin) is None:
        raise CommandRefused(PIN_RULE)
    if strict and len(pin) < least:
        raise CommandRefused(f"A PIN here has {least} to 8 digits" if least < 8 else "A PIN here has 8 digits")
    if strict and _is_easy(pin):
        raise CommandRefused(EASY_PIN)
    return pin


def _is_easy(pin: str) -> bool:
    """One digit or one pair over and over, or a row up or down: what people try first."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return (len(steps) == 1 and steps <= {0, 1, 9}) or len(set(zip(pin[::2], pin[1::2], strict=False))) == 1


def stands_in(pin: str, texts: Iterable[str]) -> bool:
    """Whether the digits of one of these (name, phone, badge) hold the PIN: who knows the login knows it then."""
    return any(pin in "".join(filter(str.isdigit, text)) for text in texts)


def badge_digest(database_id: str, scanned: str) -> str:
    """What is kept of a badge: HMAC-SHA256 of the scanned text, keyed by this database; "" for an empty scan."""
    text = scanned.strip()
    return hmac.new(database_id.encode(), text.encode(), hashlib.sha256).hexdigest() if text else ""
