"""A scenario that says what must be: rows that must be refused, and what must stand on the screen."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.headless import ScriptedNurse, ScriptRow, read_script
from exomonitor.rehearsal import nurse_of, rows_to_do
from tests.exomonitor.station_bench import sign_in, station_on


@pytest.fixture
def nurse(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        sign_in(station)
        yield nurse_of(station)


def expect(nurse: ScriptedNurse, **values: object) -> None:
    nurse.perform(ScriptRow(0.0, "expect", values))


def test_a_refusal_that_is_expected_is_no_fault(nurse: ScriptedNurse):
    nurse.perform(ScriptRow(0.0, "start_session", {}, "No session"))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (ScriptRow(0.0, "start_session", {}, "the moon"), "refused with 'the moon': No session"),
        (ScriptRow(0.0, "open_session", {}, "No session"), "'open_session' refused with 'No session', but it was done"),
    ],
)
def test_another_refusal_or_none_fails_the_run(nurse: ScriptedNurse, row: ScriptRow, sentence: str):
    with pytest.raises(CommandRefused) as told:
        nurse.perform(row)
    assert sentence in str(told.value)


def test_what_stands_on_the_screen_is_compared(nurse: ScriptedNurse):
    nurse.perform(ScriptRow(0.0, "open_session", {}))
    expect(nurse, phase="prepare", gate_open="double_check", reactions=0, away=False, left="", overrides=[])
    expect(nurse, discarded_ml=Decimal("0.2"), no_alarm="PATIENT AWAY", at_work="DEMO")


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        ({"phase": "signed"}, "expects phase 'signed', but it is 'prepare'"),
        ({"reactions": 1}, "expects reactions 1, but it is 0"),
        ({"away": True}, "expects away True, but it is False"),
        ({"gate_open": "moon"}, "expects gate open 'moon', but it is ('patient'"),
        ({"gate_open": ["patient"]}, "expects gate open ['patient'], but it is"),
        ({"no_gate_open": "patient"}, "expects no gate open 'patient', but there is"),
        ({"left": "discharged"}, "expects left 'discharged', but it is ''"),
        ({"discarded_ml": 1}, "expects discarded ml 1, but it is 0.0"),
        ({"delivered_ml": 20}, "expects delivered ml 20, but it is None"),
    ],
)
def test_what_differs_is_named(nurse: ScriptedNurse, expected: dict[str, object], sentence: str):
    nurse.perform(ScriptRow(0.0, "open_session", {}))
    with pytest.raises(CommandRefused) as told:
        expect(nurse, **expected)
    assert sentence in str(told.value)


def test_without_a_session_nothing_of_it_is_as_expected(nurse: ScriptedNurse):
    with pytest.raises(CommandRefused) as told:
        expect(nurse, phase="signed")
    assert "there is no session" in str(told.value)


def test_what_nobody_can_expect_is_refused_when_the_script_is_read():
    with pytest.raises(CommandRefused) as told:
        read_script("[[nurse]]\nat = '0:01'\ndo = 'expect'\nmoon = 'full'")
    assert str(told.value) == "Nobody can expect 'moon'"


def test_after_a_cut_what_leaves_no_trace_is_not_counted_as_done():
    rows = (
        ScriptRow(1.0, "add_note", {"text": "one"}, "No session"),
        ScriptRow(2.0, "expect", {"phase": "prepare"}),
        ScriptRow(3.0, "add_note", {"text": "two"}),
        ScriptRow(4.0, "expect", {"phase": "signed"}),
    )
    assert [row.at_s for row in rows_to_do(rows, (), 2.5)] == [3.0, 4.0]
