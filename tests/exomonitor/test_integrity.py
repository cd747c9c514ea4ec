"""Canonical JSON, sealed texts and hashes: the same meaning gives the same bytes, another meaning others."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exomonitor.integrity import (
    JOURNAL_COLUMNS,
    batch_sha256,
    canonical_json,
    new_salt,
    reading_line,
    row_hash,
    sealed_digest,
    stored_row_fits,
)

ROW = {
    "utc": "2026-03-02T09:00:00.000Z", "mono_ns": 5, "boot_id": "b", "source": "monitor", "channel": "", "name": "hr",
    "value": 72, "unit": "/min", "validity": "valid", "origin": "device", "measured_utc": None,
}  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_the_order_of_keys_changes_nothing(value: dict[str, object]):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


def test_canonical_json_has_no_blanks_and_no_nan():
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))


def test_a_sealed_text_is_the_hash_of_salt_and_text():
    salt = "00ff" * 8
    assert sealed_digest(salt, "Jané") == hashlib.sha256(b"\x00\xff" * 8 + "Jané".encode()).hexdigest()
    assert new_salt() != new_salt()
    assert len(bytes.fromhex(new_salt())) == 16


@pytest.mark.parametrize("salt", ["", "00", "00ff" * 8 + "6e", "00ff " * 8, "00FF" * 8, "zz" * 16])
def test_a_salt_of_another_length_could_hide_the_beginning_of_a_text_and_is_none(salt):
    with pytest.raises(ValueError, match="salt"):
        sealed_digest(salt, "o reaction")


@given(st.sampled_from(sorted(ROW)), st.text(min_size=1, max_size=5))
def test_every_column_but_the_hash_itself_is_in_the_hash_of_a_row(key: str, other: str):
    assert row_hash({**ROW, key: other}) != row_hash(ROW) or other == ROW[key]
    assert row_hash({**ROW, "hash": other}) == row_hash(ROW)


@given(
    st.dictionaries(st.sampled_from(["a", "boot_id", "é"]), st.text() | st.integers() | st.none()),
    st.text(),
    st.integers(),
)
def test_a_row_as_it_is_stored_has_the_same_hash(body: dict[str, object], text: str, number: int):
    numbers = {"seq", "session_seq", "mono_ns"}
    row = {name: number if name in numbers else f"{name} {text}" for name in JOURNAL_COLUMNS}
    try:
        digest = row_hash({**row, "body": body})
    except UnicodeEncodeError:  # half a character, which nothing stores
        return
    stored = {**row, "body": canonical_json(body).decode(), "hash": digest}
    assert stored_row_fits(stored)
    assert not stored_row_fits({**stored, "body": f" {stored['body']}"})
    for name in set(JOURNAL_COLUMNS) - {"body", "hash"}:
        other = number + 1 if name in numbers else f"{row[name]}x"
        assert not stored_row_fits({**stored, name: other})


def test_a_whole_number_and_a_float_are_one_reading():
    assert reading_line(ROW) == reading_line({**ROW, "value": 72.0, "mono_ns": "5", "measured_utc": ""})
    assert reading_line(ROW) != reading_line({**ROW, "value": None})


def test_order_and_number_of_rows_are_in_a_batch():
    other = {**ROW, "value": 73}
    assert len({batch_sha256(rows) for rows in ([ROW, other], [other, ROW], [ROW], [])}) == 4
