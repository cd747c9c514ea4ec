"""Driver and simulated cart over bytes for many minutes of hand-moved time, over a bad line, and over real sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from devices.link import Link
from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.simulator import Hl7Pcd01Simulator
from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.patient import Episode, PatientWorld
from devices.simulation.server import SimServer
from devices.transport.tcp import TcpClient, TcpListener
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading

STEP_S = 0.25
OBSERVATIONS = "MSH|^~\\&|CART^00A0^EUI-64|WARD|||{time}||ORU^R01^ORU_R01|{number}|P|2.6\r{obx}"


class Bench:
    """A driver and a simulated cart; `spoil` may damage what the cart says, `deaf` swallows our answers."""

    def __init__(self, world: PatientWorld | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.began = self.clock.now()
        self.simulator = Hl7Pcd01Simulator(world or PatientWorld(), **options)
        self.driver = Hl7Pcd01Driver("cart")
        self.sent: list[bytes] = []
        self.facts: list[DeviceFact] = []
        self.spoil: Callable[[bytes], bytes] = bytes
        self.deaf = False
        self.driver.opened(self.began)

    @property
    def t(self) -> float:
        return self.clock.now().since(self.began)

    def run(self, seconds: float) -> list[DeviceFact]:
        """What the driver said during the next seconds."""
        before = len(self.facts)
        for _ in range(round(seconds / STEP_S)):
            at = self.clock.advance(STEP_S)
            heard = self.spoil(self.simulator.due(self.t))
            if heard:
                self.facts += self.driver.received(heard, at)
            while (frame := self.driver.due(at)) is not None:
                assert SPEC.may_send(frame)
                self.sent.append(frame)
                if not self.deaf:
                    self.simulator.received(frame, self.t)
        return self.facts[before:]

    def press(self, action: str, **values: Any) -> None:
        self.simulator.press(self.t, action, **values)


def readings(facts: list[DeviceFact], sign: Sign) -> list[VitalReading]:
    return [fact for fact in facts if isinstance(fact, VitalReading) and fact.sign is sign]


def alarms(facts: list[DeviceFact]) -> list[tuple[str, bool]]:
    return [(fact.code, fact.active) for fact in facts if isinstance(fact, RelayedAlarm)]


def faults(facts: list[DeviceFact]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, LinkFault)]


def tell(driver: Hl7Pcd01Driver, clock: ManualClock, number: int, *obx: str, **head: str) -> list[DeviceFact]:
    """One observation message by hand."""
    time = head.get("time", "20260302090000")
    text = OBSERVATIONS.format(time=time, number=number, obx="".join(f"{line}\r" for line in obx))
    return driver.received(mllp.frame(text.encode()), clock.now())


@pytest.fixture
def driver(clock: ManualClock) -> Hl7Pcd01Driver:
    driver = Hl7Pcd01Driver("cart")
    driver.opened(clock.now())
    return driver


def test_a_cart_is_read_every_half_minute_and_answered_each_time() -> None:
    bench = Bench()
    seen = bench.run(600)
    spo2 = readings(seen, Sign.SPO2)
    assert len(spo2) == 20
    assert {reading.validity for reading in spo2} == {Validity.VALID}
    assert all(95 <= (reading.value or 0) <= 100 for reading in spo2)
    assert bench.simulator.answers == [("AA", str(number)) for number in range(1, 21)]
    assert len(bench.sent) == 20
    assert faults(seen) == []
    assert bench.driver.identity == ("MINDRAY_VS900", "00A0370098000001")


def test_a_cuff_pressure_keeps_the_moment_of_its_measurement_while_it_is_sent_again_and_again() -> None:
    bench = Bench(nibp_interval_s=0)
    bench.run(60)
    bench.press("nibp")
    pressures = readings(bench.run(300), Sign.NIBP_SYS)
    assert len(pressures) == 8
    moments = {reading.measured_at for reading in pressures}
    assert len(moments) == 1
    (moment,) = moments
    assert moment is not None
    assert moment.since(bench.began) == pytest.approx(95.0, abs=1.5)


@pytest.mark.parametrize("wrong_s", [-13 * 365 * 86400.0, 40 * 86400.0, 3600.0])
def test_a_clock_that_is_wrong_by_years_changes_no_time_of_ours(wrong_s: float) -> None:
    bench = Bench(clock_wrong_s=wrong_s)
    seen = bench.run(300)
    for reading in readings(seen, Sign.NIBP_DIA):
        assert reading.measured_at is not None
        assert reading.measured_at.since(bench.began) == pytest.approx(40.0, abs=1.5)
    assert all(reading.measured_at is None for reading in readings(seen, Sign.SPO2))


def test_messages_that_a_cart_kept_while_it_was_away_are_not_taken_for_live(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    spo2 = "OBX|1|NM|150456||{}|%|||||F"
    tell(driver, clock, 1, spo2.format(98), time="20130101000000")
    clock.advance(600)
    kept = [tell(driver, clock, n, spo2.format(90 + n), time=f"201301010{n:03d}00") for n in range(2, 9, 2)]
    (now,) = tell(driver, clock, 20, spo2.format(97), time="20130101001000")
    ages = [clock.now().since(fact.taken_at) for facts in kept for fact in readings(facts, Sign.SPO2)]
    assert ages == [480.0, 360.0, 240.0, 120.0]
    assert isinstance(now, VitalReading)
    assert now.measured_at is None


def test_a_clock_that_somebody_set_back_is_the_usual_clock_from_the_second_message_on(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    ages = []
    for number, time in enumerate(("120000", "120030", "110100", "110130", "110200", "120230", "120300")):
        (reading,) = tell(driver, clock, number, "OBX|1|NM|150456||98|%", time=f"20260302{time}")
        assert isinstance(reading, VitalReading)
        ages.append(clock.now().since(reading.taken_at))
        clock.advance(30)
    assert ages == [0.0, 0.0, 3600.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("observed", "age_s"), [("20260301100000", 82_800.0), ("20260228100000", 0.0), ("20260302090500", 0.0), ("x", 0.0)]
)
def test_an_age_beyond_a_day_or_below_nothing_is_not_believed(
    driver: Hl7Pcd01Driver, clock: ManualClock, observed: str, age_s: float
) -> None:
    (reading,) = tell(driver, clock, 1, f"OBX|1|NM|150301||120|mmHg|||||F|||{observed}")
    assert isinstance(reading, VitalReading)
    assert reading.measured_at is not None
    assert clock.now().since(reading.measured_at) == age_s
    clock.advance(30)
    (again,) = tell(driver, clock, 2, f"OBX|1|NM|150301||120|mmHg|||||F|||{observed}", time="20260302090030")
    assert isinstance(again, VitalReading)
    assert again.measured_at == reading.measured_at  # sent again it does not become younger


def test_demonstration_values_are_said_to_be_that_and_carry_no_number() -> None:
    bench = Bench(demo=True)
    vitals = [fact for fact in bench.run(120) if isinstance(fact, VitalReading)]
    assert {(reading.value, reading.validity) for reading in vitals} == {(None, Validity.DEMO)}
    bench.press("demo", on=False)
    assert readings(bench.run(60), Sign.SPO2)[-1].validity is Validity.VALID


def test_training_messages_carry_no_number(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    text = "MSH|^~\\&|CART||||2026||ORU^R01|1|T|2.6\rOBX|1|NM|150456||98|%\r"
    (reading,) = driver.received(mllp.frame(text.encode()), clock.now())
    assert isinstance(reading, VitalReading)
    assert (reading.value, reading.validity) == (None, Validity.TEST)


@pytest.mark.parametrize(
    ("obx", "value", "validity"),
    [
        ("OBX|1|NM|150456||98|%|||||F", 98.0, Validity.VALID),
        ("OBX|1|NM|150456|||%|||||F", None, Validity.UNAVAILABLE),
        ('OBX|1|NM|150456||""|%|||||F', None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||--|%|||||F", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||-1|%|||||F", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||98|%|||||X", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||98|%|||||W", None, Validity.UNAVAILABLE),
        ("OBX|1|NM|150456||0|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||9 8|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||1e2|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||nan|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98^97|%|||||F", None, Validity.INVALID),
        ("OBX|1|SN|150456||^98|%|||||F", 98.0, Validity.VALID),
        ("OBX|1|SN|150456||>^98|%|||||F", None, Validity.INVALID),
        ("OBX|1|NA|150456||98|%|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|mmHg|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|furlong|||||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98||||||F", 98.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||384|%|||||F", 384.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||98|%||QUES|||F", 98.0, Validity.QUESTIONABLE),
        ("OBX|1|NM|150456||98|%||L~EARLY|||F", 98.0, Validity.EARLY),
        ("OBX|1|NM|150456||98|%||INV|||F", None, Validity.INVALID),
        ("OBX|1|NM|150456||98|%||L~DEMO|||F", None, Validity.DEMO),
        ("OBX|1|NM|150456||98|%||TEST|||F", None, Validity.TEST),
        ("OBX|1|NM|150456||98|%||CAL|||F", None, Validity.CALIBRATING),
        ("OBX|1|NM|150456||88|%||L|||F", 88.0, Validity.VALID),
        ("OBX|1|NM|150388||33.1|Cel|||||F", 33.1, Validity.QUESTIONABLE),
    ],
)
def test_each_observation_is_judged(
    driver: Hl7Pcd01Driver, clock: ManualClock, obx: str, value: float | None, validity: Validity
) -> None:
    (reading,) = tell(driver, clock, 1, obx)
    assert isinstance(reading, VitalReading)
    assert (reading.value, reading.validity) == (value, validity)


def test_of_several_sources_the_best_that_has_a_number_is_told_once(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    facts = tell(
        driver,
        clock,
        1,
        "OBX|1|NM|151658||14|rpm|||||F",
        "OBX|2|NM|151578||16|rpm|||||F",
        "OBX|3|NM|151562|||rpm|||||F",
    )
    assert [(fact.value, fact.note) for fact in readings(facts, Sign.RR)] == [(16.0, "impedance")]


def test_pressures_the_wrong_way_round_are_doubted(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    facts = tell(driver, clock, 1, "OBX|1|NM|150301||70|mmHg", "OBX|2|NM|150302||90|mmHg")
    assert {fact.validity for fact in facts if isinstance(fact, VitalReading)} == {Validity.QUESTIONABLE}


def test_a_sensor_that_is_off_gives_missing_values() -> None:
    world = PatientWorld(episodes=[Episode(40.0, 0.0, sensor="spo2", off=True)])
    seen = readings(Bench(world).run(100), Sign.SPO2)
    assert [reading.value is None for reading in seen] == [False, False, True, True]


def test_an_unanswered_message_comes_again_and_is_answered_but_not_read_again() -> None:
    bench = Bench()
    bench.deaf = True
    seen = bench.run(25)
    assert len(readings(seen, Sign.SPO2)) == 1
    assert faults(seen) == ["repeated message", "repeated message"]
    assert len(bench.sent) == 3
    assert bench.driver.counters().frames_ok == 1


def test_malformed_messages_are_counted_and_answered_ae(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    facts = driver.received(mllp.frame(b"MSH|^~\\&|CART||||||ORU^R01|9|P|2.6\rPID|1|TEST^ONE\r!!\r"), clock.now())
    assert faults(facts) == ["not a segment"]
    assert b"TEST" not in facts[0].raw if isinstance(facts[0], LinkFault) else False
    ack = messages.parse_ack(driver.due(clock.now()) or b"")
    assert ack is not None
    assert (ack.code, ack.control_id, ack.error) == ("AE", "9", "100")
    driver.received(mllp.frame(b"garbage"), clock.advance(1))
    ack = messages.parse_ack(driver.due(clock.now()) or b"")
    assert ack is not None
    assert (ack.code, ack.control_id) == ("AE", messages.UNKNOWN_ID)
    assert dict(driver.counters().frames_bad) == {"not a segment": 1, "no MSH segment": 1}


def test_an_echo_of_our_own_answer_is_not_answered(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    tell(driver, clock, 1, "OBX|1|NM|150456||98|%")
    answer = driver.due(clock.now()) or b""
    assert faults(driver.received(answer, clock.advance(1))) == ["an answer that nobody asked for"]
    assert driver.due(clock.advance(1)) is None


def test_a_flood_is_answered_no_faster_than_the_budget_allows() -> None:
    driver, clock = Hl7Pcd01Driver("cart"), ManualClock()
    driver.opened(clock.now())
    sent = 0
    for number in range(2000):
        tell(driver, clock, number, "OBX|1|NM|150456||98|%")
        at = clock.advance(0.005)
        while driver.due(at) is not None:
            sent += 1
    assert sent <= SPEC.request_budget_per_s * 10.0
    due = driver.next_due(clock.now())
    assert due is not None


def test_alarms_begin_and_end_once_however_often_they_are_said() -> None:
    bench = Bench()
    bench.run(5)
    bench.press("alarm", priority="PH", kind="SP")
    bench.press("alarm", priority="PH", kind="SP")
    (begun,) = [fact for fact in bench.run(10) if isinstance(fact, RelayedAlarm)]
    assert (begun.code, begun.active, begun.priority, begun.physiological) == ("MDC_EVT_STAT_OFF", True, "high", True)
    bench.press("end_alarm")
    assert alarms(bench.run(10)) == [("MDC_EVT_STAT_OFF", False)]
    bench.press("end_alarm")
    assert alarms(bench.run(10)) == []


def test_a_momentary_event_begins_and_ends_at_once_and_a_demonstration_alarm_is_none(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    head = "MSH|^~\\&|CART||||2026||ORU^R40|{}|P|2.6\rOBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1|1^MDC_EVT_X^MDC|||{}|||F\r"
    moment = head.format(1, "PL~ST") + "OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1|tpoint\r"
    assert alarms(driver.received(mllp.frame(moment.encode()), clock.now())) == [
        ("MDC_EVT_X", True),
        ("MDC_EVT_X", False),
    ]
    assert driver.received(mllp.frame(head.format(2, "DEMO").encode()), clock.now()) == []
    empty = b"MSH|^~\\&|CART||||2026||ORU^R40|3|P|2.6\r"
    assert faults(driver.received(mllp.frame(empty), clock.now())) == ["an alarm without an event"]


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_messages_without_framing_are_read_at_once_and_answered_when_silence_ends_them(size: int) -> None:
    bench = Bench(framing="none")
    seen: list[DeviceFact] = []
    for _ in range(480):
        at = bench.clock.advance(STEP_S)
        heard = bench.simulator.due(bench.t)
        for begin in range(0, len(heard), size):
            seen += bench.driver.received(heard[begin : begin + size], at)
        while (frame := bench.driver.due(at)) is not None:
            bench.simulator.received(frame, bench.t)
    spo2 = readings(seen, Sign.SPO2)
    assert [reading.at.since(bench.began) for reading in spo2] == [1.0, 31.0, 61.0, 91.0]
    assert bench.simulator.answers == [("AA", str(number)) for number in range(1, 5)]
    assert bench.driver.counters().frames_ok == 4
    assert faults(seen) == []
    sys = readings(seen, Sign.NIBP_SYS)
    assert len(sys) == 2


@pytest.mark.parametrize(
    "kind", [FaultKind.GARBLE, FaultKind.CUT, FaultKind.NOISE, FaultKind.REPEAT, FaultKind.DRIBBLE, FaultKind.OUT]
)
def test_minutes_on_a_bad_line_end_with_readings_and_give_no_value_out_of_this_world(kind: FaultKind) -> None:
    bench = Bench()
    plan = FaultPlan([Fault(kind, 20.0, 300.0, 0.001 if kind is FaultKind.GARBLE else None)], seed=5)
    bench.spoil = lambda data: plan.outward(data, bench.t)
    seen = bench.run(480)
    vitals = [fact for fact in seen if isinstance(fact, VitalReading)]
    good = [reading for reading in vitals if reading.validity is Validity.VALID]
    for reading in good:
        lowest, highest = PLAUSIBLE[reading.sign]
        assert lowest <= (reading.value or 0) <= highest
    spo2 = [reading.taken_at for reading in good if reading.sign is Sign.SPO2]
    assert len(spo2) == len(set(spo2))  # nothing twice
    late = [reading for reading in good if reading.at.since(bench.began) > 360]
    assert {reading.sign for reading in late} >= {Sign.SPO2, Sign.PULSE, Sign.NIBP_SYS}


def test_a_half_message_before_a_reopened_line_is_forgotten(driver: Hl7Pcd01Driver, clock: ManualClock) -> None:
    driver.received(b"\x0bMSH|^~\\&|CART||||||ORU^R01|9|P|2.6\rOBX|1|NM|1504", clock.now())
    driver.opened(clock.advance(5))
    facts = tell(driver, clock, 10, "OBX|1|NM|150456||98|%")
    assert [fact.value for fact in readings(facts, Sign.SPO2)] == [98.0]
    assert faults(facts) == []


def test_unknown_observations_and_waves_are_answered_and_make_no_noise(
    driver: Hl7Pcd01Driver, clock: ManualClock
) -> None:
    assert tell(driver, clock, 1, "OBX|1|NM|2279^COMEN_PAIN_LEVEL^99COMEN||3|||||||F") == []
    assert driver.due(clock.now()) is not None
    assert driver.counters().frames_ok == 1


def test_a_cart_dials_in_over_tcp_and_hears_its_answers() -> None:
    listener, clock, facts = TcpListener("127.0.0.1", 0), ManualClock(), list[DeviceFact]()
    link = Link(SPEC, listener, "cart", clock, facts.append)
    link.step()
    cart = TcpClient("127.0.0.1", listener.bound_port)
    cart.open()
    simulator = Hl7Pcd01Simulator(PatientWorld())
    server = SimServer(simulator, cart)
    for t in (1.0, 31.0, 61.0):
        server.step(t)
        link.step(wait_s=2.0)
        link.step(wait_s=0.05)
        for _ in range(50):
            if len(simulator.answers) > (t - 1) // 30:
                break
            simulator.received(cart.read(0.1), t)
        clock.advance(30.0)
    assert link.state is LinkState.TALKING
    assert simulator.answers == [("AA", "1"), ("AA", "2"), ("AA", "3")]
    assert len(readings(facts, Sign.SPO2)) == 3
    told = [fact for fact in facts if isinstance(fact, LinkChange)][-1]
    assert (told.model, told.serial) == ("MINDRAY_VS900", "00A0370098000001")
    link.close()
    server.close()


def test_the_simulated_keys_and_framings_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
    with pytest.raises(CommandRefused, match="mllp or none"):
        Bench(framing="tls")
