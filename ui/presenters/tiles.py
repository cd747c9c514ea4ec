"""Vital signs to tiles: value or dashes, limits, source and age, baseline and change, and whether it may look live."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.missing import Held, no_value_key, off_key
from exomonitor.alarms.policy import AlarmState
from exomonitor.engine.snapshot import Live, Snapshot
from exomonitor.session.events import ObservedValue
from exomonitor.session.state import ObservationDone
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign
from exomonitor.units import rounded, shown_unit
from ui.presenters.device_limits import LIMITS_DIFFER, differing
from ui.presenters.words import UNKNOWN, age, age_in, hm, join, number, plain, signed, whole_age


class Look(StrEnum):
    """How a value may look: only LIVE is in its own colour; TYPED is an entry of a set, with its time."""

    LIVE = "live"
    TYPED = "typed"
    STALE = "stale"
    LOST = "lost"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class TileView:
    """One tile. mark: `?` or `typed` beside the value. alarm: its priority; filled: active, not acknowledged."""

    label: str
    value: str
    unit: str
    high: str = ""
    low: str = ""
    note: str = ""
    look: Look = Look.EMPTY
    mark: str = ""
    alarm: Priority | None = None
    marks: str = ""
    filled: bool = False
    brief: str = ""
    """The note for a tile that is too narrow for it."""
    beside: str = ""
    """Beside the label, where there is room: baseline and change of a tile whose note is full."""
    age: str = ""
    """The age as it stands in the note: painted larger than the words around it."""
    simulated: bool = False
    """No person is connected."""
    own_low: bool = False
    own_high: bool = False
    """This limit is the patient's own, not the protocol's."""


_LABELS = {
    Sign.HR: "HR",
    Sign.PULSE: "Pulse",
    Sign.SPO2: "SpO₂",
    Sign.RR: "RR",
    Sign.TEMP: "Temp",
    Sign.NIBP_SYS: "NIBP",
}
_UNITS = {Sign.HR: "/min", Sign.PULSE: "/min", Sign.SPO2: "%", Sign.RR: "/min", Sign.TEMP: "°C", Sign.NIBP_SYS: "mmHg"}
_NO_VALUE = {
    Validity.SENSOR_OFF: "sensor off",
    Validity.LOW_PERFUSION: "weak pulse signal",
    Validity.ARTIFACT: "movement",
    Validity.CALIBRATING: "calibrating",
    Validity.MEASURING: "measuring ...",
    Validity.HELD: "held by the monitor",
    Validity.DEMO: "monitor is in demo mode",
    Validity.TEST: "monitor is in test mode",
    Validity.UNAVAILABLE: "not measured",
    Validity.INVALID: "not valid",
    Validity.STALE: "old",
}
_SOURCES = {Origin.DEVICE: "monitor", Origin.SIMULATOR: "monitor", Origin.TYPED: "typed", Origin.COUNTED: "counted"}


def decimals(sign: Sign) -> int:
    """How many decimals the sign is shown with."""
    return 1 if sign in {Sign.TEMP, Sign.PI} else 0


def source_word(live: Live) -> str:
    """Where the value comes from, in one word."""
    return _SOURCES[live.reading.origin]


def look_of(live: Live | None) -> Look:
    """Whether the value may look live."""
    if live is None:
        return Look.EMPTY
    if live.lost:
        return Look.LOST
    if live.reading.value is None:
        return Look.EMPTY
    return Look.STALE if live.stale else Look.LIVE


def alarm_of(snapshot: Snapshot, *signs: Sign) -> AlarmView | None:
    """The most urgent active condition about one of these signs; an acknowledged one counts after an active one."""
    found = [alarm for alarm in snapshot.alarms if any(_is_about(alarm.key, sign) for sign in signs)]
    found.sort(key=lambda alarm: (alarm.state is AlarmState.ACTIVE, alarm.priority), reverse=True)
    return found[0] if found else None


def _is_about(key: str, sign: Sign) -> bool:
    return key in {f"{sign}_low", f"{sign}_high", off_key(sign), no_value_key(sign)}


def _alarmed(tile: TileView, alarm: AlarmView | None, sign: Sign) -> TileView:
    """The tile with the alarm about it, wherever its value comes from. sign: whose limits it shows."""
    if alarm is None:
        return tile
    is_on = alarm.state is not AlarmState.LATCHED
    # The limit that alarms, where it is another one than the usual: the tile and the bar say the same.
    own = plain(alarm.limit) if alarm.limit is not None and is_on else ""
    return replace(
        tile,
        low=own if own and alarm.key == f"{sign}_low" else tile.low,
        high=own if own and alarm.key == f"{sign}_high" else tile.high,
        alarm=alarm.priority if is_on else None,
        marks=alarm.priority.marks,
        filled=alarm.state is AlarmState.ACTIVE,
    )


LIMIT_CHANGED = "LIMIT CHANGED"
HELD_BY_CUFF = "held: cuff"


def vital_tile(snapshot: Snapshot, sign: Sign) -> TileView:
    """The tile of one sign."""
    tile = _alarmed(_vital_tile(snapshot, sign), alarm_of(snapshot, sign), sign)
    tile = _own_limits(snapshot, sign, _aged(replace(tile, simulated=snapshot.simulated)))
    held = _cuff_holds(snapshot, sign) and not tile.filled  # what sounds is not held
    return replace(tile, beside=join(HELD_BY_CUFF, tile.beside)) if held else tile


def _cuff_holds(snapshot: Snapshot, sign: Sign) -> bool:
    held = snapshot.alarm_picture.holds.get(sign)
    return held is not None and held.why is Held.CUFF


def _aged(tile: TileView) -> TileView:
    """With the age that the note ends with, or that stands before `ago`."""
    return replace(tile, age=age_in(tile.note))


def _own_limits(snapshot: Snapshot, sign: Sign, tile: TileView) -> TileView:
    """A changed limit has its mark on the tile, and its words where there is room beside the label."""
    if any(one.key.startswith(sign.value) for one in differing(snapshot)):
        tile = replace(tile, beside=join(LIMITS_DIFFER, tile.beside))
    keys = {one.key for one in snapshot.limits_changed}
    low, high = f"{sign.value}_low" in keys, f"{sign.value}_high" in keys
    if not (low or high):
        return tile
    return replace(tile, own_low=low, own_high=high, beside=join(LIMIT_CHANGED, tile.beside))


def _vital_tile(snapshot: Snapshot, sign: Sign) -> TileView:
    live = snapshot.vitals.get(sign)
    label = _LABELS[sign]
    if sign is Sign.HR and (live is None or live.reading.value is None) and Sign.PULSE in snapshot.vitals:
        pulse = snapshot.vitals[Sign.PULSE]
        if pulse.reading.value is not None and not pulse.lost:
            live, label = pulse, "Pulse"
    places = decimals(sign)
    look = look_of(live)
    entered = entered_since(snapshot, sign, live) if look not in {Look.LIVE, Look.STALE} else None
    if entered is not None:
        done, one = entered
        when = f"{hm(done.event.observed)}, {whole_age(snapshot.now.since(done.event.observed))} ago"
        tile = TileView(label, str(one.value), _UNITS[sign], note=when, brief=when, look=Look.TYPED, mark=one.source)
        return tile if live is None else replace(tile, high=_limit(live.high), low=_limit(live.low))
    has_value = live is not None and look in {Look.LIVE, Look.STALE}
    return TileView(
        label=label,
        value=number(live.reading.value, places) if live is not None and has_value else UNKNOWN,
        unit=_UNITS[sign],
        high=_limit(live.high) if live is not None else "",
        low=_limit(live.low) if live is not None else "",
        note=_note(live, look, places),
        brief=_brief(live, look, places),
        look=look,
        mark=_mark(live) if live is not None and has_value else "",
    )


def nibp_tile(snapshot: Snapshot) -> TileView:
    """Blood pressure: the three values of one measurement, its time, baseline and change, when the next one is due."""
    alarm = alarm_of(snapshot, Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP)
    tile = _alarmed(_nibp_tile(snapshot, alarm), alarm, Sign.NIBP_SYS)
    tile = _aged(replace(tile, simulated=snapshot.simulated, beside=_nibp_baseline(snapshot)))
    return _own_limits(snapshot, Sign.NIBP_SYS, tile)


def _nibp_baseline(snapshot: Snapshot) -> str:
    """`baseline 124/78, −6`: the change is that of the upper value."""
    upper, lower = snapshot.vitals.get(Sign.NIBP_SYS), snapshot.vitals.get(Sign.NIBP_DIA)
    if upper is None or upper.baseline is None:
        return ""
    words = f"baseline {number(upper.baseline)}"
    if lower is not None and lower.baseline is not None:
        words += f"/{number(lower.baseline)}"
    return f"{words}, {_change(upper, 0)}" if look_of(upper) in {Look.LIVE, Look.STALE} else words


def _nibp_tile(snapshot: Snapshot, alarm: AlarmView | None) -> TileView:
    systolic, diastolic = snapshot.vitals.get(Sign.NIBP_SYS), snapshot.vitals.get(Sign.NIBP_DIA)
    mean = snapshot.vitals.get(Sign.NIBP_MAP)
    look = look_of(systolic)
    entered = [entered_since(snapshot, s, snapshot.vitals.get(s)) for s in (Sign.NIBP_SYS, Sign.NIBP_DIA)]
    if look not in {Look.LIVE, Look.STALE} and entered[0] is not None and entered[1] is not None:
        (done, upper), (_, lower) = entered[0], entered[1]
        when = f"{hm(done.event.observed)}, {whole_age(snapshot.now.since(done.event.observed))} ago"
        note = join(when, _next_nibp(snapshot))
        return TileView("NIBP", f"{upper.value}/{lower.value}", "mmHg", note=note, look=Look.TYPED, mark=upper.source)
    shown = UNKNOWN
    if systolic is not None and look in {Look.LIVE, Look.STALE}:
        shown = f"{number(systolic.reading.value)}/{number(diastolic.reading.value if diastolic else None)}"
    return TileView(
        label="NIBP",
        value=shown,
        unit=shown_unit("mm[Hg]"),
        high=_limit(systolic.high) if systolic is not None else "",
        low=_limit(systolic.low) if systolic is not None else "",
        note=_nibp_note(snapshot, systolic, mean, look, alarm),
        look=look,
        mark=_mark(systolic) if systolic is not None and shown != UNKNOWN else "",
    )


def nibp_is_recent(snapshot: Snapshot) -> bool:
    """Whether the last cuff reading counts for a set that is taken now."""
    live = snapshot.vitals.get(Sign.NIBP_SYS)
    return look_of(live) is Look.LIVE and live is not None and live.age_s < snapshot.schedule.nibp_counts_s


def _nibp_note(snapshot: Snapshot, live: Live | None, mean: Live | None, look: Look, alarm: AlarmView | None) -> str:
    if alarm is not None and alarm.state is AlarmState.ACTIVE:
        when = hm(live.reading.taken_at) if live is not None else ""
        return join("repeat at the monitor", when)
    if live is None or look in {Look.LOST, Look.EMPTY}:
        return join(_note(live, look, 0), _next_nibp(snapshot))
    mean_text = f"mean {number(mean.reading.value)}" if mean is not None and mean.reading.value is not None else ""
    found = snapshot.indices
    if found is not None:
        mean_text = join(
            mean_text or f"mean {rounded(found.map_mmhg, 0)} calc",
            found.shock_text + " BB" * (found.beta_blocker and found.shock_index is not None),
        )
    taken = f"{hm(live.reading.taken_at)}, {whole_age(live.age_s)} ago"
    typed = "" if live.reading.origin in {Origin.DEVICE, Origin.SIMULATOR} else source_word(live)
    return join(mean_text, taken, typed, _next_nibp(snapshot))


def _next_nibp(snapshot: Snapshot) -> str:
    coming = snapshot.next_slot
    if coming is None or "nibp_sys" not in coming.slot.required:
        return ""
    if coming.status.is_waiting:
        return "due now"
    return f"next {hm(coming.due_at)}" if coming.due_at is not None else ""


def _note(live: Live | None, look: Look, places: int) -> str:
    if live is None:
        return "no monitor value"
    if look is Look.LOST:
        return f"lost · last {hm(live.reading.taken_at)}"
    if look is Look.EMPTY:
        held = live.reading.note if live.reading.validity is Validity.HELD else ""
        return f"held: {held}" if held else _NO_VALUE.get(live.reading.validity, "no value")
    if look is Look.STALE:
        return f"OLD: {age(live.age_s)}"
    value = live.reading.value
    if live.baseline is not None and value is not None:
        base = f"baseline {number(live.baseline, places)}, {_change(live, places)}"
        return join(base, _from(live))
    return _from(live)


def _from(live: Live) -> str:
    """`monitor 2 s`, and `doubtful` in words beside the mark."""
    doubt = "doubtful, " if live.reading.validity is Validity.QUESTIONABLE else ""
    return f"{doubt}{source_word(live)} {whole_age(live.age_s)}"


def _brief(live: Live | None, look: Look, places: int) -> str:
    """Source, age and change for a narrow tile."""
    if live is None or look is not Look.LIVE or live.baseline is None:
        return _note(live, look, places)
    return join(_from(live), _change(live, places))


def _change(live: Live, places: int) -> str:
    if live.baseline is None or live.reading.value is None:
        return ""
    return signed(float(rounded(live.reading.value, places) - rounded(live.baseline, places)), places)


def entered_since(snapshot: Snapshot, sign: Sign, live: Live | None) -> tuple[ObservationDone, ObservedValue] | None:
    """The newest value of a set that a person entered after the monitor's last word about this sign."""
    if snapshot.session is None:
        return None
    found = [
        (done, done.event.values[sign.value])
        for done in snapshot.session.observations.values()
        if sign.value in done.event.values and done.event.values[sign.value].source in {"typed", "counted"}
    ]
    if not found:
        return None
    done, one = max(found, key=lambda pair: pair[0].event.observed.utc)
    if live is not None and live.reading.value is not None and live.reading.taken_at.utc > done.event.observed.utc:
        return None
    return done, one


def _mark(live: Live) -> str:
    if live.reading.validity is Validity.QUESTIONABLE:
        return "?"
    if live.reading.origin in {Origin.TYPED, Origin.COUNTED}:
        return source_word(live)
    return ""


def _limit(value: float | None) -> str:
    return "" if value is None else plain(value)
