"""What is on a port is found by listening and by harmless questions, and nothing else is ever written there."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.commands import run_identify
from devices.identify import Identified, at_most, identify, is_bare, on, tries
from devices.monitors.ge_dri.wire.requests import ONCE, PhdbRequest, encode_request
from devices.monitors.philips_intellivue.driver.dialogue import ABORT, ASSOCIATE
from devices.monitors.philips_intellivue.wire import frames
from devices.scenes import Scene
from devices.simulation.scenarios import load_scenario
from devices.spec import DeviceSpec, ForbiddenFrame, PortSettings, TransportLost
from devices.telling import found_device
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import EnvironmentFault
from tests.conformance.test_request_budgets import worst
from tests.devices.toy_device import ToyDriver

SPECS = tuple(one for spec in CATALOGUE.values() for one in (spec.formats.values() or (spec,)))


class Port:
    """A port with one simulated device behind it, which understands only its own speed; reading lets time pass."""

    def __init__(self, key: str, clock: ManualClock, baud: int = 0, line: str = "") -> None:
        spec = spec_of(key)
        self.line = spec.settings_at(baud, line)
        strapped: dict[str, object] = {}
        if key.startswith("nonin") and not key.endswith("ascii"):
            strapped["fixed"] = True
        if key == "nonin/df13":
            strapped["spot_every_s"] = 2  # somebody takes spot checks while the port is listened to
        self.scene = Scene(load_scenario("short"), keys={spec.role: key}, setups={spec.role: strapped})
        self.inner = self.scene.transports[spec.role]
        self.clock, self.began = clock, clock.now()
        self.name, self.written = "port", bytearray()
        self.settings = self.line
        self.deaf_to_speed = key == "hl7-pcd01"
        self.opened: list[PortSettings] = []

    def at(self, settings: PortSettings) -> Port:
        self.settings = settings
        self.opened.append(settings)
        return self

    def open(self) -> None:
        self.inner.open()

    def read(self, timeout_s: float) -> bytes:
        self.clock.advance(timeout_s)
        self.scene.step(self.clock.now().since(self.began))
        data = self.inner.read(0)
        heard = self.settings == self.line or self.deaf_to_speed
        return data if heard else bytes(byte ^ 0xA5 for byte in data)[::3]

    def write(self, data: bytes) -> None:
        self.written += data
        if self.settings == self.line:
            self.inner.write(data)

    def close(self) -> None:
        self.inner.close()


def found(port: Port, specs: tuple[DeviceSpec, ...] = SPECS) -> tuple[Identified, ...]:
    try:
        return identify(specs, port.at, port.clock)
    finally:
        port.scene.close()


@pytest.mark.parametrize("key", [spec.choice for spec in SPECS if spec.key != "hl7-pcd01"])
def test_every_device_on_a_serial_line_is_found_as_it_is_shipped(key, clock):
    port = Port(key, clock)
    best, *others = found(port)
    assert best.key == key
    assert others == []
    assert best.usual
    assert best.settings == spec_of(key).settings
    assert not is_bare(bytes(port.written))


@pytest.mark.parametrize(("key", "baud"), [("bbraun-space", 115200), ("new-era", 9600), ("harvard-ultra", 9600)])
def test_a_device_at_another_speed_is_found_there(key, baud, clock):
    port = Port(key, clock, baud)
    (best,) = found(port, (spec_of(key),))
    assert (best.key, best.settings.baud, best.usual) == (key, baud, False)
    assert f"at {baud} 8N1" in best.words()


@pytest.mark.parametrize(("key", "line"), [("ge-dri", "8E1"), ("harvard-ultra", "8N2")])
def test_a_device_on_another_line_setting_is_found_there(key, line, clock):
    best, *_ = found(Port(key, clock, line=line))
    assert (best.key, best.settings.line, best.usual) == (key, line, False)
    one = found_device(best)
    assert (one.baud, one.line) == (0, line)


def test_a_handshake_that_nobody_answers_does_not_end_the_search(clock):
    class ThreeWires(Port):
        def write(self, data: bytes) -> None:
            if self.settings.rtscts:
                raise TransportLost("COM3 takes no bytes: check cable and handshake")
            super().write(data)

    best, *_ = found(ThreeWires("ge-dri", clock, line="8E1"), (spec_of("ge-dri"),))
    assert best.settings.text() == "19200 8E1"


class SharedCable(Port):
    """Pumps at these addresses on one cable."""

    def __init__(self, key: str, addresses: tuple[int, ...], clock: ManualClock, baud: int = 0) -> None:
        super().__init__(key, clock, baud)
        self.pumps = [Port(f"{key}@{address}" if address else key, clock, baud) for address in addresses]

    def at(self, settings: PortSettings) -> Port:
        for pump in self.pumps:
            pump.at(settings)
        return super().at(settings)

    def open(self) -> None:
        for pump in self.pumps:
            pump.open()

    def write(self, data: bytes) -> None:
        for pump in self.pumps:
            pump.write(data)

    def read(self, timeout_s: float) -> bytes:
        self.clock.advance(timeout_s)
        return b"".join(pump.read(0.0) for pump in self.pumps)

    def close(self) -> None:
        for pump in self.pumps:
            pump.close()


@pytest.mark.parametrize(
    ("key", "addresses", "baud", "asked"),
    [
        ("new-era", (0, 3, 12), 0, SPECS),
        ("harvard-ultra", (0, 3, 12), 0, SPECS),
        ("new-era", (0, 3, 98), 0, (spec_of("new-era"),)),
        ("new-era", (3, 12), 9600, SPECS),
        ("new-era", (3, 12), 300, (spec_of("new-era"),)),
    ],
)
def test_all_pumps_of_one_line_are_found_whoever_answers_first(key, addresses, baud, asked, clock):
    cable = SharedCable(key, addresses, clock, baud)
    keys = {one.key for one in found(cable, asked)}
    assert keys == {f"{key}@{address}" if address else key for address in addresses}
    for pump in cable.pumps:
        pump.scene.close()


def test_stopped_while_the_other_addresses_are_asked_what_answered_is_told(clock):
    told: list[str] = []
    cable = SharedCable("new-era", (0, 3), clock)
    (one,) = identify((spec_of("new-era"),), cable.at, clock, tell=told.append, stopped=lambda: len(told) > 1)
    assert one.key == "new-era"
    for pump in (*cable.pumps, cable):
        pump.scene.close()


def test_who_speaks_by_itself_is_asked_nothing(clock):
    port = Port("masimo", clock)
    best, *_ = found(port)
    assert best.key == "masimo"
    assert port.written == b""
    assert "it speaks by itself" in best.words()


def test_a_silent_port_is_gone_through_and_nothing_is_found(clock):
    port = Port("bbraun-space", clock, 300)
    told: list[str] = []
    assert identify((spec_of("bbraun-space"),), port.at, clock, tell=told.append) == ()
    assert told[0] == "9600 8N1: asking B. Braun Space (at most 9 s more)"
    assert [settings.baud for settings in port.opened[-4:]] == [19200, 38400, 57600, 115200]
    port.scene.close()


def test_everything_that_may_be_asked_is_read_only_and_never_an_empty_line():
    for spec in SPECS:
        if spec.first_question is None:
            assert not spec.first_words
            continue
        clock, asked = ManualClock(), []
        driver = spec.make_driver("x")
        driver.opened(clock.now())
        for _ in range(600):
            clock.advance(0.1)
            while (frame := driver.due(clock.now())) is not None:
                asked.append(frame)
        first = [frame for frame in asked if spec.first_question(frame)]
        assert asked[0] in first
        assert all(spec.may_send(frame) and not is_bare(frame) for frame in (*first, spec.first_instead or first[0]))
        assert spec.first_words


def test_a_monitor_is_asked_for_numbers_once_and_no_list_of_waves_is_replaced(clock):
    port = Port("ge-dri", clock)
    (best,) = found(port, (spec_of("ge-dri"),))
    assert bytes(port.written) == encode_request(PhdbRequest(interval_s=ONCE))
    assert "asked for its displayed values, once" in best.words()


def test_a_monitors_only_association_is_all_that_is_asked_for_and_it_is_ended(clock):
    port = Port("philips-intellivue", clock)
    (best,) = found(port, (spec_of("philips-intellivue"),))
    assert bytes(port.written) == frames.frame(ASSOCIATE) + frames.frame(ABORT)
    assert "another computer is refused" in best.words()


@pytest.mark.parametrize("spec", [spec for spec in SPECS if spec.first_question], ids=lambda spec: spec.choice)
def test_nobody_is_asked_more_often_than_the_budget_says(spec, clock):
    written: list[tuple[int, bytes]] = []

    class Deaf(Port):
        def write(self, data: bytes) -> None:
            written.append((self.clock.now().mono_ns, data))

    port = Deaf(spec.choice, clock)
    family = spec_of(spec.key)
    identify(tuple(family.formats.values()) or (family,), port.at, clock)
    driver = spec.make_driver("x")
    driver.opened(clock.now())
    question = driver.due(clock.now())
    assert question is not None
    clock.advance(60)
    identify((replace(spec, make_driver=lambda source, address=0: Eager(source, question)),), port.at, clock)
    port.scene.close()
    most = max(1, int(spec.request_budget_per_s))
    assert worst([at for at, _ in written], max(1.0, most / spec.request_budget_per_s)) <= most


@pytest.mark.parametrize(
    ("frame", "bare"),
    [
        (b"\r", True),
        (b"0VER\r", False),
        (b"x\r\r", True),
        (b"00status\r\n", False),
        (b" \r\n", True),
        (b"\x02\r\x03", False),
        (b"", False),
    ],
)
def test_a_bare_carriage_return_is_known(frame, bare):
    assert is_bare(frame) is bare


def test_a_question_that_could_stop_another_pump_never_leaves(clock):
    wrong = replace(
        spec_of("new-era"), may_send=lambda frame: True, first_question=lambda frame: True, make_driver=Careless
    )
    port = Port("new-era", clock)
    with pytest.raises(ForbiddenFrame, match="nobody is known"):
        identify((wrong,), port.at, clock)
    assert port.written == b""
    port.scene.close()


class Eager(ToyDriver):
    """A driver that asks the same again and again."""

    def due(self, at: Instant) -> bytes | None:
        return self._ask


class Careless(ToyDriver):
    """A driver that sends an empty line."""

    def due(self, at: Instant) -> bytes | None:
        return b"\r"


def test_a_port_that_cannot_be_opened_is_said(clock):
    port = Port("new-era", clock)

    class Taken(Port):
        def open(self) -> None:
            raise TransportLost("another program uses COM3")

    taken = Taken("new-era", clock)
    with pytest.raises(EnvironmentFault, match=r"^Another program uses COM3$"):
        identify(SPECS, taken.at, clock)
    port.scene.close()
    taken.scene.close()


def test_it_can_be_stopped(clock):
    port = Port("bbraun-space", clock, 300)
    told: list[str] = []
    assert identify(SPECS, port.at, clock, tell=told.append, stopped=lambda: len(told) > 1) == ()
    assert len(told) == 2
    port.scene.close()


def test_a_network_address_has_no_speed():
    assert {one.settings for one in tries(SPECS, one_speed=True)} == {SPECS[0].settings}


def test_the_command_says_what_it_tries_and_what_answered(clock):
    port, out = Port("bbraun-space", clock), io.StringIO()
    code = run_identify(("COM3", "bbraun-space"), out, transport=lambda name, settings: port.at(settings), clock=clock)
    port.scene.close()
    lines = out.getvalue().splitlines()
    assert code == 0
    assert lines[0] == "9600 8N1: asking B. Braun Space (at most 9 s more) ..."
    assert lines[-1].startswith("bbraun-space: B. Braun Space (SpaceCom, BCC)")
    assert "asked for whether a SpaceCom is alive" in lines[-1]


def test_the_command_says_that_nothing_answered(clock):
    port, out = Port("bbraun-space", clock, 300), io.StringIO()
    assert run_identify(("COM3", "masimo"), out, transport=lambda name, settings: port.at(settings), clock=clock) == 1
    assert "Nothing answered" in out.getvalue()
    port.scene.close()


def test_on_a_serial_line_nobody_waits_for_what_dials(clock):
    assert "hl7-pcd01" not in {spec.key for spec in on("COM3", CATALOGUE.values())}
    assert "hl7-pcd01" in {spec.key for spec in on("listen://127.0.0.1:2575", CATALOGUE.values())}
    assert {spec.choice for spec in on("COM3", (spec_of("nonin"),))} >= {"nonin/df2", "nonin/ascii"}
    assert [spec.choice for spec in on("COM3", (spec_of("nonin/df7"),))] == ["nonin/df7"]


def test_a_cart_that_dials_is_waited_for_at_a_network_address(clock):
    port = Port("hl7-pcd01", clock)
    (best,) = identify(SPECS, port.at, clock, one_speed=True)
    port.scene.close()
    assert best.key == "hl7-pcd01"
    assert port.opened == [SPECS[0].settings]


def test_at_a_network_address_no_speed_is_named(clock):
    port = Port("new-era", clock)
    told: list[str] = []
    (best,) = identify((spec_of("new-era"),), port.at, clock, one_speed=True, tell=told.append)
    names = ["asking New Era NE-1000 family", "asking New Era NE-1000 family at addresses 1 to 99"]
    assert [words.partition(" (")[0] for words in told] == names
    assert "baud" not in best.words()
    assert "8N1" not in best.words()
    port.scene.close()


def test_a_port_on_which_nobody_answers_takes_as_long_as_the_screen_says():
    everything = tuple(tries(on("COM3", CATALOGUE.values())))
    assert 100 < sum(one.silent_s for one in everything) < 105  # a minute and three quarters, as the page says
    assert sum(one.seconds for one in everything) < 110  # somebody speaks in a way that nobody here understands


def test_where_nobody_speaks_it_is_not_listened_for_a_second_line(clock):
    class Silent(Port):
        def read(self, timeout_s: float) -> bytes:
            self.clock.advance(timeout_s)
            return b""

    lasted: list[float] = []
    for one in (Port("masimo", clock, 300), Silent("masimo", clock)):
        began = clock.now()
        assert identify((spec_of("nellcor"),), one.at, clock) == ()
        lasted.append(round(clock.now().since(began), 1))
        one.scene.close()
    assert lasted == [13.2, 7.5]


def test_nobody_listens_for_a_pump_that_waits_to_be_asked():
    assert all(one.asks for one in tries((spec_of("new-era"), spec_of("bbraun-space"))))
    assert not next(iter(tries((spec_of("new-era"), spec_of("masimo"))))).asks


def test_what_is_tried_says_how_long_it_may_still_take(clock):
    port = Port("new-era", clock, 300)
    told: list[str] = []
    began = clock.now()
    assert identify((spec_of("alaris-asena"), spec_of("masimo")), port.at, clock, tell=told.append) == ()
    lasted_s = clock.now().since(began)
    port.scene.close()
    assert told[0] == f"9600 8N1: listening (at most {lasted_s:.0f} s more)"
    assert told[-1] == "115200 8N1: asking Alaris Asena GH, GS, CC, TIVA, PK (at most 2 s more)"
    assert [at_most(seconds) for seconds in (59.4, 60, 125.2)] == [
        "at most 59 s more", "at most 1 min 0 s more", "at most 2 min 5 s more"
    ]  # fmt: skip
