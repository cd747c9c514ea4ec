"""What comes from elsewhere, besides the bytes of devices: each parser with a sample and what it may say of anything.

A parser takes what it is given, or refuses it in a sentence (CommandRefused, EnvironmentFault). The tests and the
fuzzer (`./run bench fuzz`) hold it to that.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import json
import runpy
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import resources
from devices.simulation.scenarios import load_scenario, scenario_text
from devices.transport.capture import CaptureWriter, Kind, read_capture
from exomonitor.clinical.gs1 import scan_label
from exomonitor.clinical.protocol import load_protocol, parse_protocol
from exomonitor.clinical.rulebook import Rulebook, parse_rulebook
from exomonitor.clinical.tables import Table, parse_table
from exomonitor.clock import ManualClock
from exomonitor.drafts import DraftField, FormDraft, open_drafts
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.bundle import export_session
from exomonitor.exports.chain import body_of
from exomonitor.exports.columns import EVENTS, MANIFEST, MANIFEST_HASH, READINGS, SESSION, SIGNATURE
from exomonitor.exports.manifest import manifest_hash
from exomonitor.exports.verify import prove
from exomonitor.headless import read_script
from exomonitor.integrity import canonical_json, sha256_hex
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.schema import METADATA, TRIGGERS
from exomonitor.records.verify import verify_database
from exomonitor.settings import load_settings
from tests.exomonitor.exports.made_up_session import whole_session
from tests.exomonitor.records.record_samples import SESSION as RECORDED
from tests.exomonitor.records.record_samples import fill, make_database, recording
from tests.exomonitor.untrusted_beside import BESIDE

YEAR = 2026
PROGRAM = "ExoMonitor fuzz"
VERIFIER = importlib.resources.files(resources) / "verifier" / "verify_export.py"
EXPORT_FILES = (MANIFEST, SESSION, READINGS, EVENTS, SIGNATURE, MANIFEST_HASH)
TABLES = ("course", "certificate", "actions", "symptoms")
Check = Callable[[bytes, Path], None]


@dataclass(frozen=True, slots=True)
class Target:
    """A parser: what it reads as a rule, and a run over other bytes in an empty folder. `text`: only text comes."""

    sample: Callable[[Path], bytes]
    check: Check
    text: bool = False


def refused_or_read(target: Target, data: bytes, folder: Path) -> bool:
    """Whether the parser took it; anything but a sentence of ours is an error of the parser and passes through."""
    try:
        target.check(data, folder)
    except (CommandRefused, EnvironmentFault) as told:
        said = str(told)
    else:
        return True
    assert said
    assert "Traceback" not in said
    return False


# --- barcodes, protocols, settings, scenarios, captures, drafts -------------------------------------------------------


def _scan(data: bytes, folder: Path) -> None:
    scan_label(data.decode("utf-8", "surrogateescape"), YEAR)


def _protocol(data: bytes, folder: Path) -> None:
    parse_protocol(data, "elsewhere.toml")


@cache
def _book() -> Rulebook:
    return load_protocol().rules


def _table(name: str) -> Check:
    """The table by itself; what passes is read once more with all the others."""

    def check(data: bytes, folder: Path) -> None:
        book = _book()
        tables = [getattr(book, field.name) for field in fields(book)]
        own = next(one for one in tables if isinstance(one, Table) and Path(one.name).stem == name)
        parse_table(type(own.content), data, own.name)
        parse_rulebook({**book.sources, own.name: data}, book.ctcae.content.version)

    return check


def _table_sample(name: str) -> Callable[[Path], bytes]:
    def sample(folder: Path) -> bytes:
        return next(data for file, data in _book().sources.items() if Path(file).stem == name)

    return sample


def _settings(data: bytes, folder: Path) -> None:
    (folder / "settings.toml").write_bytes(data)
    load_settings(folder)


def _scenario(data: bytes, folder: Path) -> None:
    path = folder / "elsewhere.toml"
    path.write_bytes(data)
    load_scenario(str(path))
    read_script(scenario_text(str(path)))


def _capture_sample(folder: Path) -> bytes:
    path, now = folder / "sample.excap", ManualClock().now()
    writer = CaptureWriter(path, "nonin")
    for kind in Kind:
        writer.add(kind, b"made-up bytes", now)
    writer.close()
    return path.read_bytes()


def _capture(data: bytes, folder: Path) -> None:
    path = folder / "elsewhere.excap"
    path.write_bytes(data)
    list(read_capture(path))


def _draft_sample(folder: Path) -> bytes:
    now = ManualClock().now().utc
    store = open_drafts(folder, (), now)
    store.keep(FormDraft("s-1", "note", {"text": DraftField("made-up note", now)}))
    return _draft_file(folder).read_bytes()


def _draft_file(folder: Path) -> Path:
    return next(path for path in sorted(folder.rglob("*")) if path.is_file())


def _draft(data: bytes, folder: Path) -> None:
    _draft_sample(folder)
    _draft_file(folder).write_bytes(data)
    open_drafts(folder, ("s-1",), ManualClock().now().utc)


# --- exports and databases --------------------------------------------------------------------------------------------


@cache
def _export() -> Mapping[str, bytes]:
    """The files of a small export, made once."""
    import tempfile

    script = whole_session(reactions=1, long_s=20)
    with tempfile.TemporaryDirectory() as name:
        folder = export_session(
            script.archive, "last", Path(name), protocol=load_protocol(), program=PROGRAM, now=script.clock.now()
        )
        return _shortened({path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()})


def _shortened(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """The same export up to its second batch of readings, without report and summary: proving what is left takes a
    millisecond, and a fuzzer wants thousands."""
    session = json.loads(files[SESSION])
    ends = [place for place, row in enumerate(session["journal"], 1) if row["type"] == "ReadingsStored"]
    rows = session["journal"] = session["journal"][: ends[1]]
    batches = {str(body_of(row).get("batch")) for row in rows if row["type"] == "ReadingsStored"}
    readings = files[READINGS].decode().splitlines(keepends=True)
    kept = [line for line in readings[1:] if line.rstrip().rpartition(",")[2] in batches]
    made = {
        SESSION: json.dumps(session).encode(),
        EVENTS: b"".join(files[EVENTS].splitlines(keepends=True)[: len(rows) + 1]),
        READINGS: "".join([readings[0], *kept]).encode(),
    }
    manifest = json.loads(files[MANIFEST])
    manifest["files"] = {name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in made.items()}
    manifest["chain_head"] = rows[-1]["hash"]
    manifest["counts"] |= {"journal_entries": len(rows), "readings": len(kept)}
    plain = canonical_json(manifest) + b"\n"
    return {**made, MANIFEST: plain, MANIFEST_HASH: manifest_hash(plain)}


def _exported(file: str) -> Target:
    def sample(folder: Path) -> bytes:
        return _export().get(file, b'{"made-up": "signature"}')

    def check(data: bytes, folder: Path) -> None:
        files = {**_export(), file: data}
        found = prove(files)
        if file in _export() and data != _export()[file]:
            assert found, f"a changed {file} was called intact"
        assert found or not _alone(files), "the two verifiers do not agree"
        assert not found or _alone(files), "the two verifiers do not agree"

    return Target(sample, check)


def _alone(files: Mapping[str, bytes]) -> list[str]:
    """What the verifier that lies in each export finds; files that it cannot take at all are refused in a sentence."""
    try:
        _, found = _verifier()["check"](dict(files), "")
    except (KeyError, ValueError, TypeError, RecursionError) as cause:  # its main() says that
        if "unhashable" in str(cause):
            raise
        return [f"cannot be read: {cause}"]
    return list(found)


@cache
def _verifier() -> Mapping[str, Any]:
    return runpy.run_path(str(VERIFIER))


def _database_sample(folder: Path) -> bytes:
    return _database_bytes()


@cache
def _database_bytes() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path, clock = Path(name) / "data" / "clinic.sqlite3", ManualClock()
        with recording(make_database(path, clock)) as recorder:
            fill(recorder, clock, 4, RECORDED)
        return path.read_bytes()


def _database(data: bytes, folder: Path) -> None:
    path = folder / "elsewhere.sqlite3"
    path.write_bytes(data)
    _look_at_all(path, folder)


def _row(data: bytes, folder: Path) -> None:
    """Another value in one column of one row of a whole database: a byte says which, one of what kind, the rest is it;
    then everything that proves and reads it."""
    path = folder / "elsewhere.sqlite3"
    path.write_bytes(_database_bytes())
    which, kind, rest = data[:1].hex() or "00", data[1:2].hex() or "00", data[2:]
    text = rest.decode("utf-8", "replace")
    values = (lambda: int(text[:19]), lambda: float(text), lambda: text, lambda: rest)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        places = [(table, column) for table in METADATA.tables.values() for column in table.columns]
        table, column = places[int(which, 16) % len(places)]
        for name in TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        with contextlib.suppress(ValueError, OverflowError, sqlite3.Error):  # a kind that the column does not take
            value = values[int(kind, 16) % len(values)]()
            statement = (
                f"UPDATE {table.name} SET {column.name} = ? WHERE rowid = (SELECT min(rowid) + ? FROM {table.name})"
            )
            connection.execute(statement, (value, int(kind, 16) // len(values)))
        for made in TRIGGERS.values():
            connection.execute(made)
    _look_at_all(path, folder)


def _look_at_all(path: Path, folder: Path) -> None:
    with contextlib.suppress(CommandRefused, EnvironmentFault):
        recover(path, folder / "new" / "clinic.sqlite3", PROGRAM, ManualClock())
    shutil.rmtree(folder / "new", ignore_errors=True)
    with contextlib.suppress(CommandRefused, EnvironmentFault):
        verify_database(path)
    archive = open_archive(path)
    for row in archive.sessions():
        archive.entries(row.session)
        list(archive.readings(row.session))
        list(archive.waves(row.session))


def _always(sample: bytes) -> Callable[[Path], bytes]:
    return lambda folder: sample


TARGETS: Mapping[str, Target] = {
    "barcode": Target(lambda folder: b"]d201006141410004181729063010DEMO-A12\x1d21000101", _scan, text=True),
    "protocol": Target(lambda folder: load_protocol().source, _protocol, text=True),
    **{f"table {name}": Target(_table_sample(name), _table(name), text=True) for name in TABLES},
    "settings": Target(
        lambda folder: b'station = "1"\nprotocol = ""\nchairs = ["1", "2"]\n[screen]\ndiagonal_in = 15.6\n',
        _settings,
        text=True,
    ),
    "scenario": Target(lambda folder: scenario_text("short").encode(), _scenario, text=True),
    "capture": Target(_capture_sample, _capture),
    "draft": Target(_draft_sample, _draft),
    **{f"export {file}": _exported(file) for file in EXPORT_FILES},
    **{name: Target(_always(sample), check) for name, (sample, check) in BESIDE.items()},
    "database": Target(_database_sample, _database),
    "database row": Target(lambda folder: bytes([3, 1]) + b"9e999", _row),
}
