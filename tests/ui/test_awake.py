"""No screen saver and no sleep while somebody is watched; what each system is asked, with systems that only write."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from exomonitor.engine.snapshot import OtherPlace
from tests.ui import scenes
from ui.awake import Awake, LinuxWakefulness, MacWakefulness, QtBus, WindowsWakefulness, wakefulness, watched


@dataclass
class Way:
    """Agrees or not, and remembers."""

    agrees: bool = True
    done: list[str] = field(default_factory=list)

    def hold(self) -> bool:
        self.done.append("hold")
        return self.agrees

    def release(self) -> None:
        self.done.append("release")


@dataclass
class FakeBus:
    """Answers every call with the same."""

    answer: Any
    calls: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    closed: int = 0

    def call(self, place: Sequence[str], method: str, arguments: Sequence[Any]) -> Any:
        self.calls.append((place[0], method, list(arguments)))
        return self.answer

    def close(self) -> None:
        self.closed += 1


def test_it_is_held_from_the_first_picture_of_a_session_to_its_end(qtbot):
    way = Way()
    awake = Awake(way)
    for picture in (scenes.empty_chair(), scenes.normal(), scenes.normal(), scenes.empty_chair()):
        awake.show_snapshot(picture)
    assert way.done == ["hold", "release"]
    awake.show_snapshot(scenes.normal())
    awake.close()
    awake.close()
    assert way.done == ["hold", "release", "hold", "release"]


def test_a_patient_in_another_place_of_the_station_counts_too():
    elsewhere = replace(scenes.empty_chair(), others=(OtherPlace("5", "DOE, Jane", urgent=False),))
    assert watched(elsewhere)
    assert not watched(replace(elsewhere, others=(OtherPlace("5", "", urgent=False),)))


def test_a_system_that_does_not_agree_is_asked_once(qtbot):
    way = Way(agrees=False)
    awake = Awake(way)
    awake.show_snapshot(scenes.normal())
    awake.show_snapshot(scenes.normal())
    assert way.done == ["hold"]
    nobody = Awake(None)
    nobody.show_snapshot(scenes.normal())
    nobody.close()
    assert not nobody.held


def test_linux_asks_the_screen_saver_and_logind_and_hangs_up():
    session, system = FakeBus(42), FakeBus(object())
    way = LinuxWakefulness(session, system)
    assert way.hold()
    assert way.hold()
    ((saver, method, words),) = session.calls
    assert (saver, method, words[0]) == ("org.freedesktop.ScreenSaver", "Inhibit", "ExoMonitor")
    ((logind, _, told),) = system.calls
    assert logind == "org.freedesktop.login1"
    assert (told[0], told[3]) == ("sleep:idle:handle-lid-switch", "block")
    way.release()
    assert (session.closed, system.closed) == (1, 1)
    assert way.hold()
    assert len(session.calls) == len(system.calls) == 2


def test_linux_without_anybody_to_ask_did_not_agree():
    assert not LinuxWakefulness(FakeBus(None), FakeBus(None)).hold()
    assert LinuxWakefulness(FakeBus(None), FakeBus(1)).hold()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="D-Bus is Linux's")
def test_without_a_bus_qt_answers_nothing(qtbot, monkeypatch, tmp_path):
    for name in ("DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, f"unix:path={tmp_path / 'nobody'}")
    for system in (True, False):
        bus = QtBus(system=system)
        assert bus.call(("org.freedesktop.login1", "/", "org.freedesktop.login1.Manager"), "Inhibit", []) is None
        bus.close()


def test_windows_is_told_what_is_needed_and_that_no_more_is():
    asked: list[int] = []

    def ask(flags: int) -> int:
        asked.append(flags)
        return 1

    way = WindowsWakefulness(ask)
    assert way.hold()
    way.release()
    assert asked == [0x8000_0003, 0x8000_0000]
    assert not WindowsWakefulness(lambda _: 0).hold()


def test_mac_runs_a_program_for_as_long_as_it_is_held():
    way = MacWakefulness([sys.executable, "-c", "import threading; threading.Event().wait()"])
    assert way.hold()
    process = way._process
    assert process is not None
    assert way.hold()
    assert way._process is process
    way.release()
    way.release()
    assert process.returncode is not None
    assert not MacWakefulness(["no-such-program-anywhere"]).hold()


@pytest.mark.parametrize(
    ("system", "kind"), [("win32", WindowsWakefulness), ("darwin", MacWakefulness), ("linux", LinuxWakefulness)]
)
def test_each_system_has_its_way(monkeypatch, system, kind):
    monkeypatch.setattr(sys, "platform", system)
    assert type(wakefulness()) is kind
    monkeypatch.setattr(sys, "platform", "aix")
    assert wakefulness() is None
