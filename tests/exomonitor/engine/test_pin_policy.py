"""PINs of a real station: how long, not from the login, how old; ended accounts; nothing opens it by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.proving import Authenticator, ProofBook
from exomonitor.errors import CommandRefused
from exomonitor.pins import IN_LOGIN, PinPolicy, cheap_hasher
from exomonitor.registry.demo_people import DEMO_PEOPLE
from exomonitor.registry.users import ADMINISTRATOR, NURSE, User
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser, ChangeUser
from tests.exomonitor.station_bench import do

PIN = "719350"


def checking(users: dict[str, User], **policy: int) -> Authenticator:
    """Who may prove, as a real station asks for it."""
    return Authenticator(cheap_hasher(), "db", lambda: users, ProofBook(), strict=True, policy=PinPolicy(**policy))


def person(since: Instant | None = None, phone: str = "") -> dict[str, User]:
    return {"u1": User("u1", "N. DEMO-4711", (NURSE,), cheap_hasher().hash(PIN), pin_since=since, phone=phone)}


def test_a_new_pin_is_as_long_as_the_clinic_wants_and_not_from_any_login():
    at = checking(person(phone="+43 5831 77"), least=6)
    assert at.seal_pin(PIN)
    with pytest.raises(CommandRefused, match="6 to 8 digits"):
        at.seal_pin("5930")
    badge = checking({"u1": User("u1", "B", (NURSE,), "", at.badge_digest("902174"))})
    for checker, pin in (
        (checking(person()), "4711"),
        (checking(person(phone="+43 5831 77")), "5831"),
        (badge, "902174"),
    ):
        with pytest.raises(CommandRefused, match=IN_LOGIN):
            checker.seal_pin(pin)


@pytest.mark.parametrize(("days", "note"), [(0, ""), (91, ""), (90, "90 days old"), (30, "90 days old")])
def test_an_old_pin_still_signs_in_and_is_told(clock: ManualClock, days: int, note: str):
    users = person(clock.now())
    proof = checking(users, days=days).prove("u1", PIN, clock.advance(90 * 86400 + 5))
    assert (note in proof.note) if note else proof.note == ""


def test_a_real_station_begins_without_anybody_and_no_made_up_person_gets_in(tmp_path: Path, clock: ManualClock):
    station = assemble(clock, tmp_path / "clinic.sqlite3", "test", simulated=False, chair="4", watched=False)
    try:
        assert station.latest().registry.users == {}
        for one in DEMO_PEOPLE:
            with pytest.raises(CommandRefused, match="not recognised"):
                station.prove(one.name, one.pin).result(5)
            with pytest.raises(CommandRefused, match="guessed too easily"):
                station.seal_pin(one.pin).result(5)
    finally:
        station.close()


def test_an_ended_account_cannot_sign_in_and_stays_in_the_record_by_name(tmp_path: Path, clock: ManualClock):
    station = assemble(clock, tmp_path / "demo.sqlite3", "test", simulated=True, chair="4", watched=False)
    try:
        admin = do(
            station, AddUser("4", "", "A. DEMO-FIRST", (ADMINISTRATOR,), station.seal_pin("5930").result(5))
        ).answer
        nurse = do(
            station,
            AddUser("4", "", "N. DEMO-LEAVING", (NURSE,), station.seal_pin("8426").result(5),
                    proof=station.prove("A. DEMO-FIRST", "5930").result(5).token),
        ).answer  # fmt: skip
        unused = station.prove("N. DEMO-LEAVING", "8426").result(5).token
        do(station, ChangeUser("4", "", nurse, retired=True, proof=station.prove(admin, "5930").result(5).token))
        with pytest.raises(CommandRefused, match="not recognised"):
            station.prove("N. DEMO-LEAVING", "8426").result(5)
        with pytest.raises(CommandRefused):
            do(station, SignIn("4", "", unused))
        assert station.archive.staff()[nurse][0] == "N. DEMO-LEAVING"
    finally:
        station.close()
