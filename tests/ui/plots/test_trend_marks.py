"""Alarms, line and site, containers and notes stand with their signs above the trend; crowded ones stay legible."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.session.entry import Event
from exomonitor.session.events import NoteAdded
from exomonitor.session.machine_events import AlarmChanged
from exomonitor.session.observed_events import ObservedValue
from exomonitor.session.parts.care import Access
from exomonitor.session.parts.care_events import SiteProblem
from exomonitor.session.parts.corrections import Voided
from exomonitor.session.parts.supply import Container
from exomonitor.session.state import SessionState
from exomonitor.session.timing import progress
from exomonitor.signals.vitals import Sign
from tests.ui.made_sessions import at, running
from tests.ui.scenes import entry
from ui.plots.palette import plot_colours
from ui.plots.trend import TrendView
from ui.plots.trend_data import entered_values, pressure_bars
from ui.plots.trend_events import SIGNS, Mark, MarkKind, legend, session_marks
from ui.plots.trend_marks import clustered
from ui.presenters.trend import reading_words
from ui.theme import DARK

WIDE = {"▲": 11.0, "◆": 10.0, "■": 10.0, "✎": 12.0, " ": 4.0}


def width_of(words: str) -> float:
    return sum(WIDE.get(letter, 8.0) for letter in words)


def alarm(minute: float, before: str, after: str, priority: str = "medium") -> AlarmChanged:
    return AlarmChanged("spo2_low", "SpO₂ low 89 % (limit 90)", priority, before, after, at(minute))


def told(*events: tuple[float, Event]) -> SessionState:
    history = tuple(entry(n, at(minute), event) for n, (minute, event) in enumerate(events, 1))
    return replace(running(24), history=history, last_seq=len(history))


def signs(state: SessionState) -> list[tuple[float, MarkKind, str]]:
    return [(round(m.minute, 1), m.kind, m.words) for m in session_marks(state) if m.kind in SIGNS]


def test_an_alarm_is_marked_when_it_is_raised_and_not_when_it_is_answered():
    state = told(
        (4.0, alarm(4, "pending", "active")), (4.5, alarm(4, "active", "acked")), (5.0, alarm(4, "acked", "normal")),
        (9.0, alarm(9, "normal", "active", "high")),
    )  # fmt: skip
    assert signs(state) == [
        (4.0, MarkKind.ALARM, "▲ !! SpO₂ low 89 % (limit 90)"),
        (9.0, MarkKind.ALARM, "▲ !!! SpO₂ low 89 % (limit 90)"),
    ]


def test_a_note_is_marked_once_with_its_beginning_and_a_void_one_not_at_all():
    state = told(
        (3.0, NoteAdded("patient is cold, a blanket was brought and a warm drink")),
        (4.0, NoteAdded("patient is warm", supersedes=1, reason="better said")),
        (5.0, NoteAdded("x" * 60)),
        (6.0, NoteAdded("of another patient")),
    )
    gone = MappingProxyType({4: Voided("wrong patient", "", "u1", "", at(7), 5)})
    state = replace(state, corrections=replace(state.corrections, voided=gone))
    assert signs(state) == [
        (4.0, MarkKind.NOTE, "Note: patient is warm"),
        (5.0, MarkKind.NOTE, f"Note: {'x' * 39}…"),
    ]


def test_a_new_line_a_site_problem_and_another_bag_are_marked():
    state = running(24)
    assert state.product is not None
    state = replace(
        state,
        care=replace(
            state.care,
            accesses=(Access(at(-10), "forearm", "left", "22G"), Access(at(12), "hand", "right", "22G")),
            problems=(SiteProblem(at(11), stopped=True),),
        ),
        supply=replace(state.supply, containers=(Container(state.product, at(15), 20.0, "u1"),)),
    )
    assert [(minute, kind) for minute, kind, _ in signs(state)] == [
        (11.0, MarkKind.SITE), (12.0, MarkKind.SITE), (15.0, MarkKind.CONTAINER)
    ]  # fmt: skip
    assert signs(state)[1][2] == "New line: right hand"
    assert signs(state)[2][2].startswith("Bag changed: lot ")


def test_signs_far_from_each_other_stand_alone_and_near_ones_together_with_how_many_there_are():
    kinds = [MarkKind.ALARM, MarkKind.NOTE, MarkKind.ALARM, MarkKind.ALARM]
    alone = clustered(list(zip([50.0, 150.0, 250.0, 350.0], kinds, strict=True)), width_of, 0, 700)
    assert [one.words for one in alone] == ["▲", "✎", "▲", "▲"]
    near = clustered(list(zip([50.0, 54.0, 58.0, 350.0], kinds, strict=True)), width_of, 0, 700)
    assert [one.words for one in near] == ["▲2 ✎", "▲"]
    assert near[0].places == (50.0, 54.0, 58.0)


@given(st.lists(st.tuples(st.floats(0, 700), st.sampled_from(list(SIGNS))), max_size=60))
def test_however_crowded_no_sign_covers_another_and_none_is_lost(marks: list[tuple[float, MarkKind]]):
    marks.sort()
    found = clustered(marks, width_of, 0, 700)
    assert [kind for one in found for kind in one.kinds] == [kind for _, kind in marks]
    assert [x for one in found for x in one.places] == [x for x, _ in marks]
    for before, after in pairwise(found):
        assert before.left + before.width < after.left
    assert all(one.left >= 0 and one.left + one.width <= 700.001 for one in found)


def test_what_is_drawn_is_explained_beside_the_trend_and_nothing_else():
    assert legend((), by_hand=False) == "plan dashed, limits dotted"
    every = [Mark(1.0, "", kind) for kind in MarkKind]
    words = "plan dashed, limits dotted  ○ by hand  ▲ alarm  ◆ line, site  ■ bag  ✎ note"
    assert legend(every, by_hand=True) == words
    assert all(sign in words for sign in SIGNS.values())


# --- what nurses entered by hand -------------------------------------------------------------------------------------


def with_set(state: SessionState, slot: str, minute: float, **values: tuple[str, str]) -> SessionState:
    done = state.observations[slot]
    entered = {name: ObservedValue(Decimal(text), "", source) for name, (text, source) in values.items()}
    event = replace(done.event, observed=at(minute), values=entered)
    return replace(state, observations={**state.observations, slot: replace(done, event=event)})


@pytest.fixture
def by_hand() -> SessionState:
    state = with_set(running(24), "+5", 5, rr=("14", "counted"), temp=("36.7", "typed"), hr=("80", "monitor"))
    return with_set(state, "+10", 10, nibp_sys=("118", "typed"), nibp_dia=("74", "typed"))


def test_what_was_entered_is_known_by_its_source(by_hand: SessionState):
    found = [one for one in entered_values(by_hand, (Sign.HR, Sign.RR, Sign.TEMP)) if one.minute == pytest.approx(5)]
    assert [(one.sign, one.value, one.source) for one in found] == [
        (Sign.RR, 14.0, "counted"), (Sign.TEMP, 36.7, "typed")
    ]  # fmt: skip
    assert {bar.source for bar in pressure_bars(by_hand) if bar.minute == pytest.approx(10)} == {"typed"}


def test_the_cursor_of_the_standard_layout_reads_breathing_and_temperature_too(qtbot, by_hand: SessionState):
    trend = TrendView(plot_colours(DARK))
    qtbot.addWidget(trend)
    trend.resize(700, 320)
    trend.set_state(by_hand, progress(by_hand, at(24), None), at(24))
    for tick in range(24 * 12):
        trend.add_vitals(tick / 12, {Sign.HR: 80.0, Sign.RR: 16.0 if tick > 100 else None})
    trend._set_cursor(5.0)
    read = trend.reading()
    assert read is not None
    words = reading_words(read)
    assert "RR 14 /min counted" in words
    assert "Temp 36.7 °C typed" in words
    trend._set_cursor(12.0)
    later = trend.reading()
    assert later is not None
    words = reading_words(later)
    assert "RR 16 /min ·" in words  # the monitor tells it now
    assert "Temp 36.7 °C typed" in words  # the last that anybody knows, with its time
    assert "118/74 mmHg typed" in words


def test_what_was_typed_looks_different_from_what_was_measured(qtbot, by_hand: SessionState):
    trend = TrendView(plot_colours(DARK))
    qtbot.addWidget(trend)
    trend.resize(700, 320)
    measured = with_set(by_hand, "+10", 10, nibp_sys=("118", "monitor"), nibp_dia=("74", "monitor"))
    pictures = []
    for state in (by_hand, replace(measured, last_seq=measured.last_seq + 1)):
        trend.set_state(state, progress(state, at(24), None), at(24))
        pictures.append(trend.grab().toImage())
    assert pictures[0] != pictures[1]
