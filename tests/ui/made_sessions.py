"""Sessions made by hand for tests of the screen: a ramp in progress, with sets, a pause, a reaction where asked for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exomonitor.clinical.rates import RampStep
from exomonitor.clock import Instant, ManualClock
from exomonitor.session.events import ObservationRecorded, ObservedValue
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.plan import Line, Order, Patient, Product, SourceCell
from exomonitor.session.state import ObservationDone, Reaction, SessionState, Stretch
from tests.ui.made_checks import all_checked

START = ManualClock().now()
RAMP = (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10)))
ORDER = Order(Decimal("5.0"), Decimal(100), Decimal(45), RAMP, Decimal(18), True, "Dr Lindqvist", "cetirizine 10 mg")


def at(minute: float) -> Instant:
    """So many minutes after the start of every made session."""
    return START.plus(minute * 60)


def prepared() -> SessionState:
    """A session that was only opened."""
    return SessionState(
        "s1", "EXO-0001", "4", True, "Exosome IV slow", "1.0", "ab" * 32, "0.1.0", at(-20), "UTC", last_at=at(-20)
    )


def filled() -> SessionState:
    """Everything entered but devices, baseline and time-out."""
    entered = replace(
        prepared(),
        patient=Patient("DOE, Jane", "1972-03-14", "0048213", ("name", "born"), "penicillin"),
        product=Product(SourceCell.MSC, "EXO-A12", "2027-06-30", scanned=True),
        order=ORDER,
        line=Line("forearm", "left", "22G", "right", "right index"),
    )
    return all_checked(entered, at(-8))


def running(minute: float = 18.0, *, pause: tuple[float, float] | None = None) -> SessionState:
    """A ramp of 41.4, 82.8, 165.5 mL/h that is being kept to; `pause` (from, to) in minutes."""
    steps = [(0.0, 41.4), (5.0, 82.8), (15.0, 165.5)]
    if pause is not None:
        steps = sorted([*(s for s in steps if not pause[0] <= s[0] < pause[1]), (pause[0], 0.0), (pause[1], 165.5)])
    stretches = tuple(
        Stretch(Fluid.PRODUCT, rate, at(begins), DeliverySource.PUMP, "infusing" if rate else "stopped")
        for begins, rate in steps
        if begins <= minute
    )
    sets = {f"+{m}": _set(m, 118 - m // 5, 74 + m // 5) for m in (5, 10, 15) if m < minute}
    return replace(
        filled(),
        phase=Phase.INFUSE,
        started=at(0),
        started_by=DeliverySource.PUMP,
        stretches=stretches,
        observations=sets,
        last_seq=7,
    )


def with_reaction(state: SessionState, minute: float) -> SessionState:
    """The same session with a reaction stamped."""
    reaction = Reaction("r1", at(minute), at(minute - 10), minute, 82.8, 20.0, "infusing", {}, "u1")
    return replace(state, reactions=(reaction,), last_seq=state.last_seq + 1)


def _set(minute: int, systolic: int, diastolic: int) -> ObservationDone:
    values = {
        "nibp_sys": ObservedValue(Decimal(systolic), "mm[Hg]", "monitor"),
        "nibp_dia": ObservedValue(Decimal(diastolic), "mm[Hg]", "monitor"),
    }
    return ObservationDone(minute, at(minute), "u1", ObservationRecorded(f"+{minute}", at(minute), values))
