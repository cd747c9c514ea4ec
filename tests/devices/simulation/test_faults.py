"""Faults of a simulated wire: what passes, when, and the same again with the same seed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.simulation.faults import Fault, FaultKind, FaultPlan

WORDS = [bytes([65 + i]) * 20 for i in range(10)]


def hear(*faults: Fault, seed: int = 1, until: float = 10.0, step: float = 0.5) -> list[tuple[float, bytes]]:
    """What a client hears of a device that says one word every second."""
    plan = FaultPlan(faults, seed)
    heard = []
    for i in range(int(until / step) + 1):
        t = i * step
        word = WORDS[int(t)] if t == int(t) and t < len(WORDS) else b""
        if out := plan.outward(word, t):
            heard.append((t, out))
    return heard


def test_without_a_fault_everything_passes_at_once() -> None:
    assert hear() == [(float(i), word) for i, word in enumerate(WORDS)]


def test_out_is_silence_both_ways_for_its_time_alone() -> None:
    heard = hear(Fault(FaultKind.OUT, 3.0, 2.0))
    assert [t for t, _ in heard] == [0, 1, 2, 5, 6, 7, 8, 9]
    plan = FaultPlan([Fault(FaultKind.OUT, 3.0, 2.0)])
    assert plan.inward(b"ask", 2.9) == b"ask"
    assert plan.inward(b"ask", 3.0) == b""
    assert plan.inward(b"ask", 5.0) == b"ask"
    assert not plan.gone(3.0)


def test_gone_is_silence_and_a_missing_port() -> None:
    plan = FaultPlan([Fault(FaultKind.GONE, 3.0, 2.0)])
    assert [plan.gone(t) for t in (2.9, 3.0, 4.9, 5.0)] == [False, True, True, False]
    assert plan.outward(b"x", 4.0) == b""


def test_freeze_holds_everything_and_lets_it_go_in_one_piece() -> None:
    heard = hear(Fault(FaultKind.FREEZE, 3.0, 2.5))
    assert b"".join(piece for _, piece in heard) == b"".join(WORDS)
    assert (5.5, WORDS[3] + WORDS[4] + WORDS[5]) in heard


def test_dribble_is_slow_and_loses_nothing() -> None:
    heard = hear(Fault(FaultKind.DRIBBLE, 0.0, 5.0, 10.0))
    assert b"".join(piece for _, piece in heard) == b"".join(WORDS)
    assert all(len(piece) <= 10 for t, piece in heard if 0 < t < 5)


def test_dribbling_bytes_make_their_own_deadline() -> None:
    plan = FaultPlan([Fault(FaultKind.DRIBBLE, 0.0, 5.0, 10.0)])
    plan.outward(b"x" * 20, 0.0)
    assert plan.next_due(0.0) == pytest.approx(0.05)


def test_cut_takes_tails_only() -> None:
    heard = hear(Fault(FaultKind.CUT, 0.0, 20.0, 1.0))
    for t, piece in heard:
        assert len(piece) < 20
        assert WORDS[int(t)].startswith(piece)


def test_repeat_says_it_twice() -> None:
    heard = hear(Fault(FaultKind.REPEAT, 0.0, 20.0, 1.0))
    assert [piece for _, piece in heard] == [word * 2 for word in WORDS]


def test_noise_comes_before_the_words() -> None:
    heard = hear(Fault(FaultKind.NOISE, 0.0, 20.0, 3.0))
    assert [piece[3:] for _, piece in heard] == WORDS


@given(st.sampled_from([FaultKind.GARBLE, FaultKind.CUT, FaultKind.NOISE, FaultKind.REPEAT]), st.integers(0, 99))
def test_the_same_seed_does_the_same_damage(kind: FaultKind, seed: int) -> None:
    fault = Fault(kind, 2.0, 5.0)
    assert hear(fault, seed=seed) == hear(fault, seed=seed)


def test_garble_changes_bytes_and_never_their_number() -> None:
    heard = hear(Fault(FaultKind.GARBLE, 0.0, 20.0, 0.5))
    assert [len(piece) for _, piece in heard] == [20] * 10
    assert [piece for _, piece in heard] != WORDS


def test_the_edges_of_a_fault_are_due() -> None:
    plan = FaultPlan([Fault(FaultKind.OUT, 3.0, 2.0), Fault(FaultKind.GONE, 8.0, 1.0)])
    edges = [3.0, 5.0, 8.0, 9.0]
    assert [plan.next_due(a) for a, _ in pairwise([0.0, *edges])] == edges
    assert plan.next_due(9.0) is None


BYTE_DAMAGE = {
    FaultKind.FLIP: 20,
    FaultKind.DROP: 0,
    FaultKind.DOUBLE: 40,
    FaultKind.INSERT: 40,
    FaultKind.FALSE_START: 21,
    FaultKind.FALSE_LENGTH: 28,
    FaultKind.HALF: 10,
    FaultKind.WRONG_BAUD: 20,
    FaultKind.SHARED: 0,
}


@pytest.mark.parametrize("kind", BYTE_DAMAGE)
def test_each_way_of_damage_does_what_its_name_says(kind: FaultKind) -> None:
    heard = [piece for _, piece in hear(Fault(kind, 0.0, 20.0, 1.0))]
    assert [len(piece) for piece in heard] == [BYTE_DAMAGE[kind]] * len(heard)
    assert not set(heard) & set(WORDS)
    assert len(heard) == (10 if BYTE_DAMAGE[kind] else 0)


def test_a_false_length_stands_before_the_whole_word() -> None:
    assert [piece[8:] for _, piece in hear(Fault(FaultKind.FALSE_LENGTH, 0.0, 20.0, 1.0))] == WORDS


def test_at_a_wrong_speed_the_device_understands_no_better() -> None:
    plan = FaultPlan([Fault(FaultKind.WRONG_BAUD, 0.0, 5.0)])
    assert plan.inward(b"ask something", 1.0) != b"ask something"
    assert plan.inward(b"ask something", 6.0) == b"ask something"


def test_another_program_asks_too() -> None:
    plan = FaultPlan([Fault(FaultKind.SHARED, 0.0, 5.0, 1.0)])
    assert plan.inward(b"ask", 1.0) == b"askask"


def test_a_device_that_starts_anew_is_silent_meanwhile() -> None:
    plan = FaultPlan([Fault(FaultKind.REBOOT, 3.0, 2.0)])
    assert [plan.rebooting(t) for t in (2.9, 3.0, 5.0)] == [False, True, False]
    assert plan.outward(b"x", 4.0) == b""
    assert plan.outward(b"x", 5.0) == b"x"
