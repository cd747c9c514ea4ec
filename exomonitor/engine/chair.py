"""One chair: its open session, what its devices say, its alarms and its waiting room. Owned by the engine's thread."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from exomonitor.alarms.catalogue import CIRCULATION, declared
from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmManager
from exomonitor.alarms.policy import AlarmTransition
from exomonitor.clinical.observations import SlotState
from exomonitor.clinical.protocol import ClinicProtocol
from exomonitor.clock import Instant
from exomonitor.engine.alarm_watch import FrameWatch
from exomonitor.engine.bound_number import pinned_with_channel, pinned_with_number
from exomonitor.engine.clock_watch import ClockNews
from exomonitor.engine.health import Condition
from exomonitor.engine.live import KEPT_BEFORE_S, NIBP_SIGNS, NOT_RUNNING, LiveState
from exomonitor.engine.outbox import Outbox
from exomonitor.engine.ports import STATION_ACTOR
from exomonitor.engine.reaction_watch import ReactionWatch
from exomonitor.session.entry import Entry, Event
from exomonitor.session.events import DeliveryChanged, ObservationRecorded, ProductEnded, SessionStarted
from exomonitor.session.fold import SENSELESS, apply
from exomonitor.session.kept import knowing
from exomonitor.session.machine_events import AlarmChanged, GapClosed, LinkChanged
from exomonitor.session.narrative import sentence
from exomonitor.session.parts.alarm_limits import AlarmsSuppressed
from exomonitor.session.places import ELSEWHERE
from exomonitor.session.schedule import slot_states
from exomonitor.session.state import SessionState
from exomonitor.session.timing import Progress, progress
from exomonitor.signals.links import LinkChange
from exomonitor.signals.pump import PumpReading
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading

LOG_LINES = 60
SUPPRESSED_EVERY_S = 60.0
BY_HAND = {"typed": Origin.TYPED, "counted": Origin.COUNTED}


@dataclass(slots=True)
class Chair:
    """State of one chair; the engine moves it, nobody else touches it."""

    name: str
    protocol: ClinicProtocol
    outbox: Outbox
    alarms: AlarmManager
    live: LiveState = field(default_factory=LiveState)
    state: SessionState | None = None
    log: list[Entry] = field(default_factory=list)
    latest_of_type: dict[str, int] = field(default_factory=dict)
    staff_id: str = ""
    locked_at: Instant | None = None
    """Since when nobody has unlocked the screen (engine/locked.py)."""
    resume_offer: str = ""
    wristband: str = ""
    """What engine/wristband.py wants before the next entry, "" = nothing."""
    saved_at: Instant | None = None
    judged_at: Instant | None = None
    judged_on: tuple[int, str, bool, tuple[str, ...]] = (0, "", False, ())
    told: dict[str, Condition] = field(default_factory=dict)
    watch: ReactionWatch = field(default_factory=ReactionWatch)
    frames: FrameWatch = field(default_factory=FrameWatch)
    suppressed: Counter[str] = field(default_factory=Counter)
    suppressed_since: Instant | None = None
    told_on_call: set[str] = field(default_factory=set)
    """The alarms that whoever is on call was told of: key and when each was raised."""

    @property
    def session(self) -> str:
        """The open session's id, "" when none is open."""
        return self.state.id if self.state is not None and self.state.phase.is_open else ""

    @property
    def deserted(self) -> bool:
        """Whether the patient has left and the session is only still to be signed: nobody is watched any more."""
        return bool(self.session) and self.state is not None and self.state.leaving.left is not None

    @property
    def expected(self) -> SessionState | None:
        """The state with what machines did and the disk has not answered for yet: it is shown and judged at once."""
        state = self.state
        if state is None:
            return None
        for draft in self.outbox.waiting_events(state.id):
            if isinstance(draft.event, SessionStarted | DeliveryChanged | ProductEnded):
                entry = Entry(state.last_seq, state.id, 0, draft.at, state.tz, draft.actor, "", draft.event, state.head)
                state = apply(state, entry) or state
        return state

    def restore(self, entries: Iterable[Entry], lost: int = 0) -> None:
        """Take up a session from its journal, of which so many entries cannot be read."""
        for entry in entries:
            with suppress(*SENSELESS if lost else ()):
                self.take(entry)
            self.state = knowing(self.state, lost)

    def take(self, entry: Entry) -> None:
        """One more entry of this chair's session, in journal order."""
        self.state = apply(self.state, entry)
        self.latest_of_type[type(entry.event).__name__] = entry.seq
        if sentence(entry.event):
            self.log = [*self.log, entry][-LOG_LINES:]

    def begin(self) -> None:
        """A new session takes the chair."""
        self.state, self.log, self.latest_of_type = None, [], {}
        self.suppressed.clear()
        self.suppressed_since = None
        self.watch = ReactionWatch()

    def end(self, session: str, now: Instant) -> None:
        """The session has ended: what waits is its last, and nothing that the devices did counts for the next."""
        self.outbox.close_session(now)
        self.outbox.flush(now, at_once=True)
        self.live.begin_anew(now)
        self.alarms.begin_anew(now)

    def product_pump(self) -> PumpReading | None:
        """The product channel's last reading, however old; None where the link tells of others and no more of it."""
        return self.live.pump(self._product_channel())

    def pins(self, pump: PumpReading) -> bool:
        """Whether the open session was told that its product runs through this pump."""
        device = self.state.devices.get("pump") if self.session and self.state is not None else None
        return device is not None and bool(device.key) and device.channel in {"", pump.channel}

    def _product_channel(self) -> str:
        device = self.state.devices.get("pump") if self.state is not None else None
        return device.channel if device is not None else ""

    def fresh_pump(self, now: Instant) -> PumpReading | None:
        """The product channel's reading if it is fresh."""
        pump = self.product_pump()
        return pump if pump is not None and self.live.fresh(pump.source, now) else None

    def infusing_since(self, now: Instant) -> PumpReading | None:
        """The first of its readings that infuse without a break, if it is fresh."""
        pump = self.fresh_pump(now)
        return self.live.infusing_since.get(pump.channel) if pump is not None else None

    def last_counted(self) -> PumpReading | None:
        """The product channel's last words with its counter, however old."""
        return self.live.last_counted(self._product_channel())

    def progress(self, now: Instant) -> Progress | None:
        """The session's figures."""
        state = self.expected
        if state is None or state.started is None:
            return None
        # What a pump had counted stays known when it falls silent; the present rate does not.
        return progress(state, now, self.last_counted(), fresh=self.fresh_pump(now) is not None)

    def sets(self, now: Instant) -> tuple[SlotState, ...]:
        """The observation sets that stand for themselves: one that the end set covers is neither asked for nor
        counted."""
        state = self.expected
        if state is None:
            return ()
        return tuple(one for one in slot_states(state, now, self.protocol.schedule) if not one.by_end)

    def record(self, event: Event, now: Instant, actor: str = STATION_ACTOR) -> None:
        """An event for the open session that waits for no answer of the disk: a machine's, unless `actor` did it."""
        if self.session:
            self.outbox.add_event(self.session, now, event, actor)

    def record_gap(self, gap: GapClosed, at: Instant) -> None:
        """A source was silent: as much of it as belongs to the open session, if that is still a gap."""
        source = self.live.sources.get(gap.source)
        if self.state is None or source is None:
            return
        began = gap.began if gap.began.since(self.state.opened) >= 0 else self.state.opened
        seconds = round(gap.ended.since(began), 3)
        if seconds > source.info.stale_s or gap.cause == NOT_RUNNING:
            self.record(replace(gap, began=began, seconds=seconds), at)

    def hear_link(self, change: LinkChange, now: Instant) -> bool:
        """Keep what a link tells of itself, and record what is new of it; whether its state is another one."""
        source = self.live.sources.get(change.source)
        if source is None:
            return False
        before = source.change
        source.take_change(change)
        self.frames.take(change)
        if before is not None and self.state is not None and self.session:
            waiting = [draft.event for draft in self.outbox.waiting_events(self.session)]
            found = list(pinned_with_number(self.state, source.info, before, change, waiting))
            for event in found or pinned_with_channel(self.state, source.info, self.product_pump(), waiting):
                self.record(event, now)
        if before is not None and before.state is change.state:
            return False
        self.record(LinkChanged(change.source, change.state.value, change.reason), now)
        return True

    def heed(self, found: Iterable[Condition], now: Instant) -> None:
        """Tell the alarms of every technical condition; one that is not spoken of any more is over."""
        told: dict[str, Condition] = {}
        for c in found:
            told[c.key] = c
            if not c.active:  # nothing of its row matters then
                self.record_alarms(self.alarms.set_technical(c.key, False, c.priority, c.text, now))
                continue
            row = declared(c.key)
            delay_s = c.delay_s if c.delay_s is not None else row.delay_s if row is not None else 0.0
            latching = row is not None and row.latches(c.priority)
            group = c.group or (row.group if row is not None else "")
            self.record_alarms(
                self.alarms.set_technical(
                    c.key, c.active, c.priority, c.text, now, delay_s,
                    latching=latching, group=group, live_until=c.live_until,
                )
            )  # fmt: skip
        for key in self.told.keys() - told.keys():
            gone = self.told[key]
            self.record_alarms(self.alarms.set_technical(key, False, gone.priority, gone.text, now))
        self.told = told

    def heed_age(self, now: Instant) -> None:
        """A value that is too old to look live is no value: no delay fills by it, and where its device speaks of other
        things that is an alarm."""
        for sign, reading in self.live.vitals.items():
            if self.live.vital_is_stale(reading, now):
                source = self.live.sources.get(reading.source)
                speaks = reading.source if self.live.fresh(reading.source, now) else ""
                lost = source is None or source.is_lost(now)
                self.record_alarms(self.alarms.no_value(sign, now, speaks, lost=lost))

    def heed_set(self, done: ObservationRecorded, now: Instant) -> None:
        """What a person has counted or typed is judged like a reading, where no device gives that sign just now."""
        if now.since(done.observed) > self.protocol.schedule.set_counts_s or not self.session:
            return
        fresh = self.live.fresh_vitals(now)
        known = {sign.value: sign for sign in Sign}
        for name, one in done.values.items():
            sign = known.get(name)
            if sign is None or one.source not in BY_HAND or (sign in fresh and sign not in NIBP_SIGNS):
                continue
            taken = done.observed.plus(-one.age_s)
            reading = VitalReading(
                "set", sign, float(one.value), Validity.VALID, now, taken, BY_HAND[one.source], note="set"
            )
            self.record_alarms(self.alarms.on_vital(reading, now))

    def note_clock(self, news: ClockNews, now: Instant) -> None:
        """The clock of this computer was moved: an alarm while somebody is recorded by it."""
        if news.event is not None:
            self.record(news.event, now)
        if self.session:
            self.record_alarms(self.alarms.note("clock", Priority.MEDIUM, news.text, now))

    def record_suppressed(self, now: Instant, *, at_once: bool = False) -> None:
        """Crossings that were over before their delay was: counted, and told to the record once a minute."""
        if self.suppressed_since is None or not (at_once or now.since(self.suppressed_since) >= SUPPRESSED_EVERY_S):
            return
        began, counts = self.suppressed_since, dict(self.suppressed)
        self.suppressed_since = None
        self.suppressed.clear()
        self.record(AlarmsSuppressed(began, counts), now)

    def heed_reaction(self, now: Instant) -> None:
        """While a reaction is open some limits are judged more strictly."""
        is_open = bool(self.session) and self.state is not None and self.state.open_reaction is not None
        self.record_alarms(self.alarms.set_reaction_open(is_open, now))
        self.heed_anaphylaxis(now)

    def heed_anaphylaxis(self, now: Instant) -> None:
        """Judge the criteria of anaphylaxis on whatever is known; one that is met alarms until somebody has seen it."""
        state = self.state if self.session and not self.deserted else None
        verdict = None
        if state is not None and (state.open_reaction or any(o.event.symptoms for o in state.observations.values())):
            verdict = self.watch.judge(state, self.live.fresh_vitals(now), self.protocol.rules, now)
        met = verdict is not None and bool(verdict.criteria)
        text = verdict.text if verdict is not None else ""
        self.record_alarms(
            self.alarms.set_technical("anaphylaxis", met, Priority.HIGH, text, now, latching=True, group=CIRCULATION)
        )
        if verdict is not None and state is not None and (news := self.watch.news(verdict, state)) is not None:
            self.record(news, now)

    def record_standing_alarms(self, now: Instant) -> None:
        """A session opens while alarms stand: its record begins with them."""
        for view in self.alarms.views():
            self.record(
                AlarmChanged(
                    view.key, view.text, view.priority.name.lower(), "normal", str(view.state), view.since,
                    view.value, view.limit, view.unit, view.acked_by,
                ),
                now,
            )  # fmt: skip

    def record_before(self, opened: Instant) -> None:
        """What was heard before a session opened: the record of an emergency has its last ten minutes, the patient
        who is prepared now has nothing of it."""
        emergency = self.state is not None and self.state.is_emergency
        kept, self.live.before = self.live.before, deque()
        for reading in kept if emergency else ():
            if opened.since(reading.at) > KEPT_BEFORE_S:
                continue
            if isinstance(reading, VitalReading):
                self.outbox.add_vital(self.session, reading)
            else:
                self.outbox.add_pump(self.session, reading)

    def record_alarms(self, transitions: Iterable[AlarmTransition], actor: str = STATION_ACTOR) -> bool:
        """Alarm transitions go into the journal: every one that a person could have seen, by `actor`'s doing; answers
        whether there was one."""
        any_seen = False
        for t in transitions:
            if t.suppressed and self.session and not t.key.startswith(ELSEWHERE):
                self.suppressed_since = self.suppressed_since or t.at
                self.suppressed[t.key] += 1
            seen = {str(t.from_state), str(t.to_state)}
            any_seen = any_seen or not seen <= {"normal", "pending"}
            if not self.session or seen <= {"normal", "pending"} or t.key.startswith(ELSEWHERE):
                continue
            changed = AlarmChanged(
                t.key,
                t.text,
                t.priority.name.lower(),
                str(t.from_state),
                str(t.to_state),
                t.since,
                t.value,
                t.limit,
                t.unit,
                t.by,
                t.latching,
                t.delay_s,
                t.escalated,
                t.visual_only,
                t.raised,
            )
            self.outbox.add_event(self.session, t.at, changed, actor)
        return any_seen
