"""What lies beside a record and may be anybody's: lease, keys, mark, planned restore; and the table of a wave chunk.

Each with a sample and its parser, for `untrusted.TARGETS`.
"""

from __future__ import annotations

import contextlib
import fcntl
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from unittest import mock

import pytest

from exomonitor.clock import ManualClock
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.lease import ENDING as LEASE
from exomonitor.lease import LeaseTaken, take_lease
from exomonitor.records import keys
from exomonitor.records.batches import sample_bytes, second_digest
from exomonitor.records.keys import FILE as KEY_FILE
from exomonitor.records.keys import RecordKey, forget_keys, key_for_new, key_of, keys_near
from exomonitor.records.restore_later import carry_out
from exomonitor.records.signed_mark import read_mark
from exomonitor.records.wave_codec import DamagedChunk, WaveKey, chunk_crc, unpack
from exomonitor.signing import PRIVATE_FILE, PUBLIC_FILE, fits, open_key, public_beside


def _mark(data: bytes, folder: Path) -> None:
    (folder / "clinic.sqlite3.signed").write_bytes(data)
    mark = read_mark(folder / "clinic.sqlite3.signed")
    assert mark is None or not mark.fits


def _plan(data: bytes, folder: Path) -> None:
    (folder / "clinic.sqlite3.restore").write_bytes(data)
    done, told = carry_out(folder / "clinic.sqlite3", ManualClock().now().utc)
    assert done is None
    assert told
    assert not (folder / "clinic.sqlite3.restore").exists()


def _lease(data: bytes, folder: Path) -> None:
    """Who a lease names that somebody else holds: in one line, whatever stands there."""
    path = folder / f"clinic.sqlite3{LEASE}"
    path.write_bytes(data)
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(LeaseTaken) as told:
            take_lease(folder / "clinic.sqlite3", "bay-2", "2026-03-02T09:00:00.000Z")
    assert str(told.value).isprintable()


def _record_key(data: bytes, folder: Path) -> None:
    """A data folder whose `record.key` holds this: the key for a new database, and that of one whose key it names."""
    (folder / KEY_FILE).write_bytes(data)
    (folder / "clinic.sqlite3").write_bytes(RECORD_KEY.beginning)
    with no_key_store():
        for look in (key_for_new, lambda place: key_of(place / "clinic.sqlite3")):
            forget_keys()
            with contextlib.suppress(CommandRefused, EnvironmentFault):
                found = look(folder)
                assert found is None or found.id in data.decode()
        list(map(repr, _near(folder)))


def _near(folder: Path) -> list[RecordKey]:
    with contextlib.suppress(CommandRefused, EnvironmentFault):
        return list(keys_near(folder / "clinic.sqlite3"))
    return []


@contextlib.contextmanager
def no_key_store() -> Iterator[None]:
    """Nobody's own key store is asked for made-up keys."""
    with mock.patch.object(keys, "_stored", return_value=None):
        yield
    forget_keys()


def _station_key(data: bytes, folder: Path) -> None:
    """The workstation's own key; and the public one beside a database."""
    (folder / PRIVATE_FILE).write_bytes(data)
    (folder / PUBLIC_FILE).write_bytes(data)
    public_beside(folder / "clinic.sqlite3")
    key = open_key(folder)
    assert fits(key.public, key.sign(data), data)
    assert public_beside(folder / "clinic.sqlite3") == key.public


def _chunk(data: bytes, folder: Path) -> None:
    """The table of a chunk, whose checksum anybody can make to fit."""
    seconds, samples = zlib.compress(data), bytes([1]) + zlib.compress(bytes(4))
    key = WaveKey("s-1", "monitor", "pleth", 100.0, 1.0, "1", "device")
    with contextlib.suppress(DamagedChunk):
        for placed in unpack(key, seconds, samples, chunk_crc(seconds, samples)):
            second_digest(placed.second, sample_bytes(placed.second.samples))


LEASED = b'{"station": "bay-1", "process": 4711, "since": "2026-03-02T09:00:00.000Z"}\n'
RECORD_KEY = RecordKey(bytes(range(32)))
KEY_LINES = f"# made up\nat 0011223344556677 elsewhere.key\nkey {RECORD_KEY.id} {RECORD_KEY.secret.hex()}\n".encode()
CHUNK = b'{"batch":[1],"boot":[0],"boots":["boot-1"],"count":[2],"mono_ns":[5],"ms":[1772442180000],"place":[0]}'
MARK = b'{"database_id":"d","hash":"00","public_key":"00","seq":3,"signature":"00"}'

BESIDE: Mapping[str, tuple[bytes, Callable[[bytes, Path], None]]] = {
    "mark": (MARK, _mark),
    "planned restore": (b'{"backup": "b.sqlite3", "present": [3, "00"], "by": "u-1"}', _plan),
    "lease": (LEASED, _lease),
    "record key": (KEY_LINES, _record_key),
    "station key": (b"1f" * 32 + b"\n", _station_key),
    "wave chunk": (CHUNK, _chunk),
}
