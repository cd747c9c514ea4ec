"""What comes from elsewhere, besides the bytes of devices: each parser with a sample and what it may say of anything.

A parser takes what it is given, or refuses it in a sentence (CommandRefused, EnvironmentFault). The tests and the
fuzzer (`./run bench fuzz`) hold it to that.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import io
import runpy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import resources
from devices.simulation.scenarios import load_scenario, scenario_text
from devices.transport.capture import CaptureWriter, Kind, read_capture
from exomonitor.clinical.gs1 import scan_label
from exomonitor.clinical.protocol import load_protocol, parse_protocol
from exomonitor.clinical.rulebook import parse_rulebook
from exomonitor.clock import ManualClock
from exomonitor.drafts import DraftField, FormDraft, open_drafts
from exomonitor.errors import CommandRefused, EnvironmentFault
from exomonitor.exports.bundle import export_session
from exomonitor.exports.verify import verify_export
from exomonitor.headless import read_script
from exomonitor.records.queries import open_archive
from exomonitor.records.recover import recover
from exomonitor.records.verify import verify_database
from exomonitor.settings import load_settings
from tests.exomonitor.exports.made_up_session import whole_session
from tests.exomonitor.records.record_samples import SESSION, fill, make_database, recording

YEAR = 2026
PROGRAM = "ExoMonitor fuzz"
VERIFIER = importlib.resources.files(resources) / "verifier" / "verify_export.py"
EXPORT_FILES = ("manifest.json", "session.json", "readings.csv", "events.csv", "manifest.sig", "manifest.sha256")
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


def _table(name: str) -> Check:
    def check(data: bytes, folder: Path) -> None:
        book = load_protocol().rules
        file = next(file for file in book.sources if Path(file).stem == name)
        parse_rulebook({**book.sources, file: data}, book.ctcae.content.version)

    return check


def _table_sample(name: str) -> Callable[[Path], bytes]:
    def sample(folder: Path) -> bytes:
        return next(data for file, data in load_protocol().rules.sources.items() if Path(file).stem == name)

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
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _exported(file: str) -> Target:
    def sample(folder: Path) -> bytes:
        return _export().get(file, b'{"made-up": "signature"}')

    def check(data: bytes, folder: Path) -> None:
        for name, content in {**_export(), file: data}.items():
            (folder / name).write_bytes(content)
        found = verify_export(folder)
        if file in _export() and data != _export()[file]:
            assert found, f"a changed {file} was called intact"
        with contextlib.redirect_stdout(io.StringIO()):
            code = _alone()([str(folder)])
        assert code != 0 or not found, "the two verifiers do not agree"

    return Target(sample, check)


@cache
def _alone() -> Callable[[list[str]], int]:
    """The verifier that lies in each export, as a program of its own."""
    main: Callable[[list[str]], int] = runpy.run_path(str(VERIFIER))["main"]
    return main


def _database_sample(folder: Path) -> bytes:
    return _database_bytes()


@cache
def _database_bytes() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path, clock = Path(name) / "data" / "clinic.sqlite3", ManualClock()
        with recording(make_database(path, clock)) as recorder:
            fill(recorder, clock, 4, SESSION)
        return path.read_bytes()


def _database(data: bytes, folder: Path) -> None:
    path = folder / "elsewhere.sqlite3"
    path.write_bytes(data)
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
    "database": Target(_database_sample, _database),
}
