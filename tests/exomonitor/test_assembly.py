"""A station put together on a data folder: which protocol is in force, and that a session keeps its own."""

from __future__ import annotations

from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from exomonitor.assembly import assemble
from exomonitor.clinical.protocol import DEFAULT_FILE, load_protocol
from exomonitor.clock import ManualClock
from exomonitor.engine.situation import Proof
from exomonitor.errors import EnvironmentFault
from exomonitor.library import ProtocolLibrary
from exomonitor.session.commands import OpenSession
from exomonitor.session.parts.handover import SignIn
from exomonitor.session.parts.people import AddUser
from exomonitor.session.parts.protocol import AdoptProtocol
from exomonitor.settings import Settings, save_settings
from exomonitor.station import Station

CHAIR, PROGRAM, PIN = "4", "ExoMonitor test", "4711"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def clinic(tmp_path: Path) -> Path:
    """A clinic's folder: version 2.0 and another spacing of doses."""
    folder = tmp_path / "clinic"
    folder.mkdir()
    for name, old, new in (
        (DEFAULT_FILE, 'version = "1.0"', 'version = "2.0"'),
        ("course.toml", "latest_days = 28", "latest_days = 21"),
    ):
        text = (files("resources") / "protocols" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return folder


@contextmanager
def station(data, clock):
    data.mkdir(exist_ok=True)
    made = assemble(clock, data / "demo.sqlite3", PROGRAM, simulated=True, chair=CHAIR, watched=False)
    try:
        made.resume()
        made.runtime.settle()
        yield made
    finally:
        made.close()


def do(made, command):
    answer = made.submit(command)
    made.runtime.settle()
    return answer.result(5)


def prove(made: Station, login: str) -> Proof:
    return made.prove(login, PIN).result(5)


def add(made, name, roles, proof=""):
    return do(made, AddUser(CHAIR, "", name, roles, made.seal_pin(PIN).result(5), proof=proof)).answer


def adopt(made, admin, clinic):
    protocol = made.protocols.read(clinic)
    made.protocols.keep(protocol)
    token = prove(made, admin).token
    do(made, AdoptProtocol(CHAIR, "", protocol.name, protocol.version, protocol.sha256, protocol.rules.sha256, token))


def open_session(made, nurse):
    do(made, SignIn(CHAIR, "", prove(made, nurse).token))
    do(made, OpenSession(CHAIR, nurse))


def test_the_shipped_protocol_is_in_force_until_another_is_adopted(data, clinic):
    clock = ManualClock()
    with station(data, clock) as made:
        assert made.protocol == load_protocol()
        admin = add(made, "A. DEMO-ADMIN", ("administrator",))
        adopt(made, admin, clinic)
        assert made.protocol.version == "1.0"
    with station(data, clock) as made:
        assert made.protocol.version == "2.0"
        assert made.protocol.rules.course.content.initial.latest_days == 21


def test_an_open_session_keeps_its_own_over_the_restart_and_in_its_export(data, clinic, tmp_path):
    clock = ManualClock()
    with station(data, clock) as made:
        admin = add(made, "A. DEMO-ADMIN", ("administrator",))
        nurse = add(made, "Nurse DEMO-EXAMPLE", ("nurse",), prove(made, admin).token)
        open_session(made, nurse)
        adopt(made, admin, clinic)
    with station(data, clock) as made:
        assert made.latest().session is not None
        assert made.protocol.version == "1.0"
        assert made.runtime.engine.chair(CHAIR).protocol.rules.course.content.initial.latest_days == 28
        folder = made.export_now("last", tmp_path / "out", ("json",), "", "")
    assert load_protocol().sha256 in (folder / "session.json").read_text(encoding="utf-8")


@pytest.mark.expects_log("the adopted protocol .* is gone")
def test_an_adopted_protocol_that_is_gone_is_said_in_the_log_and_the_shipped_one_is_used(data, clinic):
    clock = ManualClock()
    with station(data, clock) as made:
        adopt(made, add(made, "A. DEMO-ADMIN", ("administrator",)), clinic)
    for place in ProtocolLibrary(data).folder.iterdir():
        place.rename(place.with_name(f".{place.name}"))
    with station(data, clock) as made:
        assert made.protocol == load_protocol()


def test_the_settings_may_name_a_file_as_long_as_nothing_was_adopted(data, clinic):
    save_settings(data, Settings(protocol=str(clinic / DEFAULT_FILE)))
    with station(data, ManualClock()) as made:
        assert made.protocol.version == "2.0"
    save_settings(data, Settings(protocol=str(clinic / "nowhere.toml")))
    with pytest.raises(EnvironmentFault, match=r"nowhere\.toml: cannot be read"), station(data, ManualClock()):
        pass
