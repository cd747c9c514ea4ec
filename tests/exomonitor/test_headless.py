"""The scripted nurse: rows are read strictly, and what she does not see she does not write."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.engine.live import SourceInfo
from exomonitor.errors import CommandRefused
from exomonitor.headless import ScriptRow, read_script, seconds
from exomonitor.rehearsal import begin_again, nurse_of, rows_to_do
from exomonitor.session.state import SessionState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign, VitalReading
from exomonitor.station import Station
from tests.exomonitor.station_bench import CHAIR, run, sign_in, station_on


def row(do: str, **values: object) -> ScriptRow:
    return ScriptRow(0.0, do, values)


def state_of(station: Station) -> SessionState:
    state = station.latest().session
    assert state is not None
    return state


@pytest.mark.parametrize(("text", "value"), [("0:00", 0), ("10:05", 605), ("1:00:30", 3630), ("0:01.25", 1.25)])
def test_times_of_a_script(text: str, value: float):
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[nurse]]\nat = 'soon'\ndo = 'open_session'", "'soon' is not a time"),
        ("[[nurse]]\ndo = 'open_session'", "is not a time"),
        ("[[nurse]]\nat = '0:01'\ndo = 'dance'", "The nurse cannot do 'dance'"),
        ("[[nurse", "not valid TOML"),
    ],
)
def test_a_row_that_nobody_could_do_is_refused_when_it_is_read(text: str, sentence: str):
    with pytest.raises(CommandRefused) as told:
        read_script(text)
    assert sentence in str(told.value)


def test_rows_come_in_order_of_their_time():
    rows = read_script("[[nurse]]\nat='0:09'\ndo='sign_off'\n[[nurse]]\nat='0:01'\ndo='open_session'")
    assert [one.do for one in rows] == ["open_session", "sign_off"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (row("enter_product", colour="red"), "has no field 'colour'"),
        (row("record_flush", text="x"), "lacks done"),
        (row("enter_product", source_cell="moon", lot="L", expiry="2029-01-01"), "cannot be done as it is written"),
        (row("enter_order", dose_billion="five", volume_ml=100, minutes=45), "cannot be done as it is written"),
        (row("pin_device"), "cannot be done as it is written"),
        (row("detail_reaction", text="x"), "There is no reaction"),
    ],
)
def test_a_row_with_impossible_fields_is_refused_in_a_sentence(
    tmp_path: Path, clock: ManualClock, wrong: ScriptRow, sentence: str
):
    with station_on(tmp_path, clock) as station:
        nurse = nurse_of(station)
        sign_in(station)
        nurse.perform(row("open_session"))
        with pytest.raises(CommandRefused) as told:
            nurse.perform(wrong)
        assert sentence in str(told.value)


def test_a_set_takes_what_is_shown_and_leaves_out_what_is_stale(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        nurse = nurse_of(station)
        sign_in(station)
        station.attach(CHAIR, SourceInfo("monitor", "monitor", "ge-dri", "a monitor"))
        nurse.perform(row("open_session"))

        def say(sign: Sign, value: float, old_s: float = 0.0) -> None:
            at = clock.now()
            measured = at.plus(-old_s) if old_s else None
            station.hear(CHAIR, VitalReading("monitor", sign, value, Validity.VALID, at, measured))

        say(Sign.RR, 14)
        run(station, clock, 11)
        say(Sign.HR, 71.6)
        say(Sign.TEMP, 36.64)
        say(Sign.NIBP_SYS, 120, old_s=200)
        run(station, clock, 0.5)
        nurse.perform(row("observe", slot="baseline", typed={"nibp_dia": 76}, consciousness="alert"))
        values = state_of(station).observations["baseline"].event.values
        assert {name: (str(v.value), v.source) for name, v in values.items()} == {
            "hr": ("72", "monitor"),
            "temp": ("36.6", "monitor"),
            "nibp_dia": ("76", "typed"),
        }


def test_without_a_device_the_role_is_pinned_as_typed(tmp_path: Path, clock: ManualClock):
    with station_on(tmp_path, clock) as station:
        nurse = nurse_of(station)
        sign_in(station)
        nurse.perform(row("open_session"))
        nurse.perform(row("pin_device", role="pump"))
        assert state_of(station).devices["pump"].key == ""


def test_after_a_cut_the_rows_that_the_journal_holds_are_not_done_again(tmp_path: Path, clock: ManualClock):
    rows = tuple(
        ScriptRow(at, do, values)
        for at, do, values in [
            (1.0, "open_session", {}),
            (2.0, "add_note", {"text": "one"}),
            (3.0, "acknowledge", {}),
            (4.0, "add_note", {"text": "two"}),
        ]
    )
    with station_on(tmp_path, clock) as station:
        nurse = nurse_of(station)
        sign_in(station)
        for one in rows[:2]:
            clock.advance(1)
            nurse.perform(one)
        entries = station.archive.entries(station.archive.resolve("last"))
        assert [one.values.get("text", one.do) for one in rows_to_do(rows, entries, 2.0)] == ["acknowledge", "two"]
        begin = begin_again(station.archive, rows)
        assert begin.resumed == state_of(station).id
        assert begin.second == pytest.approx(7.0)
        assert begin.clock.now().utc == entries[-1].at.plus(5).utc
        assert not begin.finished


def test_a_dose_in_a_script_is_a_decimal_number():
    (only,) = read_script("[[nurse]]\nat='0:01'\ndo='enter_order'\ndose_billion=5.1")
    assert only.values["dose_billion"] == Decimal("5.1")
