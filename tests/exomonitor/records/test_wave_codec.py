"""Waves: any samples come back to the last bit, small, and a flipped bit is noticed."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exomonitor.clock import ManualClock
from exomonitor.engine.ports import WaveSecond
from exomonitor.records.batches import sample_bytes, second_digest
from exomonitor.records.wave_codec import DamagedChunk, Placed, chunk_crc, key_of, pack, unpack
from exomonitor.records.wave_remainder import WAYS
from exomonitor.signals.waves import MISSING_SAMPLE

SAMPLES = hnp.arrays(np.int16, st.integers(0, 60))


def seconds_of(pieces: list[np.ndarray], boots: int = 1) -> list[Placed]:
    clocks = [ManualClock(boot_id=f"boot-{number}", mono_ns=number * 7_000_000_001) for number in range(boots)]
    placed = []
    for number, samples in enumerate(pieces):
        began = clocks[number % boots].advance(1.001)
        second = WaveSecond("s", "monitor", "resp", began, 25.0, 0.5, "Ohm", "device", samples)
        placed.append(Placed(10 + 3 * number, number % 4, second))
    return placed


def plain(placed: list[Placed]) -> list[object]:
    return [
        (item.batch, item.place, item.second.began, second_digest(item.second, sample_bytes(item.second.samples)))
        for item in placed
    ]


@given(st.lists(SAMPLES, min_size=1, max_size=10), st.integers(1, 2))
def test_a_chunk_gives_back_what_was_put_in(pieces, boots):
    placed = seconds_of(pieces, boots)
    assert plain(unpack(key_of(placed[0].second), *pack(placed))) == plain(placed)


def test_the_jump_to_a_missing_sample_does_not_overflow():
    samples = np.array([32767, MISSING_SAMPLE, 32767, -1, MISSING_SAMPLE, 0], np.int16)
    placed = seconds_of([samples])
    (back,) = unpack(key_of(placed[0].second), *pack(placed))
    assert back.second.samples.tolist() == samples.tolist()
    assert not back.second.samples.flags.writeable


@given(st.data())
def test_one_flipped_bit_is_noticed(data):
    placed = seconds_of([np.arange(25, dtype=np.int16)] * 10)
    seconds, samples, crc32 = pack(placed)
    blob = bytearray(seconds + samples)
    at = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[at // 8] ^= 1 << at % 8
    with pytest.raises(DamagedChunk):
        unpack(key_of(placed[0].second), bytes(blob[: len(seconds)]), bytes(blob[len(seconds) :]), crc32)


def test_ten_seconds_of_a_smooth_wave_take_little_more_than_half_a_byte_a_sample():
    angle = np.arange(5000) / 500 * 2 * np.pi * 1.1
    wave = (300 * np.sin(angle) + 60 * np.sin(7 * angle)).astype(np.int16)
    seconds, samples, _ = pack(seconds_of(list(wave.reshape(10, 500))))
    assert (len(seconds) + len(samples)) / 5000 < 0.7


def test_a_chunk_from_before_its_samples_said_how_they_are_packed_is_read():
    samples = np.array([3, -5, 32767, MISSING_SAMPLE, 0], np.int16)
    placed = seconds_of([samples])
    table, _, _ = pack(placed)
    older = bytes.fromhex("789c63e3ffcef49f81e13fc37f001289040c")
    (back,) = unpack(key_of(placed[0].second), table, older, chunk_crc(table, older))
    assert back.second.samples.tolist() == samples.tolist()


@pytest.mark.parametrize("first", [0, 99])
def test_a_way_of_packing_that_nobody_knows_is_told_as_damage(first):
    placed = seconds_of([np.arange(25, dtype=np.int16)])
    table, samples, _ = pack(placed)
    strange = bytes([first]) + samples[1:]
    with pytest.raises(DamagedChunk, match="cannot be read"):
        unpack(key_of(placed[0].second), table, strange, chunk_crc(table, strange))


def test_no_samples_at_all_where_some_should_be_are_told_as_damage():
    placed = seconds_of([np.arange(25, dtype=np.int16)])
    table, _, _ = pack(placed)
    for nothing in (b"", zlib.compress(b"")):
        with pytest.raises(DamagedChunk):
            unpack(key_of(placed[0].second), table, nothing, chunk_crc(table, nothing))


def test_no_way_of_packing_begins_as_zlib_does():
    assert all(number & 0x0F != zlib.DEFLATED for number in WAYS)


def test_each_wave_is_packed_the_way_that_suits_it():
    seconds, noise = np.arange(10_000) / 500, np.random.default_rng(4).normal(0, 1.2, 10_000)
    smooth = 500 * np.sin(7 * seconds) + 90 * np.sin(35 * seconds)
    beats = 230 * np.exp(-(((seconds % 0.8 - 0.4) / 0.02) ** 2))
    waves = {1: np.repeat(np.arange(400), 25), 2: smooth, 3: beats + noise}
    for way, wave in waves.items():
        _, samples, _ = pack(seconds_of(list(np.rint(wave).astype(np.int16).reshape(20, 500))))
        assert samples[0] == way
