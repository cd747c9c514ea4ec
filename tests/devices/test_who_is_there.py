"""Another device on the cable is noticed by its own serial number, and nothing of it enters the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from devices.link import Link
from devices.transport.memory import pair
from exomonitor.clock import ManualClock
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.links import LinkChange, LinkState
from exomonitor.signals.vitals import VitalReading
from tests.devices.toy_device import ToyDriver, toy_spec


class ForgetfulDriver(ToyDriver):
    """Forgets who is there when the line is opened, as the drivers of the program do. `MODEL X`: it is one; `HAS 1 2`:
    so many are behind it; `OK`: nothing else."""

    numbers: Mapping[str, str] = MappingProxyType({})

    def opened(self, at):
        super().opened(at)
        self._serial, self._model, self.numbers = "", "Toy", {}

    def received(self, data, at):
        facts = []
        for line in data.splitlines(keepends=True):
            word, *told = line.decode().split()
            if word == "MODEL":
                self._model = told[0]
            elif word == "HAS":
                self.numbers = dict.fromkeys(told, "Toy")
            elif word == "OK":
                self._ok += 1
            else:
                facts += super().received(line, at)
        return facts

    @property
    def identity(self):
        return (self._model, self._serial) if self._serial else ("", "")


class Bench:
    """A bound link whose device is the test."""

    def __init__(self, clock: ManualClock, expected: str = "", *, checksum: bool = True, model: str = "") -> None:
        self.clock = clock
        self.client, self.device = pair("cable")
        self.device.open()
        self.seen: list[DeviceFact] = []
        spec = replace(toy_spec(), make_driver=ForgetfulDriver, has_checksum=checksum)
        self.link = Link(spec, self.client, "monitor", clock, self.seen.append, expected_serial=expected, bound=True)
        self.link.expected_model = model
        self.link.step()

    def say(self, text: bytes, after_s: float = 1.0) -> None:
        self.clock.advance(after_s)
        self.device.write(text)
        self.link.step()

    def replug(self) -> None:
        self.device.unplug()
        self.link.step()
        self.device.replug()
        self.clock.advance(0.5)
        self.link.step()

    def state(self) -> LinkState:
        return self.link.state

    def values(self) -> list[float | None]:
        return [fact.value for fact in self.seen if isinstance(fact, VitalReading)]

    def reason(self) -> str:
        return [fact.reason for fact in self.seen if isinstance(fact, LinkChange)][-1]


@pytest.fixture
def bench(clock: ManualClock) -> Iterator[Bench]:
    bench = Bench(clock)
    yield bench
    bench.link.close()


def test_the_first_number_that_a_bound_device_tells_is_expected_from_then_on(bench):
    bench.say(b"HR 70\n")
    assert bench.link.expected_serial == ""
    bench.say(b"SN 123\nHR 71\n")
    assert bench.link.expected_serial == "123"
    bench.say(b"SN 999\nHR 40\n")
    assert bench.link.state is LinkState.WRONG_DEVICE
    assert bench.values() == [70.0, 71.0]


def test_after_a_cable_was_out_values_wait_until_the_device_has_said_who_it_is(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    bench.say(b"HR 72\n")
    assert bench.values() == [71.0]
    assert bench.reason() == "receiving, waiting for the device's own number"
    bench.say(b"SN 123\nHR 73\n")
    assert bench.values() == [71.0, 72.0, 73.0]
    assert bench.reason() == "receiving"


def test_what_another_device_said_before_it_told_its_number_is_never_told(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    bench.say(b"HR 150\n")
    bench.say(b"SN 999\nHR 151\n")
    assert bench.link.state is LinkState.WRONG_DEVICE
    assert bench.reason() == "cable has device 999, not 123"
    assert bench.values() == [71.0]


def test_a_device_that_does_not_say_its_number_any_more_is_another_one_until_a_person_has_looked(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    for value in range(9):
        bench.say(b"HR %d\n" % (80 + value))
    assert bench.state() is LinkState.TALKING
    for value in range(4):
        bench.say(b"HR %d\n" % (90 + value))
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.reason() == "cable has a device that does not tell its number; 123 is expected"
    assert bench.values() == [71.0]
    bench.link.accept("")
    bench.say(b"HR 95\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [71.0, 95.0]  # what it said before is nobody's


def test_a_number_that_is_told_late_is_believed(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    for value in range(13):
        bench.say(b"HR %d\n" % (80 + value))
    bench.say(b"SN 123\nHR 99\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [71.0, 99.0]


def test_a_silence_is_no_speaking_without_a_number(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    bench.say(b"HR 80\n")
    bench.say(b"HR 81\n", after_s=25.0)
    assert bench.state() is LinkState.TALKING
    bench.say(b"SN 123\n")
    assert bench.values() == [71.0, 80.0, 81.0]


def test_where_nothing_is_told_but_that_somebody_is_there_nobody_is_another_one(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    for _ in range(20):
        bench.say(b"OK\n")
    assert bench.state() is LinkState.TALKING


def test_a_device_whose_number_was_never_told_is_heard_before_and_after_a_replug(bench):
    for value in range(15):
        bench.say(b"HR %d\n" % (60 + value))
    bench.replug()
    for value in range(15):
        bench.say(b"HR %d\n" % (75 + value))
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [60.0 + value for value in range(30)]


def test_another_model_with_the_same_number_is_another_device(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.say(b"MODEL Other\nHR 72\n")
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.reason() == "cable has device 123, but it is now Other, not Toy"
    assert bench.values() == [71.0]
    bench.link.accept("123")
    bench.say(b"HR 73\n")
    assert bench.state() is LinkState.TALKING


def test_of_several_behind_one_station_the_expected_one_is_found(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.replug()
    bench.say(b"HAS 55 123\nHR 72\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [71.0, 72.0]


def test_a_person_who_has_looked_makes_it_the_right_one(bench):
    bench.say(b"SN 123\nHR 71\n")
    bench.say(b"SN 999\nHR 60\n")
    bench.link.accept("999")
    assert bench.link.expected_serial == "999"
    bench.say(b"HR 61\n")
    assert bench.link.state is LinkState.TALKING
    assert bench.values() == [71.0, 61.0]


def test_a_number_that_is_remembered_from_before_counts_from_the_first_frame(clock):
    bench = Bench(clock, expected="123")
    bench.say(b"SN 999\nHR 60\n", 0.0)
    assert bench.link.state is LinkState.WRONG_DEVICE
    assert bench.values() == []
    bench.link.close()


def test_a_model_that_is_remembered_from_before_counts_from_the_first_frame(clock):
    bench = Bench(clock, expected="123", model="Toy")
    bench.say(b"MODEL Other\nSN 123\nHR 60\n", 0.0)
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.values() == []
    assert bench.reason() == "cable has device 123, but it is now Other, not Toy"
    bench.link.close()


def test_a_link_that_is_not_bound_takes_whoever_is_there(clock):
    client, device = pair("cable")
    device.open()
    seen: list[DeviceFact] = []
    link = Link(toy_spec(), client, "monitor", clock, seen.append)
    link.step()
    device.write(b"SN 1\nHR 70\nSN 2\nHR 71\n")
    link.step()
    assert [fact.value for fact in seen if isinstance(fact, VitalReading)] == [70.0, 71.0]
    link.close()


def test_without_a_checksum_one_damaged_number_is_no_other_device(clock):
    bench = Bench(clock, checksum=False)
    bench.say(b"SN 123\nHR 70\n")
    assert bench.link.expected_serial == ""
    bench.say(b"SN 123\nHR 71\n")
    assert bench.link.expected_serial == "123"
    bench.say(b"SN 183\nHR 72\n")
    assert bench.link.state is LinkState.TALKING
    assert bench.values() == [70.0, 71.0]
    bench.say(b"SN 123\nHR 73\n")
    assert bench.values() == [70.0, 71.0, 73.0]  # what came with another number is not this one's, damaged or not
    assert bench.reason() == "receiving; what device 183 says on this line is left out"
    bench.link.close()


def test_what_waited_under_another_number_is_never_told_when_the_right_one_is_told_after_it(clock):
    bench = Bench(clock, expected="123", checksum=False)
    bench.say(b"HR 60\n")
    bench.say(b"SN 999\nHR 61\n")
    bench.say(b"SN 123\nHR 71\n")
    assert bench.values() == [71.0]
    bench.link.close()


def test_while_two_numbers_come_by_turns_nobody_is_learned_and_nothing_is_told(clock):
    bench = Bench(clock, checksum=False)
    for _ in range(25):
        bench.say(b"SN 1\nHR 70\n")
        bench.say(b"SN 2\nHR 171\n")
    assert bench.values() == [70.0]
    assert bench.link.expected_serial == ""
    assert bench.state() is LinkState.WRONG_DEVICE
    assert "several devices by turns" in bench.reason()
    bench.link.accept("1")
    bench.say(b"SN 1\nHR 72\n")
    assert bench.state() is LinkState.TALKING
    assert bench.values() == [70.0, 72.0]
    bench.link.close()


def test_without_a_checksum_a_number_told_once_before_and_once_after_the_line_was_opened_is_believed(clock):
    bench = Bench(clock, expected="123", checksum=False)
    bench.say(b"SN 999\nHR 61\n")
    assert bench.state() is LinkState.TALKING
    bench.replug()
    bench.say(b"SN 999\nHR 62\n")
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.values() == []
    bench.link.close()


def test_without_a_checksum_a_number_that_is_told_twice_is_believed(clock):
    bench = Bench(clock, expected="123", checksum=False)
    bench.say(b"SN 123\nHR 71\n")
    bench.say(b"SN 999\nHR 150\n")
    bench.say(b"SN 999\nHR 151\n")
    assert bench.state() is LinkState.WRONG_DEVICE
    assert bench.values() == [71.0]
    bench.link.close()
