"""One made-up patient: every vital sign and every wave from the same few phases, so that all of them agree."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from devices.simulation import waveforms
from devices.simulation.tracks import Floats, Ripple, Track

T = TypeVar("T")

BASELINE: Mapping[str, float] = {
    "hr": 76.0,
    "spo2": 98.0,
    "rr": 15.0,
    "temp": 36.7,
    "nibp_sys": 122.0,
    "nibp_dia": 74.0,
    "pi": 2.6,
}
"""What a patient is like when nothing else is said; also the names that a target may have (mean pressure follows)."""

SENSORS = ("ecg", "spo2", "nibp", "temp")
WAVES = ("ecg_i", "ecg_ii", "ecg_iii", "ecg_v", "pleth", "resp")

# name -> shares of three slow sines; the first is common to all (the patient is a little more or less awake)
_RIPPLES: Mapping[str, tuple[float, float, float]] = {
    "hr": (0.012, 0.008, 0.006),
    "rr": (0.016, 0.010, 0.010),
    "spo2": (0.0, 0.002, 0.002),
    "temp": (0.0003, 0.0004, 0.0),
    "nibp_sys": (0.010, 0.008, 0.006),
    "nibp_dia": (0.010, 0.010, 0.006),
    "pi": (0.0, 0.05, 0.03),
}
_SINUS_ARRHYTHMIA = 0.03
_FULL_ARRHYTHMIA_HR = 40.0
_WANDER_MV = 0.04
_NOISE_MV = 0.006
_NOISE_LENGTH = 1021
_CHEST_OHM = 0.6
_CHEST_PULSE_OHM = 0.02
_MOST_KEPT = 24
BLOCK = 1024
"""Samples of a wave that are made at a time."""


@dataclass(frozen=True, slots=True)
class Episode:
    """From `at_s` the targets are approached over `over_s` seconds and then kept; or a sensor comes off or on."""

    at_s: float
    over_s: float
    targets: Mapping[str, float] = field(default_factory=dict)
    sensor: str = ""
    off: bool | None = None


@dataclass(frozen=True, slots=True)
class Vitals:
    """True values: hr and rr in /min, spo2 and pi in %, temp in Cel, pressures in mm[Hg]."""

    hr: float
    spo2: float
    rr: float
    temp: float
    nibp_sys: float
    nibp_dia: float
    nibp_map: float
    pi: float


class PatientWorld:
    """A deterministic function of episodes, seed and simulated second; seconds may be asked for in any order."""

    def __init__(
        self, seed: int = 1, baseline: Mapping[str, float] | None = None, episodes: Sequence[Episode] = ()
    ) -> None:
        """Raises ValueError for a name that no vital sign or sensor has."""
        self._seed = seed
        self._start = dict(BASELINE) | dict(baseline or {})
        _check_names(self._start, episodes)
        self._lay(episodes)

    def postpone(self, by_s: float) -> None:
        """Let every episode come `by_s` seconds later than planned; of what lies before all of them nothing changes."""
        self._lay([replace(episode, at_s=episode.at_s + by_s) for episode in self._episodes])

    def add(self, episode: Episode) -> None:
        """One more episode, after all that have begun: what lies before it does not change."""
        _check_names(self._start, (episode,))
        self._lay(sorted((*self._episodes, episode), key=lambda one: one.at_s))

    def forget(self, t: float) -> None:
        """What has not begun at second `t` does not happen any more."""
        self._lay([episode for episode in self._episodes if episode.at_s <= t])

    def _lay(self, episodes: Sequence[Episode]) -> None:
        self._episodes = tuple(episodes)
        start, rng = self._start, np.random.default_rng(self._seed)
        common = (float(rng.uniform(150, 240)), float(rng.uniform(0, 2 * np.pi)))
        self._tracks = {
            name: Track(
                start[name],
                [(e.at_s, e.over_s, e.targets[name]) for e in episodes if name in e.targets],
                _ripples(name, common, rng),
            )
            for name in BASELINE
        }
        self._noise = rng.normal(0.0, _NOISE_MV, _NOISE_LENGTH)
        self._switches = sorted(((e.at_s, e.sensor, bool(e.off)) for e in episodes if e.sensor), key=lambda s: s[0])
        # Waves are made in whole blocks at fixed places: fast, and the same whatever slices are asked for.
        self._block = functools.lru_cache(maxsize=_MOST_KEPT)(self._make_block)
        self._kept: dict[tuple[object, int], tuple[Any]] = {}
        self._at = functools.lru_cache(maxsize=4)(self._vitals)  # every device asks about the same seconds

    def vitals(self, t: float) -> Vitals:
        """The true values at second `t`."""
        return self._at(t)

    def _vitals(self, t: float) -> Vitals:
        at = np.array([t], dtype=np.float64)
        now = {name: float(track.value(at)[0]) for name, track in self._tracks.items()}
        sys, dia = now["nibp_sys"], min(now["nibp_dia"], now["nibp_sys"])
        return Vitals(
            hr=max(now["hr"], 0.0),
            spo2=min(max(now["spo2"], 0.0), 100.0),
            rr=max(now["rr"], 0.0),
            temp=now["temp"],
            nibp_sys=sys,
            nibp_dia=dia,
            nibp_map=dia + (sys - dia) / 3,
            pi=max(now["pi"], 0.0),
        )

    def sensor_off(self, sensor: str, t: float) -> bool:
        """Whether `sensor` (ecg, spo2, nibp, temp) is off the patient at second `t`."""
        if sensor not in SENSORS:
            raise ValueError(f"there is no sensor {sensor!r}, only {', '.join(SENSORS)}")
        off = False
        for at_s, name, is_off in self._switches:
            if at_s > t:
                break
            if name == sensor:
                off = is_off
        return off

    def heartbeats(self, t: Floats) -> Floats:
        """Heartbeats since second 0, with fractions; an R peak at each whole number. It does not run backwards."""
        return self._heart(t, self.breaths(t))[1]

    def _heart(self, t: Floats, breaths: Floats) -> tuple[Floats, Floats]:
        """Rate per minute and heartbeats since second 0."""
        hr, integral = self._tracks["hr"].value_and_integral(t)
        swing = _SINUS_ARRHYTHMIA * np.minimum(hr / _FULL_ARRHYTHMIA_HR, 1.0)
        return hr, np.asarray(integral / 60 + swing * np.sin(2 * np.pi * breaths))

    def breaths(self, t: Floats) -> Floats:
        """Breaths since second 0, with fractions; breathing in begins at each whole number."""
        return np.asarray(self._tracks["rr"].integral(t) / 60)

    def wave(self, name: str, first_sample: int, count: int, rate_hz: float) -> Floats:
        """`count` samples from number `first_sample` (0 is second 0) in mV, % or Ohm; shape (count,), read-only."""
        if name not in WAVES:
            raise ValueError(f"there is no wave {name!r}, only {', '.join(WAVES)}")
        pieces = []
        here, end = first_sample, first_sample + count
        while here < end:
            number, within = divmod(here, BLOCK)
            taken = min(BLOCK - within, end - here)
            pieces.append(self._block(name, number, rate_hz)[within : within + taken])
            here += taken
        if len(pieces) == 1:
            return pieces[0]
        joined = np.concatenate(pieces) if pieces else np.empty(0)
        joined.flags.writeable = False
        return joined

    def kept(self, what: object, block: int, make: Callable[[], T]) -> T:
        """What `make` gives for this block of a longer course: made once, until the patient takes another one."""
        kept, key = self._kept, (what, block)  # another thread may make room meanwhile, or change the course
        held = kept.get(key)
        if held is None:
            held = (make(),)
            for oldest in list(kept)[: max(len(kept) - _MOST_KEPT + 1, 0)]:
                kept.pop(oldest, None)
            kept[key] = held
        found: T = held[0]
        return found

    def _make_block(self, name: str, number: int, rate_hz: float) -> Floats:
        index = np.arange(number * BLOCK, (number + 1) * BLOCK)
        t = index / rate_hz
        if name == "resp":
            samples = self._chest(t)
        elif name == "pleth":
            samples = self._pleth(t)
        else:
            samples = self._ecg(name, t) + self._noise[index % _NOISE_LENGTH]
        samples.flags.writeable = False
        return samples

    def _ecg(self, lead: str, t: Floats) -> Floats:
        breaths = self.breaths(t)
        hr, beats = self._heart(t, breaths)
        return waveforms.ecg_lead(lead, beats, hr) + _WANDER_MV * np.sin(2 * np.pi * breaths)

    def _pleth(self, t: Floats) -> Floats:
        left_the_heart = t - waveforms.PULSE_TRANSIT_S
        hr, beats = self._heart(left_the_heart, self.breaths(left_the_heart))
        shape = waveforms.pulse(beats, hr)
        return self._tracks["pi"].value(t) * (shape + 0.06 * np.sin(2 * np.pi * self.breaths(t)))

    def _chest(self, t: Floats) -> Floats:
        rr, integral = self._tracks["rr"].value_and_integral(t)
        breaths = integral / 60
        chest = waveforms.breath(breaths, rr)
        return _CHEST_OHM * chest + _CHEST_PULSE_OHM * np.sin(2 * np.pi * self._heart(t, breaths)[1])


def _ripples(name: str, common: tuple[float, float], rng: np.random.Generator) -> list[Ripple]:
    shares = _RIPPLES[name]
    own = [
        Ripple(share, float(rng.uniform(low, high)), float(rng.uniform(0, 2 * np.pi)))
        for share, low, high in ((shares[1], 60.0, 110.0), (shares[2], 30.0, 50.0))
    ]
    return [Ripple(shares[0], *common), *own]


def _check_names(baseline: Mapping[str, float], episodes: Sequence[Episode]) -> None:
    names = set(baseline).union(*(episode.targets for episode in episodes))
    unknown = sorted(names - set(BASELINE))
    if unknown:
        raise ValueError(f"the patient has no {unknown[0]!r}, only {', '.join(BASELINE)} (mean pressure follows)")
    for episode in episodes:
        if episode.sensor and episode.sensor not in SENSORS:
            raise ValueError(f"there is no sensor {episode.sensor!r}, only {', '.join(SENSORS)}")
        if episode.sensor and episode.off is None:
            raise ValueError(f"say whether the sensor {episode.sensor!r} comes off or on")
