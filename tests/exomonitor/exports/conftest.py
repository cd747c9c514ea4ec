"""One made-up session, played and exported once for all tests of this folder; tests work on copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exomonitor.clinical.protocol import ClinicProtocol, load_protocol
from exomonitor.exports.bundle import export_session
from exomonitor.exports.material import Material, gather
from tests.exomonitor.exports.made_up_session import SESSION, Script, whole_session

PROGRAM = "ExoMonitor 0.1.0"
Export = Callable[..., Path]


@pytest.fixture(scope="session")
def protocol() -> ClinicProtocol:
    """The shipped protocol."""
    return load_protocol()


@pytest.fixture(scope="session")
def played() -> Script:
    """A whole session with two reactions; nobody adds to it."""
    return whole_session(reactions=2)


@pytest.fixture(scope="session")
def export(protocol: ClinicProtocol) -> Export:
    """Export a played session as the command line does."""

    def run(script: Script, out: Path, **wishes: object) -> Path:
        now = script.clock.now()
        return export_session(script.archive, "last", out, protocol=protocol, program=PROGRAM, now=now, **wishes)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def exported_once(played: Script, export: Export, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The two exports of the played session by `identified`: to read, not to touch."""
    out = tmp_path_factory.mktemp("exports")
    return {
        False: export(played, out),
        True: export(played, out, identified=True, reason="audit by the clinic"),
    }


@pytest.fixture(scope="session")
def exported_briefly(export: Export, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A de-identified export with few readings: copied and damaged by many tests."""
    return export(whole_session(reactions=1, long_s=60), tmp_path_factory.mktemp("brief"))


@pytest.fixture
def exported(exported_briefly: Path, tmp_path: Path) -> Path:
    """A de-identified export of its own for a test that changes it."""
    return Path(shutil.copytree(exported_briefly, tmp_path / "copy"))


@pytest.fixture(scope="session")
def made_of(protocol: ClinicProtocol) -> Callable[..., Material]:
    """What a report is made of, from a played session."""

    def run(script: Script, *, identified: bool = False) -> Material:
        now = script.clock.now()
        return gather(
            script.archive, script.archive.readable(SESSION), protocol, program=PROGRAM, now=now, identified=identified
        )

    return run
