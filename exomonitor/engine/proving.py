"""Second and first signatures: who proves to be who, by PIN or by badge and PIN, and for how long that holds."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from exomonitor.clock import Instant
from exomonitor.engine.situation import Proof
from exomonitor.errors import CommandRefused
from exomonitor.pins import IN_LOGIN, Hasher, PinPolicy, badge_digest, checked_pin, stands_in
from exomonitor.registry.users import User, find
from exomonitor.session.commands import Command

PROOF_S = 120.0
"""How long a signature waits to be used."""
NOT_RECOGNISED = "PIN or badge not recognised"
FREE_TRIES = 5
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 30.0
_LOGINS_KEPT = 200
LOCKED_AFTER, LOCKED_S = 10, 900.0
"""So many wrong ones in a row, and nothing is looked at for so long: after a restart too, for it is in the record."""


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
    pin_hash: str = ""
    """The PIN that was tried at: another one begins anew."""


class Authenticator:
    """Checks PINs and badges. Its calls are slow by design (argon2): a worker thread's work, never the engine's."""

    def __init__(
        self,
        hasher: Hasher,
        database_id: str,
        users: Callable[[], Mapping[str, User]],
        book: ProofBook,
        *,
        strict: bool = False,
        policy: PinPolicy | None = None,
        failed: Callable[[str, int], None] = lambda user, in_a_row: None,
        doubt: Callable[[User], str] = lambda user: "",
    ) -> None:
        """strict: refuse new PINs that are guessed easily or break the policy.
        failed(user id or "", how many in a row): a wrong PIN. doubt(a person who has just proved who they are):
        what they are told where a change of theirs may be lost; that keeps nobody from a patient."""
        self._strict = strict
        self.policy = policy or PinPolicy()
        """What is asked of PINs."""
        self._tell_failed = failed
        self._doubt = doubt
        self._hasher = hasher
        self._database_id = database_id
        self._users = users
        self._book = book
        self._lock = threading.Lock()
        self._tries: dict[str, _Tries] = {}
        self._nobody = ""

    def seal_pin(self, pin: str) -> str:
        """The hash of a new PIN. Raises CommandRefused where it is none."""
        checked = checked_pin(pin, strict=self._strict, least=self.policy.least)
        users, digest = self._users().values(), self.badge_digest(pin)
        known = (text for user in users for text in (user.name, user.phone))
        if self._strict and (stands_in(pin, known) or any(user.badge_digest == digest for user in users)):
            raise CommandRefused(IN_LOGIN)
        return self._hasher.hash(checked)

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
            tries = self._tries_of(key, user)
            _held_back(tries, now)
            if not self._matches(user, pin) or user is None:
                _failed(tries, now)
                self._tell_failed(user.id if user is not None else "", tries.failed)
                raise CommandRefused(NOT_RECOGNISED)
            tries.failed, tries.until = 0, None
        by_badge = bool(user.badge_digest) and digest == user.badge_digest
        method, note = "badge" if by_badge else "pin", self._doubt(user) or self._told_of(user, now)
        proof = Proof(secrets.token_urlsafe(16), user.id, frozenset(user.roles), method, note)
        self._book.add(proof, now)
        return proof

    def _told_of(self, user: User, now: Instant) -> str:
        """That the PIN has its age; nobody is kept from a patient by that."""
        if not self.policy.days or user.pin_since is None:
            return ""
        days = (now.utc - user.pin_since.utc).days
        return f"Your PIN is {days} days old: change it (Change a PIN)" if days >= self.policy.days else ""

    def _matches(self, user: User | None, pin: str) -> bool:
        """An unknown person takes as long as a wrong PIN."""
        if user is None or not user.pin_hash:
            self._nobody = self._nobody or self._hasher.hash("00000000")
            self._hasher.matches(self._nobody, pin)
            return False
        return self._hasher.matches(user.pin_hash, pin)

    def _tries_of(self, key: str, user: User | None) -> _Tries:
        """What was tried at this name so far; before this start, what the record tells."""
        pin_hash = user.pin_hash if user is not None else ""
        known = self._tries.get(key)
        if known is not None and known.pin_hash == pin_hash:
            return known
        if len(self._tries) >= _LOGINS_KEPT:
            self._tries.pop(next(iter(self._tries)))
        fresh = self._tries[key] = _Tries(pin_hash=pin_hash)
        if user is not None and user.failed_at is not None:
            fresh.failed = user.failed
            fresh.until = _next_try(fresh.failed, user.failed_at)
        return fresh


def _held_back(tries: _Tries, now: Instant) -> None:
    left = tries.until.since(now) if tries.until is not None else 0.0
    if left <= 0:
        return
    if tries.failed >= LOCKED_AFTER:
        minutes = int(left / 60) + 1
        raise CommandRefused(
            f"Locked after {LOCKED_AFTER} wrong PINs: in {minutes} min, or with a new PIN. F8 needs none"
        )
    raise CommandRefused(f"Too many wrong PINs: wait {int(left) + 1} s")


def _failed(tries: _Tries, now: Instant) -> None:
    tries.failed += 1
    tries.until = _next_try(tries.failed, now)


def _next_try(failed: int, when: Instant) -> Instant | None:
    """When the next one is looked at."""
    over = failed - FREE_TRIES
    if over < 0:
        return None
    wait_s = LOCKED_S if failed >= LOCKED_AFTER else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(over, 10))
    return when.plus(wait_s)
