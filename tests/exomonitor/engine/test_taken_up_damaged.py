"""Whichever entry of an open session is lost: it is taken up, watched, shown and goes on, and knows what it lacks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exomonitor.clock import ManualClock
from exomonitor.session import commands as cmd
from exomonitor.session.entry import Entry
from exomonitor.session.parts.corrections import VoidEntry
from exomonitor.signals.vitals import Sign
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench


@pytest.fixture
def journal(bench: Bench) -> list[Entry]:
    """A session in mid-infusion with a set, a note that was made void, and a reaction."""
    bench.infusing(300)
    for sign, value in ((Sign.HR, 80.0), (Sign.SPO2, 97.0), (Sign.NIBP_SYS, 120.0), (Sign.NIBP_DIA, 70.0)):
        bench.vital(sign, value)
    bench.infuse(600, 100, step_s=5.0)
    bench.do(bench.set_of("+15"))
    bench.do(cmd.AddNote(CHAIR, bench.by, "a made-up note"))
    note = next(entry.seq for entry in bench.journal() if type(entry.event).__name__ == "NoteAdded")
    bench.do(VoidEntry(CHAIR, bench.by, note, "duplicate", "written twice"))
    bench.do(cmd.OpenReaction(CHAIR, bench.by))
    bench.infuse(60, 100)
    return bench.journal()


def taken_up(bench: Bench, entries: list[Entry], lost: int) -> Bench:
    clock = ManualClock(bench.now.plus(30).utc, bench.now.boot_id, bench.now.plus(30).mono_ns)
    later = Bench(clock, bench.recorder)
    later.engine.restore(CHAIR, entries, later.now, lost=lost)
    later.tick()
    return later


def test_an_entry_of_each_kind_of_a_running_session_can_be_missing(bench, journal):
    kinds: set[type] = set()
    for at, gone in enumerate(journal):
        if type(gone.event) in kinds:
            continue
        later = taken_up(bench, [*journal[:at], *journal[at + 1 :]], 1)
        kinds.add(type(gone.event))
        seen = later.snapshot
        assert seen.session is not None, gone.event
        assert (seen.session.lost, seen.session.id) == (1, journal[0].session)
    assert len(kinds) > 12


def test_half_of_the_entries_can_be_missing(bench, journal):
    for rest in (journal[::2], journal[1::2], journal[len(journal) // 2 :], journal[-1:]):
        later = taken_up(bench, rest, len(journal) - len(rest))
        later.infuse(20, 100)
        later.do(cmd.AddNote(CHAIR, later.by, "it goes on"))
        assert later.state.lost == len(journal) - len(rest)
        assert later.snapshot.session is not None


def test_where_nothing_is_missing_nothing_is_lost(bench, journal):
    later = taken_up(bench, journal, 0)
    assert later.state.lost == 0
    assert later.state.notes == bench.state.notes
    assert later.state.order is not None
    assert later.state.order.volume_ml == Decimal(100)
