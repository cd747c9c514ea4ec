"""Driver and simulated oximeter in all five formats: choosing, reading, held and missing numbers, damage."""

from __future__ import annotations

import random
import tomllib
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.monitors.nonin import SPEC
from devices.monitors.nonin.driver import NoninDriver
from devices.monitors.nonin.simulator import NoninSimulator
from devices.monitors.nonin.wire import frames, packets, requests, short
from devices.monitors.nonin.wire.frames import Frame
from devices.monitors.nonin.wire.packets import Packet
from devices.simulation.patient import Episode, PatientWorld
from exomonitor.clock import Instant, ManualClock
from exomonitor.errors import CommandRefused
from exomonitor.signals.facts import DeviceFact
from exomonitor.signals.quality import Validity
from exomonitor.signals.vitals import Sign
from exomonitor.signals.waves import MISSING_SAMPLE
from tests.devices.monitors.oximeter_talk import Cable, alarms, chunks, faults, plain, vitals

HERE = Path(__file__).parent
GOLDEN = tomllib.loads((HERE / "golden.toml").read_text())
AT = ManualClock().now()
BEATS = ("df2", "df7")
STREAMS = ("df2", "df7", "df8", "ascii")
each_format = pytest.mark.parametrize("name", list(SPEC.formats))
both = pytest.mark.parametrize("name", BEATS)


def beats(
    packet: Packet, count: int = 3, status: int = 0, *, name: str = "df2", only: range | None = None
) -> list[bytes]:
    """`count` packets with these bits in every status (or in the frames of `only`)."""
    made, numbers = [], packets.encode_packet(packet)
    for i in range(25 * count):
        extra = status if only is None or i % 25 in only else 0
        bits = frames.ALWAYS | (frames.SYNC if i % 25 == 0 else 0) | extra
        made.append(frames.encode_frame(Frame(bits, 100 + i % 25, numbers[i % 25]), wide=name == "df7"))
    return made


def read(stream: bytes, name: str = "df2", size: int = 10_000) -> list[DeviceFact]:
    driver = NoninDriver("monitor", data_format=name)
    driver.opened(AT)
    facts: list[DeviceFact] = []
    for begin in range(0, len(stream), size):
        facts += driver.received(stream[begin : begin + size], AT)
    return facts + driver.received(b"", AT.plus(60))


def said(facts: list[DeviceFact]) -> list[tuple[float | None, Validity]]:
    return [(one.value, one.validity) for one in vitals(facts, Sign.SPO2)]


LIVE = Packet(72, 97, 72, 97, 33)


# --- published streams -----------------------------------------------------------------------------------------------


@both
def test_the_published_streams_give_their_numbers_and_all_samples(name):
    facts = read((HERE / f"nonin_{name}.bin").read_bytes(), name)
    row = GOLDEN["streams"][name]
    assert [one.value for one in vitals(facts, Sign.PULSE)] == [value or None for value in row["pulse"]]
    assert [one.value for one in vitals(facts, Sign.SPO2)] == [value or None for value in row["spo2"]]
    assert sum(len(chunk.samples) for chunk in chunks(facts)) == 100
    assert [chunk.gap_before for chunk in chunks(facts)] == [True, False, False, False]
    assert faults(facts) == []


@both
def test_the_wave_is_in_percent_of_full_scale_about_its_middle(name):
    chunk = chunks(read((HERE / f"nonin_{name}.bin").read_bytes(), name))[0]
    first, full, middle = (0x41, 255, 128) if name == "df2" else (0x4101, 65535, 32768)
    assert chunk.physical()[0] == pytest.approx((first - middle) / full * 100)
    assert (chunk.rate_hz, chunk.unit) == (75.0, "%")


# --- choosing the format ---------------------------------------------------------------------------------------------


@each_format
def test_opening_chooses_the_format_once_and_reading_never_asks_again(name):
    cable = Cable(f"nonin/{name}")
    facts = cable.run(30)
    asked = [] if name == "ascii" else [(0.0, bytes.fromhex(GOLDEN["select"][name]))]
    assert cable.sent == asked
    assert faults(facts) == []
    assert {one.value for one in vitals(facts, Sign.SPO2)} <= {96.0, 97.0, 98.0, 99.0}
    assert not {sign for sign in Sign if vitals(facts, sign)} - {Sign.SPO2, Sign.PULSE}
    assert cable.driver.counters().bytes_skipped == 0


@pytest.mark.parametrize("name", ["df2", "df7", "df8"])
def test_an_oximeter_that_was_switched_off_and_on_is_told_again(name):
    other = "df8" if name != "df8" else "df2"
    cable = Cable(f"nonin/{name}")
    cable.oximeter = NoninSimulator(PatientWorld(3), data_format=other)
    cable.run(10)
    cable.oximeter.press(cable.t, "power_cycle")
    again = cable.run(6)
    assert len(cable.sent) == 2
    assert vitals(again, Sign.SPO2)


def test_a_refusal_is_told_and_asked_again_within_the_budget():
    driver, clock = NoninDriver("m", data_format="df7"), ManualClock()
    driver.opened(clock.now())
    heard = []
    for _ in range(60):
        if driver.due(clock.now()) is not None:
            heard += driver.received(bytes([requests.NAK]), clock.now())
        clock.advance(0.5)
    assert set(faults(heard)) == {"the oximeter refused this data format"}
    assert len(heard) == 10
    assert driver.counters().frames_ok == 0


def test_a_board_that_is_strapped_to_its_format_streams_without_an_answer():
    facts = Cable("nonin/df2", fixed=True).run(5)
    assert faults(facts) == []
    assert vitals(facts, Sign.SPO2)


def test_the_simulator_obeys_what_hosts_send_the_clock_too():
    oximeter = NoninSimulator(PatientWorld())
    assert oximeter.received(bytes.fromhex("0272 06 320c1f0e1e0f 03"), 0.0) == b"\x06"
    assert oximeter.received(bytes.fromhex("027200"), 0.1) == b""
    assert oximeter.received(b"\x03", 0.2) == bytes.fromhex("02f206320c1f0e1e0f03")
    assert oximeter.received(bytes.fromhex("02700202 09 03"), 0.3) == b"\x15"
    assert oximeter.received(b"noise" + bytes.fromhex("0270040207000003"), 0.4) == b"\x06"
    assert oximeter.due(2.0)[0] & 0x80


def test_no_other_format_exists():
    with pytest.raises(CommandRefused):
        NoninDriver("m", data_format="df9")
    with pytest.raises(CommandRefused):
        NoninSimulator(PatientWorld(), data_format="df9")


# --- what a number is worth ------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("packet", "status", "expected"),
    [
        (LIVE, frames.GREEN, (97.0, Validity.VALID)),
        (LIVE, 0, (97.0, Validity.VALID)),
        (LIVE, frames.YELLOW, (97.0, Validity.VALID)),
        (LIVE, frames.RED, (97.0, Validity.QUESTIONABLE)),
        (LIVE, frames.ARTIFACT, (97.0, Validity.QUESTIONABLE)),
        (LIVE, frames.OUT_OF_TRACK, (97.0, Validity.QUESTIONABLE)),
        (LIVE, frames.SENSOR_ALARM, (None, Validity.HELD)),
        (Packet(None, None, 72, 97), frames.SENSOR_ALARM, (None, Validity.HELD)),
        (Packet(None, None, 72, 97), 0, (None, Validity.HELD)),
        (Packet(None, None, None, None), frames.SENSOR_ALARM, (None, Validity.SENSOR_OFF)),
        (Packet(None, None, None, None), frames.OUT_OF_TRACK, (None, Validity.ARTIFACT)),
        (Packet(None, None, None, None), frames.RED, (None, Validity.LOW_PERFUSION)),
        (Packet(None, None, None, None), 0, (None, Validity.UNAVAILABLE)),
        (Packet(0, 0, 0, 0), 0, (None, Validity.INVALID)),
    ],
)
def test_status_bits_say_what_a_number_is_worth(name, packet, status, expected):
    assert set(said(read(b"".join(beats(packet, status=status, name=name)), name))) == {expected}


def test_the_colour_of_the_last_pulse_holds_until_the_next():
    pulse = beats(LIVE, 1, frames.RED, only=range(5, 17))
    quiet = beats(LIVE, 3)
    assert [validity for _, validity in said(read(b"".join([*pulse, *quiet])))] == [Validity.QUESTIONABLE] * 2


def test_samples_without_a_finger_are_no_samples():
    [chunk] = chunks(read(b"".join(beats(LIVE, 1, frames.SENSOR_ALARM))))
    assert (set(chunk.samples.tolist()), chunk.lead_off) == ({MISSING_SAMPLE}, True)


@pytest.mark.parametrize("name", ["df2", "df7", "df8"])
def test_a_finger_that_goes_is_held_then_off_and_comes_back(name):
    world = PatientWorld(
        3, episodes=[Episode(20, 0, sensor="spo2", off=True), Episode(50, 0, sensor="spo2", off=False)]
    )
    facts = Cable(f"nonin/{name}", world).run(80)
    story = [one.validity for one in vitals(facts, Sign.PULSE)]
    changes = [a for a, b in zip(story, [None, *story], strict=False) if a is not b]
    missing = Validity.ARTIFACT if name != "ascii" else Validity.UNAVAILABLE
    assert changes == [Validity.VALID, Validity.HELD, Validity.SENSOR_OFF, missing, Validity.VALID]
    assert all(one.value is None for one in vitals(facts, Sign.SPO2) if 21 < one.at.since(AT) < 50)


def test_a_low_battery_begins_and_ends_once_and_is_told_anew_after_a_reopening():
    for name in ("df2", "df8", "df13"):
        cable = Cable(f"nonin/{name}")
        cable.run(6)
        cable.oximeter.press(cable.t, "low_battery")
        begun = cable.run(12)
        cable.reopen()
        begun += cable.run(12)
        cable.oximeter.press(cable.t, "low_battery", on=False)
        assert alarms([*begun, *cable.run(12)]) == [("BATT", True), ("BATT", True), ("BATT", False)]


def test_conditions_of_the_signal_doubt_the_numbers_in_format_8_too():
    for action, note in (("artifact", "artifact"), ("low_perfusion", "low perfusion")):
        cable = Cable("nonin/df8")
        cable.run(3)
        cable.oximeter.press(cable.t, action)
        last = vitals(cable.run(3), Sign.SPO2)[-1]
        assert (last.validity, last.note) == (Validity.QUESTIONABLE, note)


@pytest.mark.parametrize("taken", [bytes([20, 26, 3, 2, 9, 15, 7, 50]), bytes.fromhex("2026030209150750")])
def test_a_spot_check_tells_what_the_oximeters_clock_shows_and_one_out_of_the_memory_does_not(taken):
    driver, at = NoninDriver("monitor", data_format="df13"), ManualClock().now()
    driver.opened(at)
    assert driver.clock_told is None
    driver.received(short.encode_spot(short.Spot(72, 97, bytes([20, 9, 1, 1, 0, 0, 0, 0]), from_memory=True)), at)
    assert driver.clock_told is None
    driver.received(short.encode_spot(short.Spot(72, 97, taken)), at)
    assert driver.clock_told == (datetime.fromisoformat("2026-03-02T09:15:07.500"), at)
    driver.received(short.encode_spot(short.Spot(72, 97, bytes([20, 26, 13, 32, 0, 0, 0, 0]))), at.plus(60))
    assert driver.clock_told == (datetime.fromisoformat("2026-03-02T09:15:07.500"), at)
    assert NoninDriver("monitor").clock_told is None


def test_a_spot_check_is_told_once_doubted_without_smartpoint_and_held_out_of_the_memory():
    taken = bytes([20, 26, 3, 2, 9, 0, 0, 0])
    good = short.Spot(72, 97, taken, smartpoint=True)
    assert said(read(short.encode_spot(good) * 3, "df13")) == [(97.0, Validity.VALID)]
    assert said(read(short.encode_spot(short.Spot(72, 97, taken)), "df13")) == [(97.0, Validity.QUESTIONABLE)]
    kept = short.Spot(72, 97, taken, smartpoint=True, from_memory=True)
    assert said(read(short.encode_spot(kept), "df13")) == [(None, Validity.HELD)]
    none = short.Spot(None, None, taken, measured=False)
    assert said(read(short.encode_spot(none), "df13")) == [(None, Validity.UNAVAILABLE)]


# --- damage ----------------------------------------------------------------------------------------------------------


@both
def test_a_packet_with_a_frame_too_few_or_too_many_has_no_numbers(name):
    made = beats(LIVE, 5, name=name)
    whole = len(vitals(read(b"".join(made[:125]), name), Sign.SPO2))
    lost = read(b"".join([*made[:26], *made[27:]]), name)
    doubled = read(b"".join([*made[:26], made[26], *made[26:]]), name)
    without_start = read(b"".join([*made[:25], *made[26:]]), name)
    for facts in (lost, doubled, without_start):
        assert len(vitals(facts, Sign.SPO2)) <= whole
        assert {one.value for one in vitals(facts, Sign.SPO2)} == {97.0}
        assert {one.value for one in vitals(facts, Sign.PULSE)} == {72.0}
    assert sum(len(chunk.samples) for chunk in chunks(lost)) == 124
    assert [chunk.gap_before for chunk in chunks(lost)][1] is True


@both
def test_a_silence_inside_a_packet_may_hide_whole_packets_and_gives_no_number(name):
    """Just 25 frames are lost: the count of the packet is right, and its halves are of two."""
    made = [*beats(Packet(127, 97, 127, 97, 33), 2, name=name), *beats(Packet(128, 97, 128, 97, 33), 4, name=name)]
    driver = NoninDriver("monitor", data_format=name)
    driver.opened(AT)
    facts = driver.received(b"".join(made[:51]), AT)
    facts += driver.received(b"".join(made[76:]), AT.plus(0.35))
    assert {one.value for one in vitals(facts, Sign.PULSE)} <= {127.0, 128.0}
    gaps = [chunk.gap_before for chunk in chunks(facts)]
    assert gaps[:4] == [True, False, True, True]


def test_lost_frames_never_put_one_number_in_anothers_place():
    """Whole frames vanish at random: the checksums cannot tell, the count of the packet does."""
    made = beats(Packet(200, 91, 199, 90, 64), 40)
    rng = random.Random(5)
    for _ in range(40):
        kept = [frame for frame in made if rng.random() > 0.03]
        facts = read(b"".join(kept))
        assert {one.value for one in vitals(facts, Sign.SPO2)} <= {91.0}
        assert {one.value for one in vitals(facts, Sign.PULSE)} <= {200.0}


@both
@settings(max_examples=40)
@given(data=st.data())
def test_one_damaged_byte_costs_one_sample_and_one_packet(name, data):
    stream = b"".join(beats(LIVE, 6, name=name))
    place, flip = data.draw(st.integers(0, 5 * 125 - 1)), data.draw(st.integers(1, 255))
    facts = read(stream[:place] + bytes([stream[place] ^ flip]) + stream[place + 1 :], name)
    assert set(said(facts)) <= {(97.0, Validity.VALID)}
    assert len(said(facts)) >= 1
    assert faults(facts)
    assert sum(len(chunk.samples) for chunk in chunks(facts)) >= 25 * 6 - 2
    joined = np.concatenate([chunk.samples for chunk in chunks(facts)]).tolist()
    assert set(joined) <= set(np.concatenate([chunk.samples for chunk in chunks(read(stream, name))]).tolist())


@each_format
@given(size=st.integers(1, 30))
@settings(max_examples=10)
def test_any_slicing_says_the_same(name, size):
    oximeter = NoninSimulator(PatientWorld(3), data_format=name, fixed=True)
    oximeter.due(0.0)
    stream = oximeter.due(12.0)
    assert [plain(fact) for fact in read(stream, name, size)] == [plain(fact) for fact in read(stream, name)]


@pytest.mark.parametrize("name", STREAMS)
def test_minutes_on_a_bad_cable_give_only_numbers_of_the_patient(name):
    """Bytes are lost, doubled and bent for a while, the cable is out, the port is opened anew: then all is well."""
    rng = random.Random(11)

    def bad(data: bytes) -> bytes:
        bent = bytearray()
        for byte in data:
            luck = rng.random()
            if luck < 0.01:
                continue
            bent += bytes([byte, byte]) if luck < 0.02 else bytes([byte ^ 0x40]) if luck < 0.03 else bytes([byte])
        return bytes(bent)

    cable = Cable(f"nonin/{name}")
    cable.run(20)
    cable.bend = bad
    worse = cable.run(60)
    cable.bend = lambda data: data
    if SPEC.formats[name].has_checksum:
        values = {one.value for one in vitals(worse, Sign.SPO2)} - {None}
        assert values <= {96.0, 97.0, 98.0, 99.0}
    assert faults(worse)
    cable.run(3)
    cable.out = True
    assert not vitals(cable.run(20), Sign.SPO2)
    cable.out = False
    cable.reopen()
    after = cable.run(10)
    assert {one.validity for one in vitals(after, Sign.SPO2)} == {Validity.VALID}
    assert len(vitals(after, Sign.SPO2)) >= 6


@each_format
@given(noise=st.binary(max_size=300))
@settings(max_examples=25)
def test_noise_alone_raises_nothing(name, noise):
    driver = NoninDriver("m", data_format=name)
    driver.opened(AT)
    driver.due(AT)
    driver.received(noise, AT)
    at: Instant = AT.plus(100)
    driver.received(b"", at)
    assert driver.counters().frames_ok >= 0


def test_numbers_that_change_are_told_at_once_and_others_once_a_second():
    same = b"".join(beats(LIVE, 6))
    assert len(said(read(same))) == 2
    changing = b"".join(frame for spo2 in (97, 96, 95, 94) for frame in beats(Packet(72, spo2, 72, spo2), 1))
    assert [value for value, _ in said(read(changing))] == [97.0, 96.0, 95.0, 94.0]
