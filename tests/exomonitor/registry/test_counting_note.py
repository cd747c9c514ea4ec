"""Particle counts of different methods are not compared without a note."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from exomonitor.clinical.certificate import Certificate
from exomonitor.clock import ManualClock
from exomonitor.registry.counting import counting_note
from exomonitor.registry.lots import Lot
from exomonitor.registry.registry import Registry
from exomonitor.registry.visits import Visit

CLOCK = ManualClock()


def lot(name: str, method: str) -> Lot:
    return Lot(name, certificate=Certificate(texts={"count_method": method} if method else {}))


def registry(*earlier: str, lots: tuple[Lot, ...]) -> Registry:
    """Earlier visits of one patient, the oldest first, by their lots; the present one comes last."""
    visits = {}
    for n, name in enumerate((*earlier, "NOW")):
        now = CLOCK.now().plus(n * 86400)
        visits[f"s-{n}"] = Visit(
            f"s-{n}", f"EXO-{n}", now, "UTC", patient="p-1", started=now, lots=(name,), day=now.utc.date()
        )
    kept = {one.id: one for one in lots}
    return Registry(visits=MappingProxyType(visits), lots=MappingProxyType(kept))


def test_the_first_dose_has_nothing_to_compare():
    known = registry(lots=(lot("NOW", "NTA"),))
    assert counting_note(known, "p-1", "s-0", "NOW") == ""


def test_the_same_method_needs_no_note():
    known = registry("OLD", lots=(lot("OLD", "NTA"), lot("NOW", "nta")))
    assert counting_note(known, "p-1", "s-1", "NOW") == ""


def test_another_method_than_the_newest_earlier_dose_is_noted():
    known = registry("FIRST", "OLD", lots=(lot("FIRST", "NTA"), lot("OLD", "nanoFCM"), lot("NOW", "NTA")))
    note = counting_note(known, "p-1", "s-2", "NOW")
    assert note == "Counted by NTA, earlier by nanoFCM: particle counts of different methods cannot be compared"


def test_a_method_that_nobody_recorded_is_noted_where_an_earlier_one_was():
    known = registry("OLD", lots=(lot("OLD", "NTA"), lot("NOW", "")))
    assert "not recorded" in counting_note(known, "p-1", "s-1", "NOW")
    assert "not recorded" in counting_note(
        replace(known, lots=MappingProxyType({"OLD": lot("OLD", "NTA")})), "p-1", "s-1", "NOW"
    )


def test_earlier_lots_that_the_clinic_does_not_know_say_nothing():
    known = registry("ELSEWHERE", lots=(lot("NOW", "NTA"),))
    assert counting_note(known, "p-1", "s-1", "NOW") == ""
    assert counting_note(known, "", "s-1", "NOW") == ""
