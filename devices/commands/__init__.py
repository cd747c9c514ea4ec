"""The device side of the command line: watch, decode, simulate, devices. Each returns its exit code."""

from devices.commands.against import Against
from devices.commands.decode import run_decode
from devices.commands.listing import run_devices, run_identify
from devices.commands.simulate import run_simulate
from devices.commands.watch import run_watch

__all__ = ["Against", "run_decode", "run_devices", "run_identify", "run_simulate", "run_watch"]
