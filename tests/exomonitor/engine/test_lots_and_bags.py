"""Whoever prepares: certificates, release by two people, quarantine, thaw records and bags."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exomonitor.clinical.certificate import Amount, Result
from exomonitor.clinical.gs1 import SCANNER_TEST
from exomonitor.clinical.product import Source
from exomonitor.registry.lot_events import Receipt
from exomonitor.registry.registry import load_registry
from exomonitor.registry.shelf import (
    EnterCertificate,
    LiftQuarantine,
    PrepareBag,
    QuarantineLot,
    ReleaseBag,
    ReleaseLot,
)
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, NURSE, PRESCRIBER, VERIFIER, Bench
from tests.exomonitor.engine.shelf_bench import (
    GOOD,
    GTIN,
    LABEL,
    LOT,
    bag,
    bag_of,
    certificate,
    lot_of,
    released_bag,
    released_lot,
    thaw,
    without,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


# --- certificates


def test_a_scanned_label_and_a_good_certificate_make_a_lot_that_two_people_release(bench: Bench):
    lot = released_lot(bench)
    assert (lot.id, lot.gtin, lot.expiry, lot.source_cell) == (LOT, GTIN, "2029-06-30", SourceCell.MSC)
    assert lot.released_by == (NURSE, VERIFIER)
    assert (lot.concentration, lot.endotoxin_eu_ml, lot.count_method) == (Decimal("2.0"), Decimal("0.05"), "NTA")
    assert lot.blocking == ()
    assert {line.key for line in lot.lines if line.verdict == "not on certificate"} == {"morphology", "residuals"}
    assert "certificate.toml v" in lot.table


def test_it_needs_no_session(bench: Bench):
    assert bench.snapshot.session is None
    released_lot(bench)
    assert bench.snapshot.session is None


@pytest.mark.parametrize("key", ["sterility", "mycoplasma", "endotoxin", "concentration"])
def test_what_must_be_on_the_certificate_blocks_the_release_when_it_is_not(bench: Bench, key: str):
    bench.do(certificate(bench, certificate=without(key)))
    assert "cannot be released" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))


def test_a_pending_sterility_blocks_until_the_result_is_entered_with_a_reason(bench: Bench):
    pending = replace(GOOD, results={**GOOD.results, "sterility": Result.PENDING})
    bench.do(certificate(bench, certificate=pending))
    assert "Sterility: result pending" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))
    assert "reason for entering" in bench.refused(certificate(bench))
    released_lot(bench, reason="14-day result arrived")
    assert lot_of(bench).released


def test_a_positive_sterility_quarantines_the_lot_by_itself(bench: Bench):
    positive = replace(GOOD, results={**GOOD.results, "sterility": Result.POSITIVE})
    bench.do(certificate(bench, certificate=positive))
    assert "Sterility: positive" in lot_of(bench).quarantine
    assert "in quarantine" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))


@pytest.mark.parametrize("receipt", [Receipt(temperature_log_ok=False), Receipt(intact=False)])
def test_a_bad_transport_quarantines_the_lot(bench: Bench, receipt: Receipt):
    bench.do(certificate(bench, certificate=replace(GOOD, excursion=None), receipt=receipt))
    assert lot_of(bench).quarantine


def test_whose_cells_a_lot_was_made_from_is_kept_and_checked(bench: Bench):
    assert "autologous or allogeneic" in bench.refused(certificate(bench, receipt=Receipt(donor="a friend")))
    bench.do(certificate(bench, receipt=Receipt(donor="allogeneic")))
    assert lot_of(bench).receipt.donor == "allogeneic"


def test_a_line_that_is_owed_a_reason_gets_one(bench: Bench):
    impure = replace(GOOD, numbers={**GOOD.numbers, "protein": Amount(Decimal(4))})
    bench.do(certificate(bench, certificate=impure))
    assert "Purity ratio" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))
    bench.do(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER), "accepted for the study by its sponsor"))
    assert lot_of(bench).released


def test_a_certificate_of_the_other_cell_blocks(bench: Bench):
    bench.do(certificate(bench, certificate=replace(GOOD, source=Source.DENDRITIC)))
    assert "dendritic cell, ordered is MSC" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("10EXO-A1217270630", "no expiry date"),
        ("01006141410004191727063010A", "check digit"),
        ("=A9999 26 123456", "ISBT 128"),
        ("01006141410004181713029910A", "does not exist"),
        (SCANNER_TEST, "test code"),
    ],
)
def test_a_scan_that_is_not_certain_is_not_accepted(bench: Bench, raw: str, words: str):
    assert words in bench.refused(certificate(bench, raw=raw))


def test_typing_cannot_contradict_the_scan(bench: Bench):
    assert "typed differs" in bench.refused(certificate(bench, lot="EXO-B01"))


def test_a_typed_label_keeps_who_looked_at_it_too(bench: Bench):
    typed = EnterCertificate(CHAIR, bench.by, SourceCell.MSC, GOOD, LOT, "2029-06-30", proof=bench.proof(VERIFIER))
    assert "needs a second person" in bench.refused(replace(typed, proof=""))
    bench.do(typed)
    assert (lot_of(bench).scanned, lot_of(bench).typed_second) == (False, VERIFIER)


def test_one_lot_number_with_two_product_codes_is_refused(bench: Bench):
    bench.do(certificate(bench))
    other = LABEL.replace(GTIN, "05060917510011")
    assert "another product code" in bench.refused(certificate(bench, raw=other, reason="other maker"))


# --- release and quarantine


def test_nobody_signs_twice(bench: Bench):
    bench.do(certificate(bench))
    bench.work_as(VERIFIER)
    assert "somebody else" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))
    assert "role of verifier or prescriber" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(NURSE)))
    assert "second person" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT))


def test_an_expired_lot_is_not_released(bench: Bench):
    bench.do(certificate(bench, raw="", lot=LOT, expiry="2020-01-31", proof=bench.proof(VERIFIER)))
    assert "expired on 2020-01-31" in bench.refused(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))


def test_quarantine_takes_the_release_back_and_lifting_it_does_not_give_it_again(bench: Bench):
    released_lot(bench)
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "recall by the maker"))
    assert not lot_of(bench).released
    assert "already" in bench.refused(QuarantineLot(CHAIR, bench.by, LOT, "recall by the maker"))
    bench.do(LiftQuarantine(CHAIR, bench.by, LOT, "recall withdrawn", bench.proof(PRESCRIBER)))
    assert not lot_of(bench).released
    bench.do(ReleaseLot(CHAIR, bench.by, LOT, bench.proof(VERIFIER)))
    assert lot_of(bench).released


def test_a_lot_that_nobody_knows_can_be_quarantined(bench: Bench):
    bench.do(QuarantineLot(CHAIR, bench.by, "EXO-X9", "recall by the maker"))
    assert lot_of(bench, "EXO-X9").quarantine == "recall by the maker"
    assert "no certificate" in bench.refused(ReleaseLot(CHAIR, bench.by, "EXO-X9", bench.proof(VERIFIER)))


# --- bags


def test_a_bag_of_a_released_lot_holds_what_was_drawn(bench: Bench):
    released_lot(bench)
    made = bag_of(bench, released_bag(bench))
    assert (made.dose_billion, made.volume_ml, made.serial) == (Decimal(5), Decimal(100), "000123")
    assert made.released_by == (NURSE, VERIFIER)
    assert made.stopped == ""


def test_no_bag_of_a_lot_that_is_not_released(bench: Bench):
    bench.do(certificate(bench))
    assert "not released" in bench.refused(bag(bench))
    assert "no certificate" in bench.refused(bag(bench, lot="EXO-B01", raw=""))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"dose_billion": Decimal(50)}, "hold 5.00 billion, not 50"),
        ({"product_ml": Decimal(120)}, "do not fit"),
        ({"diluent": ""}, "diluent is missing"),
        ({"product_ml": Decimal(1), "volume_ml": Decimal(2)}, "not accepted"),
        ({"lot": "EXO-B01"}, "no certificate"),
    ],
)
def test_slips_in_a_bag_are_refused(bench: Bench, more: dict[str, object], words: str):
    released_lot(bench)
    assert words in bench.refused(bag(bench, **more))


def test_times_that_cannot_be_are_refused(bench: Bench):
    released_lot(bench)
    late = bench.now.plus(-60).iso()
    assert "Thawed before" in bench.refused(bag(bench, thaw=thaw(bench, removed_at=late)))
    assert "not a time" in bench.refused(bag(bench, thaw=thaw(bench, removed_at="noon")))


def test_an_unusual_thaw_needs_a_reason_and_a_second_person(bench: Bench):
    released_lot(bench)
    twice = thaw(bench, cycles=2)
    assert "Thawed 2 times" in bench.refused(bag(bench, thaw=twice))
    assert "second person" in bench.refused(bag(bench, thaw=twice, reason="refrozen by the maker"))
    bench.do(bag(bench, thaw=twice, reason="refrozen by the maker", proof=bench.proof(VERIFIER)))


@pytest.mark.parametrize("wrong", [{"appearance_ok": False}, {"temperature_log_ok": False}])
def test_a_bag_that_must_not_be_given_is_recorded_and_never_released(bench: Bench, wrong: dict[str, bool]):
    released_lot(bench)
    made = bench.do(bag(bench, thaw=thaw(bench, **wrong))).answer
    assert bag_of(bench, made).stopped
    assert "cannot be released" in bench.refused(ReleaseBag(CHAIR, bench.by, made, bench.proof(VERIFIER)))


def test_a_bag_without_its_label_or_past_its_time_is_not_released(bench: Bench):
    released_lot(bench)
    bare = bench.do(bag(bench, labelled=False)).answer
    assert "no label" in bench.refused(ReleaseBag(CHAIR, bench.by, bare, bench.proof(VERIFIER)))
    old = bench.do(bag(bench, raw="", serial="2")).answer
    bench.clock.advance(5 * 3600)
    assert "in-use time" in bench.refused(ReleaseBag(CHAIR, bench.by, old, bench.proof(VERIFIER)))


def test_a_bag_is_released_by_its_scan(bench: Bench):
    released_lot(bench)
    made = bench.do(bag(bench)).answer
    bench.do(ReleaseBag(CHAIR, bench.by, proof=bench.proof(VERIFIER), raw=LABEL))
    assert bag_of(bench, made).released_by
    again = ReleaseBag(CHAIR, bench.by, proof=bench.proof(VERIFIER), raw=LABEL)
    assert "No bag of lot" in bench.refused(again)
    bench.do(bag(bench, raw="", serial="8"))
    bench.do(bag(bench, raw="", serial="9"))
    assert "More than one bag" in bench.refused(replace(again, raw=LABEL.partition("\x1d")[0]))


def test_one_container_makes_one_bag(bench: Bench):
    released_lot(bench)
    made = released_bag(bench)
    assert f"is bag {made} already" in bench.refused(bag(bench))


def test_the_journal_alone_gives_the_same_shelf(bench: Bench):
    released_lot(bench)
    released_bag(bench)
    bench.do(QuarantineLot(CHAIR, bench.by, LOT, "recall by the maker"))
    again = load_registry(bench.recorder.entries)
    assert again.lots == bench.snapshot.registry.lots
    assert again.bags == bench.snapshot.registry.bags


def test_a_command_says_what_it_needs(bench: Bench):
    assert "Sign in" in Bench(signed_in=False).refused(PrepareBag(CHAIR, "", LOT, Decimal(1), Decimal(100)))
    assert "There is no bag" in bench.refused(ReleaseBag(CHAIR, bench.by, "B-0"))
