"""A break is covered and the next shift takes over in mid-infusion: who had the patient when stands in the record."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def shift(played):
    return played("handover")


def test_the_session_goes_on_and_is_signed(shift):
    assert (shift.line["phase"], shift.line["delivered_ml"], shift.line["paused_min"]) == ("signed", 100.0, 0.0)


def test_each_take_over_says_from_whom_to_whom_and_how(shift):
    taken = shift.bodies("TakenOver")
    assert [one["kind"] for one in taken] == ["break_cover", "return", "handover"]
    nurse, colleague = taken[0]["from_user"], taken[0]["user"]
    assert nurse != colleague
    assert [(one["from_user"], one["user"]) for one in taken] == [
        (nurse, colleague),
        (colleague, nurse),
        (nurse, colleague),
    ]
    assert taken[0]["until"] is not None
    assert taken[1]["until"] is taken[2]["until"] is None


def test_who_did_what_follows_the_take_overs(shift):
    taken = shift.bodies("TakenOver")
    nurse, colleague = taken[0]["from_user"], taken[0]["user"]
    sets = [(float(row["minute"]), row["actor"]) for row in shift.events if row["type"] == "ObservationRecorded"]
    turns = [float(row["minute"]) for row in shift.events if row["type"] == "TakenOver"]
    cover, back, over = turns
    for minute, actor in sets:
        covered = cover < minute < back or minute > over
        assert actor == (colleague if covered else nurse), minute
    assert {actor for _, actor in sets} == {nurse, colleague}


def test_the_next_shift_signs_with_its_own_name_and_role(shift):
    (signed,) = shift.bodies("SessionSigned")
    assert signed["user"] == shift.bodies("TakenOver")[-1]["user"]
    assert signed["role"] == "nurse, verifier"


def test_no_name_and_no_pin_is_in_the_de_identified_export(shift):
    for path in shift.export.iterdir():
        content = path.read_bytes()
        for secret in (b"OKAFOR", b"SANTOS", b"argon2"):
            assert secret not in content, path.name
