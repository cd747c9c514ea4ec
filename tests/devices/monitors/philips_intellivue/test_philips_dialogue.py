"""Driver and simulated IntelliVue talking over bytes: association, keepalive, and beginning anew after any loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from devices.monitors.philips_intellivue import SPEC
from devices.monitors.philips_intellivue.driver import PhilipsIntellivueDriver
from devices.monitors.philips_intellivue.driver.dialogue import ASK_PRODUCTION, ASSOCIATE, CHOOSE_WAVES, STREAMS, USER
from devices.monitors.philips_intellivue.simulator import PhilipsIntellivueSimulator
from devices.monitors.philips_intellivue.wire import codes, frames, requests, results, session
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.requests import ConfirmCreate, ExtendedPoll, Poll
from devices.monitors.philips_intellivue.wire.session import Session
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import WaveName
from tests.devices.monitors.philips_intellivue.philips_bed import SOURCE, Bedside, chunks, faults, vitals, what_is


def kinds(asked: Sequence[tuple[float, object]]) -> list[object]:
    return [what.kind if isinstance(what, ExtendedPoll) else what for _, what in asked]


def test_the_spec_is_what_the_manual_says_and_makes_driver_and_simulator():
    assert SPEC.settings.text() == "115200 8N1"
    assert isinstance(SPEC.make_driver("m"), PhilipsIntellivueDriver)
    assert isinstance(SPEC.make_simulator(PatientWorld(), nibp_interval_s=60), PhilipsIntellivueSimulator)
    assert "RTSA priority list" in " ".join(SPEC.side_effects)


def test_nothing_is_said_before_the_port_is_open():
    driver, at = PhilipsIntellivueDriver(SOURCE), ManualClock().now()
    assert driver.due(at) is None
    assert driver.next_due(at) is None
    assert driver.received(frames.frame(session.bare(Session.REFUSED)), at) == []
    assert driver.due(at) is None


def test_a_conversation_begins_with_who_is_there_then_numbers_then_waves():
    bedside = Bedside()
    bedside.run(2.0)
    asked = bedside.asked()
    assert kinds(asked)[:4] == [Session.ASSOCIATE, asked[1][1], ASK_PRODUCTION, codes.NUMERICS]
    assert isinstance(asked[1][1], ConfirmCreate)
    assert sorted(map(str, kinds(asked)[4:])) == sorted(map(str, [CHOOSE_WAVES, codes.WAVES, codes.ALERT_MONITOR]))
    assert kinds(asked).index(CHOOSE_WAVES) < kinds(asked).index(codes.WAVES)
    assert bedside.driver.identity == ("Philips 866062", "DE00000042")


def test_ten_minutes_without_a_fault_and_the_monitor_never_gives_up():
    bedside = Bedside()
    facts = bedside.run(620.0)
    assert faults(facts) == []
    # Our own requests decode by the rules that decode other clients' requests.
    assert None not in [what for _, what in bedside.asked()]
    assert session.read_request(ASSOCIATE) == USER
    assert [what for _, what in bedside.asked()].count(Session.ASSOCIATE) == 1
    rates = vitals(facts, Sign.HR)
    times = [reading.at.since(bedside.began) for reading in rates]
    assert max(np.diff(times)) < 1.1
    assert all(reading.validity is Validity.VALID for reading in rates)
    for kind in STREAMS:
        asked = [t for t, what in bedside.asked() if isinstance(what, ExtendedPoll) and what.kind == kind]
        assert len(asked) == 2
        assert 530 < asked[1] - asked[0] < 600


def test_the_monitor_hears_something_well_inside_its_time_out_and_never_too_much():
    bedside = Bedside()
    bedside.run(120.0)
    times = [t for t, _ in bedside.sent]
    assert max(np.diff(times)) <= 2.1
    assert all(later - first > 0.128 for first, later in zip(times, times[4:], strict=False))
    assert len(times) / 120 < SPEC.request_budget_per_s
    assert any(isinstance(what, Poll) for _, what in bedside.asked(60.0))


def test_into_silence_it_asks_every_two_seconds():
    bedside = Bedside()
    bedside.cable = False
    assert bedside.run(61.0) == []
    assert set(kinds(bedside.asked())) == {Session.ASSOCIATE}
    assert len(bedside.sent) == 31
    bedside.cable = True
    facts = bedside.run(66.0)
    assert vitals(facts, Sign.HR)[0].at.since(bedside.began) < 65.0


@pytest.mark.parametrize("out_s", [0.3, 3.0, 7.0, 12.0, 60.0])
def test_a_cable_that_was_out_costs_its_time_and_a_new_association_at_most(out_s):
    bedside = Bedside()
    before = bedside.run(20.0)
    bedside.cable = False
    assert bedside.run(20.0 + out_s) == []
    bedside.cable = True
    after = bedside.run(40.0 + out_s)
    assert faults(after) == []
    first = vitals(after, Sign.HR)[0].at.since(bedside.began) - 20.0 - out_s
    assert first < 5.5
    later = [reading.at.since(bedside.began) for reading in vitals(after, Sign.HR)]
    assert max(np.diff(later)) < 2.1  # between the old association's last word and the new one's first
    back = chunks(after, WaveName.ECG_II)
    assert back[0].gap_before or out_s < 0.5
    assert not any(chunk.gap_before for chunk in back[1:])
    assert len(chunks(before + after, WaveName.ECG_II)) <= (40.0 + out_s) / 0.256


@pytest.mark.parametrize("kind", [Session.ABORT, Session.RELEASE])
def test_after_an_abort_by_the_monitor_a_new_association_is_made(kind):
    bedside = Bedside()
    bedside.run(10.0)
    bedside.monitor.press(bedside.t, "reboot")
    bedside.driver.received(frames.frame(session.bare(kind)), bedside.clock.now())
    facts = bedside.run(40.0)
    assert faults(facts) == []
    assert kinds(bedside.asked(10.0))[0] is Session.ASSOCIATE
    first = vitals(facts, Sign.HR)[0].at.since(bedside.began)
    assert 25.0 < first < 29.0


def test_a_monitor_that_reboots_silently_is_noticed_and_associated_again():
    bedside = Bedside()
    bedside.run(10.0)
    bedside.monitor.press(bedside.t, "reboot")
    facts = bedside.run(40.0)
    assert kinds(bedside.asked(10.0)).count(Session.ABORT) == 1
    assert vitals(facts, Sign.HR)[-1].at.since(bedside.began) >= 39.0


def test_a_reopened_port_ends_the_old_association_that_the_monitor_still_holds():
    bedside = Bedside()
    bedside.run(10.0)
    bedside.driver.opened(bedside.clock.now())
    assert bedside.driver.identity == ("", "")
    facts = bedside.run(20.0)
    assert kinds(bedside.asked(10.0))[:3] == [Session.ASSOCIATE, Session.ABORT, Session.ASSOCIATE]
    assert bedside.driver.identity == ("Philips 866062", "DE00000042")
    assert vitals(facts, Sign.HR)[-1].at.since(bedside.began) >= 19.0


def test_an_introduction_that_comes_again_is_confirmed_again_and_nothing_else_happens():
    bedside = Bedside()
    bedside.run(10.0)
    again = results.encode_create(results.MdsCreate(77, {}), 9)
    bedside.driver.received(frames.frame(again), bedside.clock.now())
    bedside.run(12.0)
    assert kinds(bedside.asked(10.0))[0] == ConfirmCreate(77)
    assert Session.ASSOCIATE not in kinds(bedside.asked(10.0))


def test_an_introduction_stands_for_a_yes_that_was_lost():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    assert driver.due(clock.now()) == frames.frame(ASSOCIATE)
    create = results.encode_create(results.MdsCreate(77, {}), 9)
    driver.received(frames.frame(create), clock.advance(0.5))
    confirm = driver.due(clock.now())
    assert confirm == frames.frame(requests.encode_request(ConfirmCreate(77), 9))


def test_an_introduction_that_needs_no_answer_gets_none():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    driver.due(clock.now())
    create = results.encode_create(results.MdsCreate(77, {}, confirmed=False), 9)
    driver.received(frames.frame(create), clock.advance(0.5))
    first = driver.due(clock.now())
    assert first is not None
    assert what_is(first) == ASK_PRODUCTION


def test_a_yes_without_an_introduction_is_not_waited_for_for_ever():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    driver.due(clock.now())
    driver.received(frames.frame(session.accept(USER)), clock.advance(0.1))
    sent = []
    for _ in range(60):
        while (frame := driver.due(clock.now())) is not None:
            sent.append(what_is(frame))
        clock.advance(0.1)
    assert sent == [Session.ABORT, Session.ASSOCIATE]


def test_a_grant_without_numbers_and_a_refused_request_are_told():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    grant = session.accept(session.granted(USER, session.WAVES_EXTENDED))
    facts = driver.received(frames.frame(grant), clock.now())
    assert faults(facts) == ["the monitor grants no extended poll of numbers"]
    refusal = ops.encode_operation(ops.Failure(3, 9))
    facts = driver.received(frames.frame(refusal), clock.now())
    assert faults(facts) == ["the monitor refuses request 3 (error 9)"]
    assert driver.counters().frames_ok == 2
    assert driver.received(frames.frame(refusal), clock.now()) == []  # said once


def test_a_monitor_that_talks_with_another_computer_is_asked_now_and_then_and_never_made_to_abort_for_ever():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    told: list[str] = []
    sent = []
    for _ in range(600):
        while (frame := driver.due(clock.now())) is not None:
            sent.append(what_is(frame))
            if sent[-1] is Session.ASSOCIATE:
                told += faults(driver.received(frames.frame(session.bare(Session.REFUSED)), clock.now()))
        clock.advance(0.1)
    assert sent.count(Session.ABORT) == 2
    assert 12 <= sent.count(Session.ASSOCIATE) <= 14
    assert set(told) == {"the monitor refuses: it talks with another computer"}


def test_numbers_that_stop_alone_are_asked_for_again_and_then_everything_begins_anew():
    bedside = Bedside()
    bedside.run(10.0)
    stop = ExtendedPoll(1, codes.NUMERICS, 0, 1)
    bedside.monitor.received(frames.frame(requests.encode_request(stop, 3)), bedside.t)
    facts = bedside.run(16.0)
    assert vitals(facts, Sign.HR)[-1].at.since(bedside.began) >= 15.0
    assert Session.ASSOCIATE not in kinds(bedside.asked(10.0))


def test_a_lost_choice_of_waves_is_repeated_three_times_and_then_left():
    driver, clock = PhilipsIntellivueDriver(SOURCE), ManualClock()
    driver.opened(clock.now())
    driver.due(clock.now())
    driver.received(frames.frame(results.encode_create(results.MdsCreate(1, {}), 9)), clock.now())
    sent = []
    for second in range(100):
        numbers = results.PollResult(1, codes.NUMERICS, 0, second, (), second)
        driver.received(frames.frame(results.encode_poll_result(numbers, 3)), clock.now())
        while (frame := driver.due(clock.now())) is not None:
            sent.append(what_is(frame))
        clock.advance(0.1)
    assert sent.count(CHOOSE_WAVES) == 3
    assert sent.count(STREAMS[codes.WAVES].request) == 1
    assert sent.count(ASK_PRODUCTION) >= 2
