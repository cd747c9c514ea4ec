"""The judge of the matrix sees a driver that tells old values anew, and one that swallows readings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from devices.spec import Driver
from exomonitor.clock import Instant
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.vitals import VitalReading
from tests.conformance.dialogue import SPECS, START
from tests.conformance.matrix import TROUBLES, cell

READING = (VitalReading, PumpReading)


class Wrapped:
    """A driver whose facts are changed on their way."""

    def __init__(self, inner: Driver) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class Freezer(Wrapped):
    """Tells its last readings again as new ones whenever nothing but rubbish comes."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner)
        self._last: list[VitalReading | PumpReading] = []

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        facts = self._inner.received(data, at)
        found = [fact for fact in facts if isinstance(fact, READING)]
        self._last = found or self._last
        stands = not found and data and self._last and at.since(self._last[0].at) > 0.9
        return [*facts, *(replace(fact, at=at) for fact in self._last)] if stands else facts


class Swallower(Wrapped):
    """Tells no reading for a while."""

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        silent = 20.5 < at.since(START) < 40
        return [fact for fact in self._inner.received(data, at) if not (silent and isinstance(fact, READING))]


class Stutterer(Wrapped):
    """Tells one reading twice at its own moment: not oftener than a whole run may."""

    def __init__(self, inner: Driver) -> None:
        super().__init__(inner)
        self._number = 0

    def received(self, data: bytes, at: Instant) -> list[DeviceFact]:
        facts = self._inner.received(data, at)
        found = [fact for fact in facts if isinstance(fact, READING)]
        self._number += bool(found)
        return [*facts, *found] if found and self._number == 15 else facts


def judged(key: str, name: str, kind: Callable[[Driver], Any], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What an honest driver is told of, and this one; the good line is an honest driver's."""
    trouble = next(one for one in TROUBLES if one.name == name)
    honest, spec = " ".join(cell(key, trouble).verdict.wrong), SPECS[key]
    monkeypatch.setitem(SPECS, key, replace(spec, make_driver=lambda source: kind(spec.make_driver(source))))
    return honest, " ".join(cell(key, trouble).verdict.wrong)


@pytest.mark.parametrize(("key", "name"), [("masimo", "bytes dropped"), ("nellcor", "messages cut")])
def test_a_reading_without_a_frame_is_seen(key: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, told = judged(key, name, Freezer, monkeypatch)
    assert honest == ""
    assert "without a frame" in told


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        ("masimo", "false starts", "told nothing"),
        ("nellcor", "bits flipped", "told nothing"),
        ("alaris-asena", "byte by byte", "and no reading for"),
    ],
)
def test_a_reading_that_is_swallowed_is_seen(key: str, name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, told = judged(key, name, Swallower, monkeypatch)
    assert honest == ""
    assert words in told


@pytest.mark.parametrize(
    ("key", "name", "words"),
    [
        ("new-era", "false starts", "4 whole answers"),
        ("alaris-asena", "false starts", "3 whole answers"),
        ("harvard-ultra", "false starts", "4 whole answers"),
        ("fresenius-base", "false starts", "1 whole answers"),
    ],
)
def test_a_reading_of_several_answers_that_is_swallowed_on_a_bad_line_is_seen(
    key: str, name: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, told = judged(key, name, Swallower, monkeypatch)
    assert honest == ""
    assert words in told


def test_a_reading_that_is_told_twice_at_one_moment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    honest, told = judged("new-era", "cable out 1 s", Stutterer, monkeypatch)
    assert honest == ""
    assert "told 2 times within 0.005 s" in told
