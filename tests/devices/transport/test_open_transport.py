"""What a port's text names."""

from __future__ import annotations

import pytest

from devices.spec import PortSettings
from devices.transport.base import open_transport
from exomonitor.errors import CommandRefused

LINE = PortSettings(9600)


@pytest.mark.parametrize(
    "port", ["/dev/ttyUSB0", "COM3", "socket://10.0.0.5:4001", "listen://0.0.0.0:7000", "replay:///tmp/a.bin"]
)
def test_a_port_keeps_the_name_that_the_person_gave(port: str) -> None:
    assert open_transport(port, LINE).name == port


@pytest.mark.parametrize("port", ["", "  ", "ftp://host:1", "socket://host", "socket://:4001", "listen://host:99999"])
def test_text_that_names_no_port_is_refused(port: str) -> None:
    with pytest.raises(CommandRefused):
        open_transport(port, LINE)


def test_an_ipv6_host_may_stand_in_brackets() -> None:
    assert open_transport("socket://[::1]:4001", LINE).name == "socket://::1:4001"
