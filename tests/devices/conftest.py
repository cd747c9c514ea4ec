"""In all tests of devices every driver is watched: it may only read."""

from tests.devices.read_only_watch import drivers_only_read

__all__ = ["drivers_only_read"]
