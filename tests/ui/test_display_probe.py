"""Whether there is a display is found out by asking it, not by reading its name."""

from __future__ import annotations

import socket
import sys

import pytest

from ui import display

NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE")
linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X and Wayland are Linux's")


@pytest.fixture
def tried(monkeypatch, tmp_path):
    """No display is named, X servers live in tmp_path; the list grows by one whenever Qt itself is tried, in vain."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    trials: list[str] = []
    monkeypatch.setattr(display, "X_SOCKETS", tmp_path)

    def qt_starts() -> bool:
        trials.append("qt")
        return False

    monkeypatch.setattr(display, "_qt_starts", qt_starts)
    return trials


@pytest.fixture
def listen(tmp_path):
    """A server that listens under a name in tmp_path."""
    lines: list[socket.socket] = []

    def begin(name: str) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        lines.append(line)
        line.bind(str(tmp_path / name))
        line.listen(1)

    yield begin
    for line in lines:
        line.close()


@linux_only
def test_without_a_named_display_there_is_none_and_qt_is_not_tried(tried):
    assert not display.have_display()
    assert tried == []


@linux_only
@pytest.mark.parametrize("platform", ["", "xcb", "xcb:dpi=96"])
@pytest.mark.parametrize("name", [":7", ":7.0", "unix:7"])
def test_an_x_server_that_answers_is_a_display_at_once(tried, listen, monkeypatch, name, platform):
    listen("X7")
    monkeypatch.setenv("DISPLAY", name)
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.have_display()
    assert tried == []


@linux_only
@pytest.mark.parametrize("platform", ["", "wayland"])
def test_a_wayland_compositor_that_answers_is_a_display_at_once(tried, listen, monkeypatch, tmp_path, platform):
    listen("wayland-0")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.have_display()
    assert tried == []


@linux_only
@pytest.mark.parametrize(
    "names",
    [
        {"DISPLAY": ":199"},
        {"DISPLAY": "ward-pc:0"},
        {"DISPLAY": "nonsense"},
        {"WAYLAND_DISPLAY": "wayland-9"},
        {"QT_QPA_PLATFORM": "xcb"},
        {"QT_QPA_PLATFORM": "wayland"},
        {"QT_QPA_PLATFORM": "bogus"},
        {"QT_QPA_PLATFORM": "bogus;offscreen"},
    ],
)
def test_where_nothing_answers_qt_itself_is_the_judge(tried, monkeypatch, names):
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert not display.have_display()
    assert tried == ["qt"]


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "offscreen:size=800x600"])
def test_what_needs_no_display_has_one_always(tried, monkeypatch, platform):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display.have_display()
    assert tried == []


def test_elsewhere_there_is_always_a_display(tried, monkeypatch):
    monkeypatch.setattr("sys.platform", "win32")
    assert display.have_display()
    assert tried == []


@pytest.mark.parametrize(("platform", "starts"), [("offscreen", True), ("bogus", False)])
def test_qt_is_tried_in_a_process_of_its_own_without_a_word(monkeypatch, capfd, platform, starts):
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    assert display._qt_starts() is starts
    assert capfd.readouterr() == ("", "")
