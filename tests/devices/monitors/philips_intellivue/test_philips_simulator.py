"""The simulated IntelliVue by itself: other clients' frames are accepted, and it keeps the monitor's rules."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.philips_intellivue.simulator import PhilipsIntellivueSimulator
from devices.monitors.philips_intellivue.simulator.waves import chosen
from devices.monitors.philips_intellivue.wire import codes, frames, requests, results, session
from devices.monitors.philips_intellivue.wire import operations as ops
from devices.monitors.philips_intellivue.wire.requests import ConfirmCreate, ExtendedPoll, Poll, SetList
from devices.monitors.philips_intellivue.wire.results import PollResult
from devices.monitors.philips_intellivue.wire.session import Session
from devices.simulation.patient import PatientWorld
from exomonitor.clock import ManualClock
from tests.devices.monitors.philips_intellivue.test_philips_golden import BY_NAME

AARQS = [name for name in BY_NAME if name.startswith("aarq")]


def monitor(**options: object) -> PhilipsIntellivueSimulator:
    return PhilipsIntellivueSimulator(PatientWorld(2), **options)  # type: ignore[arg-type]


def payloads(data: bytes) -> list[bytes]:
    found = frames.make_cutter().feed(data, ManualClock().now())
    good = [payload for payload in found if isinstance(payload, bytes)]
    assert len(good) == len(found)
    return good


def said(data: bytes) -> list[Session | ops.Operation]:
    return [session.session_kind(one) or ops.decode_operation(one) for one in payloads(data)]


def polled(data: bytes) -> list[PollResult]:
    found = [results.decode_poll_result(one) for one in said(data) if isinstance(one, ops.Result)]
    return [one for one in found if one is not None]


def framed(request: requests.Request, number: int = 1) -> bytes:
    return frames.frame(requests.encode_request(request, number))


def associated(**options: object) -> PhilipsIntellivueSimulator:
    simulator = monitor(**options)
    simulator.received(BY_NAME["aarq_msg_wave_ext_poll2"], 0.0)
    simulator.due(0.0)
    simulator.received(BY_NAME["mds_create_result"], 0.1)
    return simulator


# --- other clients --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", AARQS)
def test_every_client_whose_request_we_have_may_associate(name):
    simulator = monitor()
    (accepted,) = payloads(simulator.received(BY_NAME[name], 1.0))
    assert session.session_kind(accepted) is Session.ACCEPTED
    grant = session.read_accept(accepted)
    assert grant is not None
    assert (grant.poll.extended or 0) & session.NUMERICS_1_S
    (create,) = said(simulator.due(1.0))
    told = results.decode_create(create) if isinstance(create, ops.Invoke) else None
    assert told is not None
    assert results.decode_model(told.attributes[codes.MODEL]) == ("Philips", "866062")


def test_the_whole_talk_of_an_independent_client_is_answered():
    simulator = associated()
    (answer,) = said(simulator.received(BY_NAME["set_rtsa_five"], 0.2))
    assert isinstance(answer, ops.Result)
    assert answer.command == ops.CONFIRMED_SET
    (answer,) = said(simulator.received(BY_NAME["get_rtsa_prio"], 0.3))
    assert isinstance(answer, ops.Result)
    assert bytes.fromhex("00024bb4") in answer.argument
    (identity,) = polled(simulator.received(BY_NAME["keepalive_single_poll_MDS_080C"], 0.4))
    assert results.decode_serial(identity.objects[0].attributes[codes.PRODUCTION]) == "DE00000042"
    for second, name in ((0.5, "ext_poll_numerics_30s"), (0.6, "ext_poll_waves_600s"), (0.7, "ext_poll_alerts_600s")):
        (accepted,) = polled(simulator.received(BY_NAME[name], second))
        assert (accepted.sequence, accepted.objects, accepted.clock) == (0, (), None)
    found = polled(simulator.due(3.1))
    count = {kind: sum(one.kind == kind for one in found) for kind in (6, 9, 0x36)}
    assert count == {6: 3, 9: 10, 0x36: 3}
    assert {one.number for one in found} == {1, 3, 4}
    assert [one.sequence for one in found if one.kind == 6] == [1, 2, 3]
    (released,) = said(simulator.received(BY_NAME["release_request"], 3.2))
    assert released is Session.RELEASED
    assert simulator.next_due(3.2) is None


def test_an_independent_clients_abort_ends_everything():
    simulator = associated()
    simulator.received(BY_NAME["ext_poll_numerics_30s"], 0.2)
    assert simulator.received(BY_NAME["abort"], 0.3) == b""
    assert simulator.due(100.0) == b""


# --- the monitor's rules --------------------------------------------------------------------------------------------


def test_it_says_nothing_until_somebody_associates():
    simulator = monitor()
    for name in ("ext_poll_numerics_30s", "mds_create_result", "abort", "release_request"):
        assert simulator.received(BY_NAME[name], 1.0) == b""
    assert simulator.due(100.0) == b""
    assert simulator.next_due(100.0) is None


def test_a_second_association_is_refused_and_the_first_goes_on():
    simulator = associated()
    assert said(simulator.received(BY_NAME["aarq_msg"], 1.0)) == [Session.REFUSED]
    assert simulator.received(BY_NAME["ext_poll_numerics_30s"], 1.2) != b""


def test_an_introduction_that_nobody_confirms_is_repeated_and_given_up_after_ten_seconds():
    simulator = monitor()
    simulator.received(BY_NAME["aarq_msg"], 0.0)
    found = said(simulator.due(20.0))
    assert [isinstance(one, ops.Invoke) for one in found] == [True, True, True, True, False]
    assert found[-1] is Session.ABORT
    assert simulator.received(framed(Poll(1, codes.NUMERICS)), 20.0) == b""


def test_a_computer_that_falls_silent_is_dropped_after_ten_seconds():
    simulator = associated()
    simulator.received(BY_NAME["ext_poll_numerics_30s"], 1.0)
    found = said(simulator.due(30.0))
    assert found[-1] is Session.ABORT
    assert len(found) == 10
    assert simulator.next_due(30.0) is None


def test_a_poll_that_is_not_renewed_ends():
    simulator = associated()
    simulator.received(framed(ExtendedPoll(1, codes.NUMERICS, 0, 5 * 8000)), 1.0)
    for second in range(1, 20):
        simulator.received(BY_NAME["keepalive_single_poll_MDS_080C"], float(second))
        found = [one for one in polled(simulator.due(float(second))) if one.kind == codes.NUMERICS]
        assert bool(found) == (2 <= second <= 6), second


def test_more_than_four_frames_in_128_ms_are_lost():
    simulator = associated()
    ask = BY_NAME["keepalive_single_poll_MDS_080C"]
    assert len(polled(simulator.received(ask * 6, 1.0))) == 4
    assert polled(simulator.received(ask, 1.1)) == []
    assert len(polled(simulator.received(ask, 1.13))) == 1


def test_an_action_that_it_does_not_know_is_an_error():
    simulator = associated()
    (answer,) = said(simulator.received(framed(ExtendedPoll(7, 0x2A, 0, 8000), 5), 1.0))
    assert isinstance(answer, ops.Failure)
    assert answer.number == 5


def test_there_is_no_patient_data_to_be_had():
    simulator = associated()
    (answer,) = polled(simulator.received(framed(Poll(5, 0x2A, 0x0807)), 1.0))
    assert answer.objects == ()


def test_a_single_poll_has_the_date_and_no_sequence():
    simulator = associated(unix_start=0)
    (answer,) = polled(simulator.received(framed(Poll(1, codes.NUMERICS)), 5.5))
    assert answer.sequence is None
    assert answer.clock is not None
    assert answer.clock.timestamp() == 5
    assert len(answer.objects) == 7


def test_linked_numbers_end_with_an_ordinary_result():
    simulator = associated(linked=3)
    simulator.received(BY_NAME["ext_poll_numerics_30s"], 0.5)
    found = [one for one in said(simulator.due(1.0)) if isinstance(one, ops.Result)]
    assert [one.part for one in found] == [(1, 1), (2, 2), None]


def test_unknown_waves_and_a_fourth_lead_are_silently_left_out():
    labels = (0x00020101, 0x00020102, 0x00024A14, 0x0002013D, 0x00020157, 0x00024BB4, 0x00024BB4)
    assert chosen(labels) == (codes.ECG_I, codes.ECG_II, codes.ECG_III, codes.PLETH)


def test_leads_share_an_object_and_the_context_of_one_object_comes_every_second():
    simulator = associated()
    simulator.received(framed(SetList((0x00020101, 0x00020102, 0x00024BB4))), 0.2)
    simulator.received(BY_NAME["ext_poll_waves_600s"], 0.3)
    found = polled(simulator.due(2.9))
    assert all(len(one.objects) == 2 for one in found)
    assert all(codes.COMPOUND_SAMPLES in one.objects[0].attributes for one in found)
    told = [[codes.SAMPLE_SPEC in thing.attributes for thing in one.objects] for one in found]
    assert told[0] == [True, False]
    assert told[4] == [False, True]
    assert not any(any(one) for one in told[1:4] + told[5:8])


@given(st.lists(st.floats(0.01, 1.5), max_size=15))
@settings(max_examples=15, deadline=None)
def test_the_bytes_do_not_depend_on_the_steps_in_which_they_are_fetched(steps):
    whole, stepped = associated(nibp_interval_s=40), associated(nibp_interval_s=40)
    for simulator in (whole, stepped):
        for name in ("ext_poll_numerics_30s", "ext_poll_waves_600s", "ext_poll_alerts_600s"):
            simulator.received(BY_NAME[name], 0.2)
    t, out = 0.2, b""
    for step in steps:
        t += step
        out += stepped.due(t)
    assert out + stepped.due(max(t, 9)) == whole.due(max(t, 9))


def test_the_line_is_fast_enough_for_what_is_sent():
    simulator = associated()
    simulator.received(framed(SetList((0x00020102, 0x00024BB4, 0x00025000))), 0.2)
    for name in ("ext_poll_numerics_30s", "ext_poll_waves_600s", "ext_poll_alerts_600s"):
        simulator.received(BY_NAME[name], 0.3)
    assert len(simulator.due(9.0)) * 10 / 9 < 0.5 * 115200


def test_a_key_that_does_not_exist_is_refused():
    simulator = monitor()
    simulator.press(0, "admit")
    with pytest.raises(ValueError, match="no key 'start'"):
        simulator.press(1, "start")
    with pytest.raises(ValueError, match="no key 'nibp'"):
        simulator.press(1, "nibp", cuff="adult")


def test_a_confirmation_is_needed_before_a_release_is_honoured():
    simulator = monitor()
    simulator.received(BY_NAME["aarq_msg"], 0.0)
    assert simulator.received(BY_NAME["release_request"], 0.2) == b""
    simulator.received(framed(ConfirmCreate(1)), 0.3)
    assert said(simulator.received(BY_NAME["release_request"], 0.4)) == [Session.RELEASED]
