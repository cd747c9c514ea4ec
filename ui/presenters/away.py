"""What the pump does and how the patient is, in two chips of the header: for pages on which neither stands."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot
from exomonitor.signals.links import LinkState
from exomonitor.signals.vitals import Sign
from ui.presenters.header import Chip, device_chips
from ui.presenters.pump import Shape, pump_word, still_runs
from ui.presenters.tiles import Look
from ui.presenters.words import UNKNOWN, number


def away_chips(snapshot: Snapshot) -> tuple[Chip, ...]:
    """The chips of pump and monitor with `INFUSING 165.5 mL/h` and `HR 88 · SpO₂ 97 %` in place of the devices' names;
    a device that does not talk keeps the chip that says so, and without an open session all of them do."""
    session = snapshot.session
    if session is None or not session.phase.is_open:
        return device_chips(snapshot)
    talking = {link.role for link in snapshot.links if link.change.state is LinkState.TALKING}
    return tuple(
        (_pump(chip, snapshot) if chip.key == "pump" else _monitor(chip, snapshot))
        if chip.key in talking or chip.strong == "typed"
        else chip
        for chip in device_chips(snapshot)
    )


def _pump(chip: Chip, snapshot: Snapshot) -> Chip:
    word, shape, look = pump_word(snapshot)
    if still := still_runs(snapshot):
        return replace(chip, label="", strong=still, bad=True)
    if look in {Look.STALE, Look.LOST} or word == "NOT READ":
        return chip
    pump = snapshot.pump
    if pump is None:
        return replace(chip, label="Pump, typed", strong=word)
    rate = pump.reading.rate_ml_h if pump.reading.status.moves_fluid else None
    words = f"{word} {number(rate, 1)} mL/h" if rate is not None and word != "ALARM" else f"Pump {word}"
    return replace(chip, label="", strong=words, bad=shape is Shape.TRIANGLE)


def _monitor(chip: Chip, snapshot: Snapshot) -> Chip:
    heart, oxygen = (_value(snapshot, sign) for sign in (Sign.HR, Sign.SPO2))
    if heart == oxygen == UNKNOWN:
        return chip
    return replace(chip, label="", strong=f"HR {heart} · SpO₂ {oxygen} %")


def _value(snapshot: Snapshot, sign: Sign) -> str:
    live = snapshot.vitals.get(sign)
    return UNKNOWN if live is None or live.stale or live.lost else number(live.reading.value)
