"""A value that is not live never looks live; every tile says where its value comes from and how old it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.missing import Held, Hold
from exomonitor.alarms.policy import AlarmState
from exomonitor.alarms.why_silent import AlarmPicture
from exomonitor.session.events import ObservationRecorded, ObservedValue
from exomonitor.session.state import ObservationDone
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from tests.ui import alarm_scenes
from tests.ui.scenes import NOW, alarm, live, lost, no_data, normal, one_alarm, reading, running, three_alarms, vitals
from ui.presenters.tiles import Look, nibp_is_recent, nibp_tile, vital_tile
from ui.presenters.words import age, plain, signed


def test_a_live_value_has_limits_baseline_change_source_and_age():
    tile = vital_tile(normal(), Sign.HR)
    assert (tile.value, tile.unit, tile.high, tile.low, tile.look) == ("88", "/min", "120", "50", Look.LIVE)
    assert tile.note == "baseline 78, +10 · monitor 2 s"
    assert tile.brief == "monitor 2 s · +10"


def test_a_lost_value_is_two_dashes_and_says_when_it_was_last_seen():
    tile = vital_tile(lost(), Sign.HR)
    assert (tile.value, tile.look) == ("--", Look.LOST)
    assert tile.note.startswith("lost · last ")


def test_a_stale_value_is_shown_with_its_age_and_not_as_live():
    tile = vital_tile(lost(), Sign.RR)
    assert (tile.value, tile.look, tile.note) == ("16", Look.STALE, "OLD: 14 s")


def test_a_questionable_value_has_its_mark():
    assert vital_tile(lost(), Sign.SPO2).mark == "?"
    assert "doubtful, monitor 2 s" in vital_tile(lost(), Sign.SPO2).note


def test_a_typed_live_value_is_marked():
    typed = replace(live(Sign.TEMP, 36.7, 900), reading=replace(reading(Sign.TEMP, 36.7, 900), origin=Origin.TYPED))
    tile = vital_tile(replace(normal(), vitals={**vitals(), Sign.TEMP: typed}), Sign.TEMP)
    assert tile.mark == "typed"


@pytest.mark.parametrize("validity", [v for v in Validity if not v.carries_value])
def test_without_a_number_no_number_is_shown_whatever_the_reason(validity):
    snapshot = replace(normal(), vitals={Sign.SPO2: live(Sign.SPO2, None, 1.0, validity)})
    tile = vital_tile(snapshot, Sign.SPO2)
    assert tile.value == "--"
    assert tile.look is Look.EMPTY
    assert tile.note


@given(st.booleans(), st.booleans(), st.sampled_from([Sign.HR, Sign.SPO2, Sign.RR, Sign.TEMP]))
def test_only_what_is_neither_stale_nor_lost_looks_live(stale, gone, sign):
    snapshot = replace(normal(), vitals={sign: replace(live(sign, 36.0), stale=stale, lost=gone)})
    assert (vital_tile(snapshot, sign).look is Look.LIVE) == (not stale and not gone)


def test_without_a_monitor_the_typed_values_of_the_last_set_are_shown_as_typed():
    snapshot = _with_typed(no_data(), ago_s=180)
    tile = vital_tile(snapshot, Sign.HR)
    assert (tile.value, tile.look, tile.mark) == ("81", Look.TYPED, "typed")
    assert "3 min ago" in tile.note
    assert nibp_tile(snapshot).value == "131/82"


def test_a_typed_value_from_before_the_monitor_was_lost_does_not_come_back():
    assert vital_tile(_with_typed(lost(), ago_s=600), Sign.HR).value == "--"


def test_the_tile_is_filled_only_while_its_alarm_is_active():
    assert vital_tile(one_alarm(), Sign.SPO2).filled
    assert vital_tile(one_alarm(), Sign.SPO2).alarm is Priority.MEDIUM
    acked = nibp_tile(three_alarms())
    assert acked.alarm is Priority.MEDIUM
    assert not acked.filled


def test_an_alarm_that_is_over_fills_nothing():
    over = replace(normal(), alarms=(alarm("spo2_low", "SpO₂ low", Priority.HIGH, AlarmState.LATCHED),))
    assert vital_tile(over, Sign.SPO2).alarm is None


def test_blood_pressure_says_when_it_was_taken_and_when_the_next_is_due():
    tile = nibp_tile(normal())
    assert tile.value == "118/74"
    assert tile.note == "mean 89 · 14:19, 2 min ago · next 14:34"


def test_a_pressure_alarm_asks_for_another_measurement():
    snapshot = replace(one_alarm(), alarms=(alarm("nibp_sys_low", "SBP low", Priority.MEDIUM),))
    assert nibp_tile(snapshot).note.startswith("repeat at the monitor")


@pytest.mark.parametrize(("seconds", "counts"), [(0, True), (179, True), (180, False), (900, False)])
def test_a_cuff_reading_counts_for_three_minutes(seconds, counts):
    snapshot = replace(normal(), vitals={Sign.NIBP_SYS: live(Sign.NIBP_SYS, 120, seconds)})
    assert nibp_is_recent(snapshot) is counts


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.44, "0.4 s"), (12, "12 s"), (99.4, "99 s"), (168, "2 min"), (7500, "2 h 05 min"), (None, "--")],
)
def test_ages_are_short(seconds, words):
    assert age(seconds) == words


def test_numbers_lose_needless_zeros_and_changes_have_a_sign():
    assert [plain(v) for v in (38.0, 36.5, None)] == ["38", "36.5", "--"]
    assert [signed(v) for v in (10, -8, 0.2)] == ["+10", "−8", "±0"]


def _with_typed(snapshot, ago_s):
    at = NOW.plus(-ago_s)
    values = {
        name: ObservedValue(Decimal(number), "/min", "typed")
        for name, number in (("hr", 81), ("nibp_sys", 131), ("nibp_dia", 82))
    }
    done = ObservationDone(30, at, "u1", ObservationRecorded("+15", at, values))
    base = snapshot.session or running()
    observations = MappingProxyType({**base.observations, "+15": done})
    return replace(snapshot, session=replace(base, observations=observations))


def test_the_pressure_says_baseline_and_change_beside_its_name():
    assert nibp_tile(normal()).beside == "baseline 124/78, −6"
    assert nibp_tile(no_data()).beside == ""


def test_simulated_values_have_a_look_of_their_own():
    assert vital_tile(normal(), Sign.HR).simulated
    assert not vital_tile(no_data(), Sign.HR).simulated
    assert nibp_tile(normal()).simulated


def _held(note="", by_cuff=False):
    one = live(Sign.SPO2, None, 1.0, Validity.HELD)
    one = replace(one, reading=replace(one.reading, note=note))
    picture = AlarmPicture(holds={Sign.SPO2: Hold(Held.CUFF, NOW, NOW.plus(60))} if by_cuff else {})
    return vital_tile(replace(normal(), vitals={**vitals(), Sign.SPO2: one}, alarm_picture=picture), Sign.SPO2)


def test_a_held_value_names_a_cuff_only_where_one_inflates():
    assert _held().note == "held by the monitor"
    assert _held("the sensor is off").note == "held: the sensor is off"
    assert not any("cuff" in words for words in (_held().note, _held().beside, _held().brief))
    assert _held(by_cuff=True).beside.startswith("held: cuff")


def test_a_value_that_is_not_judged_because_of_a_cuff_says_so():
    picture = AlarmPicture(holds={Sign.SPO2: Hold(Held.CUFF, NOW, NOW.plus(60))})
    snapshot = replace(normal(), alarm_picture=picture)
    assert vital_tile(snapshot, Sign.SPO2).beside.startswith("held: cuff")
    assert "cuff" not in vital_tile(snapshot, Sign.HR).beside


def test_a_typed_value_in_alarm_has_its_alarm_on_the_tile():
    snapshot = replace(
        _with_typed(no_data(), ago_s=180), alarms=(alarm("hr_low", "HR low", Priority.MEDIUM, AlarmState.ACTIVE),)
    )
    tile = vital_tile(snapshot, Sign.HR)
    assert (tile.look, tile.alarm, tile.marks, tile.filled) == (Look.TYPED, Priority.MEDIUM, "!!", True)
    snapshot = replace(snapshot, alarms=(alarm("nibp_sys_low", "SBP low", Priority.HIGH, AlarmState.ACKED),))
    tile = nibp_tile(snapshot)
    assert (tile.look, tile.alarm, tile.marks, tile.filled) == (Look.TYPED, Priority.HIGH, "!!!", False)


def test_a_sign_that_gives_no_value_any_more_has_its_alarm_on_the_tile():
    snapshot = replace(
        normal(),
        vitals={**vitals(), Sign.SPO2: live(Sign.SPO2, None, 1.0, Validity.UNAVAILABLE)},
        alarms=(alarm("no_value_spo2", "SpO₂ NO VALUE", Priority.LOW, AlarmState.ACTIVE),),
    )
    tile = vital_tile(snapshot, Sign.SPO2)
    assert (tile.value, tile.alarm, tile.filled) == ("--", Priority.LOW, True)


def test_a_tile_shows_the_limit_that_alarms_and_never_that_it_is_held_meanwhile():
    told = replace(alarm("spo2_low", "SpO₂ low 84 % (limit 85)", Priority.HIGH), value=84.0, limit=85.0)
    base = alarm_scenes.several()  # while a cuff holds SpO2 limits
    assert vital_tile(replace(base, alarms=()), Sign.SPO2).beside.startswith("held: cuff")
    tile = vital_tile(replace(base, alarms=(told,)), Sign.SPO2)
    assert (tile.low, tile.filled, "held" in tile.beside) == ("85", True, False)
    over = replace(told, state=AlarmState.LATCHED)
    assert vital_tile(replace(base, alarms=(over,)), Sign.SPO2).low == "90"


@pytest.mark.parametrize(
    ("key", "limit", "shown"),
    [
        ("nibp_dia_low", 50.0, ("160", "90")),
        ("nibp_dia_high", 100.0, ("160", "90")),
        ("nibp_map_low", 60.0, ("160", "90")),
        ("nibp_sys_low", 95.0, ("160", "95")),
    ],
)
def test_the_pressure_never_shows_the_limit_of_another_value_than_the_systolic(key, limit, shown):
    told = replace(alarm(key, "low or high", Priority.MEDIUM), limit=limit)
    tile = nibp_tile(replace(normal(), alarms=(told,)))
    assert (tile.high, tile.low, tile.filled) == (*shown, True)
