"""A simulated oximeter: sends the made-up patient's pulse in whichever of its formats the host chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from devices.monitors.nonin.wire import frames, requests, short, text
from devices.monitors.nonin.wire.frames import Frame
from devices.monitors.nonin.wire.packets import LOW_BATTERY, Packet, encode_packet
from devices.monitors.nonin.wire.requests import ASCII, DF2, DF7, DF8, DF13, NUMBER_OF, GetClock, Select, SetClock
from devices.simulation import oximeter
from devices.simulation.oximeter import Shown
from devices.simulation.patient import PatientWorld
from devices.simulation.tracks import Floats
from devices.simulation.waveforms import PULSE_TRANSIT_S
from exomonitor.errors import CommandRefused

WAITS_S = 5.0
"""After power-on a host may choose the format; then the device sends its own setting."""

REVISION = 33
BURST = 5  # frames that a cable's USB end hands over together
AT_ONCE = 200 * BURST  # frames whose pulses are found together
COLOUR_S = 0.16  # how long the perfusion colour stands at each pulse
PLETH_PER_PERCENT = 8192
FAINT_PI, WEAK_PI = 0.3, 0.6
_EPSILON_S = 1e-9
_NAME_OF = {number: name for name, number in NUMBER_OF.items()}
_SWITCHES = ("low_battery", "artifact", "out_of_track", "low_perfusion")
_NOT_HERE = ("nibp", "admit")  # keys of a monitor with a cuff, which the usual scenarios press


@dataclass(frozen=True, slots=True)
class _Packet:
    """What holds for a third of a second: the display, the colour of a pulse, the 25 number bytes."""

    number: int
    now: Shown
    colour: int
    numbers: list[int]


class NoninSimulator:
    """Switched on when it is first stepped. Silent until a format is chosen, or 5 s have passed."""

    def __init__(
        self,
        world: PatientWorld,
        *,
        data_format: str = DF2,
        fixed: bool = False,
        spot_every_s: float = 5.0,
        nibp_interval_s: float = 0.0,
        clock: datetime | None = None,
    ) -> None:
        """data_format: its own setting; fixed: it sends that at once and takes no request (an OEM board's strap).

        nibp_interval_s: taken and ignored, there is no cuff; clock: what its own says now. Raises CommandRefused for an
        unknown format.
        """
        if data_format not in (*NUMBER_OF, ASCII):
            raise CommandRefused(f"A Nonin oximeter has no format {data_format!r}")
        self._world = world
        self._own = data_format
        self._fixed = fixed or data_format == ASCII
        self._interval_s = {DF2: BURST / frames.FRAMES_PER_S, DF7: BURST / frames.FRAMES_PER_S, DF13: spot_every_s}
        self._heard = bytearray()
        self._on_at: float | None = None
        self._format = ""
        self._since = 0.0
        self._units = 0
        self._packet = _Packet(-1, Shown(None, None, None), 0, [])
        self._is = dict.fromkeys(_SWITCHES, False)
        told = clock or datetime(2026, 3, 2, 9, tzinfo=UTC)
        self._century = told.year // 100
        self._clock = (told.year % 100, told.month, told.day, told.hour, told.minute, told.second)
        self._spots: list[float] = []

    def received(self, data: bytes, t: float) -> bytes:
        """Obey what hosts send, the clock too: the answer to it."""
        self._power(t)
        self._heard += data
        answer = b""
        for request in requests.cut_requests(self._heard):
            if self._fixed:
                continue
            match request:
                case Select(number) if number in _NAME_OF:
                    if self._format != _NAME_OF[number]:
                        self._begin(_NAME_OF[number], t)
                    answer += bytes((requests.ACK,))
                case Select():
                    answer += bytes((requests.NAK,))
                case SetClock(parts):
                    self._century = 20
                    self._clock = (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
                    answer += bytes((requests.ACK,))
                case GetClock():
                    answer += requests.encode_clock(self._clock)
        return answer

    def due(self, t: float) -> bytes:
        """All that is sent up to second `t`."""
        self._power(t)
        out = b""
        while (when := self._next_at()) <= t + _EPSILON_S:
            if not self._format:
                self._begin(self._own, when)
            elif self._spots and when == self._spots[0]:
                out += self._spot(self._spots.pop(0))
            else:
                out += self._unit(self._units)
                self._units += 1
        return out

    def next_due(self, t: float) -> float | None:
        """The second of the next unit."""
        return t if self._on_at is None else max(self._next_at(), t)

    def press(self, t: float, action: str, **values: Any) -> None:
        """low_battery, artifact, out_of_track, low_perfusion (on=False ends it); spot; power_cycle."""
        on = values.pop("on", True)
        if values or action not in (*_SWITCHES, *_NOT_HERE, "spot", "power_cycle"):
            raise ValueError(f"this oximeter has no key {action!r} with {values!r}")
        if action in _SWITCHES:
            self._is[action] = bool(on)
        elif action == "power_cycle":
            self._format, self._on_at = "", t
        elif action == "spot" and self._format == DF13:
            self._spots.append(t)

    def _power(self, t: float) -> None:
        if self._on_at is None:
            self._on_at = t
            if self._fixed:
                self._begin(self._own, t)

    def _begin(self, data_format: str, t: float) -> None:
        self._format, self._since, self._units = data_format, t, 0
        self._packet = _Packet(-1, Shown(None, None, None), 0, [])

    def _next_at(self) -> float:
        if not self._format:
            return (self._on_at or 0.0) + (0.0 if self._fixed else WAITS_S)
        regular = self._since + (self._units + 1) * self._interval_s.get(self._format, 1.0)
        return min([regular, *self._spots[:1]])

    def _unit(self, number: int) -> bytes:
        t = self._since + (number + 1) * self._interval_s.get(self._format, 1.0)
        if self._format in (DF2, DF7):
            return self._burst(number * BURST)
        if self._format == DF8:
            return short.encode_second(self._second(t))
        if self._format == DF13:
            return self._spot(t)
        now = oximeter.shown(self._world, t)
        return text.encode_line(text.TextLine(now.pulse, now.spo2))

    # --- beat by beat

    def _burst(self, first: int) -> bytes:
        wide = self._format == DF7
        t = self._since + (first + np.arange(BURST)) / frames.FRAMES_PER_S
        off = self._world.sensor_off("spo2", float(t[0]))
        place = round(self._since * frames.FRAMES_PER_S) + first
        wave = np.zeros(BURST) if off else self._world.wave("pleth", place, BURST, frames.FRAMES_PER_S)
        pleth = np.clip(np.rint(0x8000 + wave * PLETH_PER_PERCENT), 0, 0xFFFF).astype(int)
        packet = self._packet_at(first // frames.PER_PACKET)
        lit = self._colour_stands(first, t)
        out = b""
        for i in range(BURST):
            place = (first + i) % frames.PER_PACKET
            status = frames.ALWAYS | (0 if place else frames.SYNC) | self._status(packet, off=off, lit=bool(lit[i]))
            sample = int(pleth[i])
            out += frames.encode_frame(Frame(status, sample if wide else sample >> 8, packet.numbers[place]), wide=wide)
        return out

    def _colour_stands(self, first: int, t: Floats) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether a pulse has just come, for each of these seconds, those of the frames from `first` on."""
        block, within_block = divmod(first, AT_ONCE)
        beats = self._world.kept(("pulses", self._since), block, lambda: self._pulses(block * AT_ONCE))
        begin, end = beats[within_block], beats[within_block + BURST - 1]
        within = np.linspace(begin, end, len(t))
        a_beat_s = (t[-1] - t[0]) / max(end - begin, 1e-3)
        return np.asarray((within - np.floor(within)) * a_beat_s < COLOUR_S)

    def _pulses(self, first: int) -> Floats:
        """Pulses since second 0, as they come at the finger, at each of so many frames."""
        return self._world.heartbeats(
            self._since + (first + np.arange(AT_ONCE)) / frames.FRAMES_PER_S - PULSE_TRANSIT_S
        )

    def _status(self, packet: _Packet, *, off: bool, lit: bool) -> int:
        if off:
            return frames.SENSOR_ALARM | frames.OUT_OF_TRACK
        status = frames.OUT_OF_TRACK if self._lost_track(packet.now) else 0
        return status | (packet.colour | frames.ARTIFACT * self._is["artifact"] if lit else 0)

    def _lost_track(self, now: Shown) -> bool:
        return self._is["out_of_track"] or now.spo2 is None

    def _colour(self, now: Shown) -> int:
        if now.pi is None:
            return 0
        if self._is["low_perfusion"] or now.pi < FAINT_PI:
            return frames.RED
        return frames.YELLOW if now.pi < WEAK_PI else frames.GREEN

    def _packet_at(self, number: int) -> _Packet:
        if self._packet.number != number:
            now = oximeter.shown(self._world, self._since + number * frames.PER_PACKET / frames.FRAMES_PER_S)
            spo2, pulse = now.held or (now.spo2, now.pulse)
            battery = LOW_BATTERY if self._is["low_battery"] else 0
            numbers = encode_packet(Packet(now.pulse, now.spo2, pulse, spo2, REVISION, battery))
            self._packet = _Packet(number, now, self._colour(now), numbers)
        return self._packet

    # --- the slow formats

    def _second(self, t: float) -> short.Second:
        now = oximeter.shown(self._world, t)
        spo2, pulse = now.held or (now.spo2, now.pulse)
        colour = self._colour(now)
        return short.Second(
            hr=pulse,
            spo2=spo2,
            sensor_alarm=now.off,
            out_of_track=self._lost_track(now),
            artifact=self._is["artifact"],
            low_perfusion=colour == frames.RED,
            marginal_perfusion=colour == frames.YELLOW,
            low_battery=self._is["low_battery"],
        )

    def _spot(self, t: float) -> bytes:
        now = oximeter.shown(self._world, t)
        measured = now.spo2 is not None and now.pulse is not None
        second = int(t) + self._clock[5] + 60 * (self._clock[4] + 60 * self._clock[3])
        time = (second // 3600 % 24, second // 60 % 60, second % 60, int(t * 100) % 100)
        taken = (self._century, *self._clock[:3], *time)
        spot = short.Spot(
            now.pulse,
            now.spo2,
            bytes(int(f"{part:02d}", 16) for part in taken),  # BCD
            measured=measured,
            smartpoint=measured and not self._is["artifact"],
            low_battery=self._is["low_battery"],
        )
        return short.encode_spot(spot)
