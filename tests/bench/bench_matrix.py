"""Every family under every fault of a line or a device: what was lost, invented, late; how soon it came back."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from devices.spec import DeviceSpec
from tests.conformance import judge
from tests.conformance.dialogue import SPECS
from tests.conformance.matrix import TROUBLES, Cell, Trouble, cell, does_not_apply

SEEDS = (1, 2, 3)


def run() -> list[dict[str, Any]]:
    """One row for each cell (the worst of the seeds), and what they come to."""
    logging.disable(logging.CRITICAL)  # every cable that comes out says so
    try:
        rows, cells = [], []
        for key, spec in sorted(SPECS.items()):
            for trouble in TROUBLES:
                why_not = does_not_apply(spec, trouble)
                if why_not:
                    rows.append({"name": f"{spec.choice}: {trouble.name}", "against": f"empty: {why_not}"})
                    continue
                tried = [cell(key, trouble, seed) for seed in SEEDS]
                cells += tried
                rows.append(_row(spec, trouble, tried))
        return [*rows, *_sums(cells)]
    finally:
        logging.disable(logging.NOTSET)


def _row(spec: DeviceSpec, trouble: Trouble, tried: list[Cell]) -> dict[str, Any]:
    wrong = [text for one in tried for text in one.verdict.wrong]
    intact, lost = sum(one.verdict.intact for one in tried), sum(one.verdict.lost for one in tried)
    back = [one.verdict.recovery_s for one in tried if one.verdict.recovery_s is not None]
    return {
        "name": f"{spec.choice}: {trouble.name}",
        "value": max(back, default=None),
        "unit": "s to the next reading",
        "against": "; ".join(wrong) or f"{intact} intact, {lost} lost",
        "target": f"<= {judge.BACK_OFF_S + spec.interval_s:g} s",
        "ok": not wrong,
    }


def _sums(cells: list[Cell]) -> Iterator[dict[str, Any]]:
    verdicts = [one.verdict for one in cells]
    yield {"name": "runs", "value": len(cells), "unit": f"{len(SPECS)} formats"}
    yield {"name": "frames that the devices sent", "value": sum(one.frames for one in verdicts)}
    yield {"name": "frames heard without a scratch", "value": sum(one.intact for one in verdicts)}
    for name, count in (
        ("of these lost", sum(one.lost for one in verdicts)),
        ("values invented", sum(one.invented for one in verdicts)),
        ("runs in which anything was wrong", sum(bool(one.wrong) for one in verdicts)),
    ):
        yield {"name": name, "value": count, "target": "0", "ok": count == 0}
    for checked, told in ((True, "with a checksum"), (False, "without")):
        some = [one for one in cells if SPECS[one.key].has_checksum is checked]
        taken, deceived = sum(one.verdict.damaged_taken for one in some), sum(one.deceived for one in some)
        yield {
            "name": f"damaged frames taken for good, {told}",
            "value": taken,
            "against": f"{deceived} values of them",
        }
