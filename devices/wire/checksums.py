"""Checksums that more than one protocol uses; each is named as its published catalogue names it."""

from __future__ import annotations

import binascii
import zlib

_PIECE, _PIECE_OF_TEXT = 256, 512
"""So many bytes, or so many of ASCII, never come to the 65,521 at which Adler-32 begins anew."""


def crc16_ccitt_false(data: bytes | bytearray | memoryview) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected; 0x29B1 for b"123456789"."""
    return binascii.crc_hqx(data, 0xFFFF)


def crc16_xmodem(data: bytes | bytearray | memoryview) -> int:
    """CRC-16/XMODEM: polynomial 0x1021, start 0, not reflected; 0x31C3 for b"123456789"."""
    return binascii.crc_hqx(data, 0)


def sum8(data: bytes | bytearray | memoryview) -> int:
    """The sum of all bytes modulo 256."""
    # The lower half of Adler-32 that begins with 0 is the plain sum, at fifty times the speed of sum().
    if len(data) <= _PIECE:
        return zlib.adler32(data, 0) & 0xFF
    if len(data) <= 2 * _PIECE:
        return (zlib.adler32(data[:_PIECE], 0) + zlib.adler32(data[_PIECE:], 0)) & 0xFF
    view, total = memoryview(data), 0
    piece = _PIECE_OF_TEXT if isinstance(data, bytes) and data.isascii() else _PIECE
    for at in range(0, len(view), piece):
        total += zlib.adler32(view[at : at + piece], 0)
    return total & 0xFF
