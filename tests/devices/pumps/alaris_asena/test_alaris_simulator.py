"""The simulated Asena pump obeys real clients: with remote control, in the right form, as long as they speak."""

from __future__ import annotations

from devices.pumps.alaris_asena import SPEC, wire


def test_an_infusion_that_a_computer_started_stops_when_the_computer_is_silent() -> None:
    simulator = SPEC.make_simulator(None)
    simulator.received(wire.encode("REMOTE_CTRL^ENABLED^3CC1"), 0.0)
    simulator.received(wire.encode("INF_START"), 1.0)
    assert b"^SET^" in simulator.received(wire.encode("INF"), 10.0)
    assert b"^A^HLD^" in simulator.received(wire.encode("INF"), 26.0)
    assert simulator.received(wire.encode("ALARM"), 26.1) == wire.encode("ALARM^AL_COMTO^ ^ ")


def test_orders_without_remote_control_change_nothing() -> None:
    simulator = SPEC.make_simulator(None)
    before = simulator.received(wire.encode("INF"), 0.0)
    assert simulator.received(wire.encode("REMOTE_CTRL^ENABLED^0000"), 0.0) == b""
    for order in ("INF_START", "INF_RATE^99.00^ml/h", "INF_VTBI^DEACT", "INF_VI_CLEAR", "INF_STOP"):
        simulator.received(wire.encode(order), 0.0)
    assert simulator.received(wire.encode("INF"), 0.0) == before


def test_orders_with_remote_control_are_obeyed_where_their_form_is_right() -> None:
    simulator = SPEC.make_simulator(None, infused_ml=3.0)
    simulator.received(wire.encode("REMOTE_CTRL^ENABLED^3CC1"), 0.0)
    answer = wire.encode("INF_VTBI^ACTIV^11.000^ml^KVO")
    assert simulator.received(answer, 0.0) == answer
    assert simulator.received(wire.encode("INF_VTBI^DEACT"), 0.0) == wire.encode("INF_VTBI^DEACT^^^")
    assert simulator.received(wire.encode("INF_VTBI^ACTIV^x^ml^KVO"), 0.0) == b""
    assert simulator.received(wire.encode("INF_RATE^9999^ml/h"), 0.0) == b""
    assert simulator.received(wire.encode("INF_VI_CLEAR"), 0.0) == wire.encode("INF_VI_CLEAR")
    assert simulator.received(wire.encode("INF_VI"), 0.0) == wire.encode("INF_VI^0.000^ml")


def test_a_damaged_or_unknown_message_is_not_answered() -> None:
    simulator = SPEC.make_simulator(None)
    assert simulator.received(b"!INF|0000\r", 0.0) == b""
    assert simulator.received(wire.encode("WHO_ARE_YOU"), 0.0) == b""
    assert simulator.received(b"xx!IN", 0.0) == b""
    assert simulator.received(b"F|4961\r", 0.0).startswith(b"!INF^")
