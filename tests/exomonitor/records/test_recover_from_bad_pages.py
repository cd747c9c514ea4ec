"""Recovery against a second reading of the file: whatever lies whole on pages that were not damaged comes back."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exomonitor.clock import ManualClock
from exomonitor.records.raw_pages import opened
from exomonitor.records.salvage import loss_of, salvage
from exomonitor.session.events import NoteAdded
from tests.exomonitor.records.record_samples import draft, fill, make_database, recording

PAGE = 4096
LEAF, INTERIOR = 13, 5
TABLES = ("journal", "sealed", "readings")
MOST_IN_PAGE = PAGE - 35
"""A payload beyond this goes on on pages of its own (SQLite's file format, table leaf cells)."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A closed database of several sessions."""
    path: Path = tmp_path_factory.mktemp("pages") / "clinic.sqlite3"
    clock = ManualClock()
    with recording(make_database(path, clock)) as recorder:
        for number in range(3):
            fill(recorder, clock, 25, f"s-{number}")
            recorder.submit([draft(NoteAdded("a long made-up note " * 700), clock.advance(1), f"s-{number}")]).result()
    return path


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number as the file format writes it, and where the next one begins."""
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value, at + place + 1


def leaves(content: bytes, number: int) -> Iterator[int]:
    """The numbers of a table's leaf pages, from its root page on; page 1 begins with the header of the file."""
    begin = (number - 1) * PAGE
    head = begin + (100 if number == 1 else 0)
    if content[head] == LEAF:
        yield number
        return
    assert content[head] == INTERIOR
    for cell in range(int.from_bytes(content[head + 3 : head + 5], "big")):
        pointer = head + 12 + 2 * cell
        at = begin + int.from_bytes(content[pointer : pointer + 2], "big")
        yield from leaves(content, int.from_bytes(content[at : at + 4], "big"))
    yield from leaves(content, int.from_bytes(content[head + 8 : head + 12], "big"))


def rows_of(content: bytes, number: int) -> Iterator[int]:
    """The ids of the rows that lie whole on a leaf page."""
    begin = (number - 1) * PAGE
    for cell in range(int.from_bytes(content[begin + 3 : begin + 5], "big")):
        pointer = begin + 8 + 2 * cell
        at = begin + int.from_bytes(content[pointer : pointer + 2], "big")
        size, at = varint(content, at)
        if size <= MOST_IN_PAGE:
            yield varint(content, at)[0]


def where(path: Path, content: bytes) -> dict[str, dict[int, set[int]]]:
    """By table and page: the rows that lie whole on it."""
    with closing(sqlite3.connect(path)) as connection:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"))
    return {name: {page: set(rows_of(content, page)) for page in leaves(content, roots[name])} for name in TABLES}


def test_the_second_reading_finds_the_rows_that_sql_finds(whole):
    content = whole.read_bytes()
    places = where(whole, content)
    with closing(sqlite3.connect(whole)) as connection:
        for name in ("readings", "journal"):
            known = {row[0] for row in connection.execute(f"SELECT rowid FROM {name}")}
            found = set().union(*places[name].values())
            assert found <= known
            assert len(known - found) <= 3  # the entries that need pages of their own


@pytest.mark.parametrize("harm", ["noise", "zeros", "another page"])
def test_every_row_on_an_undamaged_page_comes_back_and_the_rest_is_counted(whole, tmp_path, harm):
    content = whole.read_bytes()
    places, chance = where(whole, content), random.Random(harm)
    count = len(content) // PAGE
    path = tmp_path / "damaged.sqlite3"
    lost_somewhere = 0
    for _ in range(25):
        data = bytearray(content)
        bad = chance.sample(range(1, count + 1), chance.randint(1, 6))
        for page in bad:
            other = chance.randrange(count) * PAGE
            new = {"noise": chance.randbytes(PAGE), "zeros": bytes(PAGE)}.get(harm, content[other : other + PAGE])
            data[(page - 1) * PAGE : page * PAGE] = new
        path.write_bytes(data)
        with opened(path) as raw:
            found = salvage(raw)
        loss = loss_of(found)
        good = {name: set().union(*(rows for page, rows in places[name].items() if page not in bad)) for name in TABLES}
        assert good["journal"] <= found.journal.keys()
        assert good["readings"] <= found.readings.keys()
        end = max(found.journal, default=0)
        assert set(loss.entries) >= set(range(1, end + 1)) - found.journal.keys()
        lost_somewhere += bool(loss.entries)
    assert lost_somewhere
