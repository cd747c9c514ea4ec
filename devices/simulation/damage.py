"""What a bad line does to one message: each way of damaging bytes, the same again with the same random numbers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

Damage = Callable[[bytes, float, random.Random], bytes]
"""(message, amount, random numbers) -> what arrives of it."""

_HEADER = 8  # bytes in which every protocol of ours has its length or its address


def lose_tail(data: bytes, probability: float, rng: random.Random) -> bytes:
    """The message is cut off somewhere."""
    return data[: rng.randrange(len(data))] if rng.random() < probability else data


def lose_head(data: bytes, probability: float, rng: random.Random) -> bytes:
    """Only the second half of the message arrives."""
    return data[len(data) // 2 :] if rng.random() < probability else data


def change_bytes(data: bytes, probability: float, rng: random.Random) -> bytes:
    """Bytes become other bytes."""
    return bytes(b ^ rng.randrange(1, 256) if rng.random() < probability else b for b in data)


def flip_bits(data: bytes, probability: float, rng: random.Random) -> bytes:
    """One bit of a byte turns over."""
    return bytes(b ^ 1 << rng.randrange(8) if rng.random() < probability else b for b in data)


def drop_bytes(data: bytes, probability: float, rng: random.Random) -> bytes:
    """Bytes are lost, as when a receiver is too slow."""
    return bytes(b for b in data if rng.random() >= probability)


def double_bytes(data: bytes, probability: float, rng: random.Random) -> bytes:
    """Bytes come twice."""
    return b"".join(bytes((b, b)) if rng.random() < probability else bytes((b,)) for b in data)


def insert_bytes(data: bytes, probability: float, rng: random.Random) -> bytes:
    """Bytes that nobody sent stand between the others."""
    return b"".join(bytes((rng.randrange(256), b)) if rng.random() < probability else bytes((b,)) for b in data)


def repeat(data: bytes, probability: float, rng: random.Random) -> bytes:
    """The whole message comes twice."""
    return data * 2 if rng.random() < probability else data


def add_noise(data: bytes, count: float, rng: random.Random) -> bytes:
    """Noise stands before the message."""
    return rng.randbytes(int(count)) + data


def add_false_start(data: bytes, probability: float, rng: random.Random) -> bytes:
    """The byte that begins a message stands before it once more, or in the middle of it."""
    if rng.random() >= probability:
        return data
    place = rng.choice((0, 0, rng.randrange(len(data))))
    return data[:place] + data[:1] + data[place:]


def add_false_length(data: bytes, probability: float, rng: random.Random) -> bytes:
    """A beginning that promises another length, and never goes on, stands before the message."""
    if rng.random() >= probability:
        return data
    head = bytearray(data[:_HEADER])
    place = rng.randrange(1, len(head)) if len(head) > 1 else 0
    digit = chr(head[place]).isdigit()
    head[place] = rng.choice(b"0123456789") if digit else rng.randrange(256)
    return bytes(head) + data


def garble(data: bytes, amount: float, rng: random.Random) -> bytes:
    """Nothing is as it was sent: the two ends read the line at different speeds."""
    return rng.randbytes(max(1, int(len(data) * amount)))


def steal(data: bytes, share: float, rng: random.Random) -> bytes:
    """Another program reads from the same port: whoever comes first gets a piece."""
    pieces = []
    here = 0
    while here < len(data):
        length = rng.randrange(1, 17)
        if rng.random() >= share:
            pieces.append(data[here : here + length])
        here += length
    return b"".join(pieces)


KINDS: Mapping[str, Damage] = {
    "cut": lose_tail,
    "half": lose_head,
    "garble": change_bytes,
    "flip": flip_bits,
    "drop": drop_bytes,
    "double": double_bytes,
    "insert": insert_bytes,
    "repeat": repeat,
    "false_length": add_false_length,
    "false_start": add_false_start,
    "noise": add_noise,
    "wrong_baud": garble,
    "shared": steal,
}
"""In the order in which a line does them when several are on."""
