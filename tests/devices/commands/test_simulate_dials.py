"""A simulated device that dials: it calls the program that listens, in a process of its own, in either order."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from devices.catalogue import CATALOGUE
from devices.commands import run_simulate
from devices.commands.simulate import dials
from exomonitor.errors import CommandRefused

ROOT = Path(__file__).resolve().parents[3]
CALL = "import sys; from devices.commands import *; sys.exit({call})"


def process(call: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CALL.format(call=call)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def line_of(watch: subprocess.Popen[str], **wanted: str) -> dict[str, Any]:
    """The next printed object that says all of `wanted`."""
    assert watch.stdout is not None
    for text in watch.stdout:
        line: dict[str, Any] = json.loads(text)
        if all(line[key] == value for key, value in wanted.items()):
            return line
    raise AssertionError(f"watch ended before it said {wanted}")


def end(one: subprocess.Popen[str]) -> tuple[int, str]:
    one.send_signal(signal.SIGINT)
    _, complaint = one.communicate(timeout=10)
    return one.returncode, complaint


def test_a_simulated_cart_calls_the_watch_of_another_process() -> None:
    with process('run_watch("hl7-pcd01", "listen://127.0.0.1:0", sys.stdout)') as watch:
        reason = line_of(watch, kind="link", name="silent")["value"]
        found = re.match(r"listen://(127\.0\.0\.1:\d+) is open", reason)
        assert found is not None
        with process(f'run_simulate("hl7-pcd01", sys.stdout, tcp="{found[1]}", speed=20.0)') as cart:
            assert cart.stdout is not None
            assert cart.stdout.readline() == f"listen://{found[1]}\n"
            assert cart.stdout.readline().startswith(f"dials socket://{found[1]}")
            for _ in range(3):
                assert line_of(watch, kind="vital", name="spo2")["validity"] == "valid"
            assert end(cart) == (0, "")
        assert end(watch) == (0, "")


def test_a_simulated_cart_that_was_first_calls_until_a_watch_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with process(f'run_simulate("hl7-pcd01", sys.stdout, tcp="127.0.0.1:{port}", speed=20.0)') as cart:
        assert cart.stdout is not None
        listen = cart.stdout.readline().strip()
        with process(f'run_watch("hl7-pcd01", "{listen}", sys.stdout)') as watch:
            line_of(watch, kind="vital", name="spo2")
            assert end(watch) == (0, "")
        assert end(cart) == (0, "")


def test_only_the_family_that_calls_its_reader_dials() -> None:
    assert [key for key, spec in CATALOGUE.items() if dials(spec)] == ["hl7-pcd01"]


def test_a_device_that_dials_must_be_told_whom_to_call() -> None:
    with pytest.raises(CommandRefused, match="dials: give it the port that the other program listens on"):
        run_simulate("hl7-pcd01", io.StringIO(), tcp="127.0.0.1:0")


def test_several_addresses_of_a_line_are_served_and_nonsense_is_refused() -> None:
    out = io.StringIO()
    assert run_simulate("new-era@0,3", out, ended=lambda: True) == 0
    assert out.getvalue().endswith("\n")
    for device, complaint in (("new-era@0,100", "no address '100'"), ("masimo,3", "masimo has no addresses")):
        with pytest.raises(CommandRefused, match=complaint):
            run_simulate(device, out, ended=lambda: True)
