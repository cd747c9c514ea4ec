"""A sample of the matrix of families and faults (`./run bench matrix` is the whole), and that its judge sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from devices.discovery import Adapter
from devices.simulation.faults import Fault, FaultKind
from devices.spec import DeviceSpec, Driver
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from tests.conformance import bed, judge
from tests.conformance.bed import Run, Setting, run
from tests.conformance.codecs import MAKERS, Cut
from tests.conformance.dialogue import SPECS, START
from tests.conformance.matrix import TROUBLES, cell, does_not_apply

PER_FAMILY = 3
KEYS = sorted(SPECS)
SAMPLE = [
    (key, TROUBLES[(row * PER_FAMILY + column) % len(TROUBLES)])
    for row, key in enumerate(KEYS)
    for column in range(PER_FAMILY)
]


@pytest.mark.parametrize(
    ("key", "trouble"),
    [
        pytest.param(key, trouble, id=f"{key}-{trouble.name}")
        for key, trouble in SAMPLE
        if not does_not_apply(SPECS[key], trouble)
    ],
)
def test_nothing_is_lost_or_invented_and_the_line_comes_back(key: str, trouble: Any) -> None:
    assert cell(key, trouble).verdict.wrong == []


def test_pumps_that_share_a_line_are_neither_lost_nor_mixed_up() -> None:
    shared = next(trouble for trouble in TROUBLES if trouble.sharing and trouble.damages)
    assert cell("new-era", shared).verdict.wrong == []
    assert does_not_apply(SPECS["masimo"], shared)


def test_every_fault_and_every_family_is_in_the_sample() -> None:
    assert {trouble.name for _, trouble in SAMPLE} == {trouble.name for trouble in TROUBLES}
    assert {key for key, _ in SAMPLE} == set(SPECS)


def test_every_family_has_its_codec_here() -> None:
    assert set(MAKERS) == set(SPECS)


def test_every_kind_of_fault_is_in_the_matrix() -> None:
    spec = SPECS["new-era"]
    used = {fault.kind for trouble in TROUBLES for fault in trouble.setting(spec, 20.0, 20.0).faults}
    assert used == set(FaultKind) - {FaultKind.DRIBBLE}  # there bytes come one by one, however fast


# --- the judge


class Liar:
    """A driver that changes what another one says."""

    def __init__(self, inner: Driver) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        return self.lie(self._inner.received(data, at))

    def lie(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        return list(facts)


class Inventor(Liar):
    def lie(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        return [replace(fact, rate_ml_h=77.0) if isinstance(fact, PumpReading) else fact for fact in facts]


class Parrot(Liar):
    def lie(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        return [*facts, *facts]


class Crasher(Liar):
    def lie(self, facts: Sequence[DeviceFact]) -> list[DeviceFact]:
        raise ValueError("a bug")


def with_driver(key: str, kind: type[Liar]) -> DeviceSpec:
    spec = SPECS[key]
    return replace(spec, make_driver=lambda source: kind(spec.make_driver(source)))


@pytest.fixture
def truth() -> judge.Truth:
    return judge.truth_of([run(SPECS["new-era"], 40.0, Setting())])


def test_the_judge_sees_an_invented_value(truth: judge.Truth) -> None:
    told = judge.invented(run(with_driver("new-era", Inventor), 20.0, Setting()), truth, 6.0)
    assert told[0].text == "pump 0 rate = 77"
    assert judge.invented(run(SPECS["new-era"], 20.0, Setting()), truth, 6.0) == []


def test_the_judge_sees_a_repeated_value(truth: judge.Truth) -> None:
    assert judge.repeated(run(with_driver("new-era", Parrot), 20.0, Setting()), [truth], 3)
    assert not judge.repeated(run(SPECS["new-era"], 20.0, Setting()), [truth], 3)


def test_of_several_states_of_a_device_the_one_that_tells_most_is_the_measure(truth: judge.Truth) -> None:
    parrot = run(with_driver("new-era", Parrot), 20.0, Setting())
    silent = judge.Truth({}, frozenset(), {})
    assert judge.repeated(parrot, [silent, truth], 3)
    assert not judge.repeated(run(SPECS["new-era"], 20.0, Setting()), [silent, truth], 3)
    assert judge.repeated(run(SPECS["new-era"], 20.0, Setting()), [silent], 3)


def test_a_damaged_frame_excuses_what_it_says_itself_and_nothing_else() -> None:
    false = [judge.Told(10.0, "pump 0 rate = 77"), judge.Told(12.0, "pump 0 rate = 77")]
    assert judge.unexcused(false, [], 0.0) == false
    assert judge.unexcused(false, [10.0], 0.0) == false[1:]
    assert judge.unexcused(false, [9.9], 0.0) == false
    assert judge.unexcused(false, [9.9], 1.0) == false[1:]
    assert judge.unexcused(false, [10.1], 1.0) == false  # it came only afterwards


def test_the_end_of_an_alarm_that_a_damaged_frame_began_is_no_invention() -> None:
    began, ended = judge.Told(10.0, "alarm 0 S"), judge.Told(11.0, "alarm 0 S", over=True)
    assert judge.unexcused([began, ended], [10.0], 0.0) == []
    assert judge.unexcused([began, ended], [], 0.0) == [began, ended]
    assert judge.unexcused([began, judge.Told(11.0, "alarm 0 S")], [10.0], 0.0) == [judge.Told(11.0, "alarm 0 S")]


class Forger(Liar):
    """Tells one wrong value, ten seconds after it began to be damaged."""

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        facts = list(self._inner.received(data, at))
        if 30.0 < at.since(START) < 31.2:
            return [replace(f, rate_ml_h=77.0) if isinstance(f, PumpReading) else f for f in facts]
        return facts


def test_a_damaged_frame_of_the_same_run_does_not_hide_an_invention(monkeypatch: pytest.MonkeyPatch) -> None:
    doubled = next(trouble for trouble in TROUBLES if trouble.name == "false starts")
    honest = cell("new-era", doubled).verdict
    monkeypatch.setitem(SPECS, "new-era", with_driver("new-era", Forger))
    told = cell("new-era", doubled).verdict
    assert honest.wrong == []
    assert told.damaged_at == honest.damaged_at
    assert told.invented >= 1


def test_a_renamed_port_is_found_by_its_adapter_and_not_by_its_old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = next(trouble for trouble in TROUBLES if trouble.name == "port renamed")
    spec = SPECS["new-era"]
    assert run(spec, 45.0, renamed.setting(spec, 20.0, 3.0)).port == bed.NEW_NAME
    monkeypatch.setattr(bed, "ADAPTER", Adapter())  # nothing is known of it: its old name is believed
    wrong = cell("new-era", renamed).verdict.wrong
    assert "no reading afterwards" in wrong
    assert f"the port is still {bed.NAME}" in wrong


def test_the_judge_sees_what_escapes_and_that_nothing_comes() -> None:
    result = run(with_driver("new-era", Crasher), 20.0, Setting())
    assert set(result.escaped) == {"ValueError: a bug"}
    assert judge.first_reading_after(result, 0.0) is None


def test_the_judge_sees_an_intact_frame_that_the_codec_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(SPECS["masimo"], 10.0, Setting())
    good, deaf = judge.Verdict(), judge.Verdict()
    judge.judge_frames("masimo", result, good)
    assert (good.lost, good.wrong) == (0, [])
    assert good.intact == good.frames >= 8
    codecs = iter([Cut("masimo"), Cut("nellcor")])  # the second one is to read what was heard, and cannot
    monkeypatch.setattr(judge, "Cut", lambda key: next(codecs))
    judge.judge_frames("masimo", result, deaf)
    assert deaf.lost == good.intact


def test_the_judge_sees_a_value_that_passes_as_fresh_too_long() -> None:
    spec = SPECS["new-era"]
    out = Setting((Fault(FaultKind.OUT, 10.0, 30.0),))
    slow = replace(spec, stale_s=25.0)
    assert judge.stale_in_time(spec, run(spec, 45.0, out)) == []
    assert judge.stale_in_time(spec, run(slow, 45.0, out))


@pytest.mark.parametrize(("key", "patience_s"), [("bbraun-space", 5.0), ("new-era", 1.0), ("masimo", 1.0)])
def test_a_reading_may_be_told_as_late_as_the_driver_itself_waits(key: str, patience_s: float) -> None:
    cut = Setting((Fault(FaultKind.CUT, 5.0, 20.0),))
    result = run(SPECS[key], 30.0, cut)
    assert 0.0 < max(until - at for at, until in result.waits) <= patience_s
    assert judge.told_late(key, result) == []
    reading = PumpReading("pump", "1", PumpStatus.STOPPED, "", START.plus(20.0))

    def told(after_s: float, *waits: tuple[float, float]) -> int:
        return len(judge.told_late(key, replace(result, facts=[(20.0 + after_s, reading)], waits=list(waits))))

    assert [told(patience_s + late_s, (20.0, 20.0 + patience_s)) for late_s in (0.05, 0.2)] == [0, 1]
    assert told(patience_s, (10.0, 10.0 + patience_s), (40.0, 40.0 + patience_s)), "it waited for another one"
    assert told(6.0, (20.0, 80.0)), "so long none may wait"
    assert told(0.5) == 0


def test_the_judge_wants_a_cause_for_a_gap() -> None:
    spec = SPECS["new-era"]
    untold = Run(states=[(30.0, LinkState.STALE, 20.0)])
    assert judge.gap_told(spec, untold, 0.0) == ["a gap without a cause", "ends stale"]
