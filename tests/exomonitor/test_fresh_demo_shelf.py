"""A demo is played again on the shelf that earlier ones have used: nothing is received or prepared twice."""

from __future__ import annotations

from types import MappingProxyType

from exomonitor.headless import ScriptRow
from exomonitor.registry.lot_events import NO_THAW
from exomonitor.registry.lots import Bag, Lot
from exomonitor.registry.registry import Registry
from exomonitor.rehearsal import for_a_fresh_shelf

RAW = "]d201006141410004181729063010L-1\x1d21000101"
ROWS = (
    ScriptRow(1.0, "enter_certificate", {"raw": RAW}),
    ScriptRow(2.0, "release_lot", {"lot": "L-1"}),
    ScriptRow(3.0, "prepare_bag", {"lot": "L-1", "raw": RAW, "volume_ml": "100"}),
    ScriptRow(4.0, "release_bag", {"raw": RAW}),
    ScriptRow(5.0, "enter_product", {"raw": RAW}),
    ScriptRow(6.0, "complete_double_check", {"label": RAW}, "not now"),
)


def shelf(lot: Lot | None = None, *serials: str) -> Registry:
    bags = {f"B-{s}": Bag(f"B-{s}", "L-1", 5, 100, 2, NO_THAW, serial=s) for s in serials}  # type: ignore[arg-type]
    return Registry(lots=MappingProxyType({lot.id: lot} if lot else {}), bags=MappingProxyType(bags))


def test_an_empty_shelf_takes_the_script_as_it_is():
    assert for_a_fresh_shelf(ROWS, shelf(), 2026) == ROWS


def test_a_released_lot_is_not_received_again_and_the_bag_has_the_next_serial_number():
    fresh = for_a_fresh_shelf(ROWS, shelf(Lot("L-1", released_by=("u-1", "u-2")), "000101", "000102"), 2026)
    assert [row.do for row in fresh] == ["prepare_bag", "release_bag", "enter_product", "complete_double_check"]
    raws = {str(row.values.get("raw") or row.values.get("label")) for row in fresh}
    assert raws == {RAW.replace("000101", "000103")}
    assert (fresh[0].values["lot"], fresh[0].values["volume_ml"], fresh[3].refused) == ("L-1", "100", "not now")


def test_a_lot_that_must_not_be_used_gets_another_name_and_is_received():
    quarantined = Lot("L-1", released_by=("u-1", "u-2"), quarantine="shown in a recall")
    fresh = for_a_fresh_shelf(ROWS, shelf(quarantined), 2026)
    assert [row.do for row in fresh] == [row.do for row in ROWS]
    assert fresh[0].values["raw"] == RAW.replace("L-1", "L-1-2")
    assert fresh[1].values["lot"] == "L-1-2"
