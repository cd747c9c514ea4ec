"""Five sessions of the field, squeezed into two minutes each, with every kind of fault: all captured, all gaps said."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from exomonitor.clock import NS, Instant
from exomonitor.engine.live import NOT_RUNNING
from exomonitor.session.entry import Entry
from exomonitor.session.events import NoteAdded, SessionSigned
from exomonitor.session.machine_events import GapClosed
from tests.bench import bench_field
from tests.bench.field_judge import Piece, _gaps, _restarts, _wave, judge, wrong_in
from tests.bench.field_plan import KINDS, MONITORS, Day, Happening, day
from tests.bench.field_told import Heard, LifeTold
from tests.bench.field_verdict import Verdict
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL, and no limit on file sizes")
TROUBLE = (
    ("cable pull", "kill"),
    ("power cut", "cable silent"),
    ("disk full", "clock step"),
    ("suspend", "device reboot"),
    ("wrong device", "bad cable"),
)
MINUTES = 2.0


def test_every_kind_of_fault_is_among_them():
    assert {kind for both in TROUBLE for kind in both} == set(KINDS)


def test_nothing_is_lost_and_every_gap_is_stated():
    sessions = bench_field.played_with(TROUBLE, MINUTES)
    wrong = [row for row in bench_field.rows(sessions, len(TROUBLE)) if row.get("ok") is False]
    assert wrong == []
    assert sum(one["counts"]["lives"] for one in sessions) == len(TROUBLE) + 2
    assert sum(one["counts"]["gaps of restarts"] for one in sessions) >= 3


def test_what_a_file_keeps_is_not_played_again_and_a_cut_off_line_is_taken_away(tmp_path):
    kept = tmp_path / "played"
    session = {"seed": 1, "minutes": MINUTES, "version": "one", "captured": True, "first": "", "counts": {},
               "faults": ["kill"], "together": False}  # fmt: skip
    kept.write_text(json.dumps(session) + "\n" + json.dumps({**session, "seed": 2})[:20])
    assert bench_field.played([1], MINUTES, 2, kept, "two") == [session]
    assert kept.read_text() == json.dumps(session) + "\n"
    versions = next(row for row in bench_field.rows([session], 1) if "versions" in row["name"])
    assert versions["against"] == "one: 1"


def test_the_same_seed_draws_the_same_day():
    assert day(7) == day(7)
    assert {day(seed).scenario.monitor for seed in range(40)} == set(MONITORS)
    kinds = {kind for seed in range(80) for kind in day(seed).faults}
    assert kinds == set(KINDS)
    assert any(day(seed).together for seed in range(40))


def test_a_computer_that_sleeps_falls_asleep_again_when_it_has_woken():
    for seed in range(40):
        sleeps = [one for one in day(seed, faults=("suspend",) * 3).happenings if one.what == "suspend"]
        assert all(before.at_s + before.amount < after.at_s for before, after in pairwise(sleeps))


def heard(*lines: str) -> LifeTold:
    """A life that heard this much, from a boot whose clock the scenario has."""
    told = Heard()
    for line in lines:
        told.take(line)
    return LifeTold(0, "boot", 0, 0.0, False, 0, "signed", [(1, "another hash")], told)


def test_the_judge_sees_what_is_missing_and_what_never_came(tmp_path, clock):
    path = tmp_path / "clinic.sqlite3"
    with recording(make_database(path, clock)) as recorder:
        fill(recorder, clock, 3)
        recorder.submit([draft(SessionSigned("performed", "00", "complete", "N"), clock.advance(1))]).result()
    boot, end = clock.now().boot_id, clock.now().mono_ns
    life = replace(heard(f"V monitor {10**8} spo2 - 97.0", f"W monitor {10**8} pleth 500", f"T {end}"), boot=boot)
    found = judge(day(1), [life], path)
    counts = found["counts"]
    assert isinstance(counts, dict)
    assert found["captured"]
    assert counts["acknowledged lost"] == 1
    assert counts["values lost"] == 1
    assert counts["values invented"] > 0
    assert counts["wave samples lost"] == 1


def two_lives(one: Day, last_heard_s: float = 20.0) -> list[Piece]:
    """A power cut after 20 s; half a minute later the program is there again, on another boot."""
    started = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    ticks = [f"T {second * NS}" for second in range(21)]
    first = heard(f"V monitor {round(last_heard_s * NS)} spo2 - 97.0", *ticks)
    second = replace(heard(f"V monitor {2 * NS} spo2 - 97.0", f"T {10 * NS}"), number=1, second=50.0, boot_ns=50 * NS)
    lives = [replace(first, died=True, boot="a"), replace(second, boot="b")]
    note = NoteAdded("a note")
    entries = [
        Entry(1, "s", 1, Instant(started, 1, "a"), "UTC", "n", "", note, ""),
        Entry(2, "s", 2, Instant(started + timedelta(seconds=60), 10 * NS, "b"), "UTC", "n", "", note, ""),
    ]
    pieces = [Piece(life, entries) for life in lives]
    for piece in pieces:
        piece.know(pieces)
        piece.excuse(one)
    return pieces


def restart_gap(began_s: float, seconds: float, *, at_least: bool = False) -> GapClosed:
    utc = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    began, ended = Instant(utc, round(began_s * NS), "a"), Instant(utc, 2 * NS, "b")
    return GapClosed("monitor", began, ended, seconds, NOT_RUNNING, at_least)


@pytest.mark.parametrize(
    ("gap", "found"),
    [
        (restart_gap(20.0, 32.0), []),
        (restart_gap(19.0, 33.0), []),
        (restart_gap(20.0, 3.0, at_least=True), []),
        (restart_gap(20.0, 3.0), ["it was 32.000 s"]),
        (restart_gap(20.0, -3589.0), ["it was 32.000 s"]),
        (restart_gap(20.0, -1.0, at_least=True), ["it was 32.000 s"]),
        (restart_gap(20.0, 63_072_054.0), ["it was 32.000 s"]),
        (restart_gap(20.0, 63_072_054.0, at_least=True), ["it was 32.000 s"]),
    ],
)
def test_the_judge_sees_a_gap_of_a_restart_that_cannot_have_been(gap, found):
    assert list(wrong_in(gap, two_lives(day(1)), [])) == found


@pytest.mark.parametrize(("last_heard_s", "wrong"), [(10.0, 1), (20.0, 0)])
def test_the_judge_asks_for_the_gap_of_a_restart_where_a_frame_must_have_been_stored_before(last_heard_s, wrong):
    verdict = Verdict()
    _restarts(two_lives(day(1), last_heard_s), [], [], verdict)
    assert verdict.counts["gaps not stated"] == wrong


def test_the_judge_excuses_no_more_than_the_last_seconds_before_a_death():
    early = restart_gap(5.0, 47.0)
    assert list(wrong_in(early, two_lives(day(1), last_heard_s=17.5), [])) == [
        "it begins long before the last sample that came"
    ]
    first, _ = two_lives(day(1))
    first.away["monitor"].append((5 * NS, 52 * NS))
    assert not first.unknown(17 * NS, "monitor")
    assert first.unknown(19 * NS, "monitor")
    full, _ = two_lives(replace(day(1), happenings=(Happening(10.0, "disk full", 15.0),)))
    assert full.excused_ns == 8 * NS, "with a full disk nothing can be stored"
    asleep = two_lives(day(1))[0]
    asleep.life.heard.ticks[:] = [s * NS for s in (*range(10), 19, 20)]
    asleep.excuse(day(1))
    assert asleep.excused_ns == 8 * NS, "what sleeps does not write"


@pytest.mark.parametrize(("silent_until_s", "wrong"), [(20.0, 0), (19.9, 1), (None, 1)])
def test_the_judge_excuses_the_piece_of_a_wave_that_came_at_the_end_of_a_stated_silence(silent_until_s, wrong):
    piece, _ = two_lives(day(1))
    piece.away["monitor"].append((20 * NS, 52 * NS))
    if silent_until_s is not None:
        piece.closed.add(("monitor", round(silent_until_s * NS)))
    verdict = Verdict()
    _wave(piece, ("monitor", "ecg_ii"), [(10 * NS, 300), (20 * NS, 75)], 300, verdict)
    assert verdict.counts["wave samples lost"] == wrong
    _wave(piece, ("monitor", "pleth"), [(10 * NS, 300), (20 * NS, 75)], 0, verdict)
    assert verdict.counts["wave samples lost"] == wrong + 1, "what came long before its death is stored"


@pytest.mark.parametrize(("ended_s", "counts"), [(19.5, {}), (19.4, {"gaps stated that were none": 1})])
def test_a_silence_may_be_stated_of_which_the_gap_of_a_restart_says_enough(ended_s, counts):
    first, _ = two_lives(day(1))
    first.life.heard.frames["monitor"] = [NS, round(19.5 * NS)]
    first.away["monitor"].append((NS, 52 * NS))
    verdict = Verdict()
    at, utc = Instant(first.entries[0].at.utc, 20 * NS, "a"), first.entries[0].at.utc
    said = GapClosed("monitor", Instant(utc, NS, "a"), Instant(utc, round(ended_s * NS), "a"), ended_s - 1.0, "silent")
    _gaps(first, [Entry(3, "s", 3, at, "UTC", "n", "", said, "")], day(1), verdict)
    assert {name: count for name, count in verdict.counts.items() if count} == counts
