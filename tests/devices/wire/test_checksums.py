"""Checksums against their published check values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from devices.wire.checksums import crc16_ccitt_false, crc16_xmodem, sum8

# Provenance: the catalogue of parametrised CRC algorithms (reveng): check = CRC of the ASCII digits 1 to 9.
CHECK = b"123456789"


def test_crc16_ccitt_false_has_its_published_check_value() -> None:
    assert crc16_ccitt_false(CHECK) == 0x29B1


def test_crc16_xmodem_has_its_published_check_value() -> None:
    assert crc16_xmodem(CHECK) == 0x31C3


def test_sum8_wraps_at_256() -> None:
    assert sum8(CHECK) == 0xDD
    assert sum8(b"\xff\x02") == 0x01


@given(st.binary(min_size=1, max_size=64), st.data())
def test_a_crc_notices_every_single_damaged_byte(message: bytes, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(message) - 1))
    flip = data.draw(st.integers(1, 255))
    damaged = bytes(byte ^ flip if index == position else byte for index, byte in enumerate(message))
    assert crc16_ccitt_false(damaged) != crc16_ccitt_false(message)
    assert crc16_xmodem(damaged) != crc16_xmodem(message)
