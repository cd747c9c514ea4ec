"""Answers, alarms, bad lines and real sockets: the cart as something on the other end of a wire."""

from __future__ import annotations

import pytest

from devices.link import Link
from devices.monitors.hl7_pcd01 import SPEC
from devices.monitors.hl7_pcd01.driver import Hl7Pcd01Driver
from devices.monitors.hl7_pcd01.simulator import Hl7Pcd01Simulator
from devices.monitors.hl7_pcd01.wire import messages, mllp
from devices.simulation.faults import Fault, FaultKind, FaultPlan
from devices.simulation.patient import PatientWorld
from devices.simulation.server import SimServer
from devices.transport.tcp import TcpClient, TcpListener
from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.alarms_relayed import RelayedAlarm
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkFault, LinkState
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import PLAUSIBLE, Sign, VitalReading
from tests.devices.monitors.hl7_pcd01.hl7_talk import STEP_S, Bench, alarms, faults, readings, tell


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


def test_an_alarm_is_told_as_each_message_says_it() -> None:
    bench = Bench()
    bench.run(5)
    bench.press("alarm", priority="PH", kind="SP")
    (begun,) = [fact for fact in bench.run(10) if isinstance(fact, RelayedAlarm)]
    assert (begun.code, begun.active, begun.priority, begun.physiological) == ("MDC_EVT_STAT_OFF", True, "high", True)
    bench.press("alarm", priority="PH", kind="SP")
    assert alarms(bench.run(10)) == [("MDC_EVT_STAT_OFF", True)]
    bench.press("end_alarm")
    assert alarms(bench.run(10)) == [("MDC_EVT_STAT_OFF", False)]


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


def test_a_cart_that_hangs_up_after_each_answer_keeps_the_link_talking() -> None:
    listener, clock, facts = TcpListener("127.0.0.1", 0), ManualClock(), list[DeviceFact]()
    link = Link(SPEC, listener, "cart", clock, facts.append)
    link.step()
    simulator = Hl7Pcd01Simulator(PatientWorld())
    for number in range(12):
        t = 1.0 + 30.0 * number
        cart = TcpClient("127.0.0.1", listener.bound_port)
        cart.open()
        cart.write(simulator.due(t))
        link.step(wait_s=2.0)
        simulator.received(cart.read(2.0), t)
        cart.close()
        link.step(wait_s=2.0)
        clock.advance(30.0)
    assert simulator.answers == [("AA", str(number)) for number in range(1, 13)]
    assert len(readings(facts, Sign.SPO2)) == 12
    states = [fact.state for fact in facts if isinstance(fact, LinkChange)]
    assert set(states) == {LinkState.OPENING, LinkState.SILENT, LinkState.TALKING}
    assert link.counters().reconnects == 0
    link.close()


def test_the_simulated_keys_and_framings_refuse_what_does_not_exist() -> None:
    with pytest.raises(CommandRefused, match="no key 'explode'"):
        Bench().press("explode")
    with pytest.raises(CommandRefused, match="mllp or none"):
        Bench(framing="tls")
