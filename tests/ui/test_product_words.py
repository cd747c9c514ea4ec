"""Words of lots, bags and recalls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from exomonitor.registry.lots import Lot
from exomonitor.registry.shelf import QuarantineLot
from exomonitor.session.plan import Product, SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, Bench
from tests.exomonitor.engine.shelf_bench import LOT, bag, certificate, lot_of, released_bag, released_lot, without
from ui.presenters.product import (
    BARE,
    BLOCKED,
    EXPIRED,
    QUARANTINE,
    READY,
    RELEASED,
    ahead,
    bag_content,
    bag_rows,
    lot_facts,
    lot_rows,
    lot_state,
    mark_words,
    next_mark,
    product_words,
    recall_head,
)

TODAY = date(2026, 3, 2)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_lot_goes_from_entered_to_released_to_quarantine(bench: Bench):
    bench.do(certificate(bench, certificate=without("sterility")))
    assert lot_state(lot_of(bench), TODAY) == BLOCKED
    bench.do(certificate(bench, reason="sterility arrived"))
    assert lot_state(lot_of(bench), TODAY) == READY
    assert lot_state(lot_of(bench), date(2029, 7, 1)) == EXPIRED
    released_lot(bench, reason="once more")
    assert lot_state(lot_of(bench), date(2029, 6, 30)) == RELEASED
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "recall by the maker"))
    assert lot_state(lot_of(bench), TODAY) == QUARANTINE
    assert lot_state(Lot("EXO-X9"), TODAY) == BARE


def test_the_list_names_why_a_lot_is_stopped_and_how_many_bags_it_has(bench: Bench):
    released_lot(bench)
    released_bag(bench)
    bench.do(QuarantineLot(CHAIR, bench.by, "EXO-X9", "recall by the maker"))
    first, second = lot_rows(bench.snapshot.registry, TODAY)
    assert {first.id, second.id} == {LOT, "EXO-X9"}
    rows = {row.id: row for row in (first, second)}
    assert (rows[LOT].state, rows[LOT].bags, rows[LOT].cell) == (RELEASED, "1", "MSC")
    assert rows["EXO-X9"].state == "in quarantine: recall by the maker"


def test_the_card_of_a_lot_names_two_people(bench: Bench):
    facts = dict(lot_facts(released_lot(bench), bench.snapshot.registry, TODAY))
    assert facts["Released"].endswith("by Nurse Example and Verifier Example")
    assert facts["Concentration"] == "2.0 billion/mL"
    assert facts["Maker"] == "not recorded"


def test_bags_say_what_they_wait_for(bench: Bench):
    released_lot(bench)
    released_bag(bench)
    bench.do(bag(bench, raw="", serial="2", labelled=False))
    bench.do(bag(bench, raw="", serial="3"))
    rows = {row.words.split(" · ")[1]: row for row in bag_rows(bench.snapshot.registry, LOT)}
    assert rows["serial 000123"].state == "released by Nurse Example and Verifier Example"
    assert (rows["serial 2"].state, rows["serial 2"].may_release) == ("its label is missing", False)
    assert (rows["serial 3"].state, rows["serial 3"].may_release) == ("to be released", True)


def test_what_is_drawn_says_the_dose_and_the_diluent(bench: Bench):
    lot = released_lot(bench)
    words = bag_content(lot, Decimal("2.5"), Decimal(100))
    assert words.startswith("5.00 billion particles in 100 mL · 2.5 mL product + 97.5 mL diluent · 50.0 million/mL")
    assert "EU/mL" in words
    assert bag_content(lot, None, Decimal(100)) == f"Lot {LOT}: 2 billion/mL"
    assert "not known" in bag_content(replace(lot, certificate=None), Decimal(1), Decimal(2))


def test_a_time_ahead_is_the_next_one_on_the_wall():
    now = datetime(2026, 3, 2, 14, 0, tzinfo=UTC).astimezone()
    later = now.replace(minute=30)
    assert ahead(f"{later:%H:%M}", now) == later
    earlier = now.replace(hour=(now.hour - 1) % 24) if now.hour else now.replace(hour=23)
    found = ahead(f"{earlier:%H:%M}", now)
    assert found is not None
    assert found > now
    assert ahead("noon", now) is None
    assert ahead("25:00", now) is None
    full = ahead("2026-03-04 09:15", now)
    assert full is not None
    assert f"{full.astimezone():%d %H:%M}" == "04 09:15"


def test_markers_go_round():
    assert [next_mark(None), next_mark(True), next_mark(False)] == [True, False, None]
    assert [mark_words("CD9", seen) for seen in (None, True, False)] == ["CD9", "CD9\npresent", "CD9\nabsent"]


def test_the_bag_at_the_chair_in_two_lines(bench: Bench):
    product = Product(SourceCell.MSC, LOT, "2029-06-30", dose_billion=Decimal(5), volume_ml=Decimal(100))
    head, more = product_words(product, bench.snapshot.registry)
    assert head == f"MSC exosomes, lot {LOT}, expires 2029-06-30"
    assert more == "5 billion in 100 mL · not scanned"
    released = replace(product, scanned=True, released_by="u-verifier", concentration=Decimal("2.0"))
    assert product_words(released, bench.snapshot.registry)[1].endswith(
        "lot 2 billion/mL · released by Verifier Example"
    )


def test_a_recall_without_anybody_says_so():
    assert recall_head("EXO-Z9", ()) == "Lot EXO-Z9: nobody had it"
