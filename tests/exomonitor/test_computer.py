"""What this computer tells of its disk, its mains and its battery, from folders as Linux lays them out."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from exomonitor.computer import NOT_TOLD, RESTART, Computer, ComputerWatch, look, restart_pending, sysfs_power


def supply(folder: Path, name: str, **words: str) -> None:
    (folder / name).mkdir(parents=True)
    for file, word in words.items():
        (folder / name / file).write_text(f"{word}\n", encoding="ascii")


def laptop(folder: Path, online: str, capacity: str) -> Path:
    supply(folder, "AC", type="Mains", online=online)
    supply(folder, "BAT0", type="Battery", capacity=capacity, status="Discharging" if online == "0" else "Charging")
    return folder


@pytest.mark.parametrize(("online", "mains"), [("1", True), ("0", False)])
def test_a_laptop(tmp_path: Path, online: str, mains: bool):
    assert sysfs_power(laptop(tmp_path, online, "57")) == (mains, 57)


def test_two_batteries_and_no_word_of_the_mains(tmp_path: Path):
    supply(tmp_path, "BAT0", type="Battery", capacity="40", status="Discharging")
    supply(tmp_path, "BAT1", type="Battery", capacity="60", status="Unknown")
    assert sysfs_power(tmp_path) == (False, 50)


def test_a_mouse_has_a_battery_too(tmp_path: Path):
    supply(tmp_path, "hid", type="Battery", scope="Device", capacity="5", status="Discharging")
    assert sysfs_power(tmp_path) == (None, None)


def test_a_computer_that_does_not_tell(tmp_path: Path):
    assert sysfs_power(tmp_path / "nowhere") == (None, None)
    assert Computer().power_words == NOT_TOLD


def test_a_desktop_on_mains_and_one_whose_port_is_empty(tmp_path: Path):
    supply(tmp_path, "AC", type="Mains", online="1")
    assert sysfs_power(tmp_path) == (True, None)
    supply(tmp_path / "other", "usb", type="USB", online="0")
    assert sysfs_power(tmp_path / "other") == (None, None)


def test_a_look_tells_the_room_on_the_disk(tmp_path: Path):
    found = look(tmp_path, laptop(tmp_path / "power", "0", "9"))
    assert found.free_mb is not None
    assert found.free_mb > 0
    assert found.power_words == "ON BATTERY, battery 9 %"
    assert look(tmp_path / "gone", tmp_path).free_mb is None


def test_the_watch_tells_what_has_changed_and_ends():
    answers = iter([Computer(1), Computer(1), Computer(2)])
    told: list[Computer] = []
    enough = threading.Event()

    def ask() -> Computer:
        found = next(answers, None)
        if found is None:
            enough.set()
        return found or Computer(2)

    watch = ComputerWatch(ask, told.append, every_s=0.001)
    watch.start()
    assert enough.wait(10)
    watch.close()
    assert told == [Computer(1), Computer(2)]


@pytest.mark.expects_log("this computer could not be asked")
def test_a_computer_that_cannot_be_asked_tells_nothing():
    told: list[Computer] = []
    done = threading.Event()

    def ask() -> Computer:
        raise ZeroDivisionError

    def hear(found: Computer) -> None:
        told.append(found)
        done.set()

    watch = ComputerWatch(ask, hear, every_s=60.0)
    watch.start()
    assert done.wait(10)
    watch.close()
    assert told == [Computer()]


def test_a_restart_that_waits_is_told_where_the_system_tells(tmp_path):
    mark = tmp_path / "reboot-required"
    assert restart_pending((mark,)) is None
    mark.write_text("*** System restart required ***")
    assert restart_pending((mark,)) is True
    assert Computer(restart_pending=True).restart_words == RESTART
    assert Computer().restart_words == ""


@pytest.mark.parametrize("pending", [True, False])
def test_windows_keeps_a_key_while_an_update_waits(monkeypatch, pending):
    asked: list[str] = []

    class Registry:
        HKEY_LOCAL_MACHINE = 1

        def OpenKey(self, root: int, key: str) -> str:
            asked.append(key)
            if not (pending and key.endswith("RebootRequired")):
                raise FileNotFoundError(key)
            return key

        def CloseKey(self, key: str) -> None:
            assert key in asked

    monkeypatch.setitem(sys.modules, "winreg", Registry())
    monkeypatch.setattr(sys, "platform", "win32")
    assert restart_pending() is pending
    assert len(asked) == 2
