"""When the pulses of an alarm sound begin and how long they last, by priority: patterns in the style of IEC 60601-1-8.

Not tested against the standard. Times in milliseconds from the beginning of the burst, frequencies in hertz.
"""

from __future__ import annotations

from dataclasses import dataclass

from exomonitor.alarms.limits import Priority

# The neutral "general" melody: C4 C4 C4 - C4 C4.
FUNDAMENTAL_HZ = 261.6
HARMONICS = 6
"""Multiples of the fundamental that are mixed in, so that at least four lie between 300 and 4000 Hz."""


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst of pulses: their beginnings, their common length, and the silence until the next burst (ms)."""

    starts_ms: tuple[int, ...]
    pulse_ms: int
    silence_ms: int
    level: float
    """Amplitude as a part of the loudest; a higher priority is never softer."""

    @property
    def length_ms(self) -> int:
        """From the first pulse's beginning to the last pulse's end."""
        return self.starts_ms[-1] + self.pulse_ms

    @property
    def period_ms(self) -> int:
        """From one burst's beginning to the next one's."""
        return self.length_ms + self.silence_ms

    @property
    def ramp_ms(self) -> int:
        """Rise and fall time of each pulse: 15 % of its length."""
        return self.pulse_ms * 15 // 100


def _high(pulse: int = 150, spacing: int = 100, half: int = 500) -> tuple[int, ...]:
    """Ten pulses, twice three and two, with a longer gap inside each half and a pause between the halves."""
    starts, at = [], 0
    for gap_after in (spacing, spacing, 2 * spacing + pulse, spacing, half) * 2:
        starts.append(at)
        at += pulse + gap_after
    return tuple(starts)


BURSTS = {
    Priority.HIGH: Burst(_high(), 150, 5000, 1.0),
    Priority.MEDIUM: Burst((0, 400, 800), 200, 10_000, 0.8),
    Priority.LOW: Burst((0,), 200, 29_800, 0.6),
}


def pulse_ms(priority: Priority) -> int:
    """How long each pulse lasts, in milliseconds."""
    return BURSTS[priority].pulse_ms
