"""The list of ports says what the system says, in order, and opens nothing."""

from __future__ import annotations

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from devices.discovery import find_ports


def test_ports_come_by_name_with_their_usb_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    usb, plain = ListPortInfo("/dev/ttyUSB0"), ListPortInfo("/dev/ttyS0")
    usb.vid, usb.pid, usb.serial_number, usb.description, usb.location = 0x0403, 0x6001, "FT1", "USB serial", "1-2"
    monkeypatch.setattr(list_ports, "comports", lambda: [usb, plain])
    first, second = find_ports()
    assert (first.name, first.usb_id, first.serial, first.description) == ("/dev/ttyS0", "", "", "")
    assert (second.name, second.usb_id, second.serial, second.location) == ("/dev/ttyUSB0", "0403:6001", "FT1", "1-2")


def test_a_machine_without_ports_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_ports, "comports", list)
    assert find_ports() == ()
