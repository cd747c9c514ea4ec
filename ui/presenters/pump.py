"""The pump's state as one large word and a shape, its figures, and what must be said when record and pump differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import LivePump, Snapshot
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.units import rounded
from ui.presenters.header import short_name
from ui.presenters.tiles import Look
from ui.presenters.words import UNKNOWN, age, join, number, plain


class Shape(StrEnum):
    """What is drawn beside the word: the state is never told by colour alone."""

    FLOW = "flow"
    SQUARE = "square"
    BARS = "bars"
    DROPS = "drops"
    CROSS = "cross"
    TRIANGLE = "triangle"


@dataclass(frozen=True, slots=True)
class PumpView:
    """The pump card, ready to be drawn."""

    title: str
    remark: str
    word: str
    shape: Shape
    look: Look
    rate: str
    rate_name: str
    rows: tuple[tuple[str, str], ...]
    warning: str = ""
    alarm: Priority | None = None
    """The pump itself alarms, and nobody has acknowledged it: its word stands on the alarm's fill."""
    cannot: str = ""


_WORDS: dict[PumpStatus, tuple[str, Shape]] = {
    PumpStatus.INFUSING: ("INFUSING", Shape.FLOW),
    PumpStatus.KVO: ("KVO", Shape.DROPS),
    PumpStatus.BOLUS: ("BOLUS", Shape.FLOW),
    PumpStatus.PURGING: ("PURGING", Shape.FLOW),
    PumpStatus.PAUSED: ("PAUSED", Shape.BARS),
    PumpStatus.STOPPED: ("STOPPED", Shape.SQUARE),
    PumpStatus.STANDBY: ("STANDBY", Shape.BARS),
    PumpStatus.COMPLETE: ("COMPLETE", Shape.SQUARE),
    PumpStatus.WITHDRAWING: ("WITHDRAWING", Shape.TRIANGLE),
    PumpStatus.OFF: ("OFF", Shape.CROSS),
    PumpStatus.REMOVED: ("REMOVED", Shape.CROSS),
    PumpStatus.UNKNOWN: ("UNKNOWN", Shape.CROSS),
}


def pump_word(snapshot: Snapshot) -> tuple[str, Shape, Look]:
    """The state in one word; a pump that alarms says so, one that is not heard says NO DATA."""
    pump = snapshot.pump
    if pump is not None:
        if pump.lost:
            return "NO DATA", Shape.CROSS, Look.LOST
        word, shape = _WORDS[pump.reading.status]
        if _relayed(snapshot) and not pump.stale and not pump.reading.status.moves_fluid:
            word, shape = "ALARM", Shape.TRIANGLE
        return word, shape, Look.STALE if pump.stale else Look.LIVE
    if _is_read(snapshot):
        return "NO DATA", Shape.CROSS, Look.LOST
    stretch = snapshot.session.delivery if snapshot.session is not None else None
    if stretch is None:
        return "NOT READ", Shape.CROSS, Look.EMPTY
    return ("INFUSING", Shape.FLOW, Look.EMPTY) if stretch.runs else ("STOPPED", Shape.SQUARE, Look.EMPTY)


def is_typed(snapshot: Snapshot) -> bool:
    """Whether nobody reads a pump here: what it does is typed."""
    return snapshot.pump is None and not _is_read(snapshot)


def still_runs(snapshot: Snapshot) -> str:
    """`PUMP STILL INFUSING 165.5 mL/h` where the record says stopped and the pump says otherwise, else ""."""
    session, pump = snapshot.session, snapshot.pump
    if session is None or pump is None or pump.lost or pump.stale or not pump.reading.status.moves_fluid:
        return ""
    said_stopped = bool(session.meanings) and session.meanings[-1][1].meaning in {"pause", "stop"}
    ended = session.product_end is not None and pump.reading.status is PumpStatus.INFUSING
    if not said_stopped and not (ended and session.delivery is not None and session.delivery.fluid is Fluid.PRODUCT):
        return ""
    rate = pump.reading.rate_ml_h
    return f"PUMP STILL INFUSING {number(rate, 1)} mL/h" if rate is not None else "PUMP STILL INFUSING"


def pump_card(snapshot: Snapshot) -> PumpView:
    """The whole card."""
    word, shape, look = pump_word(snapshot)
    pump = snapshot.pump
    fresh = pump is not None and not pump.lost
    return PumpView(
        title=_title(snapshot, pump),
        remark=_remark(snapshot, pump),
        word=word,
        shape=shape,
        look=look,
        rate=_rate(snapshot, pump, fresh=fresh),
        rate_name="Rate, typed" if pump is None and is_typed(snapshot) else "Rate",
        rows=tuple(_rows(snapshot, pump.reading if pump is not None and fresh else None)),
        warning=still_runs(snapshot) or _alarm_text(snapshot),
        cannot=_cannot(pump),
        alarm=max((a.priority for a in _relayed_alarms(snapshot) if a.state is AlarmState.ACTIVE), default=None),
    )


def _is_read(snapshot: Snapshot) -> bool:
    bound = snapshot.session.devices.get("pump") if snapshot.session is not None else None
    return (bound is not None and bool(bound.key)) or any(link.role == "pump" for link in snapshot.links)


def _relayed_alarms(snapshot: Snapshot) -> list[AlarmView]:
    return [a for a in snapshot.alarms if a.key.startswith("relayed:pump") and a.state is not AlarmState.LATCHED]


def _relayed(snapshot: Snapshot) -> str:
    return next((alarm.text for alarm in _relayed_alarms(snapshot)), "")


def _alarm_text(snapshot: Snapshot) -> str:
    text = _relayed(snapshot)
    return f"ALARM: {text}" if text else ""


def _title(snapshot: Snapshot, pump: LivePump | None) -> str:
    if pump is None:
        return "Pump · typed by hand" if is_typed(snapshot) else "Pump"
    fluid = snapshot.session.delivery.fluid if snapshot.session is not None and snapshot.session.delivery else None
    label = "PRODUCT" if fluid in {None, Fluid.PRODUCT} else str(fluid).upper()
    return join(short_name(pump.reading.model or pump.name or "Pump"), pump.reading.channel, label)


def _remark(snapshot: Snapshot, pump: LivePump | None) -> str:
    if pump is None:
        return "typed" if is_typed(snapshot) else ""
    if pump.lost:
        return f"last {age(pump.age_s)} ago"
    return f"OLD {age(pump.age_s)}" if pump.stale else age(pump.age_s)


def _rate(snapshot: Snapshot, pump: LivePump | None, *, fresh: bool) -> str:
    if pump is not None:
        return f"{number(pump.reading.rate_ml_h if fresh else None, 1)} mL/h"
    stretch = snapshot.session.delivery if snapshot.session is not None else None
    if stretch is None or stretch.source is not DeliverySource.TYPED:
        return f"{UNKNOWN} mL/h"
    return f"{number(stretch.rate_ml_h, 1)} mL/h"


def _rows(snapshot: Snapshot, reading: PumpReading | None) -> list[tuple[str, str]]:
    progress, session = snapshot.progress, snapshot.session
    order = session.order if session is not None else None
    rows: list[tuple[str, str]] = []
    given = progress.delivered_ml if progress is not None else None
    whole = f" of {plain(float(order.volume_ml))}" if order is not None else ""
    told = progress.delivered_by if progress is not None else ""
    unsure = ", unsure" if session is not None and session.lost else ""
    source = f", {told}" if told in {"typed", "estimated"} else ""
    rows.append((_both(f"Infused{source}", unsure), f"{number(given, 1)}{whole} mL"))
    dose = progress.dose_given_billion if progress is not None else None
    target = f" of {rounded(float(order.dose_billion), 1)}" if order is not None else ""
    # What has left the pump is still on its way: without a word, nothing given after some mL looks like a fault.
    filling = dose is not None and rounded(dose, 2) == 0 and given is not None and given > 0
    rows.append(
        (
            _both("Dose, line filling" if filling else "Dose, estimated", unsure),
            f"{UNKNOWN if dose is None else rounded(dose, 2)}{target} billion",
        )
    )
    if progress is not None and progress.steps > 1:
        differs = "\N{BLACK UP-POINTING TRIANGLE} " if progress.rate_differs else ""
        planned = progress.planned_rate_ml_h
        rows.append((f"Ramp {progress.step} of {progress.steps}", f"{differs}plan {number(planned, 1)}"))
    elif progress is not None and progress.planned_rate_ml_h:
        rows.append(("Planned rate", f"{number(progress.planned_rate_ml_h, 1)} mL/h"))
    if reading is not None:
        rows.append(("Pressure · power", f"{_pressure(reading)} · {_power(reading)}"))
    return rows


def _both(name: str, unsure: str) -> str:
    """The name of a figure with that word behind it; what it is told by is shorter then, for both have little room."""
    return name.replace("estimated", "est.").replace("line filling", "filling") + unsure if unsure else name


def _pressure(reading: PumpReading) -> str:
    """In % of the pump's limit where it tells that, in mmHg where it tells that."""
    if reading.pressure_pct is not None:
        return f"{rounded(reading.pressure_pct, 0)} %"
    return "not told" if reading.pressure_mmhg is None else f"{rounded(reading.pressure_mmhg, 0)} mmHg"


def _power(reading: PumpReading) -> str:
    if reading.on_mains:
        return "mains" if reading.battery_pct is None else f"mains, {rounded(reading.battery_pct, 0)} %"
    if reading.battery_pct is not None:
        return f"BATTERY {rounded(reading.battery_pct, 0)} %"
    return "not told" if reading.on_mains is None else "on battery"


def _cannot(pump: LivePump | None) -> str:
    if pump is None or not pump.never_reports:
        return ""
    return f"This pump cannot report: {', '.join(word.replace('_', ' ') for word in pump.never_reports)}"
