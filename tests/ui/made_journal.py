"""The journal and the readings of one made-up session: a ramp to its end, one reaction, one gap, signed."""

from __future__ import annotations

from decimal import Decimal

from exomonitor.clock import Instant
from exomonitor.engine.ports import ReadingRow
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.entry import Entry, Event
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.plan import SourceCell
from tests.ui.made_sessions import RAMP, at

SESSION = "s1"


def journal() -> list[Entry]:
    """All entries in order."""
    told: list[tuple[Instant, Event]] = [
        (at(-20), ev.SessionOpened("EXO-K3T9AB", "4", True, "Exosome IV slow", "1.0", "ab" * 32, "0.1.0")),
        (at(-18), ev.PatientIdentified(("name", "born"), "DOE, Jane", "1972-03-14", "0048213", "penicillin")),
        (at(-16), ev.ProductEntered(SourceCell.MSC, "EXO-A12", "2027-06-30")),
        (at(-14), ev.OrderEntered(Decimal("5.0"), Decimal(100), Decimal(45), RAMP, Decimal(18))),
        (at(-12), ev.LineEntered("forearm", "left", "22G")),
        (at(0), ev.SessionStarted(at(0), DeliverySource.PUMP)),
        (at(0), _runs(0, 41.4, 0.0)),
        (at(5), _runs(5, 82.8, 3.45)),
        (at(15), _runs(15, 165.5, 17.25)),
        (at(16), ev.ReactionOpened("r1", at(16), at(6), 16.0, 165.5, 20.0, "infusing", {})),
        (at(20), ev.ReactionDetailed("r1", ("flushing",), "Flushing", 1, "5.0", (), "resolved", at(19))),
        (at(25), mv.GapClosed("monitor", at(24), at(24.4), 24.0)),
        (at(45), ev.ProductEnded(at(45), "complete", 99.8, DeliverySource.PUMP)),
        (at(110), ev.SessionSigned("performed and reviewed", "cd" * 32, "Complete", "R. Okafor")),
    ]
    return [
        Entry(number, SESSION, number, when, "UTC", "u1", "chairside", event, f"{number:064d}")
        for number, (when, event) in enumerate(told, start=1)
    ]


def _runs(minute: float, rate: float, given: float) -> ev.DeliveryChanged:
    return ev.DeliveryChanged(at(minute), Fluid.PRODUCT, rate, DeliverySource.PUMP, "infusing", given, given)


def readings() -> list[tuple[int, ReadingRow]]:
    """Heart rate and saturation every five seconds but for the gap, a pressure every five minutes."""
    rows = []
    for tick in range(45 * 12):
        minute = tick / 12
        if 24.0 < minute < 24.4:
            continue
        rows += [_row(minute, "hr", 80.0 + tick % 5, "/min"), _row(minute, "spo2", 97.0 - tick % 2, "%")]
        if tick % 60 == 0:
            rows += [_row(minute, "nibp_sys", 118.0, "mm[Hg]"), _row(minute, "nibp_dia", 74.0, "mm[Hg]")]
    return [(1, row) for row in rows]


def _row(minute: float, name: str, value: float, unit: str) -> ReadingRow:
    return ReadingRow(SESSION, at(minute), "monitor", "", name, value, unit, "valid", "simulator")
