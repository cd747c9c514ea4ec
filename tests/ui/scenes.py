"""Made-up chairs at made-up moments: the pictures that pages are tested and looked at with. Nobody in them is real."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from exomonitor.alarms.limits import Priority
from exomonitor.alarms.manager import AlarmView
from exomonitor.alarms.policy import AlarmState
from exomonitor.clinical.observations import Slot, SlotStatus
from exomonitor.clinical.protocol import load_protocol
from exomonitor.clinical.rates import RampStep
from exomonitor.clock import Instant
from exomonitor.engine.snapshot import AudioView, LinkView, Live, LivePump, RecordView, SlotView, Snapshot
from exomonitor.session import events as ev
from exomonitor.session import machine_events as mv
from exomonitor.session.checklist import gates
from exomonitor.session.entry import Entry, Event
from exomonitor.session.parts.emergency import DrugDone, Emergency, StepDone
from exomonitor.session.parts.emergency_events import AnaphylaxisAssessed, DrugGiven
from exomonitor.session.phases import DeliverySource, Fluid, Phase
from exomonitor.session.plan import BoundDevice, Line, Order, Patient, Product, SourceCell
from exomonitor.session.state import ActionDone, FlushDone, ObservationDone, ProductEnd, Reaction, SessionState, Stretch
from exomonitor.session.timing import progress
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.pump import PumpReading, PumpStatus
from exomonitor.signals.quality import Origin, Validity
from exomonitor.signals.vitals import Sign, VitalReading
from tests.ui.clinic import CLINIC
from tests.ui.made_checks import all_checked

# 14:04:19 on the wall of wherever the tests run: the screen shows local time.
START = Instant(datetime(2026, 3, 2, 14, 4, 19).astimezone(UTC), 10**12, "boot")
NOW = START.plus(17 * 60 + 48)
_SHIPPED = load_protocol()
CHAIR = "4"
FULL = ("hr", "nibp_sys", "nibp_dia", "rr", "spo2", "o2", "temp", "acvpu", "symptoms", "site")
LIMITS = {Sign.HR: (50.0, 120.0), Sign.SPO2: (90.0, None), Sign.NIBP_SYS: (90.0, 160.0), Sign.RR: (8.0, 24.0),
          Sign.TEMP: (36.0, 38.0)}  # fmt: skip
BASELINE = {Sign.HR: 78.0, Sign.SPO2: 97.0, Sign.NIBP_SYS: 124.0, Sign.NIBP_DIA: 78.0}
VALUES = {Sign.HR: 88.0, Sign.SPO2: 97.0, Sign.RR: 16.0, Sign.NIBP_SYS: 118.0, Sign.NIBP_DIA: 74.0,
          Sign.NIBP_MAP: 89.0, Sign.TEMP: 36.7}  # fmt: skip


def empty_chair(*, simulated: bool = True) -> Snapshot:
    """Nobody sits here."""
    return Snapshot(
        CHAIR, NOW, 7, simulated, audio=AudioView(True, ""), record=RecordView(NOW.plus(-40)), staff="R. Okafor",
        staff_id="u1", registry=CLINIC,
    )  # fmt: skip


def reading(sign: Sign, value: float | None, age_s: float = 2.0, validity: Validity = Validity.VALID) -> VitalReading:
    return VitalReading("monitor", sign, value, validity, NOW.plus(-age_s), NOW.plus(-age_s))


def live(sign: Sign, value: float | None, age_s: float = 2.0, validity: Validity = Validity.VALID) -> Live:
    low, high = LIMITS.get(sign, (None, None))
    return Live(reading(sign, value, age_s, validity), age_s, False, False, high, low, BASELINE.get(sign))


def vitals(**other: float | None) -> dict[Sign, Live]:
    """All signs; name=value replaces one, None means sensor off."""
    found = {}
    for sign, value in VALUES.items():
        age = 168.0 if sign.value.startswith("nibp") or sign is Sign.TEMP else 2.0
        found[sign] = live(sign, value, age)
    for name, other_value in other.items():
        sign = Sign(name)
        validity = Validity.VALID if other_value is not None else Validity.SENSOR_OFF
        found[sign] = live(sign, other_value, 2.0, validity)
    return found


def pump_reading(status: PumpStatus = PumpStatus.INFUSING, rate: float = 165.5, infused: float = 25.0) -> PumpReading:
    return PumpReading(
        "pump", "P1", status, status.value, NOW.plus(-0.4), rate, 165.5, infused, 75.0, 100.0 - infused, None, 22.0,
        87.0, None, True, model="Infusomat Space", serial="80213",
    )  # fmt: skip


def prepared() -> SessionState:
    """Everything is entered, nothing runs yet."""
    return all_checked(_entered(), START.plus(-700), time_out=True)


def _entered() -> SessionState:
    return SessionState(
        id="s1",
        study_id="EXO-0042",
        chair=CHAIR,
        simulated=True,
        protocol="Exosome IV slow",
        protocol_version="1.0",
        protocol_sha256="0" * 64,
        program="0.1.0",
        opened=START.plus(-1500),
        tz="UTC",
        patient=Patient("DOE, Jane", "1972-03-14", "0048213", ("name", "born"), "penicillin"),
        product=Product(SourceCell.MSC, "EXO-A12", "2027-06-30"),
        order=Order(
            Decimal("5.0"), Decimal(100), Decimal(45),
            (RampStep(Decimal("0.25"), Decimal(5)), RampStep(Decimal("0.5"), Decimal(10))), Decimal(0), True,
            "Dr Lindqvist · 4411", "cetirizine 10 mg 13:20",
        ),
        line=Line("forearm", "L", "22G", "R arm", "R index"),
        devices=MappingProxyType(
            {
                "pump": BoundDevice("pump", "bbraun-space", "pump", "P1", "Infusomat Space", "80213"),
                "monitor": BoundDevice("monitor", "ge-dri", "monitor", "", "GE B650", "5512"),
            }
        ),
    )  # fmt: skip


def running() -> SessionState:
    """17:48 into the infusion, third step of the ramp."""

    def ran(at_min: float, rate: float, counter: float) -> Stretch:
        when = START.plus(at_min * 60)
        return Stretch(Fluid.PRODUCT, rate, when, DeliverySource.PUMP, "infusing", counter, counter, 100.0)

    observations = {
        key: ObservationDone(
            10 + at, START.plus(at * 60), "u1",
            ev.ObservationRecorded(
                key, START.plus(at * 60), {"hr": ev.ObservedValue(Decimal(78), "/min", "monitor")}, "alert", False, (),
                True, 0,
            ),
        )
        for key, at in (("baseline", -10), ("+5", 5), ("+10", 10), ("+15", 15))
    }  # fmt: skip
    return replace(
        prepared(),
        phase=Phase.INFUSE,
        started=START,
        started_by=DeliverySource.PUMP,
        stretches=(ran(0, 41.4, 0.0), ran(5, 82.8, 3.45), ran(15, 165.5, 17.25)),
        observations=MappingProxyType(observations),
        head="a" * 64,
        last_at=NOW,
    )


def slot(key: str, minutes: float, status: SlotStatus, required: tuple[str, ...] = FULL) -> SlotView:
    when = START.plus(minutes * 60)
    made = Slot(key, key, minutes * 60, 120, 120, required)
    return SlotView(made, status, when.since(NOW), when)


def slots() -> tuple[SlotView, ...]:
    done = tuple(slot(k, m, SlotStatus.DONE) for k, m in (("baseline", -10), ("+5", 5), ("+10", 10), ("+15", 15)))
    return (*done, slot("+30", 30, SlotStatus.PLANNED), slot("+45", 45, SlotStatus.PLANNED))


def entry(seq: int, at: Instant, event: Event) -> Entry:
    return Entry(seq, "s1", seq, at, "UTC", "u1", "station", event, "0" * 64)


def log() -> tuple[Entry, ...]:
    fifteen = running().observations["+15"].event
    return (
        entry(1, START, ev.SessionStarted(START, DeliverySource.PUMP)),
        entry(2, START.plus(300), ev.DeliveryChanged(
            START.plus(300), Fluid.PRODUCT, 82.8, DeliverySource.PUMP, "infusing", 3.45, 3.45)),
        entry(3, START.plus(900), ev.DeliveryChanged(
            START.plus(900), Fluid.PRODUCT, 165.5, DeliverySource.PUMP, "infusing", 17.25, 17.25)),
        entry(4, START.plus(903), fifteen),
    )  # fmt: skip


def link(role: str, name: str, age_s: float | None, state: LinkState = LinkState.TALKING) -> LinkView:
    return LinkView(role, name.lower(), name, LinkChange(role, state, state.value, NOW, "/dev/ttyUSB0"), age_s)


def normal() -> Snapshot:
    """All is well in mid-infusion."""
    session, pump = running(), pump_reading()
    return Snapshot(
        CHAIR,
        NOW,
        1068,
        True,
        session=session,
        progress=progress(session, NOW, pump),
        vitals=vitals(),
        pump=LivePump(pump, 0.4, False, False, (), "Infusomat Space"),
        links=(link("pump", "Infusomat Space", 0.4), link("monitor", "GE B650", 2.0)),
        slots=slots(),
        next_slot=slots()[4],
        next_line="Set +30 in 12:12",
        log=log(),
        audio=AudioView(True, ""),
        record=RecordView(NOW.plus(-2)),
        staff="R. Okafor",
        staff_id="u1",
        registry=CLINIC,
    )


def set_due() -> Snapshot:
    """The window of set +30 is open."""
    due = SlotView(slot("+30", 30, SlotStatus.DUE).slot, SlotStatus.DUE, 0.0, NOW)
    return replace(normal(), slots=(*slots()[:4], due, slots()[5]), next_slot=due, next_line="Set +30 due now")


def alarm(
    key: str, text: str, priority: Priority, state: AlarmState = AlarmState.ACTIVE, ago_s: float = 22.0
) -> AlarmView:
    return AlarmView(key, text, priority, state, NOW.plus(-ago_s))


def one_alarm() -> Snapshot:
    """SpO2 is low."""
    raised = alarm("spo2_low", "SpO₂ low 89 % (limit 90)", Priority.MEDIUM)
    told = mv.AlarmChanged("spo2_low", raised.text, "medium", "normal", "active", raised.since, 89, 90, "%")
    base = normal()
    return replace(
        base,
        vitals=vitals(spo2=89.0),
        alarms=(raised,),
        log=(*base.log, entry(5, raised.since, told)),
    )


def three_alarms() -> Snapshot:
    """Patient, pressure and pump at once."""
    return replace(
        normal(),
        vitals=vitals(spo2=84.0, nibp_sys=84.0, nibp_dia=51.0, hr=126.0),
        pump=LivePump(pump_reading(PumpStatus.STOPPED, 0.0), 0.4, False, False, (), "Infusomat Space"),
        alarms=(
            alarm("spo2_low", "SpO₂ low 84 % (limit 85)", Priority.HIGH),
            alarm("nibp_sys_low", "SBP low 84 mmHg (limit 90): REPEAT NOW", Priority.MEDIUM, AlarmState.ACKED, 60),
            alarm("relayed:pump:P1:occ", "P1: Pressure high, line blocked", Priority.MEDIUM, ago_s=9),
            alarm("set.+15", "Set +15 is overdue", Priority.LOW, ago_s=200),
        ),
        next_line="Pump stopped: say why (F9)",
        questions=("stopped",),
    )


def no_data() -> Snapshot:
    """A session with nothing connected and nothing typed."""
    session = replace(
        running(),
        stretches=(Stretch(Fluid.PRODUCT, 120.0, START, DeliverySource.TYPED, "infusing", None, None),),
        devices=MappingProxyType({"pump": BoundDevice("pump", "", ""), "monitor": BoundDevice("monitor", "", "")}),
    )
    return replace(
        normal(), session=session, progress=progress(session, NOW, None), vitals={}, pump=None, links=(),
        simulated=False, audio=AudioView(False, "no sound device"),
    )  # fmt: skip


def lost() -> Snapshot:
    """The monitor's cable is out, the pump's words are old, the cuff reading is old."""
    base = normal()
    found = {sign: replace(one, stale=True, lost=True, age_s=31.0) for sign, one in vitals().items()}
    found[Sign.RR] = replace(live(Sign.RR, 16.0, 14.0), stale=True)
    found[Sign.TEMP] = replace(
        live(Sign.TEMP, 36.7, 900.0), reading=replace(reading(Sign.TEMP, 36.7, 900.0), origin=Origin.TYPED)
    )
    found[Sign.SPO2] = live(Sign.SPO2, 93.0, 2.0, Validity.QUESTIONABLE)
    return replace(
        base,
        vitals=found,
        pump=LivePump(pump_reading(), 12.0, True, False, ("air_in_line", "occlusion_upstream"), "New Era NE-1000"),
        links=(
            link("pump", "New Era NE-1000", 12.0, LinkState.STALE),
            link("monitor", "GE B650", 31.0, LinkState.LOST),
        ),
        alarms=(alarm("monitor.lost", "MONITOR DATA LOST - look at the patient", Priority.MEDIUM),),
        record=RecordView(NOW.plus(-60), "disk full"),
        audio=AudioView(True, "", NOW.plus(73)),
    )


def long_names() -> Snapshot:
    """Everything is as long as it can be."""
    session = replace(
        running(),
        patient=Patient(
            "VAN DER WESTHUIZEN-MONTGOMERY, Alexandrina Wilhelmina", "1941-12-30", "MRN-000048213-2", ("name", "born"),
            "penicillin, latex, chlorhexidine, shellfish, contrast medium, adhesive tape",
        ),
        order=replace(
            prepared().order or Order(Decimal(1), Decimal(20), Decimal(30)),
            prescriber="Dr Konstantinopoulou-Featherstonehaugh · 4411-227",
            premedication="cetirizine 10 mg 13:20, paracetamol 1 g 13:25, hydrocortisone 100 mg 13:30",
        ),
        reactions=(reaction(),),
    )  # fmt: skip
    return replace(
        three_alarms(),
        session=session,
        vitals=vitals(hr=188.0, spo2=100.0, nibp_sys=188.0, nibp_dia=104.0, rr=38.0, temp=40.1),
        staff="Oluwaseun Adebayo-Fitzgerald",
        chair="Bay 12",
        next_line="Stay with the patient, press Start on the monitor for BP, then record set +30, due in 12:12",
    )


def reaction(*, actions: tuple[str, ...] = ("stop",)) -> Reaction:
    when = NOW.plus(-14)
    return Reaction(
        "R1", when, when.plus(-600), 17.57, 165.5, 24.4, "infusing", {}, "u1",
        tuple(ActionDone(action, when.plus(5 + i), "u1") for i, action in enumerate(actions)),
    )  # fmt: skip


def reacting() -> Snapshot:
    """A reaction was stamped 14 s ago and the pump stands."""
    base = one_alarm()
    session = replace(running(), reactions=(reaction(),))
    stopped = pump_reading(PumpStatus.STOPPED, 0.0)
    return replace(
        base, session=session, pump=LivePump(stopped, 0.4, False, False, (), "Infusomat Space"), questions=("stopped",)
    )


def emergency() -> Snapshot:
    """Eight minutes into a reaction that meets the criteria of anaphylaxis; one dose of epinephrine, two drugs."""
    opened = replace(reaction(), when=NOW.plus(-480))
    taps = (("stop", 5), ("call", 12), ("airway", 30), ("epinephrine", 140), ("called_ems", 160), ("oxygen", 200))
    steps = tuple(StepDone(100 + i, step, opened.when.plus(s), "unnamed", "R1") for i, (step, s) in enumerate(taps))
    drugs = (
        DrugDone(120, DrugGiven("diphenhydramine", Decimal(50), "mg", "IV", opened.when.plus(300), "R1"), "u1"),
        DrugDone(121, DrugGiven("saline", Decimal(500), "mL", "IV", opened.when.plus(330), "R1"), "u1"),
    )
    assessed = AnaphylaxisAssessed("R1", ("WAO 1", "NIAID 1", "NIAID 2"), ("skin", "SpO₂ 89 %"), 3, 1)
    told = ev.ReactionDetailed("R1", ("flushing", "breathless"))
    done = replace(
        opened, details=told, actions=tuple(ActionDone(one.step, one.when, "unnamed", one.seq) for one in steps)
    )
    part = Emergency(steps, drugs, ((opened.when.plus(20), assessed),), (), (99, *(one.seq for one in steps)))
    base = reacting()
    raised = alarm("anaphylaxis", "Anaphylaxis criteria may be met: skin + SpO₂ 89 %", Priority.HIGH, ago_s=460)
    entries = tuple(entry(one.seq, one.when, ev.ReactionAction("R1", one.step, one.when)) for one in steps)
    return replace(
        base, session=replace(running(), reactions=(done,), emergency=part), alarms=(raised, *base.alarms),
        log=(*base.log, *entries), worst={"spo2_min": Decimal(87), "nibp_sys_min": Decimal(84), "hr_max": Decimal(126)},
    )  # fmt: skip


def observing() -> Snapshot:
    """Product and flush are in; the sets after the end are due."""
    end = START.plus(45 * 60)
    session = replace(
        running(),
        phase=Phase.OBSERVE,
        product_end=ProductEnd(end, "complete", 100.0, DeliverySource.PUMP, ""),
        flush=FlushDone(end.plus(300), True, 20.0, 100.0, DeliverySource.TYPED),
    )
    now = end.plus(900)
    after = SlotView(Slot("post30", "End +30", 4800, 300, 600, FULL), SlotStatus.PLANNED, 240.0, now.plus(240))
    stopped = replace(pump_reading(PumpStatus.COMPLETE, 0.0, 100.0), at=now)
    return replace(
        normal(), now=now, session=session, progress=progress(session, now, stopped), next_slot=after,
        slots=(*slots()[:4], after),
        pump=LivePump(stopped, 0.4, False, False, (), "Infusomat Space"), next_line="Set End +30 in 04:00",
    )  # fmt: skip


def preparing() -> Snapshot:
    """The bag hangs, the baseline is missing."""
    session = replace(prepared(), product=Product(SourceCell.MSC, "EXO-A12", "2027-06-30", scanned=True))
    baseline = SlotView(Slot("baseline", "Baseline", 0.0, 1800, 0, FULL), SlotStatus.DUE, 0.0, None)
    return replace(
        normal(), session=session, progress=None, slots=(baseline,), next_slot=baseline,
        gates=gates(session, NOW, _SHIPPED),
        pump=LivePump(pump_reading(PumpStatus.STOPPED, 0.0, 0.0), 0.4, False, False, (), "Infusomat Space"),
        next_line="Take the baseline set", log=(),
    )  # fmt: skip


SCENES = {
    "normal": normal,
    "one_alarm": one_alarm,
    "three_alarms": three_alarms,
    "no_data": no_data,
    "lost": lost,
    "long_names": long_names,
    "reacting": reacting,
    "emergency": emergency,
    "observing": observing,
    "empty": empty_chair,
    "preparing": preparing,
}
