"""The made-up patient: every number and wave must tell the same story, whatever is asked and in which order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.simulation.patient import SENSORS, WAVES, Episode, PatientWorld

REACTION = (
    Episode(60, 60, {"hr": 128, "rr": 26, "spo2": 88, "nibp_sys": 84, "nibp_dia": 45, "pi": 1.0}),
    Episode(200, 40, {"hr": 84, "spo2": 97}),
)


def _peaks(wave: np.ndarray, above: float, apart: int) -> np.ndarray:
    """Indices of the highest sample of every run above `above`, runs closer than `apart` samples taken as one."""
    high = np.flatnonzero(wave > above)
    runs = np.split(high, np.flatnonzero(np.diff(high) > apart) + 1)
    return np.array([run[np.argmax(wave[run])] for run in runs if len(run)])


def _beats(world: PatientWorld, seconds: float) -> float:
    ends = np.array([0.0, seconds])
    return float(np.diff(world.heartbeats(ends))[0])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_r_peaks_pulses_and_the_heart_rate_number_agree(seed):
    world = PatientWorld(seed, episodes=REACTION)
    seconds = 300
    numbers = sum(world.vitals(t + 0.5).hr / 60 for t in range(seconds))
    r_peaks = _peaks(world.wave("ecg_ii", 0, 300 * seconds, 300), 0.6, 30)
    pleth = world.wave("pleth", 0, 100 * seconds, 100)
    strength = np.array([world.vitals(i / 100).pi for i in range(0, len(pleth), 100)]).repeat(100)
    pulses = _peaks(pleth / strength, 0.3, 15)
    assert abs(len(r_peaks) - numbers) <= 1.5
    assert abs(len(pulses) - numbers) <= 1.5
    assert abs(_beats(world, seconds) - numbers) < 0.2


def test_every_r_peak_stands_at_a_whole_heartbeat():
    world = PatientWorld(episodes=REACTION)
    peaks = _peaks(world.wave("ecg_ii", 0, 300 * 120, 300), 0.6, 30) / 300
    away = world.heartbeats(peaks) - np.rint(world.heartbeats(peaks))
    assert np.abs(away).max() < 0.02


def test_each_pulse_follows_its_heartbeat_at_the_same_distance():
    world = PatientWorld()
    r_peaks = _peaks(world.wave("ecg_ii", 0, 300 * 60, 300), 0.6, 30) / 300
    pulses = _peaks(world.wave("pleth", 0, 100 * 60, 100), 0.9, 20) / 100
    delays = np.array([pulse - r_peaks[r_peaks < pulse][-1] for pulse in pulses[1:]])
    assert delays.min() > 0.3
    assert delays.max() < 0.45
    assert np.ptp(delays) < 0.04


def test_the_pulse_has_a_dicrotic_notch():
    world = PatientWorld(baseline={"hr": 60})
    start = round(_first_foot(world) * 1000)
    beat = world.wave("pleth", start, 800, 1000)
    peak = int(beat.argmax())
    notch = peak + int(beat[peak : peak + 200].argmin())
    assert beat[notch:].max() > beat[notch] + 0.05


def _first_foot(world: PatientWorld) -> float:
    t = np.arange(0, 5, 0.001)
    return float(t[np.flatnonzero(np.diff(np.floor(world.heartbeats(t - 0.25))) > 0)[1]])


def test_breaths_in_the_chest_wave_agree_with_the_respiration_number():
    world = PatientWorld(episodes=REACTION)
    seconds = 300
    chest = world.wave("resp", 0, 25 * seconds, 25)
    inward = np.count_nonzero((chest[:-1] < 0) & (chest[1:] >= 0))
    assert abs(inward - sum(world.vitals(t + 0.5).rr / 60 for t in range(seconds))) <= 1.5


def test_the_limb_leads_obey_einthoven():
    world = PatientWorld()
    one, two, three = (world.wave(lead, 0, 3000, 300) for lead in ("ecg_i", "ecg_ii", "ecg_iii"))
    assert np.abs(one + three - two).max() < 0.1  # each has its own wander and noise


@given(st.integers(-500, 200_000), st.integers(0, 3000), st.sampled_from(WAVES), st.sampled_from([25.0, 62.5, 300.0]))
@settings(max_examples=60)
def test_a_wave_is_the_same_in_one_piece_and_in_slices(first, count, name, rate):
    world = PatientWorld(5, episodes=REACTION)
    again = PatientWorld(5, episodes=REACTION)
    cut = count // 3
    slices = [again.wave(name, first + cut, count - cut, rate), again.wave(name, first, cut, rate)]
    whole = world.wave(name, first, count, rate)
    assert whole.shape == (count,)
    assert np.array_equal(whole, np.concatenate(slices[::-1]))


def test_seeds_differ_and_the_same_seed_does_not():
    one, same, other = PatientWorld(1), PatientWorld(1), PatientWorld(2)
    assert one.vitals(1234.5) == same.vitals(1234.5)
    assert one.vitals(1234.5) != other.vitals(1234.5)


def test_targets_are_reached_within_the_small_slow_variation():
    now = PatientWorld(9, episodes=REACTION).vitals(150)
    assert now.hr == pytest.approx(128, rel=0.03)
    assert now.spo2 == pytest.approx(88, rel=0.01)
    assert now.rr == pytest.approx(26, rel=0.04)
    assert now.nibp_sys == pytest.approx(84, rel=0.03)
    assert now.nibp_dia < now.nibp_map < now.nibp_sys
    assert now.pi == pytest.approx(1.0, rel=0.1)


@given(st.floats(0, 8000), st.integers(0, 50))
@settings(max_examples=50)
def test_nothing_jumps_without_an_episode(t, seed):
    world = PatientWorld(seed)
    here, next_second = world.vitals(t), world.vitals(t + 1)
    assert abs(next_second.hr - here.hr) < 0.4
    assert abs(next_second.spo2 - here.spo2) < 0.1
    assert abs(next_second.nibp_sys - here.nibp_sys) < 0.5
    assert here.spo2 <= 100


def test_a_stopped_heart_is_a_flat_line_and_stopped_breathing_a_still_chest():
    world = PatientWorld(episodes=[Episode(10, 5, {"hr": 0, "rr": 0})])
    assert world.vitals(60).hr == 0
    assert np.ptp(world.wave("ecg_ii", 300 * 60, 900, 300)) < 0.08
    assert np.ptp(world.wave("pleth", 100 * 60, 300, 100)) < 0.01
    assert np.ptp(world.wave("resp", 25 * 60, 75, 25)) < 0.01


def test_a_sensor_comes_off_and_on_as_the_episodes_say():
    world = PatientWorld(episodes=[Episode(50, 0, sensor="spo2", off=False), Episode(20, 0, sensor="spo2", off=True)])
    assert [world.sensor_off("spo2", t) for t in (0, 19.9, 20, 49.9, 50)] == [False, False, True, True, False]
    assert not any(world.sensor_off(other, 30) for other in SENSORS if other != "spo2")


@pytest.mark.parametrize(
    "build",
    [
        lambda: PatientWorld(baseline={"sp02": 98}),
        lambda: PatientWorld(episodes=[Episode(0, 0, {"nibp_map": 80})]),
        lambda: PatientWorld(episodes=[Episode(0, 0, sensor="cuff", off=True)]),
        lambda: PatientWorld(episodes=[Episode(0, 0, sensor="ecg")]),
        lambda: PatientWorld().wave("ecg_avr", 0, 10, 300),
        lambda: PatientWorld().sensor_off("cuff", 0),
    ],
)
def test_a_name_that_does_not_exist_is_refused(build):
    with pytest.raises(ValueError):
        build()


def test_waves_cannot_be_written_to():
    wave = PatientWorld().wave("ecg_ii", 10, 100, 300)
    with pytest.raises(ValueError, match="read-only"):
        wave[0] = 9
