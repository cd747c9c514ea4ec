"""Figures that are reckoned without lost entries say so, each by itself: on paper, in session.json, in the list."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from pypdf import PdfReader

from exomonitor.engine.stored import Damage, SessionRow
from exomonitor.exports.listing import sessions_table
from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_given import given
from exomonitor.exports.session_json import session_json
from exomonitor.exports.summary import AT_LEAST, NOT_CERTAIN
from exomonitor.session.entry import Event
from exomonitor.session.events import (
    DeviceBound,
    FlushRecorded,
    LineEntered,
    OrderEntered,
    ReactionOpened,
    SessionStarted,
)
from exomonitor.session.not_certain import absent, at_least, counted, unsure
from exomonitor.session.verdict import verdict_when_signed
from tests.exomonitor.exports.made_up_session import whole_session
from tests.exomonitor.exports.test_verdict_of_a_damaged_session import without


def test_a_count_is_the_least_and_an_amount_not_certain():
    assert [counted(2, 0), counted(0, 0), counted(2, 1), counted(0, 1)] == [
        "2",
        "none",
        "at least 2",
        "none that can be read",
    ]
    assert [at_least("a, b", 0), at_least("a, b", 1)] == ["a, b", "at least: a, b"]
    assert [absent("not started", 0), absent("not started", 1)] == ["not started", "not started or lost"]
    assert (unsure("60.0 mL", 0), unsure("60.0 mL", 3)) == ("60.0 mL", "60.0 mL, not certain")


def test_in_session_json_the_figures_that_are_not_certain_are_named(made_of):
    plain = json.loads(session_json(made_of(without(FlushRecorded))))["summary"]
    assert plain["entries_lost"] == 1
    assert plain["not_certain"] == list(NOT_CERTAIN)
    assert plain["at_least"] == list(AT_LEAST)
    assert {*NOT_CERTAIN, *AT_LEAST} <= plain.keys()
    whole = json.loads(session_json(made_of(whole_session(reactions=0, long_s=60))))["summary"]
    assert (whole["entries_lost"], whole["not_certain"], whole["at_least"]) == (0, [], [])


def test_the_report_says_it_at_each_amount(made_of):
    material = made_of(without(FlushRecorded))
    told = dict(given(material))
    delivered = next(words for label, words in told.items() if label.startswith("Delivered"))
    assert delivered.endswith(", not certain")
    assert told["Infusing"].endswith(", not certain")
    assert told["Paused"].endswith(", not certain")
    text = " ".join(PdfReader(io.BytesIO(report_pdf(material))).pages[0].extract_text().split())
    assert "Reactions: none that can be read" in text
    assert "not certain" not in " ".join(dict(given(made_of(whole_session(reactions=0, long_s=60)))).values())


@pytest.mark.parametrize(
    ("kind", "label", "words"),
    [
        (DeviceBound, "Pump", "not recorded or lost"),
        (SessionStarted, "Started by", "not started or lost"),
        (SessionStarted, "Start, end of product", "- or lost, 10:20:39"),
        (FlushRecorded, "Flush", "not recorded or lost"),
        (FlushRecorded, "End (of flush)", "- or lost"),
        (LineEntered, "Site", "not recorded or lost"),
        (OrderEntered, "Ordered", "not recorded or lost"),
    ],
)
def test_the_report_says_of_nothing_that_is_not_there_that_it_never_was(
    made_of, kind: type[Event], label: str, words: str
):
    assert dict(given(made_of(without(kind))))[label] == words


def test_what_an_entry_says_is_certain_whatever_else_is_lost(made_of):
    left, whole = (dict(given(made_of(one))) for one in (without(FlushRecorded), whole_session(reactions=0, long_s=60)))
    for label in ("Ordered", "Rate planned", "Start, end of product", "Started by", "Pump", "Monitor", "Site"):
        assert left[label] == whole[label]


def test_that_values_are_typed_is_what_an_entry_says_and_certain_too(made_of):
    script = without(FlushRecorded)
    script.archive.told = [
        replace(one, event=replace(one.event, key="")) if isinstance(one.event, DeviceBound) else one
        for one in script.archive.told
    ]
    told = dict(given(made_of(script)))
    assert (told["Pump"], told["Monitor"]) == ("none read, values typed", "none read, values typed")


def test_what_is_left_of_reactions_is_the_least(made_of):
    script = whole_session(reactions=2, long_s=60)
    script.archive.damage = Damage(entries=1)
    text = " ".join(PdfReader(io.BytesIO(report_pdf(made_of(script)))).pages[0].extract_text().split())
    assert "Reactions: at least 2" in text
    assert any(isinstance(entry.event, ReactionOpened) for entry in script.archive.told)


def test_a_session_that_is_signed_with_lost_entries_is_not_called_complete(made_of):
    material = made_of(without(FlushRecorded))
    assert material.state.lost == 1
    schedule = material.protocol.schedule
    assert verdict_when_signed(material.state, material.summary.as_of, schedule).startswith("Not known: 1 entry")


def test_the_list_of_sessions_marks_what_it_says_of_a_damaged_one():
    row = SessionRow("s-1", "EX-1", "", "2026-03-02T09:00:00.000Z", "signed", False, "5", 60.0, 1, damaged=True, lost=2)
    table = sessions_table([row], proved=True)
    assert "60.0 mL, not certain" in table
    assert "at least 1" in table
