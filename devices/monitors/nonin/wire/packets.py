"""Twenty-five frames are a packet: the number byte of each frame has a meaning of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NO_HR, NO_SPO2 = 511, 127
LOW_BATTERY, SMARTPOINT = 0x01, 0x20

# frame numbers (from 1) of the bytes that are read
_HR, _SPO2, _REVISION, _STATUS_2, _SPO2_D, _HR_D = 1, 3, 4, 8, 9, 20
_SPO2_FAST, _SPO2_BEAT, _E_HR, _E_SPO2, _E_SPO2_D, _E_HR_D = 10, 11, 14, 16, 17, 22


@dataclass(frozen=True, slots=True)
class Packet:
    """hr in /min, spo2 in %, None = missing; the `shown_` pair is what a display holds for 10 s without a finger."""

    hr: int | None
    spo2: int | None
    shown_hr: int | None
    shown_spo2: int | None
    revision: int = 0
    status_2: int = 0


def nine_bits(high: int, low: int) -> int:
    """A rate from its two bytes of seven bits; the two highest bits stand lowest in the first."""
    return (high & 3) << 7 | low & 0x7F


def decode_packet(numbers: Sequence[int]) -> Packet:
    """The packet of 25 number bytes in order."""

    def rate(frame: int) -> int | None:
        value = nine_bits(numbers[frame - 1], numbers[frame])
        return None if value == NO_HR else value

    def saturation(frame: int) -> int | None:
        value = numbers[frame - 1] & 0x7F
        return None if value == NO_SPO2 else value

    revision, status_2 = numbers[_REVISION - 1], numbers[_STATUS_2 - 1]
    return Packet(rate(_HR), saturation(_SPO2), rate(_HR_D), saturation(_SPO2_D), revision, status_2)


def encode_packet(packet: Packet) -> list[int]:
    """25 number bytes; the averages of other lengths say the same as the usual ones."""
    numbers = [0] * 25

    def put_rate(frame: int, value: int | None) -> None:
        raw = NO_HR if value is None else value
        numbers[frame - 1], numbers[frame] = raw >> 7, raw & 0x7F

    for frame, rate in ((_HR, packet.hr), (_E_HR, packet.hr), (_HR_D, packet.shown_hr), (_E_HR_D, packet.shown_hr)):
        put_rate(frame, rate)
    for frame in (_SPO2, _SPO2_FAST, _SPO2_BEAT, _E_SPO2):
        numbers[frame - 1] = NO_SPO2 if packet.spo2 is None else packet.spo2
    for frame in (_SPO2_D, _E_SPO2_D):
        numbers[frame - 1] = NO_SPO2 if packet.shown_spo2 is None else packet.shown_spo2
    numbers[_REVISION - 1], numbers[_STATUS_2 - 1] = packet.revision, packet.status_2
    return numbers
