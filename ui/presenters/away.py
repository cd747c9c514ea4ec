"""What the pump does and how the patient is, in two chips of the header: for pages on which neither stands."""

from __future__ import annotations

from dataclasses import replace

from exomonitor.engine.snapshot import Snapshot
from exomonitor.signals.links import LinkState
from exomonitor.signals.vitals import Sign
from ui.presenters.header import Chip, device_chips
from ui.presenters.pump import Shape, pump_word, still_runs
from ui.presenters.tiles import Look, TileView, vital_tile
from ui.presenters.words import UNKNOWN, join, number


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
    heart, oxygen = (vital_tile(snapshot, sign) for sign in (Sign.HR, Sign.SPO2))
    if Look.LIVE not in {heart.look, oxygen.look}:
        return chip
    return replace(chip, label="", strong=join(_value(heart), _value(oxygen, " %")))


def _value(tile: TileView, unit: str = "") -> str:
    """What the tile says, with its mark; nothing that is not live."""
    if tile.look is not Look.LIVE:
        return f"{tile.label} {UNKNOWN}{unit}"
    doubt, source = ("?", "") if tile.mark == "?" else ("", tile.mark)
    return f"{tile.label} {tile.value}{doubt}{unit} {source}".rstrip()
