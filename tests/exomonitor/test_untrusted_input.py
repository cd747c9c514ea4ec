"""Whatever comes from elsewhere is read, or refused in a sentence: samples with damage, and noise, for each parser."""

from __future__ import annotations

import random

import pytest

from tests.exomonitor.untrusted import TARGETS, refused_or_read
from tests.exomonitor.untrusted_beside import RECORD_KEY

TRIES = {"barcode": 200, "capture": 100, "database": 10, "database row": 15, "draft": 40, "lease": 60,
         "mark": 60, "planned restore": 40, "protocol": 20, "record key": 60, "settings": 60, "station key": 60,
         "wave chunk": 200}  # fmt: skip
USUAL_TRIES = 8
TOKENS = (b"[[", b"]]", b"{", b"}", b"=", b'"', b"\x00", b"\xff", b"1e999", b"-1", b"nan", b"null", b"[" * 3000, b",",
          b"9" * 5000, b"0001-01-01", b"true", b"\n", b"inf", b'\\ud800', b"{}" , b"[]", b"\xed\xa0\x80")  # fmt: skip


def damaged(sample: bytes, dice: random.Random) -> bytes:
    """The sample with a few places changed, cut off, doubled, or something strange put in."""
    data = bytearray(sample)
    for _ in range(dice.choice((1, 1, 2, 5))):
        at = dice.randrange(len(data) + 1)
        size = dice.choice((1, 1, 4, 60))
        match dice.choice(("change", "cut", "drop", "double", "token")):
            case "change":
                data[at : at + size] = dice.randbytes(min(size, len(data) - at))
            case "cut":
                del data[at:]
            case "drop":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case _:
                data[at:at] = dice.choice(TOKENS)
    return bytes(data)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_it_is_read_or_refused_in_a_sentence(name, tmp_path, caplog):
    target, dice = TARGETS[name], random.Random(name)
    made = tmp_path / "sample"
    made.mkdir()
    sample = target.sample(made)
    for number in range(TRIES.get(name, USUAL_TRIES)):
        folder = tmp_path / str(number)
        folder.mkdir()
        data = sample if number == 0 else dice.randbytes(300) if number < 4 else damaged(sample, dice)
        taken = refused_or_read(target, data, folder)
        assert taken or number > 0, "the sample itself is refused"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("lease", b"[" * 1990),
        ("lease", b'{"station": "\x1b[2K\\u202ebay", "process": 1, "since": "\\ud800"}'),
        ("lease", b'{"station": "x", "since": "y", "process": 1e999}'),
        ("planned restore", b"[" * 9000),
        ("record key", f"at {RECORD_KEY.id} a\0b\n".encode()),
        ("record key", f"key {RECORD_KEY.id} {'00' * 32}\n".encode()),
    ],
)
def test_what_was_found_once_stays_mended(name, data, tmp_path):
    refused_or_read(TARGETS[name], data, tmp_path)
