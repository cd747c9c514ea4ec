"""An archive in memory and a made-up session in it, built through real events and a real chain."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from exomonitor.clinical.rates import RampStep
from exomonitor.clock import Instant, ManualClock
from exomonitor.engine.ports import Readable, ReadingRow, Series, WaveSecond
from exomonitor.engine.stored import Damage, SessionRow
from exomonitor.errors import CommandRefused
from exomonitor.integrity import GENESIS, batch_sha256, canonical_json, row_hash, sealed_digest
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.codec import private_fields
from exomonitor.session.entry import Entry, Event, event_body
from exomonitor.session.parts import leaving_events
from exomonitor.session.phases import DeliverySource, Fluid
from exomonitor.session.plan import SourceCell
from exomonitor.signals.vitals import Sign
from tests.exomonitor.slow_series import slow_series

SESSION, STUDY = "0b5c9f5e", "SIM-0007"
NURSE, STATION = "u-31", "station-1"
NAME = "DOE-EXAMPLE, Jane Maximiliana"
PRIVATE = {
    "name": NAME,
    "born": "1971-02-03",
    "mrn": "MRN-99817",
    "allergies": "latex (made up)",
    "prescriber": "Dr. Ingmar Pseudonym",
    "premedication": "cetirizine-example 10 mg",
    "note": "daughter Zoe rang at noon",
    "pump_text": "patient asked for the bathroom",
    "site_text": "tape renewed by Quentin",
    "signature": "Nora Nightshift",
}
PUMP, MONITOR = "pump:demo-1", "monitor:demo-1"
UNITS = {
    "hr": "/min",
    "pulse": "/min",
    "spo2": "%",
    "rr": "/min",
    "temp": "Cel",
    "nibp_sys": "mm[Hg]",
    "nibp_dia": "mm[Hg]",
    "nibp_map": "mm[Hg]",
    "rate": "mL/h",
    "volume_infused": "mL",
}


def reading_columns(row: ReadingRow) -> dict[str, Any]:
    """A reading as its batch hashes it."""
    return {
        "utc": row.at.iso(),
        "mono_ns": row.at.mono_ns,
        "boot_id": row.at.boot_id,
        "source": row.source,
        "channel": row.channel,
        "name": row.name,
        "value": row.value,
        "unit": row.unit,
        "validity": row.validity,
        "origin": row.origin,
        "measured_utc": row.measured_at.iso() if row.measured_at is not None else None,
    }


@dataclass
class FakeArchive:
    """One session in memory: journal rows hashed as the record hashes them."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    told: list[Entry] = field(default_factory=list)
    seals: list[dict[str, Any]] = field(default_factory=list)
    stored: list[tuple[int, ReadingRow]] = field(default_factory=list)
    names: dict[str, tuple[str, str]] = field(default_factory=lambda: {NURSE: ("Nora Nightshift", "RN")})
    damage: Damage = field(default_factory=Damage)
    lists_lost: str = ""

    def append(self, event: Event, at: Instant, actor: str = NURSE, tz: str = "Europe/Vienna") -> None:
        """One more entry of the session; foreign entries leave holes in seq."""
        number = len(self.rows) + 1
        body = event_body(event)
        kind: Any = type(event)
        for name in private_fields(kind):
            salt = f"{number:032x}"
            digest = sealed_digest(salt, body[name])
            self.seals.append({"seq": number * 2, "field": name, "salt": salt, "value": body[name], "digest": digest})
            body[name] = {"sha256": digest}
        previous = self.rows[-1] if self.rows else None
        row: dict[str, Any] = {
            "seq": number * 2,
            "session": SESSION,
            "session_seq": number,
            "utc": at.iso(),
            "tz": tz,
            "mono_ns": at.mono_ns,
            "boot_id": at.boot_id,
            "actor": actor,
            "station": STATION,
            "type": kind.__name__,
            "body": canonical_json(body).decode(),
            "prev_in_database": "f" * 64,
            "prev_in_session": previous["hash"] if previous is not None else GENESIS,
        }
        row["hash"] = row_hash(row)
        self.rows.append(row)
        self.told.append(Entry(number * 2, SESSION, number, at, tz, actor, STATION, event, row["hash"]))

    def store(self, readings: list[ReadingRow], at: Instant) -> None:
        """A batch of readings with its entry."""
        batch = max((number for number, _ in self.stored), default=0) + 1
        self.stored += [(batch, reading) for reading in readings]
        digest = batch_sha256(reading_columns(reading) for reading in readings)
        self.append(mv.ReadingsStored(batch, len(readings), digest), at, "station")

    def sessions(self) -> list[SessionRow]:
        return []

    def resolve(self, session: str) -> str:
        if session in {SESSION, STUDY, "last"}:
            return SESSION
        raise CommandRefused(f"There is no session {session}")

    def entries(self, session: str) -> list[Entry]:
        return list(self.told)

    def journal_rows(self, session: str) -> list[dict[str, object]]:
        return [dict(row) for row in self.rows]

    def sealed(self, session: str) -> list[dict[str, object]]:
        return [dict(seal) for seal in self.seals]

    def readings(self, session: str) -> Iterator[tuple[int, ReadingRow]]:
        return iter(self.stored)

    def series(self, session: str, since: Instant, names: Sequence[str]) -> dict[str, Series]:
        return slow_series(self.stored, since, names)

    def waves(self, session: str) -> Iterator[tuple[int, WaveSecond]]:
        return iter(())

    def registry_entries(self, kinds: object = None) -> list[Entry]:
        return []

    def left_off(self, session: str, anew: Mapping[str, Instant] = MappingProxyType({})) -> dict[str, Instant]:
        return {}

    def measured(self, session: str) -> frozenset[Sign]:
        return frozenset()

    def seems_opened_in(self, session: str) -> str:
        return ""

    def open_sessions(self) -> list[str]:
        return []

    def staff(self) -> dict[str, tuple[str, str]]:
        return dict(self.names)

    def proved(self, session: str) -> tuple[list[Entry], Damage]:
        return self.entries(session), self.damage

    def readable(self, session: str) -> Readable:
        return Readable(
            session, tuple(self.entries(session)), tuple(self.journal_rows(session)), tuple(self.sealed(session)),
            tuple(self.registry_entries()), True, lambda: self.readings(session), self.damage,
            self.lists_lost,
        )  # fmt: skip

    def database_id(self) -> str:
        return "db-5f2e7a10"


@dataclass
class Script:
    """Plays a session into an archive on a clock of its own."""

    archive: FakeArchive = field(default_factory=FakeArchive)
    clock: ManualClock = field(default_factory=ManualClock)
    start: Instant | None = None
    nibp_at: Instant | None = None

    def say(self, event: Event, actor: str = NURSE) -> None:
        """An entry now."""
        self.archive.append(event, self.clock.now(), actor)

    def watch(
        self, seconds: int, *, spo2: float | None = 98.0, hr: float = 72.0, sys: float = 124.0, rate: float = 0.0
    ) -> None:
        """Monitor frames every 5 s, stored every 30 s; a cuff measurement every 5 min, repeated in every frame."""
        batch: list[ReadingRow] = []
        for second in range(5, seconds + 1, 5):
            now = self.clock.advance(5)
            if self.nibp_at is None or now.since(self.nibp_at) >= 300:
                self.nibp_at = now
            swing = math.sin(now.mono_ns / 6e10)
            values = {
                "hr": round(hr + 3 * swing, 1),
                "pulse": round(hr + 2 * swing, 1),
                "spo2": spo2,
                "rr": 15.0,
                "temp": 36.7,
            }
            batch += [self._reading(now, MONITOR, name, value) for name, value in values.items()]
            for name, value in (("nibp_sys", sys), ("nibp_dia", sys - 45), ("nibp_map", sys - 30)):
                batch.append(replace(self._reading(now, MONITOR, name, value), measured_at=self.nibp_at))
            batch.append(self._reading(now, PUMP, "rate", rate))
            if second % 30 == 0 or second == seconds:
                self.archive.store(batch, now)
                batch = []

    def _reading(self, at: Instant, source: str, name: str, value: float | None) -> ReadingRow:
        validity = "valid" if value is not None else "sensor_off"
        return ReadingRow(SESSION, at, source, "", name, value, UNITS[name], validity, "simulator")

    def observe(
        self, slot: str, *, text: str = "", late_s: float = 0.0, spo2: str = "98", symptoms: tuple[str, ...] = ()
    ) -> None:
        """One full set."""
        told = {"hr": "72", "spo2": spo2, "rr": "15", "nibp_sys": "124", "nibp_dia": "79", "temp": "36.7"}
        values = {
            n: ev.ObservedValue(Decimal(v), UNITS[n], "counted" if n == "rr" else "monitor", 2.0)
            for n, v in told.items()
        }
        observed = self.clock.now().plus(-late_s)
        self.say(
            ev.ObservationRecorded(
                slot,
                observed,
                values,
                consciousness="A",
                on_oxygen=False,
                symptoms=symptoms,
                symptoms_asked=True,
                site_score=0,
                news2=0,
                text=text,
            )
        )


def prepare(script: Script, *, name: str = NAME) -> None:
    """Everything before the start, with one gate overridden."""
    say = script.say
    say(ev.SessionOpened(STUDY, "4", True, "Exosome IV slow", "1.0", "ab" * 32, "ExoMonitor 0.1.0"))
    say(ev.PatientIdentified(("name", "born"), name, PRIVATE["born"], PRIVATE["mrn"], PRIVATE["allergies"]))
    say(ev.ProductEntered(SourceCell.MSC, "LOT-2041", "2026-09-30"))
    say(
        ev.OrderEntered(
            Decimal("5.0"),
            Decimal(100),
            Decimal(45),
            (RampStep(Decimal("0.5"), Decimal(5)),),
            Decimal(18),
            True,
            PRIVATE["prescriber"],
            PRIVATE["premedication"],
        )
    )
    say(ev.LineEntered("forearm", "left", "22G", "right", "right index"))
    say(ev.DeviceBound("pump", "bbraun-space", PUMP, "1", "Infusomat Space", "SN-100", "clinical"))
    say(ev.DeviceBound("monitor", "ge-dri", MONITOR, "", "B650", "SN-200", "clinical"))
    say(ev.GateOverridden("baseline", PRIVATE["pump_text"]))
    script.watch(300)
    script.observe("baseline")


def deliver(
    script: Script, rate: float, delivered: float, status: str = "infusing", fluid: Fluid = Fluid.PRODUCT
) -> None:
    """The pump changed."""
    script.say(
        ev.DeliveryChanged(script.clock.now(), fluid, rate, DeliverySource.PUMP, status, delivered, delivered, 100.0),
        "station",
    )


def react(script: Script, number: int, term: str, *, over: bool = True) -> None:
    """A reaction with taps, details and an end."""
    now, key = script.clock.now(), f"r{number}"
    vitals = {
        "spo2": ev.ObservedValue(Decimal(91), "%", "monitor", 1.0),
        "hr": ev.ObservedValue(Decimal(112), "/min", "monitor", 1.0),
    }
    minute = now.since(script.start) / 60 if script.start is not None else None
    script.say(ev.ReactionOpened(key, now, now.plus(-600), minute, 141.2, 25.5, "infusing", vitals))
    script.clock.advance(8)
    script.say(ev.ReactionAction(key, "stop", script.clock.now()))
    script.clock.advance(20)
    script.say(ev.ReactionAction(key, "call", script.clock.now(), PRIVATE["site_text"]))
    script.watch(120, spo2=88.0, hr=114.0, sys=92.0)
    script.say(
        ev.ReactionDetailed(
            key,
            ("flushing", "urticaria"),
            term,
            2,
            "5.0",
            ("antihistamine",),
            "resolved",
            script.clock.now() if over else None,
            PRIVATE["note"],
        )
    )


def whole_session(
    *, reactions: int = 1, name: str = NAME, flush: bool = True, sign: bool = True, long_s: int = 1800
) -> Script:
    """A session from the opening to the signature: ramp, pause, reactions, a gap, a late set, an amendment, alarms."""
    script = Script()
    prepare(script, name=name)
    script.start = script.clock.now()
    script.say(ev.SessionStarted(script.clock.now(), DeliverySource.TYPED))
    deliver(script, 70.6, 0.0)
    script.watch(300, rate=70.6)
    deliver(script, 141.2, 5.9)
    script.observe("+5")
    script.watch(300, rate=141.2)
    script.observe("+10", text=PRIVATE["note"])
    script.say(ev.NoteAdded(PRIVATE["note"]))
    _alarm(script, "spo2_low", "SpO₂ 88 % below 90", "medium")
    for number in range(1, reactions + 1):
        react(script, number, "Infusion related reaction" if number % 2 else "Urticaria")
    deliver(script, 0.0, 20.0, "stopped")
    script.watch(240)
    script.say(ev.MeaningGiven("pause", "patient_request", script.clock.now(), PRIVATE["pump_text"]))
    deliver(script, 141.2, 20.0)
    script.observe("+15", late_s=420.0, symptoms=("flushing",))
    _gap(script, 22.0)
    for slot in ("restart1+5", "restart1+10", "restart1+15"):
        script.watch(long_s // 6, rate=141.2)
        script.observe(slot)
    script.watch(long_s - 3 * (long_s // 6), rate=141.2)
    script.say(ev.ObservationMissed("+30", "device_fault", PRIVATE["site_text"]))
    script.observe("+45", spo2="97")
    last = script.archive.told[-1]
    corrected = replace(last.event, supersedes=last.seq, reason=PRIVATE["site_text"], text="")  # type: ignore[call-arg]
    script.say(corrected)
    deliver(script, 0.0, 100.0, "complete")
    script.say(ev.ProductEnded(script.clock.now(), "complete", 100.0, DeliverySource.PUMP), "station")
    script.watch(120)
    if flush:
        script.say(ev.FlushRecorded(script.clock.now(), True, 20.0, 141.2))
        script.observe("end")
        for slot in ("post30", "post60"):
            script.watch(long_s)
            script.observe(slot)
    if sign:
        script.say(leaving_events.IvRemoved(script.clock.now(), leaving_events.WHOLE, True, "left forearm", 0))
        script.say(leaving_events.PatientLeft(script.clock.now(), leaving_events.DISCHARGED))
        head = script.archive.rows[-1]["hash"]
        script.say(ev.SessionSigned("performed and reviewed", head, "Incomplete: 1 set missed", PRIVATE["signature"]))
    return script


def _alarm(script: Script, key: str, text: str, priority: str) -> None:
    since = script.clock.now()
    script.say(mv.AlarmChanged(key, text, priority, "normal", "active", since, 88.0, 90.0, "%"), "station")
    script.clock.advance(17)
    script.say(mv.AlarmChanged(key, text, priority, "active", "acked", since, by=NURSE))
    script.say(mv.AudioPaused(script.clock.now().plus(120)))
    script.say(mv.AlarmChanged(key, text, priority, "acked", "normal", since), "station")


def _gap(script: Script, seconds: float) -> None:
    began = script.clock.now()
    script.say(mv.LinkChanged("monitor", "stale", "no data for 15 s"), "station")
    script.clock.advance(seconds)
    script.say(mv.GapClosed("monitor", began, script.clock.now(), seconds), "station")
