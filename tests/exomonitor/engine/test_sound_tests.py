"""Sound tests in the record: the full one once a shift, a short burst in each session, heard or not."""

from __future__ import annotations

from exomonitor.engine.access import SIGN_IN_FIRST
from exomonitor.registry.registry import load_registry
from exomonitor.registry.sound_tests import SoundTested, burst_due, full_due, last_full, refuted
from exomonitor.session import commands as cmd
from exomonitor.session.parts.sound_test import RecordSoundTest
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, Bench

SHIFT_H = 8.0


def known(bench: Bench):
    return bench.snapshot.registry.sound_tests


def test_the_full_test_is_due_until_it_was_heard_and_again_after_a_shift():
    bench = Bench()
    assert full_due(known(bench), bench.clock.now(), SHIFT_H)
    bench.do(RecordSoundTest(CHAIR, NURSE, full=True, heard=False))
    assert full_due(known(bench), bench.clock.now(), SHIFT_H)
    assert refuted(known(bench))
    bench.do(RecordSoundTest(CHAIR, NURSE, full=True, heard=True))
    last = last_full(known(bench))
    assert last is not None
    assert (last.by, last.heard) == (NURSE, True)
    assert not refuted(known(bench))
    now = bench.clock.now()
    assert not full_due(known(bench), now.plus(SHIFT_H * 3600 - 1), SHIFT_H)
    assert full_due(known(bench), now.plus(SHIFT_H * 3600 + 1), SHIFT_H)


def test_each_session_has_its_own_short_burst():
    bench = Bench()
    bench.do(cmd.OpenSession(CHAIR, NURSE))
    state = bench.snapshot.session
    assert state is not None
    assert burst_due(known(bench), state.id)
    bench.do(RecordSoundTest(CHAIR, NURSE, full=False, heard=True))
    assert not burst_due(known(bench), state.id)
    assert burst_due(known(bench), "another session")
    assert full_due(known(bench), bench.clock.now(), SHIFT_H), "a short burst is no full test"


def test_the_answer_outlives_the_program():
    bench = Bench()
    bench.do(RecordSoundTest(CHAIR, NURSE, full=True, heard=False))
    assert any(isinstance(entry.event, SoundTested) for entry in bench.recorder.entries)
    assert refuted(load_registry(bench.recorder.entries).sound_tests)


def test_somebody_answers_for_it():
    assert Bench(signed_in=False).refused(RecordSoundTest(CHAIR, "", full=True, heard=True)) == SIGN_IN_FIRST
