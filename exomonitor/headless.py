"""The scripted nurse: plays a scenario's commands against a station, on simulated time, with no window."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import MISSING, dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Any, get_type_hints

from exomonitor.bounded import read_toml
from exomonitor.clock import local_day
from exomonitor.engine.bedside import Bedside, Receipt
from exomonitor.engine.handlers import HANDLERS
from exomonitor.engine.handover_card import handover_card
from exomonitor.errors import CommandRefused
from exomonitor.expectations import check, check_names
from exomonitor.registry.users import find
from exomonitor.session import commands as cmd
from exomonitor.session.codec import from_plain
from exomonitor.signals.vitals import Sign
from exomonitor.units import rounded

_TIME = re.compile(r"^(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)$")
EXPECT = "expect"
PROOF_WAIT_S = 30.0
_NIBP = {Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP}
_SHOWN_DECIMALS = {Sign.TEMP: 1}
_IN_A_SET = (Sign.HR, Sign.SPO2, Sign.RR, Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MAP, Sign.TEMP)


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """At second `at_s` of the scenario the nurse does this; `refused`: part of the sentence that refuses it.

    `expect` does nothing: its values say what must be true then."""

    at_s: float
    do: str
    values: Mapping[str, Any]
    refused: str = ""

    @property
    def leaves_a_trace(self) -> bool:
        """Whether the journal holds something once this is done."""
        return self.do != EXPECT and not self.refused


def read_script(text: str) -> tuple[ScriptRow, ...]:
    """The [[nurse]] rows of a scenario, in order of time. CommandRefused for rows that nobody could do."""
    try:
        tables = read_toml(text, Decimal).get("nurse", [])
    except tomllib.TOMLDecodeError as error:
        raise CommandRefused(f"The scenario is not valid TOML: {error}") from error
    rows = [
        ScriptRow(
            seconds(str(table.get("at", ""))),
            str(table.get("do", "")),
            {k: v for k, v in table.items() if k not in {"at", "do", "refused"}},
            str(table.get("refused", "")),
        )
        for table in tables
    ]
    for row in rows:
        if row.do == EXPECT:
            check_names(row.values)
        elif row.do not in _SPECIAL and row.do not in _COMMANDS:
            raise CommandRefused(f"The nurse cannot do {row.do!r}")
    return tuple(sorted(rows, key=lambda row: row.at_s))


def seconds(text: str) -> float:
    """Seconds of `mm:ss` or `h:mm:ss`."""
    match = _TIME.match(text)
    if match is None:
        raise CommandRefused(f"{text!r} is not a time: write mm:ss or h:mm:ss")
    hours, minutes, secs = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(secs)


class ScriptedNurse:
    """One person at the bedside who does what the rows say; what a nurse sees on the screen is all it knows."""

    def __init__(self, bedside: Bedside, settle: Callable[[Future[Receipt]], Receipt]) -> None:
        """`settle` waits for a command's outcome in whatever way time runs here."""
        self._bedside = bedside
        self._settle = settle

    def perform(self, row: ScriptRow) -> Receipt:
        """Do one row. Raises CommandRefused or EnvironmentFault as the station does, and where the scenario's
        expectations are not met: a row that is to be refused must be, in the words it expects."""
        if row.do == EXPECT:
            check(self._bedside.latest(), row.values)
            return Receipt()
        if not row.refused:
            return self._do(row)
        try:
            self._do(row)
        except CommandRefused as told:
            if row.refused in str(told):
                return Receipt()
            raise CommandRefused(f"The scenario expects {row.do!r} refused with {row.refused!r}: {told}") from told
        raise CommandRefused(f"The scenario expects {row.do!r} refused with {row.refused!r}, but it was done")

    def _do(self, row: ScriptRow) -> Receipt:
        try:
            row = ScriptRow(row.at_s, row.do, {name: self._meant(name, value) for name, value in row.values.items()})
            command = _SPECIAL[row.do](self, row) if row.do in _SPECIAL else self._plain(row.do, row.values)
        except (TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise CommandRefused(f"The scenario's {row.do!r} cannot be done as it is written: {error}") from error
        return self._settle(self._bedside.submit(command))

    def _meant(self, name: str, value: Any) -> Any:
        """What is only known when the row is done: a signature is written `proof = { user = "...", pin = "..." }` (or
        `..._proof`), a person by name, a moment `{ ago_min = 30 }` (below 0: to come), a day `{ days_ago = 2 }`."""
        if name == "prescriber_id":
            person = find(self._bedside.latest().registry.users.values(), str(value), "")
            return person.id if person is not None else value
        if not isinstance(value, Mapping):
            return value
        if name.endswith("proof"):
            return self._bedside.prove(str(value["user"]), str(value["pin"])).result(PROOF_WAIT_S).token
        now = self._bedside.latest().now
        if set(value) == {"ago_min"}:
            return now.plus(-60 * float(value["ago_min"])).iso()
        if set(value) == {"days_ago"}:
            return (now.utc.date() - timedelta(days=int(value["days_ago"]))).isoformat()
        return {key: self._meant(key, part) for key, part in value.items()}

    def sign_in(self, row: ScriptRow) -> cmd.Command:
        """Be at work: a user (id, name or badge) and the PIN."""
        person = {"user": row.values["user"], "pin": row.values["pin"]}
        return self._plain("sign_in", {"proof": self._meant("proof", person)})

    def add_user(self, row: ScriptRow) -> cmd.Command:
        """A new person, with the PIN as it would be typed and the badge as it would be scanned."""
        values = dict(row.values)
        pin, badge = str(values.pop("pin")), str(values.pop("badge", ""))
        sealed = self._bedside.seal_pin(pin).result(PROOF_WAIT_S)
        kept = {"pin_hash": sealed, "badge_digest": self._bedside.badge_digest(badge)}
        return self._plain("add_user", {**values, **kept})

    def take_over(self, row: ScriptRow) -> cmd.Command:
        """Read the card that stands at this moment, and accept it."""
        card = "\n".join(line.text for line in handover_card(self._bedside.latest()))
        return self._plain("take_over", {"card": card, **row.values})

    def _plain(self, do: str, values: Mapping[str, Any]) -> cmd.Command:
        """A command by its name, with fields as the row gives them."""
        cls = _COMMANDS[do]
        hints = get_type_hints(cls)
        given: dict[str, Any] = {"chair": self._bedside.chair, "by": self._bedside.latest().staff_id}
        known = {f.name for f in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise CommandRefused(f"{do} has no field {name!r}")
            given[name] = from_plain(hints[name], value)
        needed = [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]
        if missing := [name for name in needed if name not in given]:
            raise CommandRefused(f"{do} lacks {missing[0]}")
        made: cmd.Command = cls(**given)
        return made

    def observe(self, row: ScriptRow) -> cmd.Command:
        """A set "all as shown": live values with their source, stale ones left out, plus what the row types."""
        snapshot = self._bedside.latest()
        values: dict[str, cmd.ValueEntry] = {}
        for sign in _IN_A_SET:
            live = snapshot.vitals.get(sign)
            if live is None or live.stale or live.lost or live.reading.value is None:
                continue
            if sign in _NIBP and live.age_s > snapshot.schedule.nibp_counts_s:
                continue
            shown = rounded(live.reading.value, _SHOWN_DECIMALS.get(sign, 0))
            values[sign.value] = cmd.ValueEntry(shown, "monitor", round(live.age_s, 1))
        others = dict(row.values)
        for name, number in dict(others.pop("typed", {})).items():
            values[name] = cmd.ValueEntry(Decimal(number), "typed")
        plain = self._plain("record_observation", {**others, "values": {}})
        assert isinstance(plain, cmd.RecordObservation)
        return _with_values(plain, values)

    def pin(self, row: ScriptRow) -> cmd.Command:
        """Choose the device that is read in this role."""
        snapshot = self._bedside.latest()
        role = str(row.values["role"])
        link = next((view for view in snapshot.links if view.role == role), None)
        if link is None:
            return self._plain("pin_device", {"role": role, "key": "", "source": ""})
        channel = snapshot.pump.reading.channel if role == "pump" and snapshot.pump is not None else ""
        known = {"model": link.change.model, "serial": link.change.serial, "channel": channel}
        return self._plain("pin_device", {"role": role, "key": link.key, "source": role, **known})

    def decide_next_dose(self, row: ScriptRow) -> cmd.Command:
        """A date is given as `in_days`: a scenario is played on any day."""
        values, snapshot = dict(row.values), self._bedside.latest()
        if "in_days" in values and snapshot.session is not None:
            today = local_day(snapshot.now, snapshot.session.tz)
            values["planned"] = (today + timedelta(days=int(values.pop("in_days")))).isoformat()
        return self._plain("decide_next_dose", values)

    def on_reaction(self, row: ScriptRow) -> cmd.Command:
        """An action or the details of the open reaction (of the last one when none is open)."""
        state = self._bedside.latest().session
        reactions = state.reactions if state is not None else ()
        if not reactions:
            raise CommandRefused("There is no reaction")
        open_one = state.open_reaction if state is not None else None
        return self._plain(row.do, {"reaction": (open_one or reactions[-1]).id, **row.values})


def _with_values(command: cmd.RecordObservation, values: Mapping[str, cmd.ValueEntry]) -> cmd.RecordObservation:
    given = {f.name: getattr(command, f.name) for f in fields(command)}
    return cmd.RecordObservation(**{**given, "values": values})


def command_name(cls: type[cmd.Command]) -> str:
    """`OpenSession` as a script calls it: `open_session`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


_COMMANDS: dict[str, type[cmd.Command]] = {
    command_name(cls): cls for cls in (*HANDLERS, cmd.Acknowledge, cmd.PauseAudio)
}
_SPECIAL: dict[str, Callable[[ScriptedNurse, ScriptRow], cmd.Command]] = {
    "observe": ScriptedNurse.observe,
    "pin_device": ScriptedNurse.pin,
    "do_reaction_action": ScriptedNurse.on_reaction,
    "detail_reaction": ScriptedNurse.on_reaction,
    "sign_in": ScriptedNurse.sign_in,
    "add_user": ScriptedNurse.add_user,
    "take_over": ScriptedNurse.take_over,
    "decide_next_dose": ScriptedNurse.decide_next_dose,
}
