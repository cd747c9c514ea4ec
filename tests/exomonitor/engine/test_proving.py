"""Proofs: who has the PIN, who holds back after wrong ones, and how long a signature waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.proving import NOT_RECOGNISED, PROOF_S, Authenticator, ProofBook, proofs_of
from exomonitor.errors import CommandRefused
from exomonitor.pins import badge_digest, cheap_hasher
from exomonitor.registry.users import User
from exomonitor.session.commands import OpenSession
from exomonitor.session.parts.handover import SignIn

HASHER = cheap_hasher()
BADGE = badge_digest("a database", "BADGE-7")
ADA = User("u-ada", "Ada Testnurse", ("nurse",), HASHER.hash("1234"), BADGE)
GONE = User("u-gone", "Gone Testnurse", ("nurse",), HASHER.hash("1234"), retired=True)
NEW = User("u-new", "New Testnurse", ("verifier",))


@pytest.fixture
def book() -> ProofBook:
    return ProofBook()


@pytest.fixture
def desk(book: ProofBook) -> Authenticator:
    users = {one.id: one for one in (ADA, GONE, NEW)}
    return Authenticator(HASHER, "a database", lambda: users, book)


@pytest.fixture
def now(clock: ManualClock) -> Instant:
    return clock.now()


def refused(desk: Authenticator, login: str, pin: str, now: Instant) -> str:
    with pytest.raises(CommandRefused) as told:
        desk.prove(login, pin, now)
    return str(told.value)


@pytest.mark.parametrize(("login", "method"), [("u-ada", "pin"), ("ada testnurse ", "pin"), ("BADGE-7", "badge")])
def test_id_name_or_badge_with_the_pin_is_a_proof(desk: Authenticator, now: Instant, login: str, method: str):
    proof = desk.prove(login, "1234", now)
    assert (proof.user, proof.roles, proof.method) == ("u-ada", frozenset({"nurse"}), method)


@pytest.mark.parametrize(
    ("login", "pin"),
    [
        ("u-ada", "4321"),
        ("u-ada", ""),
        ("BADGE-7", ""),
        ("nobody", "1234"),
        ("", "1234"),
        ("u-gone", "1234"),
        ("u-new", ""),
    ],
)
def test_every_wrong_pair_is_refused_in_the_same_words(desk: Authenticator, now: Instant, login: str, pin: str):
    assert refused(desk, login, pin, now) == NOT_RECOGNISED


def test_every_proof_has_a_token_of_its_own(desk: Authenticator, now: Instant):
    assert desk.prove("u-ada", "1234", now).token != desk.prove("u-ada", "1234", now).token


def test_after_five_wrong_pins_one_has_to_wait_longer_each_time(desk: Authenticator, now: Instant):
    for _ in range(5):
        assert refused(desk, "u-ada", "0000", now) == NOT_RECOGNISED
    assert refused(desk, "u-ada", "1234", now) == "Too many wrong PINs: wait 2 s"
    waits = []
    at = now
    for _ in range(4):
        at = at.plus(31)
        assert refused(desk, "Ada Testnurse", "0000", at) == NOT_RECOGNISED
        waits.append(int(refused(desk, "u-ada", "1234", at).split()[-2]))
    assert waits == [3, 5, 9, 17]
    assert desk.prove("u-ada", "1234", at.plus(31)).user == "u-ada"
    assert refused(desk, "u-ada", "0000", at.plus(32)) == NOT_RECOGNISED, "a right PIN forgives the wrong ones"
    assert desk.prove("u-ada", "1234", at.plus(32)).user == "u-ada"


def test_after_ten_wrong_pins_nothing_is_looked_at_for_a_quarter_of_an_hour(desk: Authenticator, now: Instant):
    at = now
    for _ in range(10):
        at = at.plus(31)
        assert refused(desk, "u-ada", "0000", at) == NOT_RECOGNISED
    locked = "Locked after 10 wrong PINs: in 15 min, or with a new PIN. F8 needs none"
    assert refused(desk, "u-ada", "1234", at.plus(1)) == locked
    assert refused(desk, "u-ada", "0000", at.plus(901)) == NOT_RECOGNISED
    assert refused(desk, "u-ada", "1234", at.plus(1000)).startswith("Locked")
    assert desk.prove("u-ada", "1234", at.plus(1802)).user == "u-ada"


def test_a_restart_forgets_no_wrong_pin_and_a_new_pin_begins_anew(book: ProofBook, now: Instant):
    told: list[tuple[str, int]] = []
    tried = replace(ADA, failed=9, failed_at=now.plus(-40))
    users = {ADA.id: tried}
    desk = Authenticator(HASHER, "a database", lambda: users, book, failed=lambda *what: told.append(what))
    assert refused(desk, "u-ada", "0000", now) == NOT_RECOGNISED
    assert told == [("u-ada", 10)]
    assert refused(desk, "u-ada", "1234", now).startswith("Locked after 10")
    users[ADA.id] = replace(ADA, pin_hash=HASHER.hash("8642"))
    assert desk.prove("u-ada", "8642", now).user == "u-ada"


def test_a_wrong_pin_for_nobody_is_told_without_what_was_typed(book: ProofBook, now: Instant):
    told: list[tuple[str, int]] = []
    desk = Authenticator(HASHER, "a database", dict, book, failed=lambda *what: told.append(what))
    refused(desk, "Jane DEMO-TYPED", "1234", now)
    assert told == [("", 1)]


def test_one_persons_wrong_pins_hold_nobody_else_back(desk: Authenticator, now: Instant):
    for _ in range(6):
        refused(desk, "somebody else", "0000", now)
    assert desk.prove("u-ada", "1234", now).user == "u-ada"


def test_guessing_at_many_names_does_not_fill_the_memory(desk: Authenticator, now: Instant):
    for n in range(300):
        refused(desk, f"name {n}", "0000", now)
    assert len(desk._tries) <= 200


def test_a_proof_holds_two_minutes(desk: Authenticator, book: ProofBook, now: Instant):
    token = desk.prove("u-ada", "1234", now).token
    users = {ADA.id: ADA}
    assert token in book.valid(now.plus(PROOF_S), users)
    assert token not in book.valid(now.plus(PROOF_S + 0.1), users)
    assert token not in book.valid(now, users), "what has lapsed does not come back"


def test_a_proof_is_spent_by_the_command_that_carries_it(desk: Authenticator, book: ProofBook, now: Instant):
    token = desk.prove("u-ada", "1234", now).token
    book.use(OpenSession("4", "u-ada"))
    assert token in book.valid(now, {ADA.id: ADA})
    book.use(SignIn("4", "", token))
    assert book.valid(now, {ADA.id: ADA}) == {}


def test_a_proof_of_somebody_who_is_retired_meanwhile_is_none(desk: Authenticator, book: ProofBook, now: Instant):
    desk.prove("u-ada", "1234", now)
    assert book.valid(now, {}) == {}


def test_the_tokens_of_a_command_are_its_fields_called_proof():
    assert proofs_of(SignIn("4", "", "t-1")) == ("t-1",)
    assert proofs_of(SignIn("4", "", "")) == ()
    assert proofs_of(OpenSession("4", "")) == ()


def test_a_new_pin_is_sealed_and_a_wrong_one_refused(desk: Authenticator):
    assert HASHER.matches(desk.seal_pin("9876"), "9876")
    with pytest.raises(CommandRefused):
        desk.seal_pin("12")
