"""Second and first signatures: who proves to be who, by PIN or by badge and PIN, and for how long that holds."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from exomonitor.clock import Instant
from exomonitor.engine.situation import Proof
from exomonitor.errors import CommandRefused
from exomonitor.pins import Hasher, badge_digest, checked_pin
from exomonitor.registry.users import User, find
from exomonitor.session.commands import Command

PROOF_S = 120.0
"""How long a signature waits to be used."""
NOT_RECOGNISED = "PIN or badge not recognised"
FREE_TRIES = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
_LOGINS_KEPT = 200


class ProofBook:
    """Signatures that wait to be used, each once. Any thread may add; the engine reads and takes them out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._proofs: dict[str, tuple[Proof, Instant]] = {}

    def add(self, proof: Proof, now: Instant) -> None:
        """This person has just shown who they are."""
        with self._lock:
            self._proofs[proof.token] = (proof, now)

    def valid(self, now: Instant, users: Mapping[str, User]) -> dict[str, Proof]:
        """By token, what is not too old and whose person may still sign in."""
        with self._lock:
            self._proofs = {
                token: (proof, made) for token, (proof, made) in self._proofs.items() if now.since(made) <= PROOF_S
            }
            return {
                token: proof
                for token, (proof, _) in self._proofs.items()
                if proof.user in users and not users[proof.user].retired
            }

    def use(self, command: Command) -> None:
        """The command was carried out: its signatures are spent."""
        with self._lock:
            for token in proofs_of(command):
                self._proofs.pop(token, None)


def proofs_of(command: Command) -> tuple[str, ...]:
    """The tokens that a command carries: its fields called `proof` or `..._proof`."""
    named = (getattr(command, f.name) for f in fields(command) if f.name == "proof" or f.name.endswith("_proof"))
    return tuple(token for token in named if isinstance(token, str) and token)


@dataclass(slots=True)
class _Tries:
    """Wrong PINs in a row, and until when no other is looked at."""

    failed: int = 0
    until: Instant | None = None


class Authenticator:
    """Checks PINs and badges. Its calls are slow by design (argon2): a worker thread's work, never the engine's."""

    def __init__(
        self, hasher: Hasher, database_id: str, users: Callable[[], Mapping[str, User]], book: ProofBook
    ) -> None:
        self._hasher = hasher
        self._database_id = database_id
        self._users = users
        self._book = book
        self._lock = threading.Lock()
        self._tries: dict[str, _Tries] = {}
        self._nobody = ""

    def seal_pin(self, pin: str) -> str:
        """The hash of a new PIN. Raises CommandRefused where it is none."""
        return self._hasher.hash(checked_pin(pin))

    def badge_digest(self, scanned: str) -> str:
        """What is kept of a badge."""
        return badge_digest(self._database_id, scanned)

    def prove(self, login: str, pin: str, now: Instant) -> Proof:
        """A one-time proof for whoever answers to `login` (user id, name or scanned badge) and has this PIN.

        Raises CommandRefused: one sentence for every wrong pair, and a wait after five in a row.
        """
        digest = self.badge_digest(login)
        user = find((one for one in self._users().values() if not one.retired), login, digest)
        key = user.id if user is not None else login.strip().casefold()
        with self._lock:  # one at a time: guesses cannot be made side by side
            self._held_back(key, now)
            if not self._matches(user, pin) or user is None:
                self._failed(key, now)
                raise CommandRefused(NOT_RECOGNISED)
            self._tries.pop(key, None)
        by_badge = bool(user.badge_digest) and digest == user.badge_digest
        proof = Proof(secrets.token_urlsafe(16), user.id, frozenset(user.roles), "badge" if by_badge else "pin")
        self._book.add(proof, now)
        return proof

    def _matches(self, user: User | None, pin: str) -> bool:
        """An unknown person takes as long as a wrong PIN."""
        if user is None or not user.pin_hash:
            self._nobody = self._nobody or self._hasher.hash("00000000")
            self._hasher.matches(self._nobody, pin)
            return False
        return self._hasher.matches(user.pin_hash, pin)

    def _held_back(self, key: str, now: Instant) -> None:
        tries = self._tries.get(key)
        if tries is None or tries.until is None:
            return
        left = tries.until.since(now)
        if left > 0:
            raise CommandRefused(f"Too many wrong PINs: wait {int(left) + 1} s")

    def _failed(self, key: str, now: Instant) -> None:
        if key not in self._tries and len(self._tries) >= _LOGINS_KEPT:
            self._tries.pop(next(iter(self._tries)))
        tries = self._tries.setdefault(key, _Tries())
        tries.failed += 1
        over = tries.failed - FREE_TRIES
        if over >= 0:
            tries.until = now.plus(min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(over, 10)))
