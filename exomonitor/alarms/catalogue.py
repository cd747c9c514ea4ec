"""Every alarm condition that there is, in one table: what finds it, when it signals, how urgent, what suppresses it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from exomonitor.alarms.limits import Limit, Priority, Side, plain
from exomonitor.alarms.missing import NO_VALUE, OFF, WEAK_KEY, WEAK_STAGES, WEAK_TEXT, no_value_key, off_key
from exomonitor.alarms.signs import DIFFER_KEY, DIFFER_STAGES
from exomonitor.alarms.suppression import DEVICE, MONITOR, SENSOR, Suppression, of_limit, of_no_value, of_sensor
from exomonitor.signals.vitals import UNIT_OF, Sign
from exomonitor.units import shown_unit

FAMILY = "*"
"""The end of a key that stands for many: `relayed:*`."""
LOW, MEDIUM, HIGH = Priority.LOW, Priority.MEDIUM, Priority.HIGH
CIRCULATION = "circulation"


class Category(StrEnum):
    """What an alarm is about."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class Declared:
    """One condition. priorities: all that it may take, the first one first; delay_s: until the first signals.

    helper: raised by the sound helper, which outlives this program, and not by the engine.
    """

    key: str
    category: Category
    detector: str
    text: str
    priorities: tuple[Priority, ...]
    delay_s: float = 0.0
    latching: bool = False
    suppressed_by: tuple[Suppression, ...] = ()
    group: str = ""
    helper: bool = False
    hysteresis: float = 0.0

    def latches(self, priority: Priority) -> bool:
        """Whether it stays until somebody has seen it: about the patient only what is high."""
        return self.latching and (self.category is Category.TECHNICAL or priority is HIGH)


def _technical(
    key: str,
    detector: str,
    text: str,
    *priorities: Priority,
    delay_s: float = 0.0,
    latching: bool = False,
    suppressed_by: tuple[Suppression, ...] = DEVICE,
) -> Declared:
    return Declared(key, Category.TECHNICAL, detector, text, priorities, delay_s, latching, suppressed_by)


_SENSORS = (
    *(
        _technical(
            off_key(sign),
            "the monitor says that the sensor is off, after it has worked",
            text,
            *(priority for _, priority in stages),
            delay_s=stages[0][0],
            suppressed_by=of_sensor(sign),
        )
        for sign, (text, stages) in OFF.items()
    ),
    *(
        _technical(
            no_value_key(sign),
            "the monitor speaks and gives no value of it, after it has given one",
            f"{text} - ...",
            *(priority for _, priority in stages),
            delay_s=stages[0][0],
            suppressed_by=of_no_value(sign),
        )
        for sign, (text, stages) in NO_VALUE.items()
    ),
    _technical(
        WEAK_KEY,
        "the monitor says low perfusion or artefact",
        WEAK_TEXT,
        *(priority for _, priority in WEAK_STAGES),
        delay_s=WEAK_STAGES[0][0],
        suppressed_by=of_sensor(Sign.SPO2),
    ),
    _technical(
        DIFFER_KEY,
        "ECG and pulse rates differ by more than 20 /min",
        "HR sources differ: ECG ..., pulse ...",
        *(priority for _, priority in DIFFER_STAGES),
        delay_s=DIFFER_STAGES[0][0],
        suppressed_by=SENSOR,
    ),
)
_LINKS = (
    _technical(
        "pump.stale", "no valid frame for 3 intervals, at least 10 s", "PUMP DATA OLD - look at the pump", LOW
    ),
    _technical("pump.lost", "no valid frame for 30 s, or the port is gone", "PUMP DATA LOST - ...", MEDIUM),
    _technical("pump.wrong", "another serial number than before", "PUMP CHANGED - ...", MEDIUM, HIGH, latching=True),
    _technical(
        "monitor.stale", "no valid frame for 3 intervals, at least 10 s", "MONITOR DATA OLD - look at the patient", LOW,
        suppressed_by=MONITOR,
    ),
    _technical(
        "monitor.lost", "no valid frame for 30 s, or the port is gone", "MONITOR DATA LOST - ...", MEDIUM,
        suppressed_by=MONITOR,
    ),
    _technical(
        "monitor.wrong", "another serial number than before", "MONITOR CHANGED - ...", MEDIUM, HIGH, latching=True
    ),
    *(
        _technical(
            f"{role}.shared:*", "one serial number in two chairs", "... IS ALSO READ IN ...", HIGH, suppressed_by=()
        )
        for role in ("pump", "monitor")
    ),
    _technical("pump.errors", "bad frames within a minute, counted by the link", "PUMP DATA DAMAGED - ...", MEDIUM),
    _technical(
        "monitor.errors", "bad frames within a minute, counted by the link", "MONITOR DATA DAMAGED - ...", MEDIUM,
        suppressed_by=MONITOR,
    ),
)  # fmt: skip
_PUMP = (
    _technical(
        "pump.unstarted", "infusing, and the record has not begun", "INFUSION RUNNING - CHECKS INCOMPLETE", MEDIUM,
        delay_s=30.0,
    ),
    _technical(
        "pump.missing", "the link tells nothing of the product's pump, or that it is out while another one infuses; "
        "or one of several infuses, and nobody has said which is the product's", "PUMP ... NOT ON THE LINK - ...",
        MEDIUM, delay_s=10.0,
    ),
    _technical("pump.still_runs", "infusing through a recorded stop", "PUMP STILL INFUSING ...", MEDIUM, delay_s=10.0),
    _technical("pump.resumed", "infusing after a recorded stop", "PUMP INFUSING AGAIN ...", MEDIUM, delay_s=60.0),
    _technical("flush.fast", "flush faster than the product", "FLUSH FASTER THAN PRODUCT ...", MEDIUM, delay_s=5.0),
    _technical("pump.rate", "5 % or 1 mL/h off the plan", "Pump rate ..., planned ...", MEDIUM, delay_s=60.0),
    _technical("pump.volume", "counter and timer differ", "Pump volume and timer disagree", MEDIUM, delay_s=60.0),
    _technical("product.in_use", "the bag's in-use time is over", "BAG PAST ITS IN-USE TIME ...", MEDIUM),
    _technical("product.withdrawn", "its lot is in quarantine", "LOT ... QUARANTINED - call the prescriber", MEDIUM),
    _technical("restart.unordered", "infusing in or after a reaction without an order", "RESTARTED WITHOUT ORDER",
               MEDIUM, HIGH),
)  # fmt: skip
_CARE = (
    _technical("changed.*", "patient, bag or order changed, not checked again", "... CHANGED - ...", MEDIUM, HIGH),
    _technical("care.away", "recorded as away", "PATIENT AWAY - ...", LOW, MEDIUM),
    _technical("care.unmonitored", "away, and the pump runs", "INFUSING, UNMONITORED - the patient is away", MEDIUM),
    _technical("care.site", "score of the site", "Stop, re-site", MEDIUM),
    _technical("set.*", "set not recorded in its window", "Set ... is overdue", LOW, MEDIUM),
    _technical("nibp.old", "age of the newest pressure in intervals of the schedule", "BP ..., ... min old", LOW,
               MEDIUM, suppressed_by=MONITOR),
    _technical("nibp.failed", "the cuff gave no value", "NIBP FAILED - repeat at the monitor", LOW, delay_s=3.0,
               suppressed_by=MONITOR),
    _technical("bp.missing", "reaction open, and the cuff failed or no pulse", "BP NOT MEASURED - feel the pulse",
               MEDIUM),
)  # fmt: skip
_STATION = (
    _technical("record", "a commit failed or does not come back", "RECORD NOT SAVED - write on paper", MEDIUM,
               latching=True, suppressed_by=(Suppression.CLOSED,)),
    _technical("sound", "no audio device, or it is mute", "NO SOUND - watch the screen", MEDIUM, delay_s=5.0,
               suppressed_by=(Suppression.CLOSED,)),
    _technical("backup", "the last backup failed", "BACKUP FAILED - ...", LOW, suppressed_by=()),
    _technical("verify", "the record was verified, and something in it does not fit", "RECORD NOT INTACT - ...", LOW,
               suppressed_by=()),
    _technical("registry", "entries of people, patients, bags or of the open session are lost",
               "RECORD NOT INTACT - ...", LOW, suppressed_by=()),
    _technical("lease", "another program took the record's lease", "ANOTHER PROGRAM RECORDS HERE TOO - ...", LOW,
               suppressed_by=()),
    _technical("clock.start", "at the start the clock stood behind the record, or behind what the program knows",
               "CHECK THE CLOCK - ...", LOW, suppressed_by=()),
    *(
        _technical(
            f"capture.{role}", "the file of its raw bytes failed, or could not be begun",
            f"RAW RECORDING OF {role.upper()} STOPPED - ...", LOW, suppressed_by=(Suppression.CLOSED,),
        )
        for role in ("pump", "monitor")
    ),
    _technical("disk", "free room where the record lies", "DISK NEARLY FULL ...", MEDIUM, suppressed_by=()),
    _technical("computer.mains", "no mains on this computer", "COMPUTER ON BATTERY ...", LOW, MEDIUM, HIGH,
               suppressed_by=(Suppression.CLOSED,)),
    _technical("clock", "wall clock against monotonic clock by more than 2 s, or another time zone",
               "CLOCK CHANGED ...", MEDIUM, suppressed_by=(Suppression.CLOSED,)),
    _technical("on_call", "the program that tells whoever is on call failed", "ON CALL NOT TOLD ...", MEDIUM,
               suppressed_by=()),
    _technical("elsewhere:*", "an alarm in another place of this station", "Lounge 1: ...", LOW, MEDIUM, HIGH,
               suppressed_by=()),
    Declared("program", Category.TECHNICAL, "no heartbeat for 3 s", "SCREEN NOT UPDATED", (HIGH,), helper=True),
)  # fmt: skip
_PATIENT = (
    Declared(
        "anaphylaxis", Category.PHYSIOLOGICAL, "criteria on all that is known", "Anaphylaxis criteria may be met: ...",
        (HIGH,), latching=True, suppressed_by=(Suppression.LEFT, Suppression.CLOSED), group=CIRCULATION,
    ),
    Declared(
        "news2", Category.PHYSIOLOGICAL, "score of the newest complete set", "NEWS2 ...", (MEDIUM, HIGH), latching=True,
        suppressed_by=(Suppression.LEFT, Suppression.CLOSED),
    ),
)  # fmt: skip
_RELAYED = (
    Declared(
        "relayed:*", Category.RELAYED, "the device alarms", "its own words", (LOW, MEDIUM, HIGH), latching=True,
        suppressed_by=(Suppression.LEFT,),
    ),
)  # fmt: skip
FIXED = (*_PATIENT, *_SENSORS, *_LINKS, *_PUMP, *_CARE, *_STATION, *_RELAYED)
"""All conditions but the limits of vital signs, which are the clinic's (protocol file)."""
OF_THE_STATION = frozenset(one.key for one in _STATION if not one.key.startswith("elsewhere"))
"""Conditions of this computer and this program, at which nobody is helped by going to the patient."""
_BY_KEY = {one.key: one for one in FIXED if not one.key.endswith(FAMILY)}
_FAMILIES = tuple((one.key.removesuffix(FAMILY), one) for one in FIXED if one.key.endswith(FAMILY))


def declared(key: str) -> Declared | None:
    """The row of a condition that is not a limit of a vital sign; None where nobody has declared it."""
    exact = _BY_KEY.get(key)
    return exact if exact is not None else next((one for start, one in _FAMILIES if key.startswith(start)), None)


def is_down(key: str, by: Collection[Suppression]) -> bool:
    """Whether the table keeps that condition down by something that is so now; limits of vital signs are no rows."""
    row = declared(key) if by else None
    return row is not None and any(one in by for one in row.suppressed_by)


def category_of(key: str) -> Category:
    """What a condition is about; limits of vital signs are no rows of the fixed table."""
    row = declared(key)
    return row.category if row is not None else Category.PHYSIOLOGICAL


def catalogue(limits: Iterable[Limit]) -> tuple[Declared, ...]:
    """The whole table: the limits that hold (one row for each condition), then everything else."""
    levels: dict[str, list[Limit]] = {}
    for limit in limits:
        levels.setdefault(limit.key, []).append(limit)
    return (*(_of_limits(key, found) for key, found in levels.items()), *FIXED)


def _of_limits(key: str, levels: list[Limit]) -> Declared:
    priorities = tuple(sorted({level.priority for level in levels}))
    first = levels[0]
    return Declared(
        key,
        Category.PHYSIOLOGICAL,
        "; ".join(level_words(level) for level in levels),
        first.text,
        priorities,
        min(level.delay_s for level in levels),
        Priority.HIGH in priorities,
        of_limit(first),
        first.group,
        hysteresis=first.hysteresis,
    )


def _with_unit(value: float, sign: Sign) -> str:
    unit = shown_unit(UNIT_OF[sign])
    return f"{plain(value)}{unit}" if unit.startswith("/") else f"{plain(value)} {unit}"


def _by(change: float, sign: Sign) -> str:
    """`4 points`: of a saturation, 4 % could be read as a share."""
    return f"{plain(change)} points" if sign is Sign.SPO2 else _with_unit(change, sign)


def level_words(limit: Limit) -> str:
    """`< 90 % for 15 s: medium`, as a help page or the protocol's print lists it."""
    sign = {(Side.LOW, False): "<", (Side.LOW, True): "≤", (Side.HIGH, False): ">", (Side.HIGH, True): "≥"}
    parts = [f"{sign[limit.side, limit.inclusive]} {_with_unit(limit.threshold, limit.sign)}{limit.note}"]
    word = "down" if limit.side is Side.LOW else "up"
    for change, link in ((limit.and_from, "and"), (limit.or_from, "or")):
        if change is not None:
            by = f"{plain(change.by)} %" if change.percent else _by(change.by, limit.sign)
            parts.append(f"{link} {word} {by} from baseline")
    if limit.is_companion:
        rise, fall = _by(limit.hr_rise or 0, Sign.HR), _by(limit.spo2_fall or 0, Sign.SPO2)
        parts.append(f"with HR up {rise} or SpO₂ down {fall}")
    flags = (
        (limit.reaction_only, "in a reaction"),
        (limit.good_signal, "good signal"),
        (limit.needs_agreement, "ECG and pulse agree"),
        (limit.by_hand, "counted or typed"),
        (limit.on_oxygen, "on oxygen"),
        (limit.patients != "all", f"NEWS2 {limit.patients.replace('scale', 'scale ')}"),
        (limit.delay_s > 0, f"for {plain(limit.delay_s)} s"),
        (limit.min_samples > 1, f"{limit.min_samples} samples"),
    )
    return f"{', '.join([' '.join(parts), *(words for told, words in flags if told)])}: {limit.priority.word}"
