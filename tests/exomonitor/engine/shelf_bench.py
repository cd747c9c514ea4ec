"""A shelf for tests: a good certificate, and a lot and a bag that two people released."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from exomonitor.clinical.certificate import Amount, Certificate, Result
from exomonitor.clinical.product import Source
from exomonitor.registry.lot_events import ThawRecord
from exomonitor.registry.lots import Bag, Lot
from exomonitor.registry.shelf import EnterCertificate, PrepareBag, ReleaseBag, ReleaseLot
from exomonitor.session.plan import SourceCell
from tests.exomonitor.engine.bedside_bench import CHAIR, VERIFIER, Bench

GS = "\x1d"
GTIN = "00614141000418"
LOT, SERIAL, EXPIRY = "EXO-A12", "000123", "2029-06-30"
LABEL = f"]d201{GTIN}1729063010{LOT}{GS}21{SERIAL}"
GOOD = Certificate(
    numbers={
        "concentration": Amount(Decimal("2.0")),
        "protein": Amount(Decimal("0.05")),
        "size_mode": Amount(Decimal(110)),
        "endotoxin": Amount(Decimal("0.05"), less_than=True),
    },
    results={
        "sterility": Result.NEGATIVE,
        "mycoplasma": Result.NEGATIVE,
        "adventitious_virus": Result.NEGATIVE,
    },
    markers={"CD9": True, "CD63": True, "CD81": True, "TSG101": True, "calnexin": False},
    texts={"count_method": "NTA", "donor_screening": "eligible", "potency": "T-cell assay"},
    source=Source.MSC,
    excursion=False,
)


def certificate(bench: Bench, **more: Any) -> EnterCertificate:
    given: dict[str, Any] = {"source_cell": SourceCell.MSC, "certificate": GOOD, "raw": LABEL, **more}
    return EnterCertificate(CHAIR, bench.by, **given)


def without(key: str) -> Certificate:
    """The good certificate, one line of it left away."""
    return replace(
        GOOD,
        numbers={name: amount for name, amount in GOOD.numbers.items() if name != key},
        results={name: result for name, result in GOOD.results.items() if name != key},
        texts={name: text for name, text in GOOD.texts.items() if name != key},
    )


def released_lot(bench: Bench, **more: Any) -> Lot:
    lot = bench.do(certificate(bench, **more)).answer
    bench.do(ReleaseLot(CHAIR, bench.by, lot, bench.proof(VERIFIER)))
    return lot_of(bench, lot)


def lot_of(bench: Bench, lot: str = LOT) -> Lot:
    return bench.snapshot.registry.lots[lot]


def bag_of(bench: Bench, bag: str) -> Bag:
    return bench.snapshot.registry.bags[bag]


def thaw(bench: Bench, **more: Any) -> ThawRecord:
    """Taken out 20 min ago, thawed 5 min ago, good for four hours."""
    given: dict[str, Any] = {
        "removed_at": bench.now.plus(-1200).iso(),
        "complete_at": bench.now.plus(-300).iso(),
        "in_use_until": bench.now.plus(4 * 3600).iso(),
        "storage_c": Decimal(-80),
        "method": "water bath 37 °C",
        "cycles": 1,
        "appearance_ok": True,
        "temperature_log_ok": True,
        **more,
    }
    return ThawRecord(**given)


def bag(bench: Bench, **more: Any) -> PrepareBag:
    """2.5 mL of 2.0 billion/mL to 100 mL: 5.0 billion."""
    given: dict[str, Any] = {
        "lot": LOT,
        "product_ml": Decimal("2.5"),
        "volume_ml": Decimal(100),
        "thaw": thaw(bench),
        "raw": LABEL,
        "diluent": "NaCl 0.9 %",
        "diluent_lot": "S-77",
        "labelled": True,
        "label_patient": "M-1",
        **more,
    }
    return PrepareBag(CHAIR, bench.by, **given)


def released_bag(bench: Bench, **more: Any) -> str:
    made = bench.do(bag(bench, **more)).answer
    bench.do(ReleaseBag(CHAIR, bench.by, made, bench.proof(VERIFIER)))
    return made
