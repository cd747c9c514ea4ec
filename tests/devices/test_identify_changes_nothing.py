"""Identification leaves every device as it was: what it asks, why that is harmless, what each remembers afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import permutations
from types import MappingProxyType

import pytest

from devices.catalogue import CATALOGUE, spec_of
from devices.identify import identify, on
from devices.simulation.patient import PatientWorld
from devices.spec import DeviceSpec, PortSettings, Simulator
from exomonitor.clock import ManualClock

SPECS = on("COM3", CATALOGUE.values())

HARMLESS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "bbraun-space": (
            r"\x0100031\x021/1/1>A(DM|EXM)IN:ALIVEE?\x03\d{5}\x04",
            "ADMIN:ALIVE, with and without stuffing: the published word for start-up; it reads nothing, sets nothing",
        ),
        "new-era": (
            r"(\d\d?)?VER\r",
            # its manual: whatever is asked acknowledges an alarm that stands, no question leaves that out
            "VER, the firmware: a query without an argument; a pump that an alarm has stopped stays stopped",
        ),
        "harvard-ultra": (
            r"\d\dstatus\r\n",
            "status: a query without an argument, an address before it: no empty line",
        ),
        "alaris-asena": (r"!INST_SERIALNO\|457D\r", "INST_SERIALNO: a query without an argument"),
        "fresenius-base": (
            r"\x020DC48\x03|\x020FC46\x03",
            "DC opens the base's communication, FC closes it again; no module is asked, nothing is spontaneous",
        ),
        "ge-dri": (
            r"\x7e1\x00.{38}\x01\xff\xff\x00{6}/\x7e",
            "the displayed values once (interval -1): no periodical record is left running, no list of waves replaced",
        ),
        "philips-intellivue": (
            r"\xc0\x11\x01\x00\xee\x0d\xec.*\xc1|\xc0\x11\x01\x00.\x19.*\xc1",
            "the association and its end (abort): no poll, no list of waves or numbers, no setting",
        ),
    }
)
"""All that identification may write, by family, and why it changes nothing there. Whoever is not named is listened to.
Of Nonin all but the clock's own words choose what it sends; GE's and IntelliVue's other words replace what is sent."""

TALK = frozenset(
    f"_{name}"
    for name in (
        # the last bytes and moments of a conversation, by the simulators' own names
        *("buffer", "heard", "cutter", "line", "last_sent", "heard_at", "alive_at", "enq_at", "last", "asked_at"),
        "count",
        "cuff",  # looks at its time only when its numbers are told
    )
)


class Silence:
    """A port on which nobody answers; reading lets time pass. What is written is kept by its line settings."""

    name = "port"

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.settings: PortSettings | None = None
        self.by_line: dict[PortSettings, dict[bytes, None]] = {}

    def at(self, settings: PortSettings) -> Silence:
        self.settings = settings
        return self

    def open(self) -> None:
        return

    def read(self, timeout_s: float) -> bytes:
        self.clock.advance(timeout_s)
        return b""

    def write(self, data: bytes) -> None:
        assert self.settings is not None
        self.by_line.setdefault(self.settings, {})[data] = None

    def close(self) -> None:
        return


def asked_by(specs: tuple[DeviceSpec, ...]) -> Mapping[PortSettings, tuple[bytes, ...]]:
    """All that a search for these writes to a port on which nobody answers, by line settings."""
    port = Silence(ManualClock())
    assert identify(specs, port.at, port.clock) == ()
    return {line: tuple(frames) for line, frames in port.by_line.items()}


def harmless(key: str, frame: bytes) -> bool:
    return re.fullmatch(HARMLESS[key][0].encode("latin-1"), frame, re.DOTALL) is not None


@pytest.mark.parametrize("key", CATALOGUE)
def test_a_search_for_one_family_writes_only_what_is_listed_as_harmless(key):
    asked = asked_by(on("COM3", (spec_of(key),)))
    if key not in HARMLESS:
        assert asked == {}
        return
    frames = {frame for each in asked.values() for frame in each}
    assert frames
    assert [frame for frame in frames if not harmless(key, frame)] == []
    assert all(spec_of(key).may_send(frame) for frame in frames)


def test_a_search_for_whoever_is_there_writes_nothing_else():
    asked = {frame for each in asked_by(SPECS).values() for frame in each}
    assert [frame for frame in asked if not any(harmless(key, frame) for key in HARMLESS)] == []
    assert all(any(harmless(key, frame) for frame in asked) for key in HARMLESS)


def test_no_oximeter_is_told_what_to_send():
    """A Nonin that is asked for format 2 sends that from then on, also to whoever read another format."""
    assert {spec.key for spec in SPECS if spec.first_question is None} == {"nonin", "masimo", "nellcor"}
    for specs in (SPECS, on("COM3", (spec_of("nonin"),)), (spec_of("nonin/df13"),)):
        frames = {frame for each in asked_by(specs).values() for frame in each}
        assert not any(b"\x02\x70" in frame or b"\x02\x72" in frame for frame in frames)


# --- what a device is like afterwards ---------------------------------------------------------------------------------


def settings_of(thing: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """All that a simulator remembers, but for the conversation and the patient: (where, what)."""
    if isinstance(thing, PatientWorld) or depth > 6:
        return
    if isinstance(thing, dict):
        inner = [(f"{path}[{name!r}]", value) for name, value in thing.items()]
    elif isinstance(thing, list | tuple):
        yield path, str(len(thing))
        inner = [(f"{path}[{number}]", value) for number, value in enumerate(thing[:40])]
    elif isinstance(thing, int | float | str | bytes | bytearray | frozenset | None):
        yield path, repr(thing)
        return
    else:
        slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
        names = [name for name in (*getattr(thing, "__dict__", {}), *slots) if name not in TALK]
        inner = [(f"{path}.{name}", getattr(thing, name)) for name in names if hasattr(thing, name)]
    for where, value in inner:
        yield from settings_of(value, where, depth + 1)


def lived(spec: DeviceSpec, frames: tuple[bytes, ...], *, heard: bool) -> Simulator:
    """Such a device after these frames have come, or after as long without them."""
    simulator, t = spec.make_simulator(PatientWorld(3)), 0.0
    simulator.due(t)
    for frame in frames:
        t += 2.5  # longer than any of the simulators takes to answer: each question stands alone
        simulator.due(t)
        if heard:
            simulator.received(frame, t)
    simulator.due(t + 12.0)  # what was opened is over by itself
    return simulator


def orders(frames: Mapping[str, tuple[bytes, ...]]) -> Iterator[tuple[bytes, ...]]:
    """The questions of all families in all orders, those of one family as they follow each other."""
    for keys in permutations(frames):
        yield tuple(frame for key in keys for frame in frames[key])


def by_family(asked: tuple[bytes, ...]) -> dict[str, tuple[bytes, ...]]:
    """At address 0 where a family has several: the other addresses are the same question."""
    return {
        key: told
        for key in HARMLESS
        if (told := tuple(dict.fromkeys(frame for frame in asked if harmless(key, frame)))[:2])
    }


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.choice)
def test_no_device_is_another_after_all_questions_in_all_orders(spec):
    everything = asked_by(SPECS)
    lines = {spec.settings_at(baud, line) for baud in spec.usual_bauds for line in ("", *spec.other_lines)}
    tried = 0
    for line in sorted(lines & everything.keys(), key=PortSettings.text):
        frames = by_family(everything[line])
        untouched = dict(settings_of(lived(spec, next(orders(frames)), heard=False)))
        assert len(untouched) > 3
        for order in orders(frames):
            assert dict(settings_of(lived(spec, order, heard=True))) == untouched, line.text()
            tried += 1
    assert tried


class Wire(Silence):
    """A port with one simulated device, set to these line settings; what comes at others is noise to it."""

    def __init__(self, spec: DeviceSpec, clock: ManualClock) -> None:
        super().__init__(clock)
        self.spec = spec
        self.began = clock.now()
        self.simulator = spec.make_simulator(PatientWorld(3))
        self.answers = b""

    def read(self, timeout_s: float) -> bytes:
        self.clock.advance(timeout_s)
        said, self.answers = self.answers + self.simulator.due(self.clock.now().since(self.began)), b""
        return said if self.settings in (None, self.spec.settings) else bytes(byte ^ 0xA5 for byte in said)[::3]

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.settings == self.spec.settings:
            self.answers += self.simulator.received(data, self.clock.now().since(self.began))


@pytest.mark.parametrize("turned", [False, True], ids=["in the catalogue's order", "turned round"])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.choice)
def test_whoever_was_found_is_as_it_was(spec, turned):
    """The same device that nobody asked, after as long a time, remembers the same."""
    asked, alone = Wire(spec, ManualClock()), Wire(spec, ManualClock())
    found = identify(SPECS[::-1] if turned else SPECS, asked.at, asked.clock)
    silent = spec.data_format == "df13"  # between two spot checks: nothing is asked that would make it speak
    assert [one.key for one in found] == ([] if silent else [spec.choice])
    frames = {frame for each in asked.by_line.values() for frame in each}
    assert [frame for frame in frames if not any(harmless(key, frame) for key in HARMLESS)] == []
    if spec.key not in HARMLESS and not silent:
        assert frames == set()
    while alone.clock.now().since(alone.began) < asked.clock.now().since(asked.began) - 0.01:
        alone.read(0.1)
    for wire in (asked, alone):
        for _ in range(300):  # until what was opened is over by itself, too
            wire.at(spec.settings).read(0.1)
    assert dict(settings_of(asked.simulator)) == dict(settings_of(alone.simulator))


def test_an_oximeter_for_spot_checks_is_found_when_one_is_taken_while_it_is_looked_for():
    wire = Wire(spec_of("nonin/df13"), ManualClock())
    found = identify(on("COM3", (spec_of("nonin"),)), wire.at, wire.clock)
    assert [one.key for one in found] == ["nonin/df13"]
    assert wire.by_line == {}
