"""Chooses the transport that a port's text names; nothing is opened here."""

from __future__ import annotations

from pathlib import Path

from devices.spec import PortSettings, Transport
from devices.transport.replay import Replay
from devices.transport.serial_port import SerialPort
from devices.transport.tcp import TcpClient, TcpListener
from exomonitor.errors import CommandRefused

SCHEMES = ("socket", "listen", "replay")


def open_transport(port: str, settings: PortSettings) -> Transport:
    """The transport for `port`, not yet opened; raises CommandRefused when the text names none."""
    scheme, found, rest = port.partition("://")
    if not found:
        if not port.strip():
            raise CommandRefused(
                "Choose a port: a serial device, socket://host:port, listen://host:port or replay://FILE"
            )
        return SerialPort(port, settings)
    if scheme == "socket":
        return TcpClient(*host_and_port(rest, port))
    if scheme == "listen":
        return TcpListener(*host_and_port(rest, port))
    if scheme == "replay":
        return Replay(Path(rest))
    raise CommandRefused(f"{port} is no port: {scheme}:// is not one of {', '.join(s + '://' for s in SCHEMES)}")


def host_and_port(text: str, whole: str = "") -> tuple[str, int]:
    """Split `host:port` (IPv6 in brackets); raises CommandRefused for anything else."""
    host, found, digits = text.rstrip("/").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not found or not host or not digits.isdecimal() or int(digits) > 65535:
        raise CommandRefused(f"{whole or text} needs a host and a port, as in 192.168.1.20:4001")
    return host, int(digits)
