"""The NEWS2 tile: only what a set holds, the single-parameter rule first, and what is missing said as missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

import pytest

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.observations import SlotStatus
from exomonitor.engine.snapshot import Snapshot
from exomonitor.session.events import ObservationRecorded, ObservedValue
from exomonitor.session.state import ObservationDone
from tests.ui import scenes
from ui.pages.session.tiles import News2Tile
from ui.presenters.news2 import news2_view, part_rows, remarks
from ui.theme import DARK

GOOD = {"hr": "78", "spo2": "97", "rr": "16", "nibp_sys": "124", "nibp_dia": "78", "temp": "36.6"}


def done(key: str, minutes: float, values: Mapping[str, str], *, oxygen: bool | None = False) -> ObservationDone:
    when = scenes.START.plus(minutes * 60)
    read = {name: ObservedValue(Decimal(text), "", "monitor", 60.0) for name, text in values.items()}
    return ObservationDone(1, when, "u1", ObservationRecorded(key, when, read, "alert", oxygen, (), True, 0))


def after(*sets: ObservationDone) -> Snapshot:
    seen = MappingProxyType({one.event.slot: one for one in sets})
    return replace(scenes.normal(), session=replace(scenes.running(), observations=seen))


def test_a_complete_set_has_its_total_and_the_age_of_its_oldest_input():
    view = news2_view(after(done("+15", 15, GOOD)))
    assert (view.score, view.rule, view.before, view.urgent) == ("0", "low risk", "", False)
    assert view.note == "set 14:19 · inputs 3 min old"


def test_three_in_one_parameter_stands_before_the_total():
    view = news2_view(after(done("+10", 10, GOOD), done("+15", 15, {**GOOD, "spo2": "91"})))
    assert (view.score, view.rule, view.urgent) == ("3", "3 in one parameter: urgent review", True)
    assert view.before == "was 0 at 14:14 ▲"


def test_a_score_that_falls_or_stays_has_its_sign():
    worse = done("+5", 5, {**GOOD, "hr": "125"})
    assert news2_view(after(worse, done("+10", 10, GOOD))).before == "was 2 at 14:09 ▼"
    assert news2_view(after(worse, replace(worse, event=replace(worse.event, slot="+6")))).before.endswith("=")


def test_what_is_missing_is_said_and_never_filled_in_from_the_monitor():
    view = news2_view(after(done("+5", 5, GOOD), done("+10", 10, {k: v for k, v in GOOD.items() if k != "rr"})))
    assert (view.score, view.rule, view.before) == ("--", "incomplete (6 of 7)", "was 0 at 14:09")
    assert news2_view(after(done("+5", 5, GOOD, oxygen=None))).rule == "incomplete (6 of 7)"


def test_an_incomplete_set_keeps_the_single_parameter_rule():
    view = news2_view(after(done("+5", 5, {"spo2": "88"}, oxygen=None)))
    assert (view.score, view.rule, view.urgent) == ("--", "3 in one parameter: urgent review", True)
    assert view.note.startswith("incomplete (2 of 7) · at least 3 · set 14:09")


def test_before_the_first_set_there_is_no_score():
    assert news2_view(after()).score == "--"
    assert news2_view(scenes.empty_chair()).rule == "no set yet"


def test_the_tile_says_its_score_to_a_screen_reader(qtbot):
    tile = News2Tile(DARK)
    qtbot.addWidget(tile)
    tile.show_view(news2_view(after(done("+15", 15, GOOD))))
    assert tile.accessibleName() == "NEWS2 0 low risk"


def with_next_due_in(snapshot: Snapshot, seconds: float, status: SlotStatus) -> Snapshot:
    coming = snapshot.next_slot
    assert coming is not None
    return replace(snapshot, next_slot=replace(coming, due_in_s=seconds, status=status))


def test_a_score_that_reassured_is_said_as_past_while_an_alarm_about_the_patient_stands():
    calm = after(done("+15", 15, GOOD))
    for state in (AlarmState.ACTIVE, AlarmState.ACKED):
        low = scenes.alarm("spo2_low", "SpO₂ low 89 % (limit 90)", Priority.MEDIUM, state)
        view = news2_view(replace(calm, alarms=(low,)))
        assert (view.score, view.rule, view.past) == ("0", "last set 14:19", True)
        assert view.note == "inputs 3 min old"
    over = scenes.alarm("spo2_low", "SpO₂ low 89 % (limit 90)", Priority.MEDIUM, AlarmState.LATCHED)
    pump = scenes.alarm("relayed:pump:P1:occ", "P1: Pressure high", Priority.MEDIUM)
    assert news2_view(replace(calm, alarms=(over, pump))).rule == "low risk"


def test_a_score_that_reassured_is_past_once_the_next_set_is_due():
    calm = after(done("+15", 15, GOOD))
    assert news2_view(with_next_due_in(calm, 60, SlotStatus.DUE)).rule == "low risk"
    assert news2_view(with_next_due_in(calm, 0, SlotStatus.DUE)).past
    assert news2_view(with_next_due_in(calm, -300, SlotStatus.OVERDUE)).past


def test_a_score_that_warns_goes_on_warning():
    bad = after(done("+15", 15, {**GOOD, "spo2": "91"}))
    low = scenes.alarm("spo2_low", "SpO₂ low 89 % (limit 90)", Priority.MEDIUM)
    view = news2_view(replace(bad, alarms=(low,)))
    assert (view.rule, view.past) == ("3 in one parameter: urgent review", False)


def test_where_no_set_follows_a_score_reassures_as_long_as_its_inputs_count():
    last = replace(after(done("+15", 15, GOOD)), next_slot=None)
    assert news2_view(last).rule == "low risk"
    later = replace(last, now=scenes.START.plus(15 * 60 + last.schedule.value_counts_s))
    assert (news2_view(later).rule, news2_view(later).past) == ("last set 14:19", True)


@pytest.mark.parametrize(
    ("prescribed", "words"), [(False, "SpO₂ scale 1"), (True, "SpO₂ scale 2 (88-92 % prescribed)")]
)
def test_the_scale_by_which_the_saturation_was_judged_stands_with_the_score(prescribed, words):
    scored = done("+15", 15, GOOD)
    scored = replace(scored, event=replace(scored.event, news2_scale=2 if prescribed else 1))
    assert remarks(after(scored))[0] == words


def test_an_input_that_is_too_old_is_shown_as_such_and_makes_no_total():
    fresh, old = done("+15", 15, GOOD), done("+15", 15, GOOD)
    aged = {**old.event.values, "spo2": replace(old.event.values["spo2"], age_s=fresh.event.value_counts_s + 60)}
    old = replace(old, event=replace(old.event, values=aged))
    assert news2_view(after(fresh)).score == "0"
    assert (news2_view(after(old)).score, news2_view(after(old)).rule) == ("--", "incomplete (6 of 7)")
    (row,) = [one for one in part_rows(after(old)) if "too old to count" in one.source]
    assert "97" in row.seen
