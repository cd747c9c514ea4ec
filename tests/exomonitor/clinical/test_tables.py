"""How a clinic's table is read: what it says of itself, and what is said when it is wrong."""

from decimal import Decimal

import pytest

from exomonitor.clinical.tables import NOT_APPROVED, Row, SignedTable, line_of, parse_table, read_table
from exomonitor.errors import EnvironmentFault
from exomonitor.integrity import sha256_hex


class _Call(Row):
    key: str
    due_h: Decimal


class _Sample(SignedTable):
    limits: _Call
    call: tuple[_Call, ...]


GOOD = b"""version = "1.2"
author = "A. Example"

[limits]
key = "l"
due_h = 1.5

# the calls
[[call]]
key = "first"
due_h = 24

[[call]]
key = "second"
due_h = 48
"""


def test_a_table_says_who_made_and_who_approved_it():
    table = parse_table(_Sample, GOOD, "ours.toml")
    assert table.content.approval == NOT_APPROVED
    signed = b'approved_by = "B. Example MD"\napproved_on = 2026-10-01\n' + GOOD
    assert parse_table(_Sample, signed, "ours.toml").content.approval == "approved by B. Example MD on 2026-10-01"


def test_a_table_is_known_by_the_hash_of_its_bytes():
    table = parse_table(_Sample, GOOD, "ours.toml")
    assert table.sha256 == sha256_hex(GOOD)
    assert table.citation == f"ours.toml v1.2 ({table.sha256[:12]})"


def test_numbers_keep_their_decimals():
    assert parse_table(_Sample, GOOD, "x").content.limits.due_h == Decimal("1.5")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"due_h = 48", b'due_h = "soon"', "Table ours.toml, line 15: call.2.due_h: "),
        (b"due_h = 48", b"", "Table ours.toml, line 13: call.2.due_h: Field required"),
        (b"due_h = 1.5", b"due_hours = 1.5", "Table ours.toml, line 4: limits.due_h: Field required (and 1 more)"),
        (b'author = "A. Example"', b"", "Table ours.toml: author: Field required"),
        (b'version = "1.2"', b'version = ""', "Table ours.toml, line 1: version: "),
        (b"[limits]", b"[limits", "Table ours.toml: Expected ']' at the end of a table declaration (at line 4"),
    ],
)
def test_a_wrong_table_is_refused_with_file_line_and_field(old, new, said):
    assert old in GOOD
    with pytest.raises(EnvironmentFault) as caught:
        parse_table(_Sample, GOOD.replace(old, new), "ours.toml")
    assert str(caught.value).startswith(said)


def test_a_table_that_is_not_there_or_not_text_is_named(tmp_path):
    with pytest.raises(EnvironmentFault, match=r"none\.toml: cannot be read"):
        read_table(_Sample, "none.toml", tmp_path / "none.toml")
    with pytest.raises(EnvironmentFault, match=r"missing\.toml: cannot be read"):
        read_table(_Sample, "missing.toml")
    with pytest.raises(EnvironmentFault, match="not UTF-8 text at byte 0"):
        parse_table(_Sample, b"\xff", "x")


def test_a_clinics_own_table_is_read_from_its_path(tmp_path):
    own = tmp_path / "own.toml"
    own.write_bytes(GOOD)
    assert read_table(_Sample, "ours.toml", own).name == str(own)


def test_a_line_is_found_as_deep_as_the_text_goes():
    text = GOOD.decode()
    assert line_of(("call", 0, "key"), text) == 10
    assert line_of(("call", 1, "key"), text) == 14
    assert line_of(("limits", "nothing", "here"), text) == 4
    assert line_of(("nowhere",), text) is None
