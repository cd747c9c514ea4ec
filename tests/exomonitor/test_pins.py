"""PINs and badges are kept as hashes that tell nothing."""

from __future__ import annotations

import pytest

from exomonitor.errors import CommandRefused
from exomonitor.pins import Argon2Hasher, badge_digest, cheap_hasher, checked_pin, stands_in


def test_a_pin_matches_its_hash_and_no_other():
    hasher = cheap_hasher()
    kept = hasher.hash("1234")
    assert kept.startswith("$argon2id$")
    assert "1234" not in kept
    assert hasher.matches(kept, "1234")
    assert not hasher.matches(kept, "1235")


def test_the_same_pin_has_another_hash_each_time():
    hasher = cheap_hasher()
    assert hasher.hash("1234") != hasher.hash("1234")


def test_a_damaged_hash_matches_nothing():
    assert not cheap_hasher().matches("", "1234")
    assert not cheap_hasher().matches("$argon2id$nonsense", "1234")


def test_the_usual_work_is_the_profile_of_rfc_9106_for_little_memory():
    kept = Argon2Hasher().hash("2468")
    assert "m=65536,t=3,p=4" in kept
    assert cheap_hasher().matches(kept, "2468"), "the parameters stand in the hash, whoever checks it"


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", " 1234", "१२३४", "1234\n"])
def test_what_is_no_pin_is_refused(pin: str):
    with pytest.raises(CommandRefused, match="4 to 8 digits"):
        checked_pin(pin)


@pytest.mark.parametrize("pin", ["1234", "12345678"])
def test_four_to_eight_digits_are_a_pin(pin: str):
    assert checked_pin(pin) == pin


def test_a_badge_is_kept_as_a_digest_of_this_database_alone():
    assert badge_digest("one", " B-17 ") == badge_digest("one", "B-17")
    assert badge_digest("one", "B-17") != badge_digest("two", "B-17")
    assert len(badge_digest("one", "B-17")) == 64
    assert badge_digest("one", "  ") == ""


@pytest.mark.parametrize("pin", ["1111", "00000000", "1234", "4321", "8901", "1212", "343434", "12121"])
def test_what_is_guessed_first_is_no_pin_of_a_real_station(pin: str):
    assert checked_pin(pin) == pin
    with pytest.raises(CommandRefused, match="guessed too easily"):
        checked_pin(pin, strict=True)


@pytest.mark.parametrize("pin", ["2580", "7193", "112233", "13579", "90210"])
def test_other_pins_are(pin: str):
    assert checked_pin(pin, strict=True) == pin


def test_a_clinic_may_ask_for_longer_pins():
    assert checked_pin("719350", strict=True, least=6) == "719350"
    with pytest.raises(CommandRefused, match="6 to 8 digits"):
        checked_pin("71935", strict=True, least=6)
    with pytest.raises(CommandRefused, match="has 8 digits"):
        checked_pin("7193508", strict=True, least=8)


def test_a_pin_that_stands_in_the_login_is_found_whatever_is_between_the_digits():
    assert stands_in("4711", ["Nurse 4711", ""])
    assert stands_in("1234", ["+43 1 (2)34-5"])
    assert not stands_in("4711", ["Nurse 4710", "0471 9"])
